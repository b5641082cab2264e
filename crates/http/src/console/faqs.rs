//! FAQs.

use super::{
    body::{self, Body, language},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    console::permission::Permission,
    training::question::{self, New, NewAnswer, Row},
};
use std::collections::HashMap;
use types::Result;
use utoipa::ToSchema;

/// A node of the graph.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleNode)]
pub struct NodeOut {
    /// Its id.
    id: String,
    /// Its label.
    label: String,
    /// The node above it.
    parent: Option<String>,
    /// `default`, `organizer` or `mandatory`.
    usage: &'static str,
    /// Other words for it.
    synonyms: Vec<String>,
    /// Questions right at it.
    faqs: usize,
    /// State of the node, for `if-match`.
    tag: String,
}

/// A question in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleFaq)]
pub struct FaqOut {
    /// Its key; changes with the question and its node.
    key: String,
    /// The question.
    question: String,
    /// Its node, if that is in the graph.
    node: Option<String>,
    /// Labels from the root to its node.
    path: Vec<String>,
    /// Other ways to ask it.
    alternates: usize,
    /// How its first answer begins.
    answer: String,
    /// It is offered.
    enabled: bool,
}

/// The questions of one language.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleFaqs)]
pub struct FaqsOut {
    /// The language.
    language: String,
    /// Enabled languages, the default first.
    languages: Vec<String>,
    /// The graph, parents before their children.
    nodes: Vec<NodeOut>,
    /// The questions.
    items: Vec<FaqOut>,
}

/// An answer.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleAnswer)]
pub struct AnswerOut {
    /// Its text, or source.
    text: String,
    /// One plain text for every channel; another one is kept as it is.
    plain: bool,
}

/// A question with everything about it.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleFaqDetail)]
pub struct DetailOut {
    /// Its key.
    key: String,
    /// The question.
    question: String,
    /// Its node, if that is in the graph.
    node: Option<String>,
    /// Labels from the root to its node.
    path: Vec<String>,
    /// Other ways to ask; those that begin with `||` are patterns.
    alternates: Vec<String>,
    /// The answers, one of which is picked at random.
    answers: Vec<AnswerOut>,
    /// Tags.
    tags: Vec<String>,
    /// The owner's own id.
    reference: String,
    /// Name of the dialog that it runs instead of answering.
    dialog: Option<String>,
    /// It is offered.
    enabled: bool,
    /// State of the question, for `if-match`.
    tag: String,
}

/// An answer to be written.
#[derive(Serialize, Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleAnswerIn)]
pub struct AnswerIn {
    /// Its text.
    text: String,
    /// The place of an answer that is kept as it is.
    keep: Option<usize>,
}

/// A question to be written.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleFaqIn)]
pub struct FaqIn {
    /// The question.
    question: String,
    /// Other ways to ask; those that begin with `||` are patterns.
    alternates: Vec<String>,
    /// The answers.
    answers: Vec<AnswerIn>,
    /// Its node; none: where it is, or the root for a new one.
    node: Option<String>,
    /// Tags.
    tags: Vec<String>,
    /// The owner's own id.
    reference: String,
    /// It is offered.
    enabled: bool,
}

/// The question that was written.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleFaqKey)]
pub struct KeyOut {
    /// Its key.
    key: String,
}

impl From<FaqIn> for New {
    fn from(ask: FaqIn) -> Self {
        let answers = ask.answers.into_iter().map(|one| NewAnswer {
            text: one.text,
            keep: one.keep,
        });
        Self {
            answers: answers.collect(),
            question: ask.question,
            alternates: ask.alternates,
            node: ask.node.filter(|id| !id.is_empty()),
            tags: ask.tags,
            reference: ask.reference,
            enabled: ask.enabled,
        }
    }
}

fn view(row: Row) -> FaqOut {
    FaqOut {
        key: row.key,
        question: row.question,
        node: row.node,
        path: row.path,
        alternates: row.alternates,
        answer: row.answer,
        enabled: row.enabled,
    }
}

/// Lists the FAQs of an agent in one language, with the graph
///
/// # Errors
/// Not found; bad input on `language`.
#[utoipa::path(get, path = "", operation_id = "consoleListFaqs", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), responses((status = 200, description = "The questions", body = FaqsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<FaqsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = question::list(&ctx, caller, &body::bot(&bot)?, language(&query)).await?;
    let nodes = found.nodes.into_iter().map(|one| NodeOut {
        id: one.id,
        label: one.label,
        parent: one.parent,
        usage: one.usage,
        synonyms: one.synonyms,
        faqs: one.faqs,
        tag: one.tag,
    });
    Ok(Json(FaqsOut {
        nodes: nodes.collect(),
        items: found.items.into_iter().map(view).collect(),
        language: found.language,
        languages: found.languages,
    }))
}

/// Shows an FAQ
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowFaq", tag = "console", responses((status = 200, description = "The question", body = DetailOut)))]
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, key)): Path<(String, String)>,
) -> Result<Json<DetailOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = question::show(&ctx, caller, &body::bot(&bot)?, &key).await?;
    let answers = found.answers.into_iter().map(|one| AnswerOut {
        text: one.text,
        plain: one.plain,
    });
    Ok(Json(DetailOut {
        answers: answers.collect(),
        key: found.row.key,
        question: found.row.question,
        node: found.row.node,
        path: found.row.path,
        enabled: found.row.enabled,
        alternates: found.alternates,
        tags: found.tags,
        reference: found.reference,
        dialog: found.dialog,
        tag: found.tag,
    }))
}

/// Adds an FAQ
///
/// # Errors
/// Not found; bad input that names each wrong field.
#[utoipa::path(post, path = "", operation_id = "consoleAddFaq", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), request_body = FaqIn, responses((status = 201, description = "Added", body = KeyOut)))]
pub async fn add(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    Body(ask): Body<FaqIn>,
) -> Result<(StatusCode, Json<KeyOut>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let key = question::add(&ctx, caller, &bot, language(&query), ask.into()).await?;
    Ok((StatusCode::CREATED, Json(KeyOut { key })))
}

/// Changes an FAQ
///
/// # Errors
/// Not found; bad input that names each wrong field; `if-match` names an older state.
#[utoipa::path(put, path = "", operation_id = "consoleChangeFaq", tag = "console", params(("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), request_body = FaqIn, responses((status = 200, description = "Changed", body = KeyOut)))]
pub async fn change(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, key)): Path<(String, String)>,
    headers: HeaderMap,
    Body(ask): Body<FaqIn>,
) -> Result<Json<KeyOut>, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, seen) = (body::bot(&bot)?, body::seen(&headers));
    let key = question::change(&ctx, caller, &bot, &key, ask.into(), seen).await?;
    Ok(Json(KeyOut { key }))
}

/// Removes an FAQ
///
/// # Errors
/// Not found; `if-match` names an older state.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveFaq", tag = "console", params(("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, key)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, seen) = (body::bot(&bot)?, body::seen(&headers));
    question::remove(&ctx, caller, &bot, &key, seen).await?;
    Ok(StatusCode::NO_CONTENT)
}
