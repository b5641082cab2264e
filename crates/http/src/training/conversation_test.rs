//! Conversation test suites: import, run, state of a run, deletion.

use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    error::Public,
    fields::Fields,
    job_words,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Serialize;
use serde_json::Value;
use service::{
    Ctx,
    console::permission::Permission,
    training::{
        conversation_file::{Mock, Step},
        conversation_replay::{CHANNEL, StepVerdict},
        conversation_test::{self as suites, Import, Run, Shown, State as Stand},
    },
    work,
};
use std::collections::HashMap;
use store::{Job, JobState};
use types::{
    Error, Result,
    id::{FileId, JobId, TestSuiteId},
    limit::{Limit, Per},
};
use utoipa::ToSchema;

/// When the record of an import expires, milliseconds after it was asked for.
const EXPIRES_MS: i64 = 15 * 60_000;
/// Suites that one request deletes, at most (ours).
const NAMES_MAX: usize = 100;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $permission:ident, $per:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Operation for $name {
            const ID: &'static str = $id;
            const LIMIT: Limit = Limit {
                per: $per,
                ..types::limit::DEFAULT
            };
        }
        impl Shared for $name {
            const PERMISSION: Permission = Permission::$permission;
        }
    )*};
}
operations! {
    /// Imports a suite.
    ImportConversationTestSuite = "importConversationTestSuite", Agents, Per::Bot;
    /// Tells how far an import is.
    GetConversationTestSuiteImportStatus = "getConversationTestSuiteImportStatus", View, Per::Request;
    /// Starts a run.
    RunConversationTestSuite = "runConversationTestSuite", Agents, Per::Bot;
    /// Tells where a run stands.
    GetConversationTestRunStatus = "getConversationTestRunStatus", View, Per::Request;
    /// Deletes suites.
    DeleteConversationTestSuites = "deleteConversationTestSuites", Agents, Per::Bot;
}

/// A suite to be imported.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct ConversationSuiteImportIn {
    /// Id of the uploaded file: JSON, at most 2 MiB.
    file_name: String,
    /// Name of the suite, at most 100 characters.
    name: String,
    /// Words to find it by.
    tags: Option<Vec<String>>,
    /// What it is for.
    description: Option<String>,
    /// Address of the owner of the account; the agent believes to talk to this person.
    user_email_id: String,
}

/// An import that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationSuiteAcceptedOut {
    /// Always `IN_PROGRESS`.
    status: &'static str,
    /// Id of the job, `ds-…`.
    ds_id: String,
}

/// How far an import is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationSuiteImportOut {
    /// Id of the job, `ds-…`.
    #[serde(rename = "_id")]
    id: String,
    /// `IN_PROGRESS`, `SUCCESS` or `FAILED`.
    status: &'static str,
    /// 0 to 100.
    percentage_complete: i64,
    /// The agent.
    stream_id: String,
    /// Always `CONVERSATION_TESTING_VALIDATE`.
    job_type: &'static str,
    /// Always `RUN`.
    action: &'static str,
    /// Always 1.
    count_of_dock_statuses: u8,
    created_by: String,
    /// Always `JSON`.
    file_type: &'static str,
    /// Why it failed, or the steps that did not come out as the file says.
    status_logs: Vec<String>,
    /// ISO-8601.
    l_mod: String,
    /// ISO-8601.
    created_on: String,
    /// ISO-8601.
    requested_time: String,
    /// ISO-8601: until when this record is sure to be there.
    expire_at: String,
    #[serde(rename = "__v")]
    version: u8,
    /// The suite, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    test_suite_id: Option<String>,
    /// The suite, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<ConversationSuiteOut>,
}

/// Whether a suite runs by itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationSuiteScheduleOut {
    /// Always false.
    enable_schedule: bool,
}

/// A check of an output.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationCheckOut {
    /// Whether it counts.
    enabled: bool,
    /// What passes beside the recorded value.
    contains: Vec<Value>,
}

/// Words that pass too.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationVariantOut {
    text: String,
}

/// The check of the words.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationTextCheckOut {
    /// Whether it counts.
    enabled: bool,
    /// What passes beside the recorded words.
    contains: Vec<ConversationVariantOut>,
}

