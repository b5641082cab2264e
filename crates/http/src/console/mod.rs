//! The console: its endpoints under `/api/console/v1`, and its pages.
//!
//! A handler that takes [`signed::Signed`] is reached only by a signed-in person, and, when it changes something, only with the
//! token of the session; the caller of use cases comes out of it only together with a permission.

mod agents;
mod app_view;
mod apps;
mod audit;
mod body;
mod changes;
mod chat;
mod conversations;
mod cookie;
mod data_grants;
mod explain;
mod extractions;
mod factor;
mod faqs;
mod grants;
mod import;
mod intents;
mod jobs;
mod keys;
mod languages;
mod links;
mod mappings;
mod nlp;
mod nodes;
mod pages;
mod passkey;
mod patterns;
mod payload;
mod security;
mod session;
pub(crate) mod signed;
mod suites;
mod synonyms;
mod training;
mod training_files;
mod traits;
mod variables;
mod versions;

use crate::{document::Contents, error::Problem};
use axum::{
    http::{HeaderValue, header},
    routing::{MethodRouter, get},
};
use serde_json::json;
use service::Ctx;
use tower_http::set_header::SetResponseHeaderLayer;
use types::Error;
use utoipa_axum::routes;

pub use pages::page;

/// The handler of the console's files.
pub fn asset() -> MethodRouter<Ctx> {
    get(pages::asset)
}

