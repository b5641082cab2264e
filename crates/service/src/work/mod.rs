//! Long work: what is asked for becomes a job in the store, what a job does is here.
//!
//! A use case that a job runs takes a [`Task`]: it tells how far it is, and its effect is one transaction that begins with
//! [`Task::hold`] and ends with [`Task::end`]. So a job that is taken up again after its worker died takes effect once.
//!
//! What is asked for is sealed ([`payload`]); kinds, agents, states, messages and results stand in the clear (DECISIONS section 12).
//!
//! To add a kind: a file here with its handler and its `ask_…`, and a line in [`registry`].

mod batch_test;
mod conversation_test;
mod erase;
mod export;
mod extraction;
mod graph;
mod import;
mod merge;
mod package;
mod payload;
mod publish;
mod quality;
mod rows;
mod task;
mod train;
mod utterance;

pub(crate) use batch_test::batch_run;
pub(crate) use conversation_test::conversation_run;
pub use conversation_test::{ask_conversation_import, find_conversation_import};
pub use erase::{Erased, ErasedCounts, ask_erase, find_erase};
pub use export::{ask_export, latest_export};
pub(crate) use extraction::ask_extraction;
pub use graph::{ask_graph_export, ask_graph_import, find_graph_import, latest_graph_export};
pub use import::{Asked, Upload, ask_import, asked, read_files, read_upload};
pub use merge::ask_merge;
pub use publish::{ask_publish, latest_publish};
pub use quality::{Latest, ask_quality, latest_quality};
pub(crate) use task::Task;
pub(crate) use train::retraining;
pub use train::{ask_graph_train, ask_train, latest_train, retrain_outdated, trainings};
pub use utterance::{
    ask_utterance_export, ask_utterance_import, find_utterance_import, latest_utterance_export,
};

use crate::{Caller, Ctx, definition};
use jobs::{JobError, Registry, Worker};
use std::sync::Arc;
use store::{File, Job, JobFilter, NewJob};
use tokio::sync::watch;
use types::{
    Error, Kind, Result,
    id::{AccountId, BotId, JobId, UserId},
    page::PageIn,
};

/// Jobs of a list at most.
const LIST_MAX: u32 = 100;
/// How long a job is remembered when it is over, milliseconds (ours).
const KEPT_MS: i64 = 30 * 86_400_000;
/// Jobs of one account that may wait or run at a time (ours).
const OPEN_MAX: u32 = 200;

/// Every kind of job.
pub fn registry() -> Registry<Ctx> {
    Registry::default()
        .with(import::Import)
        .with(merge::Merging)
        .with(train::Train)
        .with(publish::Publishing)
        .with(export::Export)
        .with(rows::Import::<utterance::Utterances>::default())
        .with(rows::Export::<utterance::Utterances>::default())
        .with(batch_test::Run)
        .with(conversation_test::Importing)
        .with(conversation_test::Running)
        .with(erase::Erasing)
        .with(extraction::Extract)
        .with(rows::Import::<graph::Graph>::default())
        .with(rows::Export::<graph::Graph>::default())
        .with(quality::Quality)
}

/// A worker of this process.
pub fn worker(ctx: &Ctx, settings: jobs::Settings) -> Arc<Worker<Ctx>> {
    Worker::new(
        Arc::clone(&ctx.parts.store),
        Arc::clone(&ctx.parts.clock),
        Arc::new(ctx.clone()),
        registry(),
        format!("{}-{}", std::process::id(), ctx.ids().hex24()),
        settings,
    )
}

/// Works on jobs until `stop` turns true, then ends those that run. A job that this process adds starts at once.
pub async fn serve(ctx: &Ctx, settings: jobs::Settings, stop: watch::Receiver<bool>) {
    let worker = worker(ctx, settings);
    let woken = async {
        loop {
            ctx.job_added.notified().await;
            worker.wake();
        }
    };
    tokio::select! {
        () = Arc::clone(&worker).run(stop) => {}
        () = woken => {}
    }
}

/// Forgets expired files, and jobs that have been over for 30 days; answers how many.
///
/// # Errors
/// When the store cannot be reached.
pub async fn forget_old(ctx: &Ctx) -> Result<u64> {
    let now = ctx.now();
    let files = ctx.store().files().remove_expired(now).await?;
    Ok(files + ctx.store().jobs().remove_over(now - KEPT_MS).await?)
}

/// A job of the account.
///
/// # Errors
/// Not found, for another account's job too.
pub async fn find(ctx: &Ctx, caller: &Caller, job: &JobId) -> Result<Job> {
    let found = ctx.store().jobs().find(&caller.account, job).await?;
    found.ok_or_else(|| Error::not_found("There is no such job"))
}

/// A job of this kind for this agent.
///
/// # Errors
/// Not found, for another kind of job and another agent's too.
async fn find_of(ctx: &Ctx, caller: &Caller, bot: &BotId, job: &JobId, kind: &str) -> Result<Job> {
    let found = find(ctx, caller, job).await?;
    match found.new.kind == kind && found.new.bot.as_ref() == Some(bot) {
        true => Ok(found),
        false => Err(Error::not_found("There is no such job")),
    }
}

