//! `importBotAsNew` and `getBotImportStatus`.

use super::Fields;
use crate::{
    analytics::time::iso,
    auth::{EitherAccount, Operation, Shared},
    error::Public,
    job_words,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
};
use serde::Serialize;
use serde_json::Value;
use service::{
    Ctx,
    console::permission::Permission,
    work::{self, Upload},
};
use store::{Job, JobState};
use types::{
    Error, Result,
    id::{FileId, JobId},
    limit::{Limit, Per},
};
use utoipa::ToSchema;

/// Imports an agent as a new one.
pub struct ImportBotAsNew;

impl Operation for ImportBotAsNew {
    const ID: &'static str = "importBotAsNew";
    const LIMIT: Limit = Limit {
        per: Per::Account,
        ..types::limit::DEFAULT
    };
}

impl Shared for ImportBotAsNew {
    const PERMISSION: Permission = Permission::Agents;
}

/// Tells how far an import is.
pub struct GetBotImportStatus;

impl Operation for GetBotImportStatus {
    const ID: &'static str = "getBotImportStatus";
    const LIMIT: Limit = Limit {
        per: Per::Request,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetBotImportStatus {
    const PERMISSION: Permission = Permission::View;
}

/// What to import: ids of uploaded files.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
pub struct ImportIn {
    /// `JSON` (the default) for single files, `ZIP` for a packed export.
    #[schema(example = "ZIP")]
    upload_mode: Option<String>,
    /// The definition; needed with `JSON`.
    bot_definition: Option<String>,
    /// The configuration; needed with `JSON`.
    config_info: Option<String>,
    /// Shared functions.
    bot_functions: Option<Vec<String>>,
    /// The picture; needed with `JSON`.
    icon: Option<String>,
    /// The packed export; needed with `ZIP`.
    zip_info: Option<String>,
    /// Name of the new agent; the one in the definition where there is none.
    name: Option<String>,
    /// `customer` or `employee`; the one in the definition where there is none.
    purpose: Option<String>,
}

/// An import, as far as it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportOut {
    /// Id of the request, `bir-…`.
    #[serde(rename = "_id")]
    id: String,
    /// Reference id of the imported definition.
    stream_ref_id: String,
    /// The new agent, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_id: Option<String>,
    /// `pending`, `success` or `failed`.
    status: &'static str,
    /// What was taken in, part by part.
    status_logs: Vec<PartOut>,
    /// Always `Botimport`.
    request_type: &'static str,
    /// Who asked for it.
    created_by: String,
    /// When, ISO-8601.
    created_on: String,
    /// Version of the record.
    #[serde(rename = "__v")]
    version: u8,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// One part.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PartOut {
    /// Kind of the part.
    task_type: String,
    /// Its name.
    task_name: String,
    /// `success` or `failed`.
    status: &'static str,
}

/// Creates an agent from uploaded files.
///
/// Answers at once; the import status tells when the agent is there. An agent is imported whole or not at all.
///
/// # Errors
/// Bad input that names each wrong field; a file that is not of the account answers as missing.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    request_body(content = ImportIn, example = json!({"uploadMode": "ZIP", "zipInfo": "64aa00112233445566778805", "name": "parcel-helper"})),
    responses((status = 200, description = "The import waits for its turn", body = ImportOut, example = json!({
        "_id": "bir-0f8fad5b-d9cb-569f-a165-70867728950e", "streamRefId": "49716544-a0ab-584e-b29d-01fdd34c43f8", "status": "pending",
        "statusLogs": [{"taskType": "importRequest", "taskName": "parcel-helper", "status": "success"}], "requestType": "Botimport",
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "createdOn": "2026-02-03T09:15:00.000Z", "__v": 0}))),
)]
pub async fn import(
    State(ctx): State<Ctx>,
    allowed: EitherAccount<ImportBotAsNew>,
    body: Bytes,
) -> Result<Json<ImportOut>, Public> {
    let wanted = read(&body)?;
    let caller = &allowed.caller;
    let mut package = work::read_upload(&ctx, caller, wanted.upload).await?;
    if let (Some(purpose), Some(members)) = (wanted.purpose, package.definition.as_object_mut()) {
        members.insert("purpose".to_owned(), purpose.into());
    }
    let job = work::ask_import(&ctx, caller, package, wanted.name.as_deref()).await?;
    let job = work::find(&ctx, caller, &job).await?;
    Ok(Json(shown(&ctx, &job).await?))
}

