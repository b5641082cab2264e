//! Events of an agent: when each fires, and what is seen of it.

use crate::kit::{Chat, agent, entity, faq, knowledge, message, texts, to, words};
use definition::Agent;
use dialog::{EndReason, Event, InputKind, Outcome, Scope};
use serde_json::{Value, json};

fn says(text: &str) -> Value {
    json!({"enabled": true, "action": "showMsg", "msg": words("basic", text)})
}

fn runs(dialog: &str) -> Value {
    json!({"enabled": true, "action": "triggerDialog", "task": format!("ref-{dialog}")})
}

fn script(source: &str) -> Value {
    json!({"enabled": true, "action": "runScript", "script": source})
}

/// `order` asks for a number, `talk` for any text, `hello` says something.
fn bot(events: Value, more: Value) -> Agent {
    let mut extra = json!({"botEvents": events});
    for (key, value) in more.as_object().unwrap() {
        extra[key] = value.clone();
    }
    agent(
        vec![
            (
                "order",
                vec![
                    ("n", entity("number"), to("m")),
                    ("m", message("ordered"), to("end")),
                ],
            ),
            (
                "talk",
                vec![
                    ("t", entity("label"), to("u")),
                    ("u", message("noted {{context.entities.t}}"), to("end")),
                ],
            ),
            ("hello", vec![("h", message("hello"), to("end"))]),
            ("event", vec![("e", message("from the event"), to("end"))]),
        ],
        extra,
    )
}

fn ran(outcome: &Outcome) -> Vec<&str> {
    let names = outcome.events.iter().filter_map(|event| match event {
        Event::EventRun { name } => Some(name.as_str()),
        _ => None,
    });
    names.collect()
}

fn on(chat: &mut Chat<'_>, channel: &str, kind: InputKind, text: &str) -> Outcome {
    let mut input = chat.input(kind, text);
    input.channel = channel.into();
    chat.turn(input)
}

#[test]
fn each_event_fires_when_the_table_says() {
    for (event, action, before, input, want, reason) in [
        (
            "ON_CONNECT_EVENT",
            says("connected"),
            vec![],
            None,
            vec!["connected"],
            Some(EndReason::FulfilledEvent),
        ),
        (
            "ON_CONNECT_EVENT",
            runs("event"),
            vec![],
            None,
            vec!["from the event"],
            Some(EndReason::Fulfilled),
        ),
        (
            "ON_CONNECT_EVENT",
            script("print('scripted')"),
            vec![],
            None,
            vec!["scripted"],
            Some(EndReason::FulfilledEvent),
        ),
        (
            "INTENT_UNIDENTIFIED",
            says("unknown"),
            vec![],
            Some("gibberish"),
            vec!["unknown"],
            Some(EndReason::FulfilledEvent),
        ),
        (
            "INTENT_UNIDENTIFIED",
            says("unknown"),
            vec!["order"],
            Some("gibberish"),
            vec!["Again?"],
            None,
        ),
        (
            "CONVERSATION_END",
            says("anything else?"),
            vec![],
            Some("hello"),
            vec!["hello", "anything else?"],
            Some(EndReason::Fulfilled),
        ),
        (
            "TASK_END_EVENT",
            says("anything else?"),
            vec![],
            Some("hello"),
            vec!["hello", "anything else?"],
            Some(EndReason::Fulfilled),
        ),
        (
            "CONVERSATION_END",
            says("anything else?"),
            vec!["order"],
            Some("discard"),
            vec!["OK, I have stopped order."],
            Some(EndReason::Canceled),
        ),
        (
            "AMBIGUOUS_INTENTS",
            script("print(koreUtil.getAmbiguousIntents().length + ' fit')"),
            vec![],
            Some("hello or order"),
            vec!["2 fit"],
            Some(EndReason::FulfilledEvent),
        ),
        (
            "RESTART_CONVERSATION_EVENT",
            runs("event"),
            vec!["order"],
            Some("start over please"),
            vec!["from the event"],
            Some(EndReason::Fulfilled),
        ),
        (
            "AGENT_TRANSFER_EVENT",
            runs("event"),
            vec![],
            Some("Can I talk to a human?"),
            vec!["from the event"],
            Some(EndReason::Fulfilled),
        ),
    ] {
        let agent = bot(json!({event: action}), json!({}));
        let mut chat = Chat::new(&agent);
        for text in &before {
            chat.say(text);
        }
        let outcome = match input {
            Some(text) => chat.say(text),
            None => on(&mut chat, "rtm", InputKind::Connect, ""),
        };
        assert_eq!(texts(&outcome), want, "{event} {input:?}");
        let end = outcome.end_of_task.as_ref().map(|end| end.reason);
        assert_eq!(end, reason, "{event} {input:?}");
        let fires = !matches!((event, input), ("INTENT_UNIDENTIFIED", _) if !before.is_empty())
            && input != Some("discard");
        let fired: Vec<&str> = if fires { vec![event] } else { vec![] };
        assert_eq!(ran(&outcome), fired, "{event} {input:?}");
    }
}

