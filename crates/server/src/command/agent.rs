//! `ombud agent`

use crate::{cli::Global, output, progress, wiring};
use anyhow::Context;
use clap::Subcommand;
use serde_json::{Value, json};
use service::{Caller, Ctx, definition as agents, work};
use settings::Settings;
use std::path::PathBuf;
use store::Agent;
use types::{
    clock::iso,
    id::{BotId, FileId, JobId},
    page::PageIn,
};

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
    /// Train every enabled language, or one
    Train {
        /// Id, or a name that is unique
        bot: String,
        /// Only this language, for instance en
        #[arg(long, value_name = "CODE")]
        language: Option<String>,
    },
    /// Train each edit of the draft in the background, or no longer
    AutoTrain {
        /// Id, or a name that is unique
        bot: String,
        /// on or off
        #[arg(value_parser = ["on", "off"])]
        state: String,
    },
    /// Put the draft, its models and its scopes in force
    Publish {
        /// Id, or a name that is unique
        bot: String,
        /// What changed
        #[arg(long, default_value = "")]
        comment: String,
        /// Put this version in force again instead of the draft
        #[arg(long, value_name = "NUMBER")]
        version: Option<i64>,
    },
    /// List the versions of an agent, the newest first
    Versions {
        /// Id, or a name that is unique
        bot: String,
    },
    /// Put a version in the place of the draft; what is in force stays
    Restore {
        /// Id, or a name that is unique
        bot: String,
        /// Number of the version
        #[arg(long, value_name = "NUMBER")]
        version: i64,
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
    let here = Here {
        global,
        settings: &wiring::settings(global)?,
        ctx: &ctx,
        caller: &caller,
    };
    match command {
        Command::Import { path, name } => here.import(path, name).await,
        Command::List => list(global, &ctx, &caller).await,
        Command::Show { bot } => {
            let bot = wiring::bot_id(&ctx, &caller, &bot).await?;
            let agent = agents::get(&ctx, &caller, &bot).await?;
            output::result(global, &shown(&agent), lines);
            Ok(())
        }
        Command::Train { bot, language } => here.train(&bot, language.as_deref()).await,
        Command::AutoTrain { bot, state } => {
            let bot = wiring::bot_id(&ctx, &caller, &bot).await?;
            service::training::auto::set(&ctx, &caller, &bot, state == "on").await?;
            let value = json!({"botId": bot, "autoTrain": state == "on"});
            output::result(global, &value, |_| {
                format!("training of {bot} in the background is {state}")
            });
            Ok(())
        }
        Command::Publish {
            bot,
            comment,
            version,
        } => here.publish(&bot, comment, version).await,
        Command::Versions { bot } => {
            let bot = wiring::bot_id(&ctx, &caller, &bot).await?;
            versions(global, &ctx, &caller, &bot).await
        }
        Command::Restore { bot, version } => {
            let bot = wiring::bot_id(&ctx, &caller, &bot).await?;
            agents::version::restore(&ctx, &caller, &bot, version).await?;
            let value = json!({"botId": bot, "restored": version});
            output::result(global, &value, |_| {
                format!("the draft of {bot} is version {version} now; publish puts it in force")
            });
            Ok(())
        }
        Command::Export { bot, out } => here.export(&bot, out).await,
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

/// What the commands that start a job work with.
struct Here<'a> {
    global: &'a Global,
    settings: &'a Settings,
    ctx: &'a Ctx,
    caller: &'a Caller,
}

impl Here<'_> {
    async fn wait(&self, job: &JobId) -> anyhow::Result<Value> {
        progress::wait(self.ctx, self.caller, self.settings, job).await
    }

    async fn import(&self, path: PathBuf, name: Option<String>) -> anyhow::Result<()> {
        let shown = path.display().to_string();
        let package = tokio::task::spawn_blocking(move || definition::read_path(&path)).await?;
        let package = package.with_context(|| format!("{shown} cannot be imported"))?;
        let job = work::ask_import(self.ctx, self.caller, package, name.as_deref()).await?;
        let mut made = self.wait(&job).await?;
        let value = json!({"botId": made["botId"].take(), "name": made["name"].take(), "report": made["report"].take()});
        output::result(self.global, &value, imported);
        Ok(())
    }

    async fn train(&self, bot: &str, language: Option<&str>) -> anyhow::Result<()> {
        let bot = wiring::bot_id(self.ctx, self.caller, bot).await?;
        let job = work::ask_train(self.ctx, self.caller, &bot, language).await?;
        self.wait(&job).await?;
        let agent = agents::get(self.ctx, self.caller, &bot).await?;
        let languages: Vec<&String> = agent.trained.keys().collect();
        let value = json!({"botId": bot, "languages": languages});
        output::result(self.global, &value, |_| format!("{} trained", agent.name));
        Ok(())
    }

    async fn publish(
        &self,
        bot: &str,
        comment: String,
        version: Option<i64>,
    ) -> anyhow::Result<()> {
        let bot = wiring::bot_id(self.ctx, self.caller, bot).await?;
        let ask = agents::Publish {
            comment,
            version,
            ..agents::Publish::default()
        };
        let job = work::ask_publish(self.ctx, self.caller, &bot, ask).await?;
        let made = self.wait(&job).await?;
        output::result(self.global, &made, |made| {
            let number = &made["number"];
            match version {
                None => format!("{bot} published as version {number}"),
                Some(_) => format!("version {number} of {bot} is in force again"),
            }
        });
        Ok(())
    }

    async fn export(&self, bot: &str, out: PathBuf) -> anyhow::Result<()> {
        let bot = wiring::bot_id(self.ctx, self.caller, bot).await?;
        let job = work::ask_export(
            self.ctx,
            self.caller,
            &bot,
            false,
            agents::Leave::default(),
            agents::part::Choice::default(),
        )
        .await?;
        let made = self.wait(&job).await?;
        let file = made["fileId"].as_str().and_then(FileId::parse);
        let file = file.context("the export left no file")?;
        let account = &self.caller.account;
        let (_, zip) = agents::file::read(self.ctx, account, &file).await?;
        let part = out.with_extension("part");
        let shown = out.display().to_string();
        // Written beside and moved, so that a file of this name is always whole.
        std::fs::write(&part, &zip)
            .and_then(|()| std::fs::rename(&part, &out))
            .with_context(|| format!("{shown} cannot be written"))?;
        self.ctx.store().files().remove(account, &file).await?;
        let value = json!({"botId": bot, "path": shown, "bytes": zip.len()});
        output::result(self.global, &value, |_| {
            format!("{shown}: {} bytes", zip.len())
        });
        Ok(())
    }
}

