//! JSON bodies and ids of paths, with our own refusals.

use crate::error::Problem;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use serde::de::DeserializeOwned;
use service::training::seen::Seen;
use std::collections::HashMap;
use types::{
    Error, Result, codes,
    id::{BotId, ClientId},
};

/// A body of JSON. Another content type is refused, so that no foreign form can send one.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Error::bad_input("The body must be application/json").into());
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|e| Error::bad_input(e.body_text()))?;
        // the parser's text can quote what was sent, which may be a password
        let read = serde_json::from_slice(&bytes).map_err(|error| {
            let text = "is not a JSON object with the fields of this request";
            Error::field("body", format!("{text} (line {})", error.line()))
        })?;
        Ok(Self(read))
    }
}

/// The agent's id of a path.
///
/// # Errors
/// The same as for an unknown agent.
pub fn bot(text: &str) -> Result<BotId> {
    BotId::parse(text).ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))
}

/// The client id of a path.
///
/// # Errors
/// The same as for an unknown app.
pub fn client(text: &str) -> Result<ClientId> {
    ClientId::parse(text).ok_or_else(|| Error::not_found("App not found"))
}

/// `language` of a query.
pub fn language(query: &HashMap<String, String>) -> Option<&str> {
    let given = query.get("language").map(String::as_str);
    given.filter(|code| !code.is_empty())
}

/// The state that `if-match` names.
pub fn seen(headers: &HeaderMap) -> Seen {
    let given = headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok());
    Seen(given.map(|tag| tag.trim().trim_matches('"').to_owned()))
}
