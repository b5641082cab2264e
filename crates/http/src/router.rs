//! The table of contents: one line a path.

use crate::{analytics, console, edge, runtime, system, training};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use serde_json::{Value, json};
use service::Ctx;
use tower_http::catch_panic::CatchPanicLayer;

/// Settings of the HTTP side.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Longest body of a request, bytes, where a route sets no other.
    pub body_cap: usize,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            body_cap: 1024 * 1024,
        }
    }
}

/// Every route behind the layers of the edge.
pub fn router(ctx: Ctx, settings: HttpSettings) -> Router {
    Router::new()
        // analytics
        .route(
            "/api/public/bot/{botId}/getSessions",
            post(analytics::sessions::get_sessions),
        )
        .route(
            "/api/public/bot/{botId}/getMessages",
            get(analytics::messages::get_messages).post(analytics::messages::post_messages),
        )
        // training
        .route(
            "/api/v1.1/rest/bot/{botId}/findIntent",
            post(training::find_intent::find),
        )
        .route(
            "/api/v1.1/rest/streams/{botId}/findIntent",
            post(training::find_intent::find),
        )
        // channels
        .route("/chatbot/hooks/{botId}", post(runtime::webhook::message))
        .route(
            "/chatbot/hooks/{botId}/hookInstance/{instanceId}",
            post(runtime::webhook::message),
        )
        // system
        .route("/health", get(system::health))
        .route("/ready", get(system::ready))
        .route("/openapi.json", get(system::document))
        // console
        .merge(console::router())
        .layer(DefaultBodyLimit::max(settings.body_cap))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(edge::dress))
        .with_state(ctx)
}

/// The document of the API as JSON text that ends in a line break.
pub fn openapi_json() -> String {
    let operation = |id: &str, summary: &str| {
        json!({"get": {"operationId": id, "tags": ["system"], "summary": summary, "security": [], "x-scope": [],
            "responses": {"200": {"description": "The answer"}}}})
    };
    let document: Value = json!({
        "openapi": "3.1.0",
        "info": {"title": "Ombud", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": {
            "/health": operation("getHealth", "Says whether the process answers"),
            "/ready": operation("getReady", "Says whether the store answers"),
            "/openapi.json": operation("getDocument", "Hands out this document"),
            "/api/v1.1/rest/bot/{botId}/findIntent": {"post": training::operation("findIntent", "findIntent")},
            "/api/v1.1/rest/streams/{botId}/findIntent": {"post": training::operation("findIntent", "findIntentOfStream")},
            "/chatbot/hooks/{botId}": {"post": runtime::operation("webhookV1", "Takes a message of a user", &["botId"])},
            "/chatbot/hooks/{botId}/hookInstance/{instanceId}": {
                "post": runtime::operation("webhookV1Instance", "Takes a message of a user on another channel instance", &["botId", "instanceId"]),
            },
            "/api/public/bot/{botId}/getSessions": {"post": analytics::operation("getSessions", "Lists conversation sessions")},
            "/api/public/bot/{botId}/getMessages": {
                "get": analytics::operation("getMessages", "Lists messages"),
                "post": analytics::operation("postMessages", "Lists messages, filters in the body"),
            },
        },
    });
    format!("{document:#}\n")
}
