//! Changing a value that was given before.

use crate::kit::{Chat, agent, entity, message, texts, to, words};
use dialog::Event;
use serde_json::{Value, json};

/// Asks for a city, a number and a confirmation, saying what it has after each.
fn bot(amend: Value, hidden: bool) -> definition::Agent {
    let city = json!({"type": "entity", "entityType": "list_of_values", "message": words("basic", "City?"), "errorMessage": words("basic", "City again?"),
        "localeData": {"en": {"label": "Destination", "synonyms": ["town"], "allowedValues": {"values": ["Rome", "Paris", "Oslo"]}}}});
    let mut number = entity("number");
    number["message"] = words("basic", "How many?");
    number["localeData"] = json!({"en": {"label": "guests"}});
    let mut second = number.clone();
    second["message"] = words("basic", "Nights?");
    second["localeData"] = json!({"en": {"label": "nights"}});
    let options = if hidden {
        json!({"nodeOptions": {"promptOptions": "hidden"}, "transitions": [{"default": "said"}]})
    } else {
        to("said")
    };
    let parts = vec![
        ("start", message("Hello"), to("city")),
        ("city", city, options),
        (
            "said",
            message("To {{context.entities.city}}"),
            to("guests"),
        ),
        (
            "guests",
            number,
            json!({"nodeOptions": {"reuseOptions": "3"}, "transitions": [{"default": "nights"}]}),
        ),
        (
            "nights",
            second,
            json!({"nodeOptions": {"reuseOptions": "3"}, "transitions": [{"default": "sure"}]}),
        ),
        (
            "sure",
            json!({"type": "dialogAct", "message": words("basic", "Sure?"), "errorMessage": words("basic", "Yes or no?")}),
            to("done"),
        ),
        (
            "done",
            message(
                "{{context.entities.city}} {{context.entities.guests}} {{context.entities.nights}}",
            ),
            to("end"),
        ),
    ];
    agent(vec![("book", parts)], json!({"amendConfig": amend}))
}

fn settings(more: Value) -> Value {
    let mut all = json!({"enabled": true, "postAmend": "continueFromAmendedNode", "allowHidden": false,
        "clearDownstreamEntities": false, "skipShownMessages": true});
    for (key, value) in more.as_object().unwrap() {
        all[key] = value.clone();
    }
    all
}

/// A chat at the confirmation: Rome, 2 guests, 3 nights.
fn asked<'a>(agent: &'a definition::Agent) -> Chat<'a> {
    let mut chat = Chat::new(agent);
    assert_eq!(chat.texts("book"), ["Hello", "City?"]);
    assert_eq!(chat.texts("Rome"), ["To Rome", "How many?"]);
    assert_eq!(chat.texts("2"), ["Nights?"]);
    assert_eq!(chat.texts("3"), ["Sure?"]);
    chat
}

#[test]
fn every_documented_way_to_say_it_changes_the_value() {
    let agent = bot(settings(json!({})), false);
    for (text, want) in [
        ("change the city to Paris", "Paris 2 3"),
        ("please change the destination to Paris", "Paris 2 3"),
        ("update my town to Oslo", "Oslo 2 3"),
        ("change it to Paris", "Paris 2 3"),
        ("make it Paris", "Paris 2 3"),
        ("change the city from Rome to Oslo", "Oslo 2 3"),
        ("change from Rome to Oslo", "Oslo 2 3"),
        ("to Paris instead of Rome", "Paris 2 3"),
        ("change to Paris instead of Rome", "Paris 2 3"),
        ("change guests to 5", "Rome 5 3"),
        ("I want 5 instead of 3", "Rome 2 5"),
    ] {
        let mut chat = asked(&agent);
        let outcome = chat.say(text);
        assert_eq!(texts(&outcome), ["Sure?"], "{text}");
        assert!(
            outcome
                .events
                .iter()
                .any(|e| matches!(e, Event::Amended { .. })),
            "{text}"
        );
        assert!(
            !outcome
                .events
                .iter()
                .any(|e| matches!(e, Event::EntityRetry { .. })),
            "{text}"
        );
        assert_eq!(chat.texts("yes"), [want], "{text}");
    }
}

#[test]
fn a_name_alone_asks_for_the_value() {
    let agent = bot(settings(json!({})), false);
    let mut chat = asked(&agent);
    assert_eq!(chat.texts("change the destination"), ["City?"]);
    assert_eq!(chat.texts("Oslo").last().unwrap(), "Sure?");
    assert_eq!(chat.texts("yes"), ["Oslo 2 3"]);
}

#[test]
fn a_value_that_fits_several_is_asked_back() {
    let agent = bot(settings(json!({})), false);
    let mut chat = asked(&agent);
    let said = chat.texts("change to 7");
    assert_eq!(
        said,
        ["Which one do you want to change?\na) nights\nb) guests"]
    );
    assert_eq!(chat.texts("guests"), ["Sure?"]);
    assert_eq!(chat.texts("yes"), ["Rome 7 3"]);
}

#[test]
fn what_follows_is_as_the_settings_say() {
    // messages shown before are shown again
    let agent = bot(settings(json!({"skipShownMessages": false})), false);
    let mut chat = asked(&agent);
    assert_eq!(
        chat.texts("change the city to Paris"),
        ["To Paris", "Sure?"]
    );
    // later values are cleared and asked for again
    let agent = bot(settings(json!({"clearDownstreamEntities": true})), false);
    let mut chat = asked(&agent);
    assert_eq!(chat.texts("change the city to Paris"), ["How many?"]);
    assert_eq!(chat.texts("4"), ["Nights?"]);
    // the user goes on where they were
    let agent = bot(
        settings(json!({"postAmend": "resumeFromCurrentNode"})),
        false,
    );
    let mut chat = asked(&agent);
    assert_eq!(chat.texts("change the city to Paris"), ["Sure?"]);
    assert_eq!(chat.texts("yes"), ["Paris 2 3"]);
    // or at a node of the designer's, which sees old and new value
    let agent = bot(
        settings(json!({"postAmend": "jumpToNode", "refId": "done"})),
        false,
    );
    let mut chat = asked(&agent);
    assert_eq!(chat.texts("change the city to Paris"), ["Paris 2 3"]);
}

#[test]
fn it_is_off_unless_it_is_switched_on_and_speaks_english() {
    let off = bot(json!({"enabled": false}), false);
    assert_ne!(asked(&off).texts("change the city to Paris"), ["Sure?"]);
    let agent = bot(settings(json!({})), false);
    let mut chat = asked(&agent);
    assert_ne!(
        chat.texts("change the weather to sunny"),
        ["Sure?"],
        "no such entity, no such value"
    );
}

#[test]
fn a_hidden_value_is_changed_only_where_that_is_allowed() {
    for allowed in [true, false] {
        let agent = bot(settings(json!({"allowHidden": allowed})), true);
        let mut chat = Chat::new(&agent);
        assert_eq!(chat.texts("book").last().unwrap(), "How many?");
        // the hidden entity was not picked up here; a value said later fills it
        chat.say("2");
        chat.say("3");
        let outcome = chat.say("change guests to 5");
        assert_eq!(texts(&outcome), ["Sure?"]);
    }
}
