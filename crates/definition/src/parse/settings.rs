//! Settings of agent, dialog and node: interruptions, amending, events, session.

use super::message::{messages, ux_map};
use super::value::{count, flag, list, number, object, raw, some_text};
use crate::{
    Amend, BotEvent, ChannelMessage, EventAction, FirstMessage, FirstMessageChoice, Hold,
    InterruptMode, Interruptions, Localized, ResponseOverride, Resume, SentimentEvent,
    SessionSettings,
};
use serde_json::Value;

/// `interruptOptions` of `value`.
pub(crate) fn interruptions(value: &Value) -> Interruptions {
    let options = object(value, "interruptOptions");
    let base = Interruptions::default();
    let (kind, hold, resume) = (
        object(options, "type"),
        object(options, "holdUxOptions"),
        object(options, "resumeUxOptions"),
    );
    let answers = |key: &str| options.get(key).is_none() || raw(options, key) == "respondAndResume";
    Interruptions {
        enabled: flag(
            options,
            "interruptsEnabled",
            flag(value, "interruptsEnabled", true),
        ),
        held_tasks: count(options, "numTasksToHold").unwrap_or(base.held_tasks),
        mode: match raw(kind, "option").as_str() {
            "endUser" => InterruptMode::EndUser,
            "doNotAllowHoldResume" => InterruptMode::Never,
            _ => InterruptMode::Developer,
        },
        mode_message: message(kind),
        hold: match raw(hold, "option").as_str() {
            "holdCurrTask" => Hold::HoldCurrent,
            "discardCurrTask" => Hold::Discard,
            "continueCurrTask" => Hold::ContinueCurrent,
            _ => Hold::DiscardSilently,
        },
        hold_message: message(hold),
        resume: match raw(resume, "option").as_str() {
            "confFromUser" => Resume::Ask,
            "noConfFromUser" => Resume::Silent,
            _ => Resume::Notify,
        },
        resume_message: message(resume),
        never_notify: flag(resume, "neverNotify", false),
        faq_respond_and_resume: answers("faqBehaviour"),
        small_talk_respond_and_resume: answers("smallTalkBehaviour"),
        show_ambiguous: flag(options, "showAmbiguous", base.show_ambiguous),
    }
}

/// `interruptOptions` of a dialog or node, when its `priority` says that they count.
pub(crate) fn own_interruptions(value: &Value, level: &str) -> Option<Interruptions> {
    (raw(object(value, "interruptOptions"), "priority") == level).then(|| interruptions(value))
}

/// `message`: a string, or a list of strings or of channel items, of which the first counts.
fn message(value: &Value) -> Option<String> {
    match value.get("message")? {
        Value::Array(items) => items.first().and_then(|first| match first {
            Value::String(_) => super::value::texts(value, "message").into_iter().next(),
            _ => messages(value, "message")
                .into_iter()
                .find_map(|m| match m.text.first() {
                    Some(crate::MessageBody::Plain(text)) => Some(text.clone()),
                    _ => None,
                }),
        }),
        _ => some_text(value, "message"),
    }
}

/// `amendConfig`; `None` when it is missing or defers to the agent.
pub(crate) fn amend(value: &Value) -> Option<Amend> {
    let config = value
        .get("amendConfig")
        .filter(|config| config.is_object())?;
    (raw(config, "priority") != "bot").then(|| Amend {
        enabled: flag(config, "enabled", false),
        after: raw(config, "postAmend"),
        allow_hidden: flag(config, "allowHidden", false),
        clear_later: flag(config, "clearDownstreamEntities", false),
        skip_shown: flag(config, "skipShownMessages", false),
        target: some_text(config, "refId"),
    })
}

