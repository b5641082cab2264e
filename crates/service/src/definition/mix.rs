//! Publish of chosen components: what belongs to the others keeps its copy of the version in force.

use super::part::{self, Twins, items};
use definition::Package;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};
use types::{Error, Kind, Result};

/// Dialogs with all that they are made of, and languages.
pub const TASKS: &str = "TASKS";
/// What models are made of, FAQs, small talk, thresholds, standard responses.
pub const NL: &str = "NL";
/// Instances of channels.
pub const CHANNELS: &str = "CHANNELS";
/// Scope mappings and bot functions.
pub const EXTENSIONS: &str = "EXTENSIONS";
/// Settings, variables, and what no other component has.
pub const SETTINGS: &str = "SETTINGS";

const ALL: [&str; 5] = [TASKS, NL, CHANNELS, EXTENSIONS, SETTINGS];
/// Broken references that an error names.
const NAMED_MAX: usize = 3;

/// Refuses a name that is no component.
///
/// # Errors
/// Bad input on `components`.
pub fn check(components: &[String]) -> Result<()> {
    if components.iter().all(|name| ALL.contains(&name.as_str())) {
        return Ok(());
    }
    let text = format!("must hold only {}", ALL.join(", "));
    Err(Error::field("components", text))
}

/// Nothing is left out.
pub(super) fn is_everything(components: &[String]) -> bool {
    components.is_empty() || ALL.iter().all(|name| components.iter().any(|c| c == name))
}

/// The component of a member of the definition, or of one language of its `localeData`.
fn component(key: &str, in_language: bool) -> &'static str {
    match (key, part::owner(key, in_language)) {
        ("channels", _) => CHANNELS,
        ("supportedLanguages" | "defaultLanguage" | "languageConfigurations", _) => TASKS,
        (_, Some(("tasks", "knowledgeGraph" | "smallTalk") | ("nlpData", _))) => NL,
        (_, Some(("tasks", _))) => TASKS,
        (_, None) if in_language => TASKS,
        _ => SETTINGS,
    }
}

/// The draft in what is ticked, the version in force in the rest. CPU work.
///
/// # Errors
/// Bad input that names the component to tick too, when the two do not fit together.
pub(super) fn mix(draft: &Package, in_force: &Package, ticked: &[String]) -> Result<Package> {
    let of = |name: &str| match ticked.iter().any(|t| t == name) {
        true => draft,
        false => in_force,
    };
    let mut mixed = of(SETTINGS).clone();
    mixed
        .bot_functions
        .clone_from(&of(EXTENSIONS).bot_functions);
    let mut members = Map::new();
    for source in [draft, in_force] {
        for (key, value) in source.definition.as_object().into_iter().flatten() {
            if members.contains_key(key) {
                continue;
            }
            if key == "localeData" {
                members.insert(key.clone(), languages(of(TASKS), of(NL)));
            } else if std::ptr::eq(of(component(key, false)), source) {
                members.insert(key.clone(), value.clone());
            }
        }
    }
    mixed.definition = Value::Object(members);
    relink(&mut mixed.definition, draft, in_force);
    fits(&mixed, draft, in_force, ticked)?;
    Ok(mixed)
}

/// The languages of one side; what of them belongs to NL comes from the other.
fn languages(tasks: &Package, nl: &Package) -> Value {
    let mut all = tasks.definition["localeData"].clone();
    for (language, content) in all.as_object_mut().into_iter().flatten() {
        let Some(content) = content.as_object_mut() else {
            continue;
        };
        content.retain(|key, _| component(key, true) != NL);
        let more = nl.definition["localeData"][language.as_str()].as_object();
        for (key, value) in more.into_iter().flatten() {
            if component(key, true) == NL {
                content.insert(key.clone(), value.clone());
            }
        }
    }
    all
}

