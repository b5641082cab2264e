//! Encrypted payloads, and the keys that clients encrypt to.

use crate::world::{Answer, App, NOW, World, world};
use axum::{body::Body, http::Request};
use jose::{Accept, Content, Jwe, Kind, Opener, PrivateKey, PublicKey, Recipient, SharedKey, Wrap};
use serde_json::{Map, Value, json};
use service::admin::{
    keys,
    payload::{self, NewPayload, PayloadText},
};
use types::Secret;

const SHARED: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A client with a key of one kind.
struct Client {
    app: App,
    opener: Opener,
    accept: Accept,
}

impl Client {
    async fn new(world: &World, name: &str, key: &str, enforce: bool) -> Self {
        let app = world.app(name, false).await;
        world
            .grant(&app, &["Bot Sessions".into(), "Chat History".into()])
            .await;
        let (key, opener, accept) = match key {
            "shared" => (
                PayloadText::Shared(Secret::new(SHARED)),
                Opener::Shared(SharedKey::read(SHARED).unwrap()),
                Accept::SHARED,
            ),
            kind => {
                let kind = match kind {
                    "rsa" => Kind::Rsa { bits: 2048 },
                    _ => Kind::P256,
                };
                let private = PrivateKey::generate(kind).unwrap();
                let public = private.public().pem().unwrap();
                (
                    PayloadText::Public(public),
                    Opener::Private(private),
                    Accept::PAYLOAD,
                )
            }
        };
        let new = NewPayload { key, enforce };
        payload::set(&world.ctx, &world.caller, &app.id, new)
            .await
            .unwrap();
        Self {
            app,
            opener,
            accept,
        }
    }

    /// The protected header of an answer, and what it holds.
    fn opened(&self, answer: &Answer) -> (Value, Value) {
        assert_eq!(answer.headers["content-type"], "application/jose+json");
        let jwe = Jwe::read(&answer.bytes, 1 << 20, &self.accept).unwrap();
        let plain = jwe.open(&self.opener).unwrap();
        let header = Value::Object(jwe.header().0.clone());
        assert_eq!(
            header["rid"],
            answer.headers["x-request-id"].to_str().unwrap()
        );
        assert_eq!(header["sts"], answer.status.as_u16());
        assert_eq!(
            (&header["cty"], &header["iat"]),
            (&json!("application/json"), &json!(NOW))
        );
        assert!(header.get("htm").is_none());
        (header, serde_json::from_slice(&plain).unwrap())
    }
}

fn path(world: &World) -> String {
    format!("/api/public/bot/{}/getSessions", world.bot)
}

/// What a request says about itself.
fn about(world: &World, client: &Client) -> Value {
    json!({"appId": client.app.id, "htm": "POST", "htu": path(world), "iat": NOW})
}

/// The platform's public key of a kind, with its id.
async fn platform(world: &World, kty: &str) -> (String, PublicKey) {
    keys::ensure(&world.ctx).await.unwrap();
    let request = Request::get("/.well-known/jwks.json")
        .body(Body::empty())
        .unwrap();
    let set = world.send(request).await.body;
    let keys = set["keys"].as_array().unwrap();
    let key = keys.iter().find(|k| k["kty"] == kty).unwrap();
    let public = PublicKey::read(&key.to_string()).unwrap();
    (key["kid"].as_str().unwrap().to_owned(), public)
}

/// A request body as a client makes it, in flattened JSON form.
async fn sealed(world: &World, wrap: Wrap, header: &Value, body: &Value) -> String {
    let mut header: Map<String, Value> = header.as_object().unwrap().clone();
    let to = match wrap {
        Wrap::Dir | Wrap::A256Kw => Recipient::Shared(SharedKey::read(SHARED).unwrap()),
        wrap => {
            let kty = if wrap == Wrap::EcdhEsA256Kw {
                "EC"
            } else {
                "RSA"
            };
            let (kid, public) = platform(world, kty).await;
            header.insert("kid".into(), json!(kid));
            Recipient::Public(public)
        }
    };
    let text = body.to_string();
    jose::seal(&to, wrap, Content::A256Gcm, &header, text.as_bytes())
        .unwrap()
        .json()
}

async fn post(world: &World, app: &App, kind: &str, body: String) -> Answer {
    let request = Request::post(path(world))
        .header("auth", app.token(&json!({})))
        .header("content-type", kind)
        .body(Body::from(body));
    world.send(request.unwrap()).await
}

const JOSE: &str = "application/jose+json";

