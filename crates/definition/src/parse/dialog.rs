//! Dialogs and nodes.

use super::condition::transitions;
use super::message::messages;
use super::settings::{action, amend, own_interruptions};
use super::value::{
    count, embedded, flag, list, localized_text, object, raw, scalar, some_text, tag_names, text,
};
use crate::{
    Assignment, Dialog, Localized, MetaTag, Node, NodeOptions, PromptOption, RetryAction, Reuse,
};
use serde_json::Value;

/// `dialogs`.
pub(crate) fn dialogs(definition: &Value) -> Vec<Dialog> {
    list(definition, "dialogs").iter().map(dialog).collect()
}

fn dialog(value: &Value) -> Dialog {
    let follow_up = object(value, "followupTaskOptions");
    let failure = object(value, "onTaskFailure");
    Dialog {
        id: raw(value, "_id"),
        ref_id: raw(value, "refId"),
        names: localized_text(value, "name"),
        descriptions: localized_text(value, "shortDesc"),
        nodes: nodes(value),
        is_hidden: flag(value, "isHidden", false),
        is_follow_up: flag(value, "isFollowUp", false),
        offers_follow_ups: flag(follow_up, "isFollowUp", false),
        follow_up_message: some_text(follow_up, "message"),
        interruptions: own_interruptions(value, "task"),
        amend: amend(value),
        on_task_failure: flag(failure, "enabled", false).then(|| action(failure)),
    }
}

/// `nodes` of a dialog, a bot action's node or a bot action's component.
pub(crate) fn nodes(value: &Value) -> Vec<Node> {
    list(value, "nodes").iter().map(node).collect()
}

fn node(value: &Value) -> Node {
    Node {
        id: raw(value, "nodeId"),
        declared_type: raw(value, "type"),
        component_id: raw(value, "componentId"),
        options: options(object(value, "nodeOptions")),
        transitions: transitions(value),
        inner: nodes(value),
        flow_task: some_text(value, "flowTaskId"),
        context_map: assignments(value, "contextMap"),
        post_context_map: assignments(value, "postContextMap"),
        is_action_root: raw(value, "level") == "root",
        preconditions: tag_names(value, "preConditions"),
    }
}

/// A map of assignments, written as a JSON string. An empty source leaves its target alone, so it is left out.
pub(crate) fn assignments(value: &Value, key: &str) -> Vec<Assignment> {
    let map = embedded(value, key);
    let entries = map.as_object().into_iter().flatten();
    entries
        .map(|(target, source)| {
            let source = match source {
                Value::Object(_) | Value::Array(_) => source.to_string(),
                Value::Null => "null".to_owned(),
                other => scalar(other),
            };
            Assignment {
                target: target.trim().to_owned(),
                source: source.trim().to_owned(),
            }
        })
        .filter(|a| !a.target.is_empty() && !a.source.is_empty())
        .collect()
}

fn options(value: &Value) -> NodeOptions {
    let base = NodeOptions::default();
    let retry = object(object(value, "eventOptions"), "defaultMaxRetry");
    NodeOptions {
        wait_for_input: raw(value, "transitionType") == "onInput",
        ends_current_task: raw(value, "transitionMode") == "endCurrentTask",
        within_context: raw(value, "transitionMode") == "withinContext",
        prompt: prompt(value),
        reuse: match raw(value, "reuseOptions").as_str() {
            "2" => Reuse::All,
            "3" => Reuse::Never,
            _ => Reuse::Unused,
        },
        lock_words: flag(value, "notForReuse", false),
        intent_over_entity: raw(value, "precedence") == "intentOverEntity",
        execute_intent: raw(value, "inputHandlingOptions") == "executeIntent",
        retry_limit: count(retry, "retry_limit")
            .filter(|limit| *limit > 0)
            .unwrap_or(base.retry_limit),
        on_retry_limit: match (raw(retry, "action").as_str(), some_text(retry, "ref")) {
            ("executeNode", Some(node)) => RetryAction::Node(node),
            _ => RetryAction::EndDialog,
        },
        interruptions: own_interruptions(value, "node"),
        tags: tags(object(value, "customTags")),
        messages: messages(value, "message"),
        error_messages: messages(value, "errorMessage"),
        default_value: default_value(value),
        sequence_errors: flag(value, "errorPromptSequencing", false),
        service_timeout: count(value, "serviceAPITimeout").filter(|seconds| *seconds > 0),
        context_tags: tag_names(value, "contextTags"),
    }
}

/// `prompt` and `userInputCorrection` sit on entities that plainly must be asked, so they count as required.
fn prompt(value: &Value) -> PromptOption {
    match raw(value, "promptOptions").as_str() {
        "optional" => PromptOption::Optional,
        "hidden" => PromptOption::Hidden,
        "" if flag(value, "isOptional", false) => PromptOption::Optional,
        _ => PromptOption::Required,
    }
}

fn default_value(options: &Value) -> Localized<String> {
    localized_text(object(options, "defaultValue"), "text")
}

/// Meta tags; pairs without a name are left over by the editor.
fn tags(value: &Value) -> Vec<MetaTag> {
    let levels = ["session", "message", "user"];
    let read = |level: &'static str| {
        list(value, level).iter().map(move |tag| MetaTag {
            level: level.to_owned(),
            name: text(tag, "name"),
            value: text(tag, "value"),
        })
    };
    levels
        .into_iter()
        .flat_map(read)
        .filter(|tag| !tag.name.trim().is_empty())
        .collect()
}
