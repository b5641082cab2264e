//! Health, readiness and the API document.

pub mod docs;
pub mod keys;

use crate::error::Problem;
use axum::{Json, extract::State, http::header, response::IntoResponse};
use serde::Serialize;
use service::Ctx;
use utoipa::ToSchema;

/// Health of a process or of what it needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthOut {
    /// `ok` or `ready`.
    status: &'static str,
}

/// Says whether the process answers
#[utoipa::path(get, path = "", operation_id = "getHealth", tag = "system", responses((status = 200, body = HealthOut, description = "It answers")))]
pub async fn health() -> Json<HealthOut> {
    Json(HealthOut { status: "ok" })
}

/// Says whether the store answers, and what is shared beside it
///
/// # Errors
/// One of them cannot be reached.
#[utoipa::path(get, path = "", operation_id = "getReady", tag = "system", responses(
    (status = 200, body = HealthOut, description = "It answers"),
    (status = 503, description = "The store cannot be reached"),
))]
pub async fn ready(State(ctx): State<Ctx>) -> Result<Json<HealthOut>, Problem> {
    ctx.store().ping().await?;
    ctx.parts.jti.ping().await?;
    Ok(Json(HealthOut { status: "ready" }))
}

/// Hands out this document
#[utoipa::path(get, path = "", operation_id = "getDocument", tag = "system", responses(
    (status = 200, body = serde_json::Value, description = "The document of the API, OpenAPI 3.1"),
))]
pub async fn document() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        crate::openapi_json(),
    )
}
