//! Copies of sample agents.

use crate::world::{self, World, world};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use service::definition::sample;
use types::id::UserId;

async fn add(world: &World, method: &str, sample: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let app = world
        .admin(
            &format!("a{}", types::clock::Ids::hex24(&types::RandomIds)),
            &["Bot Create".to_owned()],
        )
        .await;
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/api/public/samplebots/{sample}/add"))
        .header("auth", app.token(&json!({})));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    (answer.status.as_u16(), answer.body)
}

#[tokio::test]
async fn each_copy_of_a_sample_has_an_id_and_a_name_of_its_own() {
    let world = world(0.0).await;
    let sample = sample::catalogue()[0].id.to_string();
    let mut ids = vec![sample.clone()];
    for (method, tail) in [("POST", ""), ("POST", "_1"), ("GET", "_2")] {
        let (status, body) = add(&world, method, &sample, &[]).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(
            body["name"],
            format!("Parcel Desk_ann@example.com{tail}"),
            "{method}"
        );
        assert_eq!(
            (&body["originalName"], &body["state"]),
            (&json!("Parcel Desk"), &json!("setup"))
        );
        let owner = body["createdBy"].as_str().unwrap();
        assert_eq!(body["visibility"]["namespaceIds"], json!([owner]));
        assert_eq!(body["visibility"]["namespace"], "private");
        let id = body["_id"].as_str().unwrap().to_owned();
        assert!(!ids.contains(&id));
        ids.push(id);
    }
}

#[tokio::test]
async fn unknown_samples_accounts_and_people_are_missing() {
    let world = world(0.0).await;
    let sample = sample::catalogue()[0].id.to_string();
    let (status, body) = add(&world, "POST", world.bot.as_str(), &[]).await;
    assert_eq!(
        (status, &body["errors"][0]["msg"]),
        (404, &json!("Bot not found")),
        "an agent of the account is no sample"
    );
    let other = world::account(&world.ctx, "Other", "bob@example.com").await;
    let theirs = [("AccountId", other.account.as_str())];
    assert_eq!(add(&world, "POST", &sample, &theirs).await.0, 404);
    let people = world.ctx.store().users().list(&other.account).await;
    let bob: UserId = people.unwrap()[0].id.clone();
    let theirs = [("userId", bob.as_str())];
    assert_eq!(add(&world, "POST", &sample, &theirs).await.0, 404);
    let own = [("AccountId", world.caller.account.as_str())];
    assert_eq!(add(&world, "POST", &sample, &own).await.0, 200);
}
