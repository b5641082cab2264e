//! Batch test suites: list, import, run, state of a run, export, deletion.

use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    definition::export as files,
    error::Public,
    fields::{Fields, QueryFields},
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::Serialize;
use service::{
    Ctx,
    console::permission::Permission,
    training::{
        batch_check::Counters,
        batch_test::{self as suites, Import, Run, Shown, State as Stand},
        utterance_file::Format,
    },
};
use std::collections::{BTreeMap, HashMap};
use types::{
    Error, Kind, Result,
    id::{FileId, JobId},
    limit::{Limit, Per},
};
use utoipa::{IntoParams, ToSchema};

/// Suites of a page when no limit is given.
const LIST_DEFAULT: i64 = 50;
/// Suites of a page at most (ours).
const LIST_MAX: i64 = 100;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $permission:ident;)*) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Operation for $name {
            const ID: &'static str = $id;
        }
        impl Shared for $name {
            const PERMISSION: Permission = Permission::$permission;
        }
    )*};
}
operations! {
    /// Lists the suites of an agent.
    ListBatchTestSuites = "listBatchTestSuites", View;
    /// Stores a suite from a file.
    ImportBatchTestSuite = "importBatchTestSuite", Agents;
    /// Starts a run.
    RunBatchTestSuite = "runBatchTestSuite", Agents;
    /// Puts the cases of a suite into a file.
    ExportBatchTestSuite = "exportBatchTestSuite", Agents;
    /// Deletes a run.
    DeleteBatchTestRun = "deleteBatchTestRun", Agents;
    /// Deletes a suite.
    DeleteBatchTestSuite = "deleteBatchTestSuite", Agents;
}

/// Tells where a run stands.
pub struct GetBatchTestRunStatus;

impl Operation for GetBatchTestRunStatus {
    const ID: &'static str = "getBatchTestRunStatus";
    const LIMIT: Limit = Limit {
        per: Per::Request,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetBatchTestRunStatus {
    const PERMISSION: Permission = Permission::View;
}

/// Which part of the suites.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct BatchTestListQuery {
    /// Suites to skip; 0 when missing.
    #[param(minimum = 0)]
    skip: Option<i64>,
    /// Suites to answer, 1 to 100; 50 when missing.
    #[param(minimum = 1)]
    limit: Option<i64>,
}

/// Suites by their ids.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchTestSuiteListOut {
    /// All suites of the agent.
    count: i64,
    /// There are more after these.
    more_available: bool,
    /// Each under its id, `ts-…`.
    #[serde(flatten)]
    suites: BTreeMap<String, BatchTestSuiteSummaryOut>,
}

/// A suite with its newest runs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchTestSuiteSummaryOut {
    /// Always `custom`.
    test_suite_type: &'static str,
    name: String,
    description: String,
    /// Runs that are done, the newest first, at most 20.
    results: Vec<BatchTestRunSummaryOut>,
}

/// The outcome of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchTestRunSummaryOut {
    /// Id of the run, `tr-…`.
    #[serde(rename = "_id")]
    id: String,
    /// `inDevelopment` or `published`.
    version: &'static str,
    results: BatchTestCountersOut,
    /// Two decimals; `0.00` when undefined.
    recall: String,
    /// Two decimals; `0.00` when undefined.
    precision: String,
    /// Two decimals; `0.00` when undefined.
    f1_score: String,
}

/// Counters of a run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchTestCountersOut {
    /// An expected intent was found.
    #[serde(rename = "TP")]
    tp: u64,
    /// Nothing was to be found, and nothing was.
    #[serde(rename = "TN")]
    tn: u64,
    /// Something else was found.
    #[serde(rename = "FP")]
    fp: u64,
    /// Nothing was found.
    #[serde(rename = "FN")]
    fn_: u64,
    /// Cases with the expected intent or traits.
    success: u64,
    /// The other cases.
    failure: u64,
    trait_success: u64,
    trait_failure: u64,
    total_entities_count: u64,
    matched_entities_count: u64,
    total_traits_count: u64,
    matched_traits_count: u64,
    /// Cases with a wrong intent, trait or entity.
    failed_utterance_count: u64,
    failed_entities_count: u64,
}

impl From<&Counters> for BatchTestCountersOut {
    fn from(sum: &Counters) -> Self {
        Self {
            tp: sum.tp,
            tn: sum.tn,
            fp: sum.fp,
            fn_: sum.fn_,
            success: sum.success,
            failure: sum.failure,
            trait_success: sum.trait_success,
            trait_failure: sum.trait_failure,
            total_entities_count: sum.total_entities,
            matched_entities_count: sum.matched_entities,
            total_traits_count: sum.total_traits,
            matched_traits_count: sum.matched_traits,
            failed_utterance_count: sum.failed_utterances,
            failed_entities_count: sum.failed_entities,
        }
    }
}

