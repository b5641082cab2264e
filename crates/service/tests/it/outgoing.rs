//! Services that agents call, driven through the webhook against a real server of this machine.

use crate::conversation::{World, node, words, world_on};
use kv::MemoryLocks;
use serde_json::{Value, json};
use service::runtime::{inbound::Inbound, outbound::Reach, turn};
use std::{path::Path, sync::Arc, time::Duration};
use types::FixedClock;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, header, method, path, query_param},
};

/// Asks for a number, posts it to `url`, and says what came back.
fn package(url: &str, seconds: u32) -> definition::Package {
    let component = |id: &str, kind: &str, mut more: Value| {
        for (key, value) in [("_id", id), ("refId", id), ("type", kind), ("name", id)] {
            more[key] = json!(value);
        }
        more
    };
    let node = |id: &str, kind: &str, to: &str| json!({"nodeId": id, "type": kind, "componentId": id, "transitions": [{"default": to}]});
    let intent = json!({"dialogId": "dg-order", "localeData": {"en": {"intent": "place order"}}});
    let ask = json!({"entityType": "number", "message": words("How many?"), "localeData": {"en": {"label": "amount"}}});
    let call = json!({"serviceNodeType": "custom", "serviceAPITimeout": seconds,
        "endPoint": {"path": format!("{url}/orders/{{{{context.entities.amount}}}}?for={{{{UserContext.get('firstName')}}}}"), "method": "post"},
        "headers": {"type": "raw", "value": "{\"X-Token\": \"{{env.TOKEN}}\"}"},
        "payload": {"type": "raw", "value": "{\"amount\": {{context.entities.amount}}, \"from\": \"{{context.intent}}\"}"}});
    let said = words(
        "{{context.call.response.statusCode}} {{context.call.response.body.total}} {{JSON.stringify(context.call.response.body)}}",
    );
    let mut order = component("dc-order", "intent", intent);
    order["name"] = json!("place order");
    let definition = json!({
        "_id": "st-1", "defaultLanguage": "en", "supportedLanguages": ["en"],
        "localeData": {"en": {"name": "Orders"}}, "sessionInactiveTime": 900_000,
        "dialogs": [{"_id": "dg-order", "refId": "ref-order", "lname": "place order",
            "localeData": {"en": {"name": "Place order"}},
            "nodes": [
                json!({"nodeId": "intent0", "type": "intent", "componentId": "dc-order", "transitions": [{"default": "amount"}]}),
                node("amount", "entity", "call"), node("call", "service", "said"), node("said", "message", "end"),
            ]}],
        "dialogComponents": [order, component("amount", "entity", ask), component("call", "service", call),
            component("said", "message", json!({"message": said}))],
    });
    definition::Package {
        definition,
        definition_name: "botDefinition.json".into(),
        config: Some(json!({"envVariables": [{"key": "TOKEN", "value": "t-1"}]})),
        ..definition::Package::default()
    }
}

async fn world(package: definition::Package, reach: Reach) -> World {
    let dir = tempfile::tempdir().unwrap();
    let sql = store_sql::SqlStore::in_dir(dir.path()).await.unwrap();
    let vault = Arc::new(crypt::MasterKey::generate());
    let clock = Arc::new(FixedClock::at(1_800_000_000_000));
    let locks = Arc::new(MemoryLocks::default());
    let ctx = node(Arc::new(sql), locks, vault, clock.clone(), reach);
    let world = world_on(ctx, clock, dir, package).await;
    world.publish().await;
    world
}

async fn say(world: &World, text: &str) -> turn::Answer {
    let body =
        json!({"message": {"text": text}, "from": {"id": "ann", "userInfo": {"firstName": "Ann"}}});
    let inbound = Inbound::read(&body).unwrap();
    turn::webhook(&world.ctx, &world.caller, &world.bot, None, inbound)
        .await
        .unwrap()
}

fn texts(answer: &turn::Answer) -> Vec<String> {
    let messages = answer.outcome.messages.iter();
    messages
        .map(|m| m.text().unwrap_or_default().to_owned())
        .collect()
}

/// Places an order of three with a service at `url`.
async fn order(url: &str, seconds: u32, reach: Reach) -> turn::Answer {
    let world = world(package(url, seconds), reach).await;
    assert_eq!(texts(&say(&world, "place order").await), ["How many?"]);
    let answer = say(&world, "3").await;
    // whatever happened, the conversation goes on
    assert!(!say(&world, "place order").await.outcome.messages.is_empty());
    answer
}

fn ended(answer: &turn::Answer) -> &'static str {
    let end = answer.outcome.end_of_task.as_ref();
    end.expect("the task has ended").reason.wire()
}

#[tokio::test(flavor = "multi_thread")]
async fn placeholders_of_address_headers_and_body_are_filled() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/orders/3"))
        .and(query_param("for", "Ann"))
        .and(header("x-token", "t-1"))
        .and(header("content-type", "application/json"))
        .and(body_json(json!({"amount": 3, "from": "place order"})))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"total": 42})))
        .expect(1)
        .mount(&server)
        .await;
    let answer = order(&server.uri(), 5, Reach::Any).await;
    assert_eq!(texts(&answer), ["201 42 {\"total\":42}"]);
    assert_eq!(ended(&answer), "Fulfilled");
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_status_and_any_body_is_an_answer() {
    for (template, want) in [
        (
            ResponseTemplate::new(500).set_body_json(json!({"total": "none"})),
            "500 none {\"total\":\"none\"}",
        ),
        (
            ResponseTemplate::new(200).set_body_string("{\"total\": 42"),
            "200  \"{\\\"total\\\": 42\"",
        ),
        (ResponseTemplate::new(404), "404  \"\""),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .respond_with(template)
            .mount(&server)
            .await;
        let answer = order(&server.uri(), 5, Reach::Any).await;
        assert_eq!(texts(&answer), [want]);
        assert_eq!(ended(&answer), "Fulfilled");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_service_ends_the_task_at_the_nodes_own_limit() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(60)))
        .mount(&server)
        .await;
    let begun = std::time::Instant::now();
    let answer = order(&server.uri(), 1, Reach::Any).await;
    assert_eq!(
        texts(&answer),
        ["Sorry, a service took too long. Please try again later."]
    );
    assert_eq!(ended(&answer), "Failed");
    assert!(begun.elapsed() < Duration::from_secs(15));
}

