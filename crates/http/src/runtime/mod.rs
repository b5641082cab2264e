//! Conversations over channels.

mod error;
pub mod webhook;

use serde_json::{Value, json};

/// An operation of this family in the document; a channel token opens it, no scope is asked for.
pub(crate) fn operation(id: &str, summary: &str, path: &[&str]) -> Value {
    let parameters = path.iter().map(
        |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
    );
    let parameters: Vec<Value> = parameters.collect();
    let body = json!({"type": "object", "required": ["message", "from"], "properties": {
        "message": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        "from": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
        "session": {"type": "object", "properties": {"new": {"type": "boolean"}}},
        "customData": {"type": "object"},
    }});
    json!({"operationId": id, "tags": ["webhook"], "summary": summary, "security": [{"webhookJwt": []}], "x-scope": [],
    "parameters": parameters,
    "requestBody": {"required": true, "content": {"application/json": {"schema": body}}},
    "responses": {
        "200": {"description": "What the agent says"},
        "400": {"description": "The body cannot be read, or the agent is not published"},
        "401": {"description": "The token is not accepted"},
        "404": {"description": "No such agent for this token"},
        "429": {"description": "Too many requests"},
        "504": {"description": "No answer in time"},
    }})
}
