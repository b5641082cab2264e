//! Nodes of the knowledge graph.

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
    training::node::{self, New},
};
use std::collections::HashMap;
use utoipa::ToSchema;

/// A node to be written.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleNodeIn)]
pub struct NodeIn {
    /// Its label.
    label: String,
    /// The node above it; where it is, or the root for a new one, when missing.
    parent: Option<String>,
    /// `default`, `organizer` (need not be said) or `mandatory` (must be said).
    usage: String,
    /// Other words for it.
    synonyms: Vec<String>,
}

impl From<NodeIn> for New {
    fn from(ask: NodeIn) -> Self {
        Self {
            label: ask.label,
            parent: ask.parent.filter(|id| !id.is_empty()),
            usage: ask.usage,
            synonyms: ask.synonyms,
        }
    }
}

/// The node that was written.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleNodeId)]
pub struct IdOut {
    /// Its id.
    id: String,
}

/// Adds a node to the knowledge graph of a language
///
/// # Errors
/// Not found; bad input that names each wrong field.
#[utoipa::path(post, path = "", operation_id = "consoleAddNode", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), request_body = NodeIn, responses((status = 201, description = "Added", body = IdOut)))]
pub async fn add(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    Body(ask): Body<NodeIn>,
) -> Result<(StatusCode, Json<IdOut>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let id = node::add(&ctx, caller, &bot, language(&query), ask.into()).await?;
    Ok((StatusCode::CREATED, Json(IdOut { id })))
}

/// Changes a node, or moves it; its questions go along
///
/// # Errors
/// Not found; bad input that names each wrong field; `if-match` names an older state.
#[utoipa::path(put, path = "", operation_id = "consoleChangeNode", tag = "console", params(("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), request_body = NodeIn, responses((status = 204, description = "Changed")))]
pub async fn change(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(ask): Body<NodeIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, seen) = (body::bot(&bot)?, body::seen(&headers));
    node::set(&ctx, caller, &bot, &id, ask.into(), seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a node; its questions and the nodes below it go to the node above
///
/// # Errors
/// Not found; a conflict for a root; `if-match` names an older state.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveNode", tag = "console", params(("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, seen) = (body::bot(&bot)?, body::seen(&headers));
    node::remove(&ctx, caller, &bot, &id, seen).await?;
    Ok(StatusCode::NO_CONTENT)
}
