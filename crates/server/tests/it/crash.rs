//! `kill -9` at work: nothing acknowledged is lost, what was begun is taken up again.

use crate::binary::{Installation, sample};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};
use store::{AuditFilter, Families, Job, JobFilter, JobState};
use store_sql::SqlStore;
use types::page::PageIn;

/// Utterances that make a training last long enough to be cut off in it.
const UTTERANCES: usize = 4_000;

/// The sample agent with many more utterances, as a folder.
fn big(here: &Installation) -> String {
    let folder = here.scratch("big");
    std::fs::create_dir_all(&folder).expect("folder");
    for entry in std::fs::read_dir(sample()).expect("sample").flatten() {
        std::fs::copy(entry.path(), folder.join(entry.file_name())).expect("copy");
    }
    let file = folder.join("botDefinition.json");
    let mut definition: Value =
        serde_json::from_slice(&std::fs::read(&file).expect("reads")).expect("json");
    let sentences = definition["sentences"].as_array_mut().expect("sentences");
    let given = sentences.clone();
    for at in 0..UTTERANCES {
        let mut sentence = given[at % given.len()].clone();
        let text = sentence["sentence"].as_str().expect("text").to_owned();
        sentence["_id"] = json!(format!("sn-{at}"));
        sentence["sentence"] = json!(format!("{text} {} {}", at * 7919 % 997, at * 31 % 89));
        sentences.push(sentence);
    }
    std::fs::write(&file, definition.to_string()).expect("writes");
    folder.display().to_string()
}

