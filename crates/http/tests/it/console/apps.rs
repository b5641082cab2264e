//! Client apps: what is refused, and by whom they were seen.

use super::*;
use service::console::login::PROOF_MS;

fn named(answer: &Answer) -> Vec<&str> {
    let fields = answer.body["fields"].as_array().unwrap();
    fields
        .iter()
        .map(|f| f["field"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn every_wrong_field_of_a_request_is_named_at_once() {
    let world = world().await;
    let owner = world.owner().await;
    let (client, _) = world.app(&owner, "first").await;
    let data = json!({"name": "reader", "kind": "data", "algorithm": "HS256"});
    let data = world.call(&owner, "POST", "/apps", data).await;
    let data = data.body["app"]["clientId"].as_str().unwrap().to_owned();
    let long = "x".repeat(201);
    let rows = json!({"items": [{"kind": "row", "name": "a"}, {"kind": "table"}, {"kind": "definitions", "delete": true}]});
    let keys = json!({"name": "\u{7}", "kind": "platform", "algorithm": "RS256", "publicKey": "no key", "botId": "x",
        "payloadPublicKey": "no key either"});
    for (method, path, body, wrong) in [
        (
            "GET",
            "/apps?kind=x&agent=y".to_owned(),
            Value::Null,
            vec!["kind", "agent"],
        ),
        (
            "GET",
            format!("/audit?actor={long}&from=soon&to=late&botId=x&limit=0"),
            Value::Null,
            vec!["actor", "from", "to", "botId", "limit"],
        ),
        (
            "GET",
            "/audit/export?from=soon&botId=x".to_owned(),
            Value::Null,
            vec!["from", "botId"],
        ),
        (
            "POST",
            "/apps".to_owned(),
            json!({}),
            vec!["name", "kind", "algorithm"],
        ),
        (
            "POST",
            "/apps".to_owned(),
            keys,
            vec!["botId", "name", "publicKey", "payloadPublicKey"],
        ),
        (
            "POST",
            "/apps".to_owned(),
            json!({"name": 7, "kind": "platform", "enforceJti": "yes"}),
            vec!["name", "enforceJti"],
        ),
        (
            "PATCH",
            format!("/apps/{client}"),
            json!({"name": " ", "state": "off"}),
            vec!["name", "state"],
        ),
        (
            "POST",
            format!("/apps/{client}/key"),
            json!({"algorithm": "none", "graceHours": 73}),
            vec!["graceHours", "algorithm"],
        ),
        (
            "PUT",
            format!("/apps/{data}/data-grants"),
            rows,
            vec!["items[0].kind", "items[1].name", "items[2].delete"],
        ),
        (
            "PATCH",
            format!("/apps/{client}"),
            json!({"enforceJit": true, "x": 1}),
            vec!["enforceJit", "x"],
        ),
        (
            "POST",
            format!("/apps/{client}/secret/rotate"),
            json!({"graceHours": -1}),
            vec!["graceHours"],
        ),
        (
            "POST",
            "/apps".to_owned(),
            json!(["a", "platform", "HS256"]),
            vec!["body"],
        ),
        (
            "POST",
            "/session/passkeys".to_owned(),
            json!({"publicKey": "!"}),
            vec!["name", "passkey"],
        ),
    ] {
        let answer = world
            .call_at("localhost:8080", &owner, method, &path, body)
            .await;
        assert_eq!(
            answer.refusal(),
            (400, "bad_request"),
            "{path}: {}",
            answer.body
        );
        assert_eq!(named(&answer), wrong, "{method} {path}");
    }
}

#[tokio::test]
async fn an_app_is_changed_only_as_it_was_seen() {
    let world = world().await;
    let owner = world.owner().await;
    let (client, _) = world.app(&owner, "first").await;
    let path = format!("/apps/{client}");
    let shown = world.call(&owner, "GET", &path, Value::Null).await;
    let seen = shown.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(seen.trim_matches('"'), shown.body["tag"]);
    world.clock.advance(1000);
    let as_seen = |method: &'static str, path: String, body: Value, seen: String| {
        let (world, owner) = (&world, &owner);
        async move {
            let host = "127.0.0.1:8080";
            world
                .call_as_seen(host, owner, method, &path, body, Some(&seen))
                .await
        }
    };
    let renamed = as_seen(
        "PATCH",
        path.clone(),
        json!({"name": "second"}),
        seen.clone(),
    )
    .await;
    assert_eq!(renamed.status, 200, "{}", renamed.body);
    let now = renamed.headers["etag"].to_str().unwrap().to_owned();
    assert_ne!(now, seen);
    for (method, path, body) in [
        ("PATCH", path.clone(), json!({"name": "third"})),
        ("DELETE", path.clone(), Value::Null),
        (
            "PUT",
            format!("{path}/payload-key"),
            json!({"symmetricKey": "x"}),
        ),
        ("DELETE", format!("{path}/payload-key"), Value::Null),
        ("POST", format!("{path}/key"), json!({"algorithm": "HS512"})),
    ] {
        let stale = as_seen(method, path, body, seen.clone()).await;
        assert_eq!(stale.refusal(), (412, "changed_meanwhile"), "{method}");
        let said = stale.body["detail"].as_str().unwrap();
        assert!(
            said.starts_with("The app was changed by ann@example.com at 2027-"),
            "{said}"
        );
    }
    // its use changes nothing that somebody could have seen
    let touched = types::id::ClientId::parse(&client).unwrap();
    let uses = [(touched, 5)];
    world.ctx.store().apps().touch(&uses).await.unwrap();
    assert_eq!(as_seen("DELETE", path, Value::Null, now).await.status, 204);
}

#[tokio::test]
async fn a_name_is_taken_however_it_is_written() {
    let world = world().await;
    let owner = world.owner().await;
    world.app(&owner, "Parcel Straße").await;
    for name in [
        "parcel straße",
        " Parcel Straße ",
        "PARCEL STRASSE",
        "Parcel\u{a0}Straße",
        "Ｐarcel Straße",
    ] {
        let body = json!({"name": name, "kind": "platform", "algorithm": "HS256"});
        let answer = world.call(&owner, "POST", "/apps", body).await;
        assert_eq!(
            (answer.refusal().0, named(&answer)),
            (409, vec!["name"]),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_secret_is_shown_after_a_fresh_proof_only() {
    let world = world().await;
    let owner = world.owner().await;
    let (client, secret) = world.app(&owner, "first").await;
    let path = format!("/apps/{client}/secret/reveal");
    let shown = world.call(&owner, "POST", &path, Value::Null).await;
    assert_eq!(shown.body["secret"], json!(secret));
    let seen = async || {
        world
            .call(&owner, "GET", "/session", Value::Null)
            .await
            .status
    };
    world.clock.advance(PROOF_MS - 60_000);
    assert_eq!(seen().await, 200);
    world.clock.advance(61_000);
    let late = world.call(&owner, "POST", &path, Value::Null).await;
    assert_eq!(late.refusal(), (403, "step_up_required"));
}
