//! One test a rule, on small agents made here.

use crate::kit::{Chat, agent, entity, message, texts, to, words};
use dialog::{CallFailure, EndReason, Event, InputKind, ServiceResponse};
use serde_json::{Value, json};

fn none() -> Value {
    json!({})
}

#[test]
fn a_message_is_said_and_the_task_ends_fulfilled() {
    let agent = agent(
        vec![(
            "greet",
            vec![("m", message("Hi {{context.intent}}"), to("end"))],
        )],
        none(),
    );
    let outcome = Chat::new(&agent).say("greet");
    assert_eq!(texts(&outcome), ["Hi greet"]);
    let end = outcome.end_of_task.unwrap();
    assert_eq!(
        (end.reason, end.task_id.as_str()),
        (EndReason::Fulfilled, "dg-greet")
    );
    assert!(outcome.session.started.is_some());
}

#[test]
fn an_entity_is_asked_for_retried_and_filled() {
    let parts = vec![
        ("n", entity("number"), to("m")),
        ("m", message("Got {{context.entities.n}}"), to("end")),
    ];
    let agent = agent(vec![("order", parts)], none());
    let mut chat = Chat::new(&agent);
    let first = chat.say("order");
    assert_eq!(texts(&first), ["Which?"]);
    assert!(first.end_of_task.is_none());
    assert_eq!(chat.texts("hm"), ["Again?"]);
    let last = chat.say("7");
    assert_eq!(texts(&last), ["Got 7"]);
    assert_eq!(last.end_of_task.unwrap().reason, EndReason::Fulfilled);
}

#[test]
fn too_many_bad_answers_cancel_the_task() {
    let agent = agent(
        vec![("order", vec![("n", entity("number"), to("end"))])],
        none(),
    );
    let mut chat = Chat::new(&agent);
    chat.say("order");
    for _ in 0..4 {
        assert_eq!(chat.texts("hm"), ["Again?"]);
    }
    let last = chat.say("hm");
    assert_eq!(last.end_of_task.unwrap().reason, EndReason::Canceled);
    assert!(chat.state.task.is_none());
}

#[test]
fn a_confirmation_takes_the_way_of_its_answer() {
    let ways = json!({"transitions": [
        {"if": {"dialogAct": "yes"}, "then": "y"}, {"if": {"dialogAct": "no"}, "then": "n"}]});
    let ask = json!({"type": "dialogAct", "message": words("basic", "Sure?")});
    let parts = vec![
        ("c", ask, ways),
        ("y", message("Done"), to("end")),
        ("n", message("Left"), to("end")),
    ];
    let agent = agent(vec![("buy", parts)], none());
    for (answer, want) in [("yes", "Done"), ("no", "Left")] {
        let mut chat = Chat::new(&agent);
        assert_eq!(chat.texts("buy"), ["Sure?"]);
        assert_eq!(chat.texts(answer), [want]);
    }
}

