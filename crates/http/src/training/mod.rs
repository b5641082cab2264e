//! Training and detection.

pub mod find_intent;

use serde_json::{Value, json};

/// `findIntent` in the document, with the scopes that open it.
pub(crate) fn operation(id: &str, operation_id: &str) -> Value {
    let scopes: Vec<&str> = types::scope::ALL
        .iter()
        .filter(|s| s.side == types::scope::Side::Platform && s.operations.contains(&id))
        .map(|s| s.name)
        .collect();
    json!({"operationId": operation_id, "tags": ["training"], "summary": "Finds what one text means", "security": [{"jwt": []}], "x-scope": scopes,
        "parameters": [
            {"name": "botId", "in": "path", "required": true, "schema": {"type": "string"}},
            {"name": "bot-language", "in": "header", "schema": {"type": "string"}},
            {"name": "fetchConfiguredTasks", "in": "query", "schema": {"type": "boolean", "default": false}},
            {"name": "sync", "in": "query", "schema": {"type": "boolean", "default": false}},
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
            "type": "object",
            "required": ["input", "streamName"],
            "properties": {
                "input": {"type": "string"},
                "streamName": {"type": "string"},
                "parentIntent": {"type": "string"},
                "bot-language": {"type": "string"},
            },
        }}}},
        "responses": {"200": {"description": "What was found"}, "400": {"description": "Wrong input, or the agent is not published or not trained"}}})
}

#[cfg(test)]
mod tests {
    #[test]
    fn finding_intents_has_a_scope() {
        let operation = super::operation("findIntent", "findIntent");
        assert_eq!(operation["x-scope"].as_array().map(Vec::len), Some(1));
    }
}
