//! One world for tests of the whole API: an account with an agent, apps with tokens, the routes as the document lists them.

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use http_api::{HttpSettings, router};
use jose::{Algorithm, Key};
use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::{Value, json};
use service::{
    Caller, Ctx, Parts, Settings,
    admin::{accounts, apps, scopes},
    definition as agents,
    runtime::outbound::{Outbound, Reach},
};
use std::{path::Path, sync::Arc};
use tower::ServiceExt;
use types::{
    Clock, FixedClock, RandomIds, Secret,
    id::{BotId, ClientId},
};

pub const PASSWORD: &str = "correct horse battery";
/// The time of the world, seconds.
pub const NOW: i64 = 1_800_000_000;

pub struct World {
    pub ctx: Ctx,
    pub caller: Caller,
    pub bot: BotId,
    pub clock: Arc<FixedClock>,
    router: axum::Router,
    _dir: tempfile::TempDir,
}

/// A client app.
pub struct App {
    pub id: ClientId,
    pub secret: Secret,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub body: Value,
}

/// An account with the sample agent; `factor` scales the limits, 0 lifts them.
pub async fn world(factor: f64) -> World {
    let (ctx, clock, dir) = empty(factor).await;
    let caller = account(&ctx, "Acme", "ann@example.com").await;
    let bot = import(&ctx, &caller).await;
    let router = router(ctx.clone(), HttpSettings::default());
    World {
        ctx,
        caller,
        bot,
        clock,
        router,
        _dir: dir,
    }
}

/// A store without an account.
pub async fn empty(factor: f64) -> (Ctx, Arc<FixedClock>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let sql = store_sql::SqlStore::in_dir(dir.path()).await.unwrap();
    let clock = Arc::new(FixedClock::at(NOW * 1000));
    let ctx = Ctx::new(Parts {
        store: Arc::new(sql),
        jti: Arc::new(MemoryJti::new(10_000)),
        windows: Arc::new(MemoryWindows::new(1000)),
        locks: Arc::new(MemoryLocks::default()),
        vault: Arc::new(crypt::MasterKey::generate()),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ids: Arc::new(RandomIds),
        outbound: Outbound::new(Reach::Off),
        settings: Settings {
            rate_limit_factor: factor,
            ..Settings::default()
        },
    });
    (ctx, clock, dir)
}

/// An account with its owner.
pub async fn account(ctx: &Ctx, name: &str, email: &str) -> Caller {
    let new = accounts::NewAccount {
        name: name.into(),
        email: email.into(),
        owner_name: String::new(),
        password: Secret::new(PASSWORD),
        must_change_password: false,
    };
    Caller::cli(accounts::create(ctx, new).await.unwrap().0.id)
}

/// Folder of the sample agent.
pub fn sample() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk")
}

/// The sample agent.
pub async fn import(ctx: &Ctx, caller: &Caller) -> BotId {
    let package = definition::read_path(&sample()).unwrap();
    let made = agents::import(ctx, caller, package, None).await;
    made.unwrap().bot
}

impl World {
    /// An app that is linked to the agent.
    pub async fn app(&self, name: &str, enforce_jti: bool) -> App {
        let new = apps::NewApp {
            name: name.into(),
            kind: "platform".into(),
            algorithm: "HS256".into(),
            enforce_jti,
            bots: vec![self.bot.clone()],
            ..apps::NewApp::default()
        };
        let (view, secret) = apps::create(&self.ctx, &self.caller, new).await.unwrap();
        let id = view.app.client_id;
        App { id, secret }
    }

    /// An app of the account with these scopes.
    pub async fn admin(&self, name: &str, names: &[String]) -> App {
        let new = apps::NewApp {
            name: name.into(),
            kind: "admin".into(),
            algorithm: "HS256".into(),
            ..apps::NewApp::default()
        };
        let (view, secret) = apps::create(&self.ctx, &self.caller, new).await.unwrap();
        let id = view.app.client_id;
        let given = scopes::change_admin(&self.ctx, &self.caller, &id, names, true).await;
        given.unwrap();
        App { id, secret }
    }