/// What an event does.
pub(crate) fn action(event: &Value) -> EventAction {
    match raw(event, "action").as_str() {
        "triggerDialog" => {
            some_text(event, "task").map_or(EventAction::Nothing, EventAction::Dialog)
        }
        "showMsg" => match messages(event, "msg") {
            none if none.is_empty() => EventAction::Nothing,
            some => EventAction::Message(some),
        },
        "runScript" => match some_text(event, "script").filter(|script| script.trim() != ".") {
            Some(script) => EventAction::Script(script),
            None => EventAction::Nothing,
        },
        _ => EventAction::Nothing,
    }
}

/// `botEvents`.
pub(crate) fn events(definition: &Value) -> Vec<BotEvent> {
    let Some(map) = object(definition, "botEvents").as_object() else {
        return Vec::new();
    };
    let read = |(name, event): (&String, &Value)| BotEvent {
        name: name.clone(),
        enabled: flag(event, "enabled", false),
        action: action(event),
        first_message: event
            .get("manageFirstMessage")
            .filter(|m| m.is_object())
            .map(first_message),
        channels: list(object(event, "pre_conditions"), "channels")
            .iter()
            .filter_map(|channel| channel.as_str().map(str::to_owned))
            .collect(),
        limit: number(object(event, "advance_settings"), "limit")
            .filter(|n| *n >= 1.0)
            .map(|n| n as u32),
    };
    map.iter().map(read).collect()
}

fn first_message(value: &Value) -> FirstMessage {
    let choice = |key: &str| match raw(value, key).as_str() {
        "triggerWelcomeDialog" => FirstMessageChoice::WelcomeDialog,
        "displayWelcomeMsg" => FirstMessageChoice::WelcomeMessage,
        _ => FirstMessageChoice::Respond,
    };
    FirstMessage {
        greeting: choice("greetings"),
        faq: choice("faq"),
        task: choice("task"),
    }
}

/// `botSentimentEvents`.
pub(crate) fn sentiment_events(definition: &Value) -> Vec<SentimentEvent> {
    let tones = |event: &Value| -> Vec<(String, f64, f64)> {
        let tones = object(object(event, "emotionConfig"), "messageTone");
        let entries = tones.as_object().into_iter().flatten();
        entries
            .map(|(tone, range)| {
                (
                    tone.clone(),
                    number(range, "min").unwrap_or(-3.0),
                    number(range, "max").unwrap_or(3.0),
                )
            })
            .collect()
    };
    let read = |event: &Value| SentimentEvent {
        name: raw(event, "name"),
        on_every_message: raw(event, "setting") == "onEveryMessage",
        action: action(event),
        tones: tones(event),
    };
    list(definition, "botSentimentEvents")
        .iter()
        .map(read)
        .collect()
}

/// `koraResponses`.
pub(crate) fn responses(definition: &Value) -> Vec<ResponseOverride> {
    let read = |entry: &Value| {
        let language = Some(raw(entry, "language"))
            .filter(|l| !l.is_empty())
            .unwrap_or_else(|| "en".into());
        let wording = |map: &Value| {
            let text = Localized::single(&language, ux_map(map)?);
            Some(ChannelMessage {
                channel: super::message::channel(map),
                text,
            })
        };
        ResponseOverride {
            key: raw(entry, "Key"),
            condition: raw(entry, "Condition"),
            messages: list(entry, "channelUXMaps")
                .iter()
                .filter_map(wording)
                .collect(),
            language,
        }
    };
    list(definition, "koraResponses").iter().map(read).collect()
}

/// Life of a session.
pub(crate) fn session(definition: &Value) -> SessionSettings {
    let base = SessionSettings::default();
    let script = object(definition, "runCustomScript");
    SessionSettings {
        inactive_ms: number(definition, "sessionInactiveTime")
            .filter(|ms| *ms > 0.0)
            .map_or(base.inactive_ms, |n| n as u64),
        close_by_timer: flag(definition, "sessionClosureProcess", base.close_by_timer),
        skip_message: flag(definition, "skipSessionMessage", base.skip_message),
        closing_script: flag(script, "enable", false)
            .then(|| some_text(script, "script"))
            .flatten(),
    }
}
