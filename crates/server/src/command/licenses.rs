//! `ombud licenses`

use crate::{cli::Global, output};
use serde_json::{Value, json};
use std::fmt::Write;

/// Prints the licences of what is built in.
///
/// # Errors
/// None today.
pub fn run(global: &Global) -> anyhow::Result<()> {
    let notices: Vec<Value> = script::notices()
        .iter()
        .map(|n| json!({"name": n.name, "version": n.version, "license": n.license, "text": n.text.trim_end()}))
        .collect();
    let all = json!({"license": "Apache-2.0", "notices": notices});
    output::result(global, &all, |_| {
        let mut text = String::from(
            "Ombud is licensed under Apache-2.0.\n\nBuilt in for scripts of agents:\n",
        );
        for n in script::notices() {
            let (name, version, license) = (n.name, n.version, n.license);
            let _ = writeln!(
                text,
                "\n{name} {version} ({license})\n\n{}",
                n.text.trim_end()
            );
        }
        text
    });
    Ok(())
}