/// The checks of an output.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationAssertionsOut {
    /// The nodes on the way.
    flow_level: ConversationCheckOut,
    /// The words; a part in double braces stands for any words.
    text: ConversationTextCheckOut,
    /// Keys of the context, or `{"key", "value"}`.
    context: ConversationCheckOut,
}

/// What the agent is expected to say.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationOutputOut {
    text: String,
    /// Words that must stand in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    contains: Option<Value>,
    /// Node that says it.
    node_id: String,
    /// Its component.
    node_name: String,
    component_type: String,
    /// Intent that was found.
    intent_id: String,
    intent_type: String,
    /// Dialog of the node.
    task_id: String,
    dialog_name: String,
    /// Nodes on the way to it.
    transitions: Vec<Value>,
    transition_node_names: Vec<String>,
    transition_node_type: Vec<String>,
    assertions: ConversationAssertionsOut,
}

/// One input and what it leads to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationStepOut {
    input: String,
    /// `Start_Flow` where the step opens the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    /// The case that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    /// A new conversation begins before it.
    discard_before: bool,
    outputs: Vec<ConversationOutputOut>,
}

/// A stored suite.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationSuiteOut {
    /// `ts-…`.
    #[serde(rename = "_id")]
    id: String,
    name: String,
    description: String,
    /// The agent.
    stream_id: String,
    account_id: String,
    /// Always `rtm`.
    channel: &'static str,
    schedule: ConversationSuiteScheduleOut,
    tags: Vec<String>,
    /// The same.
    recent_tags: Vec<String>,
    /// Each output came out as the file says, and its nodes are known.
    metadata_available: bool,
    /// Script that runs before each conversation.
    preprocessor: String,
    /// Services that are not called, with their answers.
    service_map: Vec<Value>,
    /// Always empty: nothing signs in during a test.
    auth_profiles: Vec<Value>,
    test_steps: Vec<ConversationStepOut>,
    created_by: String,
    l_mod_by: String,
    /// ISO-8601.
    created_on: String,
    /// ISO-8601.
    l_mod_on: String,
    #[serde(rename = "__v")]
    version: u8,
}

/// What a run tests.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct ConversationRunIn {
    /// `published` or `inDevelopment`.
    version: String,
    /// Address of somebody who may work on the agent.
    user_email_id: String,
}

/// A run that has begun.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationRunAcceptedOut {
    /// Always `IN_PROGRESS`.
    status: &'static str,
    /// Id of the run, `ctr-…`.
    test_run_id: String,
}

/// Steps of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationStepCountOut {
    passed: i64,
    failed: i64,
    total: i64,
}

/// How a run came out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationRunResultOut {
    /// ISO-8601.
    start_time: String,
    /// `configured` or `published`.
    version: &'static str,
    /// `inprogress`, `passed` or `failed`.
    status: &'static str,
    /// Once it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    step_details: Option<ConversationStepCountOut>,
    /// Milliseconds, once it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<i64>,
    /// The verdict about each step with its outputs and the nodes that ran, once it is done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>, required = false)]
    steps: Vec<StepVerdict>,
    /// Why it ended without a result.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Where a run stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationRunStatusOut {
    /// Id of the run.
    #[serde(rename = "_id")]
    id: String,
    /// The agent.
    stream_id: String,
    test_suite_id: String,
    /// `inprogress`, `passed` or `failed`.
    status: &'static str,
    total_test_steps_count: i64,
    /// 0 to 100.
    percentage_completed: i64,
    result: ConversationRunResultOut,
}

/// Which suites go.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct ConversationSuitesRemoveIn {
    /// Names, 1 to 100.
    test_suite_names: Vec<String>,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationSuitesRemovedOut {
    /// Always `Success`.
    status: &'static str,
}

fn suite(path: &HashMap<String, String>) -> &str {
    path.get("testSuiteName")
        .map(|t| t.trim())
        .unwrap_or_default()
}

fn job_id(path: &HashMap<String, String>, name: &str) -> Result<JobId> {
    let id = path.get(name).and_then(|id| JobId::parse(id));
    id.ok_or_else(|| Error::not_found("There is no such job"))
}

