//! Members of the JSON of a definition, as an answer needs them.

use serde_json::Value;

/// A text; empty when missing.
pub(super) fn text(raw: &Value, key: &str) -> String {
    raw[key].as_str().unwrap_or_default().to_owned()
}

/// The texts of a list.
pub(super) fn texts(raw: &Value, key: &str) -> Vec<String> {
    let list = raw[key].as_array().into_iter().flatten();
    list.filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

/// A switch, also written as text.
pub(super) fn on(raw: &Value, key: &str, default: bool) -> bool {
    match &raw[key] {
        Value::Bool(flag) => *flag,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => default,
    }
}
