//! The console's endpoints through the real router.

mod apps;
mod roles;

use crate::device::Device;
use axum::{
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode},
};
use http_api::{HttpSettings, router};
use kv::{MemoryJti, MemoryLocks, MemoryWindows};
use serde_json::{Value, json};
use service::{
    Caller, Ctx, Parts, Settings,
    admin::{accounts, apps as client_apps},
    console::{login, setup},
    definition as agents,
    runtime::outbound::{Outbound, Reach},
};
use std::{net::SocketAddr, path::Path, sync::Arc};
use tower::ServiceExt;
use types::{Clock, FixedClock, RandomIds, Secret, id::BotId};

const PROXY: [u8; 4] = [10, 0, 0, 1];
const PASSWORD: &str = "correct horse battery";

struct World {
    ctx: Ctx,
    clock: Arc<FixedClock>,
    _dir: tempfile::TempDir,
}

/// What the browser holds after a sign-in.
#[derive(Default)]
struct Browser {
    cookie: String,
    token: String,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let sql = store_sql::SqlStore::in_dir(dir.path()).await.unwrap();
    let clock = Arc::new(FixedClock::at(1_800_000_000_000));
    let ctx = Ctx::new(Parts {
        store: Arc::new(sql),
        jti: Arc::new(MemoryJti::new(100)),
        windows: Arc::new(MemoryWindows::new(100)),
        locks: Arc::new(MemoryLocks::default()),
        vault: Arc::new(crypt::MasterKey::generate()),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ids: Arc::new(RandomIds),
        outbound: Outbound::new(Reach::Off),
        settings: Settings::default(),
    });
    World {
        ctx,
        clock,
        _dir: dir,
    }
}

impl World {
    async fn send(&self, request: Request<Body>) -> Answer {
        let settings = HttpSettings {
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..HttpSettings::default()
        };
        let router = router(self.ctx.clone(), settings);
        let answer = router.oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, 1 << 22).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes))),
        }
    }

    async fn call(&self, who: &Browser, method: &str, path: &str, body: Value) -> Answer {
        self.call_at("127.0.0.1:8080", who, method, path, body)
            .await
    }

    async fn call_at(
        &self,
        host: &str,
        who: &Browser,
        method: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        self.call_as_seen(host, who, method, path, body, None).await
    }

    async fn call_as_seen(
        &self,
        host: &str,
        who: &Browser,
        method: &str,
        path: &str,
        body: Value,
        seen: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/console/v1{path}"))
            .header("host", host)
            .header("cookie", &who.cookie);
        if !who.token.is_empty() && method != "GET" {
            request = request.header("x-csrf-token", &who.token);
        }
        if let Some(seen) = seen {
            request = request.header("if-match", seen);
        }
        let body = match body {
            Value::Null => Body::empty(),
            body => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
        };
        self.send(request.body(body).unwrap()).await
    }

    /// Sets the first account up.
    async fn owner(&self) -> Browser {
        let code = setup::issue_code(&self.ctx).await.unwrap().unwrap();
        let body = json!({"code": code.expose(), "account": "Acme", "name": "Ann",
            "email": "ann@example.com", "password": PASSWORD});
        let answer = self.call(&Browser::default(), "POST", "/setup", body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.browser()
    }

    async fn caller(&self, name: &str) -> Caller {
        Caller::cli(accounts::pick(&self.ctx, Some(name)).await.unwrap().id)
    }

    async fn import(&self, caller: &Caller) -> BotId {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
        let package = definition::read_path(&sample).unwrap();
        let made = agents::import(&self.ctx, caller, package, None).await;
        made.unwrap().bot
    }

    /// A second account with an app and an agent of its own.
    async fn stranger(&self) -> (Browser, String, BotId) {
        let new = accounts::NewAccount {
            name: "Other".into(),
            email: "bob@example.com".into(),
            owner_name: "Bob".into(),
            password: Secret::new(PASSWORD),
            must_change_password: false,
        };
        accounts::create(&self.ctx, new).await.unwrap();
        let caller = self.caller("Other").await;
        let bot = self.import(&caller).await;
        let new = client_apps::NewApp {
            name: "theirs".into(),
            kind: "platform".into(),
            algorithm: "HS256".into(),
            enforce_jti: false,
            bots: vec![bot.clone()],
            ..client_apps::NewApp::default()
        };
        let (view, _) = client_apps::create(&self.ctx, &caller, new).await.unwrap();
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let nobody = Browser::default();
        let bob = self.call(&nobody, "POST", "/session", body).await;
        (bob.browser(), view.app.client_id.to_string(), bot)
    }

    async fn app(&self, who: &Browser, name: &str) -> (String, String) {
        let body =
            json!({"name": name, "kind": "platform", "algorithm": "HS256", "enforceJti": true});
        let answer = self.call(who, "POST", "/apps", body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&answer.body["app"]["clientId"]),
            text(&answer.body["clientSecret"]),
        )
    }
}

impl Answer {
    fn browser(&self) -> Browser {
        let cookie = self.headers["set-cookie"].to_str().unwrap();
        Browser {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            token: self.body["csrfToken"].as_str().unwrap().to_owned(),
        }
    }

    /// The body without what differs from request to request.
    fn said(&self) -> Value {
        let mut body = self.body.clone();
        let id = body.as_object_mut().unwrap().remove("requestId");
        assert!(id.is_some());
        body
    }

    /// The status and code of a refusal, which must be a problem.
    fn refusal(&self) -> (u16, &str) {
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.headers["cache-control"], "no-store");
        assert_eq!(self.body["status"], self.status.as_u16());
        (self.status.as_u16(), self.body["code"].as_str().unwrap())
    }
}

#[tokio::test]
async fn the_set_up_takes_the_printed_code_once() {
    let world = world().await;
    let nobody = Browser::default();
    let needed = world.call(&nobody, "GET", "/setup", Value::Null).await;
    assert_eq!(
        (needed.status.as_u16(), &needed.body["needed"]),
        (200, &json!(true))
    );
    let code = setup::issue_code(&world.ctx).await.unwrap().unwrap();
    let body = |code: &str| json!({"code": code, "account": "Acme", "email": "ann@example.com", "password": PASSWORD});
    let wrong = world.call(&nobody, "POST", "/setup", body("WRONG")).await;
    assert_eq!(wrong.refusal().0, 400);
    assert_eq!(wrong.body["fields"][0]["field"], "code");
    let made = world
        .call(&nobody, "POST", "/setup", body(code.expose()))
        .await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["account"]["name"], "Acme");
    let ann = made.browser();
    let session = world.call(&ann, "GET", "/session", Value::Null).await;
    assert_eq!(session.body, made.body);
    let again = world
        .call(&nobody, "POST", "/setup", body(code.expose()))
        .await;
    assert_eq!(again.refusal().0, 404);
    let needed = world.call(&nobody, "GET", "/setup", Value::Null).await;
    assert_eq!(needed.refusal().0, 404);
}

