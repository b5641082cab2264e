//! The knowledge graph: `trainFaqs`, `getFaqTrainStatus`.

use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    error::Public,
    fields::{Fields, QueryFields},
};
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
};
use serde::Serialize;
use service::{Ctx, console::permission::Permission, training::faq_train, work};
use std::collections::HashMap;
use types::{
    Result,
    limit::{Limit, Per},
};
use utoipa::{IntoParams, ToSchema};

/// Trains the knowledge graph of an agent.
pub struct TrainFaqs;

impl Operation for TrainFaqs {
    const ID: &'static str = "trainFaqs";
}

impl Shared for TrainFaqs {
    const PERMISSION: Permission = Permission::Agents;
}

/// Tells how far the training of the knowledge graph is.
pub struct GetFaqTrainStatus;

impl Operation for GetFaqTrainStatus {
    const ID: &'static str = "getFaqTrainStatus";
    const LIMIT: Limit = Limit {
        per: Per::Request,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetFaqTrainStatus {
    const PERMISSION: Permission = Permission::View;
}

/// What is trained.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqTrainIn {
    /// Language code.
    language: String,
}

/// Which training is asked about.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqTrainQuery {
    /// Language code.
    #[param(example = "en")]
    language: String,
    /// `configured` (the default) for the draft, `published` for the copy in force.
    #[param(example = "configured")]
    state: Option<String>,
}

/// A training of the knowledge graph.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FaqTrainOut {
    /// Id of the training; of the snapshot for a published copy.
    #[serde(rename = "_id")]
    id: String,
    /// `in-progress`, `Success` or `failure`.
    message: &'static str,
    /// `in-progress`, `success` or `failure`.
    status: &'static str,
    /// Who asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified_by: Option<String>,
    /// Last change, ISO-8601.
    modified_on: String,
    #[serde(rename = "__v")]
    version: u8,
}

fn trained(standing: faq_train::Standing) -> FaqTrainOut {
    let (message, status) = match standing.over {
        None => ("in-progress", "in-progress"),
        Some(true) => ("Success", "success"),
        Some(false) => ("failure", "failure"),
    };
    FaqTrainOut {
        id: standing.id,
        message,
        status,
        last_modified_by: standing.by,
        modified_on: iso(standing.at),
        version: 0,
    }
}

/// Trains the knowledge graph of the draft in one language.
///
/// Everything of the language is trained with it. It fails when one node holds more than 100 questions.
///
/// # Errors
/// Bad input on `language`.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    request_body(content = FaqTrainIn, example = json!({"language": "en"})),
    responses((status = 200, description = "The training waits for its turn", body = FaqTrainOut, example = json!({
        "_id": "ds-0f8fad5b-d9cb-569f-a165-70867728950e", "message": "in-progress", "status": "in-progress",
        "lastModifiedBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "modifiedOn": "2026-02-03T09:15:00.000Z", "__v": 0}))),
)]
pub async fn train(
    State(ctx): State<Ctx>,
    allowed: Either<TrainFaqs>,
    body: Bytes,
) -> Result<Json<FaqTrainOut>, Public> {
    let mut fields = Fields::read(&body)?;
    let language = fields.text("language", true).unwrap_or_default();
    fields.done()?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let job = work::ask_graph_train(&ctx, caller, bot, &language).await?;
    let job = work::find(&ctx, caller, &job).await?;
    Ok(Json(trained(faq_train::Standing {
        id: job.new.id.to_string(),
        over: None,
        at: job.updated_at,
        by: Some(work::author(&ctx, &job).await?),
    })))
}

/// Tells how far the training of the knowledge graph is.
///
/// # Errors
/// Bad input on `language` or `state`; the agent was never trained, or is not published.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(FaqTrainQuery),
    responses((status = 200, description = "The training", body = FaqTrainOut, example = json!({
        "_id": "ds-0f8fad5b-d9cb-569f-a165-70867728950e", "message": "Success", "status": "success",
        "modifiedOn": "2026-02-03T09:15:00.000Z", "__v": 0}))),
)]
pub async fn train_status(
    State(ctx): State<Ctx>,
    allowed: Either<GetFaqTrainStatus>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<FaqTrainOut>, Public> {
    let mut fields = QueryFields::new(&query);
    let published = fields.word("state", &["configured", "published"]) == Some("published");
    let language = fields.required("language");
    fields.done()?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let standing = faq_train::standing(&ctx, caller, bot, language, published).await?;
    Ok(Json(trained(standing)))
}
