//! The course of a conversation: first words, interruptions, held tasks, commands, languages, tones, tags, follow-ups.

use crate::kit::{Chat, agent, entity, faq, knowledge, message, small_talk, texts, to, words};
use dialog::{EndReason, Event, FailureReason, InputKind, SessionEndReason};
use serde_json::{Value, json};

fn order() -> Vec<crate::kit::Part> {
    vec![
        ("n", entity("number"), to("m")),
        ("m", message("ordered"), to("end")),
    ]
}

fn greet() -> Vec<crate::kit::Part> {
    vec![("g", message("hello"), to("end"))]
}

fn options(kind: &str, hold: &str, resume: &str, more: Value) -> Value {
    let mut options = json!({"interruptsEnabled": true, "numTasksToHold": "1", "type": {"option": kind},
        "holdUxOptions": {"option": hold}, "resumeUxOptions": {"option": resume}});
    for (key, value) in more.as_object().unwrap() {
        options[key] = value.clone();
    }
    json!({"interruptOptions": options})
}

#[test]
fn each_interruption_setting_does_what_it_says() {
    let never = json!({"interruptsEnabled": false});
    for (options, want, then, after) in [
        (
            options(
                "developer",
                "discardCurrTaskNoNotify",
                "notifyUser",
                json!({}),
            ),
            vec!["hello"],
            "3",
            None,
        ),
        (
            options("developer", "discardCurrTask", "notifyUser", json!({})),
            vec!["I have stopped order.", "hello"],
            "3",
            None,
        ),
        (
            options("developer", "holdCurrTask", "noConfFromUser", json!({})),
            vec!["hello", "Which?"],
            "3",
            Some("ordered"),
        ),
        (
            options("developer", "holdCurrTask", "notifyUser", json!({})),
            vec!["hello", "Back to order.", "Which?"],
            "3",
            Some("ordered"),
        ),
        (
            options("developer", "holdCurrTask", "confFromUser", json!({})),
            vec!["hello", "Shall we go on with order?"],
            "yes",
            Some("Which?"),
        ),
        (
            options("developer", "continueCurrTask", "notifyUser", json!({})),
            vec!["Let us finish order first. I have noted greet.", "Which?"],
            "3",
            Some("ordered"),
        ),
        (
            options(
                "doNotAllowHoldResume",
                "holdCurrTask",
                "notifyUser",
                json!({}),
            ),
            vec!["Again?"],
            "3",
            Some("ordered"),
        ),
        (
            options("developer", "holdCurrTask", "notifyUser", never),
            vec!["Again?"],
            "3",
            Some("ordered"),
        ),
    ] {
        let agent = agent(
            vec![("order", order()), ("greet", greet())],
            options.clone(),
        );
        let mut chat = Chat::new(&agent);
        chat.say("order");
        assert_eq!(chat.texts("greet"), want, "{options}");
        let said = chat.texts(then);
        match after {
            Some(after) => assert_eq!(said, [after], "{options}"),
            None => assert_ne!(said, ["ordered"], "{options}"),
        }
    }
}

#[test]
fn a_task_the_user_does_not_resume_is_cancelled() {
    let options = options("developer", "holdCurrTask", "confFromUser", json!({}));
    let agent = agent(vec![("order", order()), ("greet", greet())], options);
    let mut chat = Chat::new(&agent);
    chat.say("order");
    let asked = chat.say("greet");
    assert!(asked.end_of_task.is_none(), "a task is on hold");
    let outcome = chat.say("no");
    let end = outcome.end_of_task.unwrap();
    assert_eq!(
        (end.reason, end.task_id.as_str()),
        (EndReason::Canceled, "dg-order")
    );
    assert!(outcome.events.iter().any(|e| matches!(
        e,
        Event::TaskEnded {
            why: Some(FailureReason::UserAborted),
            ..
        }
    )));
    assert!(chat.state.held.is_empty());
}

