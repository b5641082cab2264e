//! `ombud token`

use crate::{cli::Global, output, wiring};
use clap::Args;
use serde_json::json;
use service::admin::tokens::{self, NewToken};
use std::path::PathBuf;
use types::Secret;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Client id of the app
    #[arg(long, value_name = "ID")]
    app: String,
    /// Subject of the token
    #[arg(long, default_value = "ombud")]
    sub: String,
    /// With a fresh jti
    #[arg(long)]
    jti: bool,
    /// Life of the token
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    ttl: u32,
    /// Private key of an app that signs with a key pair (PEM or JWK)
    #[arg(long, value_name = "FILE")]
    private_key: Option<PathBuf>,
}

/// Prints a signed token, encrypted where the app asks for it; audited.
///
/// # Errors
/// No such app; a life that is out of range.
pub async fn run(global: &Global, arguments: Arguments) -> anyhow::Result<()> {
    let (ctx, caller) = wiring::caller(global).await?;
    let client = wiring::client_id(&arguments.app)?;
    let new = NewToken {
        subject: arguments.sub,
        jti: arguments.jti,
        ttl: arguments.ttl,
        private_key: super::app::key_text(arguments.private_key.as_deref())?.map(Secret::new),
    };
    let token = tokens::mint(&ctx, &caller, &client, &new).await?;
    output::result(global, &json!({"token": token.expose()}), |_| {
        token.expose().to_owned()
    });
    Ok(())
}
