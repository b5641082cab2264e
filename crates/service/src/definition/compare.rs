//! What differs between two copies of an agent, component by component. Values are never shown: they may be secrets.

use definition::Package;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Differences that are listed at most (ours).
pub const LISTED_MAX: usize = 2_000;
/// Changed fields that are named for one component (ours).
const FIELDS_MAX: usize = 20;
/// How deep a field is named (ours).
const DEPTH: usize = 4;
/// Longest shown name, characters (ours).
const NAME_MAX: usize = 120;
/// Members that say who changed something and when, but not what.
const MARKS: &[&str] = &[
    "lMod",
    "lModOn",
    "lModBy",
    "lastModifiedOn",
    "lastModifiedBy",
    "createdOn",
    "createdBy",
    "__v",
];

/// What happened to a component on the way from the first copy to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Only in the second.
    Added,
    /// In both, and not the same.
    Changed,
    /// Only in the first.
    Removed,
}

/// A component that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The list of the definition where it stands, for instance `dialogs`; `settings` for what is in no list.
    pub component: String,
    /// Its id there.
    pub id: String,
    /// Its name, as far as it has one.
    pub name: String,
    /// What happened to it.
    pub kind: Kind,
    /// Where it changed, at most 20 places.
    pub fields: Vec<String>,
}

/// Everything that differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Component → how many were added, changed and removed.
    pub counts: BTreeMap<String, [usize; 3]>,
    /// The differences, by component, at most [`LISTED_MAX`].
    pub items: Vec<Difference>,
    /// There are more than are listed.
    pub cut: bool,
}

/// Compares two copies.
pub fn compare(first: &Package, second: &Package) -> Comparison {
    let (before, after) = (components(first), components(second));
    let mut all = Comparison::default();
    let ids: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for (component, id) in ids {
        let key = (component.clone(), id.clone());
        let (kind, fields) = match (before.get(&key), after.get(&key)) {
            (None, _) => (Kind::Added, Vec::new()),
            (_, None) => (Kind::Removed, Vec::new()),
            (Some(a), Some(b)) => {
                let mut fields = Vec::new();
                differing(a, b, "", DEPTH, &mut fields);
                if fields.is_empty() {
                    continue;
                }
                fields.truncate(FIELDS_MAX);
                (Kind::Changed, fields)
            }
        };
        all.counts.entry(component.clone()).or_default()[kind as usize] += 1;
        if all.items.len() == LISTED_MAX {
            all.cut = true;
            continue;
        }
        let shown = after.get(&key).or(before.get(&key));
        all.items.push(Difference {
            component: component.clone(),
            id: id.clone(),
            name: shown.map(name).unwrap_or_default(),
            kind,
            fields,
        });
    }
    all
}

type Components = BTreeMap<(String, String), Value>;

fn components(package: &Package) -> Components {
    let mut all = Components::new();
    for (key, value) in package.definition.as_object().into_iter().flatten() {
        match value {
            _ if key == "_id" || MARKS.contains(&key.as_str()) => {}
            Value::Array(items) if key == "knowledgeTasks" => knowledge(&mut all, items),
            Value::Array(items) if items.iter().any(Value::is_object) => list(&mut all, key, items),
            other => {
                all.insert(("settings".to_owned(), key.clone()), other.clone());
            }
        }
    }
    for (key, value) in package
        .config
        .iter()
        .flat_map(|c| c.as_object().into_iter().flatten())
    {
        match value {
            Value::Array(items) if key == "envVariables" => list(&mut all, "variables", items),
            other => {
                all.insert(("configuration".to_owned(), key.clone()), other.clone());
            }
        }
    }
    if let Some((_, source)) = &package.bot_functions {
        let key = ("functions".to_owned(), "botFunctions".to_owned());
        all.insert(key, source.as_str().into());
    }
    if let Some(icon) = &package.icon {
        let key = ("settings".to_owned(), "icon".to_owned());
        all.insert(key, crypt::sha256_hex(icon).into());
    }
    for (name, table) in &package.tables {
        all.insert(("tables".to_owned(), name.clone()), table.clone());
    }
    for (name, bytes) in &package.extra {
        let digest = crypt::sha256_hex(bytes).into();
        all.insert(("files".to_owned(), name.clone()), digest);
    }
    all
}

