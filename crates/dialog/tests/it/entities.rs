//! Every type of entity: prompts, values, retries, error prompts, reuse.

use crate::kit::{Chat, agent, entity, message, texts, to, words};
use dialog::{EndReason, Event, Waiting};
use serde_json::{Value, json};

/// An entity of a type with more members.
fn with(kind: &str, more: Value) -> Value {
    let mut entity = entity(kind);
    for (key, value) in more.as_object().unwrap() {
        entity[key] = value.clone();
    }
    entity
}

fn list(values: Value) -> Value {
    with(
        "list_of_values",
        json!({"localeData": {"en": {"label": "thing", "allowedValues": {"values": values}}}}),
    )
}

/// Asks for `e` and says it as JSON.
fn asks(entity: Value, mut node: Value) -> definition::Agent {
    let ways = to("m");
    node["transitions"] = ways["transitions"].clone();
    let parts = vec![
        ("e", entity, node),
        (
            "m",
            message("{{JSON.stringify(context.entities.e)}}"),
            to("end"),
        ),
    ];
    agent(vec![("ask", parts)], json!({}))
}

#[test]
fn each_type_takes_its_values_and_asks_again_for_others() {
    let colours = json!([{"title": "Red", "value": "r", "synonyms": ["scarlet", "\"deep red\""]},
        {"title": "Light Blue", "value": "lb"}, "green"]);
    for (entity, answer, want, bad) in [
        (entity("label"), " Ann's place ", json!("Ann's place"), None),
        (entity("description"), "One. Two.", json!("One. Two."), None),
        (entity("number"), "about 1,200", json!(1200), Some("many")),
        (
            entity("phone_number"),
            "+91 98765 43210",
            json!("+919876543210"),
            Some("12"),
        ),
        (
            entity("date"),
            "2023-12-24",
            json!("2023-12-24"),
            Some("someday"),
        ),
        (
            entity("email"),
            "it is jo@x.example.com",
            json!("jo@x.example.com"),
            Some("jo@"),
        ),
        (
            entity("person_name"),
            "my name is Ann Miller",
            json!("Ann Miller"),
            Some("1234"),
        ),
        (
            entity("time"),
            "10:30",
            json!("T10:30:00+00:00"),
            Some("soon"),
        ),
        (
            with("regex", json!({"regexPattern": "[A-Z]{2}\\d{4}"})),
            "it is AB1234.",
            json!("AB1234"),
            Some("ab12"),
        ),
        (
            list(colours.clone()),
            "scarlet please",
            json!("r"),
            Some("yellow"),
        ),
        (
            list(colours.clone()),
            "light blue",
            json!("lb"),
            Some("seven"),
        ),
        (list(colours), "green", json!("green"), Some("wood")),
        (
            with(
                "list_of_items_lookup",
                json!({"lookupValues": [{"title": "Berlin", "value": "BER"}, {"title": "Rome", "value": "ROM"}]}),
            ),
            "Berlin",
            json!("BER"),
            Some("zzz"),
        ),
        (
            entity("dateperiod"),
            "2023-12-01 to 2023-12-05",
            json!({"from": "2023-12-01", "to": "2023-12-05"}),
            Some("sometime"),
        ),
        (
            entity("currencyv2"),
            "20 dollars",
            json!({"code": "USD", "amount": 20}),
            Some("a lot"),
        ),
        (
            entity("quantityv2"),
            "5 kg",
            json!({"unit": "kilogram", "amount": 5, "type": "weight", "source": "5 kg"}),
            Some("heavy"),
        ),
        (entity("city"), "to Paris", json!("Paris"), Some("1234")),
        (
            entity("country"),
            "France",
            json!({"alpha2": "FR", "alpha3": "FRA", "localName": "France", "shortName": "France", "numericalCode": 250}),
            Some("nowhere"),
        ),
        (
            entity("airport"),
            "LHR",
            json!({"IATA": "LHR", "AirportName": "London Heathrow Airport", "City": "London", "ICAO": "EGLL"}),
            Some("home"),
        ),
        (
            entity("location"),
            "Berlin",
            json!({"formatted_address": "Berlin, Germany", "lat": 52.52, "lng": 13.41}),
            Some("here"),
        ),
        (
            entity("address"),
            "221 Baker Street, London",
            json!("221 Baker Street, London"),
            Some("home"),
        ),
        (entity("timezone"), "IST", json!("+05:30"), Some("soon")),
        (
            entity("color"),
            "dark green",
            json!("dark green"),
            Some("big"),
        ),
        (
            entity("company_name"),
            "Microsoft",
            json!("Microsoft"),
            Some("1234"),
        ),
        (entity("zipcode"), "02139", json!("02139"), Some("no")),
        (entity("percentage"), "20 %", json!(0.2), Some("no")),
        (
            entity("url"),
            "https://a.example/x",
            json!("https://a.example/x"),
            Some("no"),
        ),
        (
            with("number", json!({"isArray": true})),
            "1, 2 and 3",
            json!([1, 2, 3]),
            Some("no"),
        ),
    ] {
        let agent = asks(entity.clone(), json!({}));
        let mut chat = Chat::new(&agent);
        assert_eq!(chat.texts("ask"), ["Which?"], "{entity}");
        if let Some(bad) = bad {
            assert_eq!(chat.texts(bad), ["Again?"], "{entity} {bad}");
        }
        let outcome = chat.say(answer);
        let said: Value = serde_json::from_str(&texts(&outcome)[0]).unwrap();
        assert_eq!(said, want, "{entity}");
        assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Fulfilled);
    }
}

