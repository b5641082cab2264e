//! Traits: what can be told of an utterance beside its intent. Traits of one type exclude each other, unless patterns find them.

use super::{
    parts::language,
    seen::{self, Seen},
};
use crate::{
    Caller, Ctx,
    definition::draft::{self, Edit},
};
use definition::{Agent, Package, decode, encode_if_needed};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use types::{Error, Field, Result, id::BotId};

/// Trait types of a language at most (ours).
const TYPES_MAX: usize = 200;
/// Traits of a type at most (ours).
const TRAITS_MAX: usize = 200;
/// Lines of a trait at most (ours).
const LINES_MAX: usize = 2_000;
/// Longest line, characters.
const LINE_MAX: usize = 3_000;
/// Longest name, characters (ours).
const NAME_MAX: usize = 100;
/// Lowest score where a definition names none (nlu.md section 6).
const THRESHOLD: f64 = 0.5;

/// A trait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct One {
    /// Its name.
    pub name: String,
    /// Utterances, or patterns.
    pub lines: Vec<String>,
    /// Labels of the nodes of the knowledge graph that ask for it.
    pub used_by: Vec<String>,
}

/// A trait type.
#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    /// Its name.
    pub name: String,
    /// The lines are patterns; else utterances that the classifier learns.
    pub by_pattern: bool,
    /// Lowest score of the classifier, 0 to 1.
    pub threshold: f64,
    /// The traits.
    pub traits: Vec<One>,
    /// State of the type, for [`set`].
    pub tag: String,
}

/// The trait types of one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Types {
    /// The language.
    pub language: String,
    /// Enabled languages, the default first.
    pub languages: Vec<String>,
    /// The types, in the order of the definition.
    pub items: Vec<Type>,
}

/// A trait to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTrait {
    /// Its name.
    pub name: String,
    /// Its name so far; none: it is new.
    pub was: Option<String>,
    /// Utterances, or patterns.
    pub lines: Vec<String>,
}

/// A trait type to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct New {
    /// Its name.
    pub name: String,
    /// The lines are patterns.
    pub by_pattern: bool,
    /// Lowest score, 0 to 1; none: 0.5.
    pub threshold: Option<f64>,
    /// The traits.
    pub traits: Vec<NewTrait>,
}

fn text(value: &Value) -> String {
    decode(value.as_str().unwrap_or_default()).into_owned()
}

/// A trait's name: what is shown of it, else its key.
fn name_of(key: &str, content: &Value) -> String {
    let shown = text(&content["displayName"]);
    if shown.is_empty() {
        key.to_owned()
    } else {
        shown
    }
}

fn groups(package: &Package) -> &[Value] {
    package
        .definition
        .get("traits")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn is_of(group: &Value, language: &str, default: &str) -> bool {
    match group["language"].as_str().unwrap_or_default() {
        "" => language == default,
        own => own == language,
    }
}

/// The place of a type in the definition; case does not count.
fn place(package: &Package, agent: &Agent, language: &str, name: &str) -> Option<usize> {
    groups(package).iter().position(|group| {
        is_of(group, language, &agent.default_language)
            && text(&group["groupName"]).eq_ignore_ascii_case(name)
    })
}

/// The trait types of the draft in one language, the default one where none is named.
///
/// # Errors
/// Not found; bad input on `language`.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: &BotId, asked: Option<&str>) -> Result<Types> {
    let (_, package) = draft::open(ctx, caller, bot).await?;
    let asked = asked.map(str::to_owned);
    let work = tokio::task::spawn_blocking(move || types_of(&package, asked.as_deref()));
    work.await.map_err(Error::internal)?
}

fn types_of(package: &Package, asked: Option<&str>) -> Result<Types> {
    let agent = Agent::from_package(package);
    let language = language(&agent, asked)?;
    let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
    for task in agent.knowledge.iter().filter(|t| t.language == language) {
        for node in &task.nodes {
            for name in node.traits.iter().flatten() {
                users.entry(name).or_default().push(&node.label);
            }
        }
    }
    let own = groups(package)
        .iter()
        .filter(|group| is_of(group, &language, &agent.default_language));
    let items = own.map(|group| Type {
        name: text(&group["groupName"]),
        by_pattern: group["matchStrategy"] == "pattern",
        threshold: group["scoreThreshold"].as_f64().unwrap_or(THRESHOLD),
        tag: seen::tag(group),
        traits: traits(group, &users),
    });
    Ok(Types {
        items: items.collect(),
        languages: agent.enabled_languages().map(str::to_owned).collect(),
        language,
    })
}

