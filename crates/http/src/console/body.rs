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
        let schema = T::schema();
        // the parser's text can quote what was sent, which may be a password
        let read = serde_json::from_slice(&bytes).map_err(|error| {
            if let Some(name) = twice(&error.to_string()) {
                return Error::field(name, "must not come twice");
            }
            let wrong = faults(&bytes, &schema);
            if !wrong.is_empty() {
                return Error::fields(wrong);
            }
            let text = "is not a JSON object with the fields of this request";
            Error::field("body", format!("{text} (line {})", error.line()))
        })?;
        // a list would be read member by member, and what is not known would be passed over
        let wrong = faults(&bytes, &schema);
        if !wrong.is_empty() {
            return Err(Error::fields(wrong).into());
        }
        Ok(Self(read))
    }
}

/// The member that comes twice, of which the parser told.
fn twice(error: &str) -> Option<&str> {
    let rest = error.strip_prefix("duplicate field `")?;
    rest.split('`').next()
}

/// Which members of a body do not fit the schema of what it should be. Values are never quoted: one may be a password.
fn faults(bytes: &[u8], schema: &RefOr<Schema>) -> Vec<Field> {
    let schema = serde_json::to_value(schema).unwrap_or_default();
    let body = serde_json::from_slice(bytes);
    let Some(known) = schema["properties"].as_object() else {
        return Vec::new();
    };
    let body = match body {
        Ok(Value::Object(body)) => body,
        Ok(_) => {
            return vec![Field {
                field: "body".to_owned(),
                message: "must be a JSON object".to_owned(),
            }];
        }
        Err(_) => return Vec::new(),
    };
    let required = schema["required"].as_array().into_iter().flatten();
    let required: Vec<&str> = required.filter_map(Value::as_str).collect();
    let missing = known.keys().filter(|name| !body.contains_key(*name));
    let missing = missing
        .filter(|name| required.contains(&name.as_str()))
        .map(|name| (name, "is required".to_owned()));
    let unfit = known.iter().filter_map(|(name, schema)| {
        let kinds = kinds(schema);
        let value = body.get(name);
        let fits = kinds.is_empty() || kinds.iter().any(|kind| is(kind, value));
        if !fits {
            return Some((name, format!("must be {}", words(&kinds))));
        }
        let more = out_of_range(schema, value).or_else(|| wrong_item(schema, value));
        more.map(|message| (name, message))
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

/// What is wrong with a whole number that is too small or too large.
fn out_of_range(schema: &Value, value: Option<&Value>) -> Option<String> {
    let value = value?.as_number()?;
    let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
    let most = match schema["format"].as_str() {
        Some("int32") => i64::from(i32::MAX),
        _ => i64::MAX,
    };
    if value.as_i64().is_some_and(|n| n < least) {
        return Some(format!("must be {least} at least"));
    }
    let large = value.is_u64() && value.as_i64().is_none_or(|n| n > most);
    large.then(|| format!("must be {most} at most"))
}

/// What is wrong with the items of a list.
fn wrong_item(schema: &Value, value: Option<&Value>) -> Option<String> {
    let kinds = kinds(&schema["items"]);
    let fits = |item: &Value| kinds.iter().any(|kind| is(kind, Some(item)));
    let wrong = !kinds.is_empty() && !value?.as_array()?.iter().all(fits);
    wrong.then(|| format!("must be a list in which each item is {}", words(&kinds)))
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
        tags: Option<Vec<String>>,
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
        for (body, message) in [
            (&b"[]"[..], "body must be a JSON object"),
            (
                br#"{"firstName": "a", "on": true, "count": -1}"#,
                "count must be 0 at least",
            ),
            (
                br#"{"firstName": "a", "on": true, "count": 99999999999}"#,
                "count must be 2147483647 at most",
            ),
            (
                br#"{"firstName": "a", "on": true, "tags": ["a", 1]}"#,
                "tags must be a list in which each item is a text",
            ),
        ] {
            let wrong = faults(body, &Sample::schema());
            let told: Vec<String> = wrong
                .iter()
                .map(|field| format!("{} {}", field.field, field.message))
                .collect();
            assert_eq!(told, [message]);
        }
        let fine = br#"{"firstName": "a", "on": true, "count": 7, "tags": ["a"]}"#;
        assert!(faults(fine, &Sample::schema()).is_empty());
        assert_eq!(twice("duplicate field `on` at line 1"), Some("on"));
        assert_eq!(twice("invalid type"), None);
    }
}
