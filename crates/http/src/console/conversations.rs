//! Conversation test suites and their runs.

use super::{
    body::{self, Body},
    jobs::Started,
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use service::{
    Caller, Ctx,
    audit::actor_name,
    console::permission::Permission,
    definition::file,
    training::{
        conversation_replay::{Node, OutputVerdict, StepVerdict},
        conversation_test::{self as suites, Import, Run, State as Stand},
    },
    work,
};
use types::{Error, Result, id::JobId};
use utoipa::ToSchema;

/// Runs of a suite that its list shows.
const RUNS: i64 = 20;

/// A run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleConversationRun)]
pub struct RunOut {
    /// Its id, which is that of its job.
    #[schema(value_type = String)]
    id: JobId,
    /// `running`, `passed`, or `failed`: a step came out otherwise, or it ended without a result.
    state: &'static str,
    /// Percent, while it runs.
    percent: i64,
    /// The published copy was tested, not the draft.
    published: bool,
    /// Steps.
    steps: i64,
    /// Steps that came out as they should, once it is done.
    passed: Option<i64>,
    /// Why it ended without a result.
    error: Option<String>,
    /// Who started it.
    by: Option<String>,
    /// Milliseconds since 1970 UTC.
    started_at: i64,
    /// Milliseconds since 1970 UTC, once it is done.
    ended_at: Option<i64>,
}

/// A suite.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleConversationSuite)]
pub struct SuiteOut {
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// Words to find it by.
    tags: Vec<String>,
    /// Its language.
    language: String,
    /// Steps.
    steps: i64,
    /// Services that are answered by the suite instead of being called.
    mocks: usize,
    /// When it was imported, each expected output was said.
    validated: bool,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    /// Its newest runs, the newest first.
    runs: Vec<RunOut>,
}

/// The suites, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleConversationSuites)]
pub struct SuitesOut {
    /// The suites.
    items: Vec<SuiteOut>,
}

/// A suite to be imported.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleConversationSuiteIn)]
pub struct SuiteIn {
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// Words to find it by.
    tags: Vec<String>,
    /// Language code; the agent's first when missing.
    language: Option<String>,
    /// The JSON file's content, with `testSteps` or `testCases`.
    content: String,
}

/// Which copy is tested.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleConversationRunIn)]
pub struct RunIn {
    /// The published copy instead of the draft.
    published: bool,
}

/// A node that ran.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsolePathNode)]
pub struct NodeOut {
    /// Its component.
    name: String,
    /// Kind of the component.
    #[serde(rename = "type")]
    kind: String,
    /// Its dialog.
    dialog: String,
}

/// The verdict about one output.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleOutputVerdict)]
pub struct OutputOut {
    /// It came out as it should.
    passed: bool,
    /// What was expected.
    expected: Option<String>,
    /// What was said.
    actual: Option<String>,
    /// The node that spoke.
    node: Option<NodeOut>,
    /// The words fit; none where that is not checked.
    text: Option<bool>,
    /// The nodes on the way fit; none where that is not checked.
    flow: Option<bool>,
    /// The context fits; none where that is not checked.
    context: Option<bool>,
    /// What is wrong.
    reasons: Vec<String>,
}

/// The verdict about one step.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleStepVerdict)]
pub struct StepOut {
    /// From 1.
    step: usize,
    /// The case that it belongs to.
    case: Option<String>,
    /// What the user wrote.
    input: String,
    /// Every output came out as it should, and none was too many.
    passed: bool,
    /// The outputs in order.
    outputs: Vec<OutputOut>,
    /// Every node that ran.
    path: Vec<NodeOut>,
    /// Services that were called and are not mocked.
    unmocked: Vec<String>,
    /// Milliseconds.
    duration: u64,
}

/// A run with the verdicts of its steps.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleConversationReport)]
pub struct ReportOut {
    /// The run.
    run: RunOut,
    /// The verdicts, once it is done.
    items: Vec<StepOut>,
}

async fn run_out(ctx: &Ctx, caller: &Caller, run: Run) -> Result<RunOut> {
    let (state, percent) = match run.state {
        Stand::Running(percent) => ("running", percent),
        Stand::Passed => ("passed", 100),
        Stand::Failed => ("failed", 100),
    };
    Ok(RunOut {
        state,
        percent,
        by: actor_name(ctx, caller, &run.row.created_by).await?,
        error: run.error.filter(|_| state == "failed"),
        published: run.row.published,
        steps: run.row.steps,
        passed: run.row.passed,
        started_at: run.row.started_at,
        ended_at: run.row.ended_at,
        id: run.row.id,
    })
}

fn node(node: Node) -> NodeOut {
    NodeOut {
        name: node.node_name,
        kind: node.component_type,
        dialog: node.dialog_name,
    }
}

fn output(one: OutputVerdict) -> OutputOut {
    OutputOut {
        node: one.node.map(node),
        passed: one.passed,
        expected: one.expected,
        actual: one.actual,
        text: one.text,
        flow: one.flow,
        context: one.context,
        reasons: one.reasons,
    }
}

fn step(one: StepVerdict) -> StepOut {
    StepOut {
        outputs: one.outputs.into_iter().map(output).collect(),
        path: one.path.into_iter().map(node).collect(),
        step: one.step,
        case: one.case,
        input: one.input,
        passed: one.passed,
        unmocked: one.unmocked_services,
        duration: one.duration,
    }
}

/// Lists the conversation test suites of an agent with their newest runs
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleListConversationSuites", tag = "console", responses((status = 200, description = "The suites", body = SuitesOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<SuitesOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let bot = body::bot(&bot)?;
    service::definition::get(&ctx, caller, &bot).await?;
    let mut items = Vec::new();
    for (shown, _) in suites::list(&ctx, caller, &bot).await? {
        let (suite, content) = (shown.suite, shown.content);
        let mut runs = Vec::new();
        for run in suites::runs(&ctx, caller, &suite.id, RUNS).await? {
            runs.push(run_out(&ctx, caller, run).await?);
        }
        items.push(SuiteOut {
            name: suite.name,
            description: content.description,
            tags: content.tags,
            language: suite.language,
            steps: suite.steps,
            mocks: content.mocks.len(),
            validated: content.validated,
            created_at: suite.created_at,
            runs,
        });
    }
    Ok(Json(SuitesOut { items }))
}

