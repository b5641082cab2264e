//! `ombud migrate`

use crate::{cli::Global, output, wiring};
use serde_json::json;

/// Brings the database to the form that this version needs.
///
/// # Errors
/// The database cannot be reached.
pub async fn run(global: &Global) -> anyhow::Result<()> {
    let store = wiring::open_store(&wiring::settings(global)?).await?;
    let steps = store.migrations_applied();
    output::result(global, &json!({"applied": steps}), |_| match steps {
        0 => "The database is up to date".to_owned(),
        _ => format!("{steps} steps applied; the database is up to date"),
    });
    store.close().await;
    Ok(())
}
