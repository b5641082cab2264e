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

use types::{Error, Result};

/// Checks a name of a thing: trimmed, 1 to 64 characters, no control characters (console.md section 4.2).
///
/// # Errors
/// Names the field.
pub fn checked_name(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 64 {
        return Err(Error::field(field, "must have 1 to 64 characters"));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::field(field, "must not hold control characters"));
    }
    Ok(text.to_owned())
}