#[tokio::test]
async fn a_refused_sign_in_does_not_tell_whether_the_address_is_known() {
    let world = world().await;
    world.owner().await;
    let nobody = Browser::default();
    let try_in = |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        world.call(&nobody, "POST", "/session", body)
    };
    let wrong = try_in("ann@example.com", "not the password").await;
    let unknown = try_in("zoe@example.com", PASSWORD).await;
    assert_eq!(wrong.refusal(), (401, "sign_in_failed"));
    assert_eq!(
        (wrong.status, wrong.said()),
        (unknown.status, unknown.said())
    );
    assert!(!wrong.headers.contains_key("set-cookie"));
    let right = try_in(" Ann@Example.com", PASSWORD).await;
    assert_eq!(right.status, 200);
    let cookie = right.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("ombud="), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    for _ in 0..3 {
        try_in("ann@example.com", "not the password").await;
    }
    let limited = try_in("ann@example.com", PASSWORD).await;
    assert_eq!(limited.refusal(), (429, "rate_other"));
    assert!(limited.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn the_cookie_fits_the_way_of_the_request() {
    let world = world().await;
    world.owner().await;
    let sign_in = |peer: [u8; 4], host: &str, proto: &str, kind: &str| {
        let body = json!({"email": "ann@example.com", "password": PASSWORD}).to_string();
        let request = Request::post("/api/console/v1/session")
            .header("host", host)
            .extension(ConnectInfo(SocketAddr::from((peer, 5000))))
            .header("x-forwarded-proto", proto)
            .header("content-type", kind)
            .body(Body::from(body));
        world.send(request.unwrap())
    };
    let tls = sign_in(PROXY, "example.com", "https", "application/json").await;
    let cookie = tls.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-ombud=") && cookie.ends_with("; Secure"));
    let plain = sign_in(PROXY, "example.com", "http", "application/json").await;
    assert_eq!(plain.refusal(), (403, "tls_required"));
    let stranger = [203, 0, 113, 9];
    let said = sign_in(stranger, "example.com", "https", "application/json").await;
    assert_eq!(said.refusal(), (403, "tls_required"));
    let form = sign_in(PROXY, "localhost", "http", "text/plain").await;
    assert_eq!(form.refusal().0, 400);
}

#[tokio::test]
async fn a_change_without_the_token_changes_nothing() {
    let world = world().await;
    let mut ann = world.owner().await;
    let token = std::mem::take(&mut ann.token);
    let body =
        json!({"name": "web", "kind": "platform", "algorithm": "HS256", "enforceJti": false});
    let missing = world.call(&ann, "POST", "/apps", body.clone()).await;
    assert_eq!(missing.refusal(), (403, "csrf_token"));
    ann.token = "0".repeat(token.len());
    for (method, path) in [
        ("POST", "/apps"),
        ("DELETE", "/session"),
        ("POST", "/session/confirm"),
    ] {
        let wrong = world.call(&ann, method, path, body.clone()).await;
        assert_eq!(wrong.refusal(), (403, "csrf_token"), "{method} {path}");
    }
    let apps = world.call(&ann, "GET", "/apps", Value::Null).await;
    assert_eq!(apps.body, json!({"items": []}));
    ann.token = token;
    let signed_out = world.call(&ann, "DELETE", "/session", Value::Null).await;
    assert_eq!(signed_out.status, 204);
    let gone = world.call(&ann, "GET", "/session", Value::Null).await;
    assert_eq!(gone.refusal(), (401, "no_session"));
}

#[tokio::test]
async fn every_endpoint_but_set_up_and_sign_in_asks_who_is_there() {
    let world = world().await;
    world.owner().await;
    let nobody = Browser::default();
    for (method, path) in [
        ("GET", "/session"),
        ("DELETE", "/session"),
        ("POST", "/session/confirm"),
        ("PUT", "/session/password"),
        ("GET", "/agents"),
        ("GET", "/agents/st-1"),
        ("DELETE", "/agents/st-1"),
        ("GET", "/agents/st-1/report"),
        ("GET", "/agents/st-1/export"),
        ("POST", "/agents/st-1/chat"),
        ("POST", "/agents/import"),
        ("POST", "/agents/st-1/train"),
        ("POST", "/agents/st-1/publish"),
        ("GET", "/jobs"),
        ("GET", "/jobs/x"),
        ("GET", "/agents/st-1/scope-mappings"),
        ("PUT", "/agents/st-1/scope-mappings/cs-1"),
        ("DELETE", "/agents/st-1/scope-mappings/cs-1"),
        ("POST", "/agents/st-1/scope-mappings/cs-1/revoke"),
        ("GET", "/scopes"),
        ("GET", "/apps"),
        ("POST", "/apps"),
        ("GET", "/apps/cs-1"),
        ("PATCH", "/apps/cs-1"),
        ("DELETE", "/apps/cs-1"),
        ("GET", "/apps/cs-1/dependents"),
        ("POST", "/apps/cs-1/secret/reveal"),
        ("POST", "/apps/cs-1/secret/rotate"),
        ("PUT", "/apps/cs-1/agents/st-1"),
        ("DELETE", "/apps/cs-1/agents/st-1"),
    ] {
        let answer = world.call(&nobody, method, path, Value::Null);
        assert_eq!(
            answer.await.refusal(),
            (401, "no_session"),
            "{method} {path}"
        );
    }
    let unknown = world.call(&nobody, "GET", "/nothing", Value::Null);
    assert_eq!(unknown.await.refusal().0, 404);
}

#[tokio::test]
async fn secrets_and_deletion_ask_for_a_fresh_proof() {
    let world = world().await;
    let ann = world.owner().await;
    let (app, secret) = world.app(&ann, "web").await;
    let path = format!("/apps/{app}");
    let reveal = format!("{path}/secret/reveal");
    let shown = world.call(&ann, "POST", &reveal, Value::Null).await;
    assert_eq!(shown.body, json!({"secret": secret}));
    assert_eq!(shown.headers["cache-control"], "no-store");
    // two steps, as a sign-in without a request ends after 15 minutes too
    world.clock.advance(login::PROOF_MS - 60_000);
    world.call(&ann, "GET", "/session", Value::Null).await;
    world.clock.advance(60_001);
    let grace = json!({"graceHours": 1});
    let rotate = format!("{path}/secret/rotate");
    for (method, path, body) in [
        ("POST", &reveal, Value::Null),
        ("POST", &rotate, grace.clone()),
        ("DELETE", &path, Value::Null),
    ] {
        let late = world.call(&ann, method, path, body).await;
        assert_eq!(late.refusal(), (403, "step_up_required"), "{method} {path}");
        assert!(!late.body.to_string().contains(&secret));
    }
    let proof = |password: &str| json!({"password": password});
    let wrong = world.call(&ann, "POST", "/session/confirm", proof("not the password"));
    assert_eq!(wrong.await.refusal().0, 400);
    let late = world.call(&ann, "POST", &reveal, Value::Null).await;
    assert_eq!(late.refusal().1, "step_up_required");
    let right = world.call(&ann, "POST", "/session/confirm", proof(PASSWORD));
    assert_eq!(right.await.status, 204);
    let rotated = world.call(&ann, "POST", &rotate, grace).await;
    assert_ne!(rotated.body["secret"], json!(secret));
    let shown = world.call(&ann, "POST", &reveal, Value::Null).await;
    assert_eq!(shown.body, rotated.body);
    let view = world.call(&ann, "GET", &path, Value::Null).await;
    assert!(view.body["secretEndsAt"].is_number());
    assert_eq!(
        world.call(&ann, "DELETE", &path, Value::Null).await.status,
        204
    );
    assert_eq!(
        world
            .call(&ann, "GET", &path, Value::Null)
            .await
            .refusal()
            .0,
        404
    );
}

#[tokio::test]
async fn things_of_another_account_are_not_found() {
    let world = world().await;
    let ann = world.owner().await;
    let mine = world.import(&world.caller("Acme").await).await;
    let (app, _) = world.app(&ann, "web").await;
    let (bob, theirs, bot) = world.stranger().await;
    let (agent, scopes) = (format!("/agents/{bot}"), json!({"scopes": []}));
    let mapping = format!("{agent}/scope-mappings/{theirs}");
    for (method, path, body) in [
        ("POST", format!("{agent}/train"), json!({})),
        ("POST", format!("{agent}/publish"), json!({})),
        ("GET", format!("/jobs?botId={bot}"), Value::Null),
        ("GET", format!("{agent}/report"), Value::Null),
        ("GET", format!("{agent}/export"), Value::Null),
        (
            "POST",
            format!("{agent}/chat"),
            json!({"text": "hi", "draft": true}),
        ),
        ("GET", format!("/apps/{theirs}"), Value::Null),
        ("PATCH", format!("/apps/{theirs}"), json!({"name": "mine"})),
        ("DELETE", format!("/apps/{theirs}"), Value::Null),
        ("GET", format!("/apps/{theirs}/dependents"), Value::Null),
        ("POST", format!("/apps/{theirs}/secret/reveal"), Value::Null),
        (
            "POST",
            format!("/apps/{theirs}/secret/rotate"),
            json!({"graceHours": 0}),
        ),
        ("PUT", format!("/apps/{theirs}/agents/{mine}"), Value::Null),
        ("PUT", format!("/apps/{app}/agents/{bot}"), Value::Null),
        (
            "DELETE",
            format!("/apps/{theirs}/agents/{bot}"),
            Value::Null,
        ),
        ("GET", agent.clone(), Value::Null),
        ("DELETE", agent.clone(), Value::Null),
        ("GET", format!("{agent}/scope-mappings"), Value::Null),
        ("PUT", mapping.clone(), scopes),
        ("DELETE", mapping.clone(), Value::Null),
        ("POST", format!("{mapping}/revoke"), Value::Null),
    ] {
        let answer = world.call(&ann, method, &path, body).await;
        assert_eq!(answer.refusal().0, 404, "{method} {path}");
    }
    let unknown = world.call(&ann, "GET", "/apps/cs-0", Value::Null).await;
    let foreign = world
        .call(&ann, "GET", &format!("/apps/{theirs}"), Value::Null)
        .await;
    assert_eq!(unknown.said(), foreign.said());
    let kept = world
        .call(&bob, "GET", &format!("/apps/{theirs}"), Value::Null)
        .await;
    assert_eq!(kept.body["name"], "theirs");
    assert_eq!(kept.body["agents"], json!([bot]));
    let list = world.call(&ann, "GET", "/apps", Value::Null).await;
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_app_is_linked_given_scopes_changed_and_unlinked() {
    let world = world().await;
    let ann = world.owner().await;
    let bot = world.import(&world.caller("Acme").await).await;
    let (app, _) = world.app(&ann, "web").await;
    let link = format!("/apps/{app}/agents/{bot}");
    let mapping = format!("/agents/{bot}/scope-mappings/{app}");
    let wish = json!({"scopes": ["intent_entity:detection"]});
    let unlinked = world.call(&ann, "PUT", &mapping, wish.clone()).await;
    assert_eq!(unlinked.refusal().0, 404);
    assert_eq!(
        world.call(&ann, "PUT", &link, Value::Null).await.status,
        204
    );
    let set = world.call(&ann, "PUT", &mapping, wish).await;
    assert_eq!(set.body["state"], "not_published");
    assert_eq!(set.body["appName"], "web");
    assert_eq!(set.body["changedBy"], "Ann");
    let list = format!("/agents/{bot}/scope-mappings");
    let before = world.call(&ann, "GET", &list, Value::Null).await;
    assert_eq!(before.body["items"], json!([set.body]));
    let caller = world.caller("Acme").await;
    let ask = agents::Publish::default();
    agents::publish(&world.ctx, &caller, &bot, &ask)
        .await
        .unwrap();
    let after = world.call(&ann, "GET", &list, Value::Null).await;
    assert_eq!(after.body["items"][0]["state"], "published");
    let needs = world
        .call(&ann, "GET", &format!("/apps/{app}/dependents"), Value::Null)
        .await;
    assert_eq!(needs.body["mappings"], 1);
    assert_eq!(needs.body["agents"][0]["botId"], json!(bot));
    assert_eq!(
        world
            .call(&ann, "DELETE", &mapping, Value::Null)
            .await
            .status,
        204
    );
    let waits = world.call(&ann, "GET", &list, Value::Null).await;
    assert_eq!(waits.body["items"][0]["state"], "removal_not_published");
    let revoke = format!("{mapping}/revoke");
    assert_eq!(
        world.call(&ann, "POST", &revoke, Value::Null).await.status,
        204
    );
    assert_eq!(
        world
            .call(&ann, "POST", &revoke, Value::Null)
            .await
            .refusal()
            .0,
        404
    );
    let patch = json!({"name": "shop", "state": "disabled"});
    let changed = world
        .call(&ann, "PATCH", &format!("/apps/{app}"), patch)
        .await;
    assert_eq!(
        (&changed.body["name"], &changed.body["state"]),
        (&json!("shop"), &json!("disabled"))
    );
    assert_eq!(
        world.call(&ann, "DELETE", &link, Value::Null).await.status,
        204
    );
    let alone = world
        .call(&ann, "GET", &format!("/apps?agent={bot}"), Value::Null)
        .await;
    assert_eq!(alone.body, json!({"items": []}));
}

#[tokio::test]
async fn agents_are_listed_with_their_state_and_deleted_only_as_seen() {
    let world = world().await;
    let ann = world.owner().await;
    let caller = world.caller("Acme").await;
    let bot = world.import(&caller).await;
    let fresh = world.call(&ann, "GET", "/agents", Value::Null).await;
    let item = &fresh.body["items"][0];
    assert_eq!(
        (&item["botId"], &item["state"]),
        (&json!(bot), &json!("draft"))
    );
    assert_eq!(
        (&item["trained"], &item["stale"]),
        (&json!(false), &json!(false))
    );
    let ask = agents::Publish::default();
    agents::publish(&world.ctx, &caller, &bot, &ask)
        .await
        .unwrap();
    service::training::train_all(&world.ctx, &caller, &bot)
        .await
        .unwrap();
    let path = format!("/agents/{bot}");
    let shown = world.call(&ann, "GET", &path, Value::Null).await;
    assert_eq!(shown.body["state"], "published");
    assert_eq!(
        (&shown.body["trained"], &shown.body["stale"]),
        (&json!(true), &json!(false))
    );
    let none = world
        .call(&ann, "GET", "/agents?q=nothing-like-it", Value::Null)
        .await;
    assert_eq!(none.body["items"], json!([]));
    let limit = world
        .call(&ann, "GET", "/agents?limit=101", Value::Null)
        .await;
    assert_eq!(limit.body["fields"][0]["field"], "limit");
    let delete = |tag: &str| {
        let request = Request::delete(format!("/api/console/v1{path}"))
            .header("host", "localhost")
            .header("cookie", &ann.cookie)
            .header("x-csrf-token", &ann.token)
            .header("if-match", tag);
        world.send(request.body(Body::empty()).unwrap())
    };
    assert_eq!(
        delete("\"old\"").await.refusal(),
        (412, "changed_meanwhile")
    );
    let tag = shown.headers["etag"].to_str().unwrap();
    assert_eq!(delete(tag).await.status, 204);
    assert_eq!(
        world
            .call(&ann, "GET", &path, Value::Null)
            .await
            .refusal()
            .0,
        404
    );
}

#[tokio::test]
async fn an_agent_is_tried_out_on_its_draft_and_on_the_published_copy() {
    let world = world().await;
    let ann = world.owner().await;
    let caller = world.caller("Acme").await;
    let bot = world.import(&caller).await;
    let path = format!("/agents/{bot}/chat");
    let say = |body: Value| world.call(&ann, "POST", &path, body);
    let untrained = say(json!({"text": "hi", "draft": true})).await;
    assert_eq!(untrained.refusal(), (400, "bot_not_trained"));
    let trained = service::training::train_all(&world.ctx, &caller, &bot).await;
    trained.unwrap();
    let unpublished = say(json!({"text": "hi"})).await;
    assert_eq!(unpublished.refusal(), (400, "bot_not_published"));
    let said = json!({"text": "where is my parcel", "draft": true, "sessionNew": true});
    let heard = say(said).await;
    assert_eq!(heard.status, 200, "{}", heard.body);
    assert_eq!(heard.body["messages"][0]["type"], "text");
    let found = &heard.body["detection"];
    assert_eq!(found["result"], "successintent");
    assert_eq!(found["winner"]["type"], "dialog");
    assert_eq!(found["ranking"][0]["name"], found["winner"]["name"]);
    let lost = &found["ranking"].as_array().unwrap();
    assert!(lost.iter().skip(1).all(|c| c["reason"].is_string()));
    // the next message answers the dialog that waits: nothing is detected, or the dialog goes on
    let next = say(json!({"text": "AB123456", "draft": true})).await;
    assert_eq!(next.status, 200, "{}", next.body);
    let ask = agents::Publish::default();
    agents::publish(&world.ctx, &caller, &bot, &ask)
        .await
        .unwrap();
    let published = say(json!({"text": "where is my parcel"})).await;
    assert_eq!(published.body["detection"]["winner"], found["winner"]);
    // what a developer says is told apart from what users say
    let filter = store::SessionFilter {
        bots: vec![bot.clone()],
        developer: Some(true),
        limit: 10,
        ..Default::default()
    };
    let sessions = world.ctx.store().sessions();
    let (sessions, total) = sessions.list(&caller.account, &filter).await.unwrap();
    assert_eq!(total, 2);
    assert!(sessions.iter().all(|s| s.channel == "rtm"));
}

#[tokio::test]
async fn a_message_to_an_agent_names_what_is_wrong_with_it() {
    let world = world().await;
    let ann = world.owner().await;
    let caller = world.caller("Acme").await;
    let bot = world.import(&caller).await;
    let path = format!("/agents/{bot}/chat");
    for body in [
        json!({}),
        json!({"text": "  "}),
        json!({"text": "x".repeat(10_001)}),
    ] {
        let refused = world.call(&ann, "POST", &path, body).await;
        assert_eq!(refused.refusal().0, 400);
        assert_eq!(refused.body["fields"][0]["field"], "text");
    }
    let unread = world.call(&ann, "POST", &path, json!({"text": 7})).await;
    assert_eq!(unread.body["fields"][0]["field"], "text");
}

/// A form of files, and of a name when there is one.
fn form(files: &[(&str, &[u8])], name: Option<&str>) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        let head = format!("--cut\r\ncontent-disposition: form-data; {head}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    for (path, content) in files {
        part(format!("name=\"file\"; filename=\"{path}\""), content);
    }
    if let Some(name) = name {
        part("name=\"name\"".to_owned(), name.as_bytes());
    }
    body.extend_from_slice(b"--cut--\r\n");
    body
}

impl World {
    async fn upload(&self, who: &Browser, body: Vec<u8>) -> Answer {
        let request = Request::post("/api/console/v1/agents/import")
            .header("host", "localhost")
            .header("cookie", &who.cookie)
            .header("x-csrf-token", &who.token)
            .header("content-type", "multipart/form-data; boundary=cut");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// The job after a worker has run until nothing waits.
    async fn job(&self, who: &Browser, started: &Answer) -> Value {
        assert_eq!(started.status, 202, "{}", started.body);
        let worker = service::work::worker(&self.ctx, jobs::Settings::default());
        worker.run_due().await.unwrap();
        let path = format!("/jobs/{}", started.body["jobId"].as_str().unwrap());
        self.call(who, "GET", &path, Value::Null).await.body
    }
}

#[tokio::test]
async fn an_agent_is_imported_trained_and_published_by_jobs() {
    let world = world().await;
    let ann = world.owner().await;
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
    let read = |name: &str| std::fs::read(sample.join(name)).unwrap();
    let (definition, config) = (read("botDefinition.json"), read("config.json"));
    let files: [(&str, &[u8]); 2] = [
        ("parcel/botDefinition.json", &definition),
        ("parcel/config.json", &config),
    ];
    let started = world.upload(&ann, form(&files, Some("Desk two"))).await;
    let job = world.job(&ann, &started).await;
    let done = |job: &Value| (job["state"].clone(), job["percent"].clone());
    assert_eq!(done(&job), (json!("done"), json!(100)), "{job}");
    assert_eq!(job["result"]["name"], "Desk two");
    assert!(job["result"]["report"]["willRun"].is_array());
    let bot = job["botId"].as_str().unwrap().to_owned();
    let caller = world.caller("Acme").await;
    let zip = agents::export(&world.ctx, &caller, &BotId::parse(&bot).unwrap()).await;
    let zip = form(&[("any.zip", &zip.unwrap())], None);
    let again = world.upload(&ann, zip).await;
    assert_eq!(world.job(&ann, &again).await["state"], "done");

    let path = format!("/agents/{bot}");
    let train = format!("{path}/train");
    let unknown = json!({"language": "xx"});
    let refused = world.call(&ann, "POST", &train, unknown).await;
    assert_eq!(refused.body["fields"][0]["field"], "language");
    let started = world.call(&ann, "POST", &train, json!({})).await;
    let job = world.job(&ann, &started).await;
    assert_eq!(job["kind"], "train");
    assert_eq!(done(&job), (json!("done"), json!(100)), "{job}");
    let publish = json!({"comment": "first", "components": ["EXTENSIONS"]});
    let path_publish = format!("{path}/publish");
    let started = world.call(&ann, "POST", &path_publish, publish).await;
    let job = world.job(&ann, &started).await;
    assert_eq!(job["kind"], "publish");
    assert_eq!(done(&job), (json!("done"), json!(100)), "{job}");
    let agent = world.call(&ann, "GET", &path, Value::Null).await;
    assert_eq!(agent.body["state"], "published");

    let kinds = |list: &Answer| -> Vec<String> {
        let items = list.body["items"].as_array().unwrap();
        let kind = |job: &Value| job["kind"].as_str().unwrap().to_owned();
        items.iter().map(kind).collect()
    };
    let mine = format!("/jobs?botId={bot}");
    let mine = world.call(&ann, "GET", &mine, Value::Null).await;
    assert_eq!(mine.status, 200);
    assert!(kinds(&mine).contains(&"publish".to_owned()));
    let all = world.call(&ann, "GET", "/jobs?limit=4", Value::Null).await;
    let mut kinds = kinds(&all);
    kinds.sort_unstable();
    assert_eq!(kinds, ["import", "import", "publish", "train"]);
    let items = all.body["items"].as_array().unwrap();
    assert!(
        items
            .iter()
            .all(|job| job["result"].get("report").is_none())
    );
    let (bob, ..) = world.stranger().await;
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    let foreign = world.call(&bob, "GET", &path, Value::Null).await;
    assert_eq!(foreign.refusal().0, 404);
    let limit = world.call(&ann, "GET", "/jobs?limit=0", Value::Null).await;
    assert_eq!(limit.body["fields"][0]["field"], "limit");
}

#[tokio::test]
async fn a_form_that_is_no_agent_is_refused_with_its_field() {
    let world = world().await;
    let ann = world.owner().await;
    let long = "x".repeat(65);
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
    let definition = std::fs::read(sample.join("botDefinition.json")).unwrap();
    let definition = definition.as_slice();
    let (over, far_over) = (vec![0; (64 << 20) + 1], vec![0; 66 << 20]);
    for (body, status, text) in [
        (form(&[], Some("a")), 400, "file: is missing"),
        (form(&[("a.zip", b"PK\x03\x04cut")], None), 400, "file: "),
        (form(&[("readme.txt", b"hello")], None), 400, "file: "),
        (form(&[("botDefinition.json", b"[")], None), 400, "file: "),
        (
            form(&[("botDefinition.json", definition)], Some(&long)),
            400,
            "name: ",
        ),
        (form(&[("", definition)], None), 400, "file: must have a"),
        (form(&[("big.zip", &over)], None), 413, "file: "),
        (form(&[("big.zip", &far_over)], None), 413, "file: "),
        (
            b"--cut\r\ncontent-disposition".to_vec(),
            400,
            "The form is cut off",
        ),
    ] {
        let refused = world.upload(&ann, body).await;
        assert_eq!(refused.refusal().0, status, "{}", refused.body);
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.starts_with(text), "{detail}");
    }
    let other = json!({"file": "x"});
    let other = world.call(&ann, "POST", "/agents/import", other).await;
    assert_eq!(other.refusal().0, 400);
    let jobs = world.call(&ann, "GET", "/jobs", Value::Null).await;
    assert_eq!(jobs.body, json!({"items": []}));
}

#[tokio::test]
async fn a_refusal_names_its_request() {
    let world = world().await;
    let ann = world.owner().await;
    let one = world.call(&ann, "GET", "/agents/st-1", Value::Null).await;
    let two = world.call(&ann, "GET", "/agents/st-1", Value::Null).await;
    for answer in [&one, &two] {
        assert_eq!(answer.refusal().0, 404);
        let header = answer.headers["x-request-id"].to_str().unwrap();
        assert_eq!(answer.body["requestId"], header);
    }
    assert_ne!(one.body["requestId"], two.body["requestId"]);
}

#[tokio::test]
async fn an_agent_is_reported_on_and_exported() {
    let world = world().await;
    let ann = world.owner().await;
    let caller = world.caller("Acme").await;
    let bot = world.import(&caller).await;
    let report = format!("/agents/{bot}/report");
    let report = world.call(&ann, "GET", &report, Value::Null).await;
    assert_eq!(report.status, 200);
    for list in ["willRun", "kept", "broken", "secrets", "warnings"] {
        assert!(report.body[list].is_array(), "{list}");
    }
    let request = Request::get(format!("/api/console/v1/agents/{bot}/export"))
        .header("host", "localhost")
        .header("cookie", &ann.cookie);
    let router = router(world.ctx.clone(), HttpSettings::default());
    let answer = router
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/zip");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let name = answer.headers()["content-disposition"].to_str().unwrap();
    assert!(name.starts_with("attachment; filename=\""), "{name}");
    let zip = to_bytes(answer.into_body(), 1 << 24).await.unwrap();
    let package = definition::read_zip(&zip, &definition::Limits::default()).unwrap();
    assert_eq!(package.definition["_id"], json!(bot));
}

#[tokio::test]
async fn a_trained_agent_is_stale_once_its_draft_has_other_training_data() {
    let world = world().await;
    let ann = world.owner().await;
    let caller = world.caller("Acme").await;
    let bot = world.import(&caller).await;
    let trained = service::training::train_all(&world.ctx, &caller, &bot).await;
    trained.unwrap();
    let agents = world.ctx.store().agents();
    let agent = agents.find(&caller.account, &bot).await.unwrap().unwrap();
    assert!(
        !service::training::is_stale(&world.ctx, &agent)
            .await
            .unwrap()
    );
    let (language, _) = agent.trained.iter().next().unwrap();
    let trained = agents.set_trained(&caller.account, &bot, language, "older", 1);
    trained.await.unwrap();
    let list = world.call(&ann, "GET", "/agents", Value::Null).await;
    assert_eq!(list.body["items"][0]["stale"], true);
}

#[tokio::test]
async fn a_first_password_is_changed_before_anything_else() {
    let world = world().await;
    let new = accounts::NewAccount {
        name: "Acme".into(),
        email: "ann@example.com".into(),
        owner_name: String::new(),
        password: Secret::new(PASSWORD),
        must_change_password: true,
    };
    accounts::create(&world.ctx, new).await.unwrap();
    let body = json!({"email": "ann@example.com", "password": PASSWORD});
    let answer = world
        .call(&Browser::default(), "POST", "/session", body)
        .await;
    assert_eq!(answer.body["user"]["mustChangePassword"], true);
    let ann = answer.browser();
    let apps = world.call(&ann, "GET", "/apps", Value::Null).await;
    assert_eq!(apps.refusal(), (403, "password_change_required"));
    let body = json!({"current": PASSWORD, "next": "another long password"});
    let changed = world.call(&ann, "PUT", "/session/password", body).await;
    assert_eq!(changed.status, 204);
    assert_eq!(
        world.call(&ann, "GET", "/apps", Value::Null).await.status,
        200
    );
}

#[tokio::test]
async fn the_catalogue_shows_scopes_of_the_app_builder() {
    let world = world().await;
    let ann = world.owner().await;
    let scopes = world
        .call(&ann, "GET", "/scopes?side=platform", Value::Null)
        .await;
    let items = scopes.body["items"].as_array().unwrap();
    let detection = items.iter().find(|s| s["id"] == "intent_entity:detection");
    assert_eq!(detection.unwrap()["operations"], json!(["findIntent"]));
    let other = world
        .call(&ann, "GET", "/scopes?side=data", Value::Null)
        .await;
    assert_eq!(other.body["fields"][0]["field"], "side");
}

#[tokio::test]
async fn pages_have_a_fresh_nonce_and_apis_are_not_pages() {
    let world = world().await;
    let get = |path: &str| world.send(Request::get(path).body(Body::empty()).unwrap());
    let policy = |answer: &Answer| {
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        policy.to_owned()
    };
    let (one, two) = (get("/").await, get("/agents/st-1").await);
    for page in [&one, &two] {
        assert_eq!(page.status, 200);
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(page.headers["cross-origin-opener-policy"], "same-origin");
        assert!(policy(page).starts_with("default-src 'none'; script-src 'self'; style-src"));
        if console_embed::is_built() {
            let policy = policy(page);
            let nonce = policy.split("'nonce-").nth(1).unwrap();
            let nonce = nonce.split('\'').next().unwrap();
            assert!(page.body.as_str().unwrap().contains(nonce));
        }
    }
    assert_ne!(policy(&one), policy(&two));
    for path in [
        "/api/x",
        "/chatbot/x",
        "/.well-known/x",
        "/assets/none.js",
        "/health/x",
    ] {
        let answer = get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.headers.contains_key("content-security-policy"));
    }
    let post = Request::post("/agents").body(Body::empty()).unwrap();
    assert_eq!(world.send(post).await.status, 404);
}

