//! Languages of an agent.

use super::{
    body::{self, Body},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    console::permission::Permission,
    definition::language::{self, NewLanguage, Parts, Start, Translation},
};
use types::Result;
use utoipa::ToSchema;

/// A language.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleLanguage)]
pub struct LanguageOut {
    /// Its code.
    code: String,
    /// Its English name.
    name: &'static str,
    /// It is enabled.
    enabled: bool,
    /// It is the default one.
    default: bool,
    /// Enabled in the copy in force.
    published: bool,
    /// Utterances in it.
    utterances: usize,
    /// Questions in it.
    faqs: usize,
    /// Pairs of small talk in it.
    small_talk: usize,
}

/// The languages of an agent.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleLanguages)]
pub struct LanguagesOut {
    /// The default one first.
    items: Vec<LanguageOut>,
    /// Codes that can be added, with their English names.
    known: Vec<KnownOut>,
}

/// A language that can be added.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleKnownLanguage)]
pub struct KnownOut {
    /// Its code.
    code: &'static str,
    /// Its English name.
    name: &'static str,
}

/// A language to be added.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleLanguageIn)]
pub struct LanguageIn {
    /// Its code.
    code: String,
    /// The language to copy from; nothing is copied when missing.
    base: Option<String>,
}

/// Whether a language is enabled.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleLanguageState)]
pub struct StateIn {
    /// It is enabled.
    enabled: bool,
}

/// Lists the languages of an agent
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleListLanguages", tag = "console", responses((status = 200, description = "The languages", body = LanguagesOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<LanguagesOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let all = language::list(&ctx, caller, &body::bot(&bot)?).await?;
    let items = all.into_iter().map(|one| LanguageOut {
        code: one.code,
        name: one.name,
        enabled: one.enabled,
        default: one.default,
        published: one.published,
        utterances: one.utterances,
        faqs: one.faqs,
        small_talk: one.small_talk,
    });
    let known = types::language::all().map(|(code, name)| KnownOut { code, name });
    Ok(Json(LanguagesOut {
        items: items.collect(),
        known: known.collect(),
    }))
}

/// Adds a language to an agent and enables it
///
/// # Errors
/// Not found; bad input that names each wrong field.
#[utoipa::path(post, path = "", operation_id = "consoleAddLanguage", tag = "console", request_body = LanguageIn, responses((status = 204, description = "Added")))]
pub async fn add(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<LanguageIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let base = ask.base.filter(|code| !code.is_empty());
    let everything = Parts {
        training: true,
        faqs: true,
        ontology: true,
        small_talk: true,
        traits: true,
    };
    let new = NewLanguage {
        start: match &base {
            Some(_) => Start::Copied(everything),
            None => Start::Basic,
        },
        base,
        translation: Translation {
            nlu_language: ask.code.clone(),
            input: false,
            response: false,
        },
        code: ask.code,
    };
    language::add(&ctx, caller, &body::bot(&bot)?, new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enables or disables a language
///
/// # Errors
/// Not found; bad input: the default language cannot be disabled.
#[utoipa::path(put, path = "", operation_id = "consoleEnableLanguage", tag = "console", request_body = StateIn, responses((status = 204, description = "Changed")))]
pub async fn enable(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, code)): Path<(String, String)>,
    Body(ask): Body<StateIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    language::enable(&ctx, caller, &body::bot(&bot)?, &code, ask.enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a language the default one, in the published copy too
///
/// # Errors
/// Not found; bad input: disabled, not published yet, or the default already.
#[utoipa::path(post, path = "", operation_id = "consoleMakeLanguageDefault", tag = "console", responses((status = 204, description = "Changed")))]
pub async fn make_default(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, code)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Publish)?;
    language::make_default(&ctx, caller, &body::bot(&bot)?, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}
