//! Sessions and messages of an agent.

mod ask;
pub mod messages;
pub mod sessions;
mod time;

use serde_json::{Value, json};

/// An operation of this family in the document, with the scopes that open it.
pub(crate) fn operation(id: &str, summary: &str) -> Value {
    let scopes: Vec<&str> = types::scope::ALL
        .iter()
        .filter(|s| s.side == types::scope::Side::Platform && s.operations.contains(&id))
        .map(|s| s.name)
        .collect();
    json!({"operationId": id, "tags": ["analytics"], "summary": summary, "security": [{"jwt": []}], "x-scope": scopes,
        "parameters": [{"name": "botId", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "The page"}}})
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_of_the_family_has_a_scope() {
        for id in ["getSessions", "getMessages", "postMessages"] {
            assert_eq!(
                super::operation(id, "")["x-scope"].as_array().map(Vec::len),
                Some(1),
                "{id}"
            );
        }
    }
}