/// Ids of tasks differ when the draft was imported anew since; reference ids do not.
fn relink(mixed: &mut Value, draft: &Package, in_force: &Package) {
    let twins = Twins::of(mixed, [&draft.definition, &in_force.definition]);
    let mend = |place: Option<&mut Value>| {
        let Some(place) = place else { return };
        if let Some(id) = place.as_str().and_then(|id| twins.find(id)) {
            *place = id.into();
        }
    };
    let sentences = mixed.get_mut("sentences").and_then(Value::as_array_mut);
    for sentence in sentences.into_iter().flatten() {
        mend(sentence.get_mut("taskId"));
        let tags = sentence.get_mut("entities").and_then(Value::as_array_mut);
        for tag in tags.into_iter().flatten() {
            mend(tag.get_mut("entityId"));
        }
    }
}

/// Refuses a mix with a reference to nothing that neither side has.
fn fits(mixed: &Package, draft: &Package, in_force: &Package, ticked: &[String]) -> Result<()> {
    let known: Vec<_> = [draft, in_force]
        .map(|side| broken(&side.definition))
        .into_iter()
        .flatten()
        .map(|(reference, _)| reference)
        .collect();
    let mut fresh = broken(&mixed.definition);
    fresh.retain(|reference, _| !known.contains(reference));
    let Some(other) = fresh.values().next().copied() else {
        return Ok(());
    };
    // each reference goes from one component to another, and one of the two is not ticked
    let missing = match ticked.iter().any(|t| t == TASKS) {
        true => other,
        false => TASKS,
    };
    let same = fresh.iter().filter(|(_, component)| **component == other);
    let named: Vec<&str> = same.map(|(reference, _)| reference.as_str()).collect();
    let more = match named.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = named
        .into_iter()
        .take(NAMED_MAX)
        .collect::<Vec<_>>()
        .join(", ");
    let text = format!(
        "components: tick {missing} too; what is ticked does not fit the version in force: {named}{more}"
    );
    Err(Error::new(Kind::BadInput, text))
}

