//! Rules of the command line that hold without a server.

use crate::binary::{Installation, sample};
use serde_json::json;

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
fn a_log_that_goes_to_no_terminal_has_no_colours() {
    let mut server = Installation::new().serve(&[]);
    let log = server.printed_until("migration applied");
    assert!(!log.contains('\u{1b}'), "{log:?}");
}

#[test]
fn licences_are_one_object_with_json() {
    let here = Installation::new();
    let all = here.json(&["licenses"]);
    assert_eq!(all["license"], "Apache-2.0");
    assert!(all["notices"][0]["text"].is_string(), "{all}");
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
fn an_admin_app_gets_its_scopes_without_an_agent_and_at_once() {
    let here = Installation::new();
    here.setup("Acme");
    let make = [
        "app",
        "create",
        "--kind",
        "admin",
        "--name",
        "x",
        "--enforce-jti",
        "--enforce-jwe",
    ];
    let app = here.json(&make);
    assert_eq!(
        (&app["kind"], &app["enforceJti"], &app["enforceJwe"]),
        (&json!("admin"), &json!(true), &json!(true))
    );
    let id = app["clientId"].as_str().expect("id");
    let line = here.fails(&make);
    assert!(line.contains("exists already"), "{line}");
    let given = here.json(&[
        "scope",
        "grant",
        "--app",
        id,
        "bot import",
        "Role Management",
    ]);
    assert_eq!(given["scopes"].as_array().map(Vec::len), Some(2));
    let left = here.json(&["scope", "revoke", "--app", id, "Bot Import"]);
    assert_eq!(left["scopes"], json!(["role_management:role_management"]));
    let line = here.fails(&["scope", "grant", "--app", id, "Bot Imprt"]);
    assert!(line.contains("Bot Import"), "{line}");
    let token = here.json(&["token", "--app", id, "--jti"]);
    assert_eq!(
        token["token"].as_str().map(|t| t.split('.').count()),
        Some(5)
    );
    let gone = here.json(&["app", "delete", id]);
    assert_eq!(
        (&gone["adminScopes"], &gone["agents"]),
        (&json!(1), &json!(0))
    );
}

#[test]
fn apps_sign_with_their_own_keys_and_keep_payload_keys() {
    let here = Installation::new();
    here.setup("Acme");
    let file = |name: &str, text: &str| {
        let path = here.scratch(name);
        std::fs::write(&path, text).expect("write");
        path.display().to_string()
    };
    let key = jose::PrivateKey::generate(jose::Kind::P256).expect("key");
    let private = file("private.pem", key.pem().expect("pem").expose());
    let public = file("public.pem", &key.public().pem().expect("pem"));
    let shared = file("shared", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
    let kind = ["app", "create", "--kind", "platform"];
    let make = |more: &[&str]| here.json(&[&kind[..], more].concat());
    let app = make(&[
        "--name",
        "ec",
        "--algorithm",
        "ES256",
        "--public-key",
        &public,
        "--payload-key",
        &public,
    ]);
    assert!(app.get("clientSecret").is_none(), "it has none");
    assert_eq!(
        (&app["payload"], &app["enforcePayload"]),
        (&json!("public"), &json!(true))
    );
    let id = app["clientId"].as_str().expect("id");
    let token = here.json(&["token", "--app", id, "--private-key", &private]);
    assert_eq!(
        token["token"].as_str().map(|t| t.split('.').count()),
        Some(3)
    );
    let line = here.fails(&["token", "--app", id]);
    assert!(line.contains("privateKey"), "{line}");
    let line = here.fails(
        &[
            &kind[..],
            &[
                "--name",
                "y",
                "--algorithm",
                "ES256",
                "--public-key",
                &private,
            ],
        ]
        .concat(),
    );
    assert!(
        line.contains("private key") && !line.contains("BEGIN"),
        "{line}"
    );
    let line = here.fails(
        &[
            &kind[..],
            &[
                "--name",
                "y",
                "--payload-key",
                &public,
                "--payload-secret-file",
                &shared,
            ],
        ]
        .concat(),
    );
    assert!(line.contains("cannot be used with"), "{line}");
    let app = make(&[
        "--name",
        "shared",
        "--payload-secret-file",
        &shared,
        "--no-enforce-payload",
    ]);
    assert_eq!(
        (&app["payload"], &app["enforcePayload"]),
        (&json!("symmetric"), &json!(false))
    );
    let id = app["clientId"].as_str().expect("id");
    let changed = here.json(&["app", "key", id, "--algorithm", "HS512"]);
    assert_eq!(changed["clientSecret"].as_str().map(str::len), Some(88));
}

#[test]
fn platform_keys_are_made_once_rotated_and_retired() {
    let here = Installation::new();
    here.setup("Acme");
    let kids = |value: &serde_json::Value, state: &str| -> Vec<String> {
        let keys = value["keys"].as_array().expect("keys").iter();
        let of = keys.filter(|k| k["state"] == state);
        of.map(|k| k["kid"].as_str().expect("kid").to_owned())
            .collect()
    };
    let first = here.json(&["keys", "list"]);
    assert_eq!(kids(&first, "current").len(), 2);
    assert_eq!(here.json(&["keys", "list"]), first);
    let second = here.json(&["keys", "rotate"]);
    assert_eq!(kids(&second, "decrypt_only"), kids(&first, "current"));
    let old = &kids(&first, "current")[0];
    let third = here.json(&["keys", "retire", old]);
    assert_eq!(kids(&third, "retired"), [old.as_str()]);
    let line = here.fails(&["keys", "retire", &kids(&third, "current")[0]]);
    assert!(line.contains("rotate"), "{line}");
}

#[test]
fn rules_of_the_account_are_shown_and_set() {
    let here = Installation::new();
    here.setup("Acme");
    assert_eq!(
        here.json(&["account", "show"])["requireExpiry"],
        json!(false)
    );
    let set = here.json(&[
        "account",
        "set",
        "--require-expiry",
        "true",
        "--addresses",
        "10.0.0.0/8",
    ]);
    assert_eq!(
        (&set["requireExpiry"], &set["addresses"]),
        (&json!(true), &json!("10.0.0.0/8"))
    );
    let line = here.fails(&["account", "set", "--addresses", "10.0.0.0/99"]);
    assert!(line.contains("addresses"), "{line}");
}

#[test]
fn without_the_master_key_nothing_starts_over_sealed_data_and_no_new_key_is_made() {
    let here = Installation::new();
    here.setup("Acme");
    let file = here.file("master.key");
    let kept = std::fs::read(&file).expect("the key file");
    std::fs::remove_file(&file).expect("removed");
    let line = here.fails(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(
        line.contains("OMBUD_MASTER_KEY") && line.contains("master.key"),
        "{line}"
    );
    assert!(!file.exists(), "no key was made");
    std::fs::create_dir(&file).expect("a folder in its place");
    let line = here.fails(&["app", "list"]);
    assert!(
        line.contains("master.key") && line.contains("read"),
        "{line}"
    );
    std::fs::remove_dir(&file).expect("removed");
    let other = Installation::new();
    other.setup("Other");
    std::fs::copy(other.file("master.key"), &file).expect("copied");
    let line = here.fails(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(line.contains("does not fit this store"), "{line}");
    std::fs::write(&file, kept).expect("put back");
    here.json(&["app", "list"]);
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
