//! `ombud scope`

use crate::{cli::Global, output, wiring};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use service::admin::scopes;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List every scope
    List,
    /// Give scopes to an app on an agent; in force with the next publish
    Grant(Change),
    /// Take scopes away; in force with the next publish
    Revoke(Change),
}

#[derive(Debug, Args)]
pub struct Change {
    /// Client id of the app
    #[arg(long, value_name = "ID")]
    app: String,
    /// Agent: id or unique name
    #[arg(long, value_name = "BOT")]
    bot: String,
    /// Names or ids of scopes, without regard to case
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// No such app, agent or scope; the app is not linked to the agent.
pub async fn run(global: &Global, command: Command) -> anyhow::Result<()> {
    let (change, grant) = match command {
        Command::List => {
            list(global);
            return Ok(());
        }
        Command::Grant(change) => (change, true),
        Command::Revoke(change) => (change, false),
    };
    let (ctx, caller) = wiring::caller(global).await?;
    let client = wiring::client_id(&change.app)?;
    let bot = wiring::bot_id(&ctx, &caller, &change.bot).await?;
    let mapping = scopes::change(&ctx, &caller, &bot, &client, &change.names, grant).await?;
    let value = json!({"clientId": client, "botId": bot, "draft": mapping.draft, "published": mapping.published});
    output::result(global, &value, |_| {
        format!(
            "{} scopes in the draft; they are in force after: ombud agent publish {bot}",
            mapping.draft.map_or(0, |draft| draft.len())
        )
    });
    Ok(())
}

fn list(global: &Global) {
    let rows: Vec<Value> = scopes::catalogue()
        .map(|scope| json!({"name": scope.name, "id": scope.id, "group": scope.group}))
        .collect();
    output::result(global, &json!({"scopes": rows}), |_| {
        scopes::catalogue()
            .map(|scope| format!("{:<36} {:<34} {}\n", scope.name, scope.id, scope.group))
            .collect()
    });
}
