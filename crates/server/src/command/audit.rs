//! `ombud audit`

use crate::{cli::Global, output, wiring};
use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use service::audit::{self, Verdict};
use store::{AuditFilter, AuditLink, AuditRow};
use types::{id::BotId, page::PageIn};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print what was done in the account, the newest first
    List(List),
    /// Check that every audit row of the installation is as it was written, and name the first that is not
    Verify {
        /// A head that `ombud audit head` printed earlier and that was kept elsewhere
        #[arg(long, value_name = "NUMBER:SEAL")]
        head: Option<String>,
    },
    /// Print the head of the chain, to be kept where nobody who can write the database can change it
    Head,
}

#[derive(Debug, Args)]
pub struct List {
    /// Only what this user, app or `cli` did
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Only this action, for instance app.rotate
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only what was done to this thing
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// Only what was done to this agent or its parts
    #[arg(long, value_name = "ID")]
    bot: Option<String>,
    /// At or after this time, for instance 2026-11-24T00:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<jiff::Timestamp>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    to: Option<jiff::Timestamp>,
    /// Rows at most
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// Runs the command.
///
/// # Errors
/// A broken chain; a wrong filter; the store cannot be reached.
pub async fn run(global: &Global, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List(list) => print_list(global, list).await,
        Command::Verify { head } => check(global, head.as_deref()).await,
        Command::Head => {
            let ctx = wiring::context(global).await?;
            let head = audit::head(&ctx).await?;
            let value = json!({"number": head.number, "seal": hex(&head.mac)});
            output::result(global, &value, |_| text(&head));
            Ok(())
        }
    }
}

async fn print_list(global: &Global, list: List) -> anyhow::Result<()> {
    let (ctx, caller) = wiring::caller(global).await?;
    let bot = list.bot.as_deref().map(|text| {
        BotId::parse(text).with_context(|| format!("--bot: {text:?} is not the id of an agent"))
    });
    let filter = AuditFilter {
        bot: bot.transpose()?,
        actor: list.actor,
        action: list.action,
        target: list.target,
        from: list.from.map(jiff::Timestamp::as_millisecond),
        to: list.to.map(jiff::Timestamp::as_millisecond),
    };
    let page = PageIn {
        limit: list.limit,
        cursor: None,
    };
    let rows = audit::list(&ctx, &caller, &filter, &page).await?.items;
    let value = json!({"rows": rows.iter().map(row).collect::<Vec<_>>()});
    output::result(global, &value, |_| {
        rows.iter()
            .map(|row| {
                format!(
                    "{:>6}  {}  {:<22} {:<40} by {}\n",
                    row.number,
                    time(row.new.at),
                    row.new.action,
                    row.new.target,
                    row.new.actor
                )
            })
            .collect()
    });
    Ok(())
}

async fn check(global: &Global, head: Option<&str>) -> anyhow::Result<()> {
    let kept = head.map(read_head).transpose()?;
    let ctx = wiring::context(global).await?;
    match audit::verify(&ctx, kept.as_ref()).await? {
        Verdict::Whole(head) => {
            let value = json!({"whole": true, "rows": head.number, "seal": hex(&head.mac)});
            output::result(global, &value, |_| {
                format!("{} rows are as they were written", head.number)
            });
            Ok(())
        }
        Verdict::Broken(broken) => {
            let place = match (broken.number, &broken.row) {
                (Some(number), Some(row)) => format!(
                    "row {number} ({} on {:?} by {}, {})",
                    row.new.action,
                    row.new.target,
                    row.new.actor,
                    time(row.new.at)
                ),
                (Some(number), None) => format!("row {number}"),
                (None, Some(row)) => format!(
                    "a row outside the chain ({} on {:?} by {}, {})",
                    row.new.action,
                    row.new.target,
                    row.new.actor,
                    time(row.new.at)
                ),
                (None, None) => "the chain".to_owned(),
            };
            anyhow::bail!("the audit is broken at {place}: {}", broken.why)
        }
    }
}

fn row(row: &AuditRow) -> Value {
    let new = &row.new;
    json!({
        "number": row.number, "at": time(new.at), "actor": new.actor, "action": new.action, "target": new.target,
        "botId": new.bot, "address": new.address, "before": new.before, "after": new.after, "details": new.details,
    })
}

fn time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(head: &AuditLink) -> String {
    format!("{}:{}", head.number, hex(&head.mac))
}

fn read_head(given: &str) -> anyhow::Result<AuditLink> {
    let read = || {
        let (number, seal) = given.trim().split_once(':')?;
        let mac: Option<Vec<u8>> = (0..seal.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(seal.get(i..i + 2)?, 16).ok())
            .collect();
        let link = AuditLink {
            number: number.parse().ok().filter(|n| *n >= 0)?,
            mac: mac?,
        };
        (text(&link) == given.trim().to_ascii_lowercase()).then_some(link)
    };
    read().context("--head: must be what `ombud audit head` printed, NUMBER:SEAL")
}