#[test]
fn a_regex_that_is_none_asks_again_and_says_so_in_the_log() {
    let agent = asks(with("regex", json!({"regexPattern": "(a+"})), json!({}));
    let mut chat = Chat::new(&agent);
    chat.say("ask");
    let outcome = chat.say("aaa");
    assert_eq!(texts(&outcome), ["Again?"]);
    assert!(
        outcome
            .debug_logs
            .iter()
            .any(|line| line.text.contains("regular expression"))
    );
}

#[test]
fn the_limit_of_attempts_is_the_nodes_own() {
    for limit in 1..=5u32 {
        let node = json!({"nodeOptions": {"eventOptions": {"defaultMaxRetry": {"retry_limit": limit, "action": "endOfDialog"}}}});
        let agent = asks(entity("number"), node);
        let mut chat = Chat::new(&agent);
        chat.say("ask");
        for _ in 1..limit {
            assert_eq!(chat.texts("hm"), ["Again?"], "{limit}");
        }
        let last = chat.say("hm");
        assert_eq!(last.end_of_task.unwrap().reason, EndReason::Canceled);
        let why = last.events.iter().find_map(|event| match event {
            Event::TaskEnded { why, .. } => *why,
            _ => None,
        });
        assert_eq!(why, Some(dialog::FailureReason::Attempts));
        assert!(chat.state.task.is_none());
    }
}

#[test]
fn at_the_limit_a_node_may_take_over() {
    let node = json!({"nodeOptions": {"eventOptions": {"defaultMaxRetry": {"retry_limit": 2, "action": "executeNode", "ref": "sorry"}}},
        "transitions": [{"default": "end"}]});
    let parts = vec![
        ("e", entity("number"), node),
        ("sorry", message("Sorry"), to("end")),
    ];
    let agent = agent(vec![("ask", parts)], json!({}));
    let mut chat = Chat::new(&agent);
    chat.say("ask");
    assert_eq!(chat.texts("hm"), ["Again?"]);
    let outcome = chat.say("hm");
    assert_eq!(texts(&outcome), ["Sorry"]);
    assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Fulfilled);
}

