//! Who gets in: every route of the document and every way to be refused.

use crate::world::{
    Answer, App, Browser, NOW, Route, World, account, import, routes, sign_in, world,
};
use axum::extract::ConnectInfo;
use http_api::router::contents;
use jose::Algorithm;
use serde_json::{Value, json};
use service::admin::apps;
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
};
use types::{
    RandomIds, Secret,
    codes::{self, Code, Wire},
    id::BotId,
};

/// Routes of the router that are no part of the API.
const PAGES: [&str; 3] = ["/docs/api", "/docs/api/{*file}", "/assets/{*path}"];

/// Endpoints of the console for which being signed in is enough: they change the own sign-in only.
const OWN: [&str; 17] = [
    "consoleShowSession",
    "consoleSignOut",
    "consoleConfirm",
    "consoleChangePassword",
    "consoleShowFactors",
    "consoleBeginTotp",
    "consoleConfirmTotp",
    "consoleRemoveTotp",
    "consoleRenewRecoveryCodes",
    "consoleListPasskeys",
    "consoleBeginPasskey",
    "consoleAddPasskey",
    "consoleRenamePasskey",
    "consoleRemovePasskey",
    "consoleListSessions",
    "consoleEndSession",
    "consoleSignOutEverywhere",
];

/// What is open to those only who hold a link of ours; to everybody else it is not there.
const LINKED: &str = "downloadExport";

/// A token and what comes of it on the public API.
struct Case {
    name: &'static str,
    token: Option<String>,
    code: &'static Code,
}

fn case(name: &'static str, token: impl Into<Option<String>>, code: &'static Code) -> Case {
    let token = token.into();
    Case { name, token, code }
}

/// A token whose header names no algorithm, with an empty signature.
fn unsigned(app: &App) -> String {
    let signed = app.token(&json!({}));
    let claims = signed.split('.').nth(1).unwrap();
    format!("eyJhbGciOiJub25lIn0.{claims}.")
}

/// Ways to be refused before the agent counts.
async fn cases(world: &World, app: &App) -> Vec<Case> {
    let secret = app.secret.expose().as_bytes();
    let strict = world.app("strict", true).await;
    let off = world.app("off", false).await;
    let patch = apps::AppPatch {
        enabled: Some(false),
        ..apps::AppPatch::default()
    };
    apps::set(&world.ctx, &world.caller, &off.id, patch)
        .await
        .unwrap();
    let sealed = world.app("sealed", false).await;
    let patch = apps::AppPatch {
        enforce_jwe: Some(true),
        ..apps::AppPatch::default()
    };
    apps::set(&world.ctx, &world.caller, &sealed.id, patch)
        .await
        .unwrap();
    let gone = world.app("gone", false).await;
    apps::remove(&world.ctx, &world.caller, &gone.id)
        .await
        .unwrap();
    let nobody = App {
        id: types::id::ClientId::new(&RandomIds),
        secret: Secret::new("x".repeat(44)),
    };
    let plain = json!({});
    vec![
        case("no token", None, &codes::TOKEN_MISSING),
        case("one part", "abc".to_owned(), &codes::CREDENTIALS),
        case("no base64", "a.b.c".to_owned(), &codes::CREDENTIALS),
        case(
            "two tokens",
            format!("{0},{0}", app.token(&plain)),
            &codes::CREDENTIALS,
        ),
        case(
            "wrong secret",
            app.token_with(Algorithm::Hs256, &[b'x'; 44], &plain),
            &codes::CREDENTIALS,
        ),
        case(
            "wrong algorithm",
            app.token_with(Algorithm::Hs512, secret, &plain),
            &codes::CREDENTIALS,
        ),
        case("no algorithm", unsigned(app), &codes::CREDENTIALS),
        case("unknown app", nobody.token(&plain), &codes::CREDENTIALS),
        case(
            "expired",
            app.token(&json!({"exp": NOW - 61})),
            &codes::TOKEN_EXPIRED,
        ),
        case(
            "not before",
            app.token(&json!({"nbf": NOW + 61})),
            &codes::TOKEN_EARLY,
        ),
        case(
            "made later",
            app.token(&json!({"iat": NOW + 61})),
            &codes::TOKEN_EARLY,
        ),
        case(
            "no jti though enforced",
            strict.token(&json!({"exp": NOW + 60})),
            &codes::JTI_REQUIRED,
        ),
        case(
            "jti without an end",
            app.token(&json!({"jti": "endless"})),
            &codes::JTI_LIFETIME,
        ),
        case(
            "jti for too long",
            app.token(&json!({"jti": "long", "exp": NOW + 3661})),
            &codes::JTI_LIFETIME,
        ),
        case(
            "plain though JWE enforced",
            sealed.token(&plain),
            &codes::JWE_REQUIRED,
        ),
        case("disabled app", off.token(&plain), &codes::CREDENTIALS),
        case("deleted app", gone.token(&plain), &codes::CREDENTIALS),
    ]
}

