//! Batch test suites of an agent and their runs. What a run does stands in [`crate::work`].

use super::{
    batch_check::Counters,
    batch_file::{self, Case},
    facts, head,
    utterance_file::Format,
};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
    definition::file,
    work,
};
use crypt::Place;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Copy, Job, JobState, TestRun, TestSuite};
use types::{
    Error, Kind, Result, codes,
    id::{AccountId, BotId, FileId, JobId, TestSuiteId},
};

/// Longest name, characters (ours).
const NAME_MAX: usize = 100;
/// Longest description, characters (ours).
const DESCRIPTION_MAX: usize = 1_000;
/// Suites of an agent at most (ours).
const SUITES_MAX: i64 = 200;
/// Runs of a suite at most (ours).
const RUNS_MAX: i64 = 200;
/// Runs of a suite that the list shows (ours).
const RUNS_SHOWN: i64 = 20;
/// Words that stand in paths where a name would.
const TAKEN: [&str; 1] = ["import"];

/// The sealed content of a suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Content {
    pub description: String,
    pub file: FileId,
    pub file_name: String,
    pub cases: Vec<Case>,
}

/// A suite to be stored.
#[derive(Debug, Clone)]
pub struct Import {
    /// The uploaded file.
    pub file: FileId,
    /// Its layout; none: by its name.
    pub format: Option<Format>,
    /// Between the cells of a row.
    pub delimiter: u8,
    /// Replaces the suite of that name.
    pub update: bool,
    /// Name of the suite.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Language code; none: the agent's first.
    pub language: Option<String>,
}

/// A suite with what its content says about it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The row.
    pub suite: TestSuite,
    /// What it is for.
    pub description: String,
    /// The file that it came from.
    pub file: FileId,
    /// Its name.
    pub file_name: String,
    /// Who made it, as the API names people.
    pub author: String,
    /// The newest runs that are done, with their counters; only in lists.
    pub runs: Vec<(TestRun, Counters)>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits or works; percent done.
    Running(i64),
    /// Done.
    Completed,
    /// Ended without a result.
    Failed,
}

/// A run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The row, without the report.
    pub row: TestRun,
    /// Language of the suite.
    pub language: String,
    /// Who started it, as the API names people.
    pub author: String,
    /// Where it stands.
    pub state: State,
    /// Once it is done.
    pub counters: Option<Counters>,
    /// The report as a file, once it is done.
    pub file: Option<FileId>,
}

fn place<'a>(kind: &'static str, account: &'a AccountId, row: &'a str) -> Place<'a> {
    Place {
        kind,
        account: account.as_str(),
        row,
    }
}

/// Seals the report of a run.
pub(crate) fn seal_report(ctx: &Ctx, account: &AccountId, run: &JobId, report: &[u8]) -> Vec<u8> {
    ctx.vault()
        .seal(&place("test_report", account, run.as_str()), report)
}

/// Opens the content of a suite, off the async threads.
///
/// # Errors
/// Internal, when it cannot be opened.
pub(crate) async fn open(ctx: &Ctx, suite: &TestSuite) -> Result<Content> {
    let (ctx, suite) = (ctx.clone(), suite.clone());
    let work = tokio::task::spawn_blocking(move || {
        let place = place("test_suite", &suite.account, suite.id.as_str());
        let plain = ctx.vault().open_sealed(&place, &suite.sealed);
        serde_json::from_slice(&plain.map_err(Error::internal)?).map_err(Error::internal)
    });
    work.await.map_err(Error::internal)?
}

/// A suite by its name.
///
/// # Errors
/// Not found.
async fn named(ctx: &Ctx, caller: &Caller, bot: &BotId, name: &str) -> Result<TestSuite> {
    let tests = ctx.store().batch_tests();
    let found = tests.find_suite(&caller.account, bot, name).await?;
    found.ok_or_else(|| Error::not_found("There is no test suite of this name"))
}

