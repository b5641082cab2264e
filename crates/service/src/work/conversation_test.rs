//! Import and runs of conversation test suites.

use super::{Task, Wanted, add, payload, prepare};
use crate::{
    Caller, Ctx, definition as agents,
    training::{
        batch_test,
        conversation_replay::{self as play, StepVerdict},
        conversation_test::{self as suites, Import, Playing},
    },
};
use async_trait::async_trait;
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{ConversationRun, ConversationSuite, Job, NewJob};
use tokio::sync::mpsc;
use types::{
    Error, Result,
    id::{BotId, JobId, TestSuiteId},
};

const IMPORT: &str = "conversation_test_import";
const RUN: &str = "conversation_test";
/// Verdicts that wait to be counted (ours).
const WAITING: usize = 16;

#[derive(Serialize, Deserialize)]
struct Ask {
    suite: TestSuiteId,
}

/// Asks for the import of a suite. The id begins with `ds-`.
///
/// # Errors
/// Not found: the agent, or the file; bad input that names each wrong field.
pub async fn ask_conversation_import(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    ask: Import,
) -> Result<JobId> {
    agents::get(ctx, caller, bot).await?;
    suites::check(ctx, caller, bot, &ask).await?;
    let wanted = Wanted {
        id: JobId::with_prefix("ds-", ctx.ids()),
        kind: IMPORT,
        bot: Some(bot),
        file: None,
    };
    add(ctx, caller, wanted, &ask).await
}

/// An import of a suite of this agent.
///
/// # Errors
/// Not found, for another kind of job and another agent's too.
pub async fn find_conversation_import(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    job: &JobId,
) -> Result<Job> {
    super::find_of(ctx, caller, bot, job, IMPORT).await
}

/// A run of a suite with its job, neither of them stored yet.
///
/// # Errors
/// Too much work is waiting already.
pub(crate) async fn conversation_run(
    ctx: &Ctx,
    caller: &Caller,
    suite: &ConversationSuite,
    published: bool,
) -> Result<(ConversationRun, NewJob)> {
    let wanted = Wanted {
        id: JobId::with_prefix("ctr-", ctx.ids()),
        kind: RUN,
        bot: Some(&suite.bot),
        file: None,
    };
    let ask = Ask {
        suite: suite.id.clone(),
    };
    let job = prepare(ctx, caller, &wanted, &ask).await?;
    let run = ConversationRun {
        id: job.id.clone(),
        account: suite.account.clone(),
        bot: suite.bot.clone(),
        suite: suite.id.clone(),
        published,
        steps: suite.steps,
        created_by: caller.actor(),
        started_at: ctx.now(),
        ended_at: None,
        passed: None,
        report: None,
    };
    Ok((run, job))
}

pub(super) struct Importing;

#[async_trait]
impl Handler<Ctx> for Importing {
    fn kind(&self) -> &'static str {
        IMPORT
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<Import>(ctx, job)?;
        let bot = super::agent_of(job)?;
        import(&Task::of(progress), ctx, &caller, bot, &ask).await?;
        Ok(Value::Null)
    }
}

async fn import(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    ask: &Import,
) -> Result<()> {
    task.say(5, "Playing the steps").await;
    let (suite, differing) = suites::prepare(ctx, caller, bot, ask).await?;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    tx.conversation_tests().add_suite(&suite).await?;
    let details = json!({"language": suite.language, "steps": suite.steps});
    let what = ("conversation_test.add", suite.id.as_str());
    suites::note(ctx, &*tx, caller, bot, what, details).await?;
    let result = || json!({"botId": bot, "testSuiteId": suite.id, "differing": differing});
    task.end(ctx, &*tx, result).await?;
    tx.commit().await
}

pub(super) struct Running;

#[async_trait]
impl Handler<Ctx> for Running {
    fn kind(&self) -> &'static str {
        RUN
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<Ask>(ctx, job)?;
        let done = work(&Task::of(progress), ctx, &caller, &job.new.id, &ask.suite).await?;
        Ok(if done {
            Value::Null
        } else {
            json!({"deleted": true})
        })
    }
}

/// Plays the steps; false when the run or its suite was deleted meanwhile, and nothing was written.
async fn work(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    id: &JobId,
    suite: &TestSuiteId,
) -> Result<bool> {
    let (account, tests) = (&caller.account, ctx.store().conversation_tests());
    let Some(run) = tests.find_run(account, suite, id).await? else {
        return Ok(false);
    };
    let Some(suite) = tests.get_suite(account, &run.bot, suite).await? else {
        return Ok(false);
    };
    let bot = &run.bot;
    let content = Arc::new(suites::open(ctx, &suite).await?);
    let copy = batch_test::copy(ctx, account, bot, run.published).await?;
    let playing = Playing::load(ctx, account, bot, &copy, &suite.language).await?;
    let (tell, mut told) = mpsc::channel::<StepVerdict>(WAITING);
    let steps = Arc::clone(&content);
    let work = tokio::task::spawn_blocking(move || {
        playing.play(&steps, |at, played| {
            let verdict = play::judge(at + 1, &steps.steps[at], played);
            // nobody listens any more when the run was deleted
            tell.blocking_send(verdict).is_ok()
        })
    });
    let mut verdicts = Vec::with_capacity(content.steps.len());
    let mut deleted = false;
    while let Some(verdict) = told.recv().await {
        verdicts.push(verdict);
        let (done, all) = (verdicts.len(), content.steps.len());
        let percent = i64::try_from(95 * done / all).unwrap_or(95);
        task.say(percent, &format!("{done} of {all} steps")).await;
        if tests.find_run(account, &suite.id, id).await?.is_none() {
            deleted = true;
            break;
        }
    }
    drop(told);
    work.await.map_err(Error::internal)??;
    if deleted {
        return Ok(false);
    }
    let passed = verdicts.iter().filter(|verdict| verdict.passed).count();
    let passed = i64::try_from(passed).unwrap_or(i64::MAX);
    let report = suites::seal_report(ctx, account, id, &verdicts)?;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    let tests = tx.conversation_tests();
    if !tests
        .end_run(account, id, passed, &report, ctx.now())
        .await?
    {
        return Ok(false);
    }
    let result = || json!({"botId": bot, "passed": passed, "steps": run.steps});
    task.end(ctx, &*tx, result).await?;
    tx.commit().await?;
    Ok(true)
}