fn wire(code: &Code) -> Value {
    match code.wire {
        Wire::Number(number) => json!(number),
        Wire::Word(word) => json!(word),
    }
}

fn refusal(code: &Code) -> (u16, Value) {
    (
        code.status,
        json!({"errors": [{"msg": code.text, "code": wire(code)}]}),
    )
}

impl World {
    async fn knock(&self, route: &Route, bot: &str, token: Option<&str>) -> Answer {
        let path = route.filled(|name| match name {
            "botId" => bot.to_owned(),
            _ => "x".to_owned(),
        });
        let mut request = route.request(&path);
        if let Some(token) = token {
            request = request.header("auth", token);
        }
        // from an address of its own: who sends too many forged tokens has to wait, and here every route gets some
        let from = PEERS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let peer = SocketAddr::from((from, 40_000));
        let request = request.extension(ConnectInfo(peer));
        self.send(request.body(route.body()).unwrap()).await
    }
}

/// The next address of a caller, from 10.0.0.1 on.
static PEERS: AtomicU32 = AtomicU32::new(0x0a00_0001);

/// Status and body; on channels without the version and the trace, which must be there.
fn said(route: &Route, answer: &Answer) -> (u16, Value) {
    let mut body = answer.body.clone();
    if route.surface == "channel" {
        let fields = body.as_object_mut().unwrap();
        assert_eq!(fields.remove("_v"), Some(json!("v1")), "{}", route.name());
        let trace = fields.remove("_t").unwrap();
        assert!(trace.as_str().unwrap().starts_with("RTM-TRACE-"));
    }
    assert!(
        answer.headers.contains_key("x-request-id"),
        "{}",
        route.name()
    );
    (answer.status.as_u16(), body)
}

#[test]
fn the_router_has_no_route_outside_the_document_but_pages() {
    let (_, _, unlisted) = contents().into_parts();
    let known: Vec<&str> = unlisted
        .iter()
        .copied()
        .filter(|p| PAGES.contains(p))
        .collect();
    assert_eq!(
        unlisted, known,
        "say in the document what these are, or here that they are pages"
    );
    for route in routes() {
        let surface = route.surface.as_str();
        let known = ["api", "channel", "console", "open"].contains(&surface);
        assert!(
            known,
            "{}: this table does not know the surface {surface}",
            route.name()
        );
    }
}

#[tokio::test]
async fn no_token_that_is_not_accepted_gets_anywhere() {
    let world = world(0.0).await;
    let app = world.app("web", false).await;
    let bot = world.bot.to_string();
    for case in cases(&world, &app).await {
        for route in routes() {
            let wanted = match route.surface.as_str() {
                "api" => refusal(case.code),
                "channel" => refusal(&codes::CHANNEL_TOKEN),
                _ => continue,
            };
            let answer = world.knock(&route, &bot, case.token.as_deref()).await;
            assert_eq!(
                said(&route, &answer),
                wanted,
                "{}: {}",
                route.name(),
                case.name
            );
        }
    }
}

