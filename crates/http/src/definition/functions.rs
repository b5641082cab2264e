//! `importBotFunctions`.

use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    error::Public,
};
use axum::{Json, body::Bytes, extract::State};
use serde::Serialize;
use serde_json::Value;
use service::{
    Ctx,
    console::permission::Permission,
    definition::{self, Functions},
    work,
};
use types::{Error, Field, Result, id::FileId};
use utoipa::ToSchema;

/// Imports shared functions.
pub struct ImportBotFunctions;

impl Operation for ImportBotFunctions {
    const ID: &'static str = "importBotFunctions";
}

impl Shared for ImportBotFunctions {
    const PERMISSION: Permission = Permission::Agents;
}

/// An uploaded script.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
pub struct FunctionsIn {
    /// Name of the script file.
    file_name: String,
    /// Id that the upload gave.
    file_id: String,
}

/// What was imported.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FunctionsOut {
    /// Always `BotImport`.
    request_type: &'static str,
    /// Always `Success`.
    status: &'static str,
    /// When, ISO-8601.
    created_on: String,
    /// Id of the record, 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Who.
    created_by: String,
    /// Version of the record.
    #[serde(rename = "__v")]
    version: u8,
    /// The file.
    file_id: String,
    /// Its name.
    file_name: String,
}

/// One record for one file, else a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum FunctionsAnswer {
    /// One file was sent.
    One(FunctionsOut),
    /// Several were.
    Many(Vec<FunctionsOut>),
}

/// Puts uploaded scripts in the place of the agent's shared functions.
///
/// Several files become one, in their order. A file that cannot be parsed is refused, and nothing is changed.
///
/// # Errors
/// Bad input that names each wrong field, and an unknown file.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    request_body(content = Vec<FunctionsIn>, example = json!([{"fileName": "helpers.js", "fileId": "64aa00112233445566778803"}])),
    responses((status = 200, description = "The functions are in the draft", body = FunctionsAnswer, example = json!({
        "requestType": "BotImport", "status": "Success", "createdOn": "2026-02-03T09:15:00.000Z", "_id": "64aa00112233445566778809",
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "__v": 0, "fileId": "64aa00112233445566778803", "fileName": "helpers.js"}))),
)]
pub async fn import(
    State(ctx): State<Ctx>,
    allowed: Either<ImportBotFunctions>,
    body: Bytes,
) -> Result<Json<FunctionsAnswer>, Public> {
    let wanted = read(&body)?;
    let caller = &allowed.caller;
    let done = definition::import_functions(&ctx, caller, &allowed.bot, &wanted).await;
    // the documented answer for an unknown file is 400
    done.map_err(|error| match &*error.message {
        "Invalid file id" => Error::new(types::Kind::BadInput, "Invalid file id"),
        _ => error,
    })?;
    let by = work::person(&ctx, &caller.account, &caller.actor()).await?;
    let mut records: Vec<_> = wanted
        .into_iter()
        .map(|each| FunctionsOut {
            request_type: "BotImport",
            status: "Success",
            created_on: iso(ctx.now()),
            id: ctx.ids().hex24(),
            created_by: by.clone(),
            version: 0,
            file_id: each.file.to_string(),
            file_name: each.name,
        })
        .collect();
    Ok(Json(if records.len() == 1 {
        FunctionsAnswer::One(records.remove(0))
    } else {
        FunctionsAnswer::Many(records)
    }))
}

fn read(body: &[u8]) -> Result<Vec<Functions>> {
    let list: Vec<Value> = serde_json::from_slice(body).map_err(|_| {
        Error::field(
            "body",
            "must be a list of files, each with fileName and fileId",
        )
    })?;
    let mut wrong = Vec::new();
    let mut wanted = Vec::new();
    for (at, each) in list.iter().enumerate() {
        let mut text = |name: &str| {
            let text = each[name].as_str().map(str::trim).filter(|t| !t.is_empty());
            if text.is_none() {
                wrong.push(Field {
                    field: format!("[{at}].{name}"),
                    message: "is required".to_owned(),
                });
            }
            text.unwrap_or_default().to_owned()
        };
        wanted.push((text("fileName"), text("fileId")));
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    wanted
        .into_iter()
        .map(|(name, id)| {
            let file = FileId::parse(&id);
            let file = file.ok_or_else(|| Error::new(types::Kind::BadInput, "Invalid file id"))?;
            Ok(Functions { name, file })
        })
        .collect()
}
