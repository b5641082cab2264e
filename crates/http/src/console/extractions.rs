//! Questions taken out of files and pages, and moved into the graph.

use super::{
    body::{self, Body, language},
    jobs::Started,
    signed::Signed,
    training_files::{Sent, one_file, spoken},
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    console::permission::Permission,
    definition::file,
    training::extraction::{self, Head, Shown},
};
use std::collections::HashMap;
use store::ExtractionState;
use types::{
    Error, Field, Result,
    id::{ExtractionId, JobId},
};
use utoipa::ToSchema;

/// The form of a file that questions are taken out of.
#[derive(ToSchema)]
#[schema(as = ConsoleExtractionFile)]
#[expect(dead_code, reason = "describes the form in the document only")]
pub struct FileForm {
    /// One PDF or CSV file of at most 5 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A page that questions are taken out of.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleExtractionPage)]
pub struct PageIn {
    /// Its address.
    address: String,
    /// Name of the extraction; the address where nothing is said.
    name: String,
}

/// An extraction.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleExtraction)]
pub struct ExtractionOut {
    /// Its id, and that of its job.
    id: String,
    /// Its name.
    name: String,
    /// Name of the file or address of the page.
    source: String,
    /// `running`, `done` or `failed`.
    state: &'static str,
    /// Why it failed, an entry for each fault.
    reasons: Vec<String>,
    /// Questions that were found.
    found: i64,
    /// Questions of it that were put into the graph.
    added: i64,
    /// When it was asked for, in milliseconds since 1970.
    created_at: i64,
}

/// The extractions in one language.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleExtractions)]
pub struct ExtractionsOut {
    /// The language.
    language: String,
    /// Languages of the agent, the default first.
    languages: Vec<String>,
    /// The newest first.
    items: Vec<ExtractionOut>,
}

/// A question that was found.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleExtracted)]
pub struct ExtractedOut {
    /// Its id.
    id: String,
    /// The question.
    question: String,
    /// The answer.
    answer: String,
    /// It was put into the graph.
    added: bool,
}

/// An extraction with what it found.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleExtractionDetail)]
pub struct DetailOut {
    /// The extraction.
    extraction: ExtractionOut,
    /// Its language.
    language: String,
    /// What it found, in the order of the source.
    questions: Vec<ExtractedOut>,
}

/// Questions that go into the graph.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleExtractedChoice)]
pub struct ChoiceIn {
    /// Their ids, 1 to 500.
    questions: Vec<String>,
    /// The node that they go to; none: the root.
    node: Option<String>,
}

/// What was put into the graph.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleExtractedAdded)]
pub struct AddedOut {
    /// How many questions.
    added: usize,
}

fn view(one: &Shown) -> ExtractionOut {
    let head = &one.head;
    let source = head.file_name.as_ref().or(head.url.as_ref());
    let reasons = head.message.as_deref().into_iter().flat_map(str::lines);
    ExtractionOut {
        id: one.row.id.as_str().to_owned(),
        name: head.name.clone(),
        source: source.cloned().unwrap_or_default(),
        state: match one.row.state {
            ExtractionState::Pending => "running",
            ExtractionState::Done => "done",
            ExtractionState::Failed => "failed",
        },
        reasons: reasons.map(str::to_owned).collect(),
        found: one.row.found,
        added: one.row.added,
        created_at: one.row.created_at,
    }
}

fn id(text: &str) -> Result<ExtractionId> {
    ExtractionId::parse(text).ok_or_else(extraction::missing)
}

/// The fields as the console calls them.
fn named(error: Error) -> Error {
    if error.fields.is_empty() {
        return error;
    }
    let fields = error.fields.into_iter().map(|one| Field {
        field: match one.field.as_str() {
            "fileId" => "file".to_owned(),
            "fileUrl" => "address".to_owned(),
            _ => one.field,
        },
        message: one.message,
    });
    Error::fields(fields.collect())
}

/// Lists the extractions of an agent in one language
///
/// # Errors
/// Not found; bad input on `language`.
#[utoipa::path(get, path = "", operation_id = "consoleListExtractions", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), responses((status = 200, description = "The extractions", body = ExtractionsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<ExtractionsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let bot = body::bot(&bot)?;
    let language = spoken(&ctx, caller, &bot, language(&query)).await?;
    let all = extraction::list(&ctx, caller, &bot, &language).await?;
    let agent = service::definition::get(&ctx, caller, &bot).await?;
    Ok(Json(ExtractionsOut {
        items: all.iter().map(view).collect(),
        languages: agent.languages,
        language,
    }))
}