#[tokio::test]
async fn files_are_tagged_compressed_and_not_sent_twice() {
    if !console_embed::is_built() {
        eprintln!("skipped: console/dist holds no console");
        return;
    }
    let world = world().await;
    let get = |name: &'static str, value: String| {
        let request = Request::get("/assets/scheme.js").header(name, value);
        world.send(request.body(Body::empty()).unwrap())
    };
    let plain = get("accept-encoding", "identity".into()).await;
    assert_eq!(
        plain.headers["content-type"],
        "text/javascript; charset=utf-8"
    );
    assert_eq!(plain.headers["cache-control"], "no-cache");
    assert_eq!(plain.headers["vary"], "accept-encoding");
    let tag = plain.headers["etag"].to_str().unwrap().to_owned();
    let again = get("if-none-match", tag.clone()).await;
    assert_eq!((again.status.as_u16(), &again.body), (304, &json!("")));
    let zipped = get("accept-encoding", "gzip".into()).await;
    if let Some(coding) = zipped.headers.get("content-encoding") {
        assert_eq!(coding, "gzip");
        assert_ne!(zipped.headers["etag"], tag);
    }
}

#[tokio::test]
async fn the_audit_is_listed_filtered_and_exported_for_those_who_may() {
    let w = world().await;
    let owner = w.owner().await;
    let body = json!({"name": "=cmd()", "kind": "platform", "algorithm": "HS256"});
    let app = w.call(&owner, "POST", "/apps", body).await;
    assert_eq!(app.status, 201, "{}", app.body);
    let client = app.body["clientId"].as_str().unwrap_or_default();
    let client = match client {
        "" => app.body["app"]["clientId"].as_str().unwrap(),
        id => id,
    };

    let all = w.call(&owner, "GET", "/audit", Value::Null).await;
    assert_eq!(all.status, 200, "{}", all.body);
    let items = all.body["items"].as_array().unwrap();
    assert_eq!(items[0]["action"], "app.create");
    assert_eq!(items[0]["target"], client);
    assert_eq!(items[0]["actorName"], "ann@example.com");
    assert_eq!(items[0]["at"], "2027-01-15T08:00:00Z");
    assert!(items.len() > 1);

    for (query, wanted) in [
        ("action=app.create", 1),
        ("action=app.create&to=2027-01-15T08:00:00Z", 0),
        ("action=app.create&from=2027-01-15T08:00:00Z", 1),
        ("actor=cli&action=app.create", 0),
        (&*format!("target={client}"), 1),
        ("limit=1", 1),
    ] {
        let answer = w
            .call(&owner, "GET", &format!("/audit?{query}"), Value::Null)
            .await;
        let items = answer.body["items"].as_array().unwrap();
        assert_eq!(items.len(), wanted, "{query}: {}", answer.body);
    }
    let first = w.call(&owner, "GET", "/audit?limit=1", Value::Null).await;
    let next = first.body["next"].as_str().unwrap();
    let path = format!("/audit?limit=1&cursor={next}");
    let second = w.call(&owner, "GET", &path, Value::Null).await;
    assert_ne!(second.body["items"][0]["number"], items[0]["number"]);

    for wrong in [
        "from=yesterday",
        "to=1",
        "limit=0",
        "limit=101",
        "botId=x",
        "cursor=zz",
        &*format!("actor={}", "x".repeat(201)),
    ] {
        let answer = w
            .call(&owner, "GET", &format!("/audit?{wrong}"), Value::Null)
            .await;
        assert_eq!(answer.status, 400, "{wrong}");
        let field = wrong.split('=').next().unwrap();
        assert_eq!(answer.body["fields"][0]["field"], field, "{}", answer.body);
    }

    let csv = w.call(&owner, "GET", "/audit/export", Value::Null).await;
    assert_eq!(csv.status, 200);
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let text = csv.body.as_str().unwrap();
    assert!(text.starts_with("number,time,actor,"), "{text}");
    let row = text.lines().nth(1).unwrap();
    assert!(row.contains("\"app.create\""), "{row}");
    assert!(!text.contains(",\"="), "a cell is a formula: {text}");

    let nobody = Browser::default();
    for path in ["/audit", "/audit/export"] {
        assert_eq!(w.call(&nobody, "GET", path, Value::Null).await.status, 401);
    }
}

