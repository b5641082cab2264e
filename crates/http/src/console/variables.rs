//! Environment and content variables.

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
use serde_json::Value;
use service::{
    Ctx,
    console::permission::Permission,
    definition::{self, variable},
};
use std::collections::BTreeMap;
use types::{Error, Result};
use utoipa::ToSchema;

/// A variable.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleVariable)]
pub struct VariableOut {
    /// Its key.
    key: String,
    /// `env` or `locale`.
    kind: String,
    /// The value of an environment variable; empty for a secured one.
    value: String,
    /// Values of a content variable by language.
    values: BTreeMap<String, String>,
    /// Notes.
    hint: String,
    /// Group.
    group: String,
    /// `prePopulated`, `askOnInstall` or `hidden`.
    scope: String,
    /// The value is shown to nobody.
    secured: bool,
}

/// The variables of an agent.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleVariables)]
pub struct VariablesOut {
    /// Enabled languages, the default first.
    languages: Vec<String>,
    /// The variables.
    items: Vec<VariableOut>,
}

/// A variable to be written.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleVariableIn)]
pub struct VariableIn {
    /// Its key; no hyphen.
    key: String,
    /// The value; the one that there is when missing.
    value: Option<String>,
    /// Language of a content variable's value.
    language: String,
    /// Notes.
    hint: String,
    /// Group.
    group: String,
    /// `prePopulated`, `askOnInstall` or `hidden`.
    scope: String,
    /// The value is shown to nobody, and exports leave it out.
    secured: bool,
}

fn kind(text: &str) -> Result<bool> {
    match text {
        "env" => Ok(true),
        "locale" => Ok(false),
        _ => Err(Error::not_found("There is no such kind of variable")),
    }
}

fn new(ask: VariableIn, env: bool) -> variable::New {
    variable::New {
        key: ask.key,
        env,
        value: ask.value,
        language: ask.language,
        hint: ask.hint,
        group: ask.group,
        scope: ask.scope,
        secured: ask.secured,
    }
}

/// Lists the variables of an agent; values of secured ones are left out
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleListVariables", tag = "console", responses((status = 200, description = "The variables", body = VariablesOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<VariablesOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let bot = body::bot(&bot)?;
    let languages = definition::get(&ctx, caller, &bot).await?.languages;
    let all = variable::export(&ctx, caller, &bot).await?;
    let list = all.as_array().or_else(|| all["botVariables"].as_array());
    let items = list.into_iter().flatten().map(view).collect();
    Ok(Json(VariablesOut { languages, items }))
}

fn view(one: &Value) -> VariableOut {
    let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let values = one["localeData"].as_object().into_iter().flatten();
    let values = values.map(|(code, data)| {
        let value = data["value"].as_str().unwrap_or_default();
        (code.clone(), value.to_owned())
    });
    VariableOut {
        key: text("key"),
        kind: text("variableType"),
        value: text("value"),
        values: values.collect(),
        hint: text("hint"),
        group: text("group"),
        scope: text("scope"),
        secured: one["isSecured"] == true,
    }
}

/// Adds a variable
///
/// # Errors
/// Not found; bad input that names each wrong field.
#[utoipa::path(post, path = "", operation_id = "consoleAddVariable", tag = "console", request_body = VariableIn, responses((status = 204, description = "Added")))]
pub async fn add(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, of)): Path<(String, String)>,
    Body(ask): Body<VariableIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, env) = (body::bot(&bot)?, kind(&of)?);
    variable::put(&ctx, caller, &bot, new(ask, env), true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes a variable
///
/// # Errors
/// Not found; bad input that names each wrong field.
#[utoipa::path(put, path = "", operation_id = "consoleChangeVariable", tag = "console", request_body = VariableIn, responses((status = 204, description = "Changed")))]
pub async fn change(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, of, key)): Path<(String, String, String)>,
    Body(ask): Body<VariableIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, env) = (body::bot(&bot)?, kind(&of)?);
    let ask = VariableIn { key, ..ask };
    variable::put(&ctx, caller, &bot, new(ask, env), false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a variable
///
/// # Errors
/// Not found.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveVariable", tag = "console", responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, of, key)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    variable::remove(&ctx, caller, &body::bot(&bot)?, kind(&of)?, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
