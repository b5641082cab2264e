//! The console: its endpoints under `/api/console/v1`, and its pages.
//!
//! A handler that takes [`signed::Signed`] is reached only by a signed-in person, and, when it changes something, only with the
//! token of the session; the caller of use cases comes out of it only together with a permission.

mod agents;
mod apps;
mod body;
mod chat;
mod cookie;
mod mappings;
mod pages;
mod session;
mod signed;

use crate::error::Problem;
use axum::{
    Router,
    http::{HeaderValue, header},
    routing::{get, post, put},
};
use service::Ctx;
use tower_http::set_header::SetResponseHeaderLayer;
use types::Error;

/// Every route of the console; what no route knows becomes its page, but for the paths of the APIs.
pub fn router() -> Router<Ctx> {
    Router::new()
        .nest("/api/console/v1", api())
        .route("/assets/{*path}", get(pages::asset))
        .fallback(pages::page)
}

fn api() -> Router<Ctx> {
    Router::new()
        .route("/setup", get(session::setup_needed).post(session::set_up))
        .route(
            "/session",
            get(session::show)
                .post(session::sign_in)
                .delete(session::sign_out),
        )
        .route("/session/confirm", post(session::confirm))
        .route("/session/password", put(session::change_password))
        .route("/agents", get(agents::list))
        .route("/agents/{botId}", get(agents::show).delete(agents::remove))
        .route("/agents/{botId}/report", get(agents::report))
        .route("/agents/{botId}/export", get(agents::export))
        .route("/agents/{botId}/chat", post(chat::say))
        .route("/agents/{botId}/scope-mappings", get(mappings::list))
        .route(
            "/agents/{botId}/scope-mappings/{clientId}",
            put(mappings::set).delete(mappings::remove),
        )
        .route(
            "/agents/{botId}/scope-mappings/{clientId}/revoke",
            post(mappings::revoke),
        )
        .route("/scopes", get(mappings::catalogue))
        .route("/apps", get(apps::list).post(apps::create))
        .route(
            "/apps/{clientId}",
            get(apps::show).patch(apps::change).delete(apps::remove),
        )
        .route("/apps/{clientId}/dependents", get(apps::dependents))
        .route("/apps/{clientId}/secret/reveal", post(apps::reveal))
        .route("/apps/{clientId}/secret/rotate", post(apps::rotate))
        .route(
            "/apps/{clientId}/agents/{botId}",
            put(apps::link).delete(apps::unlink),
        )
        .fallback(unknown)
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
}

async fn unknown() -> Problem {
    Problem(Error::not_found("There is no such endpoint"))
}