/// References to nothing between TASKS and another component: what they say → that other component.
fn broken(whole: &Value) -> BTreeMap<String, &'static str> {
    let all = |list: &str, key: &str| -> HashSet<String> {
        let texts = items(whole, list).filter_map(|item| item[key].as_str());
        texts.map(str::to_owned).collect()
    };
    let (ids, references) = (
        all("dialogComponents", "_id"),
        all("dialogComponents", "refId"),
    );
    let profiles = all("idpConfigurations", "name");
    let mut found = BTreeMap::new();
    let mut look = |id: &Value, known: &HashSet<String>, text: &str, other| {
        if let Some(id) = id.as_str().filter(|id| !known.contains(*id)) {
            found.insert(format!("{text} {id}"), other);
        }
    };
    for sentence in items(whole, "sentences") {
        look(
            &sentence["taskId"],
            &ids,
            "utterances of the missing intent",
            NL,
        );
        for tag in items(sentence, "entities") {
            look(&tag["entityId"], &ids, "marks of the missing entity", NL);
        }
    }
    for pattern in items(whole, "patterns") {
        look(
            &pattern["refId"],
            &references,
            "patterns of the missing task",
            NL,
        );
    }
    for item in items(whole, "dialogComponents") {
        if !matches!(item["idp"].as_str(), None | Some("" | "none")) {
            look(
                &item["idp"],
                &profiles,
                "calls with the missing auth profile",
                SETTINGS,
            );
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(definition: Value) -> Package {
        Package {
            definition,
            ..Package::default()
        }
    }

    fn ticked(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// One member of each component, all with one word.
    fn one(word: &str) -> Package {
        let mut package = package(json!({
            "dialogs": [{"_id": "dg-1", "word": word}],
            "dialogComponents": [{"_id": format!("dc-{word}"), "refId": "one"}],
            "supportedLanguages": ["en"],
            "localeData": {"en": {"name": word, "synonyms": {"a": [word]}}},
            "sentences": [{"_id": word, "taskId": format!("dc-{word}"), "sentence": word}],
            "knowledgeTasks": [{"word": word}],
            "channels": [{"word": word}],
            "sessionInactiveTime": word,
            "odd": word,
        }));
        package.config = Some(json!({"envVariables": [{"key": "a", "value": word}]}));
        package.bot_functions = Some(("f.js".to_owned(), word.to_owned()));
        package
    }

    #[test]
    fn each_member_follows_its_component() {
        let (new, old) = (one("new"), one("old"));
        for name in ALL {
            let mixed = mix(&new, &old, &ticked(&[name])).unwrap();
            let word = |component: &str| if component == name { "new" } else { "old" };
            let whole = &mixed.definition;
            assert_eq!(whole["dialogs"][0]["word"], word(TASKS));
            assert_eq!(whole["localeData"]["en"]["name"], word(TASKS));
            assert_eq!(whole["localeData"]["en"]["synonyms"]["a"][0], word(NL));
            assert_eq!(whole["sentences"][0]["sentence"], word(NL));
            assert_eq!(whole["knowledgeTasks"][0]["word"], word(NL));
            assert_eq!(whole["channels"][0]["word"], word(CHANNELS));
            assert_eq!(whole["sessionInactiveTime"], word(SETTINGS));
            assert_eq!(whole["odd"], word(SETTINGS));
            assert_eq!(
                mixed.config.unwrap()["envVariables"][0]["value"],
                word(SETTINGS)
            );
            assert_eq!(mixed.bot_functions.unwrap().1, word(EXTENSIONS));
            assert_eq!(
                whole["sentences"][0]["taskId"], whole["dialogComponents"][0]["_id"],
                "found by reference"
            );
        }
        let all = mix(&new, &old, &ticked(&ALL)).unwrap();
        assert_eq!(all.definition, new.definition);
    }

    #[test]
    fn a_member_that_is_new_or_gone_follows_its_component_too() {
        let (mut new, old) = (one("new"), one("old"));
        new.definition
            .as_object_mut()
            .unwrap()
            .shift_remove("channels");
        new.definition["actions"] = json!([1]);
        let mixed = mix(&new, &old, &ticked(&[SETTINGS])).unwrap().definition;
        assert!(mixed.get("channels").is_some() && mixed.get("actions").is_none());
        let mixed = mix(&new, &old, &ticked(&[TASKS, CHANNELS]))
            .unwrap()
            .definition;
        assert!(mixed.get("channels").is_none() && mixed.get("actions").is_some());
    }

    #[test]
    fn a_mix_that_breaks_a_reference_names_the_component_to_tick() {
        let (mut new, old) = (one("new"), one("old"));
        let more = json!({"_id": "dc-more", "refId": "more", "idp": "bank"});
        new.definition["dialogComponents"]
            .as_array_mut()
            .unwrap()
            .push(more);
        new.definition["idpConfigurations"] = json!([{"name": "bank"}]);
        let line = json!({"_id": "s", "taskId": "dc-more", "sentence": "more"});
        new.definition["sentences"]
            .as_array_mut()
            .unwrap()
            .push(line);
        let refused = |names: &[&str]| mix(&new, &old, &ticked(names)).unwrap_err().message;
        let said = refused(&[NL]);
        assert!(
            said.contains("tick TASKS too") && said.contains("dc-more"),
            "{said}"
        );
        let said = refused(&[TASKS, NL]);
        assert!(
            said.contains("tick SETTINGS too") && said.contains("bank"),
            "{said}"
        );
        mix(&new, &old, &ticked(&[TASKS, NL, SETTINGS])).unwrap();
        // the other way round: an intent that is gone, and its published utterances
        let said = mix(&old, &new, &ticked(&[TASKS])).unwrap_err().message;
        assert!(said.contains("tick NL too"), "{said}");
        // what is broken on one side already does not count
        new.definition["sentences"][0]["taskId"] = json!("dc-gone");
        mix(&new, &old, &ticked(&[NL])).unwrap_err();
        new.definition["sentences"].as_array_mut().unwrap().pop();
        mix(&new, &old, &ticked(&[NL])).unwrap();
    }

    #[test]
    fn a_name_that_is_no_component_is_refused() {
        check(&ticked(&ALL)).unwrap();
        let error = check(&ticked(&[NL, "dialogs"])).unwrap_err();
        assert_eq!(error.fields[0].field, "components");
        assert!(is_everything(&[]) && is_everything(&ticked(&ALL)));
        assert!(!is_everything(&ticked(&[NL])));
    }
}
