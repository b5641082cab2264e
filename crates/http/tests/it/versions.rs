//! Versions in the console: listed, made, compared, taken back, exported, put in force again.

use crate::world::{self, Answer, Browser, World, sign_in};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use service::work;

async fn call(world: &World, who: &Browser, method: &str, path: &str, body: Value) -> Answer {
    let path = path.replace("BOT", world.bot.as_str());
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/console/v1/agents/{path}"))
        .header("host", "localhost")
        .header("cookie", &who.cookie)
        .header("x-csrf-token", &who.csrf);
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request
            .header("content-type", "application/json")
            .body(Body::from(body.to_string())),
    };
    world.send(request.unwrap()).await
}

/// Works on what waits.
async fn run(world: &World) {
    let worker = work::worker(&world.ctx, jobs::Settings::default());
    worker.run_due().await.unwrap();
}

#[tokio::test]
async fn a_version_is_made_compared_exported_taken_back_and_put_in_force() {
    let world = world::world(0.0).await;
    let ann = sign_in(&world).await;
    let body = json!({"name": "first", "description": "as imported"});
    let made = call(&world, &ann, "POST", "BOT/versions", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["number"], 1);
    let unnamed = call(&world, &ann, "POST", "BOT/versions", json!({})).await;
    assert_eq!(
        (unnamed.status.as_u16(), &unnamed.body["fields"][0]["field"]),
        (400, &json!("name"))
    );
    world.publish().await;
    let list = call(&world, &ann, "GET", "BOT/versions", Value::Null).await;
    let seen: Vec<_> = list.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                &one["number"],
                &one["inForce"],
                &one["byHand"],
                &one["name"],
            )
        })
        .collect();
    let (yes, no) = (json!(true), json!(false));
    assert_eq!(
        seen,
        [
            (&json!(2), &yes, &no, &json!("")),
            (&json!(1), &no, &yes, &json!("first"))
        ]
    );
    let one = call(&world, &ann, "GET", "BOT/versions/2", Value::Null).await;
    assert_eq!(one.body["dialogs"], 8, "{}", one.body);
    assert_eq!(one.body["trained"][0], "en");
    let zip = call(&world, &ann, "GET", "BOT/versions/1/export", Value::Null).await;
    assert_eq!(zip.headers["content-type"], "application/zip");
    assert!(zip.bytes.starts_with(b"PK"));

    let same = call(
        &world,
        &ann,
        "GET",
        "BOT/versions/1/compare?with=2",
        Value::Null,
    )
    .await;
    assert_eq!(same.body, json!({"counts": {}, "items": [], "cut": false}));
    let edit = service::definition::draft::Edit {
        action: "test.edit",
        details: json!({}),
    };
    service::definition::draft::edit(&world.ctx, &world.caller, &world.bot, &edit, |package| {
        package.definition["dialogs"].as_array_mut().unwrap().pop();
        Ok(())
    })
    .await
    .unwrap();
    let path = "BOT/versions/2/compare?with=draft";
    let differs = call(&world, &ann, "GET", path, Value::Null).await;
    assert_eq!(
        differs.body["counts"]["dialogs"],
        json!({"added": 0, "changed": 0, "removed": 1})
    );
    assert_eq!(differs.body["items"][0]["kind"], "removed");
    let back = call(&world, &ann, "POST", "BOT/versions/2/restore", json!({})).await;
    assert_eq!(back.status, 200, "{}", back.body);
    let same = call(&world, &ann, "GET", path, Value::Null).await;
    assert_eq!(same.body["items"], json!([]));

    let wrong = call(&world, &ann, "POST", "BOT/publish", json!({"version": 9})).await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.body["fields"][0]["field"]),
        (400, &json!("version"))
    );
    let asked = call(&world, &ann, "POST", "BOT/publish", json!({"version": 1})).await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    run(&world).await;
    let list = call(&world, &ann, "GET", "BOT/versions", Value::Null).await;
    assert_eq!(list.body["items"].as_array().unwrap().len(), 2);
    assert_eq!(list.body["items"][1]["inForce"], true);
    let kept = call(&world, &ann, "DELETE", "BOT/versions/1", Value::Null).await;
    assert_eq!(kept.status, 409);
    for unknown in ["BOT/versions/7", "BOT/versions/x", "BOT/versions/0"] {
        let answer = call(&world, &ann, "GET", unknown, Value::Null).await;
        assert_eq!(answer.status, 404, "{unknown}");
    }
    let again = json!({"version": 2});
    call(&world, &ann, "POST", "BOT/publish", again).await;
    run(&world).await;
    let gone = call(&world, &ann, "DELETE", "BOT/versions/1", Value::Null).await;
    assert_eq!(gone.status, 204, "{}", gone.body);
}

#[tokio::test]
async fn versions_of_another_account_answer_as_missing() {
    let world = world::world(0.0).await;
    let ann = sign_in(&world).await;
    let other = world::account(&world.ctx, "Other", "bob@example.com").await;
    let theirs = world::import(&world.ctx, &other).await;
    let made = service::definition::version::create(&world.ctx, &other, &theirs, "x", "").await;
    made.unwrap();
    for (method, path) in [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/1"),
        ("DELETE", "/1"),
        ("POST", "/1/restore"),
        ("GET", "/1/compare"),
        ("GET", "/1/export"),
    ] {
        let body = match method {
            "POST" => json!({"name": "y"}),
            _ => Value::Null,
        };
        let path = format!("{theirs}/versions{path}");
        let answer = call(&world, &ann, method, &path, body).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn training_in_the_background_is_switched_in_the_console() {
    let world = world::world(0.0).await;
    let ann = sign_in(&world).await;
    let shown = call(&world, &ann, "GET", "BOT", Value::Null).await;
    assert_eq!(shown.body["autoTrain"], false, "{}", shown.body);
    for on in [true, true, false] {
        let body = json!({"enabled": on});
        let answer = call(&world, &ann, "PUT", "BOT/auto-train", body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["autoTrain"]),
            (200, &json!(on)),
            "{}",
            answer.body
        );
    }
    let wrong = call(&world, &ann, "PUT", "BOT/auto-train", json!({})).await;
    assert_eq!(wrong.status, 400);
}