#[test]
fn an_event_that_is_off_or_says_nothing_does_nothing() {
    for action in [
        json!({"enabled": false, "action": "showMsg", "msg": words("basic", "never")}),
        json!({"enabled": true, "action": "triggerDialog", "task": null}),
        json!({"enabled": true, "action": "triggerDialog", "task": "ref-gone"}),
        json!({"enabled": true, "action": "runScript", "script": "."}),
        json!({"enabled": true, "action": "showMsg", "msg": []}),
    ] {
        for (event, text) in [
            ("INTENT_UNIDENTIFIED", "gibberish"),
            ("RESTART_CONVERSATION_EVENT", "start over"),
            ("AGENT_TRANSFER_EVENT", "talk to a human"),
        ] {
            let agent = bot(json!({event: action}), json!({}));
            let said = Chat::new(&agent).texts(text);
            assert_eq!(said, ["Sorry, I did not understand that."], "{action}");
        }
    }
}

#[test]
fn an_event_whose_script_fails_ends_with_its_own_flag() {
    let events = json!({"ON_CONNECT_EVENT": script("throw new Error('no')")});
    let agent = bot(events, json!({}));
    let mut chat = Chat::new(&agent);
    let outcome = on(&mut chat, "rtm", InputKind::Connect, "");
    let end = outcome.end_of_task.as_ref().unwrap();
    assert_eq!(
        (end.reason, end.task_name.as_str()),
        (EndReason::FailedEvent, "ON_CONNECT_EVENT")
    );
    assert_eq!(
        texts(&outcome),
        ["Sorry, something went wrong. Please try again later."]
    );
    assert!(
        outcome
            .events
            .iter()
            .any(|e| matches!(e, Event::TaskFailed { .. }))
    );
}

#[test]
fn the_connect_event_fires_once_a_session_and_a_call_has_an_event_of_its_own() {
    let events = json!({
        "ON_CONNECT_EVENT": says("connected"),
        "WELCOME_MESSAGE_EVENT": {"enabled": true, "action": "showMsg", "msg": words("basic", "welcome"),
            "manageFirstMessage": {"greetings": "displayWelcomeMsg", "faq": "displayWelcomeMsg", "task": "displayWelcomeMsg"}},
        "TELEPHONY_WELCOME_EVENT": says("you have called"),
    });
    let agent = bot(events, json!({}));
    for (channel, connects, first) in [
        ("rtm", "connected", vec!["welcome", "Which?"]),
        (
            "audiocodes",
            "you have called",
            vec!["you have called", "Which?"],
        ),
    ] {
        let mut chat = Chat::new(&agent);
        let outcome = on(&mut chat, channel, InputKind::Connect, "");
        assert_eq!(texts(&outcome), [connects]);
        let again = on(&mut chat, channel, InputKind::Connect, "");
        assert_eq!(texts(&again), Vec::<String>::new(), "once a session");
        let after = on(&mut chat, channel, InputKind::Text, "order");
        assert_eq!(texts(&after), ["Which?"], "welcomed already");
        let mut chat = Chat::new(&agent);
        let outcome = on(&mut chat, channel, InputKind::Text, "order");
        assert_eq!(texts(&outcome), first);
    }
}