async fn shown(ctx: &Ctx, suite: TestSuite) -> Result<Shown> {
    let content = open(ctx, &suite).await?;
    Ok(Shown {
        author: work::person(ctx, &suite.account, &suite.created_by).await?,
        description: content.description,
        file: content.file,
        file_name: content.file_name,
        suite,
        runs: Vec::new(),
    })
}

/// A part of the suites, the oldest first, with their newest runs; and how many there are.
///
/// # Errors
/// When the store cannot be reached.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    skip: i64,
    limit: i64,
) -> Result<(i64, Vec<Shown>)> {
    let tests = ctx.store().batch_tests();
    let count = tests.count_suites(&caller.account, bot).await?;
    let mut all = Vec::new();
    for suite in tests.list_suites(&caller.account, bot, skip, limit).await? {
        let runs = tests
            .list_runs(&caller.account, &suite.id, RUNS_SHOWN)
            .await?;
        let mut one = shown(ctx, suite).await?;
        for run in runs {
            if let Some(counters) = counters(&run)? {
                one.runs.push((run, counters));
            }
        }
        all.push(one);
    }
    Ok((count, all))
}

fn counters(run: &TestRun) -> Result<Option<Counters>> {
    let read = run.counters.clone().map(serde_json::from_value);
    read.transpose().map_err(Error::internal)
}

async fn language(ctx: &Ctx, caller: &Caller, bot: &BotId, asked: Option<&str>) -> Result<String> {
    let known = facts(ctx, &caller.account, bot).await?;
    match asked.map(str::to_lowercase) {
        None => known
            .languages
            .first()
            .cloned()
            .ok_or_else(|| Error::of(&codes::BOT_NOT_TRAINED)),
        Some(code) if known.languages.contains(&code) => Ok(code),
        Some(_) => Err(Error::field(
            "bot-language",
            "is not a language of the agent",
        )),
    }
}

/// Stores a suite from an uploaded file, and starts a run of a new one against each copy that is trained.
///
/// # Errors
/// Not found: the file, or the suite to be replaced; a conflict on `name`; bad input that names each wrong row.
pub async fn import(ctx: &Ctx, caller: &Caller, bot: &BotId, ask: Import) -> Result<Shown> {
    check(&ask)?;
    let account = &caller.account;
    let language = language(ctx, caller, bot, ask.language.as_deref()).await?;
    let tests = ctx.store().batch_tests();
    let old = tests.find_suite(account, bot, &ask.name).await?;
    if ask.update && old.is_none() {
        return Err(Error::not_found(
            "There is no test suite of this name to update",
        ));
    }
    if !ask.update && old.is_some() {
        return Err(Error::field(
            "name",
            "a test suite of this name exists; use importType update",
        ));
    }
    if old.is_none() && tests.count_suites(account, bot).await? >= SUITES_MAX {
        let text = format!("An agent can have {SUITES_MAX} test suites; delete one first");
        return Err(Error::conflict(text));
    }
    let (file_name, bytes) = file::read(ctx, account, &ask.file).await?;
    let format = ask.format.or_else(|| Format::of_name(&file_name));
    let format = format.ok_or_else(|| Error::field("fileType", "must be json or csv"))?;
    let now = ctx.now();
    let mut suite = TestSuite {
        id: TestSuiteId::new(ctx.ids()),
        account: account.clone(),
        bot: bot.clone(),
        name: ask.name.clone(),
        language,
        cases: 0,
        sealed: Vec::new(),
        created_by: caller.actor(),
        created_at: now,
        updated_at: now,
    };
    if let Some(old) = &old {
        suite.id = old.id.clone();
        suite.created_by = old.created_by.clone();
        suite.created_at = old.created_at;
    }
    let inner = ctx.clone();
    let work = tokio::task::spawn_blocking(move || -> Result<TestSuite> {
        let cases = batch_file::read(format, ask.delimiter, &bytes)?;
        suite.cases = i64::try_from(cases.len()).unwrap_or(i64::MAX);
        let content = Content {
            description: ask.description,
            file: ask.file,
            file_name,
            cases,
        };
        let plain = serde_json::to_vec(&content).map_err(Error::internal)?;
        let place = place("test_suite", &suite.account, suite.id.as_str());
        suite.sealed = inner.vault().seal(&place, &plain);
        Ok(suite)
    });
    let suite = work.await.map_err(Error::internal)??;
    store(ctx, caller, &suite, old.is_none()).await?;
    shown(ctx, suite).await
}