#[test]
fn scripts_write_the_context_and_the_session_and_print_messages() {
    let script = "context.a = {b: [1, 2]}; BotUserSession.put('k', 'v'); context.session.BotUserSession.d = 5;";
    let print = "print(JSON.stringify({type: 'template', payload: {n: context.a.b.length}}))";
    let parts = vec![
        ("s", json!({"type": "script", "script": script}), to("m")),
        (
            "m",
            message(
                "{{context.session.BotUserSession.k}}{{context.session.BotUserSession.d}}{{1 + 1}}",
            ),
            to("j"),
        ),
        (
            "j",
            json!({"type": "message", "message": words("uxmap", print)}),
            to("end"),
        ),
    ];
    let agent = agent(vec![("run", parts)], none());
    let outcome = Chat::new(&agent).say("run");
    assert_eq!(
        texts(&outcome),
        ["v52", r#"{"type":"template","payload":{"n":2}}"#]
    );
}

#[test]
fn broken_scripts_fail_the_task_and_the_user_gets_a_text() {
    for script in [
        "throw new Error('x')",
        "while (true) {}",
        "function f() { f() } f()",
        "const all = []; for (;;) all.push('x'.repeat(100000) + all.length)",
        "let t = 'x'; for (;;) t = (t + t).trim()",
        "const x = 2n ** 500000n; for (;;) x * x",
    ] {
        let agent = agent(
            vec![(
                "run",
                vec![("s", json!({"type": "script", "script": script}), to("end"))],
            )],
            none(),
        );
        let outcome = Chat::new(&agent).say("run");
        assert_eq!(outcome.messages.len(), 1, "{script}");
        assert_eq!(
            outcome.end_of_task.unwrap().reason,
            EndReason::Failed,
            "{script}"
        );
        assert!(
            outcome
                .events
                .iter()
                .any(|event| matches!(event, Event::TaskFailed { .. })),
            "{script}"
        );
    }
}

fn calls() -> definition::Agent {
    let service = json!({"type": "service", "serviceNodeType": "custom",
        "endPoint": {"protocol": "https", "host": "h.test", "path": "p?q={{context.intent}}", "method": "post"},
        "headers": {"type": "raw", "value": "{\"X-A\": \"{{context.intent}}\"}"},
        "payload": {"type": "raw", "value": "{\"i\": \"{{context.intent}}\"}"}});
    let ways = json!({"transitions": [
        {"if": {"context": "s.response.statusCode", "op": "eq", "value": "404"}, "then": "no"}, {"default": "ok"}]});
    let parts = vec![
        ("s", service, ways),
        ("ok", message("{{context.s.response.body.v}}"), to("end")),
        ("no", message("none"), to("end")),
    ];
    agent(vec![("call", parts)], none())
}

#[test]
fn any_status_of_a_service_is_a_result() {
    let agent = calls();
    for (status, want) in [(200, "7"), (404, "none")] {
        let mut chat = Chat::new(&agent);
        chat.answer = Box::new(move |_| {
            Ok(ServiceResponse {
                status,
                headers: vec![],
                body: b"{\"v\":7}".to_vec(),
            })
        });
        assert_eq!(chat.texts("call"), [want]);
        let call = &chat.calls[0];
        assert_eq!(
            (call.method.as_str(), call.url.as_str()),
            ("POST", "https://h.test/p?q=call")
        );
        assert_eq!(call.body.as_deref(), Some(&b"{\"i\": \"call\"}"[..]));
        assert_eq!(call.headers[0], ("X-A".into(), "call".into()));
        assert_eq!(call.timeout_ms, 20_000);
    }
}

#[test]
fn a_service_without_an_answer_fails_the_task() {
    let agent = calls();
    for failure in [
        CallFailure::Connect,
        CallFailure::Timeout,
        CallFailure::TooLarge,
        CallFailure::Refused,
    ] {
        let mut chat = Chat::new(&agent);
        chat.answer = Box::new(move |_| Err(failure));
        let outcome = chat.say("call");
        assert_eq!(outcome.messages.len(), 1);
        assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Failed);
    }
}

#[test]
fn dialogs_and_nodes_that_go_in_circles_end_by_failing() {
    let link = |name: &str| json!({"type": "intent", "link": name});
    let circle = vec![
        ("a", vec![("l", link("b"), to("end"))]),
        ("b", vec![("l", link("a"), to("end"))]),
    ];
    let script = json!({"type": "script", "script": "context.n = 1"});
    let spin = vec![(
        "a",
        vec![
            ("s", script, to("t")),
            ("t", json!({"type": "logic"}), to("s")),
        ],
    )];
    for dialogs in [circle, spin] {
        let agent = agent(dialogs, none());
        let outcome = Chat::new(&agent).say("a");
        assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Failed);
        assert_eq!(outcome.messages.len(), 1);
    }
}

