//! The console's endpoints for keys, admin scopes, payload keys and rules of security.

use crate::world::{Answer, PASSWORD, World, account, world};
use axum::{body::Body, http::Request};
use jose::{Accept, Jwe, Kind, Opener, PrivateKey};
use serde_json::{Value, json};
use service::admin::{apps, keys, security};

/// What a browser holds after a sign-in.
struct Browser {
    cookie: String,
    csrf: String,
}

async fn sign_in(world: &World, email: &str) -> Answer {
    let body = json!({"email": email, "password": PASSWORD}).to_string();
    let request = Request::post("/api/console/v1/session")
        .header("host", "127.0.0.1:8080")
        .header("content-type", "application/json")
        .body(Body::from(body));
    world.send(request.unwrap()).await
}

impl Browser {
    async fn of(world: &World, email: &str) -> Self {
        let answer = sign_in(world, email).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        Self {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            csrf: answer.body["csrfToken"].as_str().unwrap().to_owned(),
        }
    }

    async fn call(&self, world: &World, method: &str, path: &str, body: Value) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/console/v1{path}"))
            .header("host", "127.0.0.1:8080")
            .header("cookie", &self.cookie)
            .header("x-csrf-token", &self.csrf);
        let body = match body {
            Value::Null => Body::empty(),
            body => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
        };
        world.send(request.body(body).unwrap()).await
    }
}

#[tokio::test]
async fn admin_scopes_are_set_listed_and_taken_away_in_the_own_account_only() {
    let world = world(0.0).await;
    let ann = Browser::of(&world, "ann@example.com").await;
    let new = json!({"name": "ops", "kind": "admin", "algorithm": "HS256"});
    let made = ann.call(&world, "POST", "/apps", new).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["app"]["clientId"].as_str().unwrap().to_owned();
    let path = format!("/account/scope-mappings/{id}");
    let set = ann
        .call(
            &world,
            "PUT",
            &path,
            json!({"scopes": ["Publish", "bot import"]}),
        )
        .await;
    assert_eq!(
        set.body["scopes"],
        json!(["bot_definition:bot_import", "bot_publish:publish_request"])
    );
    let listed = ann
        .call(&world, "GET", "/account/scope-mappings", Value::Null)
        .await;
    assert_eq!(
        (
            &listed.body["items"][0]["clientId"],
            &listed.body["items"][0]["appName"]
        ),
        (&json!(id), &json!("ops"))
    );
    let wrong = ann
        .call(&world, "PUT", &path, json!({"scopes": ["Publsh"]}))
        .await;
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.body["fields"][0]["message"]
            .as_str()
            .unwrap()
            .contains("Publish")
    );

    account(&world.ctx, "Other", "bob@example.com").await;
    let bob = Browser::of(&world, "bob@example.com").await;
    let listed = bob
        .call(&world, "GET", "/account/scope-mappings", Value::Null)
        .await;
    assert_eq!(listed.body["items"], json!([]));
    for (method, path, body) in [
        ("PUT", path.clone(), json!({"scopes": []})),
        ("DELETE", path.clone(), Value::Null),
        ("POST", format!("/apps/{id}/key"), json!({})),
        ("POST", format!("/apps/{id}/key/end-grace"), Value::Null),
        (
            "PUT",
            format!("/apps/{id}/payload-key"),
            json!({"symmetricKey": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}),
        ),
        ("DELETE", format!("/apps/{id}/payload-key"), Value::Null),
        ("POST", format!("/apps/{id}/payload-key/try"), Value::Null),
    ] {
        let answer = bob.call(&world, method, &path, body).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
    }
    assert_eq!(
        ann.call(&world, "DELETE", &path, Value::Null).await.status,
        204
    );
    assert_eq!(
        ann.call(&world, "DELETE", &path, Value::Null).await.status,
        404
    );
}