#[test]
fn error_prompts_come_in_order_when_they_are_sequenced_and_ours_when_there_is_none() {
    let prompts = json!([{"channel": "default", "localeData": {"en": {"text": "one", "type": "basic"}}},
        {"channel": "default", "localeData": {"en": {"text": "two", "type": "basic"}}}]);
    let agent = asks(
        with("number", json!({"errorMessage": prompts})),
        json!({"nodeOptions": {"errorPromptSequencing": true}}),
    );
    let mut chat = Chat::new(&agent);
    chat.say("ask");
    let said: Vec<String> = (0..3).flat_map(|_| chat.texts("hm")).collect();
    assert_eq!(said, ["one", "two", "two"]);
    for entity in [
        with("number", json!({"errorMessage": [], "message": []})),
        list(json!(["a1", "b1"])),
    ] {
        let mut entity = entity;
        entity["errorMessage"] = json!([]);
        let agent = asks(entity, json!({}));
        let mut chat = Chat::new(&agent);
        assert_eq!(chat.texts("ask").len(), 1);
        let said = chat.texts("hm");
        assert!(said.len() == 1 && !said[0].is_empty());
    }
}

#[test]
fn an_optional_entity_is_asked_for_once_and_a_hidden_one_never() {
    let optional = json!({"nodeOptions": {"promptOptions": "optional"}});
    let agent = asks(entity("number"), optional);
    let mut chat = Chat::new(&agent);
    assert_eq!(chat.texts("ask"), ["Which?"]);
    let last = chat.say("hm");
    assert_eq!(last.end_of_task.unwrap().reason, EndReason::Fulfilled);
    assert!(chat.state.task.is_none());

    let default = json!({"nodeOptions": {"promptOptions": "optional",
        "defaultValue": {"channel": "default", "localeData": {"en": {"text": "9", "type": "basic"}}}}});
    let agent = asks(entity("number"), default);
    let mut chat = Chat::new(&agent);
    chat.say("ask");
    assert_eq!(chat.texts("hm"), ["\"9\""]);

    let hidden = json!({"nodeOptions": {"promptOptions": "hidden"}});
    let agent = asks(entity("number"), hidden);
    let outcome = Chat::new(&agent).say("ask");
    assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Fulfilled);
}

/// Asks for `a`, a text, then `b`, a number of the given reuse.
fn two(reuse: Value) -> definition::Agent {
    let parts = vec![
        ("a", entity("email"), to("b")),
        (
            "b",
            entity("number"),
            json!({"nodeOptions": reuse, "transitions": [{"default": "c"}]}),
        ),
        (
            "c",
            entity("number"),
            json!({"nodeOptions": {"reuseOptions": "2"}, "transitions": [{"default": "m"}]}),
        ),
        (
            "m",
            message("{{context.entities.b}} {{context.entities.c}}"),
            to("end"),
        ),
    ];
    agent(vec![("ask", parts)], json!({}))
}

#[test]
fn words_said_earlier_fill_entities_as_the_reuse_says() {
    // unused words fill b; c may use them again
    let unused = two(json!({}));
    let mut chat = Chat::new(&unused);
    chat.say("ask");
    assert_eq!(chat.texts("jo@x.example.com, 5 of them"), ["5 5"]);
    // none: b is asked for; its answer fills c
    let never = two(json!({"reuseOptions": "3"}));
    let mut chat = Chat::new(&never);
    chat.say("ask");
    assert_eq!(chat.texts("jo@x.example.com, 5 of them"), ["Which?"]);
    // locked words fill nothing else
    let locked = two(json!({"reuseOptions": 3, "notForReuse": true}));
    let mut chat = Chat::new(&locked);
    chat.say("ask");
    chat.say("jo@x.example.com");
    assert_eq!(chat.texts("6"), ["Which?"]);
    assert_eq!(chat.texts("7"), ["6 7"]);
}

#[test]
fn free_texts_never_take_words_that_were_left_over() {
    for kind in ["label", "description"] {
        let parts = vec![
            ("a", entity("number"), to("b")),
            ("b", entity(kind), to("end")),
        ];
        let agent = agent(vec![("ask", parts)], json!({}));
        let mut chat = Chat::new(&agent);
        chat.say("ask");
        assert_eq!(chat.texts("5 and a lot more words"), ["Which?"], "{kind}");
    }
}