#[test]
fn a_link_passes_values_and_comes_back() {
    let node = json!({"contextMap": "{\"context.entities.x\": \"5\"}",
        "postContextMap": "{\"context.got\": \"context.entities.x\"}", "transitions": [{"default": "m"}]});
    let dialogs = vec![
        (
            "outer",
            vec![
                ("l", json!({"type": "intent", "link": "inner"}), node),
                ("m", message("back {{context.got}}"), to("end")),
            ],
        ),
        (
            "inner",
            vec![("i", message("in {{context.entities.x}}"), to("end"))],
        ),
    ];
    let agent = agent(dialogs, none());
    let outcome = Chat::new(&agent).say("outer");
    assert_eq!(texts(&outcome), ["in 5", "back 5"]);
    assert_eq!(outcome.end_of_task.unwrap().task_id, "dg-outer");
}

#[test]
fn a_new_intent_interrupts_as_the_settings_say() {
    let dialogs = || {
        vec![
            (
                "order",
                vec![
                    ("n", entity("number"), to("m")),
                    ("m", message("ordered"), to("end")),
                ],
            ),
            ("greet", vec![("g", message("hello"), to("end"))]),
        ]
    };
    for (option, want, still) in [
        ("discardCurrTaskNoNotify", vec!["hello"], false),
        (
            "holdCurrTask",
            vec!["hello", "Back to order.", "Which?"],
            true,
        ),
        (
            "continueCurrTask",
            vec!["Let us finish order first. I have noted greet.", "Which?"],
            true,
        ),
    ] {
        let options = json!({"interruptOptions": {"interruptsEnabled": true, "numTasksToHold": "1",
            "type": {"option": "developer"}, "holdUxOptions": {"option": option}, "resumeUxOptions": {"option": "notifyUser"}}});
        let agent = agent(dialogs(), options);
        let mut chat = Chat::new(&agent);
        chat.say("order");
        assert_eq!(chat.texts("greet"), want, "{option}");
        assert_eq!(chat.state.task.is_some(), still, "{option}");
        if still {
            assert_eq!(chat.texts("3"), ["ordered"], "{option}");
        }
    }
}

#[test]
fn commands_end_tasks_and_inactivity_ends_sessions() {
    let agent = agent(
        vec![("order", vec![("n", entity("number"), to("end"))])],
        none(),
    );
    let mut chat = Chat::new(&agent);
    chat.say("order");
    let outcome = chat.say("discard");
    assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Canceled);
    chat.say("order");
    chat.now_ms += 900_000;
    let outcome = chat.say("hm");
    assert_eq!(outcome.session.closed.len(), 1);
    assert!(chat.state.task.is_none());
    assert_eq!(outcome.messages.len(), 1);
}

#[test]
fn an_agent_with_only_a_welcome_still_answers() {
    let events = json!({"botEvents": {"ON_CONNECT_EVENT": {"enabled": true, "action": "triggerDialog", "task": "ref-w"},
        "WELCOME_MESSAGE_EVENT": {"enabled": true, "action": "triggerDialog", "task": "ref-w"}}});
    let agent = agent(
        vec![("w", vec![("m", message("Welcome"), to("end"))])],
        events,
    );
    let mut chat = Chat::new(&agent);
    let connect = chat.input(InputKind::Connect, "");
    assert_eq!(texts(&chat.turn(connect)), ["Welcome"]);
    assert_eq!(chat.texts("xyzzy").len(), 1);
    assert_eq!(Chat::new(&agent).texts("xyzzy"), ["Welcome"]);
}

#[test]
fn a_kind_of_node_that_does_not_run_fails_the_task_and_is_named() {
    for kind in [
        "form",
        "agentTransfer",
        "generativeai",
        "aiassist",
        "searchai",
        "webhook",
    ] {
        let agent = agent(
            vec![("x", vec![("odd", json!({"type": kind}), to("end"))])],
            none(),
        );
        let outcome = Chat::new(&agent).say("x");
        assert_eq!(
            outcome.end_of_task.unwrap().reason,
            EndReason::Failed,
            "{kind}"
        );
        assert!(
            outcome
                .debug_logs
                .iter()
                .any(|line| line.text.contains("odd") && line.text.contains(kind)),
            "{kind}"
        );
    }
}