#[test]
fn the_user_may_decide_and_no_leaves_the_node_waiting() {
    let options = options("endUser", "holdCurrTask", "noConfFromUser", json!({}));
    let agent = agent(vec![("order", order()), ("greet", greet())], options);
    for (answer, want) in [("yes", vec!["hello", "Which?"]), ("no", vec!["Which?"])] {
        let mut chat = Chat::new(&agent);
        chat.say("order");
        let asked = chat.texts("greet");
        assert_eq!(
            asked,
            ["You are in the middle of order. Do you want to switch to greet?"]
        );
        assert_eq!(chat.texts(answer), want);
        assert_eq!(chat.texts("3"), ["ordered"]);
    }
}

#[test]
fn no_more_tasks_are_held_than_allowed_and_the_last_one_comes_back_first() {
    let ask = |name: &'static str| vec![(name, entity("number"), to("end"))];
    let make = |held: &str| {
        let more = json!({"numTasksToHold": held});
        agent(
            vec![("alpha", ask("a")), ("beta", ask("b")), ("gamma", ask("c"))],
            options("developer", "holdCurrTask", "notifyUser", more),
        )
    };
    let agent = make("1");
    let mut chat = Chat::new(&agent);
    chat.say("alpha");
    chat.say("beta");
    assert_eq!(chat.texts("gamma"), ["Let us finish beta first.", "Which?"]);
    let agent = make("2");
    let mut chat = Chat::new(&agent);
    for name in ["alpha", "beta", "gamma"] {
        assert_eq!(chat.texts(name), ["Which?"]);
    }
    assert_eq!(chat.texts("1"), ["Back to beta.", "Which?"]);
    assert_eq!(chat.texts("1"), ["Back to alpha.", "Which?"]);
    assert!(chat.say("1").end_of_task.is_some());
}

#[test]
fn a_short_task_resumes_silently_when_nobody_is_to_be_notified() {
    let mut all = options("developer", "holdCurrTask", "confFromUser", json!({}));
    all["interruptOptions"]["resumeUxOptions"]["neverNotify"] = json!(true);
    let agent = agent(vec![("order", order()), ("greet", greet())], all);
    let mut chat = Chat::new(&agent);
    chat.say("order");
    assert_eq!(chat.texts("greet"), ["hello", "Which?"]);
}

#[test]
fn settings_of_dialog_and_node_go_before_the_agents() {
    let own = json!({"priority": "task", "interruptsEnabled": true, "type": {"option": "doNotAllowHoldResume"}});
    let mut extra = options(
        "developer",
        "discardCurrTaskNoNotify",
        "notifyUser",
        json!({}),
    );
    extra["dialogSettings"] = json!({"order": {"interruptOptions": own}});
    let bot = agent(vec![("order", order()), ("greet", greet())], extra.clone());
    let mut chat = Chat::new(&bot);
    chat.say("order");
    assert_eq!(chat.texts("greet"), ["Again?"]);
    let mut parts = order();
    parts[0].2["nodeOptions"] = json!({"interruptOptions": {"priority": "node", "interruptsEnabled": true, "numTasksToHold": "1",
        "type": {"option": "developer"}, "holdUxOptions": {"option": "holdCurrTask"}, "resumeUxOptions": {"option": "noConfFromUser"}}});
    let bot = agent(vec![("order", parts), ("greet", greet())], extra);
    let mut chat = Chat::new(&bot);
    chat.say("order");
    assert_eq!(chat.texts("greet"), ["hello", "Which?"]);
}

#[test]
fn an_intent_may_go_before_the_value_at_a_node() {
    let ask = json!({"type": "dialogAct", "message": words("basic", "Sure?")});
    let ways = json!({"nodeOptions": {"precedence": "intentOverEntity"}, "transitions": [{"default": "m"}]});
    let parts = vec![("c", ask, ways), ("m", message("went on"), to("end"))];
    let agent = agent(vec![("buy", parts), ("yes please", greet())], json!({}));
    let mut chat = Chat::new(&agent);
    chat.say("buy");
    assert_eq!(chat.texts("yes please"), ["hello"]);
}

