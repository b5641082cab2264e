//! Intents as people train them: their utterances with tagged entities, patterns and negative patterns.

use super::{corpus, seen::Seen};
use crate::{
    Caller, Ctx,
    definition::{
        self as agents,
        draft::{self, Edit},
    },
};
use definition::{Agent, ComponentKind, Package};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use store::Copy;
use types::{Error, Field, Result, id::BotId};

/// Longest utterance, characters.
const TEXT_MAX: usize = 3_000;
/// Utterances that one request adds or removes at most (ours).
const LINES_MAX: usize = 1_000;
/// Patterns of one kind that an intent has in one language at most (ours).
const PATTERNS_MAX: usize = 500;
/// Longest pattern, characters (ours).
const PATTERN_MAX: usize = 1_000;

/// An intent with how much there is for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRow {
    /// Id of the component.
    pub id: String,
    /// Its name in the language.
    pub name: String,
    /// Name of the intent inside which alone it is looked for.
    pub parent: Option<String>,
    /// Left out of lists of tasks, but detectable.
    pub hidden: bool,
    /// Utterances.
    pub utterances: usize,
    /// Patterns.
    pub patterns: usize,
    /// Negative patterns.
    pub negative_patterns: usize,
}

/// An entity that words can be tagged with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRow {
    /// Id of the component.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Type of its value.
    pub kind: String,
}

/// The intents of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intents {
    /// The language.
    pub language: String,
    /// Enabled languages, the default first.
    pub languages: Vec<String>,
    /// Negative patterns are looked at.
    pub negative_patterns: bool,
    /// The intents, in the order of the definition.
    pub items: Vec<IntentRow>,
    /// The entities, by name.
    pub entities: Vec<EntityRow>,
}

/// Words that are the value of an entity; places are UTF-16 units, as JavaScript counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// First unit.
    pub start: usize,
    /// The unit after the last.
    pub end: usize,
    /// Id of the entity.
    pub entity: String,
}

/// An utterance to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewLine {
    /// The text.
    pub text: String,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// An utterance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// The text.
    pub text: String,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Names of the other intents that have the same utterance.
    pub also_in: Vec<String>,
}

/// An intent with everything that it is trained from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Its name.
    pub name: String,
    /// Its utterances.
    pub lines: Vec<Line>,
    /// Its patterns.
    pub patterns: Vec<String>,
    /// Its negative patterns.
    pub negative_patterns: Vec<String>,
    /// State of both lists, for [`set_patterns`].
    pub patterns_tag: String,
}

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

/// The intents of the draft in one language, the default one where none is named.
///
/// # Errors
/// Not found; bad input on `language`.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: &BotId, asked: Option<&str>) -> Result<Intents> {
    let agent = agents::load(ctx, &caller.account, bot, &Copy::Draft).await?;
    let language = language(&agent, asked)?;
    let work = tokio::task::spawn_blocking(move || rows(&agent, language));
    work.await.map_err(Error::internal)
}

fn rows(agent: &Agent, language: String) -> Intents {
    let input = corpus(agent, &language);
    let name = |id: &String| {
        let found = input.intents.iter().find(|one| one.id == *id);
        found.map_or_else(|| id.clone(), |one| one.name.clone())
    };
    let items = input.intents.iter().map(|one| IntentRow {
        id: one.id.clone(),
        name: one.name.clone(),
        parent: one.parent.as_ref().map(name),
        hidden: one.hidden,
        utterances: one.utterances.len(),
        patterns: one.patterns.len(),
        negative_patterns: one.negative_patterns.len(),
    });
    let entities = agent.components.iter().filter_map(|one| match &one.kind {
        ComponentKind::Entity(entity) => Some(EntityRow {
            id: one.id.clone(),
            name: one.name.clone(),
            kind: entity.entity_type.name().to_owned(),
        }),
        _ => None,
    });
    let mut entities: Vec<EntityRow> = entities.collect();
    entities.sort_by(|a, b| a.name.cmp(&b.name));
    Intents {
        items: items.collect(),
        entities,
        languages: agent.enabled_languages().map(str::to_owned).collect(),
        negative_patterns: agent.nlu.negative_patterns,
        language,
    }
}

/// One intent of the draft in one language.
///
/// # Errors
/// Not found; bad input on `language`.
pub async fn show(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    intent: &str,
    asked: Option<&str>,
) -> Result<Detail> {
    let (_, package) = draft::open(ctx, caller, bot).await?;
    let (intent, asked) = (intent.to_owned(), asked.map(str::to_owned));
    let work = tokio::task::spawn_blocking(move || detail(&package, &intent, asked.as_deref()));
    work.await.map_err(Error::internal)?
}