/// A suite to be stored.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct BatchTestSuiteImportIn {
    /// Id of the uploaded file.
    file_name: String,
    /// `json` or `csv`; by the name of the file when missing.
    file_type: Option<String>,
    /// `new` (the default) or `update`, which replaces the cases of the suite of that name.
    import_type: Option<String>,
    /// One character between the cells of a row; a comma when missing.
    delimiter: Option<String>,
    /// Name of the suite, at most 100 characters.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// `regression` or empty. `dgpt` is not built.
    engine: Option<String>,
}

/// A stored suite.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchTestSuiteOut {
    /// `ts-…`.
    #[serde(rename = "_id")]
    id: String,
    name: String,
    description: String,
    /// The agent.
    stream_id: String,
    /// Language of its utterances.
    language: String,
    /// The file that it came from.
    file_id: String,
    /// Name of that file.
    file_name: String,
    created_by: String,
    /// ISO-8601.
    created_on: String,
    /// ISO-8601.
    modified_on: String,
    #[serde(rename = "__v")]
    version: u8,
}

/// What a run tests.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct BatchTestRunIn {
    /// `published` or `inDevelopment`.
    version: String,
    /// `regression` or empty. `dgpt` is not built.
    engine: Option<String>,
}

/// A run that has begun.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchTestAcceptedOut {
    /// Always `accepted`.
    status: &'static str,
    /// Id of the run, `tr-…`.
    request_id: String,
}

/// Where a run stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchTestRunStatusOut {
    /// Id of the run.
    #[serde(rename = "_id")]
    id: String,
    /// The agent.
    stream_id: String,
    /// The suite.
    test_suite_id: String,
    /// `running`, `completed` or `failed`.
    status: &'static str,
    /// Assertions in the suite.
    #[serde(rename = "utterance_count")]
    utterance_count: i64,
    result: BatchTestRunResultOut,
    /// While it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_utterances: Option<i64>,
    /// While it runs.
    #[serde(rename = "utterance_ran", skip_serializing_if = "Option::is_none")]
    utterance_ran: Option<i64>,
    /// While it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    percentage: Option<i64>,
}

/// A run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchTestRunResultOut {
    /// Id of the run.
    #[serde(rename = "_id")]
    id: String,
    /// Always false: a run leaves no record out.
    is_partial_failure: bool,
    /// As above.
    status: &'static str,
    /// The report is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_available: Option<bool>,
    /// The suite.
    test_suite_id: String,
    /// Who started it.
    triggered_by: String,
    /// The agent.
    stream_id: String,
    bot_language: String,
    /// `inDevelopment` or `published`.
    run_type: &'static str,
    #[serde(rename = "utterance_count")]
    utterance_count: i64,
    /// ISO-8601.
    start_time: String,
    /// ISO-8601, once it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    /// Two decimals.
    #[serde(rename = "f1_score", skip_serializing_if = "Option::is_none")]
    f1_score: Option<String>,
    /// Two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<String>,
    /// Two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    recall: Option<String>,
    /// The report.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_id: Option<String>,
    /// Link to the report, for an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<BatchTestCountersOut>,
    #[serde(rename = "__v")]
    version: u8,
}

/// Where the cases of a suite are to be had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchTestSuiteExportOut {
    /// Link to a CSV file, for an hour.
    download_url: String,
    name: String,
    description: String,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchTestDoneOut {
    message: &'static str,
}

fn two(score: f64) -> String {
    format!("{score:.2}")
}

fn version(published: bool) -> &'static str {
    if published {
        "published"
    } else {
        "inDevelopment"
    }
}

fn suite(path: &HashMap<String, String>) -> &str {
    path.get("testSuiteName")
        .map(|t| t.trim())
        .unwrap_or_default()
}

fn run_id(path: &HashMap<String, String>) -> Result<JobId> {
    let id = path.get("testRunId").and_then(|id| JobId::parse(id));
    id.ok_or_else(|| Error::not_found("There is no such run of this suite"))
}

/// Only the engine that is built.
fn engine(fields: &mut Fields) -> Result<()> {
    if fields.word("engine", &["regression", "dgpt"]) == Some("dgpt") {
        let text = "engine: dgpt is not built; leave it out for the classic batch test";
        return Err(Error::new(Kind::NotBuilt, text));
    }
    Ok(())
}

