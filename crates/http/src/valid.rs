//! What comes in, decoded and then checked as a whole: every fault gets an entry of its own in the answer.
//!
//! A handler takes [`Valid<T>`] last, after its [`crate::auth::Allowed`]: nothing is read for a caller whom the gate refuses.

use crate::error::Public;
use axum::{
    body::Bytes,
    extract::{FromRequest, Query, Request},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use serde_json::{Map, Value};
use std::collections::HashMap;
use types::{Error, Field, Result, codes};

/// Levels of arrays and objects in a body at most.
pub const DEPTH: usize = 127;

/// Something that is read from body, query string and headers.
pub trait Input: Sized {
    /// Whether a body must be there.
    const BODY_REQUIRED: bool = false;
    /// Reads it; what is wrong is noted in `fields`.
    fn read(fields: &mut Fields) -> Self;
}

/// Decoded and checked.
pub struct Valid<T>(pub T);

impl<S: Send + Sync, T: Input> FromRequest<S> for Valid<T> {
    type Rejection = Public;

    async fn from_request(request: Request, state: &S) -> Result<Self, Public> {
        let headers = request.headers().clone();
        let query = Query::try_from_uri(request.uri());
        let Query(query) = query
            .map_err(|e| Error::field("query", format!("cannot be read: {}", e.body_text())))?;
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|refused| match refused.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::of(&codes::BODY_LONG),
            _ => Error::field("body", "was cut off"),
        })?;
        let mut fields = Fields::new(&bytes, query, headers, T::BODY_REQUIRED)?;
        let read = T::read(&mut fields);
        fields.done()?;
        Ok(Self(read))
    }
}

/// Reads JSON with clear words for what is not JSON.
///
/// # Errors
/// Bad input on `body`: no UTF-8, no JSON, nested too deep.
pub fn json(body: &[u8]) -> Result<Value> {
    let wrong = |text: String| Error::field("body", text);
    if let Err(error) = std::str::from_utf8(body) {
        return Err(wrong(format!(
            "is not UTF-8 (byte {})",
            error.valid_up_to()
        )));
    }
    serde_json::from_slice(body).map_err(|error| {
        if error.to_string().starts_with("recursion limit") {
            return wrong(format!("must not be nested deeper than {DEPTH} levels"));
        }
        wrong(format!("must be a JSON object: {error}"))
    })
}

/// The fields of a request, and what is wrong with them. The body wins over the query string (ours).
pub struct Fields {
    body: Map<String, Value>,
    query: HashMap<String, String>,
    headers: HeaderMap,
    wrong: Vec<Field>,
}

impl Fields {
    /// An empty body counts as no body.
    ///
    /// # Errors
    /// Bad input on `body`.
    pub fn new(
        body: &[u8],
        query: HashMap<String, String>,
        headers: HeaderMap,
        required: bool,
    ) -> Result<Self> {
        let body = match body.iter().all(u8::is_ascii_whitespace) {
            true if required => {
                return Err(Error::field("body", "must be a JSON object, and is empty"));
            }
            true => Map::new(),
            false => match json(body)? {
                Value::Object(body) => body,
                _ => return Err(Error::field("body", "must be a JSON object")),
            },
        };
        let wrong = Vec::new();
        Ok(Self {
            body,
            query,
            headers,
            wrong,
        })
    }

    fn raw(&self, name: &str) -> Option<Value> {
        let of_body = self.body.get(name).filter(|v| !v.is_null()).cloned();
        of_body.or_else(|| self.query.get(name).map(|t| Value::String(t.clone())))
    }

    fn read<T>(&mut self, name: &str, what: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = self.raw(name)?;
        let read = read(&value);
        if read.is_none() {
            self.refuse(name, &format!("must be {what}"));
        }
        read
    }

    /// Notes that something is wrong with a field.
    pub fn refuse(&mut self, field: &str, message: &str) {
        let (field, message) = (field.to_owned(), message.to_owned());
        self.wrong.push(Field { field, message });
    }