#[test]
fn a_value_set_by_a_script_or_an_event_is_not_asked_for() {
    let parts = vec![
        (
            "s",
            json!({"type": "script", "script": "context.entities.e = 'set'"}),
            to("e"),
        ),
        ("e", entity("number"), to("m")),
        ("m", message("{{context.entities.e}}"), to("end")),
    ];
    let agent = agent(vec![("ask", parts)], json!({}));
    assert_eq!(Chat::new(&agent).texts("ask"), ["set"]);
}

#[test]
fn values_of_later_nodes_are_kept_and_cost_no_attempt() {
    let parts = vec![
        ("n", entity("number"), to("mail")),
        ("mail", entity("email"), to("m")),
        (
            "m",
            message("{{context.entities.n}} {{context.entities.mail}}"),
            to("end"),
        ),
    ];
    let agent = agent(vec![("ask", parts)], json!({}));
    let mut chat = Chat::new(&agent);
    chat.say("ask");
    let outcome = chat.say("jo@x.example.com");
    assert_eq!(texts(&outcome), ["Which?"]);
    assert!(
        !outcome
            .events
            .iter()
            .any(|e| matches!(e, Event::EntityRetry { .. }))
    );
    assert_eq!(chat.texts("3"), ["3 jo@x.example.com"]);
}

#[test]
fn an_unclear_value_is_asked_back_and_an_answer_that_is_no_choice_leaves_it_empty() {
    let cities = json!([{"title": "New York", "value": "NYC"}, {"title": "New Delhi", "value": "DEL"}, {"title": "Rome", "value": "ROM"}]);
    for (answer, want) in [
        ("b", "\"DEL\""),
        ("1", "\"NYC\""),
        ("delhi", "\"DEL\""),
        ("Rome", "\"ROM\""),
        ("something else", ""),
    ] {
        let agent = asks(list(cities.clone()), json!({}));
        let mut chat = Chat::new(&agent);
        chat.say("ask");
        let asked = chat.say("new");
        assert!(
            texts(&asked)[0].contains("a) New York\nb) New Delhi"),
            "{:?}",
            texts(&asked)
        );
        let task = chat.state.task.as_ref().unwrap();
        assert_eq!(
            task.context["entities"]["ambiguousEntityValues"]["values"],
            json!(["NYC", "DEL"])
        );
        assert_eq!(task.context["entities"]["synonymsUsed"], json!(["new"]));
        assert!(matches!(task.stack[0].waiting, Some(Waiting::Choice(_))));
        let said = chat.texts(answer);
        match want {
            "" => assert_eq!(said.len(), 1, "{answer}"),
            want => assert_eq!(said, [want], "{answer}"),
        }
        assert!(chat.state.task.is_none(), "{answer}");
    }
}

#[test]
fn a_list_from_the_context_has_titles_values_and_synonyms() {
    let parts = |entity: Value| {
        let script = "context.rows = [{n: 'One', v: 1, s: ['uno']}, {n: 'Two', v: {deep: 2}}]; context.plain = ['x1', 'y1'];";
        vec![
            ("s", json!({"type": "script", "script": script}), to("e")),
            ("e", entity, to("m")),
            (
                "m",
                message("{{JSON.stringify(context.entities.e)}}"),
                to("end"),
            ),
        ]
    };
    let from = |allowed: Value| {
        with(
            "list_of_values",
            json!({"localeData": {"en": {"label": "thing", "allowedValues": allowed}}}),
        )
    };
    let rows =
        json!({"variable": "context.rows", "titleKey": "n", "valueKey": "v", "synonymsKey": "s"});
    for (allowed, answer, want) in [
        (rows.clone(), "uno", "1"),
        (rows, "two", "{\"deep\":2}"),
        (json!({"variable": "plain"}), "y1", "\"y1\""),
        (json!({"variable": "{{context.plain}}"}), "x1", "\"x1\""),
    ] {
        let agent = agent(vec![("ask", parts(from(allowed.clone())))], json!({}));
        let mut chat = Chat::new(&agent);
        assert_eq!(chat.texts("ask"), ["Which?"]);
        assert_eq!(chat.texts(answer), [want], "{allowed}");
    }
}

