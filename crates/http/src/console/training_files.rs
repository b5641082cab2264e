//! Utterances and knowledge graphs out of files and into them, as jobs.

use super::{
    body::{self, Body, language},
    import,
    jobs::Started,
    signed::Signed,
};
use crate::{error::Problem, form};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use service::{
    Caller, Ctx, console::permission::Permission, definition::file,
    training::utterance_file::Format, work,
};
use std::collections::HashMap;
use types::{Error, Result, id::FileId};
use utoipa::ToSchema;

/// The form of a file with training data.
#[derive(ToSchema)]
#[schema(as = ConsoleTrainingFile)]
#[expect(dead_code, reason = "describes the form in the document only")]
pub struct FileForm {
    /// One file; its name ends in `.csv` or `.json`. 64 MiB at most.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What is exported.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleTrainingExport)]
pub struct ExportIn {
    /// `csv` or `json`.
    format: String,
    /// The copy in force instead of the draft.
    published: bool,
}

pub(super) type Sent = form::Form<{ import::BODY_CAP }>;

/// Keeps the one file of a form with training data; its name goes along.
async fn kept(ctx: &Ctx, caller: &Caller, form: Sent) -> Result<(String, FileId)> {
    let (name, bytes) = one_file(form).await?;
    if Format::of_name(&name).is_none() {
        return Err(Error::field("file", "must end in .csv or .json"));
    }
    let id = file::upload(ctx, caller, &name, bytes).await?.id;
    Ok((name, id))
}

/// Name and content of the one file of a form.
pub(super) async fn one_file(form: Sent) -> Result<(String, Vec<u8>)> {
    let form = form.0.map_err(import::refused)?;
    let _turn = import::READING.acquire().await.map_err(Error::internal)?;
    let mut files = import::read(form).await?.files;
    match (files.pop(), files.is_empty()) {
        (Some(file), true) => Ok(file),
        _ => Err(Error::field("file", "must be one file")),
    }
}

fn format(ask: &ExportIn) -> Result<Format> {
    let known = Format::of_name(&format!(".{}", ask.format));
    known.ok_or_else(|| Error::field("format", "must be csv or json"))
}

/// Starts an import of utterances
///
/// Each task that the file names gets the utterances of the file and no others.
///
/// # Errors
/// Not found; bad input on `file`; too large.
#[utoipa::path(post, path = "", operation_id = "consoleImportUtterances", tag = "console", request_body(content = FileForm, content_type = "multipart/form-data"), responses((status = 202, description = "The job", body = Started)))]
pub async fn import_utterances(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    form: Sent,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let (name, file) = kept(&ctx, caller, form).await?;
    let job_id = work::ask_utterance_import(&ctx, caller, &bot, &name, file).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// Starts an export of the utterances of every task and language
///
/// # Errors
/// Not found; bad input on `format`; not published.
#[utoipa::path(post, path = "", operation_id = "consoleExportUtterances", tag = "console", request_body = ExportIn, responses((status = 202, description = "The job", body = Started)))]
pub async fn export_utterances(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<ExportIn>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, format) = (body::bot(&bot)?, format(&ask)?);
    let job_id = work::ask_utterance_export(&ctx, caller, &bot, ask.published, format).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// Starts an import of a knowledge graph, which takes the place of the one of that language
///
/// # Errors
/// Not found; bad input on `file` or `language`; too large.
#[utoipa::path(post, path = "", operation_id = "consoleImportGraph", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), request_body(content = FileForm, content_type = "multipart/form-data"), responses((status = 202, description = "The job", body = Started)))]
pub async fn import_graph(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    form: Sent,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let language = spoken(&ctx, caller, &bot, language(&query)).await?;
    let (name, file) = kept(&ctx, caller, form).await?;
    let job_id = work::ask_graph_import(&ctx, caller, &bot, &language, &name, file).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// Starts an export of the knowledge graph of a language
///
/// # Errors
/// Not found; bad input on `format` or `language`; not published.
#[utoipa::path(post, path = "", operation_id = "consoleExportGraph", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), request_body = ExportIn, responses((status = 202, description = "The job", body = Started)))]
pub async fn export_graph(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    Body(ask): Body<ExportIn>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, format) = (body::bot(&bot)?, format(&ask)?);
    let language = spoken(&ctx, caller, &bot, language(&query)).await?;
    let job_id =
        work::ask_graph_export(&ctx, caller, &bot, ask.published, &language, format).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// The language that is asked for, or the agent's first one.
pub(super) async fn spoken(
    ctx: &Ctx,
    caller: &Caller,
    bot: &types::id::BotId,
    asked: Option<&str>,
) -> Result<String> {
    if let Some(code) = asked {
        return Ok(code.to_owned());
    }
    let agent = service::definition::get(ctx, caller, bot).await?;
    Ok(agent.languages.into_iter().next().unwrap_or_default())
}