/// Lists the batch test suites of an agent with their runs.
///
/// # Errors
/// Bad input on `skip` or `limit`.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(BatchTestListQuery, ("bot-language" = Option<String>, Header, description = "Taken, but without an effect: suites of every language are listed")),
    responses((status = 200, description = "The suites", body = BatchTestSuiteListOut, example = json!({"count": 0, "moreAvailable": false}))),
)]
pub async fn list(
    State(ctx): State<Ctx>,
    allowed: Either<ListBatchTestSuites>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<BatchTestSuiteListOut>, Public> {
    let mut fields = QueryFields::new(&query);
    let skip = fields.number("skip", 0, None).unwrap_or(0);
    let limit = fields.number("limit", 1, None);
    fields.done()?;
    let limit = limit.unwrap_or(LIST_DEFAULT).min(LIST_MAX);
    let found = suites::list(&ctx, &allowed.caller, &allowed.bot, skip, limit).await?;
    let (count, all) = found;
    let shown = i64::try_from(all.len()).unwrap_or(i64::MAX);
    Ok(Json(BatchTestSuiteListOut {
        count,
        more_available: skip.saturating_add(shown) < count && shown > 0,
        suites: all
            .into_iter()
            .map(|one| (one.suite.id.to_string(), summary(one)))
            .collect(),
    }))
}

fn summary(one: Shown) -> BatchTestSuiteSummaryOut {
    let runs = one.runs.iter().map(|(run, sum)| BatchTestRunSummaryOut {
        id: run.id.to_string(),
        version: version(run.published),
        results: sum.into(),
        recall: two(sum.recall()),
        precision: two(sum.precision()),
        f1_score: two(sum.f1()),
    });
    BatchTestSuiteSummaryOut {
        test_suite_type: "custom",
        results: runs.collect(),
        name: one.suite.name,
        description: one.description,
    }
}

/// Stores a batch test suite from an uploaded file.
///
/// A new suite is run at once against each copy of the agent that is trained in its language.
///
/// # Errors
/// Bad input that names each wrong field or row; no such file; the name is taken, or nothing is there to update.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(("bot-language" = Option<String>, Header, description = "Language of the utterances; the agent's first when none is named")),
    request_body(content = BatchTestSuiteImportIn, example = json!({"fileName": "64f000000000000000000001", "fileType": "csv",
        "importType": "new", "delimiter": ",", "name": "smoke", "description": "quick checks", "engine": "regression"})),
    responses((status = 200, description = "The suite", body = BatchTestSuiteOut, example = json!({
        "_id": "ts-11111111-2222-5333-8444-555555555555", "name": "smoke", "description": "quick checks",
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "language": "en", "fileId": "64f000000000000000000001",
        "fileName": "cases.csv", "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
        "createdOn": "2026-02-03T09:15:00.000Z", "modifiedOn": "2026-02-03T09:15:00.000Z", "__v": 0}))),
)]
pub async fn import(
    State(ctx): State<Ctx>,
    allowed: Either<ImportBatchTestSuite>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<BatchTestSuiteOut>, Public> {
    let ask = read(&body, &headers)?;
    let one = suites::import(&ctx, &allowed.caller, &allowed.bot, ask).await?;
    Ok(Json(BatchTestSuiteOut {
        id: one.suite.id.to_string(),
        description: one.description,
        stream_id: one.suite.bot.to_string(),
        file_id: one.file.to_string(),
        file_name: one.file_name,
        created_by: one.author,
        created_on: iso(one.suite.created_at),
        modified_on: iso(one.suite.updated_at),
        version: 0,
        name: one.suite.name,
        language: one.suite.language,
    }))
}

fn read(body: &[u8], headers: &HeaderMap) -> Result<Import> {
    let mut fields = Fields::read(body)?;
    let file = fields.text("fileName", true).unwrap_or_default();
    let kind = fields.text("fileType", false);
    let format = kind
        .as_ref()
        .and_then(|kind| Format::of_name(&format!(".{kind}")));
    if kind.is_some() && format.is_none() {
        fields.wrong("fileType", "must be json or csv");
    }
    let update = fields.word("importType", &["new", "update"]) == Some("update");
    let delimiter = match fields.value("delimiter") {
        None | Some(serde_json::Value::Null) => b',',
        Some(serde_json::Value::String(text)) if text.is_empty() => b',',
        Some(serde_json::Value::String(text))
            if text.len() == 1 && text.is_ascii() && !"\"\r\n".contains(&text) =>
        {
            text.as_bytes()[0]
        }
        Some(_) => {
            fields.wrong("delimiter", "must be one character, for instance a comma");
            b','
        }
    };
    let name = fields.text("name", true).unwrap_or_default();
    let description = fields.text("description", false).unwrap_or_default();
    engine(&mut fields)?;
    fields.done()?;
    let language = headers.get("bot-language").and_then(|v| v.to_str().ok());
    let language = language.map(str::trim).filter(|code| !code.is_empty());
    let file = FileId::parse(&file).ok_or_else(|| Error::not_found("Invalid file id"))?;
    Ok(Import {
        file,
        format,
        delimiter,
        update,
        name,
        description,
        language: language.map(str::to_owned),
    })
}

/// Starts a run of a batch test suite.
///
/// # Errors
/// No such suite; the copy is not published or not trained.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(("testSuiteName" = String, Path, description = "Name of the suite"),
        ("bot-language" = Option<String>, Header, description = "Taken, but without an effect: the suite has its language")),
    request_body(content = BatchTestRunIn, example = json!({"version": "inDevelopment", "engine": "regression"})),
    responses((status = 200, description = "The run waits for its turn", body = BatchTestAcceptedOut, example = json!({
        "status": "accepted", "requestId": "tr-0a0a0a0a-0000-5000-8000-000000000001"}))),
)]
pub async fn run(
    State(ctx): State<Ctx>,
    allowed: Either<RunBatchTestSuite>,
    Path(path): Path<HashMap<String, String>>,
    body: Bytes,
) -> Result<Json<BatchTestAcceptedOut>, Public> {
    let mut fields = Fields::read(&body)?;
    let wanted = fields.text("version", true);
    let version = wanted.and_then(|_| fields.word("version", &["inDevelopment", "published"]));
    engine(&mut fields)?;
    fields.done()?;
    let published = version == Some("published");
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let id = suites::run(&ctx, caller, bot, suite(&path), published).await?;
    Ok(Json(BatchTestAcceptedOut {
        status: "accepted",
        request_id: id.to_string(),
    }))
}

