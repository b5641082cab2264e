//! Uploads, imports, publishes and trainings through the real router: who gets in, what comes back, what takes effect.

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use http_api::{HttpSettings, router};
use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::{Value, json};
use service::{
    Caller, Ctx, Parts, Settings,
    admin::{accounts, apps, scopes},
    console::setup,
    definition as agents,
    runtime::outbound::{Outbound, Reach},
    work,
};
use std::{path::PathBuf, sync::Arc};
use tower::ServiceExt;
use types::{
    FixedClock, RandomIds, Secret,
    id::{AccountId, BotId, ClientId, FileId, JobId},
};

const PASSWORD: &str = "correct horse battery";

/// An account with its owner's session and an agent.
pub(crate) struct World {
    pub(crate) ctx: Ctx,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) caller: Caller,
    cookie: String,
    csrf: String,
    pub(crate) bot: BotId,
    _dir: tempfile::TempDir,
}

/// How a request shows who sends it.
#[derive(Clone, Copy)]
pub(crate) enum As<'a> {
    Nobody,
    Owner,
    /// The owner's browser on somebody else's page.
    OwnerWithoutCsrf,
    Token(&'a str),
}

fn sample() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk")
}

async fn context(reach: Reach) -> (Ctx, Arc<FixedClock>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let sql = store_sql::SqlStore::in_dir(dir.path()).await.unwrap();
    let clock = Arc::new(FixedClock::at(1_800_000_000_000));
    let ctx = Ctx::new(Parts {
        store: Arc::new(sql),
        jti: Arc::new(MemoryJti::new(100)),
        windows: Arc::new(MemoryWindows::new(100)),
        locks: Arc::new(MemoryLocks::default()),
        vault: Arc::new(crypt::MasterKey::generate()),
        clock: clock.clone(),
        ids: Arc::new(RandomIds),
        outbound: Outbound::new(reach),
        settings: Settings::default(),
    });
    (ctx, clock, dir)
}

pub(crate) async fn world() -> World {
    world_reaching(Reach::Off).await
}

/// A world whose outgoing calls go this far.
pub(crate) async fn world_reaching(reach: Reach) -> World {
    let (ctx, clock, dir) = context(reach).await;
    let mut world = World {
        caller: Caller::cli(AccountId::new(&RandomIds)),
        bot: BotId::new(&RandomIds),
        ctx,
        clock,
        cookie: String::new(),
        csrf: String::new(),
        _dir: dir,
    };
    let code = setup::issue_code(&world.ctx).await.unwrap().unwrap();
    let body = json!({"code": code.expose(), "account": "Acme", "name": "Ann",
        "email": "ann@example.com", "password": PASSWORD});
    let request = Request::post("/api/console/v1/setup")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = router(world.ctx.clone(), HttpSettings::default());
    let answer = answer.oneshot(request).await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    world.cookie = cookie.split(';').next().unwrap().to_owned();
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    world.csrf = body["csrfToken"].as_str().unwrap().to_owned();
    world.caller = caller(&world.ctx, "Acme").await;
    world.bot = import(&world.ctx, &world.caller).await;
    world
}

async fn caller(ctx: &Ctx, name: &str) -> Caller {
    Caller::cli(accounts::pick(ctx, Some(name)).await.unwrap().id)
}

async fn import(ctx: &Ctx, caller: &Caller) -> BotId {
    let package = definition::read_path(&sample()).unwrap();
    agents::import(ctx, caller, package, None)
        .await
        .unwrap()
        .bot
}

/// A second account with an agent of its own.
async fn stranger(world: &World) -> (Caller, BotId) {
    let new = accounts::NewAccount {
        name: "Other".into(),
        email: "bob@example.com".into(),
        owner_name: String::new(),
        password: Secret::new(PASSWORD),
        must_change_password: false,
    };
    accounts::create(&world.ctx, new).await.unwrap();
    let caller = caller(&world.ctx, "Other").await;
    let bot = import(&world.ctx, &caller).await;
    (caller, bot)
}

