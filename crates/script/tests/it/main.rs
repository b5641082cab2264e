//! The sandbox as callers use it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod globals;
mod libraries;
mod limits;
mod placeholders;
mod real;

use std::sync::Arc;

use script::{Globals, Kind, Limits, Outcome, Sandbox, Script, ScriptError};
use serde_json::{Value, json};

/// 2026-03-01 12:00:00 UTC.
pub const NOW: i64 = 1_772_366_400_000;

pub fn globals(context: Value) -> Globals {
    let map = |value: Value| Arc::new(value.as_object().unwrap().clone());
    Globals {
        context,
        env: map(json!({"HOST": "https://api.example"})),
        content: map(
            json!({"HELLO": "Hello {{context.name}}", "NEST": "{{content.HELLO}}", "A-B": "dash"}),
        ),
        session_id: "s-1".into(),
        now_ms: NOW,
        timezone: Some("UTC".into()),
        ..Globals::default()
    }
}

pub fn run_with(limits: Limits, source: &str, globals: &Globals) -> Result<Outcome, ScriptError> {
    let script = Script {
        source,
        bot_functions: None,
        kind: Kind::Script,
    };
    Sandbox::new(limits).run(&script, globals)
}

pub fn run(source: &str, globals: &Globals) -> Result<Outcome, ScriptError> {
    run_with(Limits::default(), source, globals)
}

/// The value that a body returns.
pub fn value(source: &str) -> Value {
    run(source, &globals(json!({})))
        .unwrap()
        .value
        .unwrap_or(Value::Null)
}
