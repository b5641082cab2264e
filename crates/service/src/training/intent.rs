//! Intents as people train them: their utterances with tagged entities, patterns and negative patterns.

use super::{
    corpus,
    parts::{fold, language, language_of, sentences},
    utterance_line::{Line, id_of, tags_of},
};
use crate::{
    Caller, Ctx,
    definition::{self as agents, draft},
};
use definition::{Agent, ComponentKind, Package};
use serde_json::json;
use std::collections::HashMap;
use store::Copy;
use types::{Error, Result, id::BotId};

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
    /// State of both lists, for a change of them.
    pub patterns_tag: String,
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

/// [`show`] in a package.
///
/// # Errors
/// As [`show`].
pub(super) fn detail(package: &Package, intent: &str, asked: Option<&str>) -> Result<Detail> {
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

/// State of the patterns of an intent.
pub(super) fn patterns_tag(patterns: &[String], negative: &[String]) -> String {
    super::seen::tag(&json!([patterns, negative]))
}