/// Imports a conversation test suite from an uploaded JSON file.
///
/// A job plays the steps on the draft; what the file does not say about an output is taken from what the agent does. Services are never
/// called: those that the file does not mock fail as if nobody answered.
///
/// # Errors
/// Bad input that names each wrong field; no such file.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(("bot-language" = Option<String>, Header, description = "Language of the inputs; the agent's first when none is named")),
    request_body(content = ConversationSuiteImportIn, example = json!({"fileName": "64f000000000000000000002", "name": "smoke",
        "tags": ["release"], "description": "main flow", "userEmailId": "ann@example.com"})),
    responses((status = 200, description = "The import waits for its turn", body = ConversationSuiteAcceptedOut, example = json!({
        "status": "IN_PROGRESS", "dsId": "ds-0b0b0b0b-0000-5000-8000-000000000001"}))),
)]
pub async fn import(
    State(ctx): State<Ctx>,
    allowed: Either<ImportConversationTestSuite>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ConversationSuiteAcceptedOut>, Public> {
    let mut fields = Fields::read(&body)?;
    let file = fields.text("fileName", true).unwrap_or_default();
    let name = fields.text("name", true).unwrap_or_default();
    let tags = fields.texts("tags");
    let description = fields.text("description", false).unwrap_or_default();
    let email = fields.text("userEmailId", true).unwrap_or_default();
    fields.done()?;
    let language = headers.get("bot-language").and_then(|v| v.to_str().ok());
    let language = language.map(|code| code.trim().to_lowercase());
    let ask = Import {
        file: FileId::parse(&file).ok_or_else(|| Error::not_found("Invalid file id"))?,
        name,
        description,
        tags,
        email,
        language: language.filter(|code| !code.is_empty()),
    };
    let job = work::ask_conversation_import(&ctx, &allowed.caller, &allowed.bot, ask).await?;
    Ok(Json(ConversationSuiteAcceptedOut {
        status: "IN_PROGRESS",
        ds_id: job.to_string(),
    }))
}

/// Tells how far the import of a conversation test suite is, and shows the suite once it is there.
///
/// # Errors
/// No such import.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(("dsId" = String, Path, description = "As the import was answered, `ds-…`"),
        ("bot-language" = Option<String>, Header, description = "Taken, but without an effect: the suite has its language")),
    responses((status = 200, description = "The import", body = ConversationSuiteImportOut, example = json!({
        "_id": "ds-0b0b0b0b-0000-5000-8000-000000000001", "status": "SUCCESS", "percentageComplete": 100,
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "jobType": "CONVERSATION_TESTING_VALIDATE", "action": "RUN",
        "countOfDockStatuses": 1, "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "fileType": "JSON", "statusLogs": [],
        "lMod": "2026-02-03T09:15:01.000Z", "createdOn": "2026-02-03T09:15:00.000Z", "requestedTime": "2026-02-03T09:15:00.000Z",
        "expireAt": "2026-02-03T09:30:00.000Z", "__v": 0, "testSuiteId": "ts-11111111-2222-5333-8444-555555555555"}))),
)]
pub async fn import_status(
    State(ctx): State<Ctx>,
    allowed: Either<GetConversationTestSuiteImportStatus>,
    Path(path): Path<HashMap<String, String>>,
) -> Result<Json<ConversationSuiteImportOut>, Public> {
    let (caller, bot, id) = (&allowed.caller, &allowed.bot, job_id(&path, "dsId")?);
    let job = work::find_conversation_import(&ctx, caller, bot, &id).await?;
    let done = job.result.as_ref().and_then(|r| r["testSuiteId"].as_str());
    let done = done.and_then(TestSuiteId::parse);
    let made = match &done {
        Some(suite) => suites::get(&ctx, caller, bot, suite).await?,
        None => None,
    };
    let author = work::author(&ctx, &job).await?;
    Ok(Json(imported(
        job,
        bot.as_str(),
        author,
        made.map(stored).transpose()?,
    )))
}

