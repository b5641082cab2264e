//! `ombud setup`

use crate::{cli::Global, output, wiring};
use anyhow::Context;
use clap::Args;
use serde_json::json;
use service::admin::accounts::{self, NewAccount};

#[derive(Debug, Args)]
pub struct Arguments {
    /// E-mail address of the owner
    #[arg(long)]
    email: String,
    /// Read the owner's password from standard input (its first line)
    #[arg(long, required = true)]
    password_stdin: bool,
}

/// Makes an account with its owner.
///
/// # Errors
/// The name is taken; address or password are refused.
pub async fn run(global: &Global, arguments: Arguments) -> anyhow::Result<()> {
    let name = global
        .account
        .clone()
        .context("--account NAME is missing: the name of the new account")?;
    let password = output::password()?;
    let ctx = wiring::context(global).await?;
    let new = NewAccount {
        name,
        email: arguments.email,
        owner_name: String::new(),
        password,
        must_change_password: false,
    };
    let (account, owner) = accounts::create(&ctx, new).await?;
    let value = json!({"accountId": account.id, "account": account.name, "userId": owner.id, "email": owner.email});
    output::result(global, &value, |_| {
        format!(
            "Account {} made; its owner is {}",
            account.name, owner.email
        )
    });
    Ok(())
}
