use script::{
    BotFunctions, Kind, Sandbox, Script, ScriptError, StoreChange, StoreName, Stored, Tag, TagLevel,
};
use serde_json::{Value, json};

use crate::{NOW, globals, run, value};

fn change(
    store: StoreName,
    key: &str,
    value: Option<Value>,
    ttl_minutes: Option<f64>,
) -> StoreChange {
    StoreChange {
        store,
        key: key.into(),
        value,
        ttl_minutes,
    }
}

#[test]
fn the_context_is_live_and_written_back() {
    let before = globals(json!({"n": 1, "list": [], "gone": 1}));
    let ran = run(
        "context.n += 1; context.list.push({a: 1}); delete context.gone",
        &before,
    )
    .unwrap();
    assert_eq!(ran.context, json!({"n": 2, "list": [{"a": 1}]}));
    let before = globals(json!({"session": {"opts": {"userId": "u"}}}));
    let ran = run("context.session.opts.x = 1", &before).unwrap();
    assert_eq!(
        ran.context,
        json!({"session": {"opts": {"userId": "u", "x": 1}}})
    );
}

#[test]
fn code_is_sloppy_and_may_return_at_the_top() {
    let source = "total = 3; var whole = this === globalThis; if (whole) return total; print('no')";
    let ran = run(source, &globals(json!({}))).unwrap();
    assert_eq!(ran.value, Some(json!(3)));
    assert!(ran.printed.is_empty());
    assert_eq!(value("with ({a: 1}) { return a }"), json!(1));
    assert_eq!(value("return context.a?.b ?? 'none'"), json!("none"));
}

#[test]
fn an_expression_gives_its_value_and_statements_their_last() {
    let globals = globals(json!({"a": {"b": 2}}));
    let table = [
        ("context.a.b * 2", json!(4)),
        ("{x: 1}", json!({"x": 1})),
        ("delete context.a; 7", json!(7)),
        ("context.a.b > 1 && true", json!(true)),
    ];
    for (source, expected) in table {
        let script = Script {
            source,
            bot_functions: None,
            kind: Kind::Expression,
        };
        assert_eq!(
            Sandbox::default().run(&script, &globals).unwrap().value,
            Some(expected),
            "{source}"
        );
    }
}

#[test]
fn each_print_is_one_text() {
    let ran = run(
        "print('a'); print({b: [1]}); print(undefined); print(2)",
        &globals(json!({})),
    )
    .unwrap();
    assert_eq!(ran.printed, ["a", "{\"b\":[1]}", "2"]);
}

#[test]
fn a_put_carries_its_minutes_and_a_delete_removes() {
    let mut globals = globals(json!({}));
    globals
        .stores
        .bot_context
        .insert("old".into(), json!(1).into());
    globals
        .stores
        .bot_context
        .insert("same".into(), json!(1).into());
    globals.stores.user_session.insert(
        "late".into(),
        Stored {
            value: json!(1),
            expires_at_ms: Some(NOW),
        },
    );
    let source = "BotContext.put('same', 1, '20'); BotContext.delete('old'); UserSession.put('k', {a: 1}, 5); \
                  EnterpriseContext.put('e', 'x'); return [UserSession.get('late') === undefined, UserSession.get('k').a]";
    let ran = run(source, &globals).unwrap();
    assert_eq!(ran.value, Some(json!([true, 1])));
    let mut stores = ran.stores.clone();
    stores.sort_by(|a, b| (a.store, &a.key).cmp(&(b.store, &b.key)));
    let expected = [
        change(
            StoreName::UserSession,
            "k",
            Some(json!({"a": 1})),
            Some(5.0),
        ),
        change(StoreName::BotContext, "old", None, None),
        change(StoreName::BotContext, "same", Some(json!(1)), Some(20.0)),
        change(StoreName::EnterpriseContext, "e", Some(json!("x")), None),
    ];
    assert_eq!(stores, expected);
    globals.stores.apply(&ran.stores, NOW);
    assert_eq!(
        globals.stores.bot_context["same"].expires_at_ms,
        Some(NOW + 20 * 60_000)
    );
    assert!(!globals.stores.bot_context.contains_key("old"));
}

#[test]
fn a_direct_assignment_to_a_session_variable_is_kept() {
    let mut globals = globals(json!({}));
    globals
        .stores
        .bot_user_session
        .insert("lastMessage".into(), json!({"channel": "rtm"}).into());
    let source = "context.session.BotUserSession.x = 1; context.session.BotUserSession.lastMessage.seen = true; \
                  return [BotUserSession.get('x'), context.session.BotUserSession.lastMessage.channel]";
    let ran = run(source, &globals).unwrap();
    assert_eq!(ran.value, Some(json!([1, "rtm"])));
    let put = |key: &str, value| change(StoreName::BotUserSession, key, Some(value), None);
    assert_eq!(ran.stores.len(), 2);
    assert!(ran.stores.contains(&put("x", json!(1))));
    assert!(
        ran.stores
            .contains(&put("lastMessage", json!({"channel": "rtm", "seen": true})))
    );
    assert_eq!(ran.context, json!({}), "stores are no part of the context");
    assert!(
        run("BotUserSession.get('lastMessage')", &globals)
            .unwrap()
            .stores
            .is_empty()
    );
}

