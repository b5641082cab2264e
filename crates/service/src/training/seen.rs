//! The state of a part of the draft that somebody saw before changing it.

use serde_json::Value;
use types::{Error, Result, codes};

/// Digits of a state; enough to tell two of them apart.
const DIGITS: usize = 24;

/// A short name of a value's state.
pub fn tag(value: &Value) -> String {
    let mut digest = crypt::sha256_hex(value.to_string().as_bytes());
    digest.truncate(DIGITS);
    digest
}

/// The state that a change was made on; none: whatever it is.
#[derive(Debug, Clone, Default)]
pub struct Seen(pub Option<String>);

impl Seen {
    /// Passes when the state is still the one that was seen.
    ///
    /// # Errors
    /// [`codes::AGENT_CHANGED`].
    pub fn check(&self, now: &str) -> Result<()> {
        match &self.0 {
            Some(seen) if seen != "*" && seen != now => Err(Error::of(&codes::AGENT_CHANGED)),
            _ => Ok(()),
        }
    }
}