fn check(ask: &Import) -> Result<()> {
    let long = |text: &str, most: usize| text.chars().count() > most;
    if ask.name.is_empty() || long(&ask.name, NAME_MAX) {
        return Err(Error::field(
            "name",
            format!("must have 1 to {NAME_MAX} characters"),
        ));
    }
    if ask.name.contains('/') || TAKEN.contains(&ask.name.to_lowercase().as_str()) {
        return Err(Error::field(
            "name",
            "must not be `import` and must hold no slash",
        ));
    }
    if long(&ask.description, DESCRIPTION_MAX) {
        let text = format!("must have at most {DESCRIPTION_MAX} characters");
        return Err(Error::field("description", text));
    }
    Ok(())
}

/// Writes the suite with the runs that a new one begins with.
async fn store(ctx: &Ctx, caller: &Caller, suite: &TestSuite, new: bool) -> Result<()> {
    let mut runs = Vec::new();
    for published in [false, true] {
        if new && is_trained(ctx, suite, published).await? {
            runs.push(work::batch_run(ctx, caller, suite, published).await?);
        }
    }
    let tx = ctx.store().begin().await?;
    tx.batch_tests().put_suite(suite).await?;
    for (run, job) in &runs {
        tx.batch_tests().add_run(run).await?;
        tx.jobs().add(job).await?;
    }
    let action = if new {
        "batch_test.add"
    } else {
        "batch_test.update"
    };
    let details = json!({"language": suite.language, "cases": suite.cases, "runs": runs.len()});
    note(
        ctx,
        &*tx,
        caller,
        (action, suite.id.as_str()),
        &suite.bot,
        details,
    )
    .await?;
    tx.commit().await?;
    ctx.job_added.notify_one();
    Ok(())
}