/// Tells how far an import is, and which agent it made.
///
/// # Errors
/// Not found: no such request in the account.
#[utoipa::path(
    get,
    path = "/",
    tag = "definition",
    params(("importRequestId" = String, Path, description = "Id that the import answered, bir-…")),
    responses((status = 200, description = "The import", body = ImportOut, example = json!({
        "_id": "bir-0f8fad5b-d9cb-569f-a165-70867728950e", "streamRefId": "49716544-a0ab-584e-b29d-01fdd34c43f8",
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "status": "success",
        "statusLogs": [{"taskType": "importRequest", "taskName": "parcel-helper", "status": "success"},
            {"taskType": "Bot Definition", "taskName": "parcel-helper", "status": "success"},
            {"taskType": "importBot", "taskName": "parcel-helper", "status": "success"}], "requestType": "Botimport",
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "createdOn": "2026-02-03T09:15:00.000Z", "__v": 0}))),
)]
pub async fn status(
    State(ctx): State<Ctx>,
    allowed: EitherAccount<GetBotImportStatus>,
    Path(id): Path<String>,
) -> Result<Json<ImportOut>, Public> {
    let missing = || Error::not_found("There is no such import request");
    let id = JobId::parse(&id).ok_or_else(missing)?;
    let job = work::find(&ctx, &allowed.caller, &id).await;
    let job = job.map_err(|error| match error.kind {
        types::Kind::NotFound => missing(),
        _ => error,
    })?;
    Ok(Json(shown(&ctx, &job).await?))
}

struct Wanted {
    upload: Upload,
    name: Option<String>,
    purpose: Option<&'static str>,
}

fn read(body: &[u8]) -> Result<Wanted> {
    let mut fields = Fields::read(body)?;
    let mode = fields
        .word("uploadMode", &["JSON", "ZIP"])
        .unwrap_or("JSON");
    let (single, packed) = (mode == "JSON", mode == "ZIP");
    let definition = fields.text("botDefinition", single);
    let config = fields.text("configInfo", single);
    let icon = fields.text("icon", single);
    let functions = fields.texts("botFunctions");
    let zip = fields.text("zipInfo", packed);
    let name = fields.text("name", false);
    let purpose = fields.word("purpose", &["customer", "employee"]);
    fields.done()?;
    // an id that none of ours looks like is as unknown as any other
    let file = |id: Option<String>| {
        let id = id.and_then(|id| FileId::parse(&id));
        id.ok_or_else(|| Error::not_found("Invalid file id"))
    };
    let upload = if packed {
        Upload::Zip(file(zip)?)
    } else {
        let functions = functions.into_iter().map(|id| file(Some(id)));
        Upload::Files {
            definition: file(definition)?,
            config: file(config)?,
            icon: Some(file(icon)?),
            functions: functions.collect::<Result<_>>()?,
        }
    };
    Ok(Wanted {
        upload,
        name,
        purpose,
    })
}

/// The import as the wire shows it; a job of another kind answers as missing.
pub(super) async fn shown(ctx: &Ctx, job: &Job) -> Result<ImportOut> {
    let asked = work::asked(ctx, job)?;
    let asked = asked.ok_or_else(|| Error::not_found("There is no such import request"))?;
    let part = |kind: &str, name: &str, status| PartOut {
        task_type: kind.to_owned(),
        task_name: name.to_owned(),
        status,
    };
    let mut logs = vec![part("importRequest", &asked.name, "success")];
    let result = job.result.as_ref().unwrap_or(&Value::Null);
    for each in result["parts"].as_array().into_iter().flatten() {
        let text = |name: &str| each[name].as_str().unwrap_or_default();
        logs.push(part(text("taskType"), text("taskName"), "success"));
    }
    if job.state == JobState::Failed {
        logs.push(part("importBot", &asked.name, "failed"));
    }
    Ok(ImportOut {
        id: job.new.id.to_string(),
        stream_ref_id: asked.ref_id,
        stream_id: result["botId"].as_str().map(str::to_owned),
        status: job_words::pending(job),
        status_logs: logs,
        request_type: "Botimport",
        created_by: work::author(ctx, job).await?,
        created_on: iso(job.new.created_at),
        version: 0,
        error: job.error.clone().filter(|_| job.state == JobState::Failed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_file_is_named() {
        let named = |body: &str| {
            let error = read(body.as_bytes()).err().expect("wrong");
            let names = error.fields.iter().map(|f| f.field.clone());
            names.collect::<Vec<_>>()
        };
        assert_eq!(named("{}"), ["botDefinition", "configInfo", "icon"]);
        assert_eq!(named(r#"{"uploadMode": "ZIP"}"#), ["zipInfo"]);
        let odd = r#"{"uploadMode": "TAR", "botFunctions": [1], "purpose": "fun"}"#;
        let all = [
            "uploadMode",
            "botDefinition",
            "configInfo",
            "icon",
            "botFunctions",
            "purpose",
        ];
        assert_eq!(named(odd), all);
        assert_eq!(named("[]"), ["body"]);
    }
}