#[test]
fn the_user_is_read_only() {
    let mut globals = globals(json!({}));
    globals.stores.user_context = json!({"emailId": "a@b.example"});
    let source = "context.session.UserContext.emailId = 'x'; return [UserContext.get('emailId'), typeof UserContext.put]";
    assert_eq!(
        run(source, &globals).unwrap().value,
        Some(json!(["a@b.example", "undefined"]))
    );
}

#[test]
fn variables_and_texts_are_read_only() {
    let source = "env.HOST = 'x'; content.HELLO = 'x'; return [env.HOST, content.HELLO, env.NONE === undefined]";
    assert_eq!(
        value(source),
        json!(["https://api.example", "Hello {{context.name}}", true])
    );
}

#[test]
fn choices_response_options_and_conversation_are_handed_over() {
    let mut globals = globals(json!({}));
    let none = run("return [getChoices(), typeof response]", &globals).unwrap();
    assert_eq!(none.value, Some(json!([[], "undefined"])));
    globals.choices = Some(json!(["a", "b"]));
    globals.response = Some(json!({"message": "Which?", "choices": []}));
    globals.options = json!({"o": 1});
    globals.ambiguous_intents = json!(["i"]);
    let source = "return [getChoices(), response.message, koreUtil.getCurrentOptions(), \
                  koreUtil.getAmbiguousIntents(), koreUtil.getSessionId()]";
    let ran = run(source, &globals).unwrap();
    assert_eq!(
        ran.value,
        Some(json!([["a", "b"], "Which?", {"o": 1}, ["i"], "s-1"]))
    );
}

#[test]
fn tags_logs_and_the_wish_to_close_are_reported() {
    let source = "contextTags.add('vip'); tags.addUserLevelTag('tier', 'gold'); tags.addSessionLevelTag('n', 1); \
                  tags.addMessageLevelTag('m', 'x'); koreDebugger.log({a: 1}); koreUtil.closeConversationSession(); \
                  agentUtils.anything()";
    let ran = run(source, &globals(json!({}))).unwrap();
    let tag = |level, name: &str, value: &str| Tag {
        level,
        name: name.into(),
        value: value.into(),
    };
    let expected = [
        tag(TagLevel::User, "tier", "gold"),
        tag(TagLevel::Session, "n", "1"),
        tag(TagLevel::Message, "m", "x"),
    ];
    assert_eq!(ran.tags, expected);
    assert_eq!(ran.context_tags, ["vip"]);
    assert!(ran.close_session);
    assert_eq!(
        ran.logs,
        ["{\"a\":1}", "agentUtils.anything does nothing here"]
    );
}

#[test]
fn a_missing_member_of_the_tool_box_is_named() {
    let table = [
        ("\nkoreUtil.rrule.RRule", "koreUtil.rrule"),
        ("\nkoreUtil.xml2js.parse()", "koreUtil.xml2js"),
        ("\ntags.addWhatever('a')", "tags.addWhatever"),
    ];
    for (source, name) in table {
        let error = run(source, &globals(json!({}))).unwrap_err();
        assert_eq!(
            error,
            ScriptError::UnknownMember {
                member: name.into(),
                line: Some(2)
            }
        );
    }
    let caught = value("try { koreUtil.intl } catch (e) { return e.message }");
    assert_eq!(caught, json!("koreUtil.intl does not exist here"));
}

#[test]
fn the_time_is_the_callers() {
    let source = "return [new Date().toISOString().slice(0, 16), typeof Date.now(), new Date(0).toISOString(), \
                  new Date() instanceof Date, Date.UTC(1970, 0, 1)]";
    assert_eq!(
        value(source),
        json!([
            "2026-03-01T12:00",
            "number",
            "1970-01-01T00:00:00.000Z",
            true,
            0
        ])
    );
}

#[test]
fn bot_functions_run_first_and_see_the_context() {
    let functions = BotFunctions::new(
        "var seen = context.name; function hi(n) { return 'hi ' + n } \
         String.prototype.shout = function () { return this.toUpperCase() }",
    );
    let script = Script {
        source: "print(hi(seen).shout())",
        bot_functions: Some(&functions),
        kind: Kind::Message,
    };
    let ran = Sandbox::default()
        .run(&script, &globals(json!({"name": "ann"})))
        .unwrap();
    assert_eq!(ran.printed, ["HI ANN"]);
}

#[test]
fn bot_functions_that_fail_leave_a_log_line() {
    let functions = BotFunctions::new("throw new Error('broken')");
    let script = Script {
        source: "print(1)",
        bot_functions: Some(&functions),
        kind: Kind::Message,
    };
    let ran = Sandbox::default()
        .run(&script, &globals(json!({})))
        .unwrap();
    assert_eq!(ran.printed, ["1"]);
    assert!(ran.logs[0].contains("broken"), "{:?}", ran.logs);
}

#[test]
fn bot_functions_may_use_the_libraries_while_they_load() {
    let functions = BotFunctions::new(
        "const zone = context.session.BotUserSession.zone; const start = koreUtil.moment().tz(zone); \
         function greet() { return koreUtil._.padStart(start.hour(), 2, '0') + ' ' + zone }",
    );
    let mut globals = globals(json!({}));
    globals
        .stores
        .bot_user_session
        .insert("zone".into(), json!("Asia/Manila").into());
    let script = Script {
        source: "return greet()",
        bot_functions: Some(&functions),
        kind: Kind::Script,
    };
    let ran = Sandbox::default().run(&script, &globals).unwrap();
    assert_eq!(ran.value, Some(json!("20 Asia/Manila")), "{:?}", ran.logs);
}
