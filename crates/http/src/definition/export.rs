//! `exportBot`, `getBotExportStatus`, and the link that the status gives.

use super::Fields;
use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    edge,
    error::Public,
    job_words,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};
use service::{
    Ctx,
    console::permission::Permission,
    definition::{Leave, part::Choice, ticket},
    work,
};
use std::collections::HashMap;
use store::{Job, JobState};
use types::{
    Error, Result,
    id::{AccountId, FileId},
    limit::{Limit, Per},
};
use utoipa::ToSchema;

/// Exports an agent.
pub struct ExportBot;

impl Operation for ExportBot {
    const ID: &'static str = "exportBot";
}

impl Shared for ExportBot {
    const PERMISSION: Permission = Permission::Agents;
}

/// Tells how far an export is.
pub struct GetBotExportStatus;

impl Operation for GetBotExportStatus {
    const ID: &'static str = "getBotExportStatus";
    const LIMIT: Limit = Limit {
        per: Per::Request,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetBotExportStatus {
    const PERMISSION: Permission = Permission::Agents;
}

/// Lists that narrow an export: where they stand, and their names.
const NARROWING: &[(&str, &[&str])] = &[
    (
        "exportOptions",
        &["tasks", "nlpData", "settings", "AgentAssist"],
    ),
    (
        "subTasks",
        &["dialogs", "alerts", "actions", "experienceFlows"],
    ),
];

/// What to export.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
pub struct ExportIn {
    /// `latest` for the draft, `published` for the copy in force.
    #[schema(example = "latest")]
    export_type: String,
    /// Parts to export, and variables to leave out; without a part, everything.
    export_options: Option<ExportOptionsIn>,
    /// Single tasks by name: of the tasks only these.
    sub_tasks: Option<SubTasksIn>,
    /// Every task; does not count when tasks are named.
    all_tasks: Option<bool>,
    /// Dialogs that the named ones call, too.
    #[schema(rename = "IncludeDependentTasks")]
    include_dependent_tasks: Option<bool>,
    /// Dashboards; they go along with everything, or with this.
    custom_dashboards: Option<bool>,
    /// Variables to leave out.
    bot_variables: Option<VariablesIn>,
    /// Leave out every environment variable.
    ignore_environment_variables: Option<bool>,
    /// Leave out every content variable.
    ignore_content_variables: Option<bool>,
}

/// Which copy's export is meant.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `status` takes")]
pub struct ExportStatusIn {
    /// `latest` or `published`.
    export_type: Option<String>,
}

/// Parts of an agent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
struct ExportOptionsIn {
    /// `botTask`, `knowledgeGraph`, `smallTalk`, `forms`, `actions`, `alerts`.
    tasks: Option<Vec<String>>,
    /// `utterances`, `patterns`, `traits`, `rules`, `concepts`, `synonyms`, `standardResponses`, `nlpSettings`, `defaultDialog`.
    nlp_data: Option<Vec<String>>,
    /// `botSettings`, `botVariables`, `ivrSettings`, `genAIandLLMSettings`.
    settings: Option<Vec<String>>,
    #[schema(rename = "AgentAssist")]
    agent_assist: Option<AgentAssistIn>,
    options: Option<OptionsIn>,
}

/// Parts for human agents.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what `read` takes")]
struct AgentAssistIn(Vec<String>);

/// What to leave out.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
struct OptionsIn {
    bot_variables: Option<VariablesIn>,
}

/// Variables to leave out.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
struct VariablesIn {
    /// These, by name.
    ignore: Option<Vec<String>>,
    /// Every environment variable.
    ignore_environment_variables: Option<bool>,
    /// Every content variable.
    ignore_content_variables: Option<bool>,
}

/// Single tasks.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
struct SubTasksIn {
    dialogs: Option<Vec<String>>,
    alerts: Option<Vec<String>>,
    actions: Option<Vec<String>>,
    experience_flows: Option<Vec<String>>,
}

/// An export, as far as it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportOut {
    /// Id of the request, `ber-…`.
    #[serde(rename = "_id")]
    id: String,
    /// The agent.
    stream_id: String,
    /// The agent, once more.
    bot_id: String,
    /// `pending`, `success` or `failed`.
    status: &'static str,
    /// Who asked for it.
    created_by: String,
    /// `latest` or `published`.
    export_type: &'static str,
    /// Always `Botexport`.
    request_type: &'static str,
    /// When, ISO-8601.
    created_on: String,
    /// Version of the record.
    #[serde(rename = "__v")]
    version: u8,
    /// Where the zip is to be had, for an hour, without a token.
    #[serde(rename = "downloadURL", skip_serializing_if = "Option::is_none")]
    download_url: Option<String>,
    /// The zip among the files of the account; it can be imported from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_id: Option<String>,
    /// The part of the link after the question mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<StoreOut>,
    /// Bytes, as a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_size: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The part of the link after the question mark.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StoreOut {
    url_params: String,
}

/// Starts an export of an agent as a zip.
///
/// Answers at once; the export status gives the link. Values of secured variables are left out.
///
/// # Errors
/// Bad input that names each wrong field; the agent is not published.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    request_body(content = ExportIn, example = json!({"exportType": "latest",
        "exportOptions": {"tasks": ["botTask"], "nlpData": ["utterances"], "settings": ["botVariables"],
            "options": {"botVariables": {"ignore": ["apiHost"], "ignoreContentVariables": true}}},
        "subTasks": {"dialogs": ["Track parcel"]}, "IncludeDependentTasks": true})),
    responses((status = 200, description = "The export waits for its turn", body = ExportOut, example = json!({
        "_id": "ber-0f8fad5b-d9cb-569f-a165-70867728950e", "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
        "botId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "status": "pending", "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
        "exportType": "latest", "requestType": "Botexport", "createdOn": "2026-02-03T09:15:00.000Z", "__v": 0}))),
)]
pub async fn export(
    State(ctx): State<Ctx>,
    allowed: Either<ExportBot>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ExportOut>, Public> {
    let (published, leave, choice) = read(&body)?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let job = work::ask_export(&ctx, caller, bot, published, leave, choice).await?;
    let job = work::find(&ctx, &allowed.caller, &job).await?;
    Ok(Json(shown(&ctx, &job, published, &headers).await?))
}

/// Tells how far the newest export of a copy is, and where its zip is to be had.
///
/// The copy stands in the query, or in a body.
///
/// # Errors
/// Bad input on `exportType`; not found, when no export of that copy was asked for.
#[utoipa::path(
    get,
    path = "/",
    tag = "definition",
    params(("exportType" = Option<String>, Query, description = "latest or published; required here or in the body", example = "latest")),
    request_body(content = ExportStatusIn, example = json!({"exportType": "latest"})),
    responses((status = 200, description = "The export", body = ExportOut, example = json!({
        "_id": "ber-0f8fad5b-d9cb-569f-a165-70867728950e", "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
        "botId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "status": "success", "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
        "exportType": "latest", "requestType": "Botexport", "createdOn": "2026-02-03T09:15:00.000Z", "__v": 0,
        "downloadURL": "https://ombud.example.com/api/public/export/download?ticket=0a1b", "fileId": "64aa00112233445566778805",
        "store": {"urlParams": "ticket=0a1b"}, "fileSize": "18231"}))),
)]
pub async fn status(
    State(ctx): State<Ctx>,
    allowed: Either<GetBotExportStatus>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ExportOut>, Public> {
    let mut fields = match query.get("exportType") {
        Some(given) => Fields {
            body: Map::from_iter([("exportType".to_owned(), Value::from(given.as_str()))]),
            wrong: Vec::new(),
        },
        None if body.is_empty() => Fields::read(b"{}")?,
        None => Fields::read(&body)?,
    };
    let published = copy(&mut fields);
    fields.done()?;
    let job = work::latest_export(&ctx, &allowed.caller, &allowed.bot, published).await?;
    let job = job.ok_or_else(|| Error::not_found("No export of this copy was asked for"))?;
    Ok(Json(shown(&ctx, &job, published, &headers).await?))
}

/// Hands out the file that a link names.
///
/// # Errors
/// Not found: the link is not ours, or its hour is over.
#[utoipa::path(
    get,
    path = "/",
    tag = "definition",
    operation_id = "downloadExport",
    params(("ticket" = String, Query, description = "What the link carries")),
    responses((status = 200, description = "The file", content_type = "application/zip"),
        (status = 404, description = "The link is not ours, or its hour is over")),
)]
pub async fn download(
    State(ctx): State<Ctx>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Public> {
    let given = query.get("ticket").map(String::as_str).unwrap_or_default();
    let (name, bytes) = ticket::read(&ctx, given).await?;
    let plain: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-._".contains(*c))
        .collect();
    let headers = [
        (header::CONTENT_TYPE, media_type(&name).to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{plain}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        _ => "application/zip",
    }
}

/// Whether the published copy is meant.
fn copy(fields: &mut Fields) -> bool {
    if fields.text("exportType", true).is_none() {
        return false;
    }
    fields.word("exportType", &["latest", "published"]) == Some("published")
}

fn read(body: &[u8]) -> Result<(bool, Leave, Choice)> {
    let mut fields = Fields::read(body)?;
    let published = copy(&mut fields);
    let choice = choice(&mut fields);
    let mut leave = Leave {
        names: Vec::new(),
        environment: fields.flag("ignoreEnvironmentVariables", false),
        content: fields.flag("ignoreContentVariables", false),
    };
    let inner = fields
        .body
        .get("exportOptions")
        .map(|o| o["options"]["botVariables"].clone());
    let places = [inner, fields.body.get("botVariables").cloned()];
    for variables in places.into_iter().flatten() {
        let Value::Object(members) = variables else {
            continue;
        };
        let mut part = Fields {
            body: members,
            wrong: Vec::new(),
        };
        leave.names.extend(part.texts("ignore"));
        leave.environment |= part.flag("ignoreEnvironmentVariables", false);
        leave.content |= part.flag("ignoreContentVariables", false);
        fields.wrong.append(&mut part.wrong);
    }
    fields.done()?;
    Ok((published, leave, choice))
}

/// The parts and tasks that are named.
fn choice(fields: &mut Fields) -> Choice {
    let mut choice = Choice {
        dependent: fields.flag("IncludeDependentTasks", false),
        ..Choice::default()
    };
    for (place, names) in NARROWING {
        let Some(given) = fields.value(place).filter(|value| !value.is_null()) else {
            continue;
        };
        let Ok(mut part) = Fields::of(given) else {
            fields.wrong(place, "must be an object");
            continue;
        };
        for name in *names {
            let named = part.texts(name).into_iter();
            match (*place, *name) {
                ("exportOptions", _) => choice.words.extend(named.map(|w| ((*name).to_owned(), w))),
                (_, "dialogs") => choice.dialogs = named.collect(),
                _ => choice.others.extend(named.map(|w| ((*name).to_owned(), w))),
            }
        }
        fields.wrong.append(&mut part.wrong);
    }
    let dashboards = fields.flag("customDashboards", false);
    if dashboards && !choice.words.is_empty() {
        let word = "customDashboard".to_owned();
        choice.words.push((word.clone(), word));
    }
    choice
}

async fn shown(ctx: &Ctx, job: &Job, published: bool, headers: &HeaderMap) -> Result<ExportOut> {
    let bot = job_words::agent(job);
    let result = job.result.as_ref().unwrap_or(&Value::Null);
    let file = result["fileId"].as_str().and_then(FileId::parse);
    let ticket = file
        .as_ref()
        .map(|file| ticket::issue(ctx, &job.new.account, file));
    let params = ticket.transpose()?.map(|ticket| format!("ticket={ticket}"));
    Ok(ExportOut {
        id: job.new.id.to_string(),
        stream_id: bot.clone(),
        bot_id: bot,
        status: job_words::pending(job),
        created_by: work::author(ctx, job).await?,
        export_type: if published { "published" } else { "latest" },
        request_type: "Botexport",
        created_on: iso(job.new.created_at),
        version: 0,
        download_url: params
            .as_ref()
            .map(|params| format!("{}/api/public/export/download?{params}", origin(headers))),
        file_id: file.map(|file| file.to_string()),
        store: params.map(|url_params| StoreOut { url_params }),
        file_size: result["bytes"].as_i64().map(|bytes| bytes.to_string()),
        error: job.error.clone().filter(|_| job.state == JobState::Failed),
    })
}

/// A link to a file of the account, for an hour.
pub(crate) fn link(
    ctx: &Ctx,
    account: &AccountId,
    file: &FileId,
    headers: &HeaderMap,
) -> Result<String> {
    let ticket = ticket::issue(ctx, account, file)?;
    Ok(format!(
        "{}/api/public/export/download?ticket={ticket}",
        origin(headers)
    ))
}

/// Where the caller has reached us. Who makes the host up gets a link that fools only them; the scheme comes from trusted proxies
/// only.
fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let tls = text(edge::SCHEME).is_some_and(|p| p.eq_ignore_ascii_case("https"));
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}", text("host").unwrap_or("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_left_out_wherever_they_are_named() {
        let body = r#"{"exportType": "published", "botVariables": {"ignore": ["a"]}, "ignoreContentVariables": true,
            "exportOptions": {"tasks": [], "options": {"botVariables": {"ignore": ["b"], "ignoreEnvironmentVariables": true}}}}"#;
        let (published, leave, _) = read(body.as_bytes()).expect("fine");
        assert!(published && leave.environment && leave.content);
        assert_eq!(leave.names, ["b", "a"]);
    }

    #[test]
    fn named_parts_and_tasks_are_read_from_both_places() {
        let body = br#"{"exportType": "latest", "exportOptions": {"nlpData": ["utterances"]}, "subTasks": {"dialogs": ["x"], "alerts": []},
            "allTasks": true, "IncludeDependentTasks": true}"#;
        let (_, _, choice) = read(body).expect("fine");
        assert_eq!(
            choice.words,
            [("nlpData".to_owned(), "utterances".to_owned())]
        );
        assert!(choice.dependent && choice.dialogs == ["x"] && choice.others.is_empty());
        let wrong = read(br#"{"exportType": "latest", "subTasks": {"dialogs": "x"}}"#);
        assert_eq!(wrong.expect_err("wrong").fields[0].field, "dialogs");
    }
}