fn detail(package: &Package, intent: &str, asked: Option<&str>) -> Result<Detail> {
    let agent = Agent::from_package(package);
    let language = language(&agent, asked)?;
    let input = corpus(&agent, &language);
    let own = input.intents.iter().find(|one| one.id == intent);
    let own = own.ok_or_else(|| Error::not_found("There is no such intent"))?;
    let mut elsewhere: HashMap<String, Vec<&str>> = HashMap::new();
    for other in input.intents.iter().filter(|one| one.id != intent) {
        for line in &other.utterances {
            let names = elsewhere.entry(fold(&line.text)).or_default();
            if !names.contains(&other.name.as_str()) {
                names.push(&other.name);
            }
        }
    }
    let lines = sentences(package).iter().filter(|line| {
        line["taskId"] == *intent && language_of(line, &agent.default_language) == language
    });
    let lines = lines.map(|line| {
        let text = line["sentence"].as_str().unwrap_or_default().to_owned();
        let also = elsewhere.get(&fold(&text)).into_iter().flatten();
        Line {
            id: id_of(line),
            tags: tags_of(line),
            also_in: also.map(|name| (*name).to_owned()).collect(),
            text,
        }
    });
    Ok(Detail {
        name: own.name.clone(),
        lines: lines.filter(|line| !line.text.trim().is_empty()).collect(),
        patterns: own.patterns.clone(),
        negative_patterns: own.negative_patterns.clone(),
        patterns_tag: patterns_tag(&own.patterns, &own.negative_patterns),
    })
}

fn patterns_tag(patterns: &[String], negative: &[String]) -> String {
    super::seen::tag(&json!([patterns, negative]))
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

fn sentences(package: &Package) -> &[Value] {
    let all = package
        .definition
        .get("sentences")
        .and_then(Value::as_array);
    all.map_or(&[], Vec::as_slice)
}

fn language_of<'a>(line: &'a Value, default: &'a str) -> &'a str {
    let written = line["language"].as_str().unwrap_or_default();
    if written.is_empty() { default } else { written }
}

/// The id of an utterance; old definitions have some without one, which go by their content.
fn id_of(line: &Value) -> String {
    match line["_id"].as_str() {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => super::seen::tag(&json!([line["taskId"], line["sentence"], line["language"]])),
    }
}

fn tags_of(line: &Value) -> Vec<Tag> {
    let place = |tag: &Value, name: &str| {
        let number = tag[name].as_u64();
        number
            .or_else(|| tag[name].as_str()?.parse().ok())
            .and_then(|n| usize::try_from(n).ok())
    };
    let tags = line["entities"].as_array().into_iter().flatten();
    let read = |tag: &Value| {
        Some(Tag {
            start: place(tag, "startIndex")?,
            end: place(tag, "endIndex")?,
            entity: tag["entityId"].as_str()?.to_owned(),
        })
    };
    tags.filter_map(read)
        .filter(|tag| tag.start < tag.end)
        .collect()
}

/// A line without white space around it, its tags moved along; or what is wrong with it.
fn checked(agent: &Agent, at: &str, line: &NewLine, wrong: &mut Vec<Field>) -> NewLine {
    let mut say = |message: String| {
        wrong.push(Field {
            field: at.to_owned(),
            message,
        });
    };
    let text = line.text.trim();
    if text.is_empty() {
        say("must not be empty".to_owned());
    }
    if text.chars().count() > TEXT_MAX {
        say(format!("must have at most {TEXT_MAX} characters"));
    }
    if text.chars().any(char::is_control) {
        say("must be one line without control characters".to_owned());
    }
    let before = line.text.len() - line.text.trim_start().len();
    let before = line.text[..before].encode_utf16().count();
    let units = text.encode_utf16().count();
    let mut tags: Vec<Tag> = Vec::new();
    for tag in &line.tags {
        let (start, end) = (
            tag.start.saturating_sub(before),
            tag.end.saturating_sub(before),
        );
        let known = agent.component(&tag.entity);
        if start >= end || end > units {
            say(format!("the tag {start} to {end} is not inside the text"));
        } else if tags.iter().any(|t| start < t.end && t.start < end) {
            say(format!("the tag {start} to {end} overlaps another one"));
        } else if !known.is_some_and(|c| matches!(c.kind, ComponentKind::Entity(_))) {
            say("a tag names an entity that the agent does not have".to_owned());
        } else {
            let entity = tag.entity.clone();
            tags.push(Tag { start, end, entity });
        }
    }
    tags.sort_by_key(|tag| tag.start);
    NewLine {
        text: text.to_owned(),
        tags,
    }
}

fn entities(line: &NewLine) -> Value {
    let one =
        |tag: &Tag| json!({"startIndex": tag.start, "endIndex": tag.end, "entityId": tag.entity});
    line.tags.iter().map(one).collect()
}

/// The component of an intent: its id and name.
fn component<'a>(agent: &'a Agent, intent: &str) -> Result<&'a definition::Component> {
    let found = agent.component(intent);
    found
        .filter(|one| matches!(one.kind, ComponentKind::Intent(_)))
        .ok_or_else(|| Error::not_found("There is no such intent"))
}

