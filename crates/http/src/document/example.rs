//! Examples of what the console sends and gets: `examples.json` holds them as the steps of one journey, which a test replays.
//!
//! A step names its operation. `fill` says which members of its body stand for what the journey has come to by then, `keep` what of
//! the answer is needed later on; `silent` steps only lead on.

use serde_json::{Map, Value};

/// The journey.
pub(super) fn steps() -> Vec<Value> {
    serde_json::from_str(include_str!("examples.json"))
        .expect("the file is part of the program, and a test reads it")
}

/// Puts the examples of an operation where its bodies are described.
pub(super) fn put(operation: &mut Map<String, Value>, steps: &[Value]) {
    let name = operation["operationId"].clone();
    let shown = |step: &&Value| step["operation"] == name && step["silent"] != true;
    let Some(step) = steps.iter().find(shown) else {
        return;
    };
    let show = |content: Option<&mut Value>, example: &Value| {
        let media = content.and_then(Value::as_object_mut).into_iter().flatten();
        if let (Some((_, media)), false) = (media.into_iter().next(), example.is_null()) {
            media["example"] = example.clone();
        }
    };
    let body = operation.get_mut("requestBody");
    show(body.and_then(|b| b.get_mut("content")), &step["body"]);
    let answers = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut);
    let answer = answers
        .into_iter()
        .flatten()
        .find(|(status, _)| status.starts_with('2'));
    show(
        answer.and_then(|(_, answer)| answer.get_mut("content")),
        &step["answer"],
    );
}