#[test]
fn the_first_words_are_welcomed_as_the_agent_says() {
    let make = |choices: Value| {
        let events = json!({"WELCOME_MESSAGE_EVENT": {"enabled": true, "action": "triggerDialog", "task": "ref-w", "manageFirstMessage": choices}});
        let extra = json!({"botEvents": events, "knowledgeTasks": knowledge(vec![
            faq("opening hours", json!([{"text": "Nine.", "type": "basic", "channel": "default"}]), None)])});
        agent(
            vec![
                ("w", vec![("m", message("Welcome"), to("end"))]),
                ("greet", greet()),
            ],
            extra,
        )
    };
    let welcome = json!({"greetings": "triggerWelcomeDialog", "faq": "triggerWelcomeDialog", "task": "displayWelcomeMsg"});
    let respond = json!({"greetings": "respondToUserInput", "faq": "respondToUserInput", "task": "respondToUserInput"});
    for (choices, text, want) in [
        (welcome.clone(), "hi", vec!["Welcome"]),
        (welcome.clone(), "opening hours", vec!["Welcome", "Nine."]),
        (welcome.clone(), "greet", vec!["Welcome", "hello"]),
        (respond.clone(), "opening hours", vec!["Nine."]),
        (respond, "greet", vec!["hello"]),
    ] {
        let agent = make(choices.clone());
        let mut chat = Chat::new(&agent);
        assert_eq!(chat.texts(text), want, "{choices} {text}");
        assert!(
            !chat.texts("greet").contains(&"Welcome".to_owned()),
            "once a session"
        );
    }
    // who was greeted when connecting is not welcomed again
    let agent = make(welcome);
    let mut chat = Chat::new(&agent);
    let connect = chat.input(InputKind::Connect, "");
    chat.turn(connect);
    assert_eq!(chat.texts("greet"), ["hello"]);
}

#[test]
fn an_agent_without_anything_still_answers_something() {
    let silent = agent(vec![("x", vec![])], json!({}));
    for text in ["hi", "xyzzy", "help", "x", "discard", "who am i", "🤖"] {
        let outcome = Chat::new(&silent).say(text);
        assert!(
            !outcome.messages.is_empty() || outcome.end_of_task.is_some(),
            "{text}"
        );
    }
    let nothing = agent(vec![], json!({}));
    for text in ["hi", "xyzzy", "help"] {
        assert!(!Chat::new(&nothing).say(text).messages.is_empty(), "{text}");
    }
}

#[test]
fn an_input_that_is_too_long_is_refused_and_changes_nothing() {
    let agent = agent(vec![("order", order())], json!({}));
    let mut chat = Chat::new(&agent);
    chat.say("order");
    let outcome = chat.say(&"x".repeat(dialog::MAX_INPUT + 1));
    assert_eq!(outcome.messages.len(), 1);
    assert_eq!(chat.texts("3"), ["ordered"]);
}

#[test]
fn commands_work_at_any_time() {
    let options = options("developer", "holdCurrTask", "noConfFromUser", json!({}));
    let agent = agent(
        vec![
            ("order", order()),
            ("other", vec![("o", entity("number"), to("end"))]),
        ],
        options,
    );
    let mut chat = Chat::new(&agent);
    chat.say("order");
    chat.say("other");
    let outcome = chat.say("discard all");
    assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Canceled);
    assert!(chat.state.task.is_none() && chat.state.held.is_empty());
    let help = chat.texts("help");
    assert!(
        help[0].contains("order") && help[0].contains("other"),
        "{help:?}"
    );
    chat.say("~disable_help");
    assert_ne!(chat.texts("help"), help);
    assert_eq!(chat.texts("discard"), ["There is nothing to stop."]);
    assert_eq!(chat.texts("Cancel!"), ["There is nothing to stop."]);
    chat.say("order");
    let outcome = chat.say("cancel");
    assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Canceled);
}

#[test]
fn a_stop_word_outside_a_task_may_be_an_intent() {
    let agent = agent(vec![("cancel", order())], json!({}));
    let mut chat = Chat::new(&agent);
    assert_eq!(chat.texts("cancel"), ["Which?"]);
    assert_ne!(
        chat.texts("cancel"),
        ["There is nothing to stop."],
        "now there is"
    );
    assert!(chat.state.task.is_none());
}