/// Every path below `/api/console/v1`.
#[rustfmt::skip]
pub fn contents() -> Contents {
    Contents::default()
        .at("/setup", routes!(session::setup_needed, session::set_up))
        .at("/session", routes!(session::show, session::sign_in, session::sign_out))
        .at("/session/confirm", routes!(session::confirm))
        .at("/session/password", routes!(session::change_password))
        .at("/session/factors", routes!(factor::show))
        .at("/session/totp", routes!(factor::begin, factor::remove))
        .at("/session/totp/confirm", routes!(factor::confirm))
        .at("/session/recovery-codes", routes!(factor::renew))
        .at("/session/passkey", routes!(passkey::sign_in))
        .at("/session/passkey/challenge", routes!(passkey::challenge))
        .at("/session/passkeys", routes!(passkey::list, passkey::add))
        .at("/session/passkeys/options", routes!(passkey::options))
        .at("/session/passkeys/{id}", routes!(passkey::rename, passkey::remove))
        .at("/sessions", routes!(factor::sessions, factor::end_all))
        .at("/sessions/{sessionId}", routes!(factor::end))
        .at("/agents", routes!(agents::list))
        .at("/agents/{botId}", routes!(agents::show, agents::remove))
        .at("/agents/import", routes!(import::import))
        .at("/agents/{botId}/import", routes!(import::import_into))
        .at("/agents/{botId}/exports", routes!(import::export))
        .at("/agents/{botId}/exports/{jobId}", routes!(import::download))
        .at("/agents/{botId}/train", routes!(jobs::train))
        .at("/agents/{botId}/auto-train", routes!(agents::set_auto_train))
        .at("/agents/{botId}/publish", routes!(jobs::publish))
        .at("/jobs", routes!(jobs::list))
        .at("/jobs/{id}", routes!(jobs::show))
        .at("/agents/{botId}/report", routes!(agents::report))
        .at("/agents/{botId}/export", routes!(agents::export))
        .at("/agents/{botId}/versions", routes!(versions::list, versions::create))
        .at("/agents/{botId}/versions/{number}", routes!(versions::show, versions::remove))
        .at("/agents/{botId}/versions/{number}/restore", routes!(versions::restore))
        .at("/agents/{botId}/versions/{number}/compare", routes!(versions::compare))
        .at("/agents/{botId}/versions/{number}/export", routes!(versions::export))
        .at("/agents/{botId}/chat", routes!(chat::say))
        .at("/agents/{botId}/training/intents", routes!(intents::list))
        .at("/agents/{botId}/training/intents/{intentId}", routes!(intents::show))
        .at("/agents/{botId}/training/intents/{intentId}/lines", routes!(intents::add))
        .at("/agents/{botId}/training/intents/{intentId}/lines/remove", routes!(intents::remove))
        .at("/agents/{botId}/training/intents/{intentId}/lines/{lineId}", routes!(intents::change))
        .at("/agents/{botId}/training/intents/{intentId}/patterns", routes!(intents::patterns))
        .at("/agents/{botId}/training/patterns/test", routes!(patterns::test))
        .at("/agents/{botId}/training/traits", routes!(traits::list, traits::add))
        .at("/agents/{botId}/training/traits/{trait}", routes!(traits::change, traits::remove))
        .at("/agents/{botId}/training/utterances/import", routes!(training_files::import_utterances))
        .at("/agents/{botId}/training/utterances/export", routes!(training_files::export_utterances))
        .at("/agents/{botId}/training/synonyms", routes!(synonyms::list, synonyms::set))
        .at("/agents/{botId}/training/explain", routes!(explain::explain))
        .at("/agents/{botId}/training/status", routes!(training::show))
        .at("/agents/{botId}/training/quality", routes!(training::quality, training::test))
        .at("/agents/{botId}/training/config", routes!(nlp::show, nlp::change))
        .at("/agents/{botId}/faqs", routes!(faqs::list, faqs::add))
        .at("/agents/{botId}/faqs/{faqKey}", routes!(faqs::show, faqs::change, faqs::remove))
        .at("/agents/{botId}/extractions", routes!(extractions::list, extractions::page))
        .at("/agents/{botId}/extractions/file", routes!(extractions::from_file))
        .at("/agents/{botId}/extractions/{extractionId}", routes!(extractions::show))
        .at("/agents/{botId}/extractions/{extractionId}/add", routes!(extractions::add))
        .at("/agents/{botId}/graph/import", routes!(training_files::import_graph))
        .at("/agents/{botId}/graph/export", routes!(training_files::export_graph))
        .at("/agents/{botId}/graph/nodes", routes!(nodes::add))
        .at("/agents/{botId}/graph/nodes/{nodeId}", routes!(nodes::change, nodes::remove))
        .at("/agents/{botId}/conversation-suites", routes!(conversations::list, conversations::add))
        .at("/agents/{botId}/conversation-suites/{suite}", routes!(conversations::remove))
        .at("/agents/{botId}/conversation-suites/{suite}/export", routes!(conversations::export))
        .at("/agents/{botId}/conversation-suites/{suite}/runs", routes!(conversations::run))
        .at("/agents/{botId}/conversation-suites/{suite}/runs/{runId}", routes!(conversations::show))
        .at("/agents/{botId}/conversation-suites/{suite}/runs/{runId}/report", routes!(conversations::report))
        .at("/agents/{botId}/test-suites", routes!(suites::list, suites::add))
        .at("/agents/{botId}/test-suites/{suite}", routes!(suites::remove))
        .at("/agents/{botId}/test-suites/{suite}/runs", routes!(suites::run))
        .at("/agents/{botId}/test-suites/{suite}/runs/{runId}", routes!(suites::cases, suites::remove_run))
        .at("/agents/{botId}/test-suites/{suite}/runs/{runId}/report", routes!(suites::report))
        .at("/agents/{botId}/variables", routes!(variables::list))
        .at("/agents/{botId}/variables/{kind}", routes!(variables::add))
        .at("/agents/{botId}/variables/{kind}/{key}", routes!(variables::change, variables::remove))
        .at("/agents/{botId}/languages", routes!(languages::list, languages::add))
        .at("/agents/{botId}/languages/{code}", routes!(languages::enable))
        .at("/agents/{botId}/languages/{code}/default", routes!(languages::make_default))
        .at("/agents/{botId}/linked-apps", routes!(links::show, links::set))
        .at("/agents/{botId}/linked-apps/sync", routes!(links::sync))
        .at("/agents/{botId}/changes", routes!(changes::list))
        .at("/agents/{botId}/scope-mappings", routes!(mappings::list))
        .at("/agents/{botId}/scope-mappings/{clientId}", routes!(mappings::set, mappings::remove))
        .at("/agents/{botId}/scope-mappings/{clientId}/revoke", routes!(mappings::revoke))
        .at("/audit", routes!(audit::list))
        .at("/audit/export", routes!(audit::export))
        .at("/scopes", routes!(mappings::catalogue))
        .at("/apps", routes!(apps::list, apps::create))
        .at("/apps/{clientId}", routes!(apps::show, apps::change, apps::remove))
        .at("/apps/{clientId}/dependents", routes!(apps::dependents))
        .at("/apps/{clientId}/secret/reveal", routes!(apps::reveal))
        .at("/apps/{clientId}/secret/rotate", routes!(apps::rotate))
        .at("/apps/{clientId}/agents/{botId}", routes!(apps::link, apps::unlink))
        .at("/apps/{clientId}/key", routes!(apps::key))
        .at("/apps/{clientId}/key/end-grace", routes!(apps::end_grace))
        .at("/apps/{clientId}/payload-key", routes!(payload::set, payload::remove))
        .at("/apps/{clientId}/payload-key/try", routes!(payload::sample))
        .at("/apps/{clientId}/data-grants", routes!(data_grants::list, data_grants::set))
        .at("/account/scope-mappings", routes!(grants::list))
        .at("/account/scope-mappings/{clientId}", routes!(grants::set, grants::remove))
        .at("/keys", routes!(keys::list))
        .at("/keys/rotate", routes!(keys::rotate))
        .at("/keys/{kid}/retire", routes!(keys::retire))
        .at("/settings/security", routes!(security::show, security::change))
        .mark_all(&json!({"door": "console"}))
        .map(|router| router.fallback(unknown).layer(no_store()))
}

fn no_store() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

async fn unknown() -> Problem {
    Problem(Error::not_found("There is no such endpoint"))
}
