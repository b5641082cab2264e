//! Synonyms and concepts.

use super::{
    body::{self, Body, language},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use service::{Ctx, console::permission::Permission, training::synonym};
use std::collections::HashMap;
use types::Result;
use utoipa::ToSchema;

/// A term with the words that mean the same.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleTerm)]
pub struct TermOut {
    /// The word, or the name of a concept with `~`.
    term: String,
    /// The words.
    words: Vec<String>,
    /// State of the term, for `if-match`.
    tag: String,
}

/// The terms of one language.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleTerms)]
pub struct TermsOut {
    /// The language.
    language: String,
    /// Enabled languages, the default first.
    languages: Vec<String>,
    /// The terms, by name; concepts after words.
    items: Vec<TermOut>,
}

/// A term to be written.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleTermIn)]
pub struct TermIn {
    /// The word, or the name of a concept with `~`.
    term: String,
    /// The words that mean the same; without any, the term is removed.
    words: Vec<String>,
}

/// Lists the synonyms and concepts of one language
///
/// # Errors
/// Not found; bad input on `language`.
#[utoipa::path(get, path = "", operation_id = "consoleListSynonyms", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), responses((status = 200, description = "The terms", body = TermsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<TermsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = synonym::list(&ctx, caller, &body::bot(&bot)?, language(&query)).await?;
    let items = found.items.into_iter().map(|one| TermOut {
        term: one.term,
        words: one.words,
        tag: one.tag,
    });
    Ok(Json(TermsOut {
        items: items.collect(),
        language: found.language,
        languages: found.languages,
    }))
}

/// Writes or removes a synonym or concept
///
/// # Errors
/// Not found; bad input on `term` or `words`; `if-match` names an older state.
#[utoipa::path(put, path = "", operation_id = "consoleSetSynonym", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing"), ("if-match" = Option<String>, Header, description = "`tag` of the state that was seen, `new` for a term that must not be there yet")), request_body = TermIn, responses((status = 204, description = "Written")))]
pub async fn set(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    Body(ask): Body<TermIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, seen) = (body::bot(&bot)?, body::seen(&headers));
    let term = (ask.term.as_str(), ask.words);
    synonym::set(&ctx, caller, &bot, language(&query), term, seen).await?;
    Ok(StatusCode::NO_CONTENT)
}
