//! Environment and content variables: `importBotVariables` and `exportBotVariables`.

use crate::{
    auth::{Either, Operation, Shared},
    error::Public,
};
use axum::{Json, body::Bytes, extract::State};
use serde::Serialize;
use serde_json::Value;
use service::{Ctx, console::permission::Permission, definition::variable};
use std::collections::HashMap;
use types::{Error, Result};
use utoipa::ToSchema;

/// Longest body of an import, bytes (ours).
pub const BODY_MAX: usize = 16 * 1024 * 1024;

/// Takes variables.
pub struct ImportBotVariables;

impl Operation for ImportBotVariables {
    const ID: &'static str = "importBotVariables";
}

impl Shared for ImportBotVariables {
    const PERMISSION: Permission = Permission::Agents;
}

/// Gives variables.
pub struct ExportBotVariables;

impl Operation for ExportBotVariables {
    const ID: &'static str = "exportBotVariables";
}

impl Shared for ExportBotVariables {
    const PERMISSION: Permission = Permission::Agents;
}

/// A variable.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VariableIo {
    /// Name; a variable of this name is changed, else made.
    key: String,
    /// Value of an `env` variable; empty in exports when it is secured.
    value: Option<String>,
    hint: Option<String>,
    audio_tag: Option<String>,
    /// `env` or `locale`.
    variable_type: String,
    /// `prePopulated`, `askOnInstall` or `hidden`.
    scope: String,
    /// Values of a `locale` variable by language code.
    locale_data: Option<HashMap<String, LocaleDataIo>>,
    group: Option<String>,
    propagate_value: Option<bool>,
    v_name_space: Option<Vec<NameSpaceIo>>,
    /// In exports only.
    is_secured: Option<bool>,
}

/// A value in one language.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LocaleDataIo {
    value: String,
    hint: Option<String>,
    audio_tag: Option<String>,
}

/// A name space.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NameSpaceIo {
    name: String,
    ref_id: String,
}

/// A collection of variables.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CollectionIo {
    name: String,
    description: Option<String>,
    ref_id: String,
}

/// The value of a variable in a collection.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CollectionVariableIo {
    /// Key of one of `botVariables`.
    key: String,
    value: String,
    audio_tag: Option<String>,
    /// `refId` of one of `botCollections`.
    ref_id: String,
}

/// Variables with collections.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CollectionsIo {
    bot_variables: Vec<VariableIo>,
    bot_collections: Option<Vec<CollectionIo>>,
    bot_collection_variables: Option<Vec<CollectionVariableIo>>,
}

/// A list, or an object with collections.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes what the service takes")]
pub enum VariablesIo {
    /// Variables.
    List(Vec<VariableIo>),
    /// Variables with collections.
    Collections(CollectionsIo),
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct VariablesImportedOut {
    message: String,
}

/// Makes or changes variables by their keys, all or none.
///
/// # Errors
/// Bad input that names each wrong field with its place in the list.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    request_body(content = VariablesIo, example = json!([
        {"key": "apiHost", "value": "api.example.com", "hint": "", "variableType": "env", "scope": "prePopulated"},
        {"key": "greet", "variableType": "locale", "scope": "prePopulated", "localeData": {"en": {"value": "Hello", "hint": ""}}}])),
    responses((status = 200, description = "How many were written", body = VariablesImportedOut, example = json!(
        {"message": "2 Variables imported/updated successfully."}))),
)]
pub async fn import(
    State(ctx): State<Ctx>,
    allowed: Either<ImportBotVariables>,
    body: Bytes,
) -> Result<Json<VariablesImportedOut>, Public> {
    let body: Value = serde_json::from_slice(&body).map_err(|error| {
        let at = (error.line(), error.column());
        Error::field(
            "body",
            format!("must be JSON (line {}, column {})", at.0, at.1),
        )
    })?;
    let count = variable::import(&ctx, &allowed.caller, &allowed.bot, body).await?;
    Ok(Json(VariablesImportedOut {
        message: format!("{count} Variables imported/updated successfully."),
    }))
}

/// Gives every variable, as the import takes them.
///
/// Values of secured variables are empty.
///
/// # Errors
/// Those of the gate.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    responses((status = 200, description = "The variables", body = [VariableIo], example = json!([
        {"key": "apiHost", "value": "api.example.com", "hint": "", "scope": "prePopulated", "variableType": "env", "isSecured": false,
            "propagateValue": true, "vNameSpace": []}]))),
)]
pub async fn export(
    State(ctx): State<Ctx>,
    allowed: Either<ExportBotVariables>,
) -> Result<Json<Value>, Public> {
    Ok(Json(
        variable::export(&ctx, &allowed.caller, &allowed.bot).await?,
    ))
}
