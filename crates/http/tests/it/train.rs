//! The console's endpoints for training: whose agent they work on, and two editors at once.

use crate::world::{Answer, Browser, World, account, import, routes, sign_in, world};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};

async fn call(
    world: &World,
    who: &Browser,
    method: &str,
    path: &str,
    seen: Option<&str>,
    body: Option<Value>,
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/api/console/v1/agents/{}{path}", world.bot))
        .header("host", "localhost")
        .header("cookie", &who.cookie)
        .header("x-csrf-token", &who.csrf);
    if let Some(seen) = seen {
        request = request.header("if-match", format!("\"{seen}\""));
    }
    let body = match body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    world.send(request.body(body).unwrap()).await
}

#[tokio::test]
async fn the_agent_of_another_account_is_not_there_for_the_console() {
    let world = world(0.0).await;
    let ann = sign_in(&world).await;
    let other = account(&world.ctx, "Other", "bob@example.com").await;
    let theirs = import(&world.ctx, &other).await;
    let mut seen = 0;
    for route in routes()
        .iter()
        .filter(|r| r.surface == "console" && r.path.contains("/agents/{botId}/"))
    {
        let path = route.filled(|name| match name {
            "botId" => theirs.to_string(),
            "number" => "1".to_owned(),
            "kind" => "env".to_owned(),
            "clientId" => "cs-0f8fad5b-d9cb-569f-a165-70867728950e".to_owned(),
            _ => "x".to_owned(),
        });
        let request = route
            .request(&path)
            .header("host", "localhost")
            .header("cookie", &ann.cookie)
            .header("x-csrf-token", &ann.csrf);
        let answer = world.send(request.body(route.body()).unwrap()).await;
        // what is wrong with the body may be told first, but never anything about the agent
        let refused = answer.status == 404 || answer.status == 400;
        assert!(
            refused,
            "{}: {} {}",
            route.name(),
            answer.status,
            answer.body
        );
        seen += usize::from(answer.status == 404);
    }
    assert!(seen >= 25, "{seen}");
}

#[tokio::test]
async fn utterances_are_added_changed_and_removed_with_their_tags() {
    let world = world(0.0).await;
    let ann = sign_in(&world).await;
    let all = call(&world, &ann, "GET", "/training/intents", None, None).await;
    let intent = all.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|i| i["utterances"] != 0)
        .unwrap();
    let path = format!("/training/intents/{}", intent["id"].as_str().unwrap());
    let entity = all.body["entities"][0]["id"].as_str().unwrap();
    let lines = json!({"lines": [{"text": "to Bonn", "tags": [{"start": 3, "end": 7, "entity": entity}]}, {"text": "to bonn"}]});
    let done = call(
        &world,
        &ann,
        "POST",
        &format!("{path}/lines"),
        None,
        Some(lines),
    )
    .await;
    assert_eq!(done.body, json!({"added": 1, "repeated": 1}));
    let shown = call(&world, &ann, "GET", &path, None, None).await;
    let line = shown.body["lines"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        line["tags"],
        json!([{"start": 3, "end": 7, "entity": entity}])
    );
    let id = line["id"].as_str().unwrap();
    let wrong = json!({"text": "to Bonn", "tags": [{"start": 3, "end": 99, "entity": entity}]});
    let wrong = call(
        &world,
        &ann,
        "PUT",
        &format!("{path}/lines/{id}"),
        None,
        Some(wrong),
    )
    .await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.body["fields"][0]["field"]),
        (400, &json!("text"))
    );
    let changed = call(
        &world,
        &ann,
        "PUT",
        &format!("{path}/lines/{id}"),
        None,
        Some(json!({"text": "to Rome"})),
    )
    .await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    let gone = call(
        &world,
        &ann,
        "POST",
        &format!("{path}/lines/remove"),
        None,
        Some(json!({"ids": [id]})),
    )
    .await;
    assert_eq!(gone.body, json!({"removed": 1}));
}

#[tokio::test]
async fn who_saves_on_an_old_state_is_told_and_nothing_is_written() {
    let world = world(0.0).await;
    let ann = sign_in(&world).await;
    let all = call(&world, &ann, "GET", "/faqs", None, None).await;
    let faq = format!("/faqs/{}", all.body["items"][0]["key"].as_str().unwrap());
    let shown = call(&world, &ann, "GET", &faq, None, None).await;
    let tag = shown.body["tag"].as_str().unwrap();
    let answers = |text: &str| json!({"question": shown.body["question"], "answers": [{"text": text}], "enabled": true});
    let first = call(&world, &ann, "PUT", &faq, Some(tag), Some(answers("first"))).await;
    assert_eq!(first.status, 200, "{}", first.body);
    for (method, body) in [("PUT", Some(answers("second"))), ("DELETE", None)] {
        let late = call(&world, &ann, method, &faq, Some(tag), body).await;
        assert_eq!(
            (late.status.as_u16(), &late.body["code"]),
            (412, &json!("changed_meanwhile"))
        );
    }
    let now = call(&world, &ann, "GET", &faq, None, None).await;
    assert_eq!(now.body["answers"][0]["text"], "first");
}

#[tokio::test]
async fn the_test_of_training_data_is_found_again_and_says_when_the_data_has_changed() {
    let world = world(0.0).await;
    let ann = sign_in(&world).await;
    let none = call(&world, &ann, "GET", "/training/quality", None, None).await;
    assert_eq!(
        none.body,
        json!({"running": null, "failed": null, "report": null})
    );
    let asked = call(
        &world,
        &ann,
        "POST",
        "/training/quality",
        None,
        Some(json!({})),
    )
    .await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    let again = call(
        &world,
        &ann,
        "POST",
        "/training/quality",
        None,
        Some(json!({})),
    )
    .await;
    assert_eq!(again.body, asked.body, "a second one while the first waits");
    let running = call(&world, &ann, "GET", "/training/quality", None, None).await;
    assert_eq!(running.body["running"], asked.body["jobId"]);
    let worker = service::work::worker(&world.ctx, jobs::Settings::default());
    while worker.run_due().await.unwrap() > 0 {}
    let done = call(&world, &ann, "GET", "/training/quality", None, None).await;
    let report = &done.body["report"];
    assert_eq!(
        (&report["stale"], &report["tier"]),
        (&json!(false), &json!("a")),
        "{}",
        done.body
    );
    assert!(report["tested"].as_u64().unwrap() > 50);
    let synonym = json!({"term": "courier", "words": ["driver"]});
    let set = call(
        &world,
        &ann,
        "PUT",
        "/training/synonyms",
        Some("new"),
        Some(synonym),
    )
    .await;
    assert_eq!(set.status, 204, "{}", set.body);
    let stale = call(&world, &ann, "GET", "/training/quality", None, None).await;
    assert_eq!(stale.body["report"]["stale"], true);
}
