//! Utterances in files: `importMlUtterances`, `exportMlUtterances` and their states.

use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    definition::export as files,
    error::Public,
    fields::{Fields, QueryFields},
    job_words,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::Serialize;
use serde_json::Value;
use service::{Ctx, console::permission::Permission, training::utterance_file::Format, work};
use std::collections::HashMap;
use store::{Job, JobState};
use types::{
    Error, Result,
    id::{FileId, JobId},
    limit::{Limit, Per},
};
use utoipa::{IntoParams, ToSchema};

/// Takes utterances from a file.
pub struct ImportMlUtterances;

impl Operation for ImportMlUtterances {
    const ID: &'static str = "importMlUtterances";
}

impl Shared for ImportMlUtterances {
    const PERMISSION: Permission = Permission::Agents;
}

/// Tells how far an import is.
pub struct GetMlUtterancesImportStatus;

impl Operation for GetMlUtterancesImportStatus {
    const ID: &'static str = "getMlUtterancesImportStatus";
    const LIMIT: Limit = Limit {
        per: Per::Request,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetMlUtterancesImportStatus {
    const PERMISSION: Permission = Permission::View;
}

/// Puts utterances into a file.
pub struct ExportMlUtterances;

impl Operation for ExportMlUtterances {
    const ID: &'static str = "exportMlUtterances";
}

impl Shared for ExportMlUtterances {
    const PERMISSION: Permission = Permission::Agents;
}

/// Tells how far an export is.
pub struct GetMlUtterancesExportStatus;

impl Operation for GetMlUtterancesExportStatus {
    const ID: &'static str = "getMlUtterancesExportStatus";
    const LIMIT: Limit = Limit {
        per: Per::Request,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetMlUtterancesExportStatus {
    const PERMISSION: Permission = Permission::View;
}

/// Which file is imported.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct UtteranceImportIn {
    /// Name of the file; `.csv` or `.json` tells its layout.
    #[schema(rename = "fileName")]
    file_name: String,
    /// Id of the uploaded file.
    #[schema(rename = "fileId")]
    file_id: String,
    /// Another spelling of `fileId`.
    #[schema(rename = "fileID")]
    file_id_upper: Option<String>,
}

/// An import, as far as it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UtteranceImportOut {
    /// Id of the job, `bir-…`.
    #[serde(rename = "_id")]
    id: String,
    /// `pending`, `success` or `failed`.
    status: &'static str,
    /// The agent.
    stream_id: String,
    created_by: String,
    /// Always `MLimport`.
    request_type: &'static str,
    /// One entry for each wrong row of a file that was refused.
    status_logs: Vec<String>,
    created_on: String,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(rename = "__v")]
    version: u8,
}

/// What is exported, and how.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct UtteranceExportQuery {
    /// `configured` (the default) for the draft, `published` for the copy in force.
    #[param(example = "configured")]
    state: Option<String>,
    /// `csv` (the default) or `json`, which keeps tags.
    #[param(rename = "type", example = "csv")]
    kind: Option<String>,
}

/// An export, as far as it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UtteranceExportOut {
    /// Id of the job, `ds-…`.
    #[serde(rename = "_id")]
    id: String,
    /// `IN_PROGRESS`, `SUCCESS` or `FAILED`.
    status: &'static str,
    /// 0 to 100.
    percentage_complete: i64,
    /// The agent.
    stream_id: String,
    /// Always `ML_UTTERANCE`.
    job_type: &'static str,
    /// Always `EXPORT`.
    action: &'static str,
    count_of_dock_statuses: u8,
    created_by: String,
    /// `CSV` or `JSON`.
    file_type: String,
    status_logs: Vec<String>,
    /// Last change, ISO-8601.
    l_mod: String,
    created_on: String,
    requested_time: String,
    /// When the file is gone, ISO-8601.
    expire_at: String,
    #[serde(rename = "__v")]
    version: u8,
    /// The file, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    download_url: Option<String>,
}

