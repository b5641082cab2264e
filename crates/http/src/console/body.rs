//! JSON bodies and ids of paths, with our own refusals.

use crate::error::Problem;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use service::training::seen::Seen;
use std::collections::HashMap;
use types::{
    Error, Field, Result, codes,
    id::{BotId, ClientId},
};
use utoipa::{
    PartialSchema,
    openapi::{RefOr, Schema},
};

/// A body of JSON. Another content type is refused, so that no foreign form can send one.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + PartialSchema> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Error::bad_input("The body must be application/json").into());
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|e| match e.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::of(&codes::BODY_LONG),
            _ => Error::bad_input(e.body_text()),
        })?;
        // the parser's text can quote what was sent, which may be a password
        let read = serde_json::from_slice(&bytes).map_err(|error| {
            let wrong = faults(&bytes, &T::schema());
            if !wrong.is_empty() {
                return Error::fields(wrong);
            }
            let text = "is not a JSON object with the fields of this request";
            Error::field("body", format!("{text} (line {})", error.line()))
        })?;
        Ok(Self(read))
    }
}

/// Which members of a body do not fit the schema of what it should be. Values are never quoted: one may be a password.
fn faults(bytes: &[u8], schema: &RefOr<Schema>) -> Vec<Field> {
    let schema = serde_json::to_value(schema).unwrap_or_default();
    let body = serde_json::from_slice(bytes);
    let (Ok(Value::Object(body)), Some(known)) = (body, schema["properties"].as_object()) else {
        return Vec::new();
    };
    let required = schema["required"].as_array().into_iter().flatten();
    let required: Vec<&str> = required.filter_map(Value::as_str).collect();
    let missing = known.keys().filter(|name| !body.contains_key(*name));
    let missing = missing
        .filter(|name| required.contains(&name.as_str()))
        .map(|name| (name, "is required".to_owned()));
    let unfit = known.iter().filter_map(|(name, schema)| {
        let kinds = kinds(schema);
        let fits = kinds.is_empty() || kinds.iter().any(|kind| is(kind, body.get(name)));
        (!fits).then(|| (name, format!("must be {}", words(&kinds))))
    });
    let unknown = body.keys().filter(|name| !known.contains_key(*name));
    let unknown = unknown.map(|name| (name, "is not a field of this request".to_owned()));
    missing
        .chain(unfit)
        .chain(unknown)
        .map(|(name, message)| Field {
            field: name.chars().take(100).collect(),
            message,
        })
        .collect()
}

/// The JSON types that a schema names; none: not looked at here.
fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is(kind: &str, value: Option<&Value>) -> bool {
    match (kind, value) {
        // what is missing is looked at on its own
        (_, None) | ("null", Some(Value::Null)) => true,
        ("string", Some(value)) => value.is_string(),
        ("boolean", Some(value)) => value.is_boolean(),
        ("integer", Some(value)) => value.is_i64() || value.is_u64(),
        ("number", Some(value)) => value.is_number(),
        ("array", Some(value)) => value.is_array(),
        ("object", Some(value)) => value.is_object(),
        _ => false,
    }
}

fn words(kinds: &[&str]) -> String {
    let word = |kind: &&str| match *kind {
        "string" => "a text",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "array" => "a list",
        "object" => "an object",
        _ => "null",
    };
    kinds.iter().map(word).collect::<Vec<_>>().join(" or ")
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

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::ToSchema;

    #[derive(serde::Deserialize, ToSchema)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[allow(dead_code, reason = "read to see what is refused")]
    struct Sample {
        first_name: String,
        count: Option<u32>,
        on: bool,
    }

    #[test]
    fn every_member_that_does_not_fit_is_named_and_no_value_is_quoted() {
        let body = br#"{"count": "secret", "on": "secret", "more": "secret"}"#;
        assert!(serde_json::from_slice::<Sample>(body).is_err());
        let wrong = faults(body, &Sample::schema());
        let told: Vec<String> = wrong
            .iter()
            .map(|field| format!("{} {}", field.field, field.message))
            .collect();
        assert_eq!(
            told,
            [
                "firstName is required",
                "count must be a whole number or null",
                "on must be true or false",
                "more is not a field of this request",
            ]
        );
        assert!(faults(b"[]", &Sample::schema()).is_empty());
    }
}
