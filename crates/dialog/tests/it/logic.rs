//! Conditions, assignments, bot actions, links, circles, ends of tasks.

use crate::kit::{Chat, agent, entity, message, texts, to};
use dialog::{EndReason, Event, FailureReason};
use serde_json::{Value, json};

#[test]
fn every_operator_compares_loosely_in_a_logic_node() {
    let set = "context.num = 10; context.text = ' Gold '; context.flag = true; context.none = null; context.empty = ''; \
        context.zero = 0; context.list = ['a', 5]; context.entities.e = 'silver'; context.limit = '10';";
    for (path, op, value, want) in [
        ("num", "eq", "10", true),
        ("num", "eq", "10.0", true),
        ("num", "neq", "11", true),
        ("text", "eq", "Gold", true),
        ("text", "neq", "Gold", false),
        ("flag", "eq", "true", true),
        ("none", "", "", false),
        ("none", "dne", "", true),
        ("empty", "exists", "", false),
        ("zero", "exists", "", true),
        ("zero", "dne", "", false),
        ("num", "gt", "9", true),
        ("num", "gte", "10", true),
        ("num", "lt", "10", false),
        ("num", "lte", "10", true),
        ("text", "gt", "A", false),
        ("text", "cnt", "old", true),
        ("list", "cnt", "5", true),
        ("list", "cnt", "b", false),
        ("list.length", "eq", "2", true),
        ("list[0]", "eq", "a", true),
        ("num", "eq", "context.limit", true),
        ("context.entities.e", "eq", "silver", true),
        ("nothing.at.all", "eq", "x", false),
        ("nothing.at.all", "neq", "x", true),
        ("num + 1", "eq", "11", true),
        ("num", "approx", "10", false),
    ] {
        let path = if path.contains('+') {
            format!("context.{path}")
        } else {
            path.to_owned()
        };
        let ways = json!({"transitions": [{"if": {"context": path, "op": op, "value": value}, "then": "yes"}, {"default": "no"}]});
        let parts = vec![
            ("s", json!({"type": "script", "script": set}), to("l")),
            ("l", json!({"type": "logic"}), ways),
            ("yes", message("yes"), to("end")),
            ("no", message("no"), to("end")),
        ];
        let agent = agent(vec![("run", parts)], json!({}));
        let want = if want { "yes" } else { "no" };
        assert_eq!(
            Chat::new(&agent).texts("run"),
            [want],
            "{path} {op} {value}"
        );
    }
}

#[test]
fn tests_are_joined_and_fields_name_nodes() {
    let leaf = |value: &str| json!({"field": "e", "op": "eq", "value": value});
    for (test, want) in [
        (
            json!({"conjoin": "and", "tests": [leaf("5"), {"context": "intent", "op": "eq", "value": "run"}]}),
            "yes",
        ),
        (
            json!({"conjoin": "and", "tests": [leaf("5"), leaf("6")]}),
            "no",
        ),
        (
            json!({"conjoin": "or", "tests": [leaf("6"), leaf("5")]}),
            "yes",
        ),
        (json!({"field": "e", "op": "", "value": ""}), "yes"),
        (json!({"field": "nowhere", "op": "exists"}), "no"),
        (json!({"context": "", "op": ""}), "no"),
    ] {
        let parts = vec![
            (
                "e",
                entity("number"),
                json!({"transitions": [{"if": test, "then": "yes"}, {"default": "no"}]}),
            ),
            ("yes", message("yes"), to("end")),
            ("no", message("no"), to("end")),
        ];
        let agent = agent(vec![("run", parts)], json!({}));
        let mut chat = Chat::new(&agent);
        chat.say("run");
        assert_eq!(chat.texts("5"), [want], "{test}");
    }
}

