//! A running server that is killed at any moment while it works on what was asked over HTTP: what it has acknowledged is done
//! after the next start, and there is never half an agent.

use crate::binary::{Installation, Server, root};
use serde_json::{Value, json};
use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

/// How often each kind of work is cut off.
const ROUNDS: usize = 3;
/// Utterances that make a training last about a second.
const UTTERANCES: usize = 2_000;
/// The latest moment after the question, milliseconds.
const LATEST_MS: u64 = 1_200;

/// Some moment after a question.
fn moment() -> Duration {
    Duration::from_millis(RandomState::new().hash_one(0) % LATEST_MS)
}

/// The definition of the sample agent with more utterances.
fn sample() -> Value {
    let file = root().join("samples/parcel-desk/botDefinition.json");
    let text = std::fs::read(file).expect("the sample");
    let mut definition: Value = serde_json::from_slice(&text).expect("json");
    let sentences = definition["sentences"].as_array_mut().expect("sentences");
    let given = sentences.clone();
    for at in 0..UTTERANCES {
        let mut sentence = given[at % given.len()].clone();
        let text = sentence["sentence"].as_str().expect("text").to_owned();
        sentence["_id"] = json!(format!("sn-{at}"));
        sentence["sentence"] = json!(format!("{text} {} {}", at * 7919 % 997, at * 31 % 89));
        sentences.push(sentence);
    }
    definition
}

struct Scene {
    here: Installation,
    token: String,
    /// Cut off so many milliseconds after the question.
    moments: Vec<u128>,
}

impl Scene {
    fn new() -> Self {
        let here = Installation::new()
            .with("OMBUD_JOBS__LEASE_SECONDS", "1")
            .with("OMBUD_RATE_LIMIT_FACTOR", "0");
        here.setup("Acme");
        let app = here.json(&["app", "create", "--kind", "admin", "--name", "Builder"]);
        let id = app["clientId"].as_str().expect("clientId").to_owned();
        for scope in [
            "Bot Import",
            "Train ML",
            "Publish",
            "Intent and Entity Detection",
        ] {
            here.json(&["scope", "grant", "--app", &id, scope]);
        }
        let output = here.run(&["token", "--app", &id, "--ttl", "3600"]);
        let token = String::from_utf8(output.stdout).expect("text");
        Self {
            here,
            token: token.trim().to_owned(),
            moments: Vec::new(),
        }
    }

    /// Asks, and kills the server at some moment after that. Gives the answer where one came before.
    async fn ask_and_kill(&mut self, server: Server, path: &str, body: Value) -> Option<Value> {
        let request = reqwest::Client::new()
            .post(format!("{}{path}", server.url))
            .header("auth", &self.token)
            .json(&body);
        let asked = tokio::spawn(async move {
            let answer = request.send().await.ok()?;
            let status = answer.status();
            let answer: Value = answer.json().await.ok()?;
            assert_eq!(status, 200, "{answer}");
            Some(answer)
        });
        let moment = moment();
        self.moments.push(moment.as_millis());
        tokio::time::sleep(moment).await;
        server.kill();
        asked.await.expect("the question ends")
    }

    async fn get(&self, server: &Server, path: &str) -> Value {
        let request = reqwest::Client::new()
            .get(format!("{}{path}", server.url))
            .header("auth", &self.token);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.expect("json")
    }

