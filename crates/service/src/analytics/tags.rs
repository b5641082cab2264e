//! The meta-tag filter: every clause under `and` holds, and of the values in a clause any.

use serde_json::Value;
use store::{TagClause, TagLevel};
use types::{Error, Field, Result};

/// Clauses at most (ours; no figure is published).
const CLAUSES: usize = 20;

/// Reads `tags`.
///
/// # Errors
/// Bad input that names each wrong field.
pub(super) fn read(tags: Option<&Value>) -> Result<Vec<TagClause>> {
    let clauses = match tags {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(tags)) => match tags.get("and") {
            None => return Ok(Vec::new()),
            Some(Value::Array(clauses)) if clauses.len() <= CLAUSES => clauses,
            Some(_) => {
                return Err(Error::field(
                    "tags.and",
                    format!("must be a list of at most {CLAUSES} clauses"),
                ));
            }
        },
        Some(_) => return Err(Error::field("tags", "must be an object")),
    };
    let mut wrong = Vec::new();
    let read: Vec<TagClause> = clauses
        .iter()
        .enumerate()
        .filter_map(|(i, clause)| self::clause(i, clause, &mut wrong))
        .collect();
    if wrong.is_empty() {
        Ok(read)
    } else {
        Err(Error::fields(wrong))
    }
}

fn clause(i: usize, clause: &Value, wrong: &mut Vec<Field>) -> Option<TagClause> {
    let mut name_wrong = |part: &str, message: &str| {
        wrong.push(Field {
            field: format!("tags.and[{i}].{part}"),
            message: message.to_owned(),
        });
    };
    let name = clause["name"].as_str().filter(|n| !n.is_empty());
    if name.is_none() {
        name_wrong("name", "must be a text");
    }
    let level = clause["type"].as_str().and_then(TagLevel::parse);
    if level.is_none() {
        name_wrong("type", "must be user, session or message");
    }
    let values: Option<Vec<String>> = clause["values"]
        .as_array()
        .and_then(|v| v.iter().map(|v| v.as_str().map(str::to_owned)).collect());
    if values.is_none() {
        name_wrong("values", "must be a list of texts");
    }
    Some(TagClause {
        level: level?,
        name: name?.to_owned(),
        values: values?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn clauses_are_read() {
        let tags =
            json!({"and": [{"name": "city", "values": ["Rome", "Oslo"], "type": "session"}]});
        let read = read(Some(&tags)).expect("clauses");
        assert_eq!(read.len(), 1);
        assert_eq!(
            (read[0].level, read[0].values.len()),
            (TagLevel::Session, 2)
        );
    }

    #[test]
    fn every_wrong_field_is_named() {
        let tags = json!({"and": [{"name": "a", "values": [], "type": "user"}, {"values": "x", "type": "bot"}]});
        let error = read(Some(&tags)).expect_err("wrong");
        let named: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            named,
            ["tags.and[1].name", "tags.and[1].type", "tags.and[1].values"]
        );
        assert!(super::read(Some(&json!([]))).is_err());
        assert!(super::read(Some(&json!({"and": 1}))).is_err());
    }
}