#[test]
fn what_was_said_is_repeated_on_the_events_channels_up_to_its_limit() {
    let repeats = |action: Value| {
        let mut event = action;
        event["event_config"] = json!("lastBotResponse");
        event["advance_settings"] = json!({"limit": 2});
        event["pre_conditions"] = json!({"channels": ["audiocodes"]});
        bot(json!({"REPEAT_RESPONSE_EVENT": event}), json!({}))
    };
    for (action, past_the_limit) in [
        (says("enough"), "enough"),
        (runs("event"), "from the event"),
        (
            json!({"enabled": true, "action": "showMsg", "msg": []}),
            "I have said that several times now, so I have to stop here.",
        ),
    ] {
        let agent = repeats(action);
        let mut chat = Chat::new(&agent);
        let mut hear = |text: &str| texts(&on(&mut chat, "audiocodes", InputKind::Text, text));
        assert_eq!(hear("order"), ["Which?"]);
        assert_eq!(hear("Pardon?"), ["Which?"]);
        assert_eq!(hear("can you repeat that please"), ["Which?"]);
        assert_eq!(hear("repeat"), [past_the_limit]);
    }
    let agent = repeats(says("enough"));
    let mut chat = Chat::new(&agent);
    let mut hear =
        |channel: &str, text: &str| texts(&on(&mut chat, channel, InputKind::Text, text));
    assert_eq!(hear("audiocodes", "talk"), ["Which?"]);
    assert_eq!(
        hear("audiocodes", "say that again"),
        ["Which?"],
        "no value of a free text"
    );
    assert_eq!(
        hear("rtm", "say that again"),
        ["noted say that again"],
        "another channel"
    );
    assert_eq!(
        hear("audiocodes", "say that again"),
        ["There is nothing to repeat."]
    );
    assert_eq!(hear("audiocodes", "hello"), ["hello"]);
    assert_eq!(hear("audiocodes", "again"), ["hello"], "outside a task too");
}

#[test]
fn an_intent_of_the_agent_goes_before_a_wish() {
    let agent = agent(
        vec![
            ("restart", vec![("r", message("the intent"), to("end"))]),
            ("event", vec![("e", message("the event"), to("end"))]),
        ],
        json!({"botEvents": {"RESTART_CONVERSATION_EVENT": runs("event")}}),
    );
    let mut chat = Chat::new(&agent);
    assert_eq!(chat.texts("restart"), ["the intent"]);
    assert_eq!(chat.texts("start over"), ["the event"]);
}

fn closing(source: &str) -> Agent {
    let more = json!({"runCustomScript": {"enable": true, "script": source}});
    bot(json!({}), more)
}

#[test]
fn the_closing_script_runs_at_every_end_of_a_session_and_sees_what_the_session_held() {
    let source = "BotContext.put('last', [context.entities.n || 0, BotUserSession.get('x'), koreUtil.getSessionId()].join()); print('bye')";
    for (how, printed) in [("idle", false), ("new", false), ("close", true)] {
        let agent = closing(source);
        let mut chat = Chat::new(&agent);
        chat.say("order");
        let session = chat.state.session.clone().unwrap().id;
        chat.state.bot_user_session.insert(
            "x".into(),
            dialog::Kept {
                value: json!("kept"),
                expires_ms: None,
            },
        );
        let mut input = chat.input(InputKind::Text, "hello");
        match how {
            "idle" => {
                chat.now_ms += 900_001;
                input.now_ms = chat.now_ms;
            }
            "new" => input.new_session = true,
            _ => input.kind = InputKind::Close,
        }
        let outcome = chat.turn(input);
        let want = json!(format!("0,kept,{session}"));
        let writes: Vec<_> = outcome.writes.iter().map(|w| (w.scope, &w.value)).collect();
        assert_eq!(writes, [(Scope::BotContext, &Some(want))], "{how}");
        assert_eq!(
            texts(&outcome).contains(&"bye".to_owned()),
            printed,
            "{how}: {:?}",
            texts(&outcome)
        );
        assert_eq!(outcome.session.closed.len(), 1, "{how}");
        assert!(!chat.state.bot_user_session.contains_key("x"), "{how}");
    }
}