#[tokio::test]
async fn a_jti_counts_once_on_the_api_whatever_the_first_answer_was() {
    let world = world(0.0).await;
    let app = world.app("bare", true).await;
    let bot = world.bot.to_string();
    for (n, route) in routes().into_iter().enumerate() {
        let claims = json!({"jti": format!("once-{n}"), "exp": NOW + 600});
        let token = app.token(&claims);
        let first = world.knock(&route, &bot, Some(&token)).await;
        let again = world.knock(&route, &bot, Some(&token)).await;
        match route.surface.as_str() {
            "api" => {
                assert_ne!(first.status, 401, "{}: {}", route.name(), first.body);
                assert_eq!(
                    said(&route, &again),
                    refusal(&codes::JTI_REPLAY),
                    "{}",
                    route.name()
                );
            }
            "channel" => {
                assert_eq!(first.status, again.status, "{}", route.name());
                let other =
                    app.token(&json!({"jti": format!("once-{n}"), "exp": NOW + 600, "sub": "bob"}));
                let other = world.knock(&route, &bot, Some(&other)).await;
                assert_eq!(
                    said(&route, &other),
                    refusal(&codes::CHANNEL_TOKEN),
                    "{}",
                    route.name()
                );
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn agents_that_are_not_the_apps_own_answer_alike_to_the_byte() {
    let world = world(0.0).await;
    let app = world.app("web", false).await;
    let other = account(&world.ctx, "Other", "bob@example.com").await;
    let theirs = import(&world.ctx, &other).await;
    let unlinked = import(&world.ctx, &world.caller).await;
    let unknown = BotId::new(&RandomIds);
    let token = app.token(&json!({}));
    for route in routes().iter().filter(|r| r.path.contains("{botId}")) {
        let mut bytes = None;
        for bot in [
            theirs.as_str(),
            unlinked.as_str(),
            unknown.as_str(),
            "nonsense",
            "st-",
        ] {
            if !matches!(route.surface.as_str(), "api" | "channel") {
                continue;
            }
            let answer = world.knock(route, bot, Some(&token)).await;
            let said = said(route, &answer);
            assert_eq!(
                said,
                refusal(&codes::BOT_NOT_FOUND),
                "{} {bot}",
                route.name()
            );
            if route.surface == "api" {
                assert_eq!(bytes.get_or_insert(answer.bytes.clone()), &answer.bytes);
            }
        }
    }
}

#[tokio::test]
async fn a_scope_opens_an_operation_only_once_it_is_published() {
    let world = world(0.0).await;
    let bare = world.app("bare", false).await;
    let drafted = world.app("drafted", false).await;
    world.publish().await;
    let all: Vec<String> = service::admin::scopes::catalogue(types::scope::Side::Platform)
        .map(|s| s.name.to_owned())
        .collect();
    world.grant(&drafted, &all).await;
    let bot = world.bot.to_string();
    let asks = |r: &&Route| {
        r.path.contains("{botId}")
            && r.operation["x-scope"]
                .as_array()
                .is_some_and(|s| !s.is_empty())
    };
    let all = routes();
    assert!(all.iter().filter(asks).count() >= 5);
    for route in all.iter().filter(asks) {
        for app in [&bare, &drafted] {
            let answer = world.knock(route, &bot, Some(&app.token(&json!({})))).await;
            assert_eq!(
                said(route, &answer),
                refusal(&codes::SCOPE),
                "{}",
                route.name()
            );
        }
    }
}

async fn console(world: &World, route: &Route, who: Option<&Browser>, csrf: bool) -> Answer {
    let path = route.filled(|name| match name {
        "botId" => world.bot.to_string(),
        "clientId" => "cs-0f8fad5b-d9cb-569f-a165-70867728950e".to_owned(),
        _ => "x".to_owned(),
    });
    let mut request = route.request(&path).header("host", "localhost");
    if let Some(who) = who {
        request = request.header("cookie", &who.cookie);
        if csrf {
            request = request.header("x-csrf-token", &who.csrf);
        }
    }
    world.send(request.body(route.body()).unwrap()).await
}

#[tokio::test]
async fn the_console_asks_for_a_session_its_token_and_a_permission() {
    let world = world(0.0).await;
    let ann = sign_in(&world).await;
    let users = world.ctx.store().users();
    let mut person = users.list(&world.caller.account).await.unwrap().remove(0);
    person.role = "guest".to_owned();
    users.set_profile(&person).await.unwrap();
    let kept = |answer: &Answer| {
        (
            answer.status.as_u16(),
            answer.body["code"].clone(),
            answer.body["detail"].clone(),
        )
    };
    let problem = |code: &Code| (code.status, json!(code.name), json!(code.text));
    for route in routes().iter().filter(|r| r.surface == "console") {
        if route.operation["security"]
            .as_array()
            .is_some_and(Vec::is_empty)
        {
            continue;
        }
        let name = route.name();
        let nobody = console(&world, route, None, false).await;
        assert_eq!(kept(&nobody), problem(&codes::NO_SESSION), "{name}");
        assert_eq!(nobody.headers["content-type"], "application/problem+json");
        if route.method != "GET" {
            let no_token = console(&world, route, Some(&ann), false).await;
            assert_eq!(kept(&no_token), problem(&codes::CSRF), "{name}");
        }
        if OWN.contains(&route.operation["operationId"].as_str().unwrap()) {
            continue;
        }
        let guest = console(&world, route, Some(&ann), true).await;
        let (status, code, detail) = kept(&guest);
        assert_eq!(
            (status, code),
            (403, json!("forbidden")),
            "{name}: {}",
            guest.body
        );
        assert!(
            detail
                .as_str()
                .unwrap()
                .starts_with("You need the permission"),
            "{name}: {detail}"
        );
    }
}

#[tokio::test]
async fn a_tester_looks_and_talks_and_changes_nothing() {
    /// What changes nothing though it is no GET.
    const HARMLESS: [&str; 4] = [
        "consoleChat",
        "consoleExplain",
        "consoleTestPattern",
        "consoleTryPayloadKey",
    ];
    let world = world(0.0).await;
    let ann = sign_in(&world).await;
    let users = world.ctx.store().users();
    let mut person = users.list(&world.caller.account).await.unwrap().remove(0);
    person.role = "tester".to_owned();
    users.set_profile(&person).await.unwrap();
    for route in routes().iter().filter(|r| r.surface == "console") {
        let id = route.operation["operationId"].as_str().unwrap();
        let open = route.operation["security"].as_array();
        let own = OWN.contains(&id) || open.is_some_and(Vec::is_empty);
        if own || route.method == "GET" || HARMLESS.contains(&id) {
            continue;
        }
        let tester = console(&world, route, Some(&ann), true).await;
        assert_eq!(tester.status, 403, "{}: {}", route.name(), tester.body);
    }
}

#[tokio::test]
async fn everybody_reaches_what_is_open() {
    let world = world(0.0).await;
    for route in routes().iter().filter(|r| r.surface == "open") {
        let answer = world.knock(route, "", None).await;
        if route.operation["operationId"] == LINKED {
            assert_eq!(answer.status, 404, "{}", route.name());
            continue;
        }
        if route.operation["tags"] == json!(["login"]) {
            // open to everybody who brings something that is checked there
            let said = said(route, &answer);
            assert_eq!(said, refusal(&codes::CREDENTIALS), "{}", route.name());
            continue;
        }
        assert!(answer.status.is_success(), "{}", route.name());
    }
}