/// What an import made, in lines.
fn imported(value: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = format!(
        "{} imported as {}\n",
        text(&value["name"]),
        text(&value["botId"])
    );
    let report = &value["report"];
    let each = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    for kept in each("kept") {
        let (count, kind) = (&kept["count"], text(&kept["kind"]));
        lines.push_str(&format!("kept but not run yet: {count} × {kind}\n"));
    }
    for broken in each("broken") {
        let (place, what) = (text(&broken["where"]), text(&broken["what"]));
        lines.push_str(&format!("broken: {place}: {what}\n"));
    }
    for warning in each("warnings") {
        lines.push_str(&format!("warning: {}\n", text(&warning)));
    }
    lines
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

async fn versions(global: &Global, ctx: &Ctx, caller: &Caller, bot: &BotId) -> anyhow::Result<()> {
    let all = agents::version::list(ctx, caller, bot).await?;
    let values = all.iter().map(|one| {
        let new = &one.version.new;
        json!({"number": one.version.number, "id": new.id, "name": new.name, "comment": new.comment, "byHand": new.by_hand,
            "inForce": one.in_force, "createdBy": new.created_by, "createdAt": iso(new.created_at)})
    });
    let value = json!({"versions": values.collect::<Vec<_>>()});
    output::result(global, &value, |_| {
        let line = |one: &agents::version::Listed| {
            let new = &one.version.new;
            let mark = if one.in_force { "*" } else { " " };
            let what = if new.name.is_empty() {
                &new.comment
            } else {
                &new.name
            };
            let number = one.version.number;
            format!("{mark} {number:>4}  {}  {what}\n", iso(new.created_at))
        };
        all.iter().map(line).collect()
    });
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