#[test]
fn a_task_that_runs_when_its_session_ends_has_failed() {
    let agent = agent(vec![("order", order())], json!({}));
    for (how, reason, why) in [
        (
            "wait",
            SessionEndReason::Inactive,
            FailureReason::Inactivity,
        ),
        (
            "new",
            SessionEndReason::Replaced,
            FailureReason::ChatRefreshed,
        ),
    ] {
        let mut chat = Chat::new(&agent);
        chat.say("order");
        if how == "wait" {
            chat.now_ms += 900_000;
        }
        let mut input = chat.input(InputKind::Text, "3");
        input.new_session = how == "new";
        let outcome = chat.turn(input);
        assert_eq!(outcome.session.closed[0].reason, reason);
        let noted = outcome.events.iter().find_map(|e| match e {
            Event::TaskEnded { why, .. } => *why,
            _ => None,
        });
        assert_eq!(noted, Some(why));
    }
}

fn bilingual(mode: &str) -> definition::Agent {
    let text = json!([{"channel": "default", "localeData": {"en": {"text": "hello", "type": "basic"}, "de": {"text": "hallo", "type": "basic"}}}]);
    let events =
        json!({"INTENT_UNIDENTIFIED": {"enabled": true, "action": "showMsg", "msg": text}});
    let extra = json!({"supportedLanguages": ["en", "de"], "languagePreferences": {"type": mode}, "botEvents": events,
        "languageConfigurations": {"en": {"enabled": true}, "de": {"enabled": true}}});
    agent(vec![("x", vec![("m", message("x"), to("end"))])], extra)
}

#[test]
fn the_language_is_found_each_turn_or_kept_as_the_agent_says() {
    let german = "Ich möchte bitte einen Flug";
    let english = "I want to book it for my team";
    let agent = bilingual("perVolley");
    let mut chat = Chat::new(&agent);
    assert_eq!(chat.texts(german), ["hallo"]);
    assert_eq!(
        chat.texts("Rom"),
        ["hallo"],
        "a text that does not tell keeps the language"
    );
    assert_eq!(chat.texts(english), ["hello"]);
    let agent = bilingual("perSession");
    let mut chat = Chat::new(&agent);
    assert_eq!(chat.texts(german), ["hallo"]);
    assert_eq!(chat.texts(english), ["hallo"], "kept for the session");
    chat.now_ms += 900_000;
    assert_eq!(chat.texts(english), ["hello"]);
    let agent = bilingual("lifeTime");
    let mut chat = Chat::new(&agent);
    assert_eq!(chat.texts(german), ["hallo"]);
    chat.now_ms += 900_000;
    assert_eq!(chat.texts(english), ["hallo"], "kept for the user");
    chat.say("cheat lang en");
    assert_eq!(chat.texts(german), ["hello"], "until another is chosen");
    // what the client asks for goes before what the text looks like
    let agent = bilingual("perVolley");
    let mut chat = Chat::new(&agent);
    let mut input = chat.input(InputKind::Text, german);
    input.language = Some("en".into());
    let outcome = chat.turn(input);
    assert_eq!(
        (texts(&outcome), outcome.language.as_str()),
        (vec!["hello".into()], "en")
    );
}