fn imported(
    job: Job,
    bot: &str,
    author: String,
    made: Option<ConversationSuiteOut>,
) -> ConversationSuiteImportOut {
    let differing = job.result.as_ref().map(|r| r["differing"].clone());
    let differing = differing.and_then(|d| serde_json::from_value(d).ok());
    let mut logs: Vec<String> = differing.unwrap_or_default();
    if job.state == JobState::Failed {
        logs.extend(job.error.clone());
    }
    ConversationSuiteImportOut {
        id: job.new.id.to_string(),
        status: job_words::dock(&job),
        percentage_complete: job.percent,
        stream_id: bot.to_owned(),
        job_type: "CONVERSATION_TESTING_VALIDATE",
        action: "RUN",
        count_of_dock_statuses: 1,
        created_by: author,
        file_type: "JSON",
        status_logs: logs,
        l_mod: iso(job.updated_at),
        created_on: iso(job.new.created_at),
        requested_time: iso(job.new.created_at),
        expire_at: iso(job.new.created_at + EXPIRES_MS),
        version: 0,
        test_suite_id: made.as_ref().map(|suite| suite.id.clone()),
        response: made,
    }
}

fn stored(one: Shown) -> Result<ConversationSuiteOut> {
    let mock = |mock: &Mock| serde_json::to_value(mock).map_err(Error::internal);
    let (suite, content) = (one.suite, one.content);
    Ok(ConversationSuiteOut {
        id: suite.id.to_string(),
        name: suite.name,
        description: content.description,
        stream_id: suite.bot.to_string(),
        account_id: suite.account.to_string(),
        channel: CHANNEL,
        schedule: ConversationSuiteScheduleOut {
            enable_schedule: false,
        },
        recent_tags: content.tags.clone(),
        tags: content.tags,
        metadata_available: content.validated,
        preprocessor: content.preprocessor,
        service_map: content.mocks.iter().map(mock).collect::<Result<_>>()?,
        auth_profiles: Vec::new(),
        test_steps: content.steps.into_iter().map(step).collect(),
        created_by: one.author.clone(),
        l_mod_by: one.author,
        created_on: iso(suite.created_at),
        l_mod_on: iso(suite.created_at),
        version: 0,
    })
}

fn step(step: Step) -> ConversationStepOut {
    use service::training::conversation_file::{Check, Output};
    let check = |check: Check, default: bool| ConversationCheckOut {
        enabled: check.enabled.unwrap_or(default),
        contains: check.contains,
    };
    let words = |check: Check| ConversationTextCheckOut {
        enabled: check.enabled.unwrap_or(true),
        contains: check
            .contains
            .iter()
            .filter_map(|variant| variant["text"].as_str().or(variant.as_str()))
            .map(|text| ConversationVariantOut {
                text: text.to_owned(),
            })
            .collect(),
    };
    let output = |output: Output| ConversationOutputOut {
        text: output.text,
        contains: output.contains,
        node_id: output.node_id,
        node_name: output.node_name,
        component_type: output.component_type,
        intent_id: output.intent_id,
        intent_type: output.intent_type,
        task_id: output.task_id,
        dialog_name: output.dialog_name,
        transitions: output.transitions,
        transition_node_names: output.transition_node_names,
        transition_node_type: output.transition_node_type,
        assertions: ConversationAssertionsOut {
            flow_level: check(output.assertions.flow_level, true),
            text: words(output.assertions.text),
            context: check(output.assertions.context, false),
        },
    };
    ConversationStepOut {
        input: step.input,
        event: step.event,
        case: step.case,
        discard_before: step.discard_before,
        outputs: step.outputs.into_iter().map(output).collect(),
    }
}

/// Starts a run of a conversation test suite.
///
/// # Errors
/// No such suite; bad input that names each wrong field; the copy is not published or not trained.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(("testSuiteName" = String, Path, description = "Name of the suite"),
        ("bot-language" = Option<String>, Header, description = "Taken, but without an effect: the suite has its language")),
    request_body(content = ConversationRunIn, example = json!({"version": "published", "userEmailId": "ann@example.com"})),
    responses((status = 200, description = "The run waits for its turn", body = ConversationRunAcceptedOut, example = json!({
        "status": "IN_PROGRESS", "testRunId": "ctr-0c0c0c0c-0000-5000-8000-000000000001"}))),
)]
pub async fn run(
    State(ctx): State<Ctx>,
    allowed: Either<RunConversationTestSuite>,
    Path(path): Path<HashMap<String, String>>,
    body: Bytes,
) -> Result<Json<ConversationRunAcceptedOut>, Public> {
    let mut fields = Fields::read(&body)?;
    let wanted = fields.text("version", true);
    let version = wanted.and_then(|_| fields.word("version", &["inDevelopment", "published"]));
    let email = fields.text("userEmailId", true).unwrap_or_default();
    fields.done()?;
    let published = version == Some("published");
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let id = suites::run(&ctx, caller, bot, suite(&path), published, &email).await?;
    Ok(Json(ConversationRunAcceptedOut {
        status: "IN_PROGRESS",
        test_run_id: id.to_string(),
    }))
}

