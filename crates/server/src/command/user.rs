//! `ombud user`

use crate::{cli::Global, output, wiring};
use clap::Subcommand;
use serde_json::json;
use service::console::factor;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take the second factor of somebody away who has lost it, and end their sessions
    ResetFactor {
        /// E-mail address of the person
        #[arg(long, value_name = "E")]
        email: String,
    },
}

/// Runs the command.
///
/// # Errors
/// Nobody with this address in the account, or without a second factor.
pub async fn run(global: &Global, command: Command) -> anyhow::Result<()> {
    let Command::ResetFactor { email } = command;
    let (ctx, caller) = wiring::caller(global).await?;
    let user = factor::reset(&ctx, &caller, &email).await?;
    let value = json!({"userId": user, "reset": true});
    output::result(global, &value, |_| {
        format!("{email} signs in with the password alone, until they set an app up again")
    });
    Ok(())
}
