//! `ombud account`

use crate::{cli::Global, output, wiring};
use clap::{Args, Subcommand};
use service::admin::security::{self, Security, SecurityPatch};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the rules of security of the account
    Show,
    /// Change rules of security; what is not given stays
    Set(Set),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Set {
    /// Refuse tokens without exp
    #[arg(long, value_name = "true|false")]
    require_expiry: Option<bool>,
    /// New apps enforce JTI and JWE and take no legacy algorithm; tokens need exp
    #[arg(long, value_name = "true|false")]
    hardened: Option<bool>,
    /// Show client secrets in clear in Get Bots
    #[arg(long, value_name = "true|false")]
    reveal_secrets: Option<bool>,
    /// Let only --addresses in to the console
    #[arg(long, value_name = "true|false")]
    restrict: Option<bool>,
    /// Let only --addresses in to the API and the channels
    #[arg(long, value_name = "true|false")]
    restrict_api: Option<bool>,
    /// Addresses, networks and patterns, parted by commas
    #[arg(long, value_name = "LIST")]
    addresses: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// A list of addresses that cannot be read.
pub async fn run(global: &Global, command: Command) -> anyhow::Result<()> {
    let (ctx, caller) = wiring::caller(global).await?;
    let rules = match command {
        Command::Show => security::get(&ctx, &caller).await?,
        Command::Set(set) => {
            let patch = SecurityPatch {
                require_expiry: set.require_expiry,
                hardened: set.hardened,
                reveal_secrets: set.reveal_secrets,
                restrict: set.restrict,
                restrict_api: set.restrict_api,
                addresses: set.addresses,
            };
            security::set(&ctx, &caller, patch).await?
        }
    };
    output::result(global, &serde_json::to_value(&rules)?, |_| plain(&rules));
    Ok(())
}

fn plain(rules: &Security) -> String {
    let word = |on| if on { "on" } else { "off" };
    format!(
        "require expiry: {}\nhardened: {}\nreveal secrets: {}\nrestrict console: {}\nrestrict API: {}\naddresses: {}",
        word(rules.require_expiry),
        word(rules.hardened),
        word(rules.reveal_secrets),
        word(rules.restrict),
        word(rules.restrict_api),
        rules.addresses
    )
}
