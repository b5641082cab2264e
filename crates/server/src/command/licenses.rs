//! `ombud licenses`

use std::io::Write;

/// Prints the licences of what is built in.
///
/// # Errors
/// Standard output is closed.
pub fn run() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "Ombud is licensed under Apache-2.0.\n\nBuilt in for scripts of agents:"
    )?;
    for notice in script::notices() {
        writeln!(
            out,
            "\n{} {} ({})\n\n{}",
            notice.name,
            notice.version,
            notice.license,
            notice.text.trim_end()
        )?;
    }
    Ok(())
}
