//! Knowledge graphs in files, operations of our own: `importKnowledgeGraph`, `exportKnowledgeGraph` and their states.

use super::asked::Asked;
use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    definition::export as files,
    error::Public,
    fields::Fields,
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

/// Puts a file in the place of a knowledge graph.
pub struct ImportKnowledgeGraph;

impl Operation for ImportKnowledgeGraph {
    const ID: &'static str = "importKnowledgeGraph";
}

impl Shared for ImportKnowledgeGraph {
    const PERMISSION: Permission = Permission::Agents;
}

/// Tells how far an import is.
pub struct GetKnowledgeGraphImportStatus;

impl Operation for GetKnowledgeGraphImportStatus {
    const ID: &'static str = "getKnowledgeGraphImportStatus";
    const LIMIT: Limit = Limit {
        per: Per::Request,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetKnowledgeGraphImportStatus {
    const PERMISSION: Permission = Permission::View;
}

/// Puts a knowledge graph into a file.
pub struct ExportKnowledgeGraph;

impl Operation for ExportKnowledgeGraph {
    const ID: &'static str = "exportKnowledgeGraph";
}

impl Shared for ExportKnowledgeGraph {
    const PERMISSION: Permission = Permission::Agents;
}

/// Tells how far an export is.
pub struct GetKnowledgeGraphExportStatus;

impl Operation for GetKnowledgeGraphExportStatus {
    const ID: &'static str = "getKnowledgeGraphExportStatus";
    const LIMIT: Limit = Limit {
        per: Per::Request,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetKnowledgeGraphExportStatus {
    const PERMISSION: Permission = Permission::View;
}

/// Which file is imported.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct GraphImportIn {
    /// Name of the file; `.csv` or `.json` tells its layout.
    file_name: String,
    /// Id of the uploaded file.
    file_id: String,
}

/// In which language.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct GraphLanguageQuery {
    /// Language code.
    #[param(example = "en")]
    language: String,
}

/// What is exported, and how.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct GraphExportQuery {
    /// Language code.
    #[param(example = "en")]
    language: String,
    /// `configured` (the default) for the draft, `published` for the copy in force.
    #[param(example = "configured")]
    state: Option<String>,
    /// `csv` (the default) or `json`, which keeps every key.
    #[param(rename = "type", example = "json")]
    kind: Option<String>,
}

/// An import or export, as far as it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GraphJobOut {
    /// Id of the job.
    #[serde(rename = "_id")]
    id: String,
    /// `pending`, `success` or `failed`.
    status: &'static str,
    /// 0 to 100.
    percentage_complete: i64,
    /// The agent.
    stream_id: String,
    created_by: String,
    created_on: String,
    /// Last change, ISO-8601.
    modified_on: String,
    /// One entry for each wrong row of a file that was refused.
    status_logs: Vec<String>,
    /// How an import ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// `CSV` or `JSON`, of an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_type: Option<String>,
    /// The file of an export, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    download_url: Option<String>,
}

async fn shown(ctx: &Ctx, job: &Job) -> Result<GraphJobOut> {
    Ok(GraphJobOut {
        id: job.new.id.to_string(),
        status: job_words::pending(job),
        percentage_complete: job.percent,
        stream_id: job_words::agent(job),
        created_by: work::author(ctx, job).await?,
        created_on: iso(job.new.created_at),
        modified_on: iso(job.updated_at),
        status_logs: job_words::logs(job),
        message: None,
        file_type: None,
        download_url: None,
    })
}

async fn imported(ctx: &Ctx, job: &Job) -> Result<GraphJobOut> {
    let result = job.result.as_ref().unwrap_or(&Value::Null);
    let count = |name: &str| result[name].as_u64().unwrap_or_default();
    let message = match job.state {
        JobState::Queued | JobState::Running => None,
        JobState::Done => Some(format!(
            "{} questions in {} nodes; {} rows repeated earlier ones",
            count("written"),
            count("nodes"),
            count("repeated")
        )),
        JobState::Failed => Some("Nothing was imported; see statusLogs".to_owned()),
    };
    Ok(GraphJobOut {
        message,
        ..shown(ctx, job).await?
    })
}