/// Starts the import of a conversation test suite
///
/// Its steps are played on the draft; what the file does not expect is taken from what the agent says.
///
/// # Errors
/// Not found; bad input that names each wrong field. Wrong places in the file end the job.
#[utoipa::path(post, path = "", operation_id = "consoleImportConversationSuite", tag = "console", request_body = SuiteIn, responses((status = 202, description = "The job", body = Started)))]
pub async fn add(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<SuiteIn>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    service::definition::get(&ctx, caller, &bot).await?;
    if ask.content.trim().is_empty() {
        return Err(Error::field("content", "must be the content of a JSON file").into());
    }
    let kept = file::upload(&ctx, caller, "suite.json", ask.content.into_bytes()).await?;
    let import = Import {
        file: kept.id,
        name: ask.name.trim().to_owned(),
        description: ask.description,
        tags: ask.tags,
        email: suites::addresses(&ctx, caller).await?.1,
        language: ask.language.filter(|code| !code.is_empty()),
    };
    let job_id = work::ask_conversation_import(&ctx, caller, &bot, import).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// Hands out a conversation test suite as a file that can be imported again
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleExportConversationSuite", tag = "console", responses((status = 200, description = "The suite", content_type = "application/json", body = serde_json::Value)))]
pub async fn export(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, suite)): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::View)?;
    let shown = suites::find(&ctx, caller, &body::bot(&bot)?, &suite).await?;
    Ok(saved(&shown.suite.name, suites::export(&shown.content)?))
}

fn saved(name: &str, json: Vec<u8>) -> impl IntoResponse + use<> {
    let kind = header::HeaderValue::from_static("application/json");
    let name = super::agents::attachment(name, "json");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, json)
}

/// Removes a conversation test suite with its runs
///
/// # Errors
/// Not found.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveConversationSuite", tag = "console", responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, suite)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    suites::remove(&ctx, caller, &body::bot(&bot)?, &[suite]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Runs a conversation test suite
///
/// # Errors
/// Not found; not trained; not published.
#[utoipa::path(post, path = "", operation_id = "consoleRunConversationSuite", tag = "console", request_body = RunIn, responses((status = 202, description = "The job", body = Started)))]
pub async fn run(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, suite)): Path<(String, String)>,
    Body(ask): Body<RunIn>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let email = suites::addresses(&ctx, caller).await?.0;
    let job_id = suites::run(&ctx, caller, &bot, &suite, ask.published, &email).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// Shows a run with the verdict about each step, output and node
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowConversationRun", tag = "console", responses((status = 200, description = "The run", body = ReportOut)))]
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, suite, run)): Path<(String, String, String)>,
) -> Result<Json<ReportOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    Ok(Json(reported(&ctx, caller, &bot, &suite, run).await?))
}

async fn reported(
    ctx: &Ctx,
    caller: &Caller,
    bot: &str,
    suite: &str,
    run: String,
) -> Result<ReportOut> {
    let run = JobId::trusted(run);
    let mut run = suites::status(ctx, caller, &body::bot(bot)?, suite, &run).await?;
    let steps = std::mem::take(&mut run.steps);
    Ok(ReportOut {
        run: run_out(ctx, caller, run).await?,
        items: steps.into_iter().map(step).collect(),
    })
}

/// Hands out the report of a run as JSON
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleDownloadConversationRun", tag = "console", responses((status = 200, description = "The report", content_type = "application/json", body = serde_json::Value)))]
pub async fn report(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, suite, run)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::View)?;
    let made = reported(&ctx, caller, &bot, &suite, run).await?;
    let json = serde_json::to_vec_pretty(&made).map_err(Error::internal)?;
    Ok(saved(&format!("{suite}-report"), json))
}