async fn note(
    ctx: &Ctx,
    tx: &dyn store::Tx,
    caller: &Caller,
    (action, target): (&'static str, &str),
    bot: &BotId,
    details: serde_json::Value,
) -> Result<()> {
    let change = Change {
        action,
        target,
        bot: Some(bot),
        details: Some(details),
        ..Change::default()
    };
    audit::note(ctx, tx, caller, change).await
}

/// The copy that a run tests.
///
/// # Errors
/// [`codes::BOT_NOT_PUBLISHED`].
pub(crate) async fn copy(
    ctx: &Ctx,
    account: &AccountId,
    bot: &BotId,
    published: bool,
) -> Result<Copy> {
    if !published {
        return Ok(Copy::Draft);
    }
    let version = facts(ctx, account, bot).await?.published.clone();
    version
        .map(Copy::Version)
        .ok_or_else(|| Error::of(&codes::BOT_NOT_PUBLISHED))
}

async fn is_trained(ctx: &Ctx, suite: &TestSuite, published: bool) -> Result<bool> {
    let (account, bot) = (&suite.account, &suite.bot);
    let copy = match copy(ctx, account, bot, published).await {
        Ok(copy) => copy,
        Err(error) if error.kind == Kind::Internal || error.kind == Kind::Unavailable => {
            return Err(error);
        }
        Err(_) => return Ok(false),
    };
    Ok(head(ctx, account, bot, &copy, &suite.language)
        .await?
        .is_some())
}

/// Starts a run of a suite on the draft or on the copy in force; answers its id, which is its job's too.
///
/// # Errors
/// Not found; the copy is not there or not trained in the suite's language; too many runs.
pub async fn run(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    name: &str,
    published: bool,
) -> Result<JobId> {
    let suite = named(ctx, caller, bot, name).await?;
    copy(ctx, &caller.account, bot, published).await?;
    if !is_trained(ctx, &suite, published).await? {
        return Err(Error::of(&codes::BOT_NOT_TRAINED));
    }
    let tests = ctx.store().batch_tests();
    let runs = tests
        .list_runs(&caller.account, &suite.id, RUNS_MAX)
        .await?;
    if i64::try_from(runs.len()).unwrap_or(i64::MAX) >= RUNS_MAX {
        let text = format!("A suite keeps {RUNS_MAX} runs; delete one first");
        return Err(Error::conflict(text));
    }
    let (run, job) = work::batch_run(ctx, caller, &suite, published).await?;
    let tx = ctx.store().begin().await?;
    tx.batch_tests().add_run(&run).await?;
    tx.jobs().add(&job).await?;
    let details = json!({"suite": suite.id, "published": published});
    note(
        ctx,
        &*tx,
        caller,
        ("batch_test.run", run.id.as_str()),
        bot,
        details,
    )
    .await?;
    tx.commit().await?;
    ctx.job_added.notify_one();
    Ok(run.id)
}

/// Where a run of a suite stands.
///
/// # Errors
/// Not found.
pub async fn status(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    name: &str,
    run: &JobId,
) -> Result<Run> {
    let suite = named(ctx, caller, bot, name).await?;
    let tests = ctx.store().batch_tests();
    let row = tests.find_run(&caller.account, &suite.id, run).await?;
    let mut row = row.ok_or_else(|| Error::not_found("There is no such run of this suite"))?;
    let job = ctx.store().jobs().find(&caller.account, run).await?;
    let state = match (&row.ended_at, &job) {
        (Some(_), _) => State::Completed,
        (None, Some(job)) if job.state != JobState::Failed => State::Running(percent(job)),
        (None, _) => State::Failed,
    };
    let file = match row.report.take() {
        Some(report) => Some(report_file(ctx, &suite, &row, report).await?),
        None => None,
    };
    Ok(Run {
        language: suite.language,
        author: work::person(ctx, &row.account, &row.created_by).await?,
        state,
        counters: counters(&row)?,
        file,
        row,
    })
}

/// The runs of a suite, the newest first, those that wait or work among them.
///
/// # Errors
/// Not found.
pub async fn runs(ctx: &Ctx, caller: &Caller, bot: &BotId, name: &str) -> Result<Vec<Run>> {
    let suite = named(ctx, caller, bot, name).await?;
    let tests = ctx.store().batch_tests();
    let rows = tests
        .list_runs(&caller.account, &suite.id, RUNS_SHOWN)
        .await?;
    let mut all = Vec::new();
    for row in rows {
        let state = match row.ended_at {
            Some(_) => State::Completed,
            None => match ctx.store().jobs().find(&row.account, &row.id).await? {
                Some(job) if job.state != JobState::Failed => State::Running(percent(&job)),
                _ => State::Failed,
            },
        };
        all.push(Run {
            language: suite.language.clone(),
            author: row.created_by.clone(),
            counters: counters(&row)?,
            file: None,
            state,
            row,
        });
    }
    Ok(all)
}

/// The report of a run as CSV.
///
/// # Errors
/// Not found: the run, or it is not done.
pub async fn report(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    name: &str,
    run: &JobId,
) -> Result<Vec<u8>> {
    let suite = named(ctx, caller, bot, name).await?;
    let tests = ctx.store().batch_tests();
    let row = tests.find_run(&caller.account, &suite.id, run).await?;
    let sealed = row.and_then(|row| row.report);
    let sealed = sealed.ok_or_else(|| Error::not_found("This run has no report yet"))?;
    let (ctx, account, id) = (ctx.clone(), caller.account.clone(), run.clone());
    let work = tokio::task::spawn_blocking(move || {
        let place = place("test_report", &account, id.as_str());
        ctx.vault().open_sealed(&place, &sealed)
    });
    work.await
        .map_err(Error::internal)?
        .map_err(Error::internal)
}

fn percent(job: &Job) -> i64 {
    job.percent.clamp(0, 99)
}

/// The report as a file: the one it was handed out as, or a new one when that has expired.
async fn report_file(
    ctx: &Ctx,
    suite: &TestSuite,
    row: &TestRun,
    sealed: Vec<u8>,
) -> Result<FileId> {
    if let Some(file) = &row.file
        && ctx
            .store()
            .files()
            .find(&row.account, file, ctx.now())
            .await?
            .is_some()
    {
        return Ok(file.clone());
    }
    let work = {
        let (ctx, account, id) = (ctx.clone(), row.account.clone(), row.id.clone());
        tokio::task::spawn_blocking(move || {
            let place = place("test_report", &account, id.as_str());
            ctx.vault().open_sealed(&place, &sealed)
        })
    };
    let plain = work
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)?;
    let name = format!("{}-report.csv", suite.name);
    let kept = file::sealed(ctx, &row.account, &name, plain).await?;
    let tx = ctx.store().begin().await?;
    tx.files().add(&kept).await?;
    tx.batch_tests()
        .set_run_file(&row.account, &row.id, &kept.id)
        .await?;
    tx.commit().await?;
    Ok(kept.id)
}