#[test]
fn what_the_closing_script_wrote_is_there_in_the_turn_that_follows() {
    let agent = agent(
        vec![(
            "ask",
            vec![("m", message("{{BotContext.get('last')}}"), to("end"))],
        )],
        json!({"runCustomScript": {"enable": true, "script": "BotContext.put('last', 'written')"}}),
    );
    let mut chat = Chat::new(&agent);
    chat.say("ask");
    let mut input = chat.input(InputKind::Text, "ask");
    input.new_session = true;
    assert_eq!(texts(&chat.turn(input)), ["written"]);
}

#[test]
fn a_closing_script_that_fails_is_in_the_log_and_the_session_ends() {
    for (source, enabled) in [
        ("throw new Error('no')", true),
        ("BotContext.put('a', 1)", false),
    ] {
        let more = json!({"runCustomScript": {"enable": enabled, "script": source}});
        let agent = bot(json!({}), more);
        let mut chat = Chat::new(&agent);
        chat.say("hello");
        let input = chat.input(InputKind::Close, "");
        let outcome = chat.turn(input);
        assert_eq!(outcome.session.closed.len(), 1);
        assert!(chat.state.session.is_none() && outcome.writes.is_empty());
        let failed = crate::kit::said_by(&outcome)
            .iter()
            .any(|line| line.contains("end of the session"));
        assert_eq!(failed, enabled);
    }
}

#[test]
fn closing_what_is_over_opens_no_session() {
    let agent = closing("BotContext.put('a', 1)");
    let mut chat = Chat::new(&agent);
    chat.say("order");
    chat.now_ms += 900_001;
    let input = chat.input(InputKind::Close, "");
    let outcome = chat.turn(input);
    assert_eq!(
        (
            outcome.session.closed.len(),
            outcome.session.started.is_none()
        ),
        (1, true)
    );
    assert!(chat.state.session.is_none() && chat.state.task.is_none());
    assert_eq!(outcome.writes.len(), 1);
    let input = chat.input(InputKind::Close, "");
    let outcome = chat.turn(input);
    assert!(outcome.session.closed.is_empty() && outcome.writes.is_empty());
}

#[test]
fn several_intents_of_one_text_fire_their_event_whose_dialog_sees_them() {
    let sees = "{{context.resultsFound.map(r => r.intent).join()}} {{context.dialogGPTInfo.winning_intents.length}}";
    let dialogs = || {
        vec![
            ("order", vec![("n", entity("number"), to("end"))]),
            ("hello", vec![("h", message("hello"), to("end"))]),
            ("event", vec![("e", message(sees), to("end"))]),
        ]
    };
    for (multi, action, want) in [
        (false, runs("event"), "order,hello 2"),
        (true, runs("event"), "order,hello 2"),
        (true, script("."), "Which?"),
        (true, runs("gone"), "Which?"),
        (
            false,
            says("one at a time, please"),
            "one at a time, please",
        ),
    ] {
        let extra =
            json!({"detectMultiIntent": multi, "botEvents": {"MULTI_INTENT_EVENT": action}});
        let agent = agent(dialogs(), extra);
        let mut chat = Chat::new(&agent);
        assert_eq!(chat.texts("order and then hello"), [want], "{action}");
        let mut chat = Chat::new(&agent);
        assert_eq!(chat.texts("hello"), ["hello"], "one intent fires nothing");
    }
}

