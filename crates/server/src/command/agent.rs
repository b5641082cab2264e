//! `ombud agent`

use crate::{cli::Global, output, wiring};
use anyhow::Context;
use clap::Subcommand;
use serde_json::{Value, json};
use service::{Caller, Ctx, definition as agents};
use std::path::PathBuf;
use store::Agent;
use types::page::PageIn;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import a folder, a zip or a definition file as a new agent
    Import {
        /// The package; files beside a definition file are found
        path: PathBuf,
        /// Name of the new agent (default: the one in the definition)
        #[arg(long)]
        name: Option<String>,
    },
    /// List the agents of the account
    List,
    /// Show one agent
    Show {
        /// Id, or a name that is unique
        bot: String,
    },
    /// Train every enabled language
    Train {
        /// Id, or a name that is unique
        bot: String,
    },
    /// Put the draft, its models and its scopes in force
    Publish {
        /// Id, or a name that is unique
        bot: String,
        /// What changed
        #[arg(long, default_value = "")]
        comment: String,
    },
    /// Write the draft as a zip
    Export {
        /// Id, or a name that is unique
        bot: String,
        /// The file to write
        #[arg(long, value_name = "PATH")]
        out: PathBuf,
    },
    /// Remove an agent with everything that hangs on it
    Delete {
        /// Id, or a name that is unique
        bot: String,
    },
}

/// Runs the command.
///
/// # Errors
/// No such agent; a package that cannot be read.
pub async fn run(global: &Global, command: Command) -> anyhow::Result<()> {
    let (ctx, caller) = wiring::caller(global).await?;
    match command {
        Command::Import { path, name } => import(global, &ctx, &caller, path, name).await,
        Command::List => list(global, &ctx, &caller).await,
        Command::Show { bot } => {
            let bot = wiring::bot_id(&ctx, &caller, &bot).await?;
            let agent = agents::get(&ctx, &caller, &bot).await?;
            output::result(global, &shown(&agent), lines);
            Ok(())
        }
        Command::Train { bot } => {
            let bot = wiring::bot_id(&ctx, &caller, &bot).await?;
            service::training::train_all(&ctx, &caller, &bot).await?;
            let agent = agents::get(&ctx, &caller, &bot).await?;
            let languages: Vec<&String> = agent.trained.keys().collect();
            output::result(
                global,
                &json!({"botId": bot, "languages": languages}),
                |_| format!("{} trained", agent.name),
            );
            Ok(())
        }
        Command::Publish { bot, comment } => {
            let bot = wiring::bot_id(&ctx, &caller, &bot).await?;
            let ask = agents::Publish {
                comment,
                ..agents::Publish::default()
            };
            let made = agents::publish(&ctx, &caller, &bot, &ask).await?;
            let value = json!({"botId": bot, "version": made.version, "number": made.number});
            output::result(global, &value, |_| {
                format!("{bot} published as version {}", made.number)
            });
            Ok(())
        }
        Command::Export { bot, out } => export(global, &ctx, &caller, &bot, out).await,
        Command::Delete { bot } => {
            let bot = wiring::bot_id(&ctx, &caller, &bot).await?;
            agents::remove(&ctx, &caller, &bot).await?;
            output::result(global, &json!({"botId": bot, "deleted": true}), |_| {
                format!("{bot} deleted")
            });
            Ok(())
        }
    }
}

async fn import(
    global: &Global,
    ctx: &Ctx,
    caller: &Caller,
    path: PathBuf,
    name: Option<String>,
) -> anyhow::Result<()> {
    let shown = path.display().to_string();
    let package = tokio::task::spawn_blocking(move || definition::read_path(&path)).await?;
    let package = package.with_context(|| format!("{shown} cannot be imported"))?;
    let made = agents::import(ctx, caller, package, name).await?;
    let value = json!({"botId": made.bot, "name": made.name, "report": made.report});
    output::result(global, &value, |_| {
        let mut text = format!("{} imported as {}\n", made.name, made.bot);
        for kept in &made.report.kept {
            text.push_str(&format!(
                "kept but not run yet: {} × {}\n",
                kept.count, kept.kind
            ));
        }
        for broken in &made.report.broken {
            text.push_str(&format!("broken: {}: {}\n", broken.place, broken.what));
        }
        for warning in &made.report.warnings {
            text.push_str(&format!("warning: {warning}\n"));
        }
        text
    });
    Ok(())
}

async fn list(global: &Global, ctx: &Ctx, caller: &Caller) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    let mut page = PageIn {
        limit: 100,
        cursor: None,
    };
    loop {
        let part = ctx
            .store()
            .agents()
            .list(&caller.account, &Default::default(), &page)
            .await?;
        rows.extend(part.items);
        page.cursor = part.next;
        if page.cursor.is_none() {
            break;
        }
    }
    let values: Vec<Value> = rows.iter().map(shown).collect();
    output::result(global, &json!({"agents": values}), |_| {
        rows.iter()
            .map(|agent| format!("{}  {:<9}  {}\n", agent.bot, state(agent), agent.name))
            .collect()
    });
    Ok(())
}

async fn export(
    global: &Global,
    ctx: &Ctx,
    caller: &Caller,
    bot: &str,
    out: PathBuf,
) -> anyhow::Result<()> {
    let bot = wiring::bot_id(ctx, caller, bot).await?;
    let zip = agents::export(ctx, caller, &bot).await?;
    let part = out.with_extension("part");
    let shown = out.display().to_string();
    // Written beside and moved, so that a file of this name is always whole.
    std::fs::write(&part, &zip)
        .and_then(|()| std::fs::rename(&part, &out))
        .with_context(|| format!("{shown} cannot be written"))?;
    output::result(
        global,
        &json!({"botId": bot, "path": shown, "bytes": zip.len()}),
        |_| format!("{shown}: {} bytes", zip.len()),
    );
    Ok(())
}

fn state(agent: &Agent) -> &'static str {
    if agent.published.is_some() {
        "published"
    } else {
        "draft"
    }
}

fn shown(agent: &Agent) -> Value {
    json!({
        "botId": agent.bot,
        "name": agent.name,
        "state": state(agent),
        "languages": agent.languages,
        "trained": agent.trained.keys().collect::<Vec<_>>(),
        "dialogs": agent.dialogs,
        "intents": agent.intents,
        "faqs": agent.faqs,
    })
}

/// One line a member.
fn lines(value: &Value) -> String {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(key, value)| {
            format!(
                "{key}: {}\n",
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            )
        })
        .collect()
}
