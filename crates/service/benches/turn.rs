//! A turn of the webhook at one client on SQLite, in process: gate, detection, one entity, one message, stored. Run with
//! `cargo bench -p service --bench turn`. Beside it, in the same run, the same turns with a script node between.

use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::{Value, json};
use service::{
    Caller, Ctx, Parts, Settings,
    admin::{accounts, apps},
    definition as agents, gate,
    runtime::{
        inbound::Inbound,
        outbound::{Outbound, Reach},
        turn,
    },
};
use std::{sync::Arc, time::Instant};
use types::{RandomIds, Secret, SystemClock, id::BotId};

const CONVERSATIONS: usize = 500;

fn words(text: &str) -> Value {
    json!([{"channel": "default", "localeData": {"en": {"text": text, "type": "basic"}}}])
}

/// Asks for a number and repeats it, with a script between when there is one.
fn package(script: Option<&str>) -> definition::Package {
    let named = |id: &str, kind: &str, mut more: Value| {
        for (key, value) in [("_id", id), ("refId", id), ("type", kind), ("name", id)] {
            more[key] = json!(value);
        }
        more
    };
    let node = |id: &str, kind: &str, to: &str| json!({"nodeId": id, "type": kind, "componentId": id, "transitions": [{"default": to}]});
    let after = if script.is_some() { "keep" } else { "said" };
    let mut root = named(
        "dc-order",
        "intent",
        json!({"dialogId": "dg-order", "localeData": {"en": {"intent": "place order"}}}),
    );
    root["name"] = json!("place order");
    let ask = json!({"entityType": "number", "message": words("How many?"), "localeData": {"en": {"label": "amount"}}});
    let definition = json!({
        "_id": "st-1", "defaultLanguage": "en", "supportedLanguages": ["en"], "localeData": {"en": {"name": "Orders"}},
        "dialogs": [{"_id": "dg-order", "refId": "ref-order", "lname": "place order", "localeData": {"en": {"name": "Place order"}},
            "nodes": [
                json!({"nodeId": "intent0", "type": "intent", "componentId": "dc-order", "transitions": [{"default": "amount"}]}),
                node("amount", "entity", after), node("keep", "script", "said"), node("said", "message", "end"),
            ]}],
        "dialogComponents": [root, named("amount", "entity", ask),
            named("keep", "script", json!({"script": script.unwrap_or_default()})),
            named("said", "message", json!({"message": words("Ordered {{context.entities.amount}}.")}))],
    });
    definition::Package {
        definition,
        definition_name: "botDefinition.json".into(),
        ..definition::Package::default()
    }
}

struct World {
    ctx: Ctx,
    bot: BotId,
    token: String,
    _folder: tempfile::TempDir,
}

async fn world(script: Option<&str>) -> World {
    let folder = tempfile::tempdir().expect("folder");
    let store = store_sql::SqlStore::in_dir(folder.path())
        .await
        .expect("store");
    let ctx = Ctx::new(Parts {
        store: Arc::new(store),
        jti: Arc::new(MemoryJti::new(100)),
        windows: Arc::new(MemoryWindows::new(100)),
        locks: Arc::new(MemoryLocks::default()),
        vault: Arc::new(crypt::MasterKey::generate()),
        clock: Arc::new(SystemClock),
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
    let (account, _) = accounts::create(&ctx, new).await.expect("account");
    let caller = Caller::cli(account.id);
    let imported = agents::import(&ctx, &caller, package(script), None)
        .await
        .expect("agent");
    agents::publish(&ctx, &caller, &imported.bot, &agents::Publish::default())
        .await
        .expect("published");
    let new = apps::NewApp {
        name: "web".into(),
        kind: "platform".into(),
        algorithm: "HS256".into(),
        enforce_jti: false,
        bots: vec![imported.bot.clone()],
        ..apps::NewApp::default()
    };
    let (view, secret) = apps::create(&ctx, &caller, new).await.expect("app");
    let key = jose::Key::hmac(jose::Algorithm::Hs256, secret.expose().as_bytes()).expect("key");
    let claims = json!({"appId": view.app.client_id, "sub": "ann"});
    World {
        token: jose::sign(&key, claims.to_string().as_bytes()).expect("signs"),
        ctx,
        bot: imported.bot,
        _folder: folder,
    }
}

async fn say(world: &World, user: &str, text: &str) {
    let guest = gate::verify_channel(&world.ctx, Some(&world.token), Some(&world.bot), None)
        .await
        .expect("the token is accepted");
    let body = json!({"message": {"text": text}, "from": {"id": user}});
    let inbound = Inbound::read(&body).expect("a message");
    guest
        .speaks_for(&world.ctx, &inbound.identity)
        .await
        .expect("the token speaks for the user");
    let answer = turn::webhook(&world.ctx, &guest.caller, &world.bot, None, inbound)
        .await
        .expect("an answer");
    assert_eq!(answer.outcome.messages.len(), 1);
}

async fn measure(what: &str, script: Option<&str>) {
    let world = world(script).await;
    let mut spent = Vec::with_capacity(2 * CONVERSATIONS);
    for n in 0..CONVERSATIONS {
        let user = format!("user-{n}");
        for text in ["place order", "3"] {
            let begun = Instant::now();
            say(&world, &user, text).await;
            spent.push(begun.elapsed());
        }
    }
    spent.sort_unstable();
    let at = |share: f64| spent[(spent.len() as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "| {what} | p50 {:.2} ms | p99 {:.2} ms |",
        at(0.5),
        at(0.99)
    );
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime");
    runtime.block_on(async {
        measure("webhook turn", None).await;
        measure(
            "webhook turn, every second one with a script",
            Some("context.twice = context.entities.amount * 2"),
        )
        .await;
    });
}
