//! Intents and what they are trained from.

use super::{
    body::{self, Body, language},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    console::permission::Permission,
    training::{
        intent,
        pattern::{self, Patterns},
        utterance_line::{self, NewLine, Tag},
    },
};
use std::collections::HashMap;
use types::Result;
use utoipa::ToSchema;

/// An intent with how much there is for it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleIntent)]
pub struct IntentOut {
    /// Id of its component.
    id: String,
    /// Its name.
    name: String,
    /// The intent inside which alone it is looked for.
    parent: Option<String>,
    /// Left out of lists of tasks.
    hidden: bool,
    /// Utterances.
    utterances: usize,
    /// Patterns.
    patterns: usize,
    /// Negative patterns.
    negative_patterns: usize,
}

/// An entity that words can be tagged with.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleEntity)]
pub struct EntityOut {
    /// Id of its component.
    id: String,
    /// Its name.
    name: String,
    /// Type of its value.
    #[serde(rename = "type")]
    kind: String,
}

/// The intents of one language.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleIntents)]
pub struct IntentsOut {
    /// The language.
    language: String,
    /// Enabled languages, the default first.
    languages: Vec<String>,
    /// Negative patterns are looked at.
    negative_patterns: bool,
    /// The intents.
    items: Vec<IntentOut>,
    /// The entities.
    entities: Vec<EntityOut>,
}

/// Words that are the value of an entity.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ConsoleTag)]
pub struct TagWire {
    /// First UTF-16 unit.
    start: usize,
    /// The unit after the last.
    end: usize,
    /// Id of the entity.
    entity: String,
}

/// An utterance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleLine)]
pub struct LineOut {
    /// Its id.
    id: String,
    /// The text.
    text: String,
    /// Its tags.
    tags: Vec<TagWire>,
    /// Other intents that have the same utterance.
    also_in: Vec<String>,
}

/// An intent with everything that it is trained from.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleIntentDetail)]
pub struct DetailOut {
    /// Its name.
    name: String,
    /// Its utterances.
    lines: Vec<LineOut>,
    /// Its patterns.
    patterns: Vec<String>,
    /// Its negative patterns.
    negative_patterns: Vec<String>,
    /// State of the patterns, for `if-match`.
    patterns_tag: String,
}

/// An utterance to be written.
#[derive(Serialize, Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleLineIn)]
pub struct LineIn {
    /// The text, up to 3,000 characters.
    text: String,
    /// Its tags.
    tags: Vec<TagWire>,
}

/// Utterances to be added.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleLinesIn)]
pub struct LinesIn {
    /// The utterances, up to 1,000.
    lines: Vec<LineIn>,
}

/// What adding utterances did.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleLinesAdded)]
pub struct AddedOut {
    /// Utterances that are new.
    added: usize,
    /// Utterances that were there already.
    repeated: usize,
}

/// Utterances to be removed.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleLinesGone)]
pub struct GoneIn {
    /// Their ids, up to 1,000.
    ids: Vec<String>,
}

/// How many there were.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleRemoved)]
pub struct RemovedOut {
    /// Utterances that are gone.
    removed: usize,
}

/// Both lists of patterns.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(as = ConsolePatternsIn)]
pub struct PatternsIn {
    /// Patterns, up to 500.
    patterns: Vec<String>,
    /// Negative patterns, up to 500.
    negative_patterns: Vec<String>,
}

impl From<LineIn> for NewLine {
    fn from(line: LineIn) -> Self {
        let tags = line.tags.into_iter().map(|tag| Tag {
            start: tag.start,
            end: tag.end,
            entity: tag.entity,
        });
        Self {
            text: line.text,
            tags: tags.collect(),
        }
    }
}