impl World {
    pub(crate) async fn send(
        &self,
        who: As<'_>,
        request: axum::http::request::Builder,
        body: Body,
    ) -> (u16, Value) {
        let request = request.header("host", "localhost");
        let request = match who {
            As::Nobody => request,
            As::Owner => request
                .header("cookie", &self.cookie)
                .header("x-csrf-token", &self.csrf),
            As::OwnerWithoutCsrf => request.header("cookie", &self.cookie),
            As::Token(token) => request.header("auth", token),
        };
        let router = router(self.ctx.clone(), HttpSettings::default());
        let answer = router.oneshot(request.body(body).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 1 << 22).await.unwrap();
        (
            status,
            serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        )
    }

    pub(crate) async fn post(&self, who: As<'_>, path: &str, body: Value) -> (u16, Value) {
        let request = Request::post(path).header("content-type", "application/json");
        self.send(who, request, Body::from(body.to_string())).await
    }

    pub(crate) async fn get(&self, who: As<'_>, path: &str) -> (u16, Value) {
        self.send(who, Request::get(path), Body::empty()).await
    }

    pub(crate) async fn upload(&self, who: As<'_>, parts: &[(&str, &[u8])]) -> (u16, Value) {
        let mut body = Vec::new();
        for (name, content) in parts {
            let more = match *name {
                "file" => "; filename=\"upload.bin\"",
                _ => "",
            };
            body.extend(
                format!("--xx\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n")
                    .bytes(),
            );
            body.extend_from_slice(content);
            body.extend(b"\r\n");
        }
        body.extend(b"--xx--\r\n");
        let request = Request::post("/api/public/uploadfile")
            .header("content-type", "multipart/form-data; boundary=xx");
        self.send(who, request, Body::from(body)).await
    }

    /// The id of a file that the owner has just uploaded.
    pub(crate) async fn file(&self, extension: &str, content: &[u8]) -> String {
        let parts: [(&str, &[u8]); 3] = [
            ("fileContext", b"bulkImport"),
            ("fileExtension", extension.as_bytes()),
            ("file", content),
        ];
        let (status, body) = self.upload(As::Owner, &parts).await;
        assert_eq!(status, 200, "{body}");
        body["fileId"].as_str().unwrap().to_owned()
    }

    /// Runs what waits.
    pub(crate) async fn run(&self) -> usize {
        let worker = work::worker(&self.ctx, jobs::Settings::default());
        worker.run_due().await.unwrap()
    }

    async fn agents(&self) -> Vec<String> {
        let page = types::page::PageIn {
            limit: 100,
            cursor: None,
        };
        let agents = self.ctx.store().agents();
        let page = agents
            .list(&self.caller.account, &Default::default(), &page)
            .await
            .unwrap();
        page.items.into_iter().map(|agent| agent.name).collect()
    }

    /// An app of the agent with these scopes in force, and a token of it.
    pub(crate) async fn app(&self, caller: &Caller, bot: &BotId, names: &[&str]) -> String {
        let new = apps::NewApp {
            public_key: None,
            enforce_jwe: false,
            name: "web".into(),
            kind: "platform".into(),
            algorithm: "HS256".into(),
            bots: vec![bot.clone()],
            ..apps::NewApp::default()
        };
        let (view, secret) = apps::create(&self.ctx, caller, new).await.unwrap();
        let client: ClientId = view.app.client_id;
        if !names.is_empty() {
            let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
            scopes::change(&self.ctx, caller, bot, &client, &names, true)
                .await
                .unwrap();
            let tx = self.ctx.store().begin().await.unwrap();
            tx.mappings().publish(&caller.account, bot).await.unwrap();
            tx.commit().await.unwrap();
        }
        let key = jose::Key::hmac(jose::Algorithm::Hs256, secret.expose().as_bytes()).unwrap();
        jose::sign(
            &key,
            json!({"appId": client, "sub": "ann"})
                .to_string()
                .as_bytes(),
        )
        .unwrap()
    }
}

