//! Long work: what starts it, and how far it is.

use super::{
    body::{self, Body},
    signed::Signed,
};
use crate::{error::Problem, fields::QueryFields};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use service::{Ctx, console::permission::Permission, definition::Publish, work};
use std::collections::HashMap;
use store::{Job, JobState};
use types::{
    Error, Result,
    id::{BotId, JobId},
};
use utoipa::ToSchema;

/// Rows of a list when the request does not say.
const LIMIT: u32 = 20;
/// Rows of a list at most (console.md section 2).
const LIMIT_MAX: u32 = 100;
/// Longest id of a job in a path, bytes.
const ID_CAP: usize = 64;

/// A job that was started.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleJobStarted)]
pub struct Started {
    /// Its id, for `GET /jobs/{id}`.
    #[schema(value_type = String)]
    pub(super) job_id: JobId,
}

/// Where a job stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ConsoleJobState)]
pub enum Stand {
    /// Waits.
    Queued,
    /// A worker has it.
    Running,
    /// Ended well.
    Done,
    /// Ended badly.
    Failed,
}

/// A job.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleJob)]
pub struct JobOut {
    /// Its id.
    #[schema(value_type = String)]
    id: JobId,
    /// `import`, `train`, `publish` or `export`.
    kind: String,
    /// Where it stands.
    state: Stand,
    /// 0 to 100.
    percent: i64,
    /// What it is at.
    message: String,
    /// What came out; in a list only what names the agent.
    #[schema(value_type = Option<ResultOut>)]
    result: Option<Value>,
    /// Why it failed.
    error: Option<String>,
    /// The agent that it works on or made.
    bot_id: Option<String>,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    /// Milliseconds since 1970 UTC.
    updated_at: i64,
}

/// What a job came to; each kind has its own parts.
#[derive(ToSchema)]
#[schema(as = ConsoleJobResult)]
#[expect(dead_code, reason = "describes the answer in the document only")]
pub struct ResultOut {
    /// The agent that an import made.
    #[schema(rename = "botId")]
    bot: Option<String>,
    /// Its id that is the same in every copy.
    #[schema(rename = "refId")]
    ref_id: Option<String>,
    /// Its name.
    name: Option<String>,
    /// What was taken out of the package, part by part.
    parts: Option<Value>,
    /// What the import found.
    report: Option<super::agents::ReportOut>,
}

/// Jobs, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleJobs)]
pub struct JobsOut {
    /// The jobs.
    items: Vec<JobOut>,
}

/// Body of `POST /agents/{botId}/train`.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleTrainIn)]
pub struct TrainIn {
    /// One language; every enabled one when missing.
    pub(super) language: Option<String>,
}

/// Body of `POST /agents/{botId}/publish`.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsolePublishIn)]
pub struct PublishIn {
    /// What changed, up to 2,000 characters.
    comment: String,
    /// What to publish; everything when empty or missing.
    components: Vec<String>,
    /// Puts this version in force again, instead of a new one of the draft.
    version: Option<i64>,
}

/// Starts a training
///
/// # Errors
/// Not found; bad input on `language`.
#[utoipa::path(post, path = "", operation_id = "consoleTrain", tag = "console", request_body = TrainIn, responses((status = 202, description = "The job", body = Started)))]
pub async fn train(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<TrainIn>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let language = ask.language.as_deref();
    let job_id = work::ask_train(&ctx, caller, &body::bot(&bot)?, language).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// Starts a publish
///
/// # Errors
/// Not found; bad input on `comment`, `components` or `version`.
#[utoipa::path(post, path = "", operation_id = "consolePublish", tag = "console", request_body = PublishIn, responses((status = 202, description = "The job", body = Started)))]
pub async fn publish(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<PublishIn>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Publish)?;
    let ask = Publish {
        comment: ask.comment,
        components: ask.components,
        version: ask.version,
        ..Publish::default()
    };
    let job_id = work::ask_publish(&ctx, caller, &body::bot(&bot)?, ask).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// Lists jobs, the newest first
///
/// # Errors
/// Bad input on `limit` or `botId`; not found for the agent.
#[utoipa::path(get, path = "", operation_id = "consoleListJobs", tag = "console", params(("botId" = Option<String>, Query, description = "Only those of this agent"), ("limit" = Option<u32>, Query, description = "Rows, 1 to 100")), responses((status = 200, description = "The jobs", body = JobsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<JobsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let mut fields = QueryFields::new(&query);
    let limit = fields.number("limit", 1, Some(LIMIT_MAX)).unwrap_or(LIMIT);
    let bot = fields.parsed("botId", "the id of an agent", BotId::parse);
    fields.done()?;
    let jobs = work::list(&ctx, caller, bot.as_ref(), limit).await?;
    let items = jobs.into_iter().map(|job| {
        let mut job = view(job);
        job.result = job.result.map(names_only);
        job
    });
    Ok(Json(JobsOut {
        items: items.collect(),
    }))
}

/// Shows a job
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowJob", tag = "console", responses((status = 200, description = "The job", body = JobOut)))]
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<Json<JobOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let fits = id.len() <= ID_CAP && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !fits {
        return Err(Error::not_found("There is no such job").into());
    }
    let job = work::find(&ctx, caller, &JobId::trusted(id)).await?;
    Ok(Json(view(job)))
}

/// The result without its long parts, for lists that are asked for again and again.
fn names_only(result: Value) -> Value {
    let Value::Object(all) = result else {
        return Value::Null;
    };
    let short = all
        .into_iter()
        .filter(|(key, _)| key == "botId" || key == "name");
    Value::Object(short.collect::<Map<_, _>>())
}

pub(super) fn stand(state: JobState) -> Stand {
    match state {
        JobState::Queued => Stand::Queued,
        JobState::Running => Stand::Running,
        JobState::Done => Stand::Done,
        JobState::Failed => Stand::Failed,
    }
}

fn view(job: Job) -> JobOut {
    let made = job.result.as_ref().and_then(|r| r["botId"].as_str());
    let bot = job.new.bot.map(|bot| bot.to_string());
    JobOut {
        bot_id: bot.or_else(|| made.map(str::to_owned)),
        id: job.new.id,
        kind: job.new.kind,
        state: stand(job.state),
        percent: job.percent,
        message: job.message,
        result: job.result,
        error: job.error,
        created_at: job.new.created_at,
        updated_at: job.updated_at,
    }
}
