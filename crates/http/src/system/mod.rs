//! Health, readiness and the API document.

use crate::error::Problem;
use axum::{Json, extract::State, http::header, response::IntoResponse};
use serde_json::{Value, json};
use service::Ctx;

/// `GET /health`: the process answers.
pub async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// `GET /ready`: the store answers.
pub async fn ready(State(ctx): State<Ctx>) -> Result<Json<Value>, Problem> {
    ctx.store().ping().await?;
    Ok(Json(json!({"status": "ready"})))
}

/// `GET /openapi.json`: the document of the API.
pub async fn document() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        crate::openapi_json(),
    )
}
