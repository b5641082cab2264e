//! Batch test suites and their runs.

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
    Ctx,
    audit::actor_name,
    console::permission::Permission,
    definition::file,
    training::{
        batch_check::{self, Counters, Outcome},
        batch_test::{self, Import, Run, State as Stand},
        utterance_file::Format,
    },
};
use types::{Result, id::JobId};
use utoipa::ToSchema;

/// Suites of a list at most; an agent has no more.
const SUITES: i64 = 200;

/// The counters of a run that is done.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleCounters)]
pub struct CountersOut {
    /// Found as expected.
    tp: u64,
    /// Nothing expected, nothing found.
    tn: u64,
    /// Something else found.
    fp: u64,
    /// Nothing found though expected.
    fn_: u64,
    /// Cases that came out as expected.
    success: u64,
    /// Cases that did not.
    failure: u64,
    /// Entities that came out otherwise.
    failed_entities: u64,
    /// 0 to 1.
    precision: f64,
    /// 0 to 1.
    recall: f64,
    /// 0 to 1.
    f1: f64,
}

/// A run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleTestRun)]
pub struct RunOut {
    /// Its id, which is that of its job.
    #[schema(value_type = String)]
    id: JobId,
    /// `running`, `done` or `failed`.
    state: &'static str,
    /// Percent, while it runs.
    percent: i64,
    /// The published copy was tested, not the draft.
    published: bool,
    /// Cases.
    cases: i64,
    /// Who started it.
    by: Option<String>,
    /// Milliseconds since 1970 UTC.
    started_at: i64,
    /// Milliseconds since 1970 UTC, once it is done.
    ended_at: Option<i64>,
    /// Once it is done.
    counters: Option<CountersOut>,
}

/// A suite.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleSuite)]
pub struct SuiteOut {
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// Its language.
    language: String,
    /// Cases.
    cases: i64,
    /// Milliseconds since 1970 UTC.
    updated_at: i64,
    /// Its newest runs.
    runs: Vec<RunOut>,
}

/// The suites, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleSuites)]
pub struct SuitesOut {
    /// The suites.
    items: Vec<SuiteOut>,
}

/// A suite to be made or replaced.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleSuiteIn)]
pub struct SuiteIn {
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// Language code; the agent's first when missing.
    language: Option<String>,
    /// `csv` or `json`.
    format: String,
    /// The file's content, up to 1,000 cases.
    content: String,
    /// Replaces the suite of that name.
    replace: bool,
}

/// Which copy is tested.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleRunIn)]
pub struct RunIn {
    /// The published copy instead of the draft.
    published: bool,
}

/// How one case came out.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleCase)]
pub struct CaseOut {
    /// The utterance.
    input: String,
    /// What was expected.
    expected: String,
    /// What was found; empty for nothing.
    found: String,
    /// `TP`, `TN`, `FP`, `FN`, `Trait Success` or `Trait Failure`.
    result: String,
    /// It came out as expected.
    right: bool,
    /// Scores of what was found.
    found_score: String,
    /// Scores of what was expected.
    expected_score: String,
    /// Why the expected one did not win.
    elimination: String,
    /// Entities that came out otherwise.
    wrong_entities: Vec<String>,
}

/// The cases of a run.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleCases)]
pub struct CasesOut {
    /// In the order of the suite.
    items: Vec<CaseOut>,
}

fn counters(sum: &Counters) -> CountersOut {
    CountersOut {
        tp: sum.tp,
        tn: sum.tn,
        fp: sum.fp,
        fn_: sum.fn_,
        success: sum.success,
        failure: sum.failure,
        failed_entities: sum.failed_entities,
        precision: sum.precision(),
        recall: sum.recall(),
        f1: sum.f1(),
    }
}

async fn run_out(ctx: &Ctx, caller: &service::Caller, run: Run) -> Result<RunOut> {
    let (state, percent) = match run.state {
        Stand::Running(percent) => ("running", percent),
        Stand::Completed => ("done", 100),
        Stand::Failed => ("failed", 100),
    };
    Ok(RunOut {
        state,
        percent,
        by: actor_name(ctx, caller, &run.row.created_by).await?,
        counters: run.counters.as_ref().map(counters),
        published: run.row.published,
        cases: run.row.cases,
        started_at: run.row.started_at,
        ended_at: run.row.ended_at,
        id: run.row.id,
    })
}