#[test]
fn choices_are_shown_as_buttons_quick_replies_or_with_more_to_come() {
    for (count, kind, shown) in [
        (2, "button", "buttons"),
        (4, "quick_replies", "quick_replies"),
        (12, "quick_replies", "show_more"),
    ] {
        let values: Vec<Value> = (0..count)
            .map(|n| json!(format!("A rather long title number {n}")))
            .collect();
        let mut entity = list(json!(values));
        entity["applyDefaultTemplate"] = json!(true);
        let agent = asks(entity, json!({}));
        let said = Chat::new(&agent).texts("ask");
        let template: Value = serde_json::from_str(&said[0]).unwrap();
        assert_eq!(template["payload"]["template_type"], kind);
        let first = &template["payload"][shown][0];
        assert!(!first.is_null(), "{template}");
        if count == 2 {
            assert_eq!(first["title"], "A rather long titl..");
            assert_eq!(first["payload"], "A rather long title number 0");
        }
    }
}

#[test]
fn prompts_of_the_node_replace_those_of_the_component() {
    let node = json!({"nodeOptions": {"message": words("basic", "Node?"), "errorMessage": words("basic", "Node again?")}});
    let agent = asks(entity("number"), node);
    let mut chat = Chat::new(&agent);
    assert_eq!(chat.texts("ask"), ["Node?"]);
    assert_eq!(chat.texts("hm"), ["Node again?"]);
}

#[test]
fn a_prompt_script_sees_the_choices() {
    let print = "print(getChoices().map(c => c.title).join('/') + response.choices.length)";
    let mut entity = list(json!(["a1", "b1"]));
    entity["message"] = words("uxmap", print);
    let agent = asks(entity, json!({}));
    assert_eq!(Chat::new(&agent).texts("ask"), ["a1/b12"]);
}

fn confirms(more: Value) -> definition::Agent {
    let mut ask = json!({"type": "dialogAct", "message": words("basic", "Sure?")});
    for (key, value) in more["component"].as_object().into_iter().flatten() {
        ask[key] = value.clone();
    }
    let mut node = more["node"].clone();
    if node["transitions"].is_null() {
        node = json!({"transitions": [{"if": {"dialogAct": "yes"}, "then": "y"}, {"if": {"dialogAct": "no"}, "then": "n"}]});
    }
    let parts = vec![
        ("c", ask, node),
        ("y", message("Done {{context.c}}"), to("end")),
        ("n", message("Left {{context.c}}"), to("end")),
        ("o", message("Other"), to("end")),
    ];
    agent(vec![("buy", parts)], json!({}))
}

#[test]
fn a_confirmation_knows_its_words_and_the_agents() {
    let own = json!({"component": {"localeData": {"en": {"synonyms": {"yes": ["ship it"], "no": ["keep it"]}}}}});
    let agent = confirms(own);
    for (answer, want) in [
        ("yes", "Done yes"),
        ("Sure, go on", "Done yes"),
        ("👍", "Done yes"),
        ("ship it", "Done yes"),
        ("no", "Left no"),
        ("of course not", "Left no"),
        ("please keep it", "Left no"),
    ] {
        let mut chat = Chat::new(&agent);
        assert_eq!(chat.texts("buy"), ["Sure?"]);
        assert_eq!(chat.texts(answer), [want], "{answer}");
    }
    let mut chat = Chat::new(&agent);
    chat.say("buy");
    for _ in 0..4 {
        assert!(chat.say("perhaps").end_of_task.is_none());
    }
    let last = chat.say("perhaps");
    assert_eq!(last.end_of_task.unwrap().reason, EndReason::Canceled);
    assert!(last.events.iter().any(|e| matches!(
        e,
        Event::EntityRetry {
            confirmation: true,
            ..
        }
    )));
}

