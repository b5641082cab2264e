//! Questions and answers out of files and pages: `extractKnowledge`, `listExtractions`, `listExtractionQuestions`.

use super::asked::Asked;
use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    error::Public,
    fields::Fields,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
};
use serde::Serialize;
use service::{
    Ctx,
    console::permission::Permission,
    training::extraction::{self, Head, Shown},
};
use std::collections::HashMap;
use store::ExtractionState;
use types::{
    Error, Result,
    id::{BotId, ExtractionId, FileId},
};
use utoipa::{IntoParams, ToSchema};

/// Questions of a page when no number is given.
const PAGE: usize = 50;

/// Takes questions and answers out of a file or a page.
pub struct ExtractKnowledge;

impl Operation for ExtractKnowledge {
    const ID: &'static str = "extractKnowledge";
}

impl Shared for ExtractKnowledge {
    const PERMISSION: Permission = Permission::Agents;
}

/// Lists the extractions of an agent.
pub struct ListExtractions;

impl Operation for ListExtractions {
    const ID: &'static str = "listExtractions";
}

impl Shared for ListExtractions {
    const PERMISSION: Permission = Permission::View;
}

/// Lists what an extraction has found.
pub struct ListExtractionQuestions;

impl Operation for ListExtractionQuestions {
    const ID: &'static str = "listExtractionQuestions";
}

impl Shared for ListExtractionQuestions {
    const PERMISSION: Permission = Permission::View;
}

/// In which language.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct ExtractionQuery {
    /// Language code.
    #[param(example = "en")]
    language: String,
}

/// Which part of the questions.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct ExtractionQuestionQuery {
    /// Questions to answer; 50 when missing.
    #[param(minimum = 1)]
    limit: Option<u32>,
    /// Questions to skip; 0 when missing.
    #[param(minimum = 0)]
    offset: Option<u32>,
}

/// What is read. `fileUrl` or `fileId`, one of them.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct ExtractionIn {
    /// Address of a page.
    #[schema(format = "uri")]
    file_url: Option<String>,
    /// An uploaded PDF or CSV file of at most 5 MB.
    file_id: Option<String>,
    /// Name of the extraction.
    name: String,
}

/// An extraction that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExtractionAcceptedOut {
    /// `ke-…`.
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: ExtractionId,
    /// Always `success`: the extraction was taken. How it ends stands in the history.
    status: &'static str,
}

/// The extractions of an agent.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExtractionListOut {
    /// The newest first.
    metaqnas: Vec<ExtractionOut>,
}

/// An extraction.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExtractionOut {
    #[serde(rename = "_id")]
    #[schema(value_type = String)]
    id: ExtractionId,
    editable: bool,
    /// `inprogress`, `success` or `failed`.
    status: &'static str,
    /// Some of its questions were put into a graph.
    is_visited: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    file_id: Option<FileId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    name: String,
    /// Always `faq`.
    extraction_type: &'static str,
    /// The agent.
    #[schema(value_type = String)]
    stream_id: BotId,
    created_by: String,
    language: String,
    /// ISO-8601.
    created_on: String,
    /// ISO-8601.
    modified_on: String,
    /// Questions that were put into a graph.
    qna_added_count: i64,
    /// Questions that were found.
    qna_extracted_count: i64,
    /// All questions.
    qna_count: i64,
    /// Why it failed, an entry for each fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    status_logs: Vec<String>,
    #[serde(rename = "__v")]
    version: u8,
}

/// What an extraction has found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExtractionQuestionsOut {
    extractions: Vec<ExtractionQuestionOut>,
}

/// A question with its answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExtractionQuestionOut {
    /// What `qsId` of `addFaqsBulk` names.
    #[serde(rename = "_id")]
    id: String,
    /// It was put into a graph.
    status: bool,
    question: String,
    answer: String,
    language: String,
    /// The extraction.
    #[serde(rename = "kEId")]
    #[schema(value_type = String)]
    extraction: ExtractionId,
    created_by: String,
    /// The agent.
    #[schema(value_type = String)]
    stream_id: BotId,
    /// ISO-8601.
    created_on: String,
    /// ISO-8601.
    modified_on: String,
    #[serde(rename = "__v")]
    version: u8,
}