    /// Gives scopes in the draft.
    pub async fn grant(&self, app: &App, names: &[String]) {
        let given = scopes::change(&self.ctx, &self.caller, &self.bot, &app.id, names, true).await;
        given.unwrap();
    }

    pub async fn publish(&self) {
        let ask = agents::Publish::default();
        let done = agents::publish(&self.ctx, &self.caller, &self.bot, &ask).await;
        done.unwrap();
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, 1 << 24).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            bytes,
        }
    }
}

impl App {
    /// A token with `appId`, `sub` and these claims.
    pub fn token(&self, claims: &Value) -> String {
        self.token_with(Algorithm::Hs256, self.secret.expose().as_bytes(), claims)
    }

    pub fn token_with(&self, algorithm: Algorithm, secret: &[u8], claims: &Value) -> String {
        let mut all = json!({"appId": self.id, "sub": "ann"});
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        let key = Key::hmac(algorithm, secret).unwrap();
        jose::sign(&key, all.to_string().as_bytes()).unwrap()
    }
}

/// What a browser holds after a sign-in.
pub struct Browser {
    pub cookie: String,
    pub csrf: String,
}

pub async fn sign_in(world: &World) -> Browser {
    let body = json!({"email": "ann@example.com", "password": PASSWORD}).to_string();
    let request = Request::post("/api/console/v1/session")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Body::from(body));
    let answer = world.send(request.unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    Browser {
        cookie: cookie.split(';').next().unwrap().to_owned(),
        csrf: answer.body["csrfToken"].as_str().unwrap().to_owned(),
    }
}

/// A route of the document.
pub struct Route {
    pub method: String,
    pub path: String,
    pub surface: String,
    pub operation: Value,
}

pub fn document() -> Value {
    serde_json::from_str(http_api::openapi_json()).unwrap()
}

/// Every route of the document.
pub fn routes() -> Vec<Route> {
    let document = document();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            routes.push(Route {
                method: method.to_uppercase(),
                path: path.clone(),
                surface: operation["x-surface"].as_str().unwrap().to_owned(),
                operation: operation.clone(),
            });
        }
    }
    routes
}

impl Route {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Its path with values; `value` gives one for each name.
    pub fn filled(&self, value: impl Fn(&str) -> String) -> String {
        let mut parts = self.path.split('{');
        let mut path = parts.next().unwrap().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            path += &value(name);
            path += rest;
        }
        path
    }

    /// A request with the body of the example, or with what the schema asks for.
    pub fn request(&self, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(self.method.as_str()).uri(path);
        match self.kind() {
            Some("multipart/form-data") => {
                request.header("content-type", "multipart/form-data; boundary=x")
            }
            Some(kind) => request.header("content-type", kind),
            None => request,
        }
    }

    fn kind(&self) -> Option<&str> {
        let content = self.operation["requestBody"]["content"].as_object()?;
        content.keys().next().map(String::as_str)
    }

    pub fn body(&self) -> Body {
        let Some(kind) = self.kind() else {
            return Body::empty();
        };
        if kind == "multipart/form-data" {
            return Body::from("--x--\r\n");
        }
        let media = &self.operation["requestBody"]["content"][kind];
        let example = match media.get("example") {
            Some(example) => example.clone(),
            None => filled(&document(), &media["schema"]),
        };
        Body::from(example.to_string())
    }
}

/// A value that has every required field of a schema.
fn filled(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return filled(document, document.pointer(&name[1..]).unwrap());
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(all) = schema[key].as_array() {
            let first = all.iter().find(|s| s["type"] != "null").unwrap();
            return filled(document, first);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds[0].as_str().unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    match kind {
        "object" => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fields = required.iter().map(|name| {
                let name = name.as_str().unwrap();
                (
                    name.to_owned(),
                    filled(document, &schema["properties"][name]),
                )
            });
            Value::Object(fields.collect())
        }
        "array" => json!([]),
        "string" => json!("x"),
        "boolean" => json!(false),
        "integer" | "number" => json!(1),
        _ => Value::Null,
    }
}
