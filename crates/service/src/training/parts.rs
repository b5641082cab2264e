//! Where intents and their lines stand in a draft.

use definition::{Agent, ComponentKind, Package};
use serde_json::{Value, json};
use types::{Error, Result};

/// The language that is asked for, or the agent's default one.
///
/// # Errors
/// Bad input on `language`.
pub(super) fn language(agent: &Agent, asked: Option<&str>) -> Result<String> {
    let language = asked.unwrap_or(&agent.default_language);
    match agent.languages.iter().any(|one| one.code == language) {
        true => Ok(language.to_owned()),
        false => Err(Error::field("language", "is not a language of the agent")),
    }
}

/// The component of an intent: its id and name.
pub(super) fn component<'a>(agent: &'a Agent, intent: &str) -> Result<&'a definition::Component> {
    let found = agent.component(intent);
    found
        .filter(|one| matches!(one.kind, ComponentKind::Intent(_)))
        .ok_or_else(|| Error::not_found("There is no such intent"))
}

/// The utterances of a definition.
pub(super) fn sentences(package: &Package) -> &[Value] {
    let all = package
        .definition
        .get("sentences")
        .and_then(Value::as_array);
    all.map_or(&[], Vec::as_slice)
}

/// The language of an utterance.
pub(super) fn language_of<'a>(line: &'a Value, default: &'a str) -> &'a str {
    let written = line["language"].as_str().unwrap_or_default();
    if written.is_empty() { default } else { written }
}

/// A list of a definition, made where there is none.
pub(super) fn list_mut<'a>(parent: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    if !parent[name].is_array() {
        parent[name] = json!([]);
    }
    parent[name].as_array_mut().expect("it was made a list")
}

/// A text as two of them are told alike.
pub(super) fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}
