//! The gate alone, in process: `cargo bench -p service --bench gate`. Beside it the bare HMAC over a token of the same length,
//! in the same run, the same with many apps in the store, encrypted tokens with every way to be refused, and what it costs to spend
//! a token id in the database and, where `redis-server` is installed, in Redis.

use jose::{Accept, Content, Jwe, Recipient, Wrap};
use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::json;
use service::{
    Caller, Ctx, Parts, Settings,
    admin::{accounts, apps, keys},
    gate::{self, ring::KeyRing},
    runtime::outbound::{Outbound, Reach},
};
use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};
use types::{FixedClock, RandomIds, Secret, id::ClientId};

const NOW: i64 = 1_800_000_000_000;
const TOKENS: usize = 20_000;
const SEALED: usize = 400;

struct World {
    ctx: Ctx,
    caller: Caller,
    app: ClientId,
    secret: Secret,
    _folder: tempfile::TempDir,
}

/// Apps of one account; it may have 1,000.
const APPS_OF_ACCOUNT: usize = 900;

async fn add_account(ctx: &Ctx, number: usize) -> Caller {
    let new = accounts::NewAccount {
        name: format!("Account {number}"),
        email: format!("ann{number}@example.com"),
        owner_name: String::new(),
        password: Secret::new("correct horse battery"),
        must_change_password: false,
    };
    let (account, _) = accounts::create(ctx, new).await.expect("account");
    Caller::cli(account.id)
}

async fn world() -> World {
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
        clock: Arc::new(FixedClock::at(NOW)),
        ids: Arc::new(RandomIds),
        outbound: Outbound::new(Reach::Off),
        settings: Settings::default(),
    });
    let caller = add_account(&ctx, 0).await;
    let (app, secret) = add_app(&ctx, &caller, "bench").await;
    World {
        ctx,
        caller,
        app,
        secret,
        _folder: folder,
    }
}

async fn add_app(ctx: &Ctx, caller: &Caller, name: &str) -> (ClientId, Secret) {
    let new = apps::NewApp {
        name: name.into(),
        kind: "platform".into(),
        algorithm: "HS256".into(),
        enforce_jti: false,
        ..apps::NewApp::default()
    };
    let (view, secret) = apps::create(ctx, caller, new).await.expect("app");
    (view.app.client_id, secret)
}

fn key(world: &World) -> jose::Key {
    jose::Key::hmac(jose::Algorithm::Hs256, world.secret.expose().as_bytes()).expect("key")
}

/// Tokens that differ in `sub`, from those of another label too.
fn tokens(world: &World, label: &str, count: usize) -> Vec<String> {
    let key = key(world);
    (0..count)
        .map(|at| {
            let claims =
                json!({"appId": world.app, "sub": format!("user-{at}{label}"), "exp": NOW / 1_000 + 300});
            jose::sign(&key, claims.to_string().as_bytes()).expect("signs")
        })
        .collect()
}

async fn pass(ctx: &Ctx, token: &str) {
    let passed = gate::verify(ctx, Some(token), None).await;
    assert!(black_box(passed).is_ok(), "the token is accepted");
}

fn line(what: &str, spent: Duration, count: usize) {
    println!(
        "| {what} | {:.2} µs |",
        spent.as_secs_f64() * 1e6 / count as f64
    );
}

async fn measure(world: &World, label: &str) {
    let tokens = tokens(world, label, TOKENS);
    pass(&world.ctx, &tokens[0]).await;
    let start = Instant::now();
    for token in &tokens[1..] {
        pass(&world.ctx, token).await;
    }
    line(
        &format!("token not seen before{label}"),
        start.elapsed(),
        TOKENS - 1,
    );
    let start = Instant::now();
    for _ in 0..TOKENS {
        pass(&world.ctx, &tokens[TOKENS - 1]).await;
    }
    line(
        &format!("token seen before{label}"),
        start.elapsed(),
        TOKENS,
    );
}

/// A book of epochs in memory: the bench is the only node.
#[derive(Default)]
struct Book(std::sync::Mutex<Option<String>>);

#[async_trait::async_trait]
impl kv::EpochBook for Book {
    async fn read(&self) -> types::Result<Option<String>> {
        Ok(self.0.lock().expect("unharmed").clone())
    }
    async fn begin(&self, id: &str) -> types::Result<bool> {
        let mut kept = self.0.lock().expect("unharmed");
        let free = kept.is_none();
        kept.get_or_insert_with(|| id.to_owned());
        Ok(free)
    }
    async fn replace(&self, id: &str) -> types::Result<()> {
        *self.0.lock().expect("unharmed") = Some(id.to_owned());
        Ok(())
    }
}

/// Token ids that are spent at a time, and in all.
const TOGETHER: usize = 64;
const SPENT: usize = 2_560;

/// How long it takes to spend a fresh token id: one after the other, and many at once.
async fn spend(store: &dyn kv::JtiStore, label: &str) {
    let spend = |jti: String| async move {
        let id = kv::Use {
            client: "cs-1",
            surface: kv::Surface::Api,
            jti: &jti,
            bound: "",
            issued: NOW,
            expires: NOW + 360_000,
            now: NOW,
        };
        let spent = store.spend(&id).await.expect("the store answers");
        assert_eq!(spent, kv::Spent::Fresh);
    };
    spend(format!("{label} warm")).await;
    let alone = SPENT / TOGETHER * 8;
    let start = Instant::now();
    for at in 0..alone {
        spend(format!("{label} {at}")).await;
    }
    line(
        &format!("token id spent in {label}"),
        start.elapsed(),
        alone,
    );
    let start = Instant::now();
    for round in 0..SPENT / TOGETHER {
        let all = (0..TOGETHER).map(|at| spend(format!("{label} {round} {at}")));
        futures::future::join_all(all).await;
    }
    let what = format!("the same, {TOGETHER} at a time, each");
    line(&what, start.elapsed(), SPENT);
}

