//! `ombud config`

use crate::{cli::Global, output, wiring};
use serde_json::{Map, Value};

/// Prints the settings in force, secrets masked.
///
/// # Errors
/// The settings cannot be read.
pub fn run(global: &Global) -> anyhow::Result<()> {
    let lines = settings::print(&wiring::settings(global)?);
    let object: Map<String, Value> = lines
        .iter()
        .map(|(key, value)| {
            (
                key.clone(),
                Value::String(value.trim_matches('"').to_owned()),
            )
        })
        .collect();
    output::result(global, &Value::Object(object), |_| {
        lines
            .iter()
            .map(|(key, value)| format!("{key} = {value}\n"))
            .collect()
    });
    Ok(())
}