/// The FAQs of a graph count each for itself.
fn knowledge(all: &mut Components, tasks: &[Value]) {
    for task in tasks {
        let mut task = task.clone();
        let Some(members) = task.as_object_mut() else {
            continue;
        };
        let faqs = match members.get_mut("faqs") {
            Some(Value::Object(inner)) => inner.get_mut("faqs").map(Value::take),
            Some(array @ Value::Array(_)) => Some(array.take()),
            _ => None,
        };
        if let Some(Value::Array(faqs)) = faqs {
            list(all, "faqs", &faqs);
        }
        list(all, "knowledgeTasks", std::slice::from_ref(&task));
    }
}

fn list(all: &mut Components, component: &str, items: &[Value]) {
    for (at, item) in items.iter().enumerate() {
        let of = |key: &str| item[key].as_str().filter(|text| !text.is_empty());
        let own = ["refId", "_id", "nodeId", "key", "name", "id"];
        let own = own.iter().find_map(|key| of(key)).map(str::to_owned);
        let spoken = || of("language").or(of("lang"));
        // groups with a name of their own may have the same one in every language
        let group = || {
            let name = definition::decode(of("groupName")?).into_owned();
            Some(spoken().map_or(name.clone(), |code| format!("{name} ({code})")))
        };
        let id = own.or_else(group).or_else(|| spoken().map(str::to_owned));
        let mut id = id.unwrap_or_else(|| format!("#{at}"));
        while all.contains_key(&(component.to_owned(), id.clone())) {
            id.push('\'');
        }
        all.insert((component.to_owned(), id), item.clone());
    }
}

/// The places that differ, by their paths.
fn differing(a: &Value, b: &Value, path: &str, depth: usize, found: &mut Vec<String>) {
    if a == b || found.len() > FIELDS_MAX {
        return;
    }
    match (a, b) {
        (Value::Object(a), Value::Object(b)) if depth > 0 => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                if MARKS.contains(&key.as_str()) || (path.is_empty() && key == "_id") {
                    continue;
                }
                let at = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                let none = Value::Null;
                let (a, b) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
                differing(a, b, &at, depth - 1, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if depth > 0 && a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                differing(a, b, &format!("{path}[{at}]"), depth - 1, found);
            }
        }
        _ if path.is_empty() => found.push("value".to_owned()),
        _ => found.push(path.to_owned()),
    }
}