/// Takes questions and answers out of a page, or out of an uploaded PDF or CSV file.
///
/// # Errors
/// Bad input that names each wrong field; no such file.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(ExtractionQuery),
    request_body(content = ExtractionIn, example = json!({"fileUrl": "https://www.example.com/help", "name": "help pages"})),
    responses((status = 200, description = "The extraction waits for its turn", body = ExtractionAcceptedOut, example = json!({
        "_id": "ke-0f8fad5b-d9cb-569f-a165-70867728950e", "status": "success"}))),
)]
pub async fn extract(
    State(ctx): State<Ctx>,
    allowed: Either<ExtractKnowledge>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Result<Json<ExtractionAcceptedOut>, Public> {
    let mut asked = Asked::new(&query);
    let language = asked.required("language");
    asked.done()?;
    let mut fields = Fields::read(&body)?;
    let name = fields.text("name", true).unwrap_or_default();
    let url = fields.text("fileUrl", false);
    let file = fields.text("fileId", false);
    if url.is_some() == file.is_some() {
        fields.wrong("fileUrl", "send fileUrl or fileId, one of them");
    }
    fields.done()?;
    let missing = || Error::not_found("Invalid file id");
    let head = Head {
        name,
        url,
        file: file
            .map(|id| FileId::parse(&id).ok_or_else(missing))
            .transpose()?,
        ..Head::default()
    };
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let id = extraction::ask(&ctx, caller, bot, &language, head).await?;
    Ok(Json(ExtractionAcceptedOut {
        id,
        status: "success",
    }))
}

/// Lists the extractions of an agent in a language.
///
/// # Errors
/// Bad input on `language`.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(ExtractionQuery),
    responses((status = 200, description = "The extractions", body = ExtractionListOut, example = json!({"metaqnas": [{
        "_id": "ke-0f8fad5b-d9cb-569f-a165-70867728950e", "editable": true, "status": "failed", "isVisited": false,
        "fileUrl": "https://www.example.com/help", "name": "help pages", "extractionType": "faq",
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "language": "en",
        "createdOn": "2026-02-03T09:15:00.000Z", "modifiedOn": "2026-02-03T09:15:02.000Z", "qnaAddedCount": 0, "qnaExtractedCount": 0,
        "qnaCount": 0, "statusLogs": ["fileUrl: answered with status 404"], "__v": 0}]}))),
)]
pub async fn history(
    State(ctx): State<Ctx>,
    allowed: Either<ListExtractions>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<ExtractionListOut>, Public> {
    let mut asked = Asked::new(&query);
    let language = asked.required("language");
    asked.done()?;
    let all = extraction::list(&ctx, &allowed.caller, &allowed.bot, &language).await?;
    Ok(Json(ExtractionListOut {
        metaqnas: all.into_iter().map(shown).collect(),
    }))
}

fn shown(one: Shown) -> ExtractionOut {
    let logs = one.head.message.as_deref().into_iter();
    ExtractionOut {
        editable: true,
        status: match one.row.state {
            ExtractionState::Pending => "inprogress",
            ExtractionState::Done => "success",
            ExtractionState::Failed => "failed",
        },
        is_visited: one.row.added > 0,
        status_logs: logs.flat_map(str::lines).map(str::to_owned).collect(),
        file_id: one.head.file,
        file_url: one.head.url,
        file_name: one.head.file_name,
        name: one.head.name,
        extraction_type: "faq",
        id: one.row.id,
        stream_id: one.row.bot,
        created_by: one.author,
        language: one.row.language,
        created_on: iso(one.row.created_at),
        modified_on: iso(one.row.updated_at),
        qna_added_count: one.row.added,
        qna_extracted_count: one.row.found,
        qna_count: one.row.found,
        version: 0,
    }
}

/// Lists the questions and answers that an extraction has found.
///
/// # Errors
/// Bad input on `limit` or `offset`; no such extraction.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(("extractionId" = String, Path, description = "As the extraction answered it, `ke-…`"), ExtractionQuestionQuery),
    responses((status = 200, description = "The questions", body = ExtractionQuestionsOut, example = json!({"extractions": []}))),
)]
pub async fn questions(
    State(ctx): State<Ctx>,
    allowed: Either<ListExtractionQuestions>,
    Path(path): Path<HashMap<String, String>>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<ExtractionQuestionsOut>, Public> {
    let mut asked = Asked::new(&query);
    let limit = asked.number("limit", 1, usize::MAX, PAGE);
    let offset = asked.number("offset", 0, usize::MAX, 0);
    asked.done()?;
    let id = path
        .get("extractionId")
        .and_then(|id| ExtractionId::parse(id));
    let id = id.ok_or_else(extraction::missing)?;
    let one = extraction::get(&ctx, &allowed.caller, &allowed.bot, &id).await?;
    let part = one.pairs.into_iter().skip(offset).take(limit);
    let out = part.map(|pair| ExtractionQuestionOut {
        id: pair.id,
        status: pair.moved.is_some(),
        question: pair.question,
        answer: pair.answer,
        language: one.row.language.clone(),
        extraction: one.row.id.clone(),
        created_by: one.author.clone(),
        stream_id: one.row.bot.clone(),
        created_on: iso(one.row.created_at),
        modified_on: iso(one.row.updated_at),
        version: 0,
    });
    Ok(Json(ExtractionQuestionsOut {
        extractions: out.collect(),
    }))
}
