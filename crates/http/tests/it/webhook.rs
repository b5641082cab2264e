//! The webhook over HTTP: who gets in, what comes back.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use http_api::{HttpSettings, router};
use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::{Value, json};
use service::{
    Caller, Ctx, Parts, Settings,
    admin::{accounts, apps},
    definition as agents,
    runtime::outbound::{Outbound, Reach},
};
use std::{path::Path, sync::Arc};
use tower::ServiceExt;
use types::{
    FixedClock, RandomIds, Secret,
    id::{BotId, ClientId},
};

struct World {
    ctx: Ctx,
    caller: Caller,
    bot: BotId,
    app: ClientId,
    secret: Secret,
    _dir: tempfile::TempDir,
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let sql = store_sql::SqlStore::in_dir(dir.path()).await.unwrap();
    let ctx = Ctx::new(Parts {
        store: Arc::new(sql),
        jti: Arc::new(MemoryJti::new(100)),
        windows: Arc::new(MemoryWindows::new(100)),
        locks: Arc::new(MemoryLocks::default()),
        vault: Arc::new(crypt::MasterKey::generate()),
        clock: Arc::new(FixedClock::at(1_800_000_000_000)),
        ids: Arc::new(RandomIds),
        outbound: Outbound::new(Reach::Off),
        settings: Settings::default(),
    });
    let new = accounts::NewAccount {
        name: "Acme".into(),
        email: "ann@example.com".into(),
        owner_name: String::new(),
        password: Secret::new("correct horse battery"),
        must_change_password: false,
    };
    let (account, _) = accounts::create(&ctx, new).await.unwrap();
    let caller = Caller::cli(account.id);
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
    let package = definition::read_path(&sample).unwrap();
    let bot = agents::import(&ctx, &caller, package, None)
        .await
        .unwrap()
        .bot;
    let new = apps::NewApp {
        name: "web".into(),
        kind: "platform".into(),
        algorithm: "HS256".into(),
        enforce_jti: false,
        bots: vec![bot.clone()],
        ..apps::NewApp::default()
    };
    let (view, secret) = apps::create(&ctx, &caller, new).await.unwrap();
    World {
        ctx,
        caller,
        bot,
        app: view.app.client_id,
        secret,
        _dir: dir,
    }
}

impl World {
    fn token(&self, claims: Value) -> String {
        let mut all = json!({"appId": self.app, "sub": "ann"});
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        let key = jose::Key::hmac(jose::Algorithm::Hs256, self.secret.expose().as_bytes());
        jose::sign(&key.unwrap(), all.to_string().as_bytes()).unwrap()
    }
    async fn publish(&self) {
        let ask = agents::Publish::default();
        agents::publish(&self.ctx, &self.caller, &self.bot, &ask)
            .await
            .unwrap();
    }
    async fn post(&self, path: &str, token: &str, body: &str) -> (StatusCode, Value) {
        let request = Request::post(path)
            .header("authorization", format!("bearer {token}"))
            .body(Body::from(body.to_owned()))
            .unwrap();
        let router = router(self.ctx.clone(), HttpSettings::default());
        let answer = router.oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }
    fn path(&self) -> String {
        format!("/chatbot/hooks/{}", self.bot)
    }
}

fn says(text: &str) -> String {
    json!({"message": {"text": text}, "from": {"id": "ann"}, "to": {"id": "x"}}).to_string()
}

/// Status and text of a refusal, which must have the version and a trace.
fn refusal(answer: (StatusCode, Value)) -> (u16, String) {
    let (status, body) = answer;
    assert_eq!(body["_v"], "v1");
    assert!(body["_t"].as_str().unwrap().starts_with("RTM-TRACE-"));
    assert_eq!(body["errors"][0]["code"], status.as_u16());
    let text = body["errors"][0]["msg"].as_str().unwrap();
    (status.as_u16(), text.to_owned())
}

#[tokio::test]
async fn refusals_have_the_texts_of_the_channel() {
    let world = world().await;
    let token = world.token(json!({}));
    let path = world.path();
    let unpublished = world.post(&path, &token, &says("hello")).await;
    assert_eq!(
        refusal(unpublished),
        (400, "Bot is not published".to_owned())
    );
    for bad in ["", "a.b.c", &format!("{token}x")] {
        let answer = world.post(&path, bad, &says("hello")).await;
        assert_eq!(refusal(answer), (401, "Invalid Access token".to_owned()));
    }
    let other = world.token(json!({"userIdentity": "bob"}));
    let answer = world.post(&path, &other, &says("hello")).await;
    assert_eq!(refusal(answer), (401, "Invalid Access token".to_owned()));
    for body in ["", "{", "{}", "[]"] {
        let answer = world.post(&path, &token, body).await;
        assert_eq!(refusal(answer), (400, "Invalid Request Payload".to_owned()));
    }
    let path = format!("/chatbot/hooks/{}", BotId::new(&RandomIds));
    let answer = world.post(&path, &token, &says("hello")).await;
    assert_eq!(refusal(answer), (404, "Bot not found".to_owned()));
}

#[tokio::test]
async fn the_published_sample_answers_on_both_paths_until_the_window_is_full() {
    let world = world().await;
    world.publish().await;
    let token = world.token(json!({}));
    let instance = format!("{}/hookInstance/hi-2", world.path());
    for path in [&world.path(), &instance] {
        let (status, body) = world.post(path, &token, &says("hello")).await;
        assert_eq!(status, 200, "{body}");
        assert!(!body["text"].as_array().unwrap().is_empty(), "{body}");
    }
    for _ in 0..58 {
        world.post(&world.path(), &token, &says("hello")).await;
    }
    let answer = world.post(&world.path(), &token, &says("hello")).await;
    assert_eq!(refusal(answer), (429, "Too Many requests".to_owned()));
}