fn traits(group: &Value, users: &HashMap<&str, Vec<&str>>) -> Vec<One> {
    let all = group["traits"].as_object().into_iter().flatten();
    let read = |(key, content): (&String, &Value)| {
        let name = name_of(key, content);
        let labels = users.get(name.as_str()).into_iter().flatten();
        let lines = content["data"].as_array().into_iter().flatten();
        One {
            used_by: labels.map(|label| (*label).to_owned()).collect(),
            lines: lines.map(text).collect(),
            name,
        }
    };
    all.map(read).collect()
}

/// Adds a trait type.
///
/// # Errors
/// Not found; bad input that names each wrong field.
pub async fn add(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    asked: Option<&str>,
    new: New,
) -> Result<()> {
    let what = Edit {
        action: "trait.add",
        details: json!({"language": asked, "traits": new.traits.len()}),
    };
    let (inner, asked) = (ctx.clone(), asked.map(str::to_owned));
    draft::edit(ctx, caller, bot, &what, move |package| {
        let fresh = || inner.ids().uuid().to_string();
        write(package, asked.as_deref(), None, &new, &fresh)
    })
    .await
}

/// Changes a trait type, if it is still as it was seen. A trait with another name keeps its name in the rules of the knowledge graph:
/// they are written anew.
///
/// # Errors
/// Not found; bad input that names each wrong field; somebody else was faster.
pub async fn set(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    (name, asked): (&str, Option<&str>),
    new: New,
    seen: Seen,
) -> Result<()> {
    let what = Edit {
        action: "trait.change",
        details: json!({"language": asked, "traits": new.traits.len()}),
    };
    let (inner, name) = (ctx.clone(), name.to_owned());
    let asked = asked.map(str::to_owned);
    draft::edit(ctx, caller, bot, &what, move |package| {
        let fresh = || inner.ids().uuid().to_string();
        let old = Some((name.as_str(), &seen));
        write(package, asked.as_deref(), old, &new, &fresh)
    })
    .await
}

/// Removes a trait type, if it is still as it was seen.
///
/// # Errors
/// Not found; somebody else was faster.
pub async fn remove(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    (name, asked): (&str, Option<&str>),
    seen: Seen,
) -> Result<()> {
    let what = Edit {
        action: "trait.remove",
        details: json!({"language": asked}),
    };
    let (name, asked) = (name.to_owned(), asked.map(str::to_owned));
    draft::edit(ctx, caller, bot, &what, move |package| {
        let agent = Agent::from_package(package);
        let language = language(&agent, asked.as_deref())?;
        let at = place(package, &agent, &language, &name).ok_or_else(missing)?;
        seen.check(&seen::tag(&groups(package)[at]))?;
        if let Some(all) = package.definition["traits"].as_array_mut() {
            all.remove(at);
        }
        Ok(())
    })
    .await
}

fn missing() -> Error {
    Error::not_found("There is no such trait type any more")
}

/// Lays a type into the definition, in the place of `old` or behind the others.
fn write(
    package: &mut Package,
    asked: Option<&str>,
    old: Option<(&str, &Seen)>,
    new: &New,
    fresh: &dyn Fn() -> String,
) -> Result<()> {
    let agent = Agent::from_package(package);
    let language = language(&agent, asked)?;
    let at = match old {
        None => None,
        Some((name, _)) => Some(place(package, &agent, &language, name).ok_or_else(missing)?),
    };
    let before = at.map_or(Value::Null, |at| groups(package)[at].clone());
    if let Some((_, seen)) = old {
        seen.check(&seen::tag(&before))?;
    }
    let new = checked(new, &before)?;
    let twin = place(package, &agent, &language, &new.name);
    if twin.is_some_and(|twin| Some(twin) != at) {
        return Err(Error::field("name", "is the name of another trait type"));
    }
    let own = groups(package)
        .iter()
        .filter(|group| is_of(group, &language, &agent.default_language));
    if at.is_none() && own.count() >= TYPES_MAX {
        let text = format!("a language has at most {TYPES_MAX} trait types");
        return Err(Error::field("name", text));
    }
    let after = laid(&before, &new, &language, fresh);
    if !package.definition["traits"].is_array() {
        package.definition["traits"] = json!([]);
    }
    if let Some(all) = package.definition["traits"].as_array_mut() {
        match at {
            Some(at) => all[at] = after,
            None => all.push(after),
        }
    }
    for one in &new.traits {
        if let Some(was) = one.was.as_ref().filter(|was| **was != one.name) {
            rename(package, &language, &agent.default_language, was, &one.name);
        }
    }
    Ok(())
}