/// Puts the cases of a suite into a CSV file; answers the file and what the suite is for.
///
/// # Errors
/// Not found.
pub async fn export(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    name: &str,
) -> Result<(FileId, Shown)> {
    let suite = named(ctx, caller, bot, name).await?;
    let content = open(ctx, &suite).await?;
    let write = tokio::task::spawn_blocking(move || batch_file::write(&content.cases));
    let bytes = write.await.map_err(Error::internal)??;
    let kept = file::sealed(ctx, &caller.account, &format!("{}.csv", suite.name), bytes).await?;
    let tx = ctx.store().begin().await?;
    tx.files().add(&kept).await?;
    let target = ("batch_test.export", suite.id.as_str());
    note(
        ctx,
        &*tx,
        caller,
        target,
        bot,
        json!({"cases": suite.cases}),
    )
    .await?;
    tx.commit().await?;
    Ok((kept.id, shown(ctx, suite).await?))
}

/// Removes a run; one that works stops without an effect.
///
/// # Errors
/// Not found.
pub async fn remove_run(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    name: &str,
    run: &JobId,
) -> Result<()> {
    let suite = named(ctx, caller, bot, name).await?;
    let account = &caller.account;
    let tx = ctx.store().begin().await?;
    let row = tx.batch_tests().find_run(account, &suite.id, run).await?;
    let row = row.ok_or_else(|| Error::not_found("There is no such run of this suite"))?;
    tx.batch_tests().remove_run(account, &suite.id, run).await?;
    if let Some(file) = &row.file {
        tx.files().remove(account, file).await?;
    }
    let details = json!({"suite": suite.id});
    note(
        ctx,
        &*tx,
        caller,
        ("batch_test.run_delete", run.as_str()),
        bot,
        details,
    )
    .await?;
    tx.commit().await
}

/// Removes a suite with its runs; those that work stop without an effect.
///
/// # Errors
/// Not found.
pub async fn remove(ctx: &Ctx, caller: &Caller, bot: &BotId, name: &str) -> Result<()> {
    let suite = named(ctx, caller, bot, name).await?;
    let account = &caller.account;
    let tx = ctx.store().begin().await?;
    let runs = tx
        .batch_tests()
        .list_runs(account, &suite.id, RUNS_MAX)
        .await?;
    for file in runs.iter().filter_map(|run| run.file.as_ref()) {
        tx.files().remove(account, file).await?;
    }
    if !tx
        .batch_tests()
        .remove_suite(account, bot, &suite.id)
        .await?
    {
        return Err(Error::not_found("There is no test suite of this name"));
    }
    let details = json!({"runs": runs.len()});
    note(
        ctx,
        &*tx,
        caller,
        ("batch_test.delete", suite.id.as_str()),
        bot,
        details,
    )
    .await?;
    tx.commit().await
}