#[tokio::test]
async fn a_request_is_opened_and_its_answer_sealed_in_both_modes() {
    let world = world(0.0).await;
    let clients = [
        (
            Client::new(&world, "rsa", "rsa", true).await,
            vec![Wrap::RsaOaep256, Wrap::EcdhEsA256Kw],
        ),
        (
            Client::new(&world, "ec", "ec", true).await,
            vec![Wrap::RsaOaep256, Wrap::EcdhEsA256Kw],
        ),
        (
            Client::new(&world, "shared", "shared", true).await,
            vec![Wrap::Dir, Wrap::A256Kw],
        ),
    ];
    world.publish().await;
    for (client, wraps) in &clients {
        for wrap in wraps {
            for kind in [JOSE, "application/json"] {
                let mut header = about(&world, client);
                header["nonce"] = json!("n-1");
                let body = sealed(&world, *wrap, &header, &json!({"limit": 1})).await;
                let answer = post(&world, &client.app, kind, body).await;
                assert_eq!(answer.status, 200, "{wrap:?}");
                let (header, body) = client.opened(&answer);
                assert_eq!(header["nonce"], "n-1");
                assert_eq!(body["total"], 0);
            }
        }
    }
}

#[tokio::test]
async fn an_enforced_app_gets_every_answer_past_authentication_sealed() {
    let world = world(0.0).await;
    let client = Client::new(&world, "ec", "ec", true).await;
    world.publish().await;
    for body in [String::new(), "{}".to_owned(), "nonsense".to_owned()] {
        let answer = post(&world, &client.app, "application/json", body).await;
        assert_eq!(answer.status, 400);
        let (_, body) = client.opened(&answer);
        assert_eq!(
            body["errors"][0],
            json!({"msg": "Request payload must be encrypted", "code": 4005})
        );
    }
    // past the layer: what the handler refuses
    let header = about(&world, &client);
    let wrong = sealed(
        &world,
        Wrap::EcdhEsA256Kw,
        &header,
        &json!({"limit": "many"}),
    )
    .await;
    let answer = post(&world, &client.app, JOSE, wrong).await;
    assert_eq!(answer.status, 400);
    assert!(
        client.opened(&answer).1["errors"][0]["msg"]
            .as_str()
            .unwrap()
            .starts_with("limit")
    );
    // another agent
    let mut header = header.clone();
    header["htu"] = json!("/api/public/bot/st-unknown/getSessions");
    let body = sealed(&world, Wrap::EcdhEsA256Kw, &header, &json!({})).await;
    let request = Request::post("/api/public/bot/st-unknown/getSessions")
        .header("auth", client.app.token(&json!({})))
        .header("content-type", JOSE)
        .body(Body::from(body));
    let answer = world.send(request.unwrap()).await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        client.opened(&answer).1["errors"][0]["msg"],
        "Bot not found"
    );
    // before authentication in clear
    let request = Request::post(path(&world)).body(Body::empty()).unwrap();
    let answer = world.send(request).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body["errors"][0]["code"]),
        (401, &json!(401))
    );
}