/// Reads base32 as authenticator apps do.
fn bytes_of(text: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut out, mut held, mut bits) = (Vec::new(), 0u32, 0);
    for c in text.chars() {
        held = held << 5 | letters.find(c).unwrap() as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    out
}

impl World {
    async fn sign_in_with(&self, code: &str) -> Answer {
        let body = json!({"email": "ann@example.com", "password": PASSWORD, "code": code});
        let nobody = Browser::default();
        self.call(&nobody, "POST", "/session", body).await
    }

    /// The code that the app shows now.
    fn app_code(&self, secret: &[u8]) -> String {
        crypt::totp::code(secret, self.ctx.now() / crypt::totp::STEP_MS)
    }

    /// Sets an authenticator app up; gives its secret and the recovery codes.
    async fn with_app(&self, who: &Browser) -> (Vec<u8>, Vec<String>) {
        let begun = self.call(who, "POST", "/session/totp", Value::Null).await;
        assert_eq!(begun.status, 200, "{}", begun.body);
        let secret = begun.body["secret"].as_str().unwrap();
        let uri = begun.body["uri"].as_str().unwrap();
        let wanted = format!("otpauth://totp/Ombud:ann%40example.com?secret={secret}&issuer=Ombud");
        assert!(uri.starts_with(&wanted), "{uri}");
        let secret = bytes_of(secret);
        assert_eq!(secret.len(), crypt::totp::SECRET_BYTES);
        let body = json!({"code": self.app_code(&secret)});
        let on = self.call(who, "POST", "/session/totp/confirm", body).await;
        assert_eq!(on.status, 200, "{}", on.body);
        let codes = on.body["recoveryCodes"].as_array().unwrap().iter();
        let codes = codes.map(|code| code.as_str().unwrap().to_owned());
        (secret, codes.collect())
    }
}