#[test]
fn tones_are_in_the_context_and_fire_events() {
    let tones = json!([{"name": "calm", "setting": "onEveryMessage", "action": "triggerDialog", "task": "ref-calm",
            "emotionConfig": {"messageTone": {"angry": {"min": 2, "max": 3}}}},
        {"name": "praise", "setting": "onTaskCompletion", "action": "showMsg", "msg": words("basic", "Glad you like it."),
            "emotionConfig": {"messageTone": {"joy": {"min": 2, "max": 3}}}}]);
    let extra = json!({"botSentimentEvents": tones, "interruptOptions": {"interruptsEnabled": true, "resumeUxOptions": {"option": "noConfFromUser"}}});
    let show = "{{JSON.stringify(context.message_tone.map(t => t.tone_name + t.level))}}";
    let dialogs = vec![
        (
            "tell",
            vec![
                ("t", entity("label"), to("m")),
                ("m", message(show), to("end")),
            ],
        ),
        (
            "calm",
            vec![("c", message("Sorry to hear that."), to("end"))],
        ),
        ("order", order()),
    ];
    let agent = agent(dialogs, extra);
    let mut chat = Chat::new(&agent);
    chat.say("tell");
    assert_eq!(chat.texts("a bit annoying"), ["[\"angry1\"]"]);
    // an event on every message runs before intents, and the task comes back
    chat.say("order");
    assert_eq!(
        chat.texts("this makes me furious"),
        ["Sorry to hear that.", "Which?"]
    );
    let outcome = chat.say("3");
    assert!(texts(&outcome).starts_with(&["ordered".to_owned()]));
    let mut chat = Chat::new(&agent);
    chat.say("order");
    chat.say("I am so happy");
    let outcome = chat.say("3");
    assert_eq!(texts(&outcome), ["ordered", "Glad you like it."]);
    assert_eq!(
        chat.state
            .tones
            .iter()
            .find(|t| t.name == "joy")
            .unwrap()
            .level(),
        3
    );
    assert!(chat.say("discard all").events.is_empty() || chat.state.tones.is_empty());
    assert!(chat.state.tones.is_empty());
}

#[test]
fn context_tags_live_one_task_longer() {
    let add = |tag: &str| json!({"type": "script", "script": format!("contextTags.add('{tag}')")});
    let show = "{{context.currentTags.tags.join()}}|{{context.historicTags[0].tags.join()}}";
    let dialogs = vec![
        (
            "one",
            vec![("s", add("gold"), to("m")), ("m", message(show), to("end"))],
        ),
        (
            "two",
            vec![
                ("s", add("silver"), to("m")),
                ("m", message(show), to("end")),
            ],
        ),
    ];
    let agent = agent(dialogs, json!({}));
    let mut chat = Chat::new(&agent);
    assert_eq!(chat.texts("one"), ["gold|"]);
    assert_eq!(chat.texts("two"), ["silver|gold"]);
    chat.say("discard all");
    assert!(chat.state.historic_tags.is_empty());
}

#[test]
fn a_finished_dialog_offers_what_was_noted() {
    let extra = json!({
        "interruptOptions": {"interruptsEnabled": true, "type": {"option": "developer"}, "holdUxOptions": {"option": "continueCurrTask"}},
        "dialogSettings": {"order": {"followupTaskOptions": {"isFollowUp": true, "message": "Next?"}}},
    });
    let agent = agent(vec![("order", order()), ("greet", greet())], extra);
    let mut chat = Chat::new(&agent);
    chat.say("order");
    chat.say("greet");
    let outcome = chat.say("3");
    assert_eq!(texts(&outcome), ["ordered", "Next?\na) greet"]);
    assert!(
        outcome.end_of_task.is_none(),
        "the user is expected to answer"
    );
    assert_eq!(chat.texts("a"), ["hello"]);
}

#[test]
fn pleasantries_have_an_answer_and_small_talk_of_the_agent_goes_before_it() {
    let plain = agent(vec![("order", order())], json!({}));
    for text in ["thanks", "bye", "how are you", "who are you", "hi"] {
        assert_eq!(Chat::new(&plain).say(text).messages.len(), 1, "{text}");
    }
    let own = agent(
        vec![("order", order())],
        json!({"smallTalk": small_talk("thanks", "Any time.")}),
    );
    assert_eq!(Chat::new(&own).texts("thanks"), ["Any time."]);
}