/// Starts a command and kills it at once when it has printed a line of progress that names one of the stages.
fn killed_at(here: &Installation, arguments: &[&str], stages: &[&str]) {
    let mut child = here
        .command(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
    let seen = lines
        .map_while(Result::ok)
        .any(|line| stages.iter().any(|stage| line.contains(stage)));
    let _ = child.kill();
    let _ = child.wait();
    assert!(seen, "{arguments:?} never said {stages:?}");
}

/// The only job of a kind, read from the store itself.
async fn job(here: &Installation, kind: &str) -> Job {
    let store = SqlStore::in_dir(&here.file("")).await.expect("opens");
    let account = store
        .accounts()
        .list()
        .await
        .expect("accounts")
        .remove(0)
        .id;
    let filter = JobFilter {
        kind: Some(kind.to_owned()),
        ..JobFilter::default()
    };
    let page = PageIn {
        limit: 10,
        cursor: None,
    };
    let mut jobs = store
        .jobs()
        .list(&account, &filter, &page)
        .await
        .expect("jobs")
        .items;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs.remove(0)
}

/// The job of a kind, once a server has ended it.
async fn over(here: &Installation, kind: &str) -> Job {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let job = job(here, kind).await;
        if job.state.is_over() {
            return job;
        }
        assert!(Instant::now() < until, "not taken up: {job:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How often something was done, by the audit.
async fn done(here: &Installation, action: &str) -> usize {
    let store = SqlStore::in_dir(&here.file("")).await.expect("opens");
    let account = store
        .accounts()
        .list()
        .await
        .expect("accounts")
        .remove(0)
        .id;
    let filter = AuditFilter {
        action: Some(action.to_owned()),
        ..AuditFilter::default()
    };
    let page = PageIn {
        limit: 10,
        cursor: None,
    };
    store
        .audit()
        .list(&account, &filter, &page)
        .await
        .expect("audit")
        .items
        .len()
}

fn installation() -> Installation {
    let here = Installation::new().with("OMBUD_JOBS__LEASE_SECONDS", "1");
    here.setup("Acme");
    here
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_killed_half_way_is_taken_up_again_and_makes_one_agent() {
    let here = installation();
    let folder = big(&here);
    killed_at(
        &here,
        &["agent", "import", &folder],
        &["Opening", "Checking"],
    );
    assert_eq!(job(&here, "import").await.state, JobState::Running);
    assert_eq!(here.json(&["agent", "list"])["agents"], json!([]));
    let server = here.serve(&[]);
    let job = over(&here, "import").await;
    assert_eq!(job.state, JobState::Done, "{:?}", job.error);
    assert_eq!(job.attempts, 2);
    let agents = here.json(&["agent", "list"]);
    let made = job.result.expect("result")["botId"].clone();
    assert_eq!(
        agents["agents"].as_array().map(Vec::len),
        Some(1),
        "{agents}"
    );
    assert_eq!(agents["agents"][0]["botId"], made);
    assert_eq!(done(&here, "agent.import").await, 1);
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_training_killed_half_way_is_taken_up_again_and_takes_effect_once() {
    let here = installation();
    let bot = here.json(&["agent", "import", &big(&here)])["botId"].clone();
    let bot = bot.as_str().expect("botId");
    killed_at(&here, &["agent", "train", bot], &["Training en"]);
    assert_eq!(job(&here, "train").await.state, JobState::Running);
    assert_eq!(here.json(&["agent", "show", bot])["trained"], json!([]));
    let server = here.serve(&[]);
    let job = over(&here, "train").await;
    assert_eq!(
        (job.state, job.attempts),
        (JobState::Done, 2),
        "{:?}",
        job.error
    );
    assert_eq!(
        here.json(&["agent", "show", bot])["trained"],
        json!(["en", "es"])
    );
    assert_eq!(done(&here, "agent.train").await, 2, "once a language");
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_killed_half_way_is_taken_up_again_and_makes_one_version() {
    let here = installation();
    let bot = here.json(&["agent", "import", &big(&here)])["botId"].clone();
    let bot = bot.as_str().expect("botId");
    killed_at(&here, &["agent", "publish", bot], &["Training en"]);
    assert_eq!(job(&here, "publish").await.state, JobState::Running);
    assert_eq!(here.json(&["agent", "show", bot])["state"], "draft");
    let server = here.serve(&["--no-worker"]);
    // a server that leaves jobs alone is killed too; then a worker comes
    server.kill();
    let mut worker = here
        .command(&["worker"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let job = over(&here, "publish").await;
    let _ = worker.kill();
    let _ = worker.wait();
    assert_eq!(
        (job.state, job.attempts),
        (JobState::Done, 2),
        "{:?}",
        job.error
    );
    assert_eq!(job.result.expect("result")["number"], 1);
    assert_eq!(done(&here, "agent.publish").await, 1);
    let (app, _) = here.app(bot, &["Intent and Entity Detection"]);
    let token = here.token(&app);
    let server = here.serve(&[]);
    let found = server.find_intent(bot, &token, "where is my parcel").await;
    assert_eq!(found.0, 200, "{}", found.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_work_takes_the_job_up_when_it_starts_again() {
    let here = installation();
    let bot = here.json(&["agent", "import", &big(&here)])["botId"].clone();
    let bot = bot.as_str().expect("botId").to_owned();
    let server = here.serve(&[]);
    // the command only waits: the job was handed to the server when the command was killed
    killed_at(&here, &["agent", "train", &bot], &["Training en"]);
    let until = Instant::now() + Duration::from_secs(60);
    while job(&here, "train").await.attempts < 2 {
        assert!(Instant::now() < until, "the server never took the job up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.kill();
    let server = here.serve(&[]);
    let job = over(&here, "train").await;
    assert_eq!(job.state, JobState::Done, "{:?}", job.error);
    assert!((2..=3).contains(&job.attempts), "{}", job.attempts);
    assert_eq!(done(&here, "agent.train").await, 2, "once a language");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn two_imports_at_once_make_two_agents() {
    let here = installation();
    let children: Vec<_> = (0..2)
        .map(|_| {
            here.command(&["--json", "agent", "import", &sample()])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("starts")
        })
        .collect();
    let mut made: Vec<String> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().expect("ends");
            assert!(output.status.success());
            let value: Value = serde_json::from_slice(&output.stdout).expect("one object");
            value["botId"].as_str().expect("botId").to_owned()
        })
        .collect();
    made.sort();
    let agents = here.json(&["agent", "list"]);
    let mut listed: Vec<String> = agents["agents"]
        .as_array()
        .expect("list")
        .iter()
        .map(|agent| agent["botId"].as_str().expect("botId").to_owned())
        .collect();
    listed.sort();
    assert_eq!(made, listed);
    assert_ne!(made[0], made[1]);
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
