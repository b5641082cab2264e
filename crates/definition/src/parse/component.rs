//! Components by kind.

use super::dialog::{assignments, nodes};
use super::entity::entity;
use super::message::messages;
use super::service::service;
use super::value::{
    count, flag, list, localized, localized_text, object, raw, some_text, text, texts,
};
use crate::text::unescape_html;
use crate::{BotAction, Component, ComponentKind, Confirmation, FormUse, GenerativeAi, Intent};
use serde_json::Value;

/// `dialogComponents`.
pub(crate) fn components(definition: &Value) -> Vec<Component> {
    list(definition, "dialogComponents")
        .iter()
        .map(component)
        .collect()
}

fn component(value: &Value) -> Component {
    Component {
        id: raw(value, "_id"),
        ref_id: raw(value, "refId"),
        name: text(value, "name"),
        labels: localized_text(value, "label"),
        messages: messages(value, "message"),
        error_messages: messages(value, "errorMessage"),
        shows_choices: flag(value, "applyDefaultTemplate", false),
        is_sensitive: flag(value, "isSensitive", false) || flag(value, "piiDataEnabled", false),
        is_transient: flag(value, "isTransient", false),
        kind: kind(value),
    }
}

/// To read a new kind of node: add it to [`ComponentKind`], read it here, and say in the report whether it runs.
fn kind(value: &Value) -> ComponentKind {
    match raw(value, "type").as_str() {
        "intent" => ComponentKind::Intent(intent(value)),
        "entity" => ComponentKind::Entity(Box::new(entity(value))),
        "dialogAct" => ComponentKind::Confirmation(confirmation(value)),
        "message" => ComponentKind::Message,
        "script" => ComponentKind::Script(text(value, "script")),
        "service" => ComponentKind::Service(Box::new(service(value))),
        "logic" => ComponentKind::Logic(assignments(value, "contextMap")),
        "botAction" => ComponentKind::BotAction(bot_action(value)),
        "form" => ComponentKind::Form(FormUse {
            form_ref: raw(value, "resourceId"),
            inline: raw(value, "rtmRenderType") == "inline",
            submit_messages: messages(value, "submitMessage"),
        }),
        "agentTransfer" => ComponentKind::AgentTransfer,
        "dynamicIntent" => ComponentKind::DynamicIntent(text(value, "intentPath")),
        "generativeai" => ComponentKind::GenerativeAi(prompt_node(value)),
        "aiassist" => ComponentKind::AiAssist(object(value, "generativeAI").clone()),
        "searchai" => ComponentKind::SearchAi(object(value, "generativeAI").clone()),
        other => ComponentKind::Opaque(other.to_owned()),
    }
}

fn intent(value: &Value) -> Intent {
    Intent {
        dialog_id: some_text(value, "dialogId"),
        names: localized_text(value, "intent"),
        negative_patterns: localized(value, |content| {
            Some(pattern_texts(content, "negativePatterns")).filter(|list| !list.is_empty())
        }),
    }
}

/// Patterns: strings, or `{value, original}`, where `original` has the real characters.
pub(crate) fn pattern_texts(value: &Value, key: &str) -> Vec<String> {
    let read = |item: &Value| match item {
        Value::String(text) => Some(unescape_html(text)),
        other => some_text(other, "original")
            .or_else(|| some_text(other, "value").map(|value| unescape_html(&value))),
    };
    let texts = list(value, key).iter().filter_map(read);
    texts
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect()
}

fn confirmation(value: &Value) -> Confirmation {
    let words = |key: &str| {
        localized(value, |content| {
            Some(texts(object(content, "synonyms"), key)).filter(|words| !words.is_empty())
        })
    };
    Confirmation {
        yes: words("yes"),
        no: words("no"),
    }
}

fn bot_action(value: &Value) -> BotAction {
    let nodes = nodes(value);
    let start = nodes
        .iter()
        .position(|node| node.is_action_root)
        .unwrap_or(0);
    BotAction { nodes, start }
}

fn prompt_node(value: &Value) -> GenerativeAi {
    let settings = object(value, "generativeAI");
    let script = |key: &str| some_text(settings, key).or_else(|| some_text(value, key));
    GenerativeAi {
        prompt: text(settings, "prompt"),
        settings: object(settings, "settings").clone(),
        pre_script: script("preProcessorScript"),
        post_script: script("postProcessorScript"),
        timeout_seconds: count(value, "serviceAPITimeout")
            .filter(|seconds| *seconds > 0)
            .unwrap_or(10),
    }
}