#[tokio::test]
async fn a_request_made_for_something_else_is_refused() {
    let world = world(0.0).await;
    let client = Client::new(&world, "ec", "ec", true).await;
    let other = Client::new(&world, "other", "ec", true).await;
    world.publish().await;
    let wrap = Wrap::EcdhEsA256Kw;
    let mut bodies = Vec::new();
    for (name, value) in [
        ("appId", json!(other.app.id)),
        ("htm", json!("PUT")),
        ("htu", json!("/elsewhere")),
        ("htu", json!(format!("{}?a=b", path(&world)))),
        ("iat", json!(NOW - 301)),
        ("iat", json!(NOW + 301)),
        ("iat", Value::Null),
        ("nonce", json!("x".repeat(300))),
        ("nonce", json!(7)),
    ] {
        let mut header = about(&world, &client);
        header[name] = value;
        bodies.push(sealed(&world, wrap, &header, &json!({})).await);
    }
    let good = sealed(&world, wrap, &about(&world, &client), &json!({})).await;
    let mut changed: Value = serde_json::from_str(&good).unwrap();
    changed["tag"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
    bodies.push(changed.to_string());
    let mut unprotected: Value = serde_json::from_str(&good).unwrap();
    unprotected["unprotected"] = json!({"x": 1});
    bodies.push(unprotected.to_string());
    // the shared mode is another arrangement
    bodies.push(sealed(&world, Wrap::Dir, &about(&world, &client), &json!({})).await);
    bodies.push("eyJ.a.b.c.d".to_owned());
    bodies.push("{}".to_owned());
    for body in bodies {
        let answer = post(&world, &client.app, JOSE, body).await;
        assert_eq!(answer.status, 400);
        let (_, said) = client.opened(&answer);
        let wanted = json!({"msg": "Request payload could not be decrypted", "code": 4006});
        assert_eq!(said["errors"][0], wanted);
    }
    assert_eq!(post(&world, &client.app, JOSE, good).await.status, 200);
}

#[tokio::test]
async fn an_answer_can_be_asked_for_sealed_and_other_operations_are_left_alone() {
    let world = world(0.0).await;
    let client = Client::new(&world, "ec", "ec", false).await;
    let bare = world.app("bare", false).await;
    world.grant(&bare, &["Bot Sessions".into()]).await;
    world.publish().await;
    let json = "application/json";
    let answer = post(&world, &client.app, json, "{}".into()).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body["total"]),
        (200, &json!(0))
    );
    let meta = json!({"includeMeta": true}).to_string();
    let answer = post(&world, &client.app, json, meta.clone()).await;
    assert_eq!(client.opened(&answer).1["total"], 0);
    let answer = post(&world, &bare, json, meta).await;
    let wanted =
        json!({"errors": [{"msg": "The app has no payload encryption key", "code": 4005}]});
    assert_eq!((answer.status.as_u16(), &answer.body), (400, &wanted));
    let body = sealed(
        &world,
        Wrap::EcdhEsA256Kw,
        &about(&world, &client),
        &json!({}),
    )
    .await;
    assert_eq!(post(&world, &bare, JOSE, body.clone()).await.body, wanted);
    // not enforced, yet encrypted: so is the answer
    client.opened(&post(&world, &client.app, JOSE, body).await);

    payload::enforce(&world.ctx, &world.caller, &client.app.id, true)
        .await
        .unwrap();
    let path = format!("/api/public/bot/{}/getMessages?userId=ann", world.bot);
    let request = Request::get(path)
        .header("auth", client.app.token(&json!({})))
        .body(Body::empty());
    let answer = world.send(request.unwrap()).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(answer.body.is_object(), "in clear");
}

#[tokio::test]
async fn a_jti_is_spent_once_by_a_request_with_a_payload() {
    let world = world(0.0).await;
    let client = Client::new(&world, "ec", "ec", true).await;
    world.publish().await;
    let body = sealed(
        &world,
        Wrap::EcdhEsA256Kw,
        &about(&world, &client),
        &json!({}),
    )
    .await;
    let token = client.app.token(&json!({"jti": "one", "exp": NOW + 60}));
    for wanted in [200, 401] {
        let request = Request::post(path(&world))
            .header("auth", &token)
            .header("content-type", JOSE)
            .body(Body::from(body.clone()));
        assert_eq!(world.send(request.unwrap()).await.status, wanted);
    }
}

#[tokio::test]
async fn the_limit_counts_once_and_its_refusal_is_sealed() {
    let world = world(1.0).await;
    let client = Client::new(&world, "ec", "ec", true).await;
    world.publish().await;
    let body = sealed(
        &world,
        Wrap::EcdhEsA256Kw,
        &about(&world, &client),
        &json!({}),
    )
    .await;
    for _ in 0..60 {
        assert_eq!(
            post(&world, &client.app, JOSE, body.clone()).await.status,
            200
        );
    }
    let answer = post(&world, &client.app, JOSE, body).await;
    assert_eq!(answer.status, 429);
    assert!(answer.headers.contains_key("retry-after"));
    client.opened(&answer);
}

#[tokio::test]
async fn the_key_set_may_be_kept_and_is_told_unchanged() {
    let world = world(0.0).await;
    keys::ensure(&world.ctx).await.unwrap();
    let get = |tag: Option<String>| {
        let mut request = Request::get("/.well-known/jwks.json");
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        world.send(request.body(Body::empty()).unwrap())
    };
    let first = get(None).await;
    assert_eq!(first.headers["content-type"], "application/jwk-set+json");
    assert_eq!(first.headers["cache-control"], "public, max-age=300");
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    let keys = first.body["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        assert!(["d", "p", "q"].iter().all(|name| key.get(name).is_none()));
    }
    for known in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        "*".to_owned(),
    ] {
        let same = get(Some(known)).await;
        assert_eq!((same.status.as_u16(), same.bytes.len()), (304, 0));
        assert_eq!(same.headers["etag"], tag.as_str());
    }
    keys::rotate(&world.ctx, &world.caller).await.unwrap();
    let after = get(Some(tag)).await;
    assert_eq!(
        (
            after.status.as_u16(),
            after.body["keys"].as_array().unwrap().len()
        ),
        (200, 4)
    );
}