#[test]
fn a_confirmation_with_another_way_takes_it_and_one_that_is_settled_is_not_asked() {
    let ways = json!({"transitions": [{"if": {"dialogAct": "yes"}, "then": "y"}, {"if": {"dialogAct": "no"}, "then": "n"}, {"default": "o"}]});
    let agent = confirms(json!({"node": ways}));
    let mut chat = Chat::new(&agent);
    chat.say("buy");
    assert_eq!(chat.texts("perhaps"), ["Other"]);
    let settled = json!({"transitions": [{"if": {"dialogAct": "yes"}, "then": "y"}, {"if": {"context": "context.intent", "op": "eq", "value": "buy"}, "then": "o"}]});
    let agent = confirms(json!({"node": settled}));
    assert_eq!(Chat::new(&agent).texts("buy"), ["Other"]);
}

/// Asks for `e` under a pattern, and says the value that came.
fn patterned(kind: Value, patterns: Value, before: &'static str) -> definition::Agent {
    let ask = ("e", kind, to("m"));
    let said = message("got {{context.entities.e}}");
    let mut parts = vec![ask, ("m", said, to("end"))];
    if !before.is_empty() {
        let rules = json!({"type": "script", "script": before});
        parts.insert(0, ("s", rules, to("e")));
    }
    let extra = json!({"patterns": [{"refId": "dc-order-e", "taskType": "entity", "localeData": {"en": {"patterns": patterns}}}]});
    agent(vec![("order", parts)], extra)
}

#[test]
fn a_pattern_marks_the_value_of_an_entity() {
    let star = |text: &str| json!([{"value": text, "original": text}]);
    for (kind, pattern, said, want) in [
        (
            "label",
            "call me *1",
            "you can call me Ann today",
            "got Ann",
        ),
        ("label", "call me *1", "Ann", "got Ann"),
        (
            "label",
            "from * to",
            "from New York to Rome",
            "got New York",
        ),
        (
            "description",
            "because *",
            "because it broke. Bye",
            "got it broke",
        ),
        ("number", "row *", "seat 12 in row 7", "got 7"),
        ("number", "row *", "12", "got 12"),
        ("number", "row * >", "row seven. seat 12", "got 7"),
        (
            "person_name",
            "< name *2",
            "name Ann Lee please",
            "got Ann Lee",
        ),
    ] {
        let agent = patterned(entity(kind), star(pattern), "");
        let mut chat = Chat::new(&agent);
        assert_eq!(chat.texts("order"), ["Which?"]);
        assert_eq!(chat.texts(said), [want], "{kind} {pattern} {said}");
    }
}

#[test]
fn a_pattern_fills_a_free_text_from_words_that_were_left_over() {
    let patterns = json!([{"value": "call me *1", "original": "call me *1"}]);
    let agent = patterned(entity("label"), patterns, "");
    let mut chat = Chat::new(&agent);
    let mut input = chat.input(dialog::InputKind::Text, "please call me Ann");
    input.nl_meta = Some(json!({"intent": "order"}));
    assert_eq!(crate::kit::texts(&chat.turn(input)), ["got Ann"]);
}