/// Replaces utterances by those of an uploaded file.
///
/// Each task that the file names gets the utterances of the file and no others. It does not train.
///
/// # Errors
/// Bad input that names each wrong field; no such file.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    request_body(content = UtteranceImportIn, example = json!({"fileName": "utterances.csv", "fileId": "64f000000000000000000003"})),
    responses((status = 200, description = "The import waits for its turn", body = UtteranceImportOut, example = json!({
        "_id": "bir-0f8fad5b-d9cb-569f-a165-70867728950e", "status": "pending", "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "requestType": "MLimport", "statusLogs": [],
        "createdOn": "2026-02-03T09:15:00.000Z", "__v": 0}))),
)]
pub async fn import(
    State(ctx): State<Ctx>,
    allowed: Either<ImportMlUtterances>,
    body: Bytes,
) -> Result<Json<UtteranceImportOut>, Public> {
    let mut fields = Fields::read(&body)?;
    let name = fields.text("fileName", true).unwrap_or_default();
    let file = fields
        .text("fileID", false)
        .or_else(|| fields.text("fileId", true));
    fields.done()?;
    let file = FileId::parse(&file.unwrap_or_default());
    let file = file.ok_or_else(|| Error::not_found("Invalid file id"))?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let job = work::ask_utterance_import(&ctx, caller, bot, &name, file).await?;
    let job = work::find(&ctx, caller, &job).await?;
    Ok(Json(imported(&ctx, &job).await?))
}

/// Tells how far an import of utterances is.
///
/// # Errors
/// No such import of this agent.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(("mlImportId" = String, Path, description = "As the import answered it, `bir-…`")),
    responses((status = 200, description = "The import", body = UtteranceImportOut, example = json!({
        "_id": "bir-0f8fad5b-d9cb-569f-a165-70867728950e", "status": "success", "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "requestType": "MLimport", "statusLogs": [],
        "createdOn": "2026-02-03T09:15:00.000Z", "message": "File import completed. 12 utterances copied successfully", "__v": 0}))),
)]
pub async fn import_status(
    State(ctx): State<Ctx>,
    allowed: Either<GetMlUtterancesImportStatus>,
    Path(path): Path<HashMap<String, String>>,
) -> Result<Json<UtteranceImportOut>, Public> {
    let missing = || Error::not_found("There is no such job");
    let id = path.get("mlImportId").map(|id| id.to_ascii_lowercase());
    let id = id.and_then(|id| JobId::parse(&id)).ok_or_else(missing)?;
    let job = work::find_utterance_import(&ctx, &allowed.caller, &allowed.bot, &id).await?;
    Ok(Json(imported(&ctx, &job).await?))
}

async fn imported(ctx: &Ctx, job: &Job) -> Result<UtteranceImportOut> {
    let result = job.result.as_ref().unwrap_or(&Value::Null);
    let written = result["written"].as_u64().unwrap_or_default();
    let message = match job.state {
        JobState::Queued | JobState::Running => None,
        JobState::Done => Some(format!(
            "File import completed. {written} utterances copied successfully"
        )),
        JobState::Failed => Some("Nothing was imported; see statusLogs".to_owned()),
    };
    Ok(UtteranceImportOut {
        id: job.new.id.to_string(),
        status: job_words::pending(job),
        stream_id: job_words::agent(job),
        created_by: work::author(ctx, job).await?,
        request_type: "MLimport",
        status_logs: job_words::logs(job),
        created_on: iso(job.new.created_at),
        message,
        version: 0,
    })
}

