//! `ombud scope`

use crate::{cli::Global, output, wiring};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use service::{Caller, Ctx, admin::scopes};
use types::{id::ClientId, scope::Side};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List every scope
    List {
        /// Of platform apps, or of admin apps
        #[arg(long, value_enum, default_value = "platform")]
        kind: Kind,
    },
    /// Give scopes: to a platform app on an agent (in force with the next publish), or to an admin app (at once, without --bot)
    Grant(Change),
    /// Take scopes away; in force as with grant
    Revoke(Change),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// Given agent by agent
    Platform,
    /// Given for the whole account
    Admin,
}

#[derive(Debug, Args)]
pub struct Change {
    /// Client id of the app
    #[arg(long, value_name = "ID")]
    app: String,
    /// Agent: id or unique name; leave it out for an admin app
    #[arg(long, value_name = "BOT")]
    bot: Option<String>,
    /// Names or ids of scopes, without regard to case
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// No such app, agent or scope; the app is not linked to the agent, or is of the wrong kind.
pub async fn run(global: &Global, command: Command) -> anyhow::Result<()> {
    let (change, grant) = match command {
        Command::List { kind } => {
            list(global, kind);
            return Ok(());
        }
        Command::Grant(change) => (change, true),
        Command::Revoke(change) => (change, false),
    };
    let (ctx, caller) = wiring::caller(global).await?;
    let client = wiring::client_id(&change.app)?;
    match &change.bot {
        Some(bot) => on_agent(global, &ctx, &caller, &client, bot, &change.names, grant).await,
        None => on_account(global, &ctx, &caller, &client, &change.names, grant).await,
    }
}

async fn on_agent(
    global: &Global,
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    bot: &str,
    names: &[String],
    grant: bool,
) -> anyhow::Result<()> {
    let bot = wiring::bot_id(ctx, caller, bot).await?;
    let mapping = scopes::change(ctx, caller, &bot, client, names, grant).await?;
    let value = json!({"clientId": client, "botId": bot, "draft": mapping.draft, "published": mapping.published});
    output::result(global, &value, |_| {
        format!(
            "{} scopes in the draft; they are in force after: ombud agent publish {bot}",
            mapping.draft.map_or(0, |draft| draft.len())
        )
    });
    Ok(())
}

async fn on_account(
    global: &Global,
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    names: &[String],
    grant: bool,
) -> anyhow::Result<()> {
    let made = scopes::change_admin(ctx, caller, client, names, grant).await;
    let made = made.map_err(|error| match error.kind {
        types::Kind::Conflict => anyhow::anyhow!("{error}; for a platform app give --bot BOT"),
        _ => error.into(),
    })?;
    let value = json!({"clientId": client, "scopes": made.scopes});
    output::result(global, &value, |_| {
        format!("{} admin scopes, in force now", made.scopes.len())
    });
    Ok(())
}

fn list(global: &Global, kind: Kind) {
    let side = match kind {
        Kind::Platform => Side::Platform,
        Kind::Admin => Side::Admin,
    };
    let rows: Vec<Value> = scopes::catalogue(side)
        .map(|scope| json!({"name": scope.name, "id": scope.id, "group": scope.group}))
        .collect();
    output::result(global, &json!({"scopes": rows}), |_| {
        scopes::catalogue(side)
            .map(|scope| format!("{:<36} {:<34} {}\n", scope.name, scope.id, scope.group))
            .collect()
    });
}