/// Tells where a run of a conversation test suite stands, and how each step came out.
///
/// # Errors
/// No such suite or run.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(("testSuiteName" = String, Path, description = "Name of the suite"),
        ("testRunId" = String, Path, description = "As the start of the run answered it, `ctr-…`"),
        ("bot-language" = Option<String>, Header, description = "Taken, but without an effect: the suite has its language")),
    responses((status = 200, description = "The run", body = ConversationRunStatusOut, example = json!({
        "_id": "ctr-0c0c0c0c-0000-5000-8000-000000000001", "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
        "testSuiteId": "ts-11111111-2222-5333-8444-555555555555", "status": "passed", "totalTestStepsCount": 2, "percentageCompleted": 100,
        "result": {"startTime": "2026-02-03T09:15:00.000Z", "version": "published", "status": "passed",
            "stepDetails": {"passed": 2, "failed": 0, "total": 2}, "duration": 40}}))),
)]
pub async fn status(
    State(ctx): State<Ctx>,
    allowed: Either<GetConversationTestRunStatus>,
    Path(path): Path<HashMap<String, String>>,
) -> Result<Json<ConversationRunStatusOut>, Public> {
    let (caller, bot, id) = (&allowed.caller, &allowed.bot, job_id(&path, "testRunId")?);
    let run = suites::status(&ctx, caller, bot, suite(&path), &id).await?;
    Ok(Json(stand(run)))
}

fn stand(run: Run) -> ConversationRunStatusOut {
    let (status, percent) = match run.state {
        Stand::Running(percent) => ("inprogress", percent),
        Stand::Passed => ("passed", 100),
        Stand::Failed => ("failed", 100),
    };
    let row = run.row;
    let details = row.passed.map(|passed| ConversationStepCountOut {
        passed,
        failed: row.steps - passed,
        total: row.steps,
    });
    ConversationRunStatusOut {
        id: row.id.to_string(),
        stream_id: row.bot.to_string(),
        test_suite_id: row.suite.to_string(),
        status,
        total_test_steps_count: row.steps,
        percentage_completed: percent,
        result: ConversationRunResultOut {
            start_time: iso(row.started_at),
            version: if row.published {
                "published"
            } else {
                "configured"
            },
            status,
            step_details: details,
            duration: row.ended_at.map(|end| end - row.started_at),
            steps: run.steps,
            error: run.error,
        },
    }
}

/// Deletes conversation test suites with their runs, all or none.
///
/// # Errors
/// Bad input on `testSuiteNames`; a suite that is not there.
#[utoipa::path(
    delete,
    path = "/",
    tag = "training",
    params(("bot-language" = Option<String>, Header, description = "Taken, but without an effect: names are the same in every language")),
    request_body(content = ConversationSuitesRemoveIn, example = json!({"testSuiteNames": ["smoke"]})),
    responses((status = 200, description = "Deleted", body = ConversationSuitesRemovedOut, example = json!({"status": "Success"}))),
)]
pub async fn remove(
    State(ctx): State<Ctx>,
    allowed: Either<DeleteConversationTestSuites>,
    body: Bytes,
) -> Result<Json<ConversationSuitesRemovedOut>, Public> {
    let mut fields = Fields::read(&body)?;
    let names = fields.texts("testSuiteNames");
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    if fields.wrong.is_empty() && !(1..=NAMES_MAX).contains(&names.len()) {
        let text = format!("must be a list of 1 to {NAMES_MAX} names");
        fields.wrong("testSuiteNames", text);
    }
    fields.done()?;
    suites::remove(&ctx, &allowed.caller, &allowed.bot, &names).await?;
    Ok(Json(ConversationSuitesRemovedOut { status: "Success" }))
}
