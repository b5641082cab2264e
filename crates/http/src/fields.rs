//! A body of JSON, read field by field.

use serde_json::{Map, Value};
use std::{collections::HashMap, str::FromStr};
use types::{Error, Field, Result};

/// A body of JSON, read field by field, so that every wrong field is named at once.
pub(crate) struct Fields {
    pub(crate) body: Map<String, Value>,
    pub(crate) wrong: Vec<Field>,
}

impl Fields {
    pub(crate) fn read(body: &[u8]) -> Result<Self> {
        // the parser's text can quote what was sent
        let body = serde_json::from_slice(body).map_err(|error| {
            let at = (error.line(), error.column());
            Error::field(
                "body",
                format!("must be a JSON object (line {}, column {})", at.0, at.1),
            )
        })?;
        Ok(Self {
            body,
            wrong: Vec::new(),
        })
    }

    /// The members of a value that is an object.
    pub(crate) fn of(value: Value) -> Result<Self> {
        match value {
            Value::Object(body) => Ok(Self {
                body,
                wrong: Vec::new(),
            }),
            _ => Err(Error::field("body", "must be a JSON object")),
        }
    }

    /// A member as it is.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        self.body.get(name).cloned()
    }

    /// True or false, and nothing else.
    pub(crate) fn required_flag(&mut self, name: &str) -> bool {
        match self.body.get(name) {
            Some(Value::Bool(flag)) => *flag,
            _ => {
                self.wrong(name, "must be true or false");
                false
            }
        }
    }

    pub(crate) fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.wrong.push(Field {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// A text without white space around it; blank counts as missing.
    pub(crate) fn text(&mut self, name: &str, required: bool) -> Option<String> {
        match self.body.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            None | Some(Value::Null | Value::String(_)) => {
                if required {
                    self.wrong(name, "is required");
                }
                None
            }
            Some(_) => {
                self.wrong(name, "must be a text");
                None
            }
        }
    }

    /// One of these words.
    pub(crate) fn word(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let text = self.text(name, false)?;
        let found = words.iter().find(|word| **word == text).copied();
        if found.is_none() {
            self.wrong(name, format!("must be one of {}", words.join(", ")));
        }
        found
    }

    pub(crate) fn flag(&mut self, name: &str, default: bool) -> bool {
        match self.body.get(name) {
            None | Some(Value::Null) => default,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.wrong(name, "must be true or false");
                default
            }
        }
    }

    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        match self.body.get(name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) if items.iter().all(Value::is_string) => items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            Some(_) => {
                self.wrong(name, "must be a list of texts");
                Vec::new()
            }
        }
    }

    pub(crate) fn done(self) -> Result<()> {
        if self.wrong.is_empty() {
            Ok(())
        } else {
            Err(Error::fields(self.wrong))
        }
    }
}

/// A query string, read parameter by parameter, so that every wrong one is named at once. Blank counts as missing.
pub(crate) struct QueryFields<'q> {
    query: &'q HashMap<String, String>,
    wrong: Vec<Field>,
}

impl<'q> QueryFields<'q> {
    pub(crate) fn new(query: &'q HashMap<String, String>) -> Self {
        Self {
            query,
            wrong: Vec::new(),
        }
    }

    pub(crate) fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.wrong.push(Field {
            field: name.to_owned(),
            message: message.into(),
        });
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'q str> {
        let text = self.query.get(name)?.trim();
        (!text.is_empty()).then_some(text)
    }

    pub(crate) fn required(&mut self, name: &str) -> &'q str {
        let text = self.text(name);
        if text.is_none() {
            self.wrong(name, "is required");
        }
        text.unwrap_or_default()
    }

    /// One of these words.
    pub(crate) fn word(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let text = self.text(name)?;
        let found = words.iter().find(|word| **word == text).copied();
        if found.is_none() {
            self.wrong(name, format!("must be one of {}", words.join(", ")));
        }
        found
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn number<N: FromStr + PartialOrd + std::fmt::Display>(
        &mut self,
        name: &str,
        least: N,
        most: Option<N>,
    ) -> Option<N> {
        let text = self.text(name)?;
        let fits = |n: &N| *n >= least && most.as_ref().is_none_or(|most| n <= most);
        let read = text.parse().ok().filter(fits);
        if read.is_none() {
            let most = most.as_ref();
            let range = most.map_or_else(
                || format!("{least} on"),
                |most| format!("{least} to {most}"),
            );
            self.wrong(name, format!("must be a whole number from {range}"));
        }
        read
    }

    /// What is read by other means; an id, for instance.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &str,
        what: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let read = parse(self.text(name)?);
        if read.is_none() {
            self.wrong(name, format!("is not {what}"));
        }
        read
    }

    pub(crate) fn done(self) -> Result<()> {
        if self.wrong.is_empty() {
            Ok(())
        } else {
            Err(Error::fields(self.wrong))
        }
    }
}

/// The second of two, when the first is fine; else what is wrong with both.
pub(crate) fn both<T>(first: Result<()>, second: Result<T>) -> Result<T> {
    match (first, second) {
        (Ok(()), second) => second,
        (Err(first), Ok(_)) => Err(first),
        (Err(mut first), Err(second)) => {
            first.fields.extend(second.fields);
            Err(first)
        }
    }
}
