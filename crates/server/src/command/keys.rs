//! `ombud keys`

use crate::{cli::Global, output, wiring};
use clap::Subcommand;
use serde_json::{Value, json};
use service::admin::keys;
use store::{KeyState, PlatformKey};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the platform's keys; clients encrypt tokens and payloads to them
    List,
    /// Make new keys; the ones before open what was encrypted to them until they are retired
    Rotate,
    /// Retire a key: what was encrypted to it is refused from now on
    Retire {
        /// Id of the key
        kid: String,
    },
}

/// Runs the command.
///
/// # Errors
/// No such key; a key that is still in use.
pub async fn run(global: &Global, command: Command) -> anyhow::Result<()> {
    let (ctx, caller) = wiring::caller(global).await?;
    keys::ensure(&ctx).await?;
    let rows = match command {
        Command::List => keys::list(&ctx).await?,
        Command::Rotate => keys::rotate(&ctx, &caller).await?,
        Command::Retire { kid } => {
            keys::retire(&ctx, &caller, &kid).await?;
            keys::list(&ctx).await?
        }
    };
    let values: Vec<Value> = rows.iter().map(value).collect();
    output::result(global, &json!({"keys": values}), |_| {
        rows.iter().map(line).collect()
    });
    Ok(())
}

fn value(key: &PlatformKey) -> Value {
    json!({
        "kid": key.kid,
        "kty": key.kind,
        "generation": key.generation,
        "state": key.state.as_str(),
        "createdAt": key.created_at,
        "retiredAt": key.retired_at,
    })
}

fn line(key: &PlatformKey) -> String {
    let state = match key.state {
        KeyState::Current => "current",
        KeyState::DecryptOnly => "decrypts only",
        KeyState::Retired => "retired",
    };
    format!(
        "{}  {:<3}  generation {}  {state}\n",
        key.kid, key.kind, key.generation
    )
}