async fn spending() {
    let folder = tempfile::tempdir().expect("folder");
    let store = store_sql::SqlStore::in_dir(folder.path()).await;
    let ids = store.expect("store").jti(1_000_000).await.expect("ids");
    spend(&ids, "SQLite").await;
    if let Some(url) = testkit::postgres() {
        let store = store_sql::SqlStore::connect(&url, Some(folder.path())).await;
        let store = store.expect("PostgreSQL");
        let ids = store.jti(1_000_000).await.expect("ids");
        spend(&ids, "PostgreSQL").await;
        store.close().await;
    }
    if let Some(redis) = testkit::redis() {
        let link = Arc::new(kv::Redis::open(&redis.url(), "bench").expect("an address"));
        let durable = Arc::new(MemoryJti::new(100));
        let ids = kv::RedisJti::new(link, Arc::new(Book::default()), durable, true);
        spend(&ids, "Redis").await;
    }
}

fn bare_hmac(world: &World) {
    let token = &tokens(world, "", 1)[0];
    let signed = token.rsplit_once('.').expect("three parts").0.as_bytes();
    let key = key(world);
    let start = Instant::now();
    for _ in 0..TOKENS {
        black_box(key.sign(black_box(signed))).expect("signs");
    }
    line("bare HMAC-SHA256 of such a token", start.elapsed(), TOKENS);
}

/// An encrypted token to the platform's RSA key, around a token of its own.
fn sealed(ring: &KeyRing, kid: &str, inner: &str) -> String {
    let to = Recipient::Public(ring.rsa().expect("a key").public.clone());
    let mut header = serde_json::Map::new();
    header.insert("kid".into(), json!(kid));
    let made = jose::seal(
        &to,
        Wrap::RsaOaep256,
        Content::A256Gcm,
        &header,
        inner.as_bytes(),
    );
    made.expect("seals").compact()
}

/// Encrypted tokens: accepted ones beside the bare decryption, and how long each way to be refused takes.
async fn encrypted(world: &World) {
    keys::ensure(&world.ctx).await.expect("keys");
    let table = world.ctx.gate.table(&world.ctx).await.expect("table");
    let ring = &table.keys;
    let kid = ring.rsa().expect("a key").kid.clone();
    let all: Vec<String> = tokens(world, "", SEALED)
        .iter()
        .map(|t| sealed(ring, &kid, t))
        .collect();
    let opener = ring.rsa().expect("a key").opener();
    let start = Instant::now();
    for token in &all {
        let jwe = Jwe::parse(token, jose::TOKEN_CAP, &Accept::TOKEN).expect("parses");
        black_box(jwe.open(opener)).expect("opens");
    }
    line(
        "bare decryption of an encrypted token",
        start.elapsed(),
        SEALED,
    );
    let start = Instant::now();
    for token in &all {
        pass(&world.ctx, token).await;
    }
    line("encrypted token not seen before", start.elapsed(), SEALED);
    let damaged = |part: usize| -> Vec<String> {
        let change = |token: &String| {
            let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
            let with = if parts[part].starts_with('A') {
                "B"
            } else {
                "A"
            };
            parts[part].replace_range(0..1, with);
            parts.join(".")
        };
        all.iter().map(change).collect()
    };
    let forged = |kid: &str, inner: &str| -> Vec<String> {
        (0..SEALED)
            .map(|at| sealed(ring, kid, &format!("{inner}{at}")))
            .collect()
    };
    for (what, bad) in [
        ("unknown key id", forged("k-unknown", "x")),
        ("damaged content key", damaged(1)),
        ("damaged content", damaged(3)),
        ("damaged tag", damaged(4)),
        ("no token inside", forged(&kid, "x")),
    ] {
        let start = Instant::now();
        for (at, token) in bad.iter().enumerate() {
            // an address of its own each, so that none has to wait
            let address = Some(format!("{what} {at}"));
            assert!(
                gate::verify(&world.ctx, Some(token), address)
                    .await
                    .is_err()
            );
        }
        line(&format!("refused: {what}"), start.elapsed(), SEALED);
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("runtime");
    runtime.block_on(async {
        println!("| what | mean |\n|---|---|");
        let world = world().await;
        bare_hmac(&world);
        measure(&world, "").await;
        encrypted(&world).await;
        spending().await;
        let many = std::env::var("OMBUD_BENCH_APPS")
            .ok()
            .and_then(|n| n.parse().ok())
            .unwrap_or(2_000_usize);
        let mut caller = world.caller.clone();
        for at in 0..many {
            if at % APPS_OF_ACCOUNT == 0 {
                caller = add_account(&world.ctx, at / APPS_OF_ACCOUNT + 1).await;
            }
            add_app(&world.ctx, &caller, &format!("app {at}")).await;
        }
        measure(&world, &format!(", {many} apps")).await;
    });
}