#[test]
fn a_logic_node_assigns_before_it_decides() {
    let logic = json!({"type": "logic", "contextMap": "{\"context.a\": \"5\", \"context.b\": \"context.a\", \"context.session.BotUserSession.k\": \"kept\", \"context.intent\": \"null\"}"});
    let parts = vec![
        ("l", logic, to("m")),
        (
            "m",
            message("{{context.a}}{{context.b}}{{BotUserSession.get('k')}}{{context.intent}}."),
            to("end"),
        ),
    ];
    let agent = agent(vec![("run", parts)], json!({}));
    assert_eq!(Chat::new(&agent).texts("run"), ["55kept."]);
}

#[test]
fn a_bot_action_runs_inside_and_leaves_by_its_own_ways() {
    let inner = json!([{"nodeId": "i1", "type": "script", "componentId": "dc-inner", "level": "root", "transitions": [{"default": "end"}]}]);
    let action = json!({"type": "botAction", "nodes": inner});
    let parts = vec![
        (
            "a",
            action,
            json!({"transitions": [{"if": {"context": "done", "op": "eq", "value": "1"}, "then": "m"}, {"default": "end"}]}),
        ),
        ("m", message("acted"), to("end")),
    ];
    let inner = json!({"_id": "dc-inner", "refId": "dc-inner", "name": "inner", "type": "script", "script": "context.done = 1"});
    let agent = agent(vec![("run", parts)], json!({"components": [inner]}));
    let outcome = Chat::new(&agent).say("run");
    assert_eq!(texts(&outcome), ["acted"]);
    assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Fulfilled);
}

fn link(name: &str) -> Value {
    json!({"type": "intent", "link": name})
}

#[test]
fn a_linked_dialog_that_does_not_come_back_ends_the_task_with_its_own_flag() {
    let node = json!({"nodeOptions": {"transitionMode": "endCurrentTask"}, "transitions": [{"default": "m"}]});
    let dialogs = vec![
        (
            "outer",
            vec![
                ("l", link("inner"), node),
                ("m", message("never"), to("end")),
            ],
        ),
        ("inner", vec![("i", message("in"), to("end"))]),
    ];
    let agent = agent(dialogs, json!({}));
    let outcome = Chat::new(&agent).say("outer");
    assert_eq!(texts(&outcome), ["in"]);
    assert_eq!(
        outcome.end_of_task.unwrap().reason,
        EndReason::FulfilledLinkedDialog
    );
}

#[test]
fn a_failure_or_too_many_answers_in_a_linked_dialog_end_its_caller_too() {
    let dialogs = |inner: Value| {
        vec![
            (
                "outer",
                vec![
                    ("l", link("inner"), to("m")),
                    ("m", message("back"), to("end")),
                ],
            ),
            ("inner", vec![("i", inner, to("end"))]),
        ]
    };
    let broken = agent(
        dialogs(json!({"type": "script", "script": "throw 1"})),
        json!({}),
    );
    let outcome = Chat::new(&broken).say("outer");
    assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Failed);
    let asking = agent(dialogs(entity("number")), json!({}));
    let mut chat = Chat::new(&asking);
    chat.say("outer");
    let mut last = chat.say("hm");
    for _ in 0..4 {
        last = chat.say("hm");
    }
    let end = last.end_of_task.as_ref().unwrap();
    assert_eq!(
        (end.reason, end.task_id.as_str()),
        (EndReason::Canceled, "dg-outer")
    );
    assert!(!texts(&last).contains(&"back".to_owned()));
}

