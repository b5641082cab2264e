//! `ombud openapi`

use std::io::Write;

/// Prints the API document.
///
/// # Errors
/// Standard output is closed.
pub fn run() -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{}", http_api::openapi_json())?;
    Ok(())
}