#[tokio::test]
async fn a_sign_in_with_an_authenticator_app_needs_a_fresh_code() {
    let world = world().await;
    let owner = world.owner().await;
    // nothing is asked for before a code was seen to work
    let begun = world
        .call(&owner, "POST", "/session/totp", Value::Null)
        .await;
    assert_eq!(begun.status, 200);
    let wrong = world
        .call(
            &owner,
            "POST",
            "/session/totp/confirm",
            json!({"code": "000"}),
        )
        .await;
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.body["fields"][0]["field"], "code");
    assert_eq!(world.sign_in_with("").await.status, 200);

    world.clock.advance(61_000);
    let (secret, recovery) = world.with_app(&owner).await;
    assert_eq!(recovery.len(), 10);
    let state = world
        .call(&owner, "GET", "/session/factors", Value::Null)
        .await;
    assert_eq!(state.body["totp"], true);
    assert_eq!(state.body["recoveryLeft"], 10);

    let missing = world.sign_in_with("").await;
    assert_eq!(
        (missing.status.as_u16(), missing.refusal()),
        (401, (401, "second_factor_required"))
    );
    // the code that set it up was used by that
    let used = world.sign_in_with(&world.app_code(&secret)).await;
    assert_eq!(used.refusal(), (401, "second_factor_wrong"));
    world.clock.advance(61_000);
    let code = world.app_code(&secret);
    assert_eq!(
        world
            .sign_in_with(&format!("{} {}", &code[..3], &code[3..]))
            .await
            .status,
        200
    );
    assert_eq!(
        world.sign_in_with(&code).await.refusal(),
        (401, "second_factor_wrong")
    );

    // a wrong password says nothing about the factor
    let body = json!({"email": "ann@example.com", "password": "wrong horse battery", "code": code});
    let answer = world
        .call(&Browser::default(), "POST", "/session", body)
        .await;
    assert_eq!(answer.refusal(), (401, "sign_in_failed"));
}