/// Puts the utterances of an agent into a file.
///
/// # Errors
/// Bad input on `state` or `type`; the agent is not published.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(UtteranceExportQuery),
    responses((status = 200, description = "The export waits for its turn", body = UtteranceExportOut, example = json!({
        "_id": "ds-0f8fad5b-d9cb-569f-a165-70867728950e", "status": "IN_PROGRESS", "percentageComplete": 0,
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "jobType": "ML_UTTERANCE", "action": "EXPORT", "countOfDockStatuses": 1,
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "fileType": "CSV", "statusLogs": [], "lMod": "2026-02-03T09:15:00.000Z",
        "createdOn": "2026-02-03T09:15:00.000Z", "requestedTime": "2026-02-03T09:15:00.000Z", "expireAt": "2026-02-04T09:15:00.000Z", "__v": 0}))),
)]
pub async fn export(
    State(ctx): State<Ctx>,
    allowed: Either<ExportMlUtterances>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<UtteranceExportOut>, Public> {
    let mut fields = QueryFields::new(&query);
    let published = fields.word("state", &["configured", "published"]) == Some("published");
    let of_name = |name: &str| Format::of_name(&format!(".{name}"));
    let format = match fields.text("type") {
        None => of_name("csv"),
        Some(_) => fields.parsed("type", "csv or json", of_name),
    };
    fields.done()?;
    let format = format.ok_or_else(|| Error::field("type", "must be csv or json"))?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let job = work::ask_utterance_export(&ctx, caller, bot, published, format).await?;
    let job = work::find(&ctx, caller, &job).await?;
    Ok(Json(exported(&ctx, &headers, &job, format.as_str()).await?))
}

/// Tells how far the running or last export of utterances is.
///
/// # Errors
/// Not found, when no export was asked for.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    responses((status = 200, description = "The export", body = UtteranceExportOut, example = json!({
        "_id": "ds-0f8fad5b-d9cb-569f-a165-70867728950e", "status": "SUCCESS", "percentageComplete": 100,
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "jobType": "ML_UTTERANCE", "action": "EXPORT", "countOfDockStatuses": 1,
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "fileType": "CSV", "statusLogs": [], "lMod": "2026-02-03T09:15:02.000Z",
        "createdOn": "2026-02-03T09:15:00.000Z", "requestedTime": "2026-02-03T09:15:00.000Z", "expireAt": "2026-02-04T09:15:00.000Z", "__v": 0,
        "downloadUrl": "http://localhost:7878/api/public/export/download?ticket=0a1b"}))),
)]
pub async fn export_status(
    State(ctx): State<Ctx>,
    allowed: Either<GetMlUtterancesExportStatus>,
    headers: HeaderMap,
) -> Result<Json<UtteranceExportOut>, Public> {
    let found = work::latest_utterance_export(&ctx, &allowed.caller, &allowed.bot).await?;
    let none = || Error::not_found("No export of utterances of this agent was asked for");
    let (job, format) = found.ok_or_else(none)?;
    Ok(Json(exported(&ctx, &headers, &job, &format).await?))
}

async fn exported(
    ctx: &Ctx,
    headers: &HeaderMap,
    job: &Job,
    format: &str,
) -> Result<UtteranceExportOut> {
    let result = job.result.as_ref().unwrap_or(&Value::Null);
    let file = result["fileId"].as_str().and_then(FileId::parse);
    let link = |file| files::link(ctx, &job.new.account, &file, headers);
    let url = file.map(link).transpose()?;
    let asked = iso(job.new.created_at);
    Ok(UtteranceExportOut {
        id: job.new.id.to_string(),
        status: job_words::dock(job),
        percentage_complete: job.percent,
        stream_id: job_words::agent(job),
        job_type: "ML_UTTERANCE",
        action: "EXPORT",
        count_of_dock_statuses: 1,
        created_by: work::author(ctx, job).await?,
        file_type: format.to_ascii_uppercase(),
        status_logs: job_words::logs(job),
        l_mod: iso(job.updated_at),
        created_on: asked.clone(),
        requested_time: asked,
        expire_at: iso(job.updated_at + ctx.parts.settings.file_life_ms),
        version: 0,
        download_url: url,
    })
}
