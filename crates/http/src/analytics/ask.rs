//! Reads the filters of a query, from the body or the query string; the body wins (ours).

use serde_json::{Map, Value};
use std::collections::HashMap;
use types::{Error, Field, Result};

/// The filters, and what is wrong with them.
pub(super) struct Ask {
    body: Map<String, Value>,
    query: HashMap<String, String>,
    wrong: Vec<Field>,
}

impl Ask {
    /// An empty body counts as no body.
    pub fn new(body: &[u8], query: HashMap<String, String>) -> Result<Self> {
        let body = match body.iter().all(u8::is_ascii_whitespace) {
            true => Map::new(),
            false => serde_json::from_slice(body)
                .map_err(|e| Error::field("body", format!("must be a JSON object: {e}")))?,
        };
        let wrong = Vec::new();
        Ok(Self { body, query, wrong })
    }

    fn raw(&self, name: &str) -> Option<Value> {
        let of_body = self.body.get(name).filter(|v| !v.is_null()).cloned();
        of_body.or_else(|| self.query.get(name).map(|t| Value::String(t.clone())))
    }

    fn read<T>(&mut self, name: &str, what: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = self.raw(name)?;
        let read = read(&value);
        if read.is_none() {
            let (field, message) = (name.to_owned(), format!("must be {what}"));
            self.wrong.push(Field { field, message });
        }
        read
    }

    /// A text that is not empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.read(name, "a text", |v| v.as_str().map(str::to_owned))
            .filter(|t| !t.is_empty())
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
    /// A boolean.
    pub fn flag(&mut self, name: &str) -> bool {
        let read = self.read(name, "true or false", |v| {
            v.as_bool().or_else(|| v.as_str()?.parse().ok())
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

    #[test]
    fn every_wrong_field_is_named_and_the_body_wins() {
        let query = HashMap::from([
            ("limit".to_owned(), "7".to_owned()),
            ("skip".to_owned(), "x".to_owned()),
        ]);
        let mut ask = Ask::new(br#"{"limit": 5, "forward": "maybe"}"#, query).expect("body");
        assert_eq!(ask.count("limit"), Some(5));
        assert_eq!(ask.count("skip"), None);
        assert!(!ask.flag("forward"));
        let error = ask.done().expect_err("wrong");
        let named: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(named, ["skip", "forward"]);
        assert!(Ask::new(b"[1]", HashMap::new()).is_err());
        assert!(Ask::new(b" ", HashMap::new()).is_ok());
    }
}