/// A job has one text: every wrong field or row on a line of its own, else the message.
fn in_one_text(error: &Error) -> String {
    if error.fields.is_empty() {
        return error.message.to_string();
    }
    let lines = error.fields.iter();
    let lines: Vec<String> = lines
        .map(|f| format!("{}: {}", f.field, f.message))
        .collect();
    lines.join("\n")
}

/// The failure of a job that reads rows: bad input ends it with the wrong rows, anything else as it stands.
fn explained(error: Error) -> JobError {
    match error.kind == Kind::BadInput && !error.fields.is_empty() {
        true => JobError::Fail(in_one_text(&error)),
        false => error.into(),
    }
}

/// The person who asked for a job, as the API names them: for an app or the command line, the owner of the account.
///
/// # Errors
/// When the store cannot be reached.
pub async fn author(ctx: &Ctx, job: &Job) -> Result<String> {
    person(ctx, &job.new.account, &job.new.created_by).await
}

/// The person behind an actor, as the API names them: for an app or the command line, the owner of the account.
///
/// # Errors
/// When the store cannot be reached.
pub async fn person(ctx: &Ctx, account: &AccountId, by: &str) -> Result<String> {
    if by.starts_with(UserId::PREFIX) {
        return Ok(by.to_owned());
    }
    let people = ctx.store().users().list(account).await?;
    let owner = people
        .iter()
        .filter(|user| user.role == "owner")
        .min_by_key(|user| user.created_at);
    Ok(owner.map_or_else(|| by.to_owned(), |user| user.id.to_string()))
}

/// The newest jobs of the account, or of one agent; at most 100.
///
/// # Errors
/// Not found, when the agent is not of the account.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: Option<&BotId>, limit: u32) -> Result<Vec<Job>> {
    if let Some(bot) = bot {
        definition::get(ctx, caller, bot).await?;
    }
    let filter = JobFilter {
        bot: bot.cloned(),
        ..JobFilter::default()
    };
    newest(ctx, caller, &filter, limit.clamp(1, LIST_MAX)).await
}

async fn newest(ctx: &Ctx, caller: &Caller, filter: &JobFilter, limit: u32) -> Result<Vec<Job>> {
    let page = PageIn {
        limit,
        cursor: None,
    };
    let page = ctx.store().jobs().list(&caller.account, filter, &page);
    Ok(page.await?.items)
}

/// The newest jobs of a kind on an agent.
async fn newest_of(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    kind: &str,
    limit: u32,
) -> Result<Vec<Job>> {
    let filter = JobFilter {
        bot: Some(bot.clone()),
        kind: Some(kind.to_owned()),
        open: false,
    };
    newest(ctx, caller, &filter, limit).await
}

/// A job to be added, before its payload is sealed.
struct Wanted<'a> {
    id: JobId,
    kind: &'static str,
    bot: Option<&'a BotId>,
    file: Option<File>,
}

/// Adds a job, with the file that it works on, in one transaction, and wakes the worker of this process.
async fn add<T: serde::Serialize>(
    ctx: &Ctx,
    caller: &Caller,
    wanted: Wanted<'_>,
    ask: &T,
) -> Result<JobId> {
    let job = prepare(ctx, caller, &wanted, ask).await?;
    let tx = ctx.store().begin().await?;
    if let Some(file) = &wanted.file {
        tx.files().add(file).await?;
    }
    tx.jobs().add(&job).await?;
    tx.commit().await?;
    ctx.job_added.notify_one();
    Ok(job.id)
}

/// A job that is not stored yet.
///
/// # Errors
/// Too much work of the account is waiting already.
async fn prepare<T: serde::Serialize>(
    ctx: &Ctx,
    caller: &Caller,
    wanted: &Wanted<'_>,
    ask: &T,
) -> Result<NewJob> {
    let open = JobFilter {
        open: true,
        ..JobFilter::default()
    };
    let waiting = newest(ctx, caller, &open, OPEN_MAX).await?.len();
    if u32::try_from(waiting).unwrap_or(u32::MAX) >= OPEN_MAX {
        let text = "Too much work is waiting already; try again when some of it is done";
        return Err(Error::new(types::Kind::Limited, text));
    }
    let now = ctx.now();
    Ok(NewJob {
        payload: payload::seal(ctx, caller, &wanted.id, ask)?,
        id: wanted.id.clone(),
        kind: wanted.kind.to_owned(),
        account: caller.account.clone(),
        bot: wanted.bot.cloned(),
        created_by: caller.actor(),
        run_at: now,
        created_at: now,
    })
}

/// The agent that a job works on.
fn agent_of(job: &Job) -> Result<&BotId> {
    let bot = job.new.bot.as_ref();
    bot.ok_or_else(|| Error::internal("a job without its agent"))
}