    /// A header that is not empty.
    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }
    /// A text that is not empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.read(name, "a text", |v| v.as_str().map(str::to_owned))
            .filter(|t| !t.is_empty())
    }
    /// A day or a moment in UTC, as the lists of messages and sessions take it.
    pub fn date(&mut self, name: &str) -> Option<String> {
        let what = "a date as yyyy-mm-dd or yyyy-mm-ddThh:mm:ss.msZ";
        let read = self.read(name, what, |v| {
            let text = v.as_str()?;
            (text.is_empty() || service::analytics::window::is_date(text)).then(|| text.to_owned())
        });
        read.filter(|text| !text.is_empty())
    }
    /// A text that must be there.
    pub fn required(&mut self, name: &str) -> String {
        let message = match self.raw(name) {
            None => "is required",
            Some(Value::String(text)) if text.trim().is_empty() => "must not be empty",
            Some(Value::String(text)) => return text,
            Some(_) => "must be a text",
        };
        self.refuse(name, message);
        String::new()
    }
    /// A whole number from 0.
    pub fn count(&mut self, name: &str) -> Option<u64> {
        self.read(name, "a whole number from 0", |v| {
            v.as_u64().or_else(|| v.as_str()?.trim().parse().ok())
        })
    }
    /// A number.
    pub fn number(&mut self, name: &str) -> Option<f64> {
        self.read(name, "a number", |v| {
            v.as_f64().or_else(|| v.as_str()?.trim().parse().ok())
        })
    }
    /// A boolean; an empty text means no.
    pub fn flag(&mut self, name: &str) -> bool {
        let read = self.read(name, "true or false", |v| {
            v.as_bool().or_else(|| match v.as_str()?.trim() {
                "" | "false" => Some(false),
                "true" => Some(true),
                _ => None,
            })
        });
        read.unwrap_or(false)
    }
    /// A list of texts, or one text.
    pub fn texts(&mut self, name: &str) -> Vec<String> {
        let read = self.read(name, "a list of texts", |v| match v {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(all) => all.iter().map(|v| v.as_str().map(str::to_owned)).collect(),
            _ => None,
        });
        read.unwrap_or_default()
    }
    /// An object, in the query string as JSON text.
    pub fn object(&mut self, name: &str) -> Option<Value> {
        self.read(name, "an object", |v| match v {
            Value::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        })
    }
    /// Everything could be read.
    ///
    /// # Errors
    /// Bad input that names each wrong field.
    pub fn done(self) -> Result<()> {
        if self.wrong.is_empty() {
            Ok(())
        } else {
            Err(Error::fields(self.wrong))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &[u8], query: &[(&str, &str)]) -> Result<Fields> {
        let query = query
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Fields::new(body, query.collect(), HeaderMap::new(), false)
    }

    #[test]
    fn every_wrong_field_is_named_and_the_body_wins() {
        let query = [("limit", "7"), ("skip", "x")];
        let mut read = fields(br#"{"limit": 5, "forward": "maybe"}"#, &query).expect("body");
        assert_eq!(read.count("limit"), Some(5));
        assert_eq!(read.count("skip"), None);
        assert!(!read.flag("forward"));
        assert_eq!(read.required("input"), "");
        let error = read.done().expect_err("wrong");
        let named: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(named, ["skip", "forward", "input"]);
        assert!(fields(b"[1]", &[]).is_err());
        assert!(fields(b" ", &[]).is_ok());
    }

    #[test]
    fn a_body_that_is_no_json_is_refused_with_the_reason() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for (body, text) in [
            (&b"{\"a\": \"\xff\"}"[..], "body: is not UTF-8 (byte 7)"),
            (
                deep.as_bytes(),
                "body: must not be nested deeper than 127 levels",
            ),
            (b"7", "body: must be a JSON object"),
        ] {
            let error = fields(body, &[]).err().expect("wrong");
            assert_eq!(error.message, text);
        }
    }
}
