//! `ombud worker`

use crate::{cli::Global, output, stop, wiring};
use service::work;

/// Works on jobs until SIGTERM or Ctrl-C, beside servers that run with `--no-worker` or at their limit.
///
/// # Errors
/// The store or the key cannot be used.
pub async fn run(global: &Global) -> anyhow::Result<()> {
    let settings = wiring::settings(global)?;
    wiring::log_to_stderr(&settings.log)?;
    let ctx = wiring::context(global).await?;
    output::at_once("ombud works on jobs")?;
    let told = stop::told();
    let work = {
        let (settings, told) = (wiring::job_settings(&settings), told.clone());
        tokio::spawn(async move { work::serve(&ctx, settings, told).await })
    };
    stop::come(told).await;
    stop::ended(work).await;
    Ok(())
}
