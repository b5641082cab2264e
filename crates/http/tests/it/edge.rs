//! What is refused at the door, and what every answer carries.

use crate::world::{World, world};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Request, request::Builder},
};
use http_api::{HttpSettings, router};
use serde_json::{Value, json};
use std::{convert::Infallible, net::SocketAddr, time::Duration};
use tower::ServiceExt;

async fn find_intent(world: &World) -> (Builder, String) {
    let app = world.app("web", false).await;
    let scope = "Intent and Entity Detection".to_owned();
    world.grant(&app, &[scope]).await;
    world.publish().await;
    let path = format!("/api/v1.1/rest/bot/{}/findIntent", world.bot);
    let token = app.token(&json!({}));
    (Request::post(path).header("auth", &token), token)
}

fn body() -> Body {
    Body::from(json!({"input": "where is my parcel", "streamName": "Parcel desk"}).to_string())
}

#[tokio::test]
async fn answers_say_what_is_left_of_the_window_and_when_to_come_again() {
    let world = world(1.0).await;
    let (request, token) = find_intent(&world).await;
    let path = request.uri_ref().unwrap().to_string();
    let first = world.send(request.body(body()).unwrap()).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.headers["ratelimit-limit"], "60");
    assert_eq!(first.headers["ratelimit-remaining"], "59");
    assert_eq!(first.headers["ratelimit-reset"], "60");
    assert!(!first.headers.contains_key("retry-after"));
    for _ in 0..59 {
        let request = Request::post(&path).header("auth", &token);
        world.send(request.body(body()).unwrap()).await;
    }
    world.clock.advance(10_000);
    let request = Request::post(&path).header("auth", &token);
    let full = world.send(request.body(body()).unwrap()).await;
    assert_eq!(full.status, 429);
    assert_eq!(full.headers["retry-after"], "50");
    assert_eq!(full.headers["ratelimit-limit"], "60");
    assert_eq!(full.headers["ratelimit-remaining"], "0");
    assert_eq!(full.headers["ratelimit-reset"], "50");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_with_the_reason() {
    let world = world(0.0).await;
    let (request, token) = find_intent(&world).await;
    let path = request.uri_ref().unwrap().to_string();
    let deep = format!(
        "{{\"input\": {}{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let long = format!("{{\"input\": \"{}\"}}", "x".repeat(1 << 20));
    for (sent, status, said) in [
        (Vec::new(), 400, "body: must be a JSON object, and is empty"),
        (
            deep.into_bytes(),
            400,
            "body: must not be nested deeper than 127 levels",
        ),
        (
            b"{\"input\": \"\xff\"}".to_vec(),
            400,
            "body: is not UTF-8 (byte 11)",
        ),
        (
            long.into_bytes(),
            413,
            "The body of the request is too long",
        ),
    ] {
        let request = Request::post(&path).header("auth", &token);
        let answer = world.send(request.body(Body::from(sent)).unwrap()).await;
        assert_eq!(answer.status, status, "{said}");
        assert_eq!(
            answer.body,
            json!({"errors": [{"msg": said, "code": status}]})
        );
    }
    let request = Request::post(&path).header("auth", &token);
    let two = world
        .send(request.body(Body::from("{\"input\": 7}")).unwrap())
        .await;
    let said: Vec<&Value> = two.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["msg"])
        .collect();
    assert_eq!(said, ["input: must be a text", "streamName: is required"]);
}

#[tokio::test]
async fn headers_that_are_too_long_or_no_text_are_refused() {
    let world = world(0.0).await;
    let (request, _) = find_intent(&world).await;
    let path = request.uri_ref().unwrap().to_string();
    let long = Request::post(&path).header("auth", "x".repeat(1 << 20));
    let long = world.send(long.body(body()).unwrap()).await;
    let said = "The headers of the request are too long";
    assert_eq!(long.status, 431);
    assert_eq!(long.body, json!({"errors": [{"msg": said, "code": 431}]}));
    let bytes = HeaderValue::from_bytes(b"\xff\xfe.a.b").unwrap();
    let request = Request::post(&path).header("authorization", bytes.clone());
    let missing = world.send(request.body(body()).unwrap()).await;
    let request = Request::post(&path).header("auth", bytes);
    let broken = world.send(request.body(body()).unwrap()).await;
    for answer in [missing, broken] {
        let said = "Invalid SDK credentials";
        assert_eq!(answer.status, 401);
        assert_eq!(
            answer.body,
            json!({"errors": [{"msg": said, "code": 4002}]})
        );
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_answer_in_the_shape_of_their_family() {
    let world = world(0.0).await;
    for (method, path, status, said) in [
        (
            "GET",
            "/api/public/nothing",
            404,
            "There is no such endpoint",
        ),
        (
            "DELETE",
            "/openapi.json",
            405,
            "The endpoint does not take this method",
        ),
        (
            "GET",
            "/chatbot/hooks/st-1",
            405,
            "The endpoint does not take this method",
        ),
    ] {
        let request = Request::builder().method(method).uri(path);
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.body["errors"][0]["msg"], said, "{path}");
        assert_eq!(
            answer.body.get("_v").is_some(),
            path.starts_with("/chatbot")
        );
    }
}

#[tokio::test]
async fn a_request_that_never_ends_is_given_up() {
    let world = world(0.0).await;
    let (request, _) = find_intent(&world).await;
    let settings = HttpSettings {
        timeout: Duration::from_millis(50),
        ..HttpSettings::default()
    };
    let endless = futures::stream::pending::<Result<Vec<u8>, Infallible>>();
    let request = request.body(Body::from_stream(endless)).unwrap();
    let answer = router(world.ctx.clone(), settings)
        .oneshot(request)
        .await
        .unwrap();
    assert_eq!(answer.status(), 408);
    assert!(answer.headers().contains_key("x-request-id"));
}

#[tokio::test]
async fn the_audit_names_the_address_of_the_caller_behind_trusted_proxies() {
    let world = world(0.0).await;
    let settings = HttpSettings {
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..HttpSettings::default()
    };
    let router = router(world.ctx.clone(), settings);
    for (peer, address) in [
        ([10, 0, 0, 1], "198.51.100.7"),
        ([203, 0, 113, 9], "203.0.113.9"),
    ] {
        let sign_in = json!({"email": "ann@example.com", "password": crate::world::PASSWORD});
        let request = Request::post("/api/console/v1/session")
            .extension(ConnectInfo(SocketAddr::from((peer, 5000))))
            .header("host", "localhost")
            .header("x-forwarded-for", "6.6.6.6, 198.51.100.7, 10.9.9.9")
            .header("content-type", "application/json")
            .body(Body::from(sign_in.to_string()));
        let answer = router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
        let page = types::page::PageIn {
            limit: 50,
            cursor: None,
        };
        let rows = world
            .ctx
            .store()
            .audit()
            .list(&world.caller.account, &Default::default(), &page)
            .await
            .unwrap();
        let noted: Vec<_> = rows
            .items
            .iter()
            .filter_map(|r| r.new.address.as_deref())
            .collect();
        assert!(noted.contains(&address), "{noted:?}");
        assert!(!noted.contains(&"6.6.6.6"), "{noted:?}");
    }
}

#[tokio::test]
async fn the_page_of_the_document_loads_from_this_server_only() {
    let world = world(0.0).await;
    let page = world
        .send(Request::get("/docs/api").body(Body::empty()).unwrap())
        .await;
    let to = page.headers["location"].to_str().unwrap().to_owned();
    let page = world
        .send(Request::get(&to).body(Body::empty()).unwrap())
        .await;
    let html = String::from_utf8(page.bytes.to_vec()).unwrap();
    let files = html
        .split(['"'])
        .filter(|part| part.ends_with(".js") || part.ends_with(".css"));
    let files: Vec<&str> = files.collect();
    assert!(files.len() >= 4, "{html}");
    for file in files {
        assert!(!file.contains("://"), "{file}");
        let request = Request::get(format!("/docs/api/{}", file.trim_start_matches("./")));
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{file}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("connect-src 'self'"));
        if file.ends_with("initializer.js") {
            let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
            assert!(text.contains("validatorUrl: null") && text.contains("'/openapi.json'"));
        }
    }
}

#[tokio::test]
async fn a_channel_token_with_a_jti_speaks_for_the_first_user_only_and_not_on_the_api() {
    let world = world(0.0).await;
    let app = world.app("web", false).await;
    world.publish().await;
    let now = crate::world::NOW;
    let hook = format!("/chatbot/hooks/{}", world.bot);
    let api = format!("/api/v1.1/rest/bot/{}/findIntent", world.bot);
    let say = async |token: &str, from: &str| {
        let body = json!({"message": {"text": "hello"}, "from": {"id": from}}).to_string();
        let request = Request::post(&hook).header("authorization", format!("bearer {token}"));
        world
            .send(request.body(Body::from(body)).unwrap())
            .await
            .status
            .as_u16()
    };
    let ask = async |token: &str| {
        let request = Request::post(&api).header("auth", token);
        let answer = world.send(request.body(body()).unwrap()).await;
        (
            answer.status.as_u16(),
            answer.body["errors"][0]["msg"].clone(),
        )
    };
    let replay = json!(types::codes::JTI_REPLAY.text);
    let token = app.token(&json!({"jti": "chat", "exp": now + 600}));
    assert_eq!(say(&token, "ann").await, 200);
    assert_eq!(say(&token, "ann").await, 200);
    assert_eq!(say(&token, "bob").await, 401);
    assert_eq!(ask(&token).await, (401, replay));
    // the other way round: the API saw it first
    let token = app.token(&json!({"jti": "api", "exp": now + 600}));
    assert_eq!(ask(&token).await.0, 403);
    assert_eq!(say(&token, "ann").await, 401);
    // another subject under the same jti
    let token = app.token(&json!({"jti": "chat", "exp": now + 600, "sub": "zoe"}));
    assert_eq!(say(&token, "ann").await, 401);
    // without a jti a token is bound to nobody
    let token = app.token(&json!({"exp": now + 600}));
    assert_eq!(
        (say(&token, "ann").await, say(&token, "bob").await),
        (200, 200)
    );
}