/// Starts to take questions out of a page
///
/// # Errors
/// Not found; bad input that names each wrong field.
#[utoipa::path(post, path = "", operation_id = "consoleExtractPage", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), request_body = PageIn, responses((status = 202, description = "The job", body = Started)))]
pub async fn page(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    Body(ask): Body<PageIn>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let language = spoken(&ctx, caller, &bot, language(&query)).await?;
    let (address, name) = (ask.address.trim(), ask.name.trim());
    let shown = if name.is_empty() { address } else { name };
    let head = Head {
        name: shown.chars().take(200).collect(),
        url: Some(address.to_owned()),
        ..Head::default()
    };
    let id = extraction::ask(&ctx, caller, &bot, &language, head).await;
    Ok(started(&id.map_err(named)?))
}

/// Starts to take questions out of a file
///
/// # Errors
/// Not found; bad input on `file` or `language`; too large.
#[utoipa::path(post, path = "", operation_id = "consoleExtractFile", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), request_body(content = FileForm, content_type = "multipart/form-data"), responses((status = 202, description = "The job", body = Started)))]
pub async fn from_file(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    form: Sent,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let language = spoken(&ctx, caller, &bot, language(&query)).await?;
    let (name, bytes) = one_file(form).await?;
    let kept = file::upload(&ctx, caller, &name, bytes).await?;
    let head = Head {
        name: name.chars().take(200).collect(),
        file: Some(kept.id),
        ..Head::default()
    };
    let id = extraction::ask(&ctx, caller, &bot, &language, head).await;
    Ok(started(&id.map_err(named)?))
}

/// The job has the id of its extraction.
fn started(id: &ExtractionId) -> (StatusCode, Json<Started>) {
    let job_id = JobId::trusted(id.as_str());
    (StatusCode::ACCEPTED, Json(Started { job_id }))
}

/// Shows an extraction with what it found
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowExtraction", tag = "console", responses((status = 200, description = "The extraction", body = DetailOut)))]
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, extraction)): Path<(String, String)>,
) -> Result<Json<DetailOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let (bot, id) = (body::bot(&bot)?, id(&extraction)?);
    let one = extraction::get(&ctx, caller, &bot, &id).await?;
    let extraction = view(&one);
    let questions = one.pairs.into_iter().map(|pair| ExtractedOut {
        id: pair.id,
        question: pair.question,
        answer: pair.answer,
        added: pair.moved.is_some(),
    });
    Ok(Json(DetailOut {
        extraction,
        questions: questions.collect(),
        language: one.row.language,
    }))
}

/// Puts questions of an extraction into the graph, all or none
///
/// # Errors
/// Not found; bad input on `questions` or `node`.
#[utoipa::path(post, path = "", operation_id = "consoleAddExtracted", tag = "console", request_body = ChoiceIn, responses((status = 200, description = "They stand in the draft", body = AddedOut)))]
pub async fn add(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, extraction)): Path<(String, String)>,
    Body(ask): Body<ChoiceIn>,
) -> Result<Json<AddedOut>, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, id) = (body::bot(&bot)?, id(&extraction)?);
    let node = ask.node.unwrap_or_default();
    let added = extraction::move_in(&ctx, caller, &bot, &id, &ask.questions, &node).await?;
    Ok(Json(AddedOut { added }))
}
