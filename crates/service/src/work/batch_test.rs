//! A run of a batch test suite.

use super::{Task, Wanted, payload, prepare};
use crate::{
    Caller, Ctx, definition,
    training::{
        self,
        batch_check::{self, Heading, Judge, Verdict},
        batch_test as suites,
    },
};
use async_trait::async_trait;
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Job, NewJob, TestRun, TestSuite};
use types::{
    Error, Result,
    clock::iso,
    id::{JobId, TestSuiteId},
};

const KIND: &str = "batch_test";
/// Cases between two looks at whether somebody has deleted the run (ours).
const STEP: usize = 500;
/// Threads of one run at most (ours).
const THREADS: usize = 4;

#[derive(Serialize, Deserialize)]
struct Ask {
    suite: TestSuiteId,
}

/// A run of a suite with its job, neither of them stored yet.
///
/// # Errors
/// Too much work is waiting already.
pub(crate) async fn batch_run(
    ctx: &Ctx,
    caller: &Caller,
    suite: &TestSuite,
    published: bool,
) -> Result<(TestRun, NewJob)> {
    let wanted = Wanted {
        id: JobId::with_prefix("tr-", ctx.ids()),
        kind: KIND,
        bot: Some(&suite.bot),
        file: None,
    };
    let ask = Ask {
        suite: suite.id.clone(),
    };
    let job = prepare(ctx, caller, &wanted, &ask).await?;
    let run = TestRun {
        id: job.id.clone(),
        account: suite.account.clone(),
        bot: suite.bot.clone(),
        suite: suite.id.clone(),
        published,
        cases: suite.cases,
        created_by: caller.actor(),
        started_at: ctx.now(),
        ended_at: None,
        counters: None,
        report: None,
        file: None,
    };
    Ok((run, job))
}

pub(super) struct Run;

#[async_trait]
impl Handler<Ctx> for Run {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<Ask>(ctx, job)?;
        let done = work(&Task::of(progress), ctx, &caller, &job.new.id, &ask.suite).await?;
        Ok(if done { Value::Null } else { gone() })
    }
}

fn gone() -> Value {
    json!({"deleted": true})
}

/// Runs the cases; false when the run or its suite was deleted meanwhile, and nothing was written.
async fn work(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    id: &JobId,
    suite: &TestSuiteId,
) -> Result<bool> {
    let (account, tests) = (&caller.account, ctx.store().batch_tests());
    let Some(run) = tests.find_run(account, suite, id).await? else {
        return Ok(false);
    };
    let Some(suite) = tests.get_suite(account, &run.bot, suite).await? else {
        return Ok(false);
    };
    let content = suites::open(ctx, &suite).await?;
    let bot = &run.bot;
    let copy = suites::copy(ctx, account, bot, run.published).await?;
    let model = training::model(ctx, account, bot, &copy, &suite.language).await?;
    let agent = definition::load(ctx, account, bot, &copy).await?;
    let (language, now) = (suite.language.clone(), ctx.now());
    let published = run.published;
    let made = tokio::task::spawn_blocking(move || {
        let input = training::corpus(&agent, &language);
        let judge = Judge::new(&agent, &input, model, now, published);
        (judge, input.config)
    });
    let (judge, config) = made.await.map_err(Error::internal)?;
    let (judge, cases) = (Arc::new(judge), Arc::new(content.cases));
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(cases.len());
    while verdicts.len() < cases.len() {
        let from = verdicts.len();
        let to = cases.len().min(from + STEP);
        verdicts.extend(judged(&judge, &cases, from, to).await?);
        let percent = i64::try_from(95 * to / cases.len()).unwrap_or(95);
        let text = format!("{to} of {} utterances", cases.len());
        task.say(percent, &text).await;
        if tests.find_run(account, &suite.id, id).await?.is_none() {
            return Ok(false);
        }
    }
    let sum = batch_check::add_up(&verdicts);
    let heading = Heading {
        bot: training::facts(ctx, account, bot).await?.name.clone(),
        suite: suite.name.clone(),
        language: suite.language.clone(),
        run_type: if published {
            "published"
        } else {
            "inDevelopment"
        },
        tested: iso(now),
    };
    let report = {
        let (ctx, sum, account, id) = (ctx.clone(), sum.clone(), account.clone(), id.clone());
        tokio::task::spawn_blocking(move || {
            let csv = batch_check::report(&heading, &config, &cases, &verdicts, &sum)?;
            Ok::<_, Error>(suites::seal_report(&ctx, &account, &id, &csv))
        })
    };
    let report = report.await.map_err(Error::internal)??;
    let counters = serde_json::to_value(&sum).map_err(Error::internal)?;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    let tests = tx.batch_tests();
    if !tests
        .end_run(account, id, &counters, &report, ctx.now())
        .await?
    {
        return Ok(false);
    }
    task.end(ctx, &*tx, || json!({"botId": bot, "counters": counters}))
        .await?;
    tx.commit().await?;
    Ok(true)
}

/// Judges a part of the cases on several blocking threads.
async fn judged(
    judge: &Arc<Judge>,
    cases: &Arc<Vec<training::batch_file::Case>>,
    from: usize,
    to: usize,
) -> Result<Vec<Verdict>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = (to - from).div_ceil(threads.min(THREADS)).max(1);
    let parts: Vec<_> = (from..to)
        .step_by(share)
        .map(|start| {
            let (judge, cases) = (Arc::clone(judge), Arc::clone(cases));
            let end = to.min(start + share);
            tokio::task::spawn_blocking(move || {
                cases[start..end]
                    .iter()
                    .map(|case| judge.judge(case))
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut all = Vec::with_capacity(to - from);
    for part in parts {
        all.extend(part.await.map_err(Error::internal)?);
    }
    Ok(all)
}
