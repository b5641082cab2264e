//! The whole job: import, train, publish, app, scopes, token, detection, conversation, history.

use crate::binary::Installation;
use serde_json::{Value, json};

const SCOPES: &[&str] = &[
    "Intent and Entity Detection",
    "Chat History",
    "Bot Sessions",
];

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_agent_is_taken_to_a_secured_call_and_a_conversation() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.sample_agent();
    let (app, _) = here.app(&bot, SCOPES);
    let token = here.token(&app);
    let server = here.serve(&[]);

    let (status, found) = server.find_intent(&bot, &token, "where is my parcel").await;
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["response"]["result"], "successintent", "{found}");
    assert_eq!(
        found["response"]["finalResolver"]["winningIntent"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let (status, answer) = server.say(&bot, &token, "ann", "where is my parcel").await;
    assert_eq!(status, 200, "{answer}");
    assert!(
        !answer["text"]
            .as_array()
            .expect("text is an array")
            .is_empty()
    );

    let now = types::Clock::now(&types::SystemClock);
    let day = |ms: i64| jiff_day(ms);
    let (status, sessions) = server
        .post(
            &format!("/api/public/bot/{bot}/getSessions"),
            ("auth", &token),
            &json!({"dateFrom": day(now - 86_400_000), "dateTo": day(now + 86_400_000)}),
        )
        .await;
    assert_eq!(status, 200, "{sessions}");
    assert_eq!(
        sessions["sessions"].as_array().map(Vec::len),
        Some(1),
        "{sessions}"
    );
    let (status, messages) = server
        .post(
            &format!("/api/public/bot/{bot}/getMessages"),
            ("auth", &token),
            &json!({"dateFrom": day(now - 86_400_000), "dateTo": day(now + 86_400_000), "channelType": "ivr"}),
        )
        .await;
    assert_eq!(status, 200, "{messages}");
    assert!(
        messages.to_string().contains("where is my parcel"),
        "{messages}"
    );
}

/// A day as the history operations take it.
fn jiff_day(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .expect("in range")
        .strftime("%Y-%m-%d")
        .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_changed_is_in_force_for_the_next_request() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.sample_agent();
    let (app, _) = here.app(&bot, &[]);
    let token = here.token(&app);
    let server = here.serve(&[]);
    let status = async |expected: u16, why: &str| {
        let (status, body) = server.find_intent(&bot, &token, "where is my parcel").await;
        assert_eq!(status, expected, "{why}: {body}");
    };
    status(403, "no scope yet").await;
    here.json(&[
        "scope",
        "grant",
        "--app",
        &app,
        "--bot",
        &bot,
        "intent and entity DETECTION",
    ]);
    status(403, "granted, not yet published").await;
    here.json(&["agent", "publish", &bot]);
    status(200, "published").await;
    here.json(&["app", "disable", &app]);
    status(401, "disabled").await;
    here.json(&["app", "enable", &app]);
    status(200, "enabled again").await;
    here.json(&["app", "rotate", &app, "--grace", "0"]);
    status(401, "the old secret has no grace").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quickstart_prints_lines_that_work_as_printed() {
    let here = Installation::new();
    let mut server = here.serve(&["--quickstart"]);
    let card = server.printed_until("/chatbot/hooks/");
    let lines: Vec<&str> = card
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("TOKEN=") || line.starts_with("curl "))
        .collect();
    assert_eq!(lines.len(), 3, "{card}");
    assert!(
        card.contains(&format!("The console is at {}/", server.url)),
        "{card}"
    );
    let script = format!("set -e\n{}\n", lines.join("\necho\n"));
    let output = std::process::Command::new("sh")
        .arg("-c")
        .arg(script)
        .current_dir(here.scratch(""))
        .output()
        .expect("sh");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        text.contains("successintent") && text.contains("\"text\""),
        "{text}"
    );
    let password = here.file("first-sign-in");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(&password)
            .expect("password file")
            .permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    let password = std::fs::read_to_string(password).expect("password");
    let password = password
        .lines()
        .nth(1)
        .expect("the second line is the password");
    assert!(
        password.len() >= 16 && !card.contains(password),
        "printed where no terminal is"
    );
    server.kill();
    let again = here.serve(&["--quickstart"]);
    let agents = here.json(&["agent", "list"]);
    assert_eq!(
        agents["agents"]
            .as_array()
            .or(agents.as_array())
            .map(Vec::len),
        Some(1),
        "{agents}"
    );
    drop(again);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_answers_health_and_stops_cleanly() {
    let here = Installation::new();
    let mut server = here.serve(&[]);
    assert!(
        server
            .printed_until("setup code: ")
            .contains("setup code: ")
    );
    for path in ["/health", "/ready"] {
        let answer = reqwest::get(format!("{}{path}", server.url))
            .await
            .expect("answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
    }
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn an_export_gives_back_what_was_imported() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.json(&["agent", "import", &crate::binary::sample()])["botId"]
        .as_str()
        .expect("botId")
        .to_owned();
    let out = here.scratch("out.zip");
    here.json(&["agent", "export", &bot, "--out", &out.display().to_string()]);
    let unpacked = definition::read_path(&out).expect("export reads");
    let mut original = definition::read_path(std::path::Path::new(&crate::binary::sample()))
        .expect("sample reads");
    let old = original.definition["_id"].as_str().expect("id").to_owned();
    definition::rebrand(&mut original.definition, &old, &bot);
    // The order of keys is not part of the promise.
    let sorted = |value: &Value| {
        serde_json::from_str::<std::collections::BTreeMap<String, Value>>(&value.to_string())
            .expect("object")
    };
    assert_eq!(sorted(&unpacked.definition), sorted(&original.definition));
}
