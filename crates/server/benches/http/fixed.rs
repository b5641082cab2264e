//! A fixed answer, bare and behind the real layers, each in a process of its own.

use axum::{Json, Router, routing::post};
use http_api::auth::{Allowed, Operation};
use serde_json::{Value, json};
use service::{
    admin::{accounts, apps, scopes, tokens},
    runtime::outbound::{Outbound, Reach},
};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
};

/// A child process with a fixed answer.
pub struct Fixed {
    child: Child,
    pub url: String,
    pub path: String,
    pub token: String,
}

impl Drop for Fixed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts this very program as the child of that kind.
pub fn spawn(kind: &str) -> Fixed {
    let program = std::env::current_exe().expect("own path");
    let mut child = Command::new(program)
        .args(["--child", kind])
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("stdout"))
        .read_line(&mut line)
        .expect("reads");
    let words: Vec<&str> = line.split_whitespace().collect();
    Fixed {
        child,
        url: words[0].to_owned(),
        path: words[1].to_owned(),
        token: words[2].to_owned(),
    }
}

fn answer() -> Json<Value> {
    Json(json!({"response": {"result": "successintent"}}))
}

/// The route alone.
pub fn serve_bare() {
    serve(async {
        (
            Router::new().route("/fixed", post(async |_: Json<Value>| answer())),
            "/fixed".to_owned(),
            "none".to_owned(),
        )
    });
}

/// As `findIntent`, without the detection.
struct FixedAnswer;

impl Operation for FixedAnswer {
    const ID: &'static str = "findIntent";
}

/// The same answer behind the edge, the gate, scope and rate limit.
pub fn serve_gated() {
    serve(async {
        let world = world().await;
        let routes = Router::new().route(
            "/api/public/bot/{botId}/fixed",
            post(async |_: Allowed<FixedAnswer>, _: Json<Value>| answer()),
        );
        let path = format!("/api/public/bot/{}/fixed", world.bot);
        (
            http_api::router::behind_the_edge(routes, world.ctx, http_api::HttpSettings::default()),
            path,
            world.token,
        )
    });
}

fn serve(made: impl Future<Output = (Router, String, String)>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime");
    runtime.block_on(async {
        let (router, path, token) = made.await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("port");
        println!(
            "http://{} {path} {token}",
            listener.local_addr().expect("address")
        );
        axum::serve(
            listener,
            router.into_make_service_with_connect_info::<std::net::SocketAddr>(),
        )
        .await
        .expect("serves");
    });
}

/// A store with one published agent, an app, and a token with the scope.
struct World {
    ctx: service::Ctx,
    bot: types::id::BotId,
    token: String,
}

async fn world() -> World {
    let folder = tempfile::tempdir().expect("folder").keep();
    let store = store_sql::SqlStore::in_dir(&folder).await.expect("store");
    let settings = service::Settings {
        rate_limit_factor: 1e6,
        ..service::Settings::default()
    };
    let ctx = service::Ctx::new(service::Parts {
        store: Arc::new(store),
        jti: Arc::new(kv::MemoryJti::new(1_000)),
        windows: Arc::new(kv::MemoryWindows::new(100_000)),
        locks: Arc::new(kv::MemoryLocks::default()),
        vault: Arc::new(crypt::MasterKey::generate()),
        clock: Arc::new(types::SystemClock),
        ids: Arc::new(types::RandomIds),
        outbound: Outbound::new(Reach::Off),
        settings,
    });
    let new = accounts::NewAccount {
        name: "Acme".into(),
        email: "ann@example.com".into(),
        owner_name: String::new(),
        password: types::Secret::new("correct horse battery"),
        must_change_password: false,
    };
    let (account, _) = accounts::create(&ctx, new).await.expect("account");
    let caller = service::Caller::cli(account.id);
    let package =
        definition::read_path(std::path::Path::new(&crate::binary::sample())).expect("reads");
    let bot = service::definition::import(&ctx, &caller, package, None)
        .await
        .expect("imports")
        .bot;
    let new = apps::NewApp {
        name: "bench".into(),
        kind: "platform".into(),
        algorithm: "HS256".into(),
        enforce_jti: false,
        bots: vec![bot.clone()],
        ..apps::NewApp::default()
    };
    let (app, _) = apps::create(&ctx, &caller, new).await.expect("app");
    let names = ["Intent and Entity Detection".to_owned()];
    scopes::change(&ctx, &caller, &bot, &app.app.client_id, &names, true)
        .await
        .expect("grants");
    service::definition::publish(
        &ctx,
        &caller,
        &bot,
        &service::definition::Publish::default(),
    )
    .await
    .expect("publishes");
    let new = tokens::NewToken {
        ttl: 3_600,
        ..tokens::NewToken::default()
    };
    let token = tokens::mint(&ctx, &caller, &app.app.client_id, &new)
        .await
        .expect("mints");
    World {
        ctx,
        bot,
        token: token.expose().to_owned(),
    }
}
