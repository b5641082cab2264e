//! What the lists of messages and sessions refuse.

use crate::world::world;
use axum::{body::Body, http::Request};
use serde_json::{Value, json};

#[tokio::test]
async fn a_wrong_date_is_named_beside_the_other_wrong_fields() {
    let world = world(0.0).await;
    let app = world.app("reader", false).await;
    let scopes = ["Chat History", "Bot Sessions"].map(String::from);
    world.grant(&app, &scopes).await;
    world.publish().await;
    let ask = async |operation: &str, body: Value| {
        let path = format!("/api/public/bot/{}/{operation}", world.bot);
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("auth", app.token(&json!({})))
            .body(Body::from(body.to_string()));
        world.send(request.unwrap()).await
    };
    for operation in ["getMessages", "getSessions"] {
        let wrong = json!({"dateFrom": "yesterday", "dateTo": 5, "limit": "ten"});
        let answer = ask(operation, wrong).await;
        assert_eq!(answer.status, 400, "{operation}: {}", answer.body);
        let said = answer.body["errors"].to_string();
        for field in ["dateFrom", "dateTo", "limit"] {
            assert!(said.contains(field), "{operation} {field}: {said}");
        }
        let right =
            json!({"dateFrom": "2027-01-14", "dateTo": "2027-01-15T00:00:00.000Z", "limit": 10});
        let answer = ask(operation, right).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
    }
}
