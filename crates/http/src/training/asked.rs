//! Query parameters of the knowledge operations.

use std::collections::HashMap;
use types::{Error, Field, Result};

/// Parameters of a query, so that every wrong one is named; an empty one counts as missing.
pub(super) struct Asked<'a> {
    query: &'a HashMap<String, String>,
    wrong: Vec<Field>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(query: &'a HashMap<String, String>) -> Self {
        Self {
            query,
            wrong: Vec::new(),
        }
    }

    pub(super) fn wrong(&mut self, name: &str, message: String) {
        self.wrong.push(Field {
            field: name.to_owned(),
            message,
        });
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = self.query.get(name).map(|text| text.trim());
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub(super) fn required(&mut self, name: &str) -> String {
        let text = self.text(name);
        if text.is_none() {
            self.wrong(name, "is required".to_owned());
        }
        text.unwrap_or_default()
    }

    pub(super) fn number(
        &mut self,
        name: &str,
        least: usize,
        most: usize,
        default: usize,
    ) -> usize {
        let Some(text) = self.text(name) else {
            return default;
        };
        match text.parse().ok().filter(|n| (least..=most).contains(n)) {
            Some(number) => number,
            None => {
                let range = match most {
                    usize::MAX => format!("must be a whole number from {least}"),
                    most => format!("must be a whole number from {least} to {most}"),
                };
                self.wrong(name, range);
                default
            }
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.text(name).map(|text| text.to_lowercase()).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                self.wrong(name, "must be true or false".to_owned());
                false
            }
        }
    }

    /// `state`: whether the published copy is meant.
    pub(super) fn published(&mut self, default: Option<&str>) -> bool {
        let state = self.text("state").or_else(|| default.map(str::to_owned));
        match state.map(|text| text.to_lowercase()).as_deref() {
            Some("configured") => false,
            Some("published") => true,
            Some(_) => {
                self.wrong("state", "must be configured or published".to_owned());
                false
            }
            None => {
                self.wrong("state", "is required".to_owned());
                false
            }
        }
    }

    pub(super) fn done(self) -> Result<()> {
        match self.wrong.is_empty() {
            true => Ok(()),
            false => Err(Error::fields(self.wrong)),
        }
    }
}
