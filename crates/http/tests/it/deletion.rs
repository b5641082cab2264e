//! Deletion of conversations.

use crate::world::{App, World, world};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use service::{
    runtime::{inbound::Inbound, turn},
    work,
};
use store::{AuditFilter, MessageFilter, SessionFilter};

async fn call(world: &World, app: &App, rest: &str, body: Value) -> (u16, Value) {
    let uri = format!("/api/public/bot/{}/conversations/delete{rest}", world.bot);
    let request = Request::builder()
        .method(if body.is_null() { "GET" } else { "POST" })
        .uri(uri)
        .header("auth", app.token(&json!({})));
    let request = request.body(match body {
        Value::Null => Body::empty(),
        body => Body::from(body.to_string()),
    });
    let answer = world.send(request.unwrap()).await;
    (answer.status.as_u16(), answer.body)
}

async fn say(world: &World, user: &str) -> String {
    let body = json!({"message": {"text": "hello"}, "from": {"id": user}});
    let inbound = Inbound::read(&body).unwrap();
    let said = turn::webhook(&world.ctx, &world.caller, &world.bot, None, inbound).await;
    said.unwrap().session.to_string()
}

async fn left(world: &World) -> (u64, u64) {
    let store = world.ctx.store();
    let filter = SessionFilter {
        limit: 10,
        ..SessionFilter::default()
    };
    let sessions = store.sessions().list(&world.caller.account, &filter).await;
    let filter = MessageFilter {
        limit: 10,
        ..MessageFilter::default()
    };
    let messages = store.messages().list(&world.caller.account, &filter).await;
    (sessions.unwrap().1, messages.unwrap().1)
}

async fn run(world: &World) {
    let worker = work::worker(&world.ctx, jobs::Settings::default());
    worker.run_due().await.unwrap();
}

async fn talked() -> (World, App) {
    let world = world(0.0).await;
    let app = world.app("erasing", false).await;
    world
        .grant(&app, &["Delete Conversations".to_owned()])
        .await;
    world.publish().await;
    (world, app)
}

#[tokio::test]
async fn conversations_go_by_id_with_all_that_was_kept_of_them() {
    let (world, app) = talked().await;
    let gone = say(&world, "ann").await;
    let stays = say(&world, "bob").await;
    let (_, before) = left(&world).await;
    let ids = json!({"conversationIds": [gone, "70aa00112233445566778801", "nonsense"]});
    let (status, body) = call(&world, &app, "", ids).await;
    assert_eq!((status, &body["status"]), (202, &json!("queued")), "{body}");
    let job = format!("/{}", body["jobId"].as_str().unwrap());
    assert!(job.starts_with("/cdj-"));
    let (_, body) = call(&world, &app, &job, Value::Null).await;
    assert_eq!(
        (&body["status"], &body["requestType"], body.get("result")),
        (&json!("queued"), &json!("conversationIds"), None)
    );
    run(&world).await;
    let (_, body) = call(&world, &app, &job, Value::Null).await;
    assert_eq!(body["status"], "completed", "{body}");
    let result = &body["result"];
    assert_eq!(
        (
            &result["totalConversations"],
            &result["processedCount"],
            &result["skippedCount"]
        ),
        (&json!(3), &json!(1), &json!(2))
    );
    assert!(result["deletedCount"].as_u64().unwrap() > 1);
    let (sessions, messages) = left(&world).await;
    assert_eq!(sessions, 1);
    assert!(0 < messages && messages < before);
    assert_eq!(say(&world, "bob").await, stays, "that one goes on");
    assert_ne!(say(&world, "ann").await, gone, "that one begins anew");
    let filter = AuditFilter {
        action: Some("conversation.delete".to_owned()),
        ..AuditFilter::default()
    };
    let page = types::page::PageIn {
        limit: 10,
        cursor: None,
    };
    let audit = world.ctx.store().audit();
    let rows = audit.list(&world.caller.account, &filter, &page);
    let rows = format!("{:?}", rows.await.unwrap());
    assert!(rows.contains(&job[1..]), "{rows}");
}

#[tokio::test]
async fn conversations_of_one_user_go_by_day_and_those_of_another_agent_stay() {
    let (world, app) = talked().await;
    say(&world, "ann").await;
    say(&world, "bob").await;
    let store = world.ctx.store();
    let filter = SessionFilter {
        user: Some("ann".into()),
        limit: 1,
        ..SessionFilter::default()
    };
    let found = store.sessions().list(&world.caller.account, &filter).await;
    let user = found.unwrap().0[0].user.to_string();
    // the clock of this world stands in January 2027
    for (body, sessions) in [
        (json!({"cId": user, "endDate": "2026-12-31"}), 2),
        (json!({"cId": user, "startDate": "2027-01-01"}), 1),
    ] {
        let (status, answer) = call(&world, &app, "", body).await;
        assert_eq!(status, 202, "{answer}");
        run(&world).await;
        let job = format!("/{}", answer["jobId"].as_str().unwrap());
        let (_, body) = call(&world, &app, &job, Value::Null).await;
        assert_eq!(
            (&body["status"], &body["requestType"]),
            (&json!("completed"), &json!("cId"))
        );
        assert_eq!(left(&world).await.0, sessions);
    }
    let (status, body) = call(
        &world,
        &app,
        "",
        json!({"cId": user, "endDate": "2030-01-01"}),
    )
    .await;
    assert_eq!(status, 400, "{body}");
    let (status, _) = call(&world, &app, "/cdj-1", Value::Null).await;
    assert_eq!(status, 404);
}