fn first_error(body: &Value) -> (&str, &Value) {
    (
        body["errors"][0]["msg"].as_str().unwrap_or_default(),
        &body["errors"][0]["code"],
    )
}

fn zip() -> Vec<u8> {
    definition::to_zip(&definition::read_path(&sample()).unwrap()).unwrap()
}

#[tokio::test]
async fn an_export_goes_up_and_becomes_an_agent() {
    let world = world().await;
    let file = world.file(".ZIP", &zip()).await;
    let ask = json!({"uploadMode": "ZIP", "zipInfo": file, "name": "parcel-helper", "purpose": "employee"});
    let (status, pending) = world.post(As::Owner, "/api/public/bot/import", ask).await;
    assert_eq!(status, 200, "{pending}");
    let id = pending["_id"].as_str().unwrap();
    assert!(id.starts_with("bir-"), "{id}");
    assert_eq!(pending["status"], "pending");
    assert_eq!(pending["requestType"], "Botimport");
    assert!(pending["createdBy"].as_str().unwrap().starts_with("u-"));
    assert_eq!(pending["createdOn"], "2027-01-15T08:00:00.000Z");
    assert_eq!(
        pending["statusLogs"],
        json!([{"taskType": "importRequest", "taskName": "parcel-helper", "status": "success"}])
    );
    assert_eq!(pending.get("streamId"), None);
    assert_eq!(world.agents().await, ["Parcel Desk"]);
    assert_eq!(world.run().await, 1);
    let path = format!("/api/public/bot/import/status/{id}");
    let (status, done) = world.get(As::Owner, &path).await;
    assert_eq!(
        (status, &done["status"]),
        (200, &json!("success")),
        "{done}"
    );
    assert_eq!(done["streamRefId"], pending["streamRefId"]);
    let bot = BotId::parse(done["streamId"].as_str().unwrap()).unwrap();
    let kinds: Vec<&str> = done["statusLogs"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|log| log["taskType"].as_str())
        .collect();
    assert_eq!(kinds.first(), Some(&"importRequest"));
    assert_eq!(kinds.last(), Some(&"importBot"));
    for kind in ["Bot Definition", "BotFunctions", "Dialog", "Utterences"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    let exported = agents::export(&world.ctx, &world.caller, &bot)
        .await
        .unwrap();
    let package = definition::read_zip(&exported, &definition::Limits::default()).unwrap();
    assert_eq!(package.definition["purpose"], "employee");
    assert_eq!(world.agents().await.len(), 2);
}

#[tokio::test]
async fn single_files_become_an_agent() {
    let world = world().await;
    let read = |name: &str| std::fs::read(sample().join(name)).unwrap();
    let definition = world.file("json", &read("botDefinition.json")).await;
    let config = world.file(".json", &read("config.json")).await;
    let functions = world.file("js", &read("parcel_desk_botfunctions.js")).await;
    let icon = world.file("png", b"\x89PNG").await;
    let ask = json!({"botDefinition": definition, "configInfo": config, "botFunctions": [functions], "icon": icon, "name": "by parts"});
    let (status, body) = world.post(As::Owner, "/api/public/bot/import", ask).await;
    assert_eq!(status, 200, "{body}");
    world.run().await;
    assert!(world.agents().await.contains(&"by parts".to_owned()));
    let path = format!(
        "/api/public/bot/import/status/{}",
        body["_id"].as_str().unwrap()
    );
    let (_, done) = world.get(As::Owner, &path).await;
    let bot = BotId::parse(done["streamId"].as_str().unwrap()).unwrap();
    let zip = agents::export(&world.ctx, &world.caller, &bot)
        .await
        .unwrap();
    let package = definition::read_zip(&zip, &definition::Limits::default()).unwrap();
    assert!(package.bot_functions.is_some() && package.config.is_some());
    assert_eq!(package.icon.as_deref(), Some(&b"\x89PNG"[..]));
}

#[tokio::test]
async fn an_upload_names_every_part_that_is_wrong() {
    let world = world().await;
    let (status, body) = world
        .upload(
            As::Owner,
            &[("fileContext", b"party"), ("fileExtension", b".exe")],
        )
        .await;
    assert_eq!(status, 400);
    let named: Vec<&str> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["msg"].as_str()?.split(':').next())
        .collect();
    assert_eq!(named, ["fileContext", "fileExtension", "file"]);
    let parts: [(&str, &[u8]); 3] = [
        ("fileContext", b"findly"),
        ("fileExtension", b"txt"),
        ("file", b""),
    ];
    let (status, body) = world.upload(As::Owner, &parts).await;
    assert_eq!((status, first_error(&body).0), (400, "file: is empty"));
    let (status, _) = world
        .post(As::Owner, "/api/public/uploadfile", json!({}))
        .await;
    assert_eq!(status, 400);
    let parts: [(&str, &[u8]); 3] = [
        ("fileContext", b"bulkImport"),
        ("fileExtension", b"zip"),
        ("file", &vec![0u8; (64 << 20) + 1]),
    ];
    let (status, body) = world.upload(As::Owner, &parts).await;
    assert_eq!(
        (status, first_error(&body)),
        (413, ("file: must have at most 64 MiB", &json!(413)))
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_leaves_nothing() {
    let world = world().await;
    let whole = zip();
    let deep = format!(
        "{{\"dialogs\":{}{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let bad: [(&str, Vec<u8>); 4] = [
        ("zip", whole[..whole.len() / 2].to_vec()),
        ("zip", b"no zip at all".to_vec()),
        ("json", deep.into_bytes()),
        ("json", b"{\"dialogs\": []}".to_vec()),
    ];
    for (extension, content) in bad {
        let file = world.file(extension, &content).await;
        let ask = if extension == "zip" {
            json!({"uploadMode": "ZIP", "zipInfo": file})
        } else {
            json!({"botDefinition": file, "configInfo": world.file("json", b"{}").await, "icon": world.file("png", b"x").await})
        };
        let (status, body) = world.post(As::Owner, "/api/public/bot/import", ask).await;
        assert_eq!(status, 400, "{body}");
        assert!(first_error(&body).0.starts_with("file: "), "{body}");
    }
    let long = json!({"uploadMode": "ZIP", "zipInfo": world.file("zip", &whole).await, "name": "x".repeat(5_000)});
    let (status, body) = world.post(As::Owner, "/api/public/bot/import", long).await;
    assert_eq!(status, 400, "{body}");
    assert_eq!(world.run().await, 0);
    assert_eq!(world.agents().await, ["Parcel Desk"]);
}

#[tokio::test]
async fn two_imports_of_one_upload_at_once_make_two_whole_agents() {
    let world = world().await;
    let file = world.file("zip", &zip()).await;
    let ask = |name: &str| json!({"uploadMode": "ZIP", "zipInfo": file, "name": name});
    let (first, second) = tokio::join!(
        world.post(As::Owner, "/api/public/bot/import", ask("first")),
        world.post(As::Owner, "/api/public/bot/import", ask("second")),
    );
    assert_eq!((first.0, second.0), (200, 200), "{} {}", first.1, second.1);
    let (a, b) = tokio::join!(world.run(), world.run());
    assert_eq!(a + b, 2);
    let mut names = world.agents().await;
    names.sort();
    assert_eq!(names, ["Parcel Desk", "first", "second"]);
}

#[tokio::test]
async fn foreign_things_answer_as_missing() {
    let world = world().await;
    let (other, bot) = stranger(&world).await;
    let theirs = agents::file::upload(&world.ctx, &other, "x.zip", zip())
        .await
        .unwrap();
    let unknown = FileId::new(&RandomIds);
    let mut answers = Vec::new();
    for file in [theirs.id.as_str(), unknown.as_str(), "not an id"] {
        let ask = json!({"uploadMode": "ZIP", "zipInfo": file});
        answers.push(world.post(As::Owner, "/api/public/bot/import", ask).await);
    }
    assert_eq!(answers[0].0, 404);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );

    let package = definition::read_path(&sample()).unwrap();
    let job = work::ask_import(&world.ctx, &other, package, None)
        .await
        .unwrap();
    let publish = work::ask_publish(&world.ctx, &world.caller, &world.bot, Default::default())
        .await
        .unwrap();
    let mut answers = Vec::new();
    for id in [&job, &publish, &JobId::with_prefix("bir-", &RandomIds)] {
        answers.push(
            world
                .get(As::Owner, &format!("/api/public/bot/import/status/{id}"))
                .await,
        );
    }
    assert_eq!(answers[0].0, 404);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );

    let nowhere = BotId::new(&RandomIds);
    for bot in [&bot, &nowhere] {
        for (method, path) in [
            ("POST", "publish"),
            ("GET", "publish/status"),
            ("POST", "ml/train"),
            ("GET", "ml/train/status"),
        ] {
            let request = Request::builder()
                .method(method)
                .uri(format!("/api/public/bot/{bot}/{path}"));
            let (status, body) = world
                .send(As::Owner, request, Body::from("{\"versionComment\":\"x\"}"))
                .await;
            assert_eq!(
                (status, first_error(&body).0),
                (404, "Bot not found"),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn a_session_changes_nothing_without_its_token_and_an_app_only_with_a_scope() {
    let world = world().await;
    let token = world.app(&world.caller, &world.bot, &["Train ML"]).await;
    let publish = format!("/api/public/bot/{}/publish", world.bot);
    let train = format!("/api/public/bot/{}/ml/train", world.bot);
    let import = "/api/public/bot/import";
    let body = || json!({"versionComment": "x"});
    for path in [publish.as_str(), train.as_str(), import] {
        let (status, answer) = world.post(As::Nobody, path, body()).await;
        let expected = (401, "Authentication token is missing");
        assert_eq!((status, first_error(&answer).0), expected, "{path}");
        let (status, answer) = world.post(As::OwnerWithoutCsrf, path, body()).await;
        assert_eq!(status, 403, "{path}: {answer}");
        let (status, _) = world.post(As::Token("a.b.c"), path, body()).await;
        assert_eq!(status, 401, "{path}");
    }
    let refused = (
        403,
        ("Permission denied. Scope is incorrect!", &json!(4002)),
    );
    for path in [publish.as_str(), import] {
        let (status, answer) = world.post(As::Token(&token), path, body()).await;
        assert_eq!((status, first_error(&answer)), refused, "{path}");
    }
    let (status, answer) = world.post(As::Token(&token), &train, json!({})).await;
    assert_eq!(status, 200, "{answer}");
    let parts: [(&str, &[u8]); 3] = [
        ("fileContext", b"bulkImport"),
        ("fileExtension", b"json"),
        ("file", b"{}"),
    ];
    assert_eq!(
        world.upload(As::Token(&token), &parts).await.0,
        200,
        "any app may upload"
    );
    assert_eq!(world.upload(As::Nobody, &parts).await.0, 401);
    let (other, bot) = stranger(&world).await;
    let theirs = world.app(&other, &bot, &["Train ML"]).await;
    let (status, answer) = world.post(As::Token(&theirs), &train, json!({})).await;
    assert_eq!((status, first_error(&answer).0), (404, "Bot not found"));
}

#[tokio::test]
async fn a_publish_is_accepted_runs_and_takes_effect() {
    let world = world().await;
    let path = format!("/api/public/bot/{}/publish", world.bot);
    let status_path = format!("{path}/status");
    assert_eq!(world.get(As::Owner, &status_path).await.0, 404);
    let (status, body) = world
        .post(As::Owner, &path, json!({"initiateTraining": "no"}))
        .await;
    assert_eq!(status, 400);
    assert_eq!(first_error(&body).0, "versionComment: is required");
    let (status, body) = world
        .post(As::Owner, &path, json!({"versionComment": "first"}))
        .await;
    assert_eq!(status, 200, "{body}");
    let items = body.as_array().unwrap();
    let kinds: Vec<&str> = items
        .iter()
        .filter_map(|i| i["resourceType"].as_str())
        .collect();
    assert_eq!(
        kinds[kinds.len() - 4..],
        ["NL", "CHANNELS", "EXTENSIONS", "SETTINGS"]
    );
    assert_eq!(kinds[0], "dialog");
    for item in items {
        assert_eq!(item["status"], "SUCCESS");
    }
    assert_eq!(items[0]["result"]["state"], "published");
    assert_eq!(items[0]["result"]["versionComment"], "first");
    assert_eq!(items[0]["resourceId"], items[0]["sbResourceId"]);
    let (_, running) = world.get(As::Owner, &status_path).await;
    assert_eq!(
        (&running["status"], &running["statusSummary"]),
        (&json!("inprogress"), &json!([]))
    );
    assert_eq!(running["percentageComplete"], 0);
    world.run().await;
    let old = format!("/api/1.1/public/bot/{}/publish/status/", world.bot);
    for path in [&status_path, &old] {
        let (status, done) = world.get(As::Owner, path).await;
        assert_eq!(status, 200, "{done}");
        assert_eq!(
            (&done["status"], &done["percentageComplete"]),
            (&json!("successful"), &json!(100))
        );
        assert_eq!(
            (&done["jobType"], &done["action"]),
            (&json!("PUBLISH_BOT"), &json!("RUN"))
        );
        assert!(done["_id"].as_str().unwrap().starts_with("ds-"));
        assert!(done["statusSummary"].to_string().contains("AUTOVERSIONING"));
    }
    let agent = agents::get(&world.ctx, &world.caller, &world.bot)
        .await
        .unwrap();
    assert!(agent.published.is_some() && agent.trained.len() == 2);
}

#[tokio::test]
async fn a_publish_without_training_takes_the_models_as_they_are() {
    let world = world().await;
    let path = format!("/api/public/bot/{}/publish", world.bot);
    let ask = json!({"versionComment": "raw", "initiateTraining": false});
    assert_eq!(world.post(As::Owner, &path, ask).await.0, 200);
    world.run().await;
    let agent = agents::get(&world.ctx, &world.caller, &world.bot)
        .await
        .unwrap();
    assert!(agent.published.is_some() && agent.trained.is_empty());
}

#[tokio::test]
async fn training_is_queued_runs_and_shows_what_changed_since() {
    let world = world().await;
    let token = world.app(&world.caller, &world.bot, &["Train ML"]).await;
    let path = format!("/api/public/bot/{}/ml/train", world.bot);
    let status_path = format!("{path}/status");
    let (status, body) = world.get(As::Token(&token), &status_path).await;
    assert_eq!((status, first_error(&body).0), (400, "Bot is not trained"));
    let request = || Request::post(&path).header("bot-language", "fr");
    let (status, body) = world
        .send(As::Token(&token), request(), Body::empty())
        .await;
    assert_eq!(status, 400);
    assert!(first_error(&body).0.starts_with("bot-language: "), "{body}");
    let (status, body) = world
        .send(As::Token(&token), Request::post(&path), Body::empty())
        .await;
    assert_eq!(
        (status, &body[0]["message"]),
        (200, &json!("Training Queued."))
    );
    let id = body[0]["Training_ID"].as_str().unwrap();
    assert!(
        id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()),
        "{id}"
    );
    let (_, running) = world.get(As::Token(&token), &status_path).await;
    assert_eq!(running["trainingStatus"], "Inprogress");
    assert_eq!(running["isMlInSyncWithSentences"], false);
    world.run().await;
    let stream = format!(
        "/api/public/stream/{}/ml/train/status?language=en",
        world.bot
    );
    for path in [&status_path, &stream] {
        let (status, done) = world.get(As::Token(&token), path).await;
        assert_eq!(
            (status, &done["trainingStatus"]),
            (200, &json!("Finished")),
            "{done}"
        );
        for (name, value) in done.as_object().unwrap() {
            assert!(!name.starts_with("isMl") || value == true, "{name}");
        }
        assert_eq!(done["trainDetails"]["trainVersion"], 1);
        assert!(
            done["trainDetails"]["nlpVersion"].as_u64() >= Some(1),
            "{done}"
        );
    }
    let published = format!("{status_path}?state=published");
    let (status, body) = world.get(As::Token(&token), &published).await;
    assert_eq!(
        (status, first_error(&body).0),
        (400, "Bot is not published")
    );
    let (status, _) = world
        .get(As::Token(&token), &format!("{status_path}?state=old"))
        .await;
    assert_eq!(status, 400);
    let (status, _) = world
        .get(As::Token(&token), &format!("{status_path}?language=fr"))
        .await;
    assert_eq!(status, 400);
    let spanish = format!("{status_path}?language=es");
    let (status, body) = world.get(As::Token(&token), &spanish).await;
    assert_eq!((status, first_error(&body).0), (400, "Bot is not trained"));
}

#[tokio::test]
async fn a_status_is_limited_for_each_request_of_its_own() {
    let world = world().await;
    let ask = async || {
        let package = definition::read_path(&sample()).unwrap();
        work::ask_import(&world.ctx, &world.caller, package, None)
            .await
            .unwrap()
    };
    let path = |job: &JobId| format!("/api/public/bot/import/status/{job}");
    let (first, second) = (ask().await, ask().await);
    for _ in 0..60 {
        assert_eq!(world.get(As::Owner, &path(&first)).await.0, 200);
    }
    assert_eq!(world.get(As::Owner, &path(&first)).await.0, 429);
    assert_eq!(world.get(As::Owner, &path(&second)).await.0, 200);
}

#[tokio::test]
async fn uploads_and_payloads_lie_sealed_in_the_store() {
    let world = world().await;
    let secret = b"a very secret sentence";
    let file = world.file("txt", secret).await;
    let file = FileId::parse(&file).unwrap();
    let row = world
        .ctx
        .store()
        .files()
        .find(&world.caller.account, &file, world.ctx.now())
        .await
        .unwrap()
        .unwrap();
    assert!(!row.sealed.windows(secret.len()).any(|part| part == secret));
    let publish = agents::Publish {
        comment: "a very secret comment".into(),
        ..Default::default()
    };
    let job = work::ask_publish(&world.ctx, &world.caller, &world.bot, publish)
        .await
        .unwrap();
    let row = world
        .ctx
        .store()
        .jobs()
        .find(&world.caller.account, &job)
        .await
        .unwrap()
        .unwrap();
    assert!(!String::from_utf8_lossy(&row.new.payload).contains("secret"));
}

#[tokio::test]
async fn an_export_is_packed_and_fetched_by_a_link_that_ends() {
    let world = world().await;
    let token = world.app(&world.caller, &world.bot, &["Bot Export"]).await;
    let path = format!("/api/public/bot/{}/export", world.bot);
    let status_path = format!("{path}/status?exportType=latest");
    assert_eq!(world.get(As::Token(&token), &status_path).await.0, 404);
    let ask = json!({"exportType": "latest", "botVariables": {"ignore": ["REPLY_DAYS"]}});
    let (status, pending) = world.post(As::Token(&token), &path, ask).await;
    assert_eq!(
        (status, &pending["status"]),
        (200, &json!("pending")),
        "{pending}"
    );
    assert!(pending["_id"].as_str().unwrap().starts_with("ber-"));
    assert_eq!(pending["streamId"], pending["botId"]);
    assert_eq!(pending.get("downloadURL"), None);
    world.run().await;
    let request = Request::get(format!("{path}/status"));
    let body = Body::from(json!({"exportType": "latest"}).to_string());
    let (status, done) = world.send(As::Token(&token), request, body).await;
    assert_eq!(
        (status, &done["status"]),
        (200, &json!("success")),
        "{done}"
    );
    let link = done["downloadURL"].as_str().unwrap();
    let link = link.strip_prefix("http://localhost").unwrap();
    assert!(link.ends_with(done["store"]["urlParams"].as_str().unwrap()));
    let fetch = async |path: &str| {
        let router = router(world.ctx.clone(), HttpSettings::default());
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        (status, to_bytes(answer.into_body(), 1 << 22).await.unwrap())
    };
    let (status, zip) = fetch(link).await;
    assert_eq!(
        (status, zip.len().to_string()),
        (200, done["fileSize"].as_str().unwrap().to_owned())
    );
    let package = definition::read_zip(&zip, &definition::Limits::default()).unwrap();
    let config = package.config.unwrap().to_string();
    assert!(!config.contains("REPLY_DAYS"), "{config}");
    assert_eq!(fetch(&format!("{link}00")).await.0, 404);
    assert_eq!(fetch("/api/public/export/download?ticket=xyz").await.0, 404);
    // what was exported can be imported from where it lies
    let again = json!({"uploadMode": "ZIP", "zipInfo": done["fileId"], "name": "again"});
    assert_eq!(
        world
            .post(As::Owner, "/api/public/bot/import", again)
            .await
            .0,
        200
    );
    world.run().await;
    assert!(world.agents().await.contains(&"again".to_owned()));
    let published = json!({"exportType": "published"});
    let (status, body) = world.post(As::Owner, &path, published).await;
    assert_eq!(
        (status, first_error(&body).0),
        (400, "Bot is not published")
    );
    world.clock.advance(3_600_000);
    assert_eq!(fetch(link).await.0, 404, "its hour is over");
}

#[tokio::test]
async fn an_import_without_its_package_fails_with_a_reason_and_makes_nothing() {
    let world = world().await;
    let package = definition::read_path(&sample()).unwrap();
    let job = work::ask_import(&world.ctx, &world.caller, package, None)
        .await
        .unwrap();
    world.clock.advance(2 * 86_400_000);
    work::forget_old(&world.ctx).await.unwrap();
    world.run().await;
    let row = work::find(&world.ctx, &world.caller, &job).await.unwrap();
    assert_eq!(row.state, store::JobState::Failed);
    assert_eq!(
        row.error.as_deref(),
        Some("The package has expired; import it again")
    );
    assert_eq!(world.agents().await, ["Parcel Desk"]);
}

#[tokio::test]
async fn an_admin_app_imports_and_publishes_with_its_scopes() {
    let world = world().await;
    let new = apps::NewApp {
        name: "account".into(),
        kind: "admin".into(),
        algorithm: "HS256".into(),
        ..apps::NewApp::default()
    };
    let (view, secret) = apps::create(&world.ctx, &world.caller, new).await.unwrap();
    let client = view.app.client_id;
    let key = jose::Key::hmac(jose::Algorithm::Hs256, secret.expose().as_bytes()).unwrap();
    let claims = json!({"appId": client, "sub": "ann"}).to_string();
    let token = jose::sign(&key, claims.as_bytes()).unwrap();
    let file = world.file("zip", &zip()).await;
    let ask = || json!({"uploadMode": "ZIP", "zipInfo": file});
    let refused = world
        .post(As::Token(&token), "/api/public/bot/import", ask())
        .await;
    assert_eq!(refused.0, 403);
    let names = ["Bot Import", "Publish"].map(str::to_owned);
    scopes::change_admin(&world.ctx, &world.caller, &client, &names, true)
        .await
        .unwrap();
    let (status, body) = world
        .post(As::Token(&token), "/api/public/bot/import", ask())
        .await;
    assert_eq!(status, 200, "{body}");
    assert!(body["createdBy"].as_str().unwrap().starts_with("u-"));
    let path = format!("/api/public/bot/{}/publish", world.bot);
    let (status, body) = world
        .post(As::Token(&token), &path, json!({"versionComment": "x"}))
        .await;
    assert_eq!(status, 200, "{body}");
    let train = format!("/api/public/bot/{}/ml/train", world.bot);
    assert_eq!(
        world.post(As::Token(&token), &train, json!({})).await.0,
        403
    );
}