#[test]
fn wishes_without_an_event_of_their_own_fire_the_one_of_interactions() {
    let says_which = script("print(context.dialogGPTInfo.winning_intents[0].intent)");
    for (text, want) in [
        ("Hold on a second", "pause"),
        ("bye", "end"),
        ("I'd rather not say", "refuse"),
        ("start over", "restart"),
        ("talk to a human", "agentTransfer"),
        ("say that again", "repeat"),
    ] {
        let agent = bot(json!({"INTERACTION_INTENTS": says_which}), json!({}));
        let mut chat = Chat::new(&agent);
        chat.say("order");
        assert_eq!(chat.texts(text), [want], "{text}");
        assert_eq!(chat.texts("3"), ["ordered"], "the task waits on: {text}");
    }
    let events =
        json!({"INTERACTION_INTENTS": runs("event"), "RESTART_CONVERSATION_EVENT": says("anew")});
    let agent = bot(events, json!({}));
    let mut chat = Chat::new(&agent);
    chat.say("talk");
    assert_eq!(
        chat.texts("wait"),
        ["from the event"],
        "a dialog takes its place"
    );
    assert!(chat.state.task.is_none());
    assert_eq!(
        chat.texts("start over"),
        ["anew"],
        "its own event goes before"
    );
    let agent = bot(json!({}), json!({}));
    let mut chat = Chat::new(&agent);
    chat.say("talk");
    assert_eq!(chat.texts("wait"), ["noted wait"], "nothing is set");
}

#[test]
fn a_question_is_offered_only_while_the_tags_of_its_path_are_there() {
    let mut price = faq("price", json!([{"text": "ten", "type": "basic"}]), None);
    price["terms"] = json!(["sales", "root"]);
    let mut desk = faq("desk", json!([{"text": "upstairs", "type": "basic"}]), None);
    desk["terms"] = json!(["desk", "root"]);
    let mut graph = knowledge(vec![price, desk]);
    graph[0]["taxonomy"] = json!([
        {"nodeId": "1", "label": "root", "parent": []},
        {"nodeId": "2", "label": "sales", "parent": ["1"], "preConditions": ["known"], "enableContext": true},
        {"nodeId": "3", "label": "desk", "parent": ["1"], "contextTags": ["known"], "enableContext": true},
    ]);
    let agent = bot(json!({}), json!({"knowledgeTasks": graph}));
    let mut chat = Chat::new(&agent);
    let unknown = ["Sorry, I did not understand that."];
    assert_eq!(chat.texts("price"), unknown);
    assert_eq!(chat.texts("desk"), ["upstairs"]);
    assert_eq!(
        chat.texts("price"),
        ["ten"],
        "the question before has left the tag"
    );
    assert_eq!(
        chat.texts("price"),
        ["ten"],
        "an answer that leaves none keeps it"
    );
    chat.say("discard all");
    assert_eq!(chat.texts("price"), unknown);
}

#[test]
fn a_dialog_is_found_only_while_the_tags_of_its_first_node_are_there() {
    let leaves = json!({"nodeOptions": {"contextTags": [{"name": "ordered"}]}, "transitions": [{"default": "end"}]});
    let mut definition = agent(
        vec![
            ("order", vec![("m", message("ordered"), leaves)]),
            ("refund", vec![("r", message("refunded"), to("end"))]),
            ("secret", vec![("s", message("secret"), to("end"))]),
        ],
        json!({"dialogSettings": {"secret": {"isFollowUp": true}}}),
    );
    for dialog in &mut definition.dialogs {
        if dialog.ref_id != "ref-order" {
            dialog.nodes[0].preconditions = vec!["Ordered".into()];
        }
    }
    let mut chat = Chat::new(&definition);
    let unknown = ["Sorry, I did not understand that."];
    assert_eq!(chat.texts("refund"), unknown);
    assert_eq!(chat.texts("order"), ["ordered"]);
    assert_eq!(chat.texts("refund"), ["refunded"]);
    assert_eq!(
        chat.texts("secret"),
        ["secret"],
        "its tags make a follow-up a candidate"
    );
}
