//! Trait types with their traits.

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
use service::{
    Ctx,
    console::permission::Permission,
    training::trait_type::{self, New, NewTrait, Type},
};
use std::collections::HashMap;
use utoipa::ToSchema;

/// A trait.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleTrait)]
pub struct TraitOut {
    /// Its name.
    name: String,
    /// Utterances, or patterns.
    lines: Vec<String>,
    /// Labels of the nodes of the knowledge graph that ask for it.
    used_by: Vec<String>,
}

/// A trait type.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleTraitType)]
pub struct TypeOut {
    /// Its name.
    name: String,
    /// The lines are patterns, and several traits can be found; else utterances, and at most one is.
    by_pattern: bool,
    /// Lowest score of the classifier, 0 to 1.
    threshold: f64,
    /// The traits.
    traits: Vec<TraitOut>,
    /// State of the type, for `if-match`.
    tag: String,
}

/// The trait types of one language.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleTraitTypes)]
pub struct TypesOut {
    /// The language.
    language: String,
    /// Enabled languages, the default first.
    languages: Vec<String>,
    /// The types.
    items: Vec<TypeOut>,
}

/// A trait to be written.
#[derive(Deserialize, Serialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleTraitIn)]
pub struct TraitIn {
    /// Its name: letters, digits, spaces and underscores.
    name: String,
    /// Its name so far; missing for a new one.
    was: Option<String>,
    /// Utterances, or patterns; up to 2,000.
    lines: Vec<String>,
}

/// A trait type to be written.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(as = ConsoleTraitTypeIn)]
pub struct TypeIn {
    /// Its name: letters, digits, spaces and underscores.
    name: String,
    /// The lines are patterns.
    by_pattern: bool,
    /// Lowest score of the classifier, 0 to 1; 0.5 when missing.
    threshold: Option<f64>,
    /// The traits, 1 to 200.
    traits: Vec<TraitIn>,
}

impl From<TypeIn> for New {
    fn from(ask: TypeIn) -> Self {
        let traits = ask.traits.into_iter().map(|one| NewTrait {
            name: one.name,
            was: one.was.filter(|name| !name.is_empty()),
            lines: one.lines,
        });
        Self {
            traits: traits.collect(),
            name: ask.name,
            by_pattern: ask.by_pattern,
            threshold: ask.threshold,
        }
    }
}

fn view(one: Type) -> TypeOut {
    let traits = one.traits.into_iter().map(|one| TraitOut {
        name: one.name,
        lines: one.lines,
        used_by: one.used_by,
    });
    TypeOut {
        traits: traits.collect(),
        name: one.name,
        by_pattern: one.by_pattern,
        threshold: one.threshold,
        tag: one.tag,
    }
}

/// Lists the trait types of one language
///
/// # Errors
/// Not found; bad input on `language`.
#[utoipa::path(get, path = "", operation_id = "consoleListTraits", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), responses((status = 200, description = "The types", body = TypesOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<TypesOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = trait_type::list(&ctx, caller, &body::bot(&bot)?, language(&query)).await?;
    Ok(Json(TypesOut {
        items: found.items.into_iter().map(view).collect(),
        language: found.language,
        languages: found.languages,
    }))
}

/// Adds a trait type
///
/// # Errors
/// Not found; bad input that names each wrong field.
#[utoipa::path(post, path = "", operation_id = "consoleAddTrait", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), request_body = TypeIn, responses((status = 204, description = "Added")))]
pub async fn add(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    Body(ask): Body<TypeIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    trait_type::add(&ctx, caller, &bot, language(&query), ask.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes a trait type
///
/// Another name of a trait is written into the rules of the knowledge graph too.
///
/// # Errors
/// Not found; bad input that names each wrong field; `if-match` names an older state.
#[utoipa::path(put, path = "", operation_id = "consoleChangeTrait", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing"), ("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), request_body = TypeIn, responses((status = 204, description = "Changed")))]
pub async fn change(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, name)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    Body(ask): Body<TypeIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, seen) = (body::bot(&bot)?, body::seen(&headers));
    let which = (name.as_str(), language(&query));
    trait_type::set(&ctx, caller, &bot, which, ask.into(), seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a trait type with its traits
///
/// # Errors
/// Not found; `if-match` names an older state.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveTrait", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing"), ("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, name)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, seen) = (body::bot(&bot)?, body::seen(&headers));
    let which = (name.as_str(), language(&query));
    trait_type::remove(&ctx, caller, &bot, which, seen).await?;
    Ok(StatusCode::NO_CONTENT)
}