#[tokio::test]
async fn a_payload_key_is_set_tried_and_taken_away_and_never_shown() {
    let world = world(0.0).await;
    let ann = Browser::of(&world, "ann@example.com").await;
    let app = world.app("web", false).await;
    let path = format!("/apps/{}/payload-key", app.id);
    let private = PrivateKey::generate(Kind::P256).unwrap();
    let public = private.public().pem().unwrap();
    let set = ann
        .call(&world, "PUT", &path, json!({"publicKey": public}))
        .await;
    assert_eq!(
        (
            &set.body["payload"],
            &set.body["enforcePayload"],
            &set.body["payloadPrint"]
        ),
        (
            &json!("public"),
            &json!(true),
            &json!(private.public().thumbprint())
        )
    );
    let tried = ann
        .call(&world, "POST", &format!("{path}/try"), Value::Null)
        .await;
    let text = tried.body["answer"].to_string();
    let jwe = Jwe::read(text.as_bytes(), 10_000, &Accept::PAYLOAD).unwrap();
    assert_eq!(
        jwe.open(&Opener::Private(private.clone())).unwrap(),
        br#"{"sample":true}"#
    );
    let off = ann
        .call(&world, "PUT", &path, json!({"enforce": false}))
        .await;
    assert_eq!(
        (&off.body["payload"], &off.body["enforcePayload"]),
        (&json!("public"), &json!(false))
    );
    let shared = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let set = ann
        .call(&world, "PUT", &path, json!({"symmetricKey": shared}))
        .await;
    assert_eq!(set.body["payload"], "symmetric");
    let shown = ann
        .call(&world, "GET", &format!("/apps/{}", app.id), Value::Null)
        .await;
    assert!(!String::from_utf8_lossy(&shown.bytes).contains(shared));
    for (body, field) in [
        (
            json!({"publicKey": private.pem().unwrap().expose()}),
            "publicKey",
        ),
        (json!({"publicKey": ""}), "publicKey"),
        (json!({"symmetricKey": "c2hvcnQ="}), "symmetricKey"),
        (
            json!({"publicKey": public, "symmetricKey": shared}),
            "symmetricKey",
        ),
        (json!({}), "publicKey"),
    ] {
        let wrong = ann.call(&world, "PUT", &path, body).await;
        assert_eq!(
            (wrong.status.as_u16(), &wrong.body["fields"][0]["field"]),
            (400, &json!(field))
        );
    }
    assert_eq!(
        ann.call(&world, "DELETE", &path, Value::Null).await.status,
        204
    );
    assert_eq!(
        ann.call(&world, "DELETE", &path, Value::Null).await.status,
        404
    );
}

#[tokio::test]
async fn keys_are_rotated_and_retired_after_a_fresh_proof_only() {
    let world = world(0.0).await;
    keys::ensure(&world.ctx).await.unwrap();
    let ann = Browser::of(&world, "ann@example.com").await;
    let listed = ann.call(&world, "GET", "/keys", Value::Null).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 2);
    assert!(listed.body["items"][0]["publicKey"].get("d").is_none());
    let kid = listed.body["items"][0]["kid"].as_str().unwrap().to_owned();
    let rotated = ann.call(&world, "POST", "/keys/rotate", Value::Null).await;
    assert_eq!(
        rotated.body["items"].as_array().unwrap().len(),
        4,
        "{}",
        rotated.body
    );
    let retire = format!("/keys/{kid}/retire");
    let retired = ann.call(&world, "POST", &retire, Value::Null).await;
    let item = retired.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|k| k["kid"] == kid.as_str());
    assert_eq!(item.unwrap()["state"], "retired");
    assert_eq!(
        ann.call(&world, "POST", &retire, Value::Null).await.status,
        409
    );
    // the sign-in stays alive, its proof grows old
    for _ in 0..2 {
        world.clock.advance(10 * 60_000);
        ann.call(&world, "GET", "/session", Value::Null).await;
    }
    for path in ["/keys/rotate".to_owned(), retire] {
        let late = ann.call(&world, "POST", &path, Value::Null).await;
        assert_eq!(
            (late.status.as_u16(), &late.body["code"]),
            (403, &json!("step_up_required"))
        );
    }
}

