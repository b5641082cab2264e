//! Service nodes: requests, results, profiles, what follows a failure.

use crate::kit::{Chat, agent, message, said_by, texts, to};
use dialog::{CallFailure, EndReason, Event, FailureReason, ServiceResponse};
use serde_json::{Value, json};

fn service(more: Value) -> Value {
    let mut service = json!({"type": "service", "serviceNodeType": "custom",
        "endPoint": {"path": "{{env.HOST}}/things?q={{context.intent}}", "method": "get"}});
    for (key, value) in more.as_object().unwrap() {
        service[key] = value.clone();
    }
    service
}

fn bot(service: Value, extra: Value) -> definition::Agent {
    let mut all =
        json!({"config": {"envVariables": [{"key": "HOST", "value": "http://h.test:8080"}]}});
    for (key, value) in extra.as_object().unwrap() {
        all[key] = value.clone();
    }
    let parts = vec![
        ("s", service, to("m")),
        (
            "m",
            message(
                "{{context.s.response.statusCode}} {{context.s.response.body}} {{context.s.response.headers.x}}",
            ),
            to("end"),
        ),
        ("late", message("too late"), to("end")),
    ];
    agent(vec![("call", parts)], all)
}

#[test]
fn the_result_is_parsed_json_or_text_with_status_and_headers() {
    let agent = bot(service(json!({})), json!({}));
    for (status, body, want) in [
        (200, "{\"a\":1}", "200 {\"a\":1} v"),
        (400, "[1,2]", "400 [1,2] v"),
        (500, "oops", "500 oops v"),
        (404, "{broken", "404 {broken v"),
        (204, "", "204  v"),
    ] {
        let mut chat = Chat::new(&agent);
        chat.answer = Box::new(move |_| {
            Ok(ServiceResponse {
                status,
                headers: vec![("X".into(), "v".into())],
                body: body.into(),
            })
        });
        let outcome = chat.say("call");
        assert_eq!(texts(&outcome), [want], "{status}");
        assert_eq!(chat.calls[0].url, "http://h.test:8080/things?q=call");
        assert!(outcome.events.iter().any(|e| matches!(e, Event::ServiceRun { failed: false, status: Some(s), .. } if *s == status)));
    }
}

#[test]
fn scripts_run_before_and_after_the_call() {
    let more = json!({"preProcessor": "context.id = 7", "postProcessor": "context.s.response.body = {twice: context.s.response.body.n * 2}",
        "endPoint": {"protocol": "https", "host": "h.test", "port": "8443", "path": "/x/{{context.id}}", "method": "delete"}});
    let agent = bot(service(more), json!({}));
    let mut chat = Chat::new(&agent);
    chat.answer = Box::new(|_| {
        Ok(ServiceResponse {
            status: 200,
            headers: vec![],
            body: b"{\"n\": 4}".to_vec(),
        })
    });
    assert_eq!(chat.texts("call"), ["200 {\"twice\":8} "]);
    let call = &chat.calls[0];
    assert_eq!(
        (call.method.as_str(), call.url.as_str(), call.body.is_none()),
        ("DELETE", "https://h.test:8443/x/7", true)
    );
    for script in ["preProcessor", "postProcessor"] {
        let agent = bot(service(json!({script: "throw 1"})), json!({}));
        let outcome = Chat::new(&agent).say("call");
        assert_eq!(
            outcome.end_of_task.unwrap().reason,
            EndReason::Failed,
            "{script}"
        );
    }
}

#[test]
fn fields_of_a_profile_go_where_they_belong_and_stay_out_of_the_log() {
    let profile = json!([{"name": "keys", "sso_type": "basic", "fields": [
        {"type": "header", "key": "X-Key", "value": "top-secret"}, {"type": "query", "key": "k", "value": "a b"},
        {"type": "payload", "key": "p", "value": "{{context.intent}}"}, {"type": "path", "key": "id", "value": "9"}]}]);
    let more = json!({"idp": "keys", "authRequired": true, "payload": {"type": "raw", "value": "{\"a\": 1}"},
        "endPoint": {"path": "http://h.test/:id/x", "method": "post"}});
    let agent = bot(service(more), json!({"idpConfigurations": profile}));
    let mut chat = Chat::new(&agent);
    let outcome = chat.say("call");
    let call = &chat.calls[0];
    assert_eq!(call.url, "http://h.test/9/x?k=a%20b");
    assert!(
        call.headers
            .contains(&("X-Key".into(), "top-secret".into()))
    );
    let body: Value = serde_json::from_slice(call.body.as_ref().unwrap()).unwrap();
    assert_eq!(body, json!({"a": 1, "p": "call"}));
    assert!(!format!("{call:?} {:?}", said_by(&outcome)).contains("top-secret"));
}