#[test]
fn scripts_set_the_rules_of_an_entity() {
    for (kind, rule, said, want) in [
        ("label", "{patternsOnly: true}", "Ann", "Again?"),
        ("label", "{patternsOnly: 'true'}", "call me Ann", "got Ann"),
        (
            "label",
            "{stripLeading: ['the', 'a'], stripTrailing: 'please now'}",
            "the red one please",
            "got red one",
        ),
        ("label", "{stripLeading: ['the']}", "the", "Again?"),
        ("label", "{avoidSingleWord: true}", "yes", "Again?"),
        ("label", "{avoidSingleWord: true}", "yes do", "got yes do"),
        (
            "label",
            "{extractOnlyNumbers: true}",
            "order 12-34",
            "got 1234",
        ),
        ("label", "{extractOnlyNumbers: true}", "none", "Again?"),
        ("number", "{digits: 4}", "12", "Again?"),
        (
            "number",
            "{digits: '4', asString: true}",
            "0012",
            "got 0012",
        ),
        (
            "person_name",
            "{ignoreWords: ['Mister']}",
            "Mister Smith",
            "got Smith",
        ),
    ] {
        let source: &'static str =
            Box::leak(format!("context.entityRules = {{e: {rule}}}").into_boxed_str());
        let patterns = json!([{"value": "call me *1", "original": "call me *1"}]);
        let agent = patterned(entity(kind), patterns, source);
        let mut chat = Chat::new(&agent);
        chat.say("order");
        assert_eq!(chat.texts(said), [want], "{rule} {said}");
    }
}

#[test]
fn only_the_latest_words_fill_an_entity_when_its_rule_says_so() {
    for (rule, want) in [("false", "got 5"), ("true", "Which?")] {
        let source: &'static str = Box::leak(
            format!("context.entityRules = {{e: {{processLatestSentence: {rule}}}}}")
                .into_boxed_str(),
        );
        let agent = agent(
            vec![(
                "order",
                vec![
                    ("s", json!({"type": "script", "script": source}), to("t")),
                    ("t", entity("label"), to("e")),
                    ("e", entity("number"), to("m")),
                    ("m", message("got {{context.entities.e}}"), to("end")),
                ],
            )],
            json!({}),
        );
        let mut chat = Chat::new(&agent);
        let mut input = chat.input(dialog::InputKind::Text, "order of 5");
        input.nl_meta = Some(json!({"intent": "order"}));
        chat.turn(input);
        assert_eq!(chat.texts("some text"), [want], "{rule}");
    }
}

#[test]
fn a_day_without_a_time_is_asked_for_the_time_only() {
    let agent = asks(entity("datetime"), json!({}));
    // 2023-11-14, 22:13 UTC
    for (answers, want) in [
        (vec!["tomorrow at 6pm"], "\"2023-11-15T18:00:00+00:00\""),
        (vec!["6pm"], "\"2023-11-15T18:00:00+00:00\""),
        (
            vec!["20 November 2023", "6pm"],
            "\"2023-11-20T18:00:00+00:00\"",
        ),
        (
            vec!["20 November 2023", "no idea", "6 pm"],
            "\"2023-11-20T18:00:00+00:00\"",
        ),
        (
            vec!["20 November 2023", "22 November 2023 at 9 am"],
            "\"2023-11-22T09:00:00+00:00\"",
        ),
        (
            vec!["20 November 2023", "22 November 2023", "9 am"],
            "\"2023-11-22T09:00:00+00:00\"",
        ),
    ] {
        let mut chat = Chat::new(&agent);
        chat.say("ask");
        let said: Vec<String> = answers.iter().flat_map(|text| chat.texts(text)).collect();
        assert_eq!(said.last().map(String::as_str), Some(want), "{answers:?}");
        if answers.len() > 1 {
            assert_eq!(said[0], "At what time on 20 November 2023?");
        }
    }
    let mut chat = Chat::new(&agent);
    let mut input = chat.input(dialog::InputKind::Text, "ask for 20 November 2023");
    input.nl_meta = Some(json!({"intent": "ask"}));
    assert_eq!(
        crate::kit::texts(&chat.turn(input)),
        ["At what time on 20 November 2023?"],
        "the day was said with the intent"
    );
    assert_eq!(chat.texts("noon"), ["\"2023-11-20T12:00:00+00:00\""]);
}

