//! Tolerant readers of JSON members.

use serde_json::Value;

/// A string member, as written; empty when it is missing or no string.
pub(crate) fn text(value: &Value, key: &str) -> String {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
