//! Training of an agent.

use super::{Task, Wanted, add, newest_of, payload, prepare};
use crate::{Caller, Ctx, definition as agents, training};
use async_trait::async_trait;
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Job, JobState, NewJob};
use types::{
    Error, Result,
    id::{BotId, JobId},
};

const KIND: &str = "train";
/// How many of the newest trainings are searched for one of a language.
const SEARCHED: u32 = 50;

#[derive(Serialize, Deserialize)]
struct Ask {
    language: Option<String>,
    /// Asked for as training of the knowledge graph.
    #[serde(default)]
    graph: bool,
}

/// Asks for training of one language, or of every enabled one. The id is 24 hex digits (`Training_ID` on the wire).
///
/// # Errors
/// Not found; bad input on `language` when the agent does not speak it.
pub async fn ask_train(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: Option<&str>,
) -> Result<JobId> {
    let id = JobId::trusted(ctx.ids().hex24());
    ask(ctx, caller, bot, language, id, false).await
}

/// Asks for training of the knowledge graph of one language, and with it of everything in that language. The id begins with `ds-`.
/// It fails when a node of the graph holds too many questions.
///
/// # Errors
/// As [`ask_train`].
pub async fn ask_graph_train(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
) -> Result<JobId> {
    let id = JobId::with_prefix("ds-", ctx.ids());
    ask(ctx, caller, bot, Some(language), id, true).await
}

async fn ask(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: Option<&str>,
    id: JobId,
    graph: bool,
) -> Result<JobId> {
    let agent = agents::get(ctx, caller, bot).await?;
    if language.is_some_and(|wanted| !agent.languages.iter().any(|l| l == wanted)) {
        let text = format!(
            "is not a language of the agent; it has {}",
            agent.languages.join(", ")
        );
        return Err(Error::field("language", text));
    }
    let wanted = Wanted {
        id,
        kind: KIND,
        bot: Some(bot),
        file: None,
    };
    let ask = Ask {
        language: language.map(str::to_owned),
        graph,
    };
    add(ctx, caller, wanted, &ask).await
}

/// A training of every language that an edit asks for, not stored yet; none when one waits already that will see the edit.
///
/// # Errors
/// Too much work is waiting already.
pub(crate) async fn retraining(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Option<NewJob>> {
    for job in newest_of(ctx, caller, bot, KIND, SEARCHED).await? {
        if job.state != JobState::Queued {
            continue;
        }
        let (_, ask) = payload::open::<Ask>(ctx, &job)?;
        if ask.language.is_none() && !ask.graph {
            return Ok(None);
        }
    }
    let wanted = Wanted {
        id: JobId::trusted(ctx.ids().hex24()),
        kind: KIND,
        bot: Some(bot),
        file: None,
    };
    let ask = Ask {
        language: None,
        graph: false,
    };
    let job = prepare(ctx, caller, &wanted, &ask).await?;
    Ok(Some(NewJob {
        run_at: job.run_at.saturating_add(training::auto::DELAY_MS),
        ..job
    }))
}

/// Asks for training of every agent that has a model of another engine, or with another encoder or none, than is in use now;
/// answers how many. Detection goes on with the old models until then, where this program reads them.
///
/// # Errors
/// When the store cannot be reached.
pub async fn retrain_outdated(ctx: &Ctx) -> Result<usize> {
    let mut asked = 0;
    for (bot, account) in ctx.store().agents().owners().await? {
        if training::is_outdated(ctx, &account, &bot).await? {
            ask_train(ctx, &Caller::cli(account), &bot, None).await?;
            asked += 1;
        }
    }
    Ok(asked)
}

/// The newest training that takes in this language, if there was one lately.
///
/// # Errors
/// When the store cannot be reached.
pub async fn latest_train(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
) -> Result<Option<Job>> {
    for job in newest_of(ctx, caller, bot, KIND, SEARCHED).await? {
        let (_, ask) = payload::open::<Ask>(ctx, &job)?;
        if ask.language.is_none_or(|l| l == language) {
            return Ok(Some(job));
        }
    }
    Ok(None)
}

/// The newest trainings of an agent, whatever their language.
///
/// # Errors
/// When the store cannot be reached.
pub async fn trainings(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Vec<Job>> {
    newest_of(ctx, caller, bot, KIND, SEARCHED).await
}

pub(super) struct Train;

#[async_trait]
impl Handler<Ctx> for Train {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<Ask>(ctx, job)?;
        let bot = super::agent_of(job)?;
        let task = Task::of(progress);
        task.say(2, "Reading the agent").await;
        if ask.graph {
            training::faq_train::check(ctx, &caller, bot, ask.language.as_deref()).await?;
        }
        let part = task.part(5, 100);
        let (languages, anew) = match ask.language {
            Some(language) => {
                let anew = training::train_one_in(&part, ctx, &caller, bot, &language).await?;
                (vec![language], usize::from(anew))
            }
            None => {
                let anew = training::train_all_in(&part, ctx, &caller, bot).await?;
                (agents::get(ctx, &caller, bot).await?.languages, anew)
            }
        };
        Ok(json!({"botId": bot, "languages": languages, "anew": anew}))
    }
}