/// What adding utterances did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// Utterances that are new.
    pub added: usize,
    /// Utterances that the intent had already, or that stood twice in the list.
    pub repeated: usize,
}

/// Adds utterances to an intent.
///
/// # Errors
/// Not found; bad input that names each wrong line; nothing is added then.
pub async fn add_lines(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    intent: &str,
    asked: Option<&str>,
    lines: Vec<NewLine>,
) -> Result<Added> {
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(Error::field(
            "lines",
            format!("must be 1 to {LINES_MAX} utterances"),
        ));
    }
    let what = Edit {
        action: "utterance.add",
        details: json!({"intent": intent, "count": lines.len()}),
    };
    let (inner, intent, asked) = (ctx.clone(), intent.to_owned(), asked.map(str::to_owned));
    draft::edit(ctx, caller, bot, &what, move |package| {
        let fresh = || inner.ids().hex24();
        add_to(package, &intent, asked.as_deref(), &lines, &fresh)
    })
    .await
}

fn add_to(
    package: &mut Package,
    intent: &str,
    asked: Option<&str>,
    lines: &[NewLine],
    fresh: &dyn Fn() -> String,
) -> Result<Added> {
    let agent = Agent::from_package(package);
    let language = language(&agent, asked)?;
    let owner = component(&agent, intent)?;
    let mut have: HashSet<String> = sentences(package)
        .iter()
        .filter(|l| l["taskId"] == *intent && language_of(l, &agent.default_language) == language)
        .filter_map(|line| line["sentence"].as_str().map(fold))
        .collect();
    let mut wrong = Vec::new();
    let mut new = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let line = checked(&agent, &format!("lines[{at}]"), line, &mut wrong);
        if have.insert(fold(&line.text)) {
            new.push(json!({
                "_id": fresh(),
                "taskId": owner.id,
                "taskName": owner.name,
                "sentence": line.text,
                "type": "DialogIntent",
                "language": language,
                "entities": entities(&line),
            }));
        }
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let done = Added {
        added: new.len(),
        repeated: lines.len() - new.len(),
    };
    list_mut(&mut package.definition, "sentences").append(&mut new);
    Ok(done)
}

fn list_mut<'a>(parent: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    if !parent[name].is_array() {
        parent[name] = json!([]);
    }
    parent[name].as_array_mut().expect("it was made a list")
}

/// Changes one utterance of an intent: its text, its tags, or both.
///
/// # Errors
/// Not found; bad input; the intent has the new text already.
pub async fn change_line(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    (intent, line): (&str, &str),
    new: NewLine,
) -> Result<()> {
    let what = Edit {
        action: "utterance.change",
        details: json!({"intent": intent}),
    };
    let (intent, id) = (intent.to_owned(), line.to_owned());
    draft::edit(ctx, caller, bot, &what, move |package| {
        let agent = Agent::from_package(package);
        component(&agent, &intent)?;
        let mut wrong = Vec::new();
        let new = checked(&agent, "text", &new, &mut wrong);
        if !wrong.is_empty() {
            return Err(Error::fields(wrong));
        }
        let all = list_mut(&mut package.definition, "sentences");
        let at = all
            .iter()
            .position(|one| one["taskId"] == *intent && id_of(one) == id);
        let at = at.ok_or_else(|| Error::not_found("There is no such utterance any more"))?;
        let tongue = |one: &Value| language_of(one, &agent.default_language).to_owned();
        let twin = all.iter().enumerate().any(|(other, one)| {
            other != at
                && one["taskId"] == *intent
                && tongue(one) == tongue(&all[at])
                && fold(one["sentence"].as_str().unwrap_or_default()) == fold(&new.text)
        });
        if twin {
            return Err(Error::field(
                "text",
                "the intent has this utterance already",
            ));
        }
        all[at]["sentence"] = new.text.clone().into();
        all[at]["entities"] = entities(&new);
        Ok(())
    })
    .await
}

