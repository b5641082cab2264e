//! The whole text of an answer: `getResolvedFaqResponse`.

use crate::{
    auth::{EitherAccount, Operation, Shared},
    error::Public,
};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use service::{Ctx, console::permission::Permission, training::faq_answer};
use std::collections::HashMap;
use types::{
    Result,
    limit::{Limit, Per},
};
use utoipa::ToSchema;

/// Shows the whole text of an answer.
pub struct GetResolvedFaqResponse;

impl Operation for GetResolvedFaqResponse {
    const ID: &'static str = "getResolvedFaqResponse";
    const LIMIT: Limit = Limit {
        per: Per::Account,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetResolvedFaqResponse {
    const PERMISSION: Permission = Permission::View;
}

/// An answer with its question.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResolvedFaqOut {
    /// The whole text.
    response: String,
    primary_question: String,
}

/// Shows the whole text of a part of an answer, for a page of your own that a shortened message links to.
///
/// The id is `_id` of a part in `answerPayload` of Get FAQs. The published copy answers, the draft where that does not have the question.
///
/// # Errors
/// No such answer, or its agent is not linked to the app.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(("userId" = String, Path, description = "The user who reads; any text"), ("respId" = String, Path, description = "Id of a part of an answer, `ans-…`")),
    responses((status = 200, description = "The answer", body = ResolvedFaqOut, example = json!({
        "response": "Every parcel is insured up to 500 euros.", "primaryQuestion": "Is my parcel insured"}))),
)]
pub async fn resolved(
    State(ctx): State<Ctx>,
    allowed: EitherAccount<GetResolvedFaqResponse>,
    Path(path): Path<HashMap<String, String>>,
) -> Result<Json<ResolvedFaqOut>, Public> {
    let id = path.get("respId").map(String::as_str).unwrap_or_default();
    let found = faq_answer::whole(&ctx, &allowed.caller, id).await?;
    Ok(Json(ResolvedFaqOut {
        response: found.text,
        primary_question: found.question,
    }))
}
