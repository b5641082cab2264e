//! What is said: channels, placeholders, scripts, templates, overrides.

use crate::kit::{Chat, agent, entity, message, said_by, texts, to, words};
use dialog::{InputKind, Outcome};
use serde_json::{Value, json};

fn says(messages: Value, extra: Value) -> Outcome {
    let parts = vec![(
        "m",
        json!({"type": "message", "message": messages}),
        to("end"),
    )];
    let agent = agent(vec![("run", parts)], extra);
    Chat::new(&agent).say("run")
}

#[test]
fn the_wording_of_the_channel_goes_before_the_default() {
    let item = |channel: &str, text: &str| json!({"channel": channel, "localeData": {"en": {"text": text, "type": "basic"}}});
    for (messages, want) in [
        (
            json!([item("default", "d"), item("ivr", "i"), item("rtm", "r")]),
            "i",
        ),
        (json!([item("default", "d"), item("rtm", "r")]), "d"),
        (json!([item("rtm", "r")]), "r"),
    ] {
        assert_eq!(texts(&says(messages, json!({}))), [want]);
    }
}

#[test]
fn of_several_wordings_each_is_said_now_and_then() {
    let item = |text: &str| json!({"channel": "default", "localeData": {"en": {"text": text, "type": "basic"}}});
    let parts = vec![(
        "m",
        json!({"type": "message", "message": [item("one"), item("two")]}),
        to("end"),
    )];
    let agent = agent(vec![("run", parts)], json!({}));
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let mut chat = Chat::new(&agent);
        let mut input = chat.input(InputKind::Text, "run");
        input.seed = seed;
        seen.extend(texts(&chat.turn(input)));
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn placeholders_are_paths_or_javascript_and_what_fails_is_empty() {
    let extra = json!({
        "contentVariables": [{"key": "HI", "localeData": {"en": {"value": "Hi {{context.intent}}"}}}],
        "config": {"envVariables": [{"key": "HOST", "value": "h.test"}]},
    });
    for (text, want) in [
        ("{{context.intent}}", "run"),
        ("{{ content.HI }}!", "Hi run!"),
        ("{{env.HOST}}", "h.test"),
        ("{{1 + 2 * 3}}", "7"),
        ("{{JSON.stringify({a: {b: [1]}})}}", "{\"a\":{\"b\":[1]}}"),
        ("{{context.intent.toUpperCase()}}", "RUN"),
        ("x{{context.nothing.at.all}}y", "xy"),
        ("x{{context.nothing.at.all.deeper()}}y", "xy"),
        ("x{{throw new Error('no')}}y", "xy"),
        ("x{{}}y", "xy"),
        ("a {{ never closed", "a {{ never closed"),
        ("{{'}}'}}", "}}"),
        ("{{[1,2].map(x => x * 2).join('-')}}", "2-4"),
    ] {
        let outcome = says(words("basic", text), extra.clone());
        assert_eq!(texts(&outcome), [want], "{text}");
    }
    let outcome = says(words("basic", "x{{no.such.thing()}}y"), json!({}));
    assert!(
        said_by(&outcome)
            .iter()
            .any(|line| line.contains("gave nothing"))
    );
}

#[test]
fn a_value_that_looks_like_a_placeholder_is_not_rendered_again() {
    let parts = vec![
        ("e", entity("label"), to("m")),
        ("m", message("You said {{context.entities.e}}"), to("end")),
    ];
    let agent = agent(
        vec![("run", parts)],
        json!({"config": {"envVariables": [{"key": "KEY", "value": "secret"}]}}),
    );
    let mut chat = Chat::new(&agent);
    chat.say("run");
    assert_eq!(chat.texts("{{env.KEY}}"), ["You said {{env.KEY}}"]);
}

#[test]
fn javascript_messages_print_texts_and_templates() {
    let template = json!({"type": "template", "payload": {"template_type": "anything_else", "deep": [{"x": 1.5}]}});
    for (script, want) in [
        ("print('a'); print('b')".to_owned(), vec!["ab".to_owned()]),
        (
            format!("print(JSON.stringify({template}))"),
            vec![template.to_string()],
        ),
        (format!("print({template})"), vec![template.to_string()]),
        ("print('{broken')".into(), vec!["{broken".into()]),
        ("var x = 1".into(), vec![]),
    ] {
        let outcome = says(words("uxmap", &script), json!({}));
        assert_eq!(texts(&outcome), want, "{script}");
    }
}

#[test]
fn buttons_built_with_a_form_are_sent_as_a_template() {
    let payload = json!({"template_type": "button", "text": "Pick {{context.intent}}", "buttons": [{"type": "postback", "title": "Go", "payload": "go"}]});
    let messages = json!([{"channel": "default", "localeData": {"en": {"text": "Pick", "type": "basic", "payload": payload}}}]);
    let outcome = says(messages, json!({}));
    let said: Value = serde_json::from_str(&texts(&outcome)[0]).unwrap();
    assert_eq!(said["payload"]["text"], "Pick run");
    assert_eq!(said["payload"]["buttons"][0]["payload"], "go");
}

#[test]
fn an_empty_message_has_a_default_text() {
    let outcome = says(words("basic", "{{context.nothing}}"), json!({}));
    assert_eq!(texts(&outcome).len(), 1);
    assert!(!texts(&outcome)[0].is_empty());
}

#[test]
fn the_agents_own_standard_responses_are_said_whatever_the_case_of_their_key() {
    let own = |condition: &str, wording: &str| {
        json!({"koraResponses": [{"Key": "k", "Condition": condition, "language": "en",
            "channelUXMaps": [{"channel": "default", "uXMap": wording}]}]})
    };
    let dialogs = || {
        vec![
            ("order", vec![("n", entity("number"), to("end"))]),
            ("greet", vec![("m", message("x"), to("end"))]),
        ]
    };
    let choices = "<% print(getChoices().map(c => c.title).join('/')) %>";
    for (condition, wording, says, want) in [
        (
            "cannot understand your request!",
            "Pardon?",
            "xyzzy",
            "Pardon?",
        ),
        (
            "User discards the current task",
            "Stopped <task-name>.",
            "discard",
            "Stopped order.",
        ),
        (
            "i am not sure what you mean",
            choices,
            "order or greet",
            "order/greet",
        ),
    ] {
        let agent = agent(dialogs(), own(condition, wording));
        let mut chat = Chat::new(&agent);
        if says == "discard" {
            chat.say("order");
        }
        assert_eq!(chat.texts(says), [want], "{condition}");
    }
}

#[test]
fn an_input_message_waits_and_its_ways_look_at_the_intent() {
    let own = json!({"type": "intent"});
    let parts = vec![
        (
            "m",
            message("Anything else?"),
            json!({"nodeOptions": {"transitionType": "onInput"},
            "transitions": [{"if": {"intent": "more", "op": "", "value": ""}, "then": "more"}, {"if": {"intent": "", "op": ""}, "then": "x"}, {"default": "bye"}]}),
        ),
        ("more", own, to("again")),
        ("again", message("One more"), to("end")),
        ("bye", message("Bye"), to("end")),
    ];
    let agent = agent(vec![("run", parts)], json!({}));
    let mut chat = Chat::new(&agent);
    let first = chat.say("run");
    assert_eq!(texts(&first), ["Anything else?"]);
    assert!(first.end_of_task.is_none());
    assert_eq!(chat.texts("more"), ["One more"]);
    let mut chat = Chat::new(&agent);
    chat.say("run");
    assert_eq!(chat.texts("nothing"), ["Bye"]);
}