#[tokio::test]
async fn recovery_codes_work_once_and_are_replaced_as_a_whole() {
    let world = world().await;
    let owner = world.owner().await;
    let (_, recovery) = world.with_app(&owner).await;
    let lower = recovery[0].to_lowercase();
    assert_eq!(world.sign_in_with(&lower).await.status, 200);
    assert_eq!(
        world.sign_in_with(&recovery[0]).await.refusal(),
        (401, "second_factor_wrong")
    );
    let state = world
        .call(&owner, "GET", "/session/factors", Value::Null)
        .await;
    assert_eq!(state.body["recoveryLeft"], 9);
    let fresh = world
        .call(&owner, "POST", "/session/recovery-codes", Value::Null)
        .await;
    assert_eq!(fresh.body["recoveryCodes"].as_array().unwrap().len(), 10);
    assert_eq!(
        world.sign_in_with(&recovery[1]).await.refusal(),
        (401, "second_factor_wrong")
    );
    let code = fresh.body["recoveryCodes"][3].as_str().unwrap();
    assert_eq!(world.sign_in_with(code).await.status, 200);
}

#[tokio::test]
async fn codes_cannot_be_guessed_at_will() {
    let world = world().await;
    let owner = world.owner().await;
    let (secret, _) = world.with_app(&owner).await;
    world.clock.advance(61_000);
    let mut refused = 0;
    for guess in 0..10 {
        let answer = world.sign_in_with(&format!("{guess:06}")).await;
        refused += usize::from(answer.status == 429);
    }
    assert!(refused >= 5, "{refused}");
    // not even the right one passes now
    assert_eq!(
        world.sign_in_with(&world.app_code(&secret)).await.status,
        429
    );
}