/// A server that takes connections, says `head`, and then nothing more.
async fn mute(head: &'static [u8]) -> String {
    use tokio::io::AsyncWriteExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(head).await;
            kept.push(socket);
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_hangs_ends_the_task_too() {
    let heads: [&[u8]; 2] = [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"];
    for head in heads {
        let answer = order(&mute(head).await, 1, Reach::Any).await;
        assert_eq!(ended(&answer), "Failed");
        assert_eq!(answer.outcome.messages.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_50_mb_is_not_taken_in() {
    let server = MockServer::start().await;
    let body = vec![b'x'; 50 << 20];
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_bytes(body))
        .mount(&server)
        .await;
    let answer = order(&server.uri(), 20, Reach::Any).await;
    assert_eq!(
        texts(&answer),
        ["Sorry, a service did not answer. Please try again later."]
    );
    assert_eq!(ended(&answer), "Failed");
    let logged = &answer.outcome.debug_logs;
    assert!(logged.iter().any(|line| line.text.contains("too large")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_followed_and_one_that_never_ends_is_cut() {
    let server = MockServer::start().await;
    Mock::given(path("/orders/3"))
        .respond_with(
            ResponseTemplate::new(307).insert_header("location", format!("{}/there", server.uri())),
        )
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/there"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"total": 1})))
        .mount(&server)
        .await;
    let answer = order(&server.uri(), 5, Reach::Any).await;
    assert_eq!(texts(&answer), ["200 1 {\"total\":1}"]);
    let circle = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(
            ResponseTemplate::new(307)
                .insert_header("location", format!("{}/orders/3", circle.uri())),
        )
        .mount(&circle)
        .await;
    assert_eq!(ended(&order(&circle.uri(), 5, Reach::Any).await), "Failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_is_never_called_unless_that_is_allowed() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200))
        .expect(0)
        .mount(&server)
        .await;
    let port = server.address().port();
    for reach in [Reach::Public, Reach::Off] {
        for url in [server.uri(), format!("http://localhost:{port}")] {
            let answer = order(&url, 5, reach).await;
            assert_eq!(ended(&answer), "Failed", "{url}");
            assert_eq!(answer.outcome.messages.len(), 1);
        }
    }
    server.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_the_call_stands_in_no_log_and_no_message() {
    let answer = order("http://127.0.0.1:9", 2, Reach::Any).await;
    assert_eq!(ended(&answer), "Failed");
    let all = format!(
        "{:?} {:?}",
        answer.outcome.debug_logs, answer.outcome.messages
    );
    assert!(!all.contains("t-1"), "{all}");
}

/// A real export, its services pointed at `url`.
fn export(url: &str) -> Option<definition::Package> {
    let folder = "../../../shared/agents/kore-app-samples/kore-api-service-node/export/v10";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if !folder.is_dir() {
        eprintln!("skipped: {} is missing", folder.display());
        return None;
    }
    let mut package = definition::read_path(&folder).unwrap();
    let components = package.definition["dialogComponents"].as_array_mut();
    for component in components.unwrap() {
        if component["type"] == "service" {
            let end = &mut component["endPoint"];
            let path = end["path"].as_str().unwrap_or_default().to_owned();
            *end = json!({"path": format!("{url}{path}"), "method": end["method"]});
        }
    }
    let config = package.config.as_mut().unwrap();
    config["envVariables"][0]["value"] = json!("slug");
    Some(package)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_export_runs_a_conversation_against_its_services_to_the_end() {
    let server = MockServer::start().await;
    let Some(package) = export(&server.uri()) else {
        return;
    };
    let rows = json!({"data": [{"ID": 4, "FirstName": "Bo", "LastName": "Lee", "Email": "bo@example.com"}]});
    Mock::given(method("GET"))
        .and(path("/data/slug/"))
        .respond_with(ResponseTemplate::new(200).set_body_json(rows))
        .expect(1..)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/data/slug/"))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"message": "ok"})))
        .expect(1)
        .mount(&server)
        .await;
    let world = world(package, Reach::Any).await;
    // the employees are read first: the next id follows from them
    let listed = say(&world, "Read Employees").await;
    assert!(!listed.outcome.messages.is_empty());
    let mut answer = say(&world, "Create Employee").await;
    for text in ["Ann Miller", "ann@example.com"] {
        assert!(answer.outcome.end_of_task.is_none(), "{:?}", texts(&answer));
        answer = say(&world, text).await;
    }
    assert_eq!(ended(&answer), "Fulfilled", "{:?}", texts(&answer));
    server.verify().await;
    let posted = server.received_requests().await.unwrap();
    let posted = posted
        .iter()
        .find(|r| r.method.as_str() == "POST")
        .expect("posted");
    let body: Value = serde_json::from_slice(&posted.body).expect("a body of JSON");
    let text = body.to_string();
    assert!(text.contains("ann@example.com"), "{text}");
    let failed = |e: &dialog::Event| matches!(e, dialog::Event::TaskFailed { .. });
    assert!(!answer.outcome.events.iter().any(failed));
}