/// Lists the batch test suites of an agent with their newest runs
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleListSuites", tag = "console", responses((status = 200, description = "The suites", body = SuitesOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<SuitesOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let bot = body::bot(&bot)?;
    service::definition::get(&ctx, caller, &bot).await?;
    let mut items = Vec::new();
    for shown in batch_test::list(&ctx, caller, &bot, 0, SUITES).await?.1 {
        let suite = shown.suite;
        let mut runs = Vec::new();
        for run in batch_test::runs(&ctx, caller, &bot, &suite.name).await? {
            runs.push(run_out(&ctx, caller, run).await?);
        }
        items.push(SuiteOut {
            name: suite.name,
            description: shown.description,
            language: suite.language,
            cases: suite.cases,
            updated_at: suite.updated_at,
            runs,
        });
    }
    Ok(Json(SuitesOut { items }))
}

/// Makes or replaces a batch test suite
///
/// # Errors
/// Not found; bad input on `name`, `format` or `language`, or that names each wrong row of `content`.
#[utoipa::path(post, path = "", operation_id = "consoleAddSuite", tag = "console", request_body = SuiteIn, responses((status = 204, description = "Made")))]
pub async fn add(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<SuiteIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let format = match ask.format.as_str() {
        "csv" => Format::Csv,
        "json" => Format::Json,
        _ => return Err(types::Error::field("format", "must be csv or json").into()),
    };
    service::definition::get(&ctx, caller, &bot).await?;
    let name = format!("{}.{}", ask.name, ask.format);
    let kept = file::upload(&ctx, caller, &name, ask.content.into_bytes()).await?;
    let import = Import {
        file: kept.id,
        format: Some(format),
        delimiter: b',',
        update: ask.replace,
        name: ask.name.trim().to_owned(),
        description: ask.description,
        language: ask.language.filter(|code| !code.is_empty()),
    };
    batch_test::import(&ctx, caller, &bot, import).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a batch test suite with its runs
///
/// # Errors
/// Not found.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveSuite", tag = "console", responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, suite)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    batch_test::remove(&ctx, caller, &body::bot(&bot)?, &suite).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Runs a batch test suite
///
/// # Errors
/// Not found; not trained; not published.
#[utoipa::path(post, path = "", operation_id = "consoleRunSuite", tag = "console", request_body = RunIn, responses((status = 202, description = "The job", body = Started)))]
pub async fn run(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, suite)): Path<(String, String)>,
    Body(ask): Body<RunIn>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let job_id = batch_test::run(&ctx, caller, &bot, &suite, ask.published).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// Shows how the cases of a run came out
///
/// # Errors
/// Not found, also while it runs.
#[utoipa::path(get, path = "", operation_id = "consoleShowRun", tag = "console", responses((status = 200, description = "The cases", body = CasesOut)))]
pub async fn cases(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, suite, run)): Path<(String, String, String)>,
) -> Result<Json<CasesOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let run = JobId::trusted(run);
    let csv = batch_test::report(&ctx, caller, &body::bot(&bot)?, &suite, &run).await?;
    let read = tokio::task::spawn_blocking(move || batch_check::read_report(&csv)).await;
    let read = read.map_err(types::Error::internal)??;
    let view = |one: Outcome| CaseOut {
        right: one.is_right() && one.wrong_entities.is_empty(),
        input: one.input,
        expected: one.expected,
        found: one.found,
        result: one.result,
        found_score: one.found_score,
        expected_score: one.expected_score,
        elimination: one.elimination,
        wrong_entities: one.wrong_entities,
    };
    let items = read.into_iter().map(view).collect();
    Ok(Json(CasesOut { items }))
}

/// Removes a run; one that works stops without an effect
///
/// # Errors
/// Not found.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveRun", tag = "console", responses((status = 204, description = "Removed")))]
pub async fn remove_run(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, suite, run)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let run = JobId::trusted(run);
    batch_test::remove_run(&ctx, caller, &body::bot(&bot)?, &suite, &run).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hands out the report of a run as CSV
///
/// # Errors
/// Not found, also while it runs.
#[utoipa::path(get, path = "", operation_id = "consoleDownloadRun", tag = "console", responses((status = 200, description = "The report", content_type = "text/csv", body = String)))]
pub async fn report(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, suite, run)): Path<(String, String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::View)?;
    let run = JobId::trusted(run);
    let csv = batch_test::report(&ctx, caller, &body::bot(&bot)?, &suite, &run).await?;
    let name = super::agents::attachment(&format!("{suite}-report"), "csv");
    let kind = header::HeaderValue::from_static("text/csv; charset=utf-8");
    Ok((
        [
            (header::CONTENT_TYPE, kind),
            (header::CONTENT_DISPOSITION, name),
        ],
        csv,
    ))
}
