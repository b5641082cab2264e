//! `findIntent`.

use crate::{
    auth::{Allowed, Operation},
    error::Public,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    http::HeaderMap,
};
use serde_json::{Map, Value};
use service::{
    Ctx,
    training::find_intent::{self, Answer},
};
use std::collections::HashMap;
use types::{Error, Field, Result};

/// Finds what one text means.
pub struct FindIntent;

impl Operation for FindIntent {
    const ID: &'static str = "findIntent";
}

/// The handler. The answer comes at once, whatever `sync` says.
///
/// # Errors
/// Bad input that names each wrong field; the agent is not published or not trained.
pub async fn find(
    State(ctx): State<Ctx>,
    allowed: Allowed<FindIntent>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Answer>, Public> {
    let wanted = read(&query, &headers, &body)?;
    let answer = find_intent::find_intent(&ctx, &allowed.caller, &allowed.bot, wanted).await?;
    Ok(Json(answer))
}

/// Reads a request; the language of the header goes before that of the body (ours).
fn read(
    query: &HashMap<String, String>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<find_intent::Query> {
    let body: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|e| Error::field("body", format!("must be a JSON object: {e}")))?;
    let mut wrong = Vec::new();
    let mut text = |name: &str, required: bool| match body.get(name) {
        Some(Value::String(text)) if !required || !text.trim().is_empty() => Some(text.clone()),
        None | Some(Value::Null) if !required => None,
        other => {
            let message = match other {
                None | Some(Value::Null) => "is required",
                Some(Value::String(_)) => "must not be empty",
                Some(_) => "must be a text",
            };
            wrong.push(Field {
                field: name.to_owned(),
                message: message.to_owned(),
            });
            None
        }
    };
    let (input, stream_name) = (text("input", true), text("streamName", true));
    let (parent, in_body) = (text("parentIntent", false), text("bot-language", false));
    let mut flag = |name: &str| match query.get(name).map(|t| t.trim()) {
        None | Some("" | "false") => false,
        Some("true") => true,
        Some(_) => {
            wrong.push(Field {
                field: name.to_owned(),
                message: "must be true or false".to_owned(),
            });
            false
        }
    };
    let configured = flag("fetchConfiguredTasks");
    flag("sync");
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let header = headers.get("bot-language").and_then(|v| v.to_str().ok());
    let filled = |text: String| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    Ok(find_intent::Query {
        input: input.unwrap_or_default(),
        stream_name: stream_name.unwrap_or_default(),
        parent: parent.and_then(filled),
        language: header
            .map(str::to_owned)
            .and_then(filled)
            .or(in_body.and_then(filled)),
        configured,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let query = HashMap::from([("fetchConfiguredTasks".to_owned(), "maybe".to_owned())]);
        let body = br#"{"input": " ", "parentIntent": 5}"#;
        let error = read(&query, &HeaderMap::new(), body).expect_err("wrong");
        let named: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            named,
            [
                "input",
                "streamName",
                "parentIntent",
                "fetchConfiguredTasks"
            ]
        );
        assert!(read(&HashMap::new(), &HeaderMap::new(), b"").is_err());
    }

    #[test]
    fn the_language_of_the_header_goes_before_that_of_the_body() {
        let body = br#"{"input": "hi", "streamName": "x", "bot-language": "de"}"#;
        let mut headers = HeaderMap::new();
        let none = HashMap::new();
        let language = |headers: &HeaderMap| read(&none, headers, body).expect("fine").language;
        assert_eq!(language(&headers).as_deref(), Some("de"));
        headers.insert("bot-language", "fr".parse().expect("value"));
        assert_eq!(language(&headers).as_deref(), Some("fr"));
    }
}
