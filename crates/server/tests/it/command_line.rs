//! Rules of the command line that hold without a server.

use crate::binary::{Installation, sample};

#[test]
fn a_second_account_of_the_same_name_is_refused_and_changes_nothing() {
    let here = Installation::new();
    here.setup("Acme");
    let mut child = here
        .command(&[
            "setup",
            "--account",
            "acme",
            "--email",
            "bob@example.com",
            "--password-stdin",
        ])
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    std::io::Write::write_all(
        &mut child.stdin.take().expect("stdin"),
        b"another long password\n",
    )
    .expect("write");
    let output = child.wait_with_output().expect("ends");
    assert!(!output.status.success());
    here.setup("Other");
}

#[test]
fn commands_before_setup_say_what_to_do() {
    let line = Installation::new().fails(&["agent", "import", &sample()]);
    assert!(line.contains("ombud setup"), "{line}");
}

#[test]
fn an_unknown_scope_lists_the_nearest() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.json(&["agent", "import", &sample()])["botId"]
        .as_str()
        .expect("botId")
        .to_owned();
    let (app, _) = here.app(&bot, &[]);
    let line = here.fails(&[
        "scope",
        "grant",
        "--app",
        &app,
        "--bot",
        &bot,
        "Chat Histry",
    ]);
    assert!(line.contains("Chat History"), "{line}");
}

#[test]
fn what_comes_later_is_refused_as_unknown() {
    let here = Installation::new();
    here.setup("Acme");
    let output = here.run(&["app", "create", "--kind", "admin", "--name", "x"]);
    assert!(!output.status.success());
}

#[test]
fn a_secret_is_printed_at_creation_and_on_request_only() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.json(&["agent", "import", &sample()])["botId"]
        .as_str()
        .expect("botId")
        .to_owned();
    let (app, secret) = here.app(&bot, &[]);
    assert_eq!(secret.len(), 44);
    assert!(!here.json(&["app", "list"]).to_string().contains(&secret));
    assert!(
        !here
            .json(&["app", "show", &app])
            .to_string()
            .contains(&secret)
    );
    assert!(
        here.json(&["app", "show", &app, "--secret"])
            .to_string()
            .contains(&secret)
    );
}

#[test]
fn broken_packages_are_refused_and_leave_nothing() {
    let here = Installation::new();
    here.setup("Acme");
    let file = here.scratch("broken.zip");
    std::fs::write(&file, b"PK\x03\x04 not really").expect("write");
    here.fails(&["agent", "import", &file.display().to_string()]);
    here.fails(&["agent", "import", "no/such/path"]);
    let agents = here.json(&["agent", "list"]);
    assert_eq!(
        agents["agents"]
            .as_array()
            .or(agents.as_array())
            .map(Vec::len),
        Some(0),
        "{agents}"
    );
}

#[test]
fn a_lost_master_key_is_never_replaced_over_sealed_data() {
    let here = Installation::new();
    here.setup("Acme");
    std::fs::remove_file(here.file("master.key")).expect("key file");
    let line = here.fails(&["agent", "list"]);
    assert!(line.to_lowercase().contains("key"), "{line}");
    assert!(!here.file("master.key").exists());
}

#[test]
fn unknown_settings_are_named_and_secrets_masked() {
    let line = Installation::new()
        .with("OMBUD_DATA_DRI", "x")
        .fails(&["config"]);
    assert!(line.contains("OMBUD_DATA_DRI"), "{line}");
    let key = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTAxMjM=";
    let output = Installation::new()
        .with("OMBUD_MASTER_KEY", key)
        .run(&["config"]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains(key));
}