#[tokio::test]
async fn a_key_of_an_app_is_replaced_and_a_new_secret_is_shown_once() {
    let world = world(0.0).await;
    let ann = Browser::of(&world, "ann@example.com").await;
    let app = world.app("web", false).await;
    let path = format!("/apps/{}/key", app.id);
    let changed = ann
        .call(&world, "POST", &path, json!({"algorithm": "HS512"}))
        .await;
    assert_eq!(changed.body["app"]["algorithm"], "HS512");
    assert_eq!(changed.body["clientSecret"].as_str().unwrap().len(), 88);
    let key = PrivateKey::generate(Kind::Ed25519).unwrap();
    let body = json!({"algorithm": "EdDSA", "publicKey": key.public().pem().unwrap()});
    let changed = ann.call(&world, "POST", &path, body).await;
    assert_eq!(
        (
            &changed.body["app"]["algorithm"],
            &changed.body["clientSecret"]
        ),
        (&json!("EdDSA"), &json!(""))
    );
    let wrong = ann
        .call(&world, "POST", &path, json!({"algorithm": "RS256"}))
        .await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.body["fields"][0]["field"]),
        (400, &json!("publicKey"))
    );
}

#[tokio::test]
async fn rules_are_changed_by_patch_and_addresses_hold_at_each_request() {
    let world = world(0.0).await;
    let ann = Browser::of(&world, "ann@example.com").await;
    let path = "/settings/security";
    let changed = ann
        .call(&world, "PATCH", path, json!({"requireExpiry": true}))
        .await;
    assert_eq!(
        (&changed.body["requireExpiry"], &changed.body["restrict"]),
        (&json!(true), &json!(false))
    );
    for body in [
        json!({"addresses": "10.0.0.0/99"}),
        json!({"restrict": true}),
    ] {
        let wrong = ann.call(&world, "PATCH", path, body).await;
        assert_eq!(wrong.body["fields"][0]["field"], "addresses");
    }
    assert_eq!(
        ann.call(&world, "PATCH", path, json!({"hardenned": true}))
            .await
            .status,
        400
    );
    let rules = security::SecurityPatch {
        restrict: Some(true),
        addresses: Some("10.0.0.0/8".into()),
        ..Default::default()
    };
    security::set(&world.ctx, &world.caller, rules)
        .await
        .unwrap();
    // the test has no address, so nobody is let in, and a wrong password tells no more than before
    let late = ann.call(&world, "GET", "/session", Value::Null).await;
    assert_eq!(
        (late.status.as_u16(), &late.body["code"]),
        (403, &json!("address_not_allowed"))
    );
    let refused = sign_in(&world, "ann@example.com").await;
    assert_eq!(
        (refused.status.as_u16(), &refused.body["code"]),
        (403, &json!("address_not_allowed"))
    );
    account(&world.ctx, "Other", "bob@example.com").await;
    assert_eq!(
        sign_in(&world, "bob@example.com").await.status,
        200,
        "another account has its own rules"
    );
}

#[tokio::test]
async fn the_hardened_profile_makes_strict_apps_in_the_console_too() {
    let world = world(0.0).await;
    let ann = Browser::of(&world, "ann@example.com").await;
    ann.call(
        &world,
        "PATCH",
        "/settings/security",
        json!({"hardened": true}),
    )
    .await;
    let new = json!({"name": "strict", "kind": "platform", "algorithm": "HS256"});
    let made = ann.call(&world, "POST", "/apps", new).await;
    let app = &made.body["app"];
    assert_eq!(
        (&app["enforceJti"], &app["enforceJwe"]),
        (&json!(true), &json!(true))
    );
    let rs = json!({"name": "old", "kind": "platform", "algorithm": "RS256"});
    let refused = ann.call(&world, "POST", "/apps", rs).await;
    assert_eq!(refused.body["fields"][0]["field"], "algorithm");
    let view = apps::list(&world.ctx, &world.caller, &Default::default())
        .await
        .unwrap();
    assert_eq!(view.len(), 1);
}
