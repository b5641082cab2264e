use crate::{Globals, Limits, Sandbox, ScriptError, host::Host, sandbox::compile_body};

/// Parses a script or bot-functions file without running it, for import reports.
///
/// # Errors
/// [`ScriptError::Syntax`] with the line; another kind if the source is too large for the engine.
pub fn check(source: &str) -> Result<(), ScriptError> {
    let limits = Limits::default();
    let host = Host::new(&limits, &Globals::default());
    Sandbox::new(limits).within(&host, |ctx| compile_body(ctx, source).map(drop))
}