#[test]
fn a_bare_hour_answers_the_question_for_the_time() {
    let parts = vec![
        ("d", entity("datetime"), to("n")),
        ("n", entity("number"), to("m")),
        (
            "m",
            message("{{context.entities.d}} {{context.entities.n}}"),
            to("end"),
        ),
    ];
    let agent = agent(vec![("ask", parts)], json!({}));
    for (hour, want) in [
        ("17", "2023-11-20T17:00:00+00:00 3"),
        ("5", "2023-11-20T17:00:00+00:00 3"),
        ("five", "2023-11-20T17:00:00+00:00 3"),
    ] {
        let mut chat = Chat::new(&agent);
        chat.say("ask");
        chat.say("20 November 2023");
        let asked = chat.texts(hour);
        if hour != "17" {
            let both = "a) 20 November 2023, 5:00 AM\nb) 20 November 2023, 5:00 PM";
            assert!(asked[0].ends_with(both), "{asked:?}");
            chat.say("b");
        }
        assert_eq!(chat.texts("3"), [want], "{hour}");
    }
}

#[test]
fn every_type_that_counts_as_running_has_a_reader_of_its_own() {
    for name in definition::OTHER_TYPES {
        let known = name == "composite" || nlu::EntityKind::system(name).is_some();
        assert!(known, "{name}");
    }
}

#[test]
fn a_composite_holds_the_values_of_its_parts() {
    let extra = json!({"components": [
        {"_id": "dc-to", "refId": "ref-to", "type": "entity", "name": "to", "entityType": "city"},
        {"_id": "dc-n", "refId": "ref-n", "type": "entity", "name": "seats", "entityType": "number"},
    ]});
    let trip = with(
        "composite",
        json!({"subEntities": ["dc-to", {"refId": "ref-n"}, "gone"]}),
    );
    let parts = vec![
        ("e", trip, to("m")),
        (
            "m",
            message("{{JSON.stringify(context.entities.e)}}"),
            to("end"),
        ),
    ];
    let agent = agent(vec![("ask", parts)], extra);
    let mut chat = Chat::new(&agent);
    assert_eq!(chat.texts("ask"), ["Which?"]);
    assert_eq!(chat.texts("well"), ["Again?"]);
    assert_eq!(
        chat.texts("2 seats to Paris"),
        [json!({"to": "Paris", "seats": 2}).to_string()]
    );
}

#[test]
fn entity_rules_of_scripts_count_when_the_value_is_read() {
    let script = json!({"type": "script", "script": "context.entityRules = {e: {defaultCode: 'EUR', currencyCodes: ['EUR']}};"});
    let parts = vec![
        ("s", script, to("e")),
        ("e", entity("currency"), to("m")),
        (
            "m",
            message("{{JSON.stringify(context.entities.e)}}"),
            to("end"),
        ),
    ];
    let agent = agent(vec![("ask", parts)], json!({}));
    let mut chat = Chat::new(&agent);
    assert_eq!(chat.texts("ask"), ["Which?"]);
    assert_eq!(chat.texts("20 dollars"), ["Again?"]);
    assert_eq!(
        chat.texts("20"),
        [json!({"code": "EUR", "amount": 20}).to_string()]
    );
}

#[test]
fn a_tagged_span_fills_a_free_text_from_words_that_were_left_over() {
    for (kind, said, want) in [
        ("label", "order one named Rex please", "got Rex"),
        ("number", "order 5 of those named 7", "got 7"),
        ("number", "order 5 of those named Rex", "got 5"),
        ("label", "order one called Rex", "Which?"),
    ] {
        let agent = agent(
            vec![(
                "order",
                vec![
                    ("e", entity(kind), to("m")),
                    ("m", message("got {{context.entities.e}}"), to("end")),
                ],
            )],
            json!({}),
        );
        let mut chat = Chat::new(&agent);
        let mut input = chat.input(dialog::InputKind::Text, said);
        input.nl_meta = Some(json!({"intent": "order"}));
        assert_eq!(crate::kit::texts(&chat.turn(input)), [want], "{said}");
    }
}