/// Removes utterances of an intent; answers how many there were.
///
/// # Errors
/// Not found; bad input on `ids`.
pub async fn remove_lines(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    intent: &str,
    ids: Vec<String>,
) -> Result<usize> {
    if ids.is_empty() || ids.len() > LINES_MAX {
        let text = format!("must be 1 to {LINES_MAX} ids");
        return Err(Error::field("ids", text));
    }
    let what = Edit {
        action: "utterance.remove",
        details: json!({"intent": intent, "count": ids.len()}),
    };
    let (intent, ids) = (intent.to_owned(), ids.into_iter().collect::<HashSet<_>>());
    draft::edit(ctx, caller, bot, &what, move |package| {
        component(&Agent::from_package(package), &intent)?;
        let all = list_mut(&mut package.definition, "sentences");
        let before = all.len();
        all.retain(|one| one["taskId"] != *intent || !ids.contains(&id_of(one)));
        Ok(before - all.len())
    })
    .await
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
pub async fn set_patterns(
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
    use super::*;

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

    fn line(text: &str, tags: Vec<Tag>) -> NewLine {
        NewLine {
            text: text.to_owned(),
            tags,
        }
    }

    #[test]
    fn an_utterance_is_added_once_without_the_space_around_it() {
        let mut package = package();
        let intent = first(&package);
        let lines = [
            line("  a new one ", vec![]),
            line("A NEW ONE", vec![]),
            line("where is my parcel", vec![]),
        ];
        let done = add_to(&mut package, &intent, None, &lines, &|| "id".to_owned());
        let counts = Added {
            added: 1,
            repeated: 2,
        };
        assert_eq!(done.expect("adds"), counts);
        let shown = detail(&package, &intent, None).expect("shows");
        assert_eq!(shown.lines.last().expect("a line").text, "a new one");
    }

    #[test]
    fn tags_outside_the_text_over_each_other_or_of_no_entity_are_refused_each_by_its_line() {
        let mut package = package();
        let intent = first(&package);
        let agent = Agent::from_package(&package);
        let entity = agent
            .components
            .iter()
            .find(|c| matches!(c.kind, ComponentKind::Entity(_)))
            .expect("an entity")
            .id
            .clone();
        let tag = |start, end, entity: &str| Tag {
            start,
            end,
            entity: entity.to_owned(),
        };
        let lines = [
            line("to Bonn", vec![tag(3, 8, &entity)]),
            line("to Bonn", vec![tag(3, 7, &entity), tag(5, 7, &entity)]),
            line("to Bonn", vec![tag(3, 7, "nothing")]),
            line(" ", vec![]),
        ];
        let before = package.clone();
        let error = add_to(&mut package, &intent, None, &lines, &|| "id".to_owned());
        let error = error.expect_err("wrong");
        let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["lines[0]", "lines[1]", "lines[2]", "lines[3]"]);
        assert_eq!(package, before);
        // a tag moves along with the white space that goes
        let moved = [line("  to Bonn", vec![tag(5, 9, &entity)])];
        add_to(&mut package, &intent, None, &moved, &|| "id".to_owned()).expect("adds");
        let shown = detail(&package, &intent, None).expect("shows");
        assert_eq!(
            shown.lines.last().expect("a line").tags,
            [tag(3, 7, &entity)]
        );
    }

    #[test]
    fn an_utterance_of_two_intents_says_so() {
        let mut package = package();
        let intent = first(&package);
        let other = sentences(&package)
            .iter()
            .find(|l| l["taskId"] != *intent)
            .expect("another")["taskId"]
            .as_str()
            .expect("a text")
            .to_owned();
        let lines = [line("Where is my PARCEL", vec![])];
        add_to(&mut package, &other, None, &lines, &|| "id".to_owned()).expect("adds");
        let name = detail(&package, &intent, None).expect("shows").name;
        let shown = detail(&package, &other, None).expect("shows");
        assert_eq!(shown.lines.last().expect("a line").also_in, [name]);
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
