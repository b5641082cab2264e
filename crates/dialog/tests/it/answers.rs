//! Questions and small talk, outside dialogs and inside; ambiguity; sub-intents; dynamic intents.

use crate::kit::{Chat, agent, entity, faq, knowledge, message, small_talk, texts, to, words};
use dialog::{EndReason, Event};
use serde_json::{Value, json};

fn order() -> Vec<crate::kit::Part> {
    vec![
        ("n", entity("number"), to("m")),
        ("m", message("ordered"), to("end")),
    ]
}

fn extra() -> Value {
    json!({
        "knowledgeTasks": knowledge(vec![
            faq("opening hours", json!([{"text": "Nine to {{2 + 3}}.", "type": "basic", "channel": "default"}]), None),
            faq("long story", json!([{"text": "One", "type": "basic", "channel": "default"}, {"text": "Two", "type": "basic", "channel": "default"}]), None),
            faq("scripted", json!([{"text": "print('by script')", "type": "advance", "channel": "default"}]), None),
            faq("how to greet", json!([]), Some("greet")),
        ]),
        "smallTalk": small_talk("who made you", "People."),
    })
}

fn bot(more: Value) -> definition::Agent {
    let mut all = extra();
    for (key, value) in more.as_object().unwrap() {
        all[key] = value.clone();
    }
    agent(
        vec![
            ("order", order()),
            ("greet", vec![("g", message("hello"), to("end"))]),
        ],
        all,
    )
}

#[test]
fn a_question_is_answered_and_ends_as_a_task_called_faq() {
    let agent = bot(json!({}));
    for (text, want) in [
        ("opening hours", vec!["Nine to 5."]),
        ("long story", vec!["One", "Two"]),
        ("scripted", vec!["by script"]),
    ] {
        let outcome = Chat::new(&agent).say(text);
        assert_eq!(texts(&outcome), want, "{text}");
        let end = outcome.end_of_task.unwrap();
        assert_eq!(
            (end.reason, end.task_name.as_str()),
            (EndReason::Fulfilled, "FAQ")
        );
        assert!(outcome.events.iter().any(|e| matches!(
            e,
            Event::IntentFound {
                kind: nlu::Kind::Faq,
                ..
            }
        )));
    }
    let outcome = Chat::new(&agent).say("how to greet");
    assert_eq!(texts(&outcome), ["hello"]);
    assert_eq!(outcome.end_of_task.unwrap().task_id, "dg-greet");
}

#[test]
fn small_talk_is_answered_and_is_no_task() {
    let outcome = Chat::new(&bot(json!({}))).say("who made you");
    assert_eq!(texts(&outcome), ["People."]);
    assert!(outcome.end_of_task.is_none());
}

#[test]
fn inside_a_dialog_both_are_answered_and_the_prompt_is_repeated() {
    let agent = bot(json!({}));
    let mut chat = Chat::new(&agent);
    chat.say("order");
    assert_eq!(chat.texts("opening hours"), ["Nine to 5.", "Which?"]);
    assert_eq!(chat.texts("who made you"), ["People.", "Which?"]);
    let last = chat.say("3");
    assert_eq!(texts(&last), ["ordered"]);
    assert_eq!(last.end_of_task.unwrap().task_id, "dg-order");
}

#[test]
fn a_doubtful_question_is_asked_back() {
    let agent = bot(json!({}));
    let mut chat = Chat::new(&agent);
    let asked = chat.texts("about opening hours");
    assert!(asked[0].contains("a) opening hours"), "{asked:?}");
    assert_eq!(chat.texts("a"), ["Nine to 5."]);
}

