//! The test of an agent's training data.

use super::{Task, Wanted, add, newest_of, payload};
use crate::{
    Caller, Ctx, definition as agents,
    definition::file,
    training::{self, quality::Report},
};
use async_trait::async_trait;
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Copy, Job, JobState};
use types::{
    Error, Kind, Result,
    id::{BotId, FileId, JobId},
};

const KIND: &str = "quality";
/// How many of the newest tests are searched for one of a language.
const SEARCHED: u32 = 50;
/// How long a report is kept, milliseconds (ours).
const KEPT_MS: i64 = 30 * 86_400_000;

#[derive(Serialize, Deserialize)]
struct Ask {
    language: String,
}

/// What there is about the training data of a language.
#[derive(Debug, Clone, Default)]
pub struct Latest {
    /// The test that waits or runs.
    pub running: Option<JobId>,
    /// Why the newest test failed, when it did.
    pub failed: Option<String>,
    /// The newest report, and when it was made, milliseconds since 1970 UTC.
    pub report: Option<(Report, i64)>,
    /// The training data has changed since the report.
    pub stale: bool,
}

async fn language(ctx: &Ctx, caller: &Caller, bot: &BotId, asked: Option<&str>) -> Result<String> {
    let known = agents::get(ctx, caller, bot).await?.languages;
    match asked {
        None => Ok(known.into_iter().next().unwrap_or_default()),
        Some(code) if known.iter().any(|one| one == code) => Ok(code.to_owned()),
        Some(_) => Err(Error::field("language", "is not a language of the agent")),
    }
}

/// Asks for a test of the training data of one language, the first one where none is named. One that waits or runs is answered
/// instead of a second one.
///
/// # Errors
/// Not found; bad input on `language`.
pub async fn ask_quality(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    asked: Option<&str>,
) -> Result<JobId> {
    let language = language(ctx, caller, bot, asked).await?;
    for job in newest_of(ctx, caller, bot, KIND, SEARCHED).await? {
        let open = !job.state.is_over();
        if open && payload::open::<Ask>(ctx, &job)?.1.language == language {
            return Ok(job.new.id);
        }
    }
    let wanted = Wanted {
        id: JobId::with_prefix("tq-", ctx.ids()),
        kind: KIND,
        bot: Some(bot),
        file: None,
    };
    add(ctx, caller, wanted, &Ask { language }).await
}

/// The newest test of the training data of one language, the first one where none is named.
///
/// # Errors
/// Not found; bad input on `language`.
pub async fn latest_quality(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    asked: Option<&str>,
) -> Result<Latest> {
    let language = language(ctx, caller, bot, asked).await?;
    let mut out = Latest::default();
    for job in newest_of(ctx, caller, bot, KIND, SEARCHED).await? {
        if payload::open::<Ask>(ctx, &job)?.1.language != language {
            continue;
        }
        match job.state {
            JobState::Done => {
                let Some(report) = report(ctx, caller, &job).await? else {
                    continue;
                };
                let agent = agents::load(ctx, &caller.account, bot, &Copy::Draft).await?;
                let now = tokio::task::spawn_blocking(move || {
                    training::quality::inputs(&training::corpus(&agent, &language))
                });
                out.stale = now.await.map_err(Error::internal)? != report.inputs;
                out.report = Some((report, job.updated_at));
                break;
            }
            JobState::Failed if out.failed.is_none() && out.running.is_none() => {
                out.failed = Some(job.error.clone().unwrap_or_default());
            }
            JobState::Failed => {}
            JobState::Queued | JobState::Running => out.running = Some(job.new.id),
        }
    }
    Ok(out)
}

/// The report of a test that is done, unless it has expired.
async fn report(ctx: &Ctx, caller: &Caller, job: &Job) -> Result<Option<Report>> {
    let id = job.result.as_ref().and_then(|r| r["fileId"].as_str());
    let Some(id) = id else { return Ok(None) };
    let found = file::read(ctx, &caller.account, &FileId::trusted(id)).await;
    match found {
        Ok((_, bytes)) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) struct Quality;

#[async_trait]
impl Handler<Ctx> for Quality {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<Ask>(ctx, job)?;
        let bot = super::agent_of(job)?;
        let task = Task::of(progress);
        task.say(1, "Reading the agent").await;
        let report = measured(&task, ctx, &caller, bot, &ask.language).await?;
        let bytes = serde_json::to_vec(&report).map_err(Error::internal)?;
        let mut kept = file::sealed(ctx, &caller.account, "training-quality.json", bytes).await?;
        kept.expires_at = ctx.now() + KEPT_MS;
        let result = json!({"botId": bot, "language": ask.language, "fileId": kept.id});
        let tx = ctx.store().begin().await?;
        task.hold(ctx, &*tx).await?;
        tx.files().add(&kept).await?;
        task.end(ctx, &*tx, || result.clone()).await?;
        tx.commit().await?;
        Ok(result)
    }
}

async fn measured(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
) -> Result<Report> {
    let agent = agents::load(ctx, &caller.account, bot, &Copy::Draft).await?;
    let encoder = training::encoder::encoder(ctx).await?;
    let models = ctx.store().models();
    let before = models
        .find(&caller.account, bot, language, &Copy::Draft)
        .await?;
    let language = language.to_owned();
    let (tell, mut told) = tokio::sync::watch::channel(0u8);
    let work = tokio::task::spawn_blocking(move || {
        let input = training::corpus(&agent, &language);
        // vectors of lines that have not changed are taken over
        let before = before.and_then(|model| nlu::Model::from_bytes(&model.bytes).ok());
        training::quality::measure(&input, encoder, before.as_ref(), &mut |percent| {
            tell.send_replace(percent);
        })
    });
    let mut shown = 0;
    while told.changed().await.is_ok() {
        let percent = *told.borrow_and_update();
        if percent >= shown + 5 {
            shown = percent;
            task.say(
                i64::from(percent),
                "Testing utterances that the model has not seen",
            )
            .await;
        }
    }
    work.await.map_err(Error::internal)
}
