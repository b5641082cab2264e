//! Export of an agent.

use super::{Task, Wanted, add, newest_of, payload};
use crate::{
    Caller, Ctx,
    definition::{self as agents, Leave, draft, part::Choice},
};
use async_trait::async_trait;
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Copy, Job};
use types::{
    Error, Result, codes,
    id::{BotId, JobId},
};

const KIND: &str = "export";
/// How many of the newest exports are searched for one of a copy.
const SEARCHED: u32 = 50;

#[derive(Serialize, Deserialize)]
struct Ask {
    published: bool,
    #[serde(default)]
    leave: Leave,
    #[serde(default)]
    choice: Choice,
}

/// Names of variables that one export leaves out, at most (ours).
const NAMES_MAX: usize = 1_000;

/// Asks for an export of the draft, or of the snapshot in force. The result names the file (`fileId`), which is kept for a day.
///
/// # Errors
/// Not found; [`codes::BOT_NOT_PUBLISHED`]; bad input that names a part or a task that is not there.
pub async fn ask_export(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    published: bool,
    leave: Leave,
    choice: Choice,
) -> Result<JobId> {
    let agent = agents::get(ctx, caller, bot).await?;
    if leave.names.len() > NAMES_MAX {
        let text = format!("must be at most {NAMES_MAX} names");
        return Err(Error::field("ignore", text));
    }
    if published && agent.published.is_none() {
        return Err(Error::of(&codes::BOT_NOT_PUBLISHED));
    }
    choice.check()?;
    if !choice.dialogs.is_empty() || !choice.others.is_empty() {
        let copy = match agent.published {
            Some(version) if published => Copy::Version(version),
            _ => Copy::Draft,
        };
        let package = draft::open_copy(ctx, caller, bot, &copy).await?;
        choice.dialogs_in(&package)?;
    }
    let wanted = Wanted {
        id: JobId::with_prefix("ber-", ctx.ids()),
        kind: KIND,
        bot: Some(bot),
        file: None,
    };
    let ask = Ask {
        published,
        leave,
        choice,
    };
    add(ctx, caller, wanted, &ask).await
}

/// The newest export of the draft, or of a published copy, running or over.
///
/// # Errors
/// When the store cannot be reached.
pub async fn latest_export(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    published: bool,
) -> Result<Option<Job>> {
    for job in newest_of(ctx, caller, bot, KIND, SEARCHED).await? {
        if payload::open::<Ask>(ctx, &job)?.1.published == published {
            return Ok(Some(job));
        }
    }
    Ok(None)
}

pub(super) struct Export;

#[async_trait]
impl Handler<Ctx> for Export {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<Ask>(ctx, job)?;
        let bot = super::agent_of(job)?;
        agents::export_in(
            &Task::of(progress),
            ctx,
            &caller,
            bot,
            ask.published,
            ask.leave,
            ask.choice,
        )
        .await?;
        Ok(Value::Null)
    }
}
