//! `kill -9` at work: nothing acknowledged is lost, what was begun is taken up again.

use crate::binary::{Installation, sample};
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn an_import_killed_half_way_leaves_all_or_nothing_and_can_be_repeated() {
    let here = Installation::new();
    here.setup("Acme");
    for delay in [5, 20, 60, 120, 250] {
        let mut child = here
            .command(&["agent", "import", &sample()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        std::thread::sleep(Duration::from_millis(delay));
        let _ = child.kill();
        let _ = child.wait();
    }
    let agents = here.json(&["agent", "list"]);
    for agent in agents["agents"]
        .as_array()
        .or(agents.as_array())
        .expect("list")
    {
        let bot = agent["botId"].as_str().expect("botId");
        here.json(&["agent", "train", bot]);
        here.json(&[
            "agent",
            "export",
            bot,
            "--out",
            &here.scratch("x.zip").display().to_string(),
        ]);
    }
    let bot = here.json(&["agent", "import", &sample()])["botId"]
        .as_str()
        .expect("botId")
        .to_owned();
    here.json(&["agent", "publish", &bot]);
}

#[tokio::test(flavor = "multi_thread")]
async fn training_and_publishing_killed_half_way_are_taken_up_again() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.json(&["agent", "import", &sample()])["botId"]
        .as_str()
        .expect("botId")
        .to_owned();
    for delay in [5, 30, 90] {
        let mut child = here
            .command(&["agent", "publish", &bot])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        std::thread::sleep(Duration::from_millis(delay));
        let _ = child.kill();
        let _ = child.wait();
    }
    here.json(&["agent", "publish", &bot]);
    let (app, _) = here.app(&bot, &["Intent and Entity Detection"]);
    let token = here.token(&app);
    let server = here.serve(&[]);
    assert_eq!(
        server
            .find_intent(&bot, &token, "where is my parcel")
            .await
            .0,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_message_survives_a_killed_server() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.sample_agent();
    let (app, _) = here.app(&bot, &["Chat History"]);
    let token = here.token(&app);
    let server = here.serve(&[]);
    assert_eq!(
        server
            .say(&bot, &token, "ann", "track a parcel number one")
            .await
            .0,
        200
    );
    server.kill();
    let server = here.serve(&[]);
    let today = jiff::Timestamp::now();
    let day = |hours: i64| {
        (today + jiff::SignedDuration::from_hours(hours))
            .strftime("%Y-%m-%d")
            .to_string()
    };
    let body = serde_json::json!({"dateFrom": day(-24), "dateTo": day(24), "channelType": "ivr"});
    let until = Instant::now() + Duration::from_secs(10);
    let (status, messages) = server
        .post(
            &format!("/api/public/bot/{bot}/getMessages"),
            ("auth", &token),
            &body,
        )
        .await;
    assert!(Instant::now() < until);
    assert_eq!(status, 200, "{messages}");
    assert!(
        messages.to_string().contains("track a parcel number one"),
        "{messages}"
    );
}