fn laid(before: &Value, new: &New, language: &str, fresh: &dyn Fn() -> String) -> Value {
    let mut after = match before.is_object() {
        true => before.clone(),
        false => {
            json!({"algo": "n_gram", "configuration": {"n_gram": {"minVal": 1, "maxVal": 1}}, "language": language})
        }
    };
    after["groupName"] = encode_if_needed(&new.name).into();
    let strategy = if new.by_pattern {
        "pattern"
    } else {
        "probability"
    };
    after["matchStrategy"] = strategy.into();
    after["scoreThreshold"] = json!(new.threshold.unwrap_or(THRESHOLD));
    let old = before["traits"].as_object();
    let mut traits = Map::new();
    for one in &new.traits {
        let known = old.into_iter().flatten();
        let mut known = known.filter(|(key, value)| one.was.as_ref() == Some(&name_of(key, value)));
        let mut entry = match known.next() {
            Some((_, entry)) if entry.is_object() => entry.clone(),
            _ => json!({"traitId": format!("tri-{}", fresh())}),
        };
        entry["displayName"] = encode_if_needed(&one.name).into();
        entry["data"] = one
            .lines
            .iter()
            .map(|line| encode_if_needed(line))
            .collect();
        traits.insert(one.name.clone(), entry);
    }
    after["traits"] = Value::Object(traits);
    after
}

/// Writes another name of a trait into the rules of nodes.
fn rename(package: &mut Package, language: &str, default: &str, was: &str, name: &str) {
    let tasks = package.definition.get_mut("knowledgeTasks");
    let tasks = tasks.and_then(Value::as_array_mut).into_iter().flatten();
    for task in tasks.filter(|task| is_of(task, language, default)) {
        let nodes = task.get_mut("taxonomy").and_then(Value::as_array_mut);
        let nodes = nodes.into_iter().flatten();
        let rules = nodes.filter_map(|node| node.get_mut("traitRule")?.as_array_mut());
        let names = rules.flatten().filter_map(Value::as_array_mut).flatten();
        for one in names.filter(|one| one.as_str() == Some(was)) {
            *one = name.into();
        }
    }
}