#[tokio::test]
async fn the_app_is_taken_away_only_after_a_fresh_proof_and_a_code_is_one() {
    let world = world().await;
    let owner = world.owner().await;
    let (secret, _) = world.with_app(&owner).await;
    let again = world
        .call(&owner, "POST", "/session/totp", Value::Null)
        .await;
    assert_eq!(again.status, 409);
    world.clock.advance(login::PROOF_MS - 60_000);
    let seen = world.call(&owner, "GET", "/session", Value::Null).await;
    assert_eq!(seen.status, 200);
    world.clock.advance(61_000);
    for (method, path) in [
        ("DELETE", "/session/totp"),
        ("POST", "/session/totp"),
        ("POST", "/session/recovery-codes"),
    ] {
        let answer = world.call(&owner, method, path, Value::Null).await;
        assert_eq!(
            answer.refusal(),
            (403, "step_up_required"),
            "{method} {path}"
        );
    }
    let wrong = world
        .call(
            &owner,
            "POST",
            "/session/confirm",
            json!({"code": "000000"}),
        )
        .await;
    assert_eq!(wrong.status, 400);
    let body = json!({"code": world.app_code(&secret)});
    let proved = world.call(&owner, "POST", "/session/confirm", body).await;
    assert_eq!(proved.status, 204, "{}", proved.body);
    let away = world
        .call(&owner, "DELETE", "/session/totp", Value::Null)
        .await;
    assert_eq!(away.status, 204);
    assert_eq!(world.sign_in_with("").await.status, 200);
    let (_, recovery) = world.with_app(&owner).await;
    let caller = world.caller("Acme").await;
    let reset = service::console::factor::reset(&world.ctx, &caller, "Ann@Example.com").await;
    reset.unwrap();
    let gone = world.call(&owner, "GET", "/session", Value::Null).await;
    assert_eq!(gone.status, 401);
    let again = world.sign_in_with(&recovery[0]).await;
    assert_eq!(again.status, 200);
    let owner = again.browser();
    let actions = world.call(&owner, "GET", "/audit", Value::Null).await;
    let text = actions.body.to_string();
    for action in [
        "user.second_factor_on",
        "user.second_factor_off",
        "user.second_factor_reset",
    ] {
        assert!(text.contains(action), "{text}");
    }
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_and_all_at_once() {
    let world = world().await;
    let owner = world.owner().await;
    let second = world.sign_in_with("").await.browser();
    let third = world.sign_in_with("").await.browser();
    let list = world.call(&owner, "GET", "/sessions", Value::Null).await;
    let items = list.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    assert_eq!(items.iter().filter(|one| one["current"] == true).count(), 1);
    assert!(
        !list
            .body
            .to_string()
            .contains(owner.cookie.split('=').nth(1).unwrap())
    );

    let mine = world.call(&second, "GET", "/sessions", Value::Null).await;
    let mine = mine.body["items"].as_array().unwrap().clone();
    let id = mine.iter().find(|one| one["current"] == true).unwrap()["id"].clone();
    let path = format!("/sessions/{}", id.as_str().unwrap());
    assert_eq!(
        world
            .call(&owner, "DELETE", &path, Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(
        world
            .call(&second, "GET", "/session", Value::Null)
            .await
            .status,
        401
    );
    assert_eq!(
        world
            .call(&owner, "DELETE", &path, Value::Null)
            .await
            .status,
        404
    );

    let all = world.call(&third, "DELETE", "/sessions", Value::Null).await;
    assert_eq!(all.status, 204);
    for browser in [&owner, &third] {
        assert_eq!(
            world
                .call(browser, "GET", "/session", Value::Null)
                .await
                .status,
            401
        );
    }
}

const NAMED: &str = "localhost:8080";

impl World {
    async fn challenge(&self, host: &str) -> Value {
        let nobody = Browser::default();
        let given = self.call_at(
            host,
            &nobody,
            "POST",
            "/session/passkey/challenge",
            Value::Null,
        );
        given.await.body["challenge"].clone()
    }

    async fn with_passkey(&self, who: &Browser, device: &Device) -> Answer {
        let path = "/session/passkeys/options";
        let begun = self
            .call_at(device.host, who, "POST", path, Value::Null)
            .await;
        assert_eq!(begun.status, 200, "{}", begun.body);
        let body = device.made("Laptop", &begun.body["challenge"]);
        self.call_at(device.host, who, "POST", "/session/passkeys", body)
            .await
    }

    async fn sign_in_by(&self, device: &Device, answer: Value) -> Answer {
        let nobody = Browser::default();
        self.call_at(device.host, &nobody, "POST", "/session/passkey", answer)
            .await
    }
}

#[tokio::test]
async fn a_passkey_signs_in_and_the_password_alone_does_not() {
    let world = world().await;
    let owner = world.owner().await;
    let device = Device::new(NAMED);
    let added = world.with_passkey(&owner, &device).await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(added.body["host"], "localhost");
    let missing = world.sign_in_with("").await;
    assert_eq!(missing.refusal(), (401, "passkey_required"));
    let challenge = world.challenge(NAMED).await;
    let inside = world
        .sign_in_by(&device, device.answer(2, &challenge))
        .await;
    assert_eq!(inside.status, 200, "{}", inside.body);
    // the proof of identity that a change asks for
    let again = inside.browser();
    world.clock.advance(login::PROOF_MS - 60_000);
    let seen = world.call(&again, "GET", "/session", Value::Null).await;
    assert_eq!(seen.status, 200);
    world.clock.advance(61_000);
    let path = format!("/session/passkeys/{}", added.body["id"].as_str().unwrap());
    let old = world.call(&again, "DELETE", &path, Value::Null).await;
    assert_eq!(old.refusal(), (403, "step_up_required"));
    let challenge = world.challenge(NAMED).await;
    let body = json!({"passkey": device.answer(3, &challenge)});
    let proved = world.call_at(NAMED, &again, "POST", "/session/confirm", body);
    assert_eq!(proved.await.status, 204);
    let gone = world.call(&again, "DELETE", &path, Value::Null).await;
    assert_eq!(gone.status, 204);
    assert_eq!(world.sign_in_with("").await.status, 200);
}

#[tokio::test]
async fn an_answer_of_a_passkey_counts_once_here_and_upwards() {
    let world = world().await;
    let owner = world.owner().await;
    let device = Device::new(NAMED);
    assert_eq!(world.with_passkey(&owner, &device).await.status, 201);
    let known = world.with_passkey(&owner, &device).await;
    assert_eq!(known.status, 409, "{}", known.body);
    let challenge = world.challenge(NAMED).await;
    let answer = device.answer(5, &challenge);
    assert_eq!(world.sign_in_by(&device, answer.clone()).await.status, 200);
    let wrong = (401, "passkey_wrong");
    assert_eq!(world.sign_in_by(&device, answer).await.refusal(), wrong);
    // a copy of the device counts from where it was made
    let challenge = world.challenge(NAMED).await;
    let copy = world.sign_in_by(&device, device.answer(5, &challenge));
    assert_eq!(copy.await.refusal(), wrong);
    // a challenge of our own making, one that was given to somebody who adds a passkey, and one that is too old
    let invented = world.sign_in_by(&device, device.answer(6, &json!("bWFkZSB1cA")));
    assert_eq!(invented.await.refusal(), wrong);
    let path = "/session/passkeys/options";
    let begun = world.call_at(NAMED, &owner, "POST", path, Value::Null);
    let others = begun.await.body["challenge"].clone();
    let refused = world.sign_in_by(&device, device.answer(6, &others));
    assert_eq!(refused.await.refusal(), wrong);
    let late = world.challenge(NAMED).await;
    world.clock.advance(service::console::passkey::CHALLENGE_MS);
    let refused = world.sign_in_by(&device, device.answer(6, &late));
    assert_eq!(refused.await.refusal(), wrong);
    // another page, be it the browser's or the one that a stranger says
    let elsewhere = Device {
        host: "evil.localhost:8080",
        key: jose::PrivateKey::read(device.key.pem().unwrap().expose()).unwrap(),
        ..Device::new(NAMED)
    };
    let challenge = world.challenge(NAMED).await;
    let refused = world.sign_in_by(&device, elsewhere.answer(6, &challenge));
    assert_eq!(refused.await.refusal(), wrong);
    // another key with the same id
    let forged = Device::new(NAMED);
    let challenge = world.challenge(NAMED).await;
    let refused = world.sign_in_by(&device, forged.answer(6, &challenge));
    assert_eq!(refused.await.refusal(), wrong);
    let challenge = world.challenge(NAMED).await;
    let good = world.sign_in_by(&device, device.answer(6, &challenge));
    assert_eq!(good.await.status, 200);
}

#[tokio::test]
async fn where_the_console_has_no_name_there_are_no_passkeys() {
    let world = world().await;
    let owner = world.owner().await;
    let path = "/session/passkeys/options";
    let refused = world.call(&owner, "POST", path, Value::Null).await;
    assert_eq!(refused.status, 409);
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": "x"}), "passkey"),
        (json!({"name": "x", "clientData": "!"}), "passkey"),
    ] {
        let answer = world.call_at(NAMED, &owner, "POST", "/session/passkeys", body);
        let answer = answer.await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.body["fields"][0]["field"], field);
    }
    let unknown = world.call(&owner, "DELETE", "/session/passkeys/x", Value::Null);
    assert_eq!(unknown.await.status, 404);
}

#[tokio::test]
async fn a_data_app_is_given_permissions_row_by_row() {
    let world = world().await;
    let owner = world.owner().await;
    let body = json!({"name": "Reader", "kind": "data", "algorithm": "HS256"});
    let made = world.call(&owner, "POST", "/apps", body).await;
    let client = made.body["app"]["clientId"].as_str().unwrap().to_owned();
    let path = format!("/apps/{client}/data-grants");
    let row = |kind: &str, name: &str, flags: [bool; 3]| json!({"kind": kind, "name": name, "read": flags[0], "write": flags[1], "delete": flags[2]});
    let rows = json!({"items": [row("table", "Orders", [true, false, false]), row("view", "orders", [true, true, false])]});
    let set = world.call(&owner, "PUT", &path, rows).await;
    assert_eq!(set.status, 200, "{}", set.body);
    // one row changes, one goes; what is not named stays
    let rows = json!({"items": [row("table", "ORDERS", [true, false, true]), row("definitions", "", [true, false, false])]});
    let set = world.call(&owner, "PUT", &path, rows).await;
    let names: Vec<_> = set.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].clone())
        .collect();
    assert_eq!(names, [json!(""), json!("ORDERS"), json!("orders")]);
    let gone = json!({"items": [row("view", "orders", [false; 3])]});
    let set = world.call(&owner, "PUT", &path, gone).await;
    assert_eq!(set.body["items"].as_array().unwrap().len(), 2);
    let shown = world
        .call(&owner, "GET", &format!("/apps/{client}"), Value::Null)
        .await;
    assert_eq!(
        (&shown.body["dataTables"], &shown.body["dataViews"]),
        (&json!(1), &json!(0))
    );
    // nothing is half applied
    let rows = json!({"items": [row("table", "new", [true; 3]), row("thing", "x", [true; 3])]});
    let wrong = world.call(&owner, "PUT", &path, rows).await;
    assert_eq!(wrong.body["fields"][0]["field"], "items[1].kind");
    let rows = json!({"items": [row("table", "new", [true; 3]), row("table", " NEW", [true; 3])]});
    let wrong = world.call(&owner, "PUT", &path, rows).await;
    assert_eq!(wrong.body["fields"][0]["field"], "items[1].name");
    let kept = world.call(&owner, "GET", &path, Value::Null).await;
    assert_eq!(kept.body["items"], set.body["items"]);
    // other kinds have none, other accounts see none
    let (platform, _) = world.app(&owner, "Platform").await;
    let theirs = format!("/apps/{platform}/data-grants");
    let other = world.call(&owner, "GET", &theirs, Value::Null).await;
    assert_eq!(other.status, 409);
    let (bob, _, _) = world.stranger().await;
    let foreign = world.call(&bob, "GET", &path, Value::Null).await;
    assert_eq!(foreign.status, 404);
    let path = format!("/apps/{client}/dependents");
    let dependents = world.call(&owner, "GET", &path, Value::Null).await;
    assert_eq!(dependents.body["dataGrants"], 2);
}