/// What people call a component.
fn name(item: &Value) -> String {
    let of = |map: &Map<String, Value>| {
        let keys = [
            "name",
            "lname",
            "groupName",
            "sentence",
            "key",
            "intent",
            "question",
        ];
        keys.iter()
            .find_map(|key| map.get(*key).and_then(Value::as_str))
            .map(|text| definition::decode(text).into_owned())
    };
    let Some(map) = item.as_object() else {
        return String::new();
    };
    let local = || {
        let local = map.get("localeData")?.as_object()?;
        local.values().find_map(|one| one.as_object().and_then(&of))
    };
    let asked = || {
        let question = &item["questionPayload"]["tagEdges"];
        question.as_str().map(str::to_owned).or_else(|| {
            let text = item["questionPayload"]["question"].as_str();
            text.map(str::to_owned)
        })
    };
    let text = of(map).or_else(local).or_else(asked).unwrap_or_default();
    text.chars().take(NAME_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(definition: Value) -> Package {
        Package {
            definition,
            ..Package::default()
        }
    }

    #[test]
    fn components_are_found_by_their_ids_and_marks_of_time_do_not_count() {
        let first = package(json!({"_id": "st-1", "defaultLanguage": "en", "lModOn": 1,
            "dialogs": [{"refId": "a", "lname": "book", "nodes": [{"nodeId": "n", "type": "x"}]}, {"refId": "b", "lname": "gone"}],
            "sentences": [{"_id": "s", "sentence": "hi", "lModBy": "u-1"}],
            "knowledgeTasks": [{"refId": "k", "faqs": {"faqs": [{"refId": "f", "answer": "1"}]}}]}));
        let second = package(json!({"_id": "st-2", "defaultLanguage": "fr", "lModOn": 2,
            "dialogs": [{"refId": "a", "lname": "book", "nodes": [{"nodeId": "n", "type": "y"}]}, {"refId": "c", "lname": "new"}],
            "sentences": [{"_id": "s", "sentence": "hi", "lModBy": "u-2"}],
            "knowledgeTasks": [{"refId": "k", "faqs": {"faqs": [{"refId": "f", "answer": "2"}]}}]}));
        let all = compare(&first, &second);
        let seen: Vec<_> = all
            .items
            .iter()
            .map(|d| (d.component.as_str(), d.id.as_str(), d.name.as_str(), d.kind))
            .collect();
        assert_eq!(
            seen,
            [
                ("dialogs", "a", "book", Kind::Changed),
                ("dialogs", "b", "gone", Kind::Removed),
                ("dialogs", "c", "new", Kind::Added),
                ("faqs", "f", "", Kind::Changed),
                ("settings", "defaultLanguage", "", Kind::Changed),
            ]
        );
        assert_eq!(all.items[0].fields, ["nodes[0].type"]);
        assert_eq!(all.counts["dialogs"], [1, 1, 1]);
        assert_eq!(compare(&first, &first), Comparison::default());
    }

    #[test]
    fn trait_types_are_told_apart_by_name_and_language_wherever_they_stand() {
        let kind = |name: &str, language: &str, sample: &str| json!({"groupName": name, "language": language, "traits": {"Angry": {"data": [sample]}}});
        let first = package(
            json!({"traits": [kind("Mood", "en", "a"), kind("Mood", "es", "b"), kind("My%20tone", "en", "c")]}),
        );
        let second = package(json!({"traits": [kind("Mood", "es", "x"), kind("Mood", "en", "a")]}));
        let all = compare(&first, &second);
        let seen: Vec<_> = all
            .items
            .iter()
            .map(|d| (d.id.as_str(), d.name.as_str(), d.kind))
            .collect();
        assert_eq!(
            seen,
            [
                ("Mood (es)", "Mood", Kind::Changed),
                ("My tone (en)", "My tone", Kind::Removed),
            ]
        );
        let small = |said: &str| {
            package(json!({"smallTalk": [{"language": "en", "groups": [{"groupName": said}]}]}))
        };
        assert_eq!(compare(&small("a"), &small("b")).items[0].id, "en");
    }

    #[test]
    fn a_changed_secret_is_named_and_its_value_is_not_shown() {
        let with = |value: &str| Package {
            config: Some(json!({"envVariables": [{"key": "API_KEY", "value": value}]})),
            ..Package::default()
        };
        let all = compare(&with("hunter1"), &with("hunter2"));
        assert_eq!(all.items[0].id, "API_KEY");
        assert_eq!(all.items[0].fields, ["value"]);
        assert!(!format!("{all:?}").contains("hunter"));
    }

    #[test]
    fn a_long_comparison_is_cut_and_counts_on() {
        let many: Vec<_> = (0..LISTED_MAX + 5)
            .map(|n| json!({"_id": format!("s{n}")}))
            .collect();
        let all = compare(&package(json!({})), &package(json!({"sentences": many})));
        assert!(all.cut);
        assert_eq!(all.items.len(), LISTED_MAX);
        assert_eq!(all.counts["sentences"], [LISTED_MAX + 5, 0, 0]);
    }
}
