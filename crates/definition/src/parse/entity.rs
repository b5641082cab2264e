//! Entities.

use super::value::{flag, list, localized, object, raw, scalar, some_text, text, texts};
use crate::text::decode;
use crate::{ContextList, Entity, EntityType, ListValue, Matching, Synonym};
use serde_json::Value;

pub(crate) fn entity(value: &Value) -> Entity {
    Entity {
        entity_type: EntityType::from_name(&raw(value, "entityType")),
        is_array: flag(value, "isArray", false),
        values: localized(value, |content| {
            Some(list_values(object(content, "allowedValues"), "values"))
                .filter(|values| !values.is_empty())
        }),
        lookup: list_values(value, "lookupValues"),
        context_list: localized(value, |content| {
            context_list(object(content, "allowedValues"))
        }),
        synonyms: localized(value, |content| {
            Some(texts(content, "synonyms")).filter(|words| !words.is_empty())
        }),
        regex: some_text(value, "regexPattern"),
        parts: list(value, "subEntities").iter().filter_map(part).collect(),
    }
}

/// The component that a part of a composite names, as text or as an object.
fn part(value: &Value) -> Option<String> {
    const KEYS: [&str; 5] = ["componentId", "refId", "entityId", "_id", "name"];
    match value {
        Value::String(name) => Some(name.clone()),
        _ => KEYS.iter().find_map(|key| some_text(value, key)),
    }
}

fn context_list(value: &Value) -> Option<ContextList> {
    Some(ContextList {
        variable: some_text(value, "variable")?,
        title_key: text(value, "titleKey"),
        value_key: text(value, "valueKey"),
        synonyms_key: text(value, "synonymsKey"),
    })
}

fn list_values(value: &Value, key: &str) -> Vec<ListValue> {
    list(value, key).iter().filter_map(list_value).collect()
}

/// An item; one without a value stores its title, and the other way round.
fn list_value(item: &Value) -> Option<ListValue> {
    if let Value::String(text) = item {
        let text = decode(text).into_owned();
        return Some(ListValue {
            title: text.clone(),
            value: text,
            synonyms: Vec::new(),
        });
    }
    let value = some_text(item, "value").or_else(|| some_text(item, "title"))?;
    let title = some_text(item, "title").unwrap_or_else(|| value.clone());
    let written = match item.get("synonyms") {
        Some(Value::Array(items)) => items.iter().map(scalar).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    };
    let synonyms = written
        .iter()
        .flat_map(|text| synonyms(&decode(text)))
        .collect();
    Some(ListValue {
        title,
        value,
        synonyms,
    })
}

/// The synonyms of one string: separated by commas outside quotes; `"exact"`, `<whole input>`.
fn synonyms(written: &str) -> Vec<Synonym> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in written.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let read = |part: &String| {
        let part = part.trim();
        let inside = |open: char, close: char| {
            part.strip_prefix(open)
                .and_then(|rest| rest.strip_suffix(close))
                .map(|inner| inner.trim().to_owned())
        };
        let (text, matching) = match (inside('"', '"'), inside('<', '>')) {
            (Some(text), _) => (text, Matching::Exact),
            (None, Some(text)) => (text, Matching::WholeInput),
            (None, None) => (part.to_owned(), Matching::Partial),
        };
        (!text.is_empty()).then_some(Synonym { text, matching })
    };
    parts.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_synonym_string_may_hold_several_and_marks_say_how_they_match() {
        let read: Vec<_> = synonyms("blue, \"dark, blue\" ,<navy>,, ")
            .into_iter()
            .map(|s| (s.text, s.matching))
            .collect();
        let expected = [
            ("blue".to_owned(), Matching::Partial),
            ("dark, blue".to_owned(), Matching::Exact),
            ("navy".to_owned(), Matching::WholeInput),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn list_items_are_read_from_text_and_from_objects() {
        let source =
            json!({"values": ["a", {"title": "B"}, {"value": 3, "synonyms": ["three"]}, {}, null]});
        let read = list_values(&source, "values");
        let pairs: Vec<_> = read
            .iter()
            .map(|v| (v.title.as_str(), v.value.as_str(), v.synonyms.len()))
            .collect();
        assert_eq!(pairs, [("a", "a", 0), ("B", "B", 0), ("3", "3", 1)]);
    }
}
