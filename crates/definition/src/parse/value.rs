//! Tolerant readers of JSON members: what is missing or of another type gives a default.

use crate::Localized;
use crate::text::decode;
use serde_json::Value;

/// A string member, as written; empty when it is missing or no string.
pub(crate) fn raw(value: &Value, key: &str) -> String {
    value.get(key).map(scalar).unwrap_or_default()
}

/// A string member, decoded; empty when it is missing.
pub(crate) fn text(value: &Value, key: &str) -> String {
    decode(&raw(value, key)).into_owned()
}

/// A string member, decoded; `None` when it is missing or blank.
pub(crate) fn some_text(value: &Value, key: &str) -> Option<String> {
    Some(text(value, key)).filter(|text| !text.trim().is_empty())
}

/// A string, or a number or boolean written out; empty for the rest.
pub(crate) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

/// A boolean member, also written as a string or number.
pub(crate) fn flag(value: &Value, key: &str, default: bool) -> bool {
    match value.get(key) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => true,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => false,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        _ => default,
    }
}

/// A number member, also written as a string.
pub(crate) fn number(value: &Value, key: &str) -> Option<f64> {
    match value.get(key)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// A whole number of at least 0.
pub(crate) fn count(value: &Value, key: &str) -> Option<u32> {
    number(value, key)
        .filter(|number| (0.0..=f64::from(u32::MAX)).contains(number))
        .map(|number| number as u32)
}

/// A list member; empty when it is missing, null or no list.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The strings of a list member, decoded, blanks left out. One string stands for a list of one.
pub(crate) fn texts(value: &Value, key: &str) -> Vec<String> {
    match value.get(key) {
        Some(Value::Array(items)) => items
            .iter()
            .map(scalar)
            .map(|t| decode(&t).into_owned())
            .collect(),
        Some(Value::String(text)) => vec![decode(text).into_owned()],
        _ => Vec::new(),
    }
    .into_iter()
    .filter(|text| !text.trim().is_empty())
    .collect()
}

/// Names of context tags: a list of names, or of objects with a `name` or `tag`.
pub(crate) fn tag_names(value: &Value, key: &str) -> Vec<String> {
    let name = |item: &Value| match item {
        Value::Object(_) => some_text(item, "name").or_else(|| some_text(item, "tag")),
        Value::String(_) => Some(decode(&scalar(item)).into_owned()),
        _ => None,
    };
    let names = list(value, key).iter().filter_map(name);
    names
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// A member that is an object; null stands for a missing one.
pub(crate) fn object<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// `localeData` of `value`, each language read by `read`; languages without content are left out.
pub(crate) fn localized<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Localized<T> {
    let Some(map) = object(value, "localeData").as_object() else {
        return Localized::default();
    };
    Localized::new(
        map.iter()
            .filter_map(|(code, content)| Some((code.clone(), read(content)?)))
            .collect(),
    )
}

/// A string of `localeData`.
pub(crate) fn localized_text(value: &Value, key: &str) -> Localized<String> {
    localized(value, |content| some_text(content, key))
}

/// A JSON document that is written as a string, or stands there as it is.
pub(crate) fn embedded(value: &Value, key: &str) -> Value {
    match value.get(key) {
        Some(Value::String(text)) => serde_json::from_str(&decode(text)).unwrap_or(Value::Null),
        Some(other) => other.clone(),
        None => Value::Null,
    }
}