#[test]
fn circles_of_every_kind_end_within_the_limits() {
    let own = vec![("a", vec![("l", link("a"), to("end"))])];
    let ring = vec![
        ("a", vec![("l", link("b"), to("end"))]),
        ("b", vec![("l", link("c"), to("end"))]),
        ("c", vec![("l", link("a"), to("end"))]),
    ];
    let spin = vec![("a", vec![("x", json!({"type": "logic"}), to("x"))])];
    let away = json!({"nodeOptions": {"transitionMode": "endCurrentTask"}, "transitions": [{"default": "end"}]});
    let relay = vec![
        ("a", vec![("l", link("b"), away.clone())]),
        ("b", vec![("l", link("a"), away)]),
    ];
    for dialogs in [own, ring, spin, relay] {
        let agent = agent(dialogs, json!({}));
        let mut chat = Chat::new(&agent);
        let outcome = chat.say("a");
        assert_eq!(
            outcome.end_of_task.as_ref().unwrap().reason,
            EndReason::Failed
        );
        assert_eq!(outcome.messages.len(), 1);
        assert!(chat.state.task.is_none());
    }
}

#[test]
fn the_dialogs_own_failure_handling_goes_before_the_agents() {
    let parts = || {
        vec![(
            "s",
            json!({"type": "script", "script": "throw new Error('x')"}),
            to("end"),
        )]
    };
    let msg = |text: &str| json!({"enabled": true, "action": "showMsg", "msg": crate::kit::words("basic", text)});
    let events = json!({"TASK_FAILURE_EVENT": msg("agent says sorry")});
    let run = |settings: Value, handler: Vec<crate::kit::Part>| {
        let extra = json!({"botEvents": events.clone(), "dialogSettings": {"run": {"onTaskFailure": settings}}});
        let agent = agent(vec![("run", parts()), ("mend", handler)], extra);
        let outcome = Chat::new(&agent).say("run");
        (texts(&outcome), outcome)
    };
    let mend = || vec![("m", message("mended"), to("end"))];
    let (said, outcome) = run(json!({"enabled": false}), mend());
    assert_eq!(said, ["agent says sorry"]);
    assert_eq!(
        outcome.end_of_task.unwrap().reason,
        EndReason::FulfilledEvent
    );
    let why = outcome.events.iter().find_map(|e| match e {
        Event::TaskFailed { why, .. } => Some(*why),
        _ => None,
    });
    assert_eq!(why, Some(FailureReason::Script));
    assert_eq!(
        run(msg("dialog says sorry"), mend()).0,
        ["dialog says sorry"]
    );
    let dialog = json!({"enabled": true, "action": "triggerDialog", "task": "ref-mend"});
    assert_eq!(run(dialog.clone(), mend()).0, ["mended"]);
    // a failure inside the handler: one fallback text, and the end
    let broken = vec![(
        "m",
        json!({"type": "script", "script": "throw 2"}),
        to("end"),
    )];
    let (said, outcome) = run(dialog, broken);
    assert_eq!(said.len(), 1);
    assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::FailedEvent);
    let script =
        json!({"enabled": true, "action": "runScript", "script": "print('script says sorry')"});
    assert_eq!(run(script, mend()).0, ["script says sorry"]);
}

#[test]
fn a_handler_dialog_runs_after_a_circle_too() {
    let extra = json!({"dialogSettings": {"a": {"onTaskFailure": {"enabled": true, "action": "triggerDialog", "task": "ref-mend"}}}});
    let dialogs = vec![
        ("a", vec![("l", link("a"), to("end"))]),
        ("mend", vec![("m", message("mended"), to("end"))]),
    ];
    let agent = agent(dialogs, extra);
    assert_eq!(Chat::new(&agent).texts("a"), ["mended"]);
}

#[test]
fn the_end_of_a_task_fires_its_event_once() {
    let events = json!({"botEvents": {"CONVERSATION_END": {"enabled": true, "action": "triggerDialog", "task": "ref-more"}}});
    let dialogs = vec![
        ("order", vec![("m", message("ordered"), to("end"))]),
        (
            "more",
            vec![(
                "m",
                message("More? {{context.endOfTask.completedTaskName}}"),
                to("end"),
            )],
        ),
    ];
    let agent = agent(dialogs, events);
    let outcome = Chat::new(&agent).say("order");
    assert_eq!(texts(&outcome), ["ordered", "More? order"]);
    assert!(outcome.end_of_task.is_some());
}