/// What is wrong with a type; its lists without blanks and twins.
fn checked(new: &New, before: &Value) -> Result<New> {
    let mut wrong = Vec::new();
    let mut say = |field: String, message: String| wrong.push(Field { field, message });
    let plain = |text: &str| {
        let letters = text
            .chars()
            .all(|c| c.is_alphanumeric() || c == ' ' || c == '_');
        letters && (1..=NAME_MAX).contains(&text.chars().count())
    };
    let rule = format!("must have 1 to {NAME_MAX} letters, digits, spaces or underscores");
    let name = new.name.trim();
    // a name that came with an import may stay as it is
    if !plain(name) && (name.is_empty() || text(&before["groupName"]) != name) {
        say("name".to_owned(), rule.clone());
    }
    if new.threshold.is_some_and(|n| !(0.0..=1.0).contains(&n)) {
        say("threshold".to_owned(), "must be 0 to 1".to_owned());
    }
    if new.traits.is_empty() || new.traits.len() > TRAITS_MAX {
        say("traits".to_owned(), format!("must be 1 to {TRAITS_MAX}"));
    }
    let mut names = HashSet::new();
    let mut traits = Vec::new();
    for (at, one) in new.traits.iter().enumerate() {
        let own = one.name.trim();
        if !plain(own) && one.was.as_deref() != Some(own) {
            say(format!("traits[{at}].name"), rule.clone());
        } else if !names.insert(own.to_lowercase()) {
            let text = "is the name of another trait of the type".to_owned();
            say(format!("traits[{at}].name"), text);
        }
        if one.lines.len() > LINES_MAX {
            let text = format!("must be at most {LINES_MAX} lines");
            say(format!("traits[{at}].lines"), text);
        }
        let mut have = HashSet::new();
        let mut lines = Vec::new();
        for (number, line) in one.lines.iter().enumerate() {
            let line = line.trim();
            if line.chars().count() > LINE_MAX || line.chars().any(char::is_control) {
                let text = format!("must be one line of at most {LINE_MAX} characters");
                say(format!("traits[{at}].lines[{number}]"), text);
            }
            if !line.is_empty() && have.insert(line.to_lowercase()) {
                lines.push(line.to_owned());
            }
        }
        traits.push(NewTrait {
            name: own.to_owned(),
            was: one.was.clone(),
            lines,
        });
    }
    match wrong.is_empty() {
        true => Ok(New {
            name: name.to_owned(),
            traits,
            ..new.clone()
        }),
        false => Err(Error::fields(wrong)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Kind;

    fn package() -> Package {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
        definition::read_path(&path).expect("reads")
    }

    fn one(name: &str, was: Option<&str>, lines: &[&str]) -> NewTrait {
        NewTrait {
            name: name.to_owned(),
            was: was.map(str::to_owned),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        }
    }

    fn mood(traits: Vec<NewTrait>) -> New {
        New {
            name: "Mood".to_owned(),
            traits,
            ..New::default()
        }
    }

    fn fresh() -> String {
        "fresh".to_owned()
    }

    #[test]
    fn a_type_is_read_back_as_it_was_written_and_changed_only_as_it_was_seen() {
        let mut package = package();
        let new = mood(vec![one(
            " Angry ",
            None,
            &["this is bad", "This is BAD", " "],
        )]);
        write(&mut package, None, None, &new, &fresh).expect("adds");
        let shown = types_of(&package, None).expect("reads").items;
        assert_eq!(shown[0].traits[0].name, "Angry");
        assert_eq!(shown[0].traits[0].lines, ["this is bad"]);
        assert!((shown[0].threshold - THRESHOLD).abs() < f64::EPSILON);
        let agent = Agent::from_package(&package);
        assert_eq!(agent.nlu.traits[0].traits[0].samples, ["this is bad"]);
        assert_eq!(agent.nlu.traits[0].traits[0].id, "tri-fresh");
        let twice = write(&mut package, None, None, &new, &fresh).expect_err("twin");
        assert_eq!(twice.fields[0].field, "name");
        let seen = Seen(Some(shown[0].tag.clone()));
        let other = mood(vec![one("Furious", Some("Angry"), &["this is bad"])]);
        write(&mut package, None, Some(("mood", &seen)), &other, &fresh).expect("changes");
        let late = write(&mut package, None, Some(("Mood", &seen)), &other, &fresh);
        assert_eq!(late.expect_err("late").kind, Kind::Conflict);
        assert!(
            types_of(&package, Some("es"))
                .expect("reads")
                .items
                .is_empty()
        );
    }

    #[test]
    fn a_new_name_of_a_trait_is_written_into_the_rules_of_nodes() {
        let mut package = package();
        let new = mood(vec![one("Angry", None, &["this is bad"])]);
        write(&mut package, None, None, &new, &fresh).expect("adds");
        package.definition["knowledgeTasks"][0]["taxonomy"][0]["traitRule"] = json!([["Angry"]]);
        let shown = types_of(&package, None).expect("reads").items;
        assert_eq!(shown[0].traits[0].used_by, ["Parcel Desk"]);
        let other = mood(vec![one("Furious", Some("Angry"), &["this is bad"])]);
        let any = Seen::default();
        write(&mut package, None, Some(("Mood", &any)), &other, &fresh).expect("changes");
        let rule = &package.definition["knowledgeTasks"][0]["taxonomy"][0]["traitRule"];
        assert_eq!(*rule, json!([["Furious"]]));
    }

    #[test]
    fn each_wrong_field_is_named() {
        let long = "x".repeat(3_001);
        let mut new = mood(vec![
            one("Angry", None, &["fine", &long]),
            one("angry", None, &[]),
            one("No!", None, &[]),
        ]);
        new.name = String::new();
        new.threshold = Some(1.5);
        let error = write(&mut package(), None, None, &new, &fresh).expect_err("wrong");
        let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "name",
                "threshold",
                "traits[0].lines[1]",
                "traits[1].name",
                "traits[2].name"
            ]
        );
    }
}