/// Lists the intents of an agent in one language
///
/// # Errors
/// Not found; bad input on `language`.
#[utoipa::path(get, path = "", operation_id = "consoleListIntents", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), responses((status = 200, description = "The intents", body = IntentsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<IntentsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = intent::list(&ctx, caller, &body::bot(&bot)?, language(&query)).await?;
    let items = found.items.into_iter().map(|one| IntentOut {
        id: one.id,
        name: one.name,
        parent: one.parent,
        hidden: one.hidden,
        utterances: one.utterances,
        patterns: one.patterns,
        negative_patterns: one.negative_patterns,
    });
    let entities = found.entities.into_iter().map(|one| EntityOut {
        id: one.id,
        name: one.name,
        kind: one.kind,
    });
    Ok(Json(IntentsOut {
        items: items.collect(),
        entities: entities.collect(),
        language: found.language,
        languages: found.languages,
        negative_patterns: found.negative_patterns,
    }))
}

/// Shows an intent with its utterances and patterns
///
/// # Errors
/// Not found; bad input on `language`.
#[utoipa::path(get, path = "", operation_id = "consoleShowIntent", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), responses((status = 200, description = "The intent", body = DetailOut)))]
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = intent::show(&ctx, caller, &body::bot(&bot)?, &id, language(&query)).await?;
    let tag = |tag: Tag| TagWire {
        start: tag.start,
        end: tag.end,
        entity: tag.entity,
    };
    let lines = found.lines.into_iter().map(|line| LineOut {
        id: line.id,
        text: line.text,
        tags: line.tags.into_iter().map(tag).collect(),
        also_in: line.also_in,
    });
    let etag = [(header::ETAG, format!("\"{}\"", found.patterns_tag))];
    let out = DetailOut {
        name: found.name,
        lines: lines.collect(),
        patterns: found.patterns,
        negative_patterns: found.negative_patterns,
        patterns_tag: found.patterns_tag,
    };
    Ok((etag, Json(out)))
}

/// Adds utterances to an intent
///
/// # Errors
/// Not found; bad input that names each wrong line.
#[utoipa::path(post, path = "", operation_id = "consoleAddLines", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), request_body = LinesIn, responses((status = 200, description = "How many are new", body = AddedOut)))]
pub async fn add(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    Body(ask): Body<LinesIn>,
) -> Result<Json<AddedOut>, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let lines = ask.lines.into_iter().map(NewLine::from).collect();
    let (bot, language) = (body::bot(&bot)?, language(&query));
    let done = utterance_line::add(&ctx, caller, &bot, &id, language, lines).await?;
    Ok(Json(AddedOut {
        added: done.added,
        repeated: done.repeated,
    }))
}

/// Removes utterances of an intent
///
/// # Errors
/// Not found; bad input on `ids`.
#[utoipa::path(post, path = "", operation_id = "consoleRemoveLines", tag = "console", request_body = GoneIn, responses((status = 200, description = "How many are gone", body = RemovedOut)))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, id)): Path<(String, String)>,
    Body(ask): Body<GoneIn>,
) -> Result<Json<RemovedOut>, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let removed = utterance_line::remove(&ctx, caller, &body::bot(&bot)?, &id, ask.ids).await?;
    Ok(Json(RemovedOut { removed }))
}

/// Changes an utterance of an intent
///
/// # Errors
/// Not found; bad input on `text`.
#[utoipa::path(put, path = "", operation_id = "consoleChangeLine", tag = "console", request_body = LineIn, responses((status = 204, description = "Changed")))]
pub async fn change(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, id, line)): Path<(String, String, String)>,
    Body(ask): Body<LineIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    utterance_line::change(&ctx, caller, &body::bot(&bot)?, (&id, &line), ask.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces the patterns and negative patterns of an intent
///
/// # Errors
/// Not found; bad input that names each wrong pattern; `if-match` names an older state.
#[utoipa::path(put, path = "", operation_id = "consoleSetPatterns", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing"), ("if-match" = Option<String>, Header, description = "`patternsTag` of the state that was seen")), request_body = PatternsIn, responses((status = 204, description = "Changed")))]
pub async fn patterns(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    Body(ask): Body<PatternsIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let new = Patterns {
        patterns: ask.patterns,
        negative_patterns: ask.negative_patterns,
    };
    let (bot, seen) = (body::bot(&bot)?, body::seen(&headers));
    pattern::set(&ctx, caller, &bot, (&id, language(&query)), new, seen).await?;
    Ok(StatusCode::NO_CONTENT)
}