/// Puts an uploaded file in the place of the knowledge graph of a language.
///
/// Nodes and questions that are in the file keep their ids; those that are not go. It does not train.
///
/// # Errors
/// Bad input that names each wrong field; no such file.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(GraphLanguageQuery),
    request_body(content = GraphImportIn, example = json!({"fileName": "graph.csv", "fileId": "64f000000000000000000003"})),
    responses((status = 200, description = "The import waits for its turn", body = GraphJobOut, example = json!({
        "_id": "bir-0f8fad5b-d9cb-569f-a165-70867728950e", "status": "pending", "percentageComplete": 0,
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
        "createdOn": "2026-02-03T09:15:00.000Z", "modifiedOn": "2026-02-03T09:15:00.000Z", "statusLogs": []}))),
)]
pub async fn import(
    State(ctx): State<Ctx>,
    allowed: Either<ImportKnowledgeGraph>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Result<Json<GraphJobOut>, Public> {
    let mut asked = Asked::new(&query);
    let language = asked.required("language");
    asked.done()?;
    let mut fields = Fields::read(&body)?;
    let name = fields.text("fileName", true).unwrap_or_default();
    let file = fields.text("fileId", true).unwrap_or_default();
    fields.done()?;
    let file = FileId::parse(&file).ok_or_else(|| Error::not_found("Invalid file id"))?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let job = work::ask_graph_import(&ctx, caller, bot, &language, &name, file).await?;
    let job = work::find(&ctx, caller, &job).await?;
    Ok(Json(imported(&ctx, &job).await?))
}

/// Tells how far an import of a knowledge graph is.
///
/// # Errors
/// No such import of this agent.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(("graphImportId" = String, Path, description = "As the import answered it, `bir-…`")),
    responses((status = 200, description = "The import", body = GraphJobOut, example = json!({
        "_id": "bir-0f8fad5b-d9cb-569f-a165-70867728950e", "status": "success", "percentageComplete": 100,
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
        "createdOn": "2026-02-03T09:15:00.000Z", "modifiedOn": "2026-02-03T09:15:02.000Z", "statusLogs": [],
        "message": "8 questions in 1 nodes; 0 rows repeated earlier ones"}))),
)]
pub async fn import_status(
    State(ctx): State<Ctx>,
    allowed: Either<GetKnowledgeGraphImportStatus>,
    Path(path): Path<HashMap<String, String>>,
) -> Result<Json<GraphJobOut>, Public> {
    let missing = || Error::not_found("There is no such job");
    let id = path.get("graphImportId").map(|id| id.to_ascii_lowercase());
    let id = id.and_then(|id| JobId::parse(&id)).ok_or_else(missing)?;
    let job = work::find_graph_import(&ctx, &allowed.caller, &allowed.bot, &id).await?;
    Ok(Json(imported(&ctx, &job).await?))
}

/// Puts the knowledge graph of a language into a file.
///
/// # Errors
/// Bad input that names each wrong parameter; the agent is not published.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(GraphExportQuery),
    responses((status = 200, description = "The export waits for its turn", body = GraphJobOut, example = json!({
        "_id": "ds-0f8fad5b-d9cb-569f-a165-70867728950e", "status": "pending", "percentageComplete": 0,
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
        "createdOn": "2026-02-03T09:15:00.000Z", "modifiedOn": "2026-02-03T09:15:00.000Z", "statusLogs": [], "fileType": "JSON"}))),
)]
pub async fn export(
    State(ctx): State<Ctx>,
    allowed: Either<ExportKnowledgeGraph>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<GraphJobOut>, Public> {
    let mut asked = Asked::new(&query);
    let language = asked.required("language");
    let published = asked.published(Some("configured"));
    let kind = asked.text("type").unwrap_or_else(|| "csv".to_owned());
    asked.done()?;
    let format = Format::of_name(&format!(".{kind}"));
    let format = format.ok_or_else(|| Error::field("type", "must be csv or json"))?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let job = work::ask_graph_export(&ctx, caller, bot, published, &language, format).await?;
    let job = work::find(&ctx, caller, &job).await?;
    Ok(Json(exported(&ctx, &headers, &job, format.as_str()).await?))
}

/// Tells how far the running or last export of a knowledge graph is.
///
/// # Errors
/// Not found, when no export was asked for.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    responses((status = 200, description = "The export", body = GraphJobOut, example = json!({
        "_id": "ds-0f8fad5b-d9cb-569f-a165-70867728950e", "status": "success", "percentageComplete": 100,
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
        "createdOn": "2026-02-03T09:15:00.000Z", "modifiedOn": "2026-02-03T09:15:02.000Z", "statusLogs": [], "fileType": "JSON",
        "downloadUrl": "http://localhost:7878/api/public/export/download?ticket=0a1b"}))),
)]
pub async fn export_status(
    State(ctx): State<Ctx>,
    allowed: Either<GetKnowledgeGraphExportStatus>,
    headers: HeaderMap,
) -> Result<Json<GraphJobOut>, Public> {
    let found = work::latest_graph_export(&ctx, &allowed.caller, &allowed.bot).await?;
    let none = || Error::not_found("No export of the knowledge graph of this agent was asked for");
    let (job, format) = found.ok_or_else(none)?;
    Ok(Json(exported(&ctx, &headers, &job, &format).await?))
}

async fn exported(ctx: &Ctx, headers: &HeaderMap, job: &Job, format: &str) -> Result<GraphJobOut> {
    let result = job.result.as_ref().unwrap_or(&Value::Null);
    let file = result["fileId"].as_str().and_then(FileId::parse);
    let link = |file| files::link(ctx, &job.new.account, &file, headers);
    Ok(GraphJobOut {
        file_type: Some(format.to_ascii_uppercase()),
        download_url: file.map(link).transpose()?,
        ..shown(ctx, job).await?
    })
}