/// Tells where a run of a batch test suite stands, and how it ended.
///
/// # Errors
/// No such suite or run.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(("testSuiteName" = String, Path, description = "Name of the suite"),
        ("testRunId" = String, Path, description = "As the start of the run answered it, `tr-…`"),
        ("bot-language" = Option<String>, Header, description = "Taken, but without an effect: the suite has its language")),
    responses((status = 200, description = "The run", body = BatchTestRunStatusOut, example = json!({
        "_id": "tr-0a0a0a0a-0000-5000-8000-000000000001", "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
        "testSuiteId": "ts-11111111-2222-5333-8444-555555555555", "status": "completed", "utterance_count": 4,
        "result": {"_id": "tr-0a0a0a0a-0000-5000-8000-000000000001", "isPartialFailure": false, "status": "completed",
            "isAvailable": true, "testSuiteId": "ts-11111111-2222-5333-8444-555555555555",
            "triggeredBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
            "botLanguage": "en", "runType": "inDevelopment", "utterance_count": 4, "startTime": "2026-02-03T09:15:00.000Z",
            "endTime": "2026-02-03T09:15:02.000Z", "f1_score": "0.86", "precision": "0.75", "recall": "1.00",
            "fileId": "64f000000000000000000002", "fileUrl": "http://localhost:7878/api/public/export/download?ticket=0a1b",
            "results": {"TP": 3, "TN": 0, "FP": 1, "FN": 0, "success": 3, "failure": 1, "traitSuccess": 0, "traitFailure": 0,
                "totalEntitiesCount": 0, "matchedEntitiesCount": 0, "totalTraitsCount": 0, "matchedTraitsCount": 0,
                "failedUtteranceCount": 1, "failedEntitiesCount": 0}, "__v": 0}}))),
)]
pub async fn status(
    State(ctx): State<Ctx>,
    allowed: Either<GetBatchTestRunStatus>,
    Path(path): Path<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<BatchTestRunStatusOut>, Public> {
    let (caller, bot, id) = (&allowed.caller, &allowed.bot, run_id(&path)?);
    let run = suites::status(&ctx, caller, bot, suite(&path), &id).await?;
    let link = |file| files::link(&ctx, &caller.account, file, &headers);
    let url = run.file.as_ref().map(link).transpose()?;
    Ok(Json(stand(run, url)))
}

fn stand(run: Run, url: Option<String>) -> BatchTestRunStatusOut {
    let (status, percent) = match run.state {
        Stand::Running(percent) => ("running", Some(percent)),
        Stand::Completed => ("completed", None),
        Stand::Failed => ("failed", None),
    };
    let sum = run.counters.as_ref();
    let score = |of: fn(&Counters) -> f64| sum.map(|sum| two(of(sum)));
    let row = run.row;
    BatchTestRunStatusOut {
        id: row.id.to_string(),
        stream_id: row.bot.to_string(),
        test_suite_id: row.suite.to_string(),
        status,
        utterance_count: row.cases,
        total_utterances: percent.map(|_| row.cases),
        utterance_ran: percent.map(|percent| row.cases * percent / 100),
        percentage: percent,
        result: BatchTestRunResultOut {
            id: row.id.to_string(),
            is_partial_failure: false,
            status,
            is_available: row.ended_at.map(|_| url.is_some()),
            test_suite_id: row.suite.to_string(),
            triggered_by: run.author,
            stream_id: row.bot.to_string(),
            bot_language: run.language,
            run_type: version(row.published),
            utterance_count: row.cases,
            start_time: iso(row.started_at),
            end_time: row.ended_at.map(iso),
            f1_score: score(Counters::f1),
            precision: score(Counters::precision),
            recall: score(Counters::recall),
            file_id: run.file.map(|file| file.to_string()),
            file_url: url,
            results: sum.map(Into::into),
            version: 0,
        },
    }
}

/// Gives a link to the cases of a batch test suite as CSV.
///
/// # Errors
/// No such suite.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(("testSuiteName" = String, Path, description = "Name of the suite"),
        ("bot-language" = Option<String>, Header, description = "Taken, but without an effect: the suite has its language")),
    responses((status = 200, description = "The link", body = BatchTestSuiteExportOut, example = json!({
        "downloadUrl": "http://localhost:7878/api/public/export/download?ticket=0a1b", "name": "smoke", "description": "quick checks"}))),
)]
pub async fn export(
    State(ctx): State<Ctx>,
    allowed: Either<ExportBatchTestSuite>,
    Path(path): Path<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<BatchTestSuiteExportOut>, Public> {
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let (file, one) = suites::export(&ctx, caller, bot, suite(&path)).await?;
    Ok(Json(BatchTestSuiteExportOut {
        download_url: files::link(&ctx, &caller.account, &file, &headers)?,
        name: one.suite.name,
        description: one.description,
    }))
}

/// Deletes a run of a batch test suite; one that works stops.
///
/// # Errors
/// No such suite or run.
#[utoipa::path(
    delete,
    path = "/",
    tag = "training",
    params(("testSuiteName" = String, Path, description = "Name of the suite"),
        ("testRunId" = String, Path, description = "As the start of the run answered it, `tr-…`"),
        ("bot-language" = Option<String>, Header, description = "Taken, but without an effect: the suite has its language")),
    responses((status = 200, description = "Deleted", body = BatchTestDoneOut, example = json!({"message": "Test Result Removed Successfully"}))),
)]
pub async fn delete_run(
    State(ctx): State<Ctx>,
    allowed: Either<DeleteBatchTestRun>,
    Path(path): Path<HashMap<String, String>>,
) -> Result<Json<BatchTestDoneOut>, Public> {
    let (caller, bot, id) = (&allowed.caller, &allowed.bot, run_id(&path)?);
    suites::remove_run(&ctx, caller, bot, suite(&path), &id).await?;
    Ok(Json(BatchTestDoneOut {
        message: "Test Result Removed Successfully",
    }))
}

/// Deletes a batch test suite with its runs.
///
/// # Errors
/// No such suite.
#[utoipa::path(
    delete,
    path = "/",
    tag = "training",
    params(("testSuiteName" = String, Path, description = "Name of the suite"),
        ("bot-language" = Option<String>, Header, description = "Taken, but without an effect: the suite has its language")),
    responses((status = 200, description = "Deleted", body = BatchTestDoneOut, example = json!({"message": "Test Suite removed successfully"}))),
)]
pub async fn delete(
    State(ctx): State<Ctx>,
    allowed: Either<DeleteBatchTestSuite>,
    Path(path): Path<HashMap<String, String>>,
) -> Result<Json<BatchTestDoneOut>, Public> {
    suites::remove(&ctx, &allowed.caller, &allowed.bot, suite(&path)).await?;
    Ok(Json(BatchTestDoneOut {
        message: "Test Suite removed successfully",
    }))
}