#[test]
fn a_profile_that_needs_a_browser_or_is_missing_ends_the_task_and_is_named() {
    let profile = json!([{"name": "google", "sso_type": "oauth2", "fields": []}]);
    for name in ["google", "nowhere"] {
        let agent = bot(
            service(json!({"idp": name})),
            json!({"idpConfigurations": profile}),
        );
        let mut chat = Chat::new(&agent);
        let outcome = chat.say("call");
        assert!(chat.calls.is_empty());
        assert_eq!(
            outcome.end_of_task.as_ref().unwrap().reason,
            EndReason::Failed
        );
        assert!(said_by(&outcome).iter().any(|line| line.contains(name)));
        assert!(outcome.events.iter().any(|e| matches!(
            e,
            Event::TaskFailed {
                why: FailureReason::Authorization,
                ..
            }
        )));
    }
}

#[test]
fn a_timeout_goes_to_its_node_or_closes_the_task() {
    let node = bot(
        service(
            json!({"serviceAPITimeout": 3, "timeOutError": {"closeConversation": false, "nodeId": "late"}}),
        ),
        json!({}),
    );
    let mut chat = Chat::new(&node);
    chat.answer = Box::new(|_| Err(CallFailure::Timeout));
    assert_eq!(chat.texts("call"), ["too late"]);
    assert_eq!(chat.calls[0].timeout_ms, 3_000);
    let close = bot(
        service(json!({"timeOutError": {"closeConversation": true}})),
        json!({}),
    );
    let mut chat = Chat::new(&close);
    chat.answer = Box::new(|_| Err(CallFailure::Timeout));
    let outcome = chat.say("call");
    assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Failed);
    assert!(outcome.events.iter().any(|e| matches!(
        e,
        Event::TaskFailed {
            why: FailureReason::Service,
            ..
        }
    )));
}

#[test]
fn services_of_kinds_that_do_not_run_fail_by_name() {
    for more in [
        json!({"serviceType": "soap"}),
        json!({"serviceNodeType": "datatable"}),
        json!({"serviceNodeType": "smsservice"}),
        json!({"isClientCertEnabled": true}),
    ] {
        let agent = bot(service(more.clone()), json!({}));
        let mut chat = Chat::new(&agent);
        let outcome = chat.say("call");
        assert!(chat.calls.is_empty(), "{more}");
        assert_eq!(
            outcome.end_of_task.as_ref().unwrap().reason,
            EndReason::Failed,
            "{more}"
        );
        assert!(
            said_by(&outcome)
                .iter()
                .any(|line| line.contains("the node s")),
            "{more}"
        );
    }
}

#[test]
fn forms_are_sent_as_fields_and_json_as_it_is() {
    for (kind, payload, want) in [
        (
            "application/x-www-form-urlencoded",
            "{\"a\": \"x y\", \"b\": \"{{context.intent}}\"}",
            "a=x%20y&b=call",
        ),
        (
            "application/json",
            "{\"a\": {{JSON.stringify({b: 1})}}}",
            "{\"a\": {\"b\":1}}",
        ),
        (
            "application/json",
            "{\"broken\": {{context.intent}}",
            "{\"broken\": call",
        ),
        ("text/plain", "just {{context.intent}}", "just call"),
    ] {
        let more = json!({"endPoint": {"path": "http://h.test/x", "method": "post"}, "payload": {"type": "raw", "value": payload},
            "headers": {"type": "raw", "value": json!({"Content-Type": kind}).to_string()}});
        let agent = bot(service(more), json!({}));
        let mut chat = Chat::new(&agent);
        chat.say("call");
        let body = String::from_utf8(chat.calls[0].body.clone().unwrap()).unwrap();
        assert_eq!(body, want, "{kind}");
    }
}
