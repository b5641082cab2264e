//! `ombud user`

use crate::{cli::Global, output, wiring};
use clap::Subcommand;
use serde_json::json;
use service::{
    admin::accounts::{self, NewPerson},
    console::factor,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add somebody to the account; they change the password when they first sign in
    Add {
        /// E-mail address of the person
        #[arg(long, value_name = "E")]
        email: String,
        /// What they may do: admin, developer or tester
        #[arg(long, value_name = "R")]
        role: String,
        /// Their name (default: the address)
        #[arg(long, value_name = "N", default_value = "")]
        name: String,
        /// Read the first password from standard input (its first line)
        #[arg(long, required = true)]
        password_stdin: bool,
    },
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
/// Nobody with this address in the account, or without a second factor; for a new person: a field that is refused.
pub async fn run(global: &Global, command: Command) -> anyhow::Result<()> {
    match command {
        Command::ResetFactor { email } => reset(global, &email).await,
        Command::Add {
            email, role, name, ..
        } => {
            let password = output::password()?;
            let new = NewPerson {
                email,
                name,
                role,
                password,
            };
            add(global, new).await
        }
    }
}

async fn add(global: &Global, new: NewPerson) -> anyhow::Result<()> {
    let (ctx, caller) = wiring::caller(global).await?;
    let user = accounts::add_person(&ctx, &caller, new).await?;
    let value = json!({"userId": user.id, "email": user.email, "role": user.role});
    output::result(global, &value, |_| {
        format!("{} may sign in as {}", user.email, user.role)
    });
    Ok(())
}

async fn reset(global: &Global, email: &str) -> anyhow::Result<()> {
    let (ctx, caller) = wiring::caller(global).await?;
    let user = factor::reset(&ctx, &caller, email).await?;
    let value = json!({"userId": user, "reset": true});
    output::result(global, &value, |_| {
        format!("{email} signs in with the password alone, until they set an app up again")
    });
    Ok(())
}
