//! Deletion of conversations.

use super::{Task, Wanted, add, payload};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
    definition as agents,
};
use async_trait::async_trait;
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Job, SessionFilter, Tx};
use types::{
    Result,
    id::{BotId, JobId, SessionId},
};

const KIND: &str = "conversation_deletion";
/// Conversations that are deleted in one statement (ours).
const STEP: usize = 200;

/// Which conversations are to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Erased {
    /// Those with these ids; what is none of the agent's is skipped.
    Ids(Vec<String>),
    /// Those of one user that began in a window.
    User {
        /// Our id of the user, `u-…`.
        user: String,
        /// At or after, milliseconds UTC.
        from: Option<i64>,
        /// Before, milliseconds UTC.
        to: Option<i64>,
    },
}

impl Erased {
    /// The word of the API for the form of the request.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ids(_) => "conversationIds",
            Self::User { .. } => "cId",
        }
    }
}

/// What a deletion came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ErasedCounts {
    /// Conversations that were asked for, or found.
    pub total_conversations: u64,
    /// Those that were looked at.
    pub processed_count: u64,
    /// Records of them: sessions, messages, lines of the debug log, states.
    pub deleted_count: u64,
    /// Those that could not be deleted.
    pub failed_count: u64,
    /// Those that are none of the agent's.
    pub skipped_count: u64,
}

/// Asks for the deletion of conversations of an agent. The id begins with `cdj-`.
///
/// # Errors
/// Not found.
pub async fn ask_erase(ctx: &Ctx, caller: &Caller, bot: &BotId, what: Erased) -> Result<JobId> {
    agents::get(ctx, caller, bot).await?;
    let wanted = Wanted {
        id: JobId::with_prefix("cdj-", ctx.ids()),
        kind: KIND,
        bot: Some(bot),
        file: None,
    };
    add(ctx, caller, wanted, &what).await
}

/// A deletion of conversations of this agent, and what it was asked for.
///
/// # Errors
/// Not found, for another kind of job and another agent's too.
pub async fn find_erase(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    job: &JobId,
) -> Result<(Job, Erased)> {
    let found = super::find_of(ctx, caller, bot, job, KIND).await?;
    let (_, what) = payload::open::<Erased>(ctx, &found)?;
    Ok((found, what))
}

pub(super) struct Erasing;

#[async_trait]
impl Handler<Ctx> for Erasing {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, what) = payload::open::<Erased>(ctx, job)?;
        let bot = super::agent_of(job)?;
        erase(&Task::of(progress), ctx, &caller, bot, &job.new.id, &what).await?;
        Ok(Value::Null)
    }
}

/// All or nothing, so that a job that is taken up again counts what it deleted.
async fn erase(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    job: &JobId,
    what: &Erased,
) -> Result<()> {
    let mut counts = ErasedCounts::default();
    let filter = match what {
        Erased::Ids(ids) => {
            counts.total_conversations = ids.len() as u64;
            SessionFilter {
                ids: ids.iter().filter_map(|id| SessionId::parse(id)).collect(),
                ..SessionFilter::default()
            }
        }
        Erased::User { user, from, to } => SessionFilter {
            user: Some(user.clone()),
            from: *from,
            to: *to,
            ..SessionFilter::default()
        },
    };
    // a filter without ids would not restrict
    let nothing = matches!(what, Erased::Ids(_)) && filter.ids.is_empty();
    task.say(5, "Deleting conversations").await;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    if !nothing {
        sweep(&*tx, caller, bot, &filter, &mut counts).await?;
    }
    match what {
        Erased::Ids(_) => {
            counts.skipped_count = counts.total_conversations - counts.processed_count;
        }
        Erased::User { .. } => counts.total_conversations = counts.processed_count,
    }
    let change = Change {
        action: "conversation.delete",
        target: job.as_str(),
        bot: Some(bot),
        details: Some(json!({"jobId": job, "requestType": what.word(),
            "conversations": counts.processed_count, "records": counts.deleted_count})),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    task.end(ctx, &*tx, || json!(counts)).await?;
    tx.commit().await
}

/// Deletes what fits until nothing is left.
async fn sweep(
    tx: &dyn Tx,
    caller: &Caller,
    bot: &BotId,
    filter: &SessionFilter,
    counts: &mut ErasedCounts,
) -> Result<()> {
    let filter = SessionFilter {
        bots: vec![bot.clone()],
        limit: STEP as u64,
        ..filter.clone()
    };
    loop {
        let (found, _) = tx.sessions().list(&caller.account, &filter).await?;
        if found.is_empty() {
            return Ok(());
        }
        let ids: Vec<SessionId> = found.into_iter().map(|session| session.id).collect();
        counts.deleted_count += tx.sessions().erase(&caller.account, bot, &ids).await?;
        counts.processed_count += ids.len() as u64;
    }
}
