//! The patterns of an intent: written, and tried on a text with the synonyms and concepts of the draft.

use super::{
    corpus,
    intent::patterns_tag,
    parts::{component, language, list_mut},
    seen::Seen,
};
use crate::{
    Caller, Ctx,
    definition::{
        self as agents,
        draft::{self, Edit},
    },
};
use definition::{Agent, Package};
use nlu::pattern::{self, Explained};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use store::Copy;
use types::{Error, Field, Result, id::BotId};

/// Patterns of one kind that an intent has in one language at most (ours).
const PATTERNS_MAX: usize = 500;
/// Longest pattern, characters (ours).
const PATTERN_MAX: usize = 1_000;
/// Longest text, characters.
const TEXT_MAX: usize = 3_000;

/// Tries a pattern on a text, in the default language where none is named.
///
/// # Errors
/// Not found; bad input that names each wrong field.
pub async fn test(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    asked: Option<&str>,
    (pattern, text): (&str, &str),
) -> Result<Explained> {
    let mut wrong = Vec::new();
    for (field, given, most) in [("pattern", pattern, PATTERN_MAX), ("text", text, TEXT_MAX)] {
        if given.trim().is_empty() || given.chars().count() > most {
            wrong.push(Field {
                field: field.to_owned(),
                message: format!("must have 1 to {most} characters"),
            });
        }
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let agent = agents::load(ctx, &caller.account, bot, &Copy::Draft).await?;
    let language = language(&agent, asked)?;
    let (pattern, text) = (pattern.to_owned(), text.to_owned());
    let work = tokio::task::spawn_blocking(move || {
        // FAQs mark their patterns so
        let bare = pattern.trim().trim_start_matches("||");
        pattern::explain(&corpus(&agent, &language), bare, &text)
    });
    work.await.map_err(Error::internal)
}

/// Patterns and negative patterns of an intent in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns {
    /// Patterns.
    pub patterns: Vec<String>,
    /// Negative patterns.
    pub negative_patterns: Vec<String>,
}

/// Replaces both lists of patterns, if they are still as they were seen.
///
/// # Errors
/// Not found; bad input that names each wrong pattern; somebody else was faster.
pub async fn set(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    (intent, asked): (&str, Option<&str>),
    new: Patterns,
    seen: Seen,
) -> Result<()> {
    let what = Edit {
        action: "pattern.change",
        details: json!({"intent": intent, "patterns": new.patterns.len(), "negative": new.negative_patterns.len()}),
    };
    let mut wrong = Vec::new();
    let new = Patterns {
        patterns: cleaned("patterns", &new.patterns, &mut wrong),
        negative_patterns: cleaned("negativePatterns", &new.negative_patterns, &mut wrong),
    };
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let (intent, asked) = (intent.to_owned(), asked.map(str::to_owned));
    draft::edit(ctx, caller, bot, &what, move |package| {
        let agent = Agent::from_package(package);
        let language = language(&agent, asked.as_deref())?;
        let owner = component(&agent, &intent)?.clone();
        let input = corpus(&agent, &language);
        if let Some(now) = input.intents.iter().find(|one| one.id == intent) {
            seen.check(&patterns_tag(&now.patterns, &now.negative_patterns))?;
        }
        write_patterns(package, &owner, &language, &new.patterns);
        let components = list_mut(&mut package.definition, "dialogComponents");
        if let Some(one) = components.iter_mut().find(|one| one["_id"] == *intent)
            && (one["localeData"][&language].is_object() || !new.negative_patterns.is_empty())
        {
            put(one, &language, "negativePatterns", &new.negative_patterns);
        }
        Ok(())
    })
    .await
}

fn cleaned(name: &str, patterns: &[String], wrong: &mut Vec<Field>) -> Vec<String> {
    let mut say = |field: String, message: String| wrong.push(Field { field, message });
    if patterns.len() > PATTERNS_MAX {
        say(name.to_owned(), format!("must be at most {PATTERNS_MAX}"));
    }
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for (at, pattern) in patterns.iter().enumerate() {
        let pattern = pattern.trim();
        if pattern.chars().count() > PATTERN_MAX || pattern.chars().any(char::is_control) {
            let text = format!("must be one line of at most {PATTERN_MAX} characters");
            say(format!("{name}[{at}]"), text);
        }
        if !pattern.is_empty() && seen.insert(pattern.to_owned()) {
            out.push(pattern.to_owned());
        }
    }
    out
}

/// The set of an intent in `patterns`, made when there is none and one is needed.
fn write_patterns(
    package: &mut Package,
    owner: &definition::Component,
    language: &str,
    patterns: &[String],
) {
    let all = list_mut(&mut package.definition, "patterns");
    let own = |one: &&mut Value| one["refId"] == *owner.ref_id && one["taskType"] != "entity";
    match all.iter_mut().find(own) {
        Some(known) => put(known, language, "patterns", patterns),
        None if patterns.is_empty() => {}
        None => {
            let mut fresh = json!({"refId": owner.ref_id, "taskType": "intent",
                "taskName": owner.name, "nodeType": "dialog", "localeData": {}});
            put(&mut fresh, language, "patterns", patterns);
            all.push(fresh);
        }
    }
}

/// Writes a list of patterns of one language; entries that stay keep whatever else they hold.
fn put(owner: &mut Value, language: &str, name: &str, patterns: &[String]) {
    if !owner["localeData"].is_object() {
        owner["localeData"] = json!({});
    }
    if !owner["localeData"][language].is_object() {
        owner["localeData"][language] = Value::Object(Map::new());
    }
    let place = &mut owner["localeData"][language][name];
    let old = place.as_array().cloned().unwrap_or_default();
    let same = |entry: &&Value, text: &str| {
        entry.as_str().or_else(|| entry["original"].as_str()) == Some(text)
    };
    let list = patterns.iter().map(|text| {
        let kept = old.iter().find(|entry| same(entry, text)).cloned();
        kept.unwrap_or_else(|| json!({"value": escaped(text), "original": text}))
    });
    *place = list.collect();
}

/// The form in which definitions write the characters of mark-up.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{
        super::{intent::detail, parts::sentences},
        *,
    };

    fn package() -> Package {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
        definition::read_path(&path).expect("reads")
    }

    fn first(package: &Package) -> String {
        sentences(package)[0]["taskId"]
            .as_str()
            .expect("a text")
            .to_owned()
    }

    #[test]
    fn patterns_are_read_back_as_they_were_written() {
        let mut package = package();
        let intent = first(&package);
        let agent = Agent::from_package(&package);
        let owner = agent.component(&intent).expect("there").clone();
        let patterns = ["< track * parcel >".to_owned()];
        write_patterns(&mut package, &owner, "en", &patterns);
        let shown = detail(&package, &intent, Some("en")).expect("shows");
        assert_eq!(shown.patterns, patterns);
        write_patterns(&mut package, &owner, "en", &[]);
        let shown = detail(&package, &intent, Some("en")).expect("shows");
        assert!(shown.patterns.is_empty());
    }
}