#[test]
fn of_several_intents_the_user_picks_one_and_a_bad_pick_is_asked_again() {
    let agent = bot(json!({}));
    for (pick, want) in [
        ("1", "Which?"),
        ("b", "hello"),
        ("greet", "hello"),
        ("opening hours", "Nine to 5."),
    ] {
        let mut chat = Chat::new(&agent);
        let asked = chat.say("order or greet");
        assert!(
            texts(&asked)[0].contains("a) order\nb) greet"),
            "{:?}",
            texts(&asked)
        );
        assert!(asked.end_of_task.is_none());
        assert_eq!(chat.texts(pick), [want], "{pick}");
    }
    let mut chat = Chat::new(&agent);
    chat.say("order or greet");
    let again = chat.texts("zzz");
    assert!(again[0].contains("a) order"), "{again:?}");
    assert_eq!(chat.texts("order"), ["Which?"]);
}

#[test]
fn an_event_may_take_over_the_ambiguity() {
    let events = json!({"botEvents": {"AMBIGUOUS_INTENTS": {"enabled": true, "action": "runScript",
        "script": "print(koreUtil.getAmbiguousIntents().length + ' ' + context.resultsFound.length)"}}});
    let outcome = Chat::new(&bot(events)).say("order or greet");
    assert_eq!(texts(&outcome), ["2 2"]);
}

#[test]
fn several_intents_while_a_node_waits_are_offered_or_ignored_as_the_settings_say() {
    let options = |show: bool, hold: &str| {
        json!({"interruptOptions": {"interruptsEnabled": true, "numTasksToHold": "1", "showAmbiguous": show,
            "type": {"option": "developer"}, "holdUxOptions": {"option": hold}, "resumeUxOptions": {"option": "noConfFromUser"}}})
    };
    let dialogs = || {
        vec![
            ("order", order()),
            ("greet", vec![("g", message("hello"), to("end"))]),
            ("wave", vec![("w", message("waving"), to("end"))]),
        ]
    };
    let ignored = agent(dialogs(), options(false, "holdCurrTask"));
    let mut chat = Chat::new(&ignored);
    chat.say("order");
    assert_eq!(chat.texts("greet or wave"), ["Again?"]);
    for (hold, want) in [
        ("holdCurrTask", vec!["waving", "Which?"]),
        ("continueCurrTask", vec!["waving", "Which?"]),
        ("discardCurrTaskNoNotify", vec!["waving"]),
    ] {
        let shown = agent(dialogs(), options(true, hold));
        let mut chat = Chat::new(&shown);
        chat.say("order");
        let asked = chat.texts("greet or wave");
        assert!(asked[0].contains("b) wave"), "{asked:?}");
        assert_eq!(chat.texts("b"), want, "{hold}");
    }
}

#[test]
fn a_sub_intent_counts_only_in_its_dialog_and_goes_on_by_its_own_ways() {
    let parts = vec![
        ("n", entity("number"), to("end")),
        ("help me", json!({"type": "intent"}), to("hint")),
        ("hint", message("Any number will do."), to("n")),
    ];
    let agent = agent(vec![("order", parts)], json!({}));
    let mut chat = Chat::new(&agent);
    assert_ne!(chat.texts("help me"), ["Any number will do."]);
    chat.say("order");
    assert_eq!(chat.texts("help me"), ["Any number will do.", "Which?"]);
    assert!(chat.say("4").end_of_task.is_some());
}

#[test]
fn a_sub_intent_that_a_value_went_before_is_noted_as_identified() {
    let parts = vec![
        ("t", entity("label"), to("said")),
        ("help me", json!({"type": "intent"}), to("end")),
        (
            "said",
            message(
                "{{context['identifiedSub-Intents'].join()}} {{context.FollowupIntents.join()}}",
            ),
            to("end"),
        ),
    ];
    let greet = vec![("g", message("hello"), to("end"))];
    let agent = agent(vec![("tell", parts), ("greet", greet)], json!({}));
    let mut chat = Chat::new(&agent);
    chat.say("tell");
    assert_eq!(
        chat.texts("help me"),
        ["dc-tell-help me dc-tell-help me"],
        "noted in both lists"
    );
    chat.say("tell");
    assert_eq!(
        chat.texts("greet"),
        [" dc-greet"],
        "a dialog is no sub-intent"
    );
}