#[test]
fn tags_of_nodes_and_scripts_come_with_their_level() {
    let node = json!({"nodeOptions": {"customTags": {"session": [{"name": "plan", "value": "{{context.intent}}"}], "user": [], "message": [{"name": "", "value": ""}]}},
        "transitions": [{"default": "s"}]});
    let parts = vec![
        ("m", message("x"), node),
        (
            "s",
            json!({"type": "script", "script": "tags.addUserLevelTag('tier', 1); tags.addMessageLevelTag('m', 'v')"}),
            to("end"),
        ),
    ];
    let agent = agent(vec![("run", parts)], json!({}));
    let outcome = Chat::new(&agent).say("run");
    let tags: Vec<_> = outcome
        .tags
        .iter()
        .map(|t| (t.level.as_str(), t.name.as_str(), t.value.as_str()))
        .collect();
    assert_eq!(
        tags,
        [
            ("session", "plan", "run"),
            ("user", "tier", "1"),
            ("message", "m", "v")
        ]
    );
}

#[test]
fn a_hand_over_to_a_person_is_counted_and_fails_as_documented() {
    let agent = agent(
        vec![(
            "x",
            vec![("human", json!({"type": "agentTransfer"}), to("end"))],
        )],
        json!({}),
    );
    let outcome = Chat::new(&agent).say("x");
    assert!(
        outcome
            .events
            .iter()
            .any(|e| matches!(e, Event::AgentTransfer { .. }))
    );
    assert!(outcome.events.iter().any(|e| matches!(
        e,
        Event::TaskFailed {
            why: FailureReason::AgentTransfer,
            ..
        }
    )));
    assert_eq!(outcome.end_of_task.unwrap().reason, EndReason::Failed);
}

#[test]
fn several_intents_of_one_text_run_one_after_another_where_the_agent_allows_it() {
    let dialogs = || vec![("order", order()), ("greet", greet())];
    let both = agent(dialogs(), json!({"detectMultiIntent": true}));
    let mut chat = Chat::new(&both);
    assert_eq!(chat.texts("order and then greet"), ["Which?"]);
    assert_eq!(chat.texts("3"), ["ordered", "hello"]);
    assert!(chat.state.wishes.is_empty());
    assert_eq!(chat.texts("greet and then order"), ["hello", "Which?"]);
    assert_eq!(chat.texts("3"), ["ordered"]);

    chat.say("order and then greet");
    chat.say("discard");
    assert!(chat.state.wishes.is_empty(), "the others are not run");
    assert_eq!(chat.texts("greet"), ["hello"]);

    let one = agent(dialogs(), json!({}));
    let mut chat = Chat::new(&one);
    assert_ne!(chat.texts("order and then greet"), ["Which?"]);
}

#[test]
fn what_an_agent_can_do_is_told_and_the_question_asked_again() {
    let small = small_talk("who are you", "I'm <display-bot-name>.");
    let agent = agent(vec![("order", order())], json!({"smallTalk": small}));
    let mut chat = Chat::new(&agent);
    let help = ["Here is what I can do: order"];
    assert_eq!(chat.texts("What can you do?"), help);
    assert_eq!(chat.texts("who are you"), ["I'm Bot."]);
    chat.say("order");
    assert_eq!(chat.texts("help"), [help[0], "Which?"]);
    assert_eq!(chat.texts("3"), ["ordered"]);
}

#[test]
fn earlier_words_answer_a_confirmation_only_when_they_plainly_say_yes_or_no() {
    let way = |answer: &str, to: &str| json!({"if": {"dialogAct": answer}, "then": to});
    let ways = json!({"transitions": [way("yes", "y"), way("no", "n")]});
    let parts = vec![
        ("e", entity("number"), to("sure")),
        (
            "sure",
            json!({"type": "dialogAct", "message": words("basic", "Sure?")}),
            ways,
        ),
        ("y", message("done"), to("end")),
        ("n", message("not done"), to("end")),
    ];
    let agent = agent(vec![("cancel", parts)], json!({}));
    for (told, want) in [
        (vec!["cancel", "3"], "Sure?"),
        (vec!["cancel", "not a number", "3"], "Sure?"),
        (vec!["cancel", "no", "3"], "Sure?"),
        (vec!["cancel", "3, yes"], "done"),
        (vec!["cancel", "no, 3"], "not done"),
    ] {
        let mut chat = Chat::new(&agent);
        let said: Vec<String> = told.iter().flat_map(|text| chat.texts(text)).collect();
        assert_eq!(said.last().map(String::as_str), Some(want), "{told:?}");
    }
}
