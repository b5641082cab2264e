//! What a person or a script reads: one JSON object, or plain lines; errors on standard error.

use crate::cli::Global;
use anyhow::Context;
use serde_json::Value;
use std::io::{Read, Write};
use types::Secret;

/// Prints the outcome of a command: the object with `--json`, else what `plain` makes of it.
pub fn result(global: &Global, value: &Value, plain: impl FnOnce(&Value) -> String) {
    let text = if global.json {
        value.to_string()
    } else {
        plain(value)
    };
    let mut out = std::io::stdout().lock();
    // A reader that closed its end (`ombud … | head`) is no failure of the command.
    let _ = writeln!(out, "{}", text.trim_end());
}

/// Prints a line at once, also into a pipe.
///
/// # Errors
/// Standard output is closed.
pub fn at_once(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush().context("standard output is closed")
}

/// Prints an error as one line.
pub fn error(error: &anyhow::Error) {
    let mut text = String::new();
    for (i, cause) in error.chain().enumerate() {
        let cause = cause.to_string();
        if i > 0 && text.contains(&cause) {
            continue;
        }
        if i > 0 {
            text.push_str(": ");
        }
        text.push_str(&cause);
    }
    eprintln!("error: {}", text.replace('\n', " "));
}

/// Longest password line that is read, bytes.
const PASSWORD_BYTES: u64 = 4096;

/// The first line of standard input.
///
/// # Errors
/// It cannot be read.
pub fn password() -> anyhow::Result<Secret> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .take(PASSWORD_BYTES)
        .read_to_string(&mut line)
        .context("the password cannot be read from standard input")?;
    Ok(Secret::new(line.lines().next().unwrap_or_default()))
}
