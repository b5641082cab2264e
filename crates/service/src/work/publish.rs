//! Publish of an agent.

use super::{Task, Wanted, add, newest_of, payload};
use crate::{
    Caller, Ctx,
    definition::{self as agents, Publish},
};
use async_trait::async_trait;
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Job;
use types::{
    Error, Kind, Result,
    id::{BotId, JobId},
};

const KIND: &str = "publish";
/// Longest comment, characters (ours).
const COMMENT_MAX: usize = 2_000;
/// Names of components at most (ours).
const COMPONENTS_MAX: usize = 100;

#[derive(Serialize, Deserialize)]
struct Ask {
    comment: String,
    components: Vec<String>,
    skip_training: bool,
    #[serde(default)]
    version: Option<i64>,
}

/// Asks for a publish. What is stale is trained first, unless the caller does not want that.
///
/// # Errors
/// Not found; bad input on `comment`, `components` or `version`.
pub async fn ask_publish(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    publish: Publish,
) -> Result<JobId> {
    agents::get(ctx, caller, bot).await?;
    if publish.comment.chars().count() > COMMENT_MAX {
        let text = format!("must have at most {COMMENT_MAX} characters");
        return Err(Error::field("comment", text));
    }
    if publish.components.len() > COMPONENTS_MAX {
        let text = format!("must be at most {COMPONENTS_MAX} names");
        return Err(Error::field("components", text));
    }
    agents::check_components(&publish.components)?;
    if let Some(number) = publish.version
        && let Err(error) = agents::version::find(ctx, caller, bot, number).await
    {
        return Err(match error.kind {
            Kind::NotFound => Error::field("version", "is not a version of the agent"),
            _ => error,
        });
    }
    let wanted = Wanted {
        id: JobId::with_prefix("ds-", ctx.ids()),
        kind: KIND,
        bot: Some(bot),
        file: None,
    };
    let ask = Ask {
        comment: publish.comment,
        components: publish.components,
        skip_training: publish.skip_training,
        version: publish.version,
    };
    add(ctx, caller, wanted, &ask).await
}

/// The newest publish of an agent, running or over.
///
/// # Errors
/// When the store cannot be reached.
pub async fn latest_publish(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Option<Job>> {
    Ok(newest_of(ctx, caller, bot, KIND, 1).await?.pop())
}

pub(super) struct Publishing;

#[async_trait]
impl Handler<Ctx> for Publishing {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<Ask>(ctx, job)?;
        let publish = Publish {
            comment: ask.comment,
            components: ask.components,
            skip_training: ask.skip_training,
            version: ask.version,
        };
        let bot = super::agent_of(job)?;
        agents::publish_in(&Task::of(progress), ctx, &caller, bot, &publish).await?;
        Ok(Value::Null)
    }
}