    /// The answer of a status once it is one of `ends`.
    async fn over(&self, server: &Server, path: &str, key: &str, ends: &[&str]) -> Value {
        let until = Instant::now() + Duration::from_secs(90);
        loop {
            let answer = self.get(server, path).await;
            if answer[key].as_str().is_some_and(|s| ends.contains(&s)) {
                return answer;
            }
            assert!(
                Instant::now() < until,
                "never over: {answer}, killed after {:?} ms",
                self.moments
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn agents(&self) -> Vec<(String, String)> {
        let list = self.here.json(&["agent", "list"]);
        let list = list["agents"].as_array().expect("a list").clone();
        let text = |agent: &Value, key: &str| agent[key].as_str().expect("text").to_owned();
        list.iter()
            .map(|agent| (text(agent, "botId"), text(agent, "name")))
            .collect()
    }

    /// An agent holds all that was imported.
    fn is_whole(&self, bot: &str, name: &str) {
        let file = format!("whole-{}-{bot}.zip", self.moments.len());
        let file = self.here.scratch(&file);
        let out = file.display().to_string();
        self.here.json(&["agent", "export", bot, "--out", &out]);
        let exported = definition::read_path(&file).expect("reads").definition;
        let wanted = sample();
        for list in ["dialogs", "dialogComponents", "sentences", "knowledgeTasks"] {
            let count = |of: &Value| of[list].as_array().map(Vec::len);
            assert_eq!(count(&exported), count(&wanted), "{name}: {list}");
        }
    }
}

/// The sample as a zip.
fn zip() -> Vec<u8> {
    let package = definition::Package {
        definition: sample(),
        definition_name: "botDefinition.json".to_owned(),
        ..definition::Package::default()
    };
    definition::to_zip(&package).expect("packs")
}

async fn upload(server: &Server, token: &str) -> String {
    let mut body =
        b"--x\r\ncontent-disposition: form-data; name=\"fileContext\"\r\n\r\nbulkImport\r\n\
        --x\r\ncontent-disposition: form-data; name=\"fileExtension\"\r\n\r\nzip\r\n\
        --x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"agent.zip\"\r\n\r\n"
            .to_vec();
    body.extend(zip());
    body.extend_from_slice(b"\r\n--x--\r\n");
    let request = reqwest::Client::new()
        .post(format!("{}/api/public/uploadfile", server.url))
        .header("auth", token)
        .header("content-type", "multipart/form-data; boundary=x")
        .body(body);
    let answer = request.send().await.expect("an answer");
    let answer: Value = answer.json().await.expect("json");
    answer["fileId"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_has_acknowledged_is_done_by_the_next_one_and_nothing_is_half_done() {
    let mut scene = Scene::new();
    let mut asks = 0;
    for round in 0..ROUNDS {
        let server = scene.here.serve(&[]);
        let file = upload(&server, &scene.token).await;
        server.kill();

        // the file was acknowledged before the server was killed
        let name = format!("Round {round}");
        let body = json!({"uploadMode": "ZIP", "zipInfo": file, "name": name});
        let server = scene.here.serve(&[]);
        let asked = scene
            .ask_and_kill(server, "/api/public/bot/import", body.clone())
            .await;
        asks += 1;
        let server = scene.here.serve(&[]);
        let asked = match asked {
            Some(asked) => asked,
            // not acknowledged: it may be asked for again
            None => {
                asks += 1;
                let (status, asked) = server
                    .post("/api/public/bot/import", ("auth", &scene.token), &body)
                    .await;
                assert_eq!(status, 200, "{asked}");
                asked
            }
        };
        let path = format!(
            "/api/public/bot/import/status/{}",
            asked["_id"].as_str().expect("_id")
        );
        let done = scene
            .over(&server, &path, "status", &["success", "failed"])
            .await;
        assert_eq!(done["status"], "success", "{done} {:?}", scene.moments);
        let bot = done["streamId"].as_str().expect("streamId").to_owned();
        let agents = scene.agents();
        for (id, name) in &agents {
            scene.is_whole(id, name);
        }
        assert!(
            agents.iter().any(|(id, _)| *id == bot),
            "{bot} is not there"
        );
        assert!(
            (round + 1..=asks).contains(&agents.len()),
            "{asks} questions made {agents:?}, {:?}",
            scene.moments
        );

        let path = format!("/api/public/bot/{bot}/ml/train");
        let asked = scene.ask_and_kill(server, &path, json!({})).await;
        let server = scene.here.serve(&[]);
        let path = format!("{path}/status?language=en");
        if asked.is_some() {
            let done = scene
                .over(&server, &path, "trainingStatus", &["Finished", "Failed"])
                .await;
            assert_eq!(done["trainingStatus"], "Finished", "{:?}", scene.moments);
        }

        let path = format!("/api/public/bot/{bot}/publish");
        let body = json!({"versionComment": "first"});
        let asked = scene.ask_and_kill(server, &path, body.clone()).await;
        let server = scene.here.serve(&[]);
        if asked.is_none() {
            let (status, asked) = server.post(&path, ("auth", &scene.token), &body).await;
            assert_eq!(status, 200, "{asked}");
        }
        let path = format!("{path}/status");
        let done = scene
            .over(&server, &path, "status", &["successful", "failed"])
            .await;
        assert_eq!(done["status"], "successful", "{done} {:?}", scene.moments);
        let (status, found) = server
            .find_intent(&bot, &scene.token, "where is my parcel")
            .await;
        assert_eq!(status, 200, "{found} {:?}", scene.moments);
        assert_eq!(server.terminate(), Some(0));
    }
    println!("killed so many ms after the question: {:?}", scene.moments);
}
