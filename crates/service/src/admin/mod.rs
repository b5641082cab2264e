//! Accounts with their rules, client apps, scopes and tokens.

pub mod accounts;
mod app_key;
pub mod apps;
pub mod bots;
pub mod data_grants;
pub mod keys;
pub mod payload;
pub mod scopes;
pub mod security;
pub mod tokens;

use types::{Error, Field, Kind, Result};

/// What is wrong with the fields of a request, so that all of it is told at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Field>);

impl Faults {
    /// What could be read; what is wrong with fields is noted.
    ///
    /// # Errors
    /// Every error that is not about fields.
    pub(crate) fn take<T>(&mut self, read: Result<T>) -> Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.kind == Kind::BadInput && !error.fields.is_empty() => {
                self.0.extend(error.fields);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Notes what is wrong with a field.
    pub(crate) fn say(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Field {
            field: field.into(),
            message: message.into(),
        });
    }

    /// Nothing was wrong.
    ///
    /// # Errors
    /// Bad input that names each field.
    pub(crate) fn done(self) -> Result<()> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Error::fields(self.0)),
        }
    }
}

/// Checks a name of a thing: trimmed, 1 to 64 characters, none that is not seen (console.md section 4.2).
///
/// # Errors
/// Names the field.
pub fn checked_name(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 64 {
        return Err(Error::field(field, "must have 1 to 64 characters"));
    }
    let unseen = |c: char| c.is_control() || types::name::is_hidden(c);
    if text.chars().any(unseen) {
        return Err(Error::field(
            field,
            "must not hold control characters or others that are not seen",
        ));
    }
    Ok(text.to_owned())
}