#[test]
fn a_value_goes_before_an_intent_which_is_then_noted_as_a_follow_up() {
    let parts = vec![
        (
            "t",
            entity("label"),
            json!({"transitions": [
            {"if": {"context": "context.FollowupIntents", "op": "cnt", "value": "dc-greet"}, "then": "noted"}, {"default": "plain"}]}),
        ),
        ("noted", message("noted"), to("end")),
        ("plain", message("plain"), to("end")),
    ];
    let greet = vec![("g", message("hello"), to("end"))];
    let make = |options: Value| {
        let mut parts = parts.clone();
        parts[0].2["nodeOptions"] = options;
        agent(vec![("tell", parts), ("greet", greet.clone())], json!({}))
    };
    let agent = make(json!({}));
    let mut chat = Chat::new(&agent);
    chat.say("tell");
    assert_eq!(chat.texts("greet"), ["noted"]);
    chat.say("tell");
    assert_eq!(chat.texts("something"), ["plain"]);
    // a text may prefer the intent
    let agent = make(json!({"inputHandlingOptions": "executeIntent"}));
    let mut chat = Chat::new(&agent);
    chat.say("tell");
    assert_eq!(chat.texts("greet"), ["hello"]);
}

#[test]
fn a_dynamic_intent_runs_what_its_template_names() {
    let dynamic = |path: &str, mode: &str| {
        let parts = vec![
            (
                "s",
                json!({"type": "script", "script": "context.next = 'Greet'; context.ask = 'opening hours'"}),
                to("d"),
            ),
            (
                "d",
                json!({"type": "dynamicIntent", "intentPath": path}),
                json!({"nodeOptions": {"transitionMode": mode}, "transitions": [{"default": "m"}]}),
            ),
            ("m", message("after"), to("end")),
        ];
        agent(
            vec![
                ("run", parts),
                ("greet", vec![("g", message("hello"), to("end"))]),
            ],
            extra(),
        )
    };
    for (path, mode, want) in [
        ("{{context.next}}", "withinContext", vec!["hello", "after"]),
        ("{{context.next}}", "", vec!["hello"]),
        (
            "{{context.ask}}",
            "withinContext",
            vec!["Nine to 5.", "after"],
        ),
        ("nothing", "withinContext", vec!["after"]),
    ] {
        let agent = dynamic(path, mode);
        let outcome = Chat::new(&agent).say("run");
        assert_eq!(texts(&outcome), want, "{path} {mode}");
    }
}

#[test]
fn intents_fixed_by_the_client_skip_detection() {
    let agent = bot(json!({}));
    for (meta, text, want) in [
        (
            json!({"intent": "order", "entities": {"n": 4}}),
            "xyz",
            vec!["ordered"],
        ),
        (
            json!({"intent": "opening hours", "intentType": "KG"}),
            "xyz",
            vec!["Nine to 5."],
        ),
        (json!({"intent": "unknown"}), "greet", vec!["hello"]),
    ] {
        let mut chat = Chat::new(&agent);
        let mut input = chat.input(dialog::InputKind::Text, text);
        input.nl_meta = Some(meta.clone());
        assert_eq!(texts(&chat.turn(input)), want, "{meta}");
    }
}

#[test]
fn words_are_quoted_by_the_fallback_dialog() {
    let events = json!({"botEvents": {"INTENT_UNIDENTIFIED": {"enabled": true, "action": "triggerDialog", "task": "ref-fallback"}}});
    let fallback = vec![(
        "m",
        json!({"type": "message", "message": words("basic", "No idea about {{context.userInputs.originalInput.sentence}}")}),
        to("end"),
    )];
    let agent = agent(vec![("fallback", fallback)], events);
    let outcome = Chat::new(&agent).say("xyzzy");
    assert_eq!(texts(&outcome), ["No idea about xyzzy"]);
    assert!(
        outcome
            .events
            .iter()
            .any(|e| matches!(e, Event::IntentNotFound))
    );
    assert!(
        outcome
            .events
            .iter()
            .any(|e| matches!(e, Event::EventRun { name } if name == "INTENT_UNIDENTIFIED"))
    );
}
