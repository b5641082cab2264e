//! Conversation test suites of an agent and their runs. What a run does stands in [`crate::work`].

use super::{
    batch_test::copy,
    conversation_file::{self as layout, Mock, Step},
    conversation_replay::{self as play, Replay, Stage, StepVerdict},
    facts, head,
};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
    console::permission::{self, Permission},
    definition::{self, file},
    runtime::turn,
    work,
};
use crypt::Place;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{ConversationRun, ConversationSuite, Copy, JobState, User};
use types::{
    Error, Result, codes,
    id::{AccountId, BotId, FileId, JobId, TestSuiteId},
};

/// Longest name, characters (ours).
const NAME_MAX: usize = 100;
/// Longest description, characters (ours).
const DESCRIPTION_MAX: usize = 1_000;
/// Tags of a suite at most, and characters of each (ours).
const TAGS_MAX: usize = 20;
const TAG_MAX: usize = 50;
/// Suites of an agent at most (ours).
const SUITES_MAX: usize = 200;
/// Runs of a suite that are kept (ours).
pub(crate) const RUNS_KEPT: i64 = 50;

/// The sealed content of a suite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// What it is for.
    pub description: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Address of the person that the agent believes to talk to.
    pub email: String,
    /// Runs before each conversation.
    pub preprocessor: String,
    /// The services that are not called, with their answers.
    pub mocks: Vec<Mock>,
    /// The steps.
    pub steps: Vec<Step>,
    /// When the suite was imported, each expected output was said.
    pub validated: bool,
}

/// A suite to be stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Import {
    /// The uploaded file.
    pub file: FileId,
    /// Name of the suite.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Address of the owner of the account.
    pub email: String,
    /// Language code; none: the agent's first.
    pub language: Option<String>,
}

/// A suite that is opened.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The row.
    pub suite: ConversationSuite,
    /// The content.
    pub content: Content,
    /// Who made it, as the API names people.
    pub author: String,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits or works; percent done.
    Running(i64),
    /// Done; every step came out as it should.
    Passed,
    /// Done, and a step did not; or ended without a result.
    Failed,
}

/// A run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The row, without the sealed verdicts.
    pub row: ConversationRun,
    /// Where it stands.
    pub state: State,
    /// The verdicts, once it is done.
    pub steps: Vec<StepVerdict>,
    /// Why it ended without a result.
    pub error: Option<String>,
}

fn place<'a>(kind: &'static str, account: &'a AccountId, row: &'a str) -> Place<'a> {
    Place {
        kind,
        account: account.as_str(),
        row,
    }
}

/// Seals the verdicts of a run.
pub(crate) fn seal_report(
    ctx: &Ctx,
    account: &AccountId,
    run: &JobId,
    steps: &[StepVerdict],
) -> Result<Vec<u8>> {
    let plain = serde_json::to_vec(steps).map_err(Error::internal)?;
    let place = place("conversation_report", account, run.as_str());
    Ok(ctx.vault().seal(&place, &plain))
}

/// Opens the content of a suite, off the async threads.
///
/// # Errors
/// Internal, when it cannot be opened.
pub(crate) async fn open(ctx: &Ctx, suite: &ConversationSuite) -> Result<Content> {
    let (ctx, suite) = (ctx.clone(), suite.clone());
    let work = tokio::task::spawn_blocking(move || {
        let place = place("conversation_suite", &suite.account, suite.id.as_str());
        let plain = ctx.vault().open_sealed(&place, &suite.sealed);
        serde_json::from_slice(&plain.map_err(Error::internal)?).map_err(Error::internal)
    });
    work.await.map_err(Error::internal)?
}

async fn shown(ctx: &Ctx, suite: ConversationSuite) -> Result<Shown> {
    Ok(Shown {
        content: open(ctx, &suite).await?,
        author: work::person(ctx, &suite.account, &suite.created_by).await?,
        suite,
    })
}

/// A suite by its id; none when it has been deleted.
///
/// # Errors
/// When the store cannot be reached.
pub async fn get(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    id: &TestSuiteId,
) -> Result<Option<Shown>> {
    let tests = ctx.store().conversation_tests();
    match tests.get_suite(&caller.account, bot, id).await? {
        Some(suite) => shown(ctx, suite).await.map(Some),
        None => Ok(None),
    }
}

/// Every suite of an agent with its newest run, the oldest first.
///
/// # Errors
/// When the store cannot be reached.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
) -> Result<Vec<(Shown, Option<ConversationRun>)>> {
    let tests = ctx.store().conversation_tests();
    let mut all = Vec::new();
    for suite in tests.list_suites(&caller.account, bot).await? {
        let newest = tests.list_runs(&caller.account, &suite.id, 1).await?.pop();
        all.push((shown(ctx, suite).await?, newest));
    }
    Ok(all)
}

async fn named(ctx: &Ctx, caller: &Caller, bot: &BotId, name: &str) -> Result<ConversationSuite> {
    let tests = ctx.store().conversation_tests();
    let found = tests.find_suite(&caller.account, bot, name).await?;
    found.ok_or_else(|| Error::not_found("There is no conversation test suite of this name"))
}

/// The person with this address in the account.
async fn person(ctx: &Ctx, account: &AccountId, email: &str) -> Result<User> {
    let people = ctx.store().users().list(account).await?;
    let found = people
        .into_iter()
        .find(|user| user.enabled && user.email.eq_ignore_ascii_case(email.trim()));
    found.ok_or_else(|| Error::field("userEmailId", "is nobody of the account"))
}

/// Checks what is asked for, as far as that can be done before the job runs.
///
/// # Errors
/// Not found: the file; bad input that names each wrong field.
pub(crate) async fn check(ctx: &Ctx, caller: &Caller, bot: &BotId, ask: &Import) -> Result<()> {
    let account = &caller.account;
    let long = |text: &str, most: usize| text.chars().count() > most;
    if ask.name.is_empty() || long(&ask.name, NAME_MAX) || ask.name.contains('/') {
        let text = format!("must have 1 to {NAME_MAX} characters, and no slash");
        return Err(Error::field("name", text));
    }
    if ask.name.eq_ignore_ascii_case("import") {
        return Err(Error::field("name", "must not be `import`"));
    }
    if long(&ask.description, DESCRIPTION_MAX) {
        let text = format!("must have at most {DESCRIPTION_MAX} characters");
        return Err(Error::field("description", text));
    }
    if ask.tags.len() > TAGS_MAX || ask.tags.iter().any(|tag| long(tag, TAG_MAX)) {
        let text = format!("must be at most {TAGS_MAX} words of at most {TAG_MAX} characters");
        return Err(Error::field("tags", text));
    }
    if person(ctx, account, &ask.email).await?.role != "owner" {
        let text = "must be the address of the owner of the account";
        return Err(Error::field("userEmailId", text));
    }
    let file = ctx.store().files().find(account, &ask.file, ctx.now());
    let file = file.await?;
    let file = file.ok_or_else(|| Error::not_found("Invalid file id"))?;
    if file.size > i64::try_from(layout::BYTES_MAX).unwrap_or(i64::MAX) {
        return Err(Error::field("fileName", "must have at most 2 MiB"));
    }
    let known = &facts(ctx, account, bot).await?.languages;
    if let Some(code) = &ask.language
        && !known.contains(code)
    {
        let text = "is not a language of the agent";
        return Err(Error::field("bot-language", text));
    }
    let tests = ctx.store().conversation_tests();
    if tests.find_suite(account, bot, &ask.name).await?.is_some() {
        let text = "a conversation test suite of this name exists; delete it first";
        return Err(Error::field("name", text));
    }
    if tests.list_suites(account, bot).await?.len() >= SUITES_MAX {
        let text = format!("An agent can have {SUITES_MAX} suites; delete one first");
        return Err(Error::conflict(text));
    }
    Ok(())
}

/// Plays steps one by one.
pub(crate) struct Playing {
    agent: std::sync::Arc<::definition::Agent>,
    models: turn::ByLanguage,
    language: String,
    now: i64,
}

impl Playing {
    /// Loads what a test of a copy needs.
    ///
    /// # Errors
    /// [`codes::BOT_NOT_TRAINED`], also when only the language of the suite has no model.
    pub(crate) async fn load(
        ctx: &Ctx,
        account: &AccountId,
        bot: &BotId,
        copy: &Copy,
        language: &str,
    ) -> Result<Self> {
        let agent = definition::load(ctx, account, bot, copy).await?;
        let models = turn::models(ctx, account, bot, copy, &agent).await?;
        if !models.has(language) {
            return Err(Error::of(&codes::BOT_NOT_TRAINED));
        }
        Ok(Self {
            agent,
            models,
            language: language.to_owned(),
            now: ctx.now(),
        })
    }

    /// Plays the steps of a suite; after each, `go_on` says whether the next one is wanted. Blocks.
    ///
    /// # Errors
    /// Bad input on `preprocessor` when that script fails.
    pub(crate) fn play(
        &self,
        content: &Content,
        mut each: impl FnMut(usize, play::Played) -> bool,
    ) -> Result<()> {
        let stage = Stage {
            agent: &self.agent,
            detector: &self.models,
            language: &self.language,
            preprocessor: &content.preprocessor,
            mocks: &content.mocks,
            email: &content.email,
            now: self.now,
        };
        let mut replay = Replay::new(stage)?;
        for (at, step) in content.steps.iter().enumerate() {
            let played = replay.play(step)?;
            if !each(at, played) {
                break;
            }
        }
        Ok(())
    }
}

/// Reads the file and plays its steps on the draft: what the file does not say about an output is taken from what the agent does.
/// The suite is sealed and not stored yet; beside it stand the steps that did not come out as expected.
///
/// # Errors
/// Bad input that names each wrong place of the file; [`codes::BOT_NOT_TRAINED`].
pub(crate) async fn prepare(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    ask: &Import,
) -> Result<(ConversationSuite, Vec<String>)> {
    let account = &caller.account;
    let known = &facts(ctx, account, bot).await?.languages;
    let language = ask.language.clone().or_else(|| known.first().cloned());
    let language = language.ok_or_else(|| Error::of(&codes::BOT_NOT_TRAINED))?;
    let (_, bytes) = file::read(ctx, account, &ask.file).await?;
    let playing = Playing::load(ctx, account, bot, &Copy::Draft, &language).await?;
    let mut suite = ConversationSuite {
        id: TestSuiteId::new(ctx.ids()),
        account: account.clone(),
        bot: bot.clone(),
        name: ask.name.clone(),
        language,
        steps: 0,
        sealed: Vec::new(),
        created_by: caller.actor(),
        created_at: ctx.now(),
    };
    let (ctx, ask) = (ctx.clone(), ask.clone());
    let work = tokio::task::spawn_blocking(move || {
        let read = layout::read(&bytes)?;
        let mut content = Content {
            description: ask.description,
            tags: ask.tags,
            email: ask.email,
            preprocessor: read.preprocessor,
            mocks: read.mocks,
            steps: read.steps,
            validated: true,
        };
        let mut differing = Vec::new();
        let mut steps = content.steps.clone();
        playing.play(&content, |at, played| {
            play::record(&mut steps[at], &played);
            let verdict = play::judge(at + 1, &steps[at], played);
            if !verdict.passed {
                let wrong = verdict.outputs.iter().find(|output| !output.passed);
                let reason = wrong.and_then(|output| output.reasons.first());
                let reason = reason.map(String::as_str).unwrap_or_default();
                differing.push(format!("step {}: {reason}", at + 1));
            }
            true
        })?;
        content.steps = steps;
        content.validated = differing.is_empty();
        suite.steps = i64::try_from(content.steps.len()).unwrap_or(i64::MAX);
        let plain = serde_json::to_vec(&content).map_err(Error::internal)?;
        let place = place("conversation_suite", &suite.account, suite.id.as_str());
        suite.sealed = ctx.vault().seal(&place, &plain);
        Ok((suite, differing))
    });
    work.await.map_err(Error::internal)?
}

pub(crate) async fn note(
    ctx: &Ctx,
    tx: &dyn store::Tx,
    caller: &Caller,
    bot: &BotId,
    (action, target): (&'static str, &str),
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

/// Starts a run of a suite on the draft or on the copy in force; answers its id, which is its job's too.
///
/// # Errors
/// Not found; bad input on `userEmailId` for somebody who may not work on agents; the copy is not there or not trained in the suite's
/// language.
pub async fn run(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    name: &str,
    published: bool,
    email: &str,
) -> Result<JobId> {
    let suite = named(ctx, caller, bot, name).await?;
    let account = &caller.account;
    let role = person(ctx, account, email).await?.role;
    if permission::check(&role, Permission::Agents).is_err() {
        let text = "must be somebody who may work on the agent";
        return Err(Error::field("userEmailId", text));
    }
    let copy = copy(ctx, account, bot, published).await?;
    let head = head(ctx, account, bot, &copy, &suite.language).await?;
    if head.is_none() {
        return Err(Error::of(&codes::BOT_NOT_TRAINED));
    }
    let (run, job) = work::conversation_run(ctx, caller, &suite, published).await?;
    let tx = ctx.store().begin().await?;
    let tests = tx.conversation_tests();
    tests.add_run(&run).await?;
    tests.prune_runs(account, &suite.id, RUNS_KEPT).await?;
    tx.jobs().add(&job).await?;
    let details = json!({"suite": suite.id, "published": published});
    let what = ("conversation_test.run", run.id.as_str());
    note(ctx, &*tx, caller, bot, what, details).await?;
    tx.commit().await?;
    ctx.job_added.notify_one();
    Ok(run.id)
}

/// Where a run of a suite stands, and its verdicts once it is done.
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
    let account = &caller.account;
    let suite = named(ctx, caller, bot, name).await?;
    let tests = ctx.store().conversation_tests();
    let row = tests.find_run(account, &suite.id, run).await?;
    let mut row = row.ok_or_else(|| Error::not_found("There is no such run of this suite"))?;
    let job = ctx.store().jobs().find(account, run).await?;
    let state = stand(&row, job.as_ref());
    let steps = match row.report.take() {
        None => Vec::new(),
        Some(sealed) => {
            let (ctx, account, id) = (ctx.clone(), account.clone(), row.id.clone());
            let work = tokio::task::spawn_blocking(move || {
                let place = place("conversation_report", &account, id.as_str());
                let plain = ctx.vault().open_sealed(&place, &sealed);
                serde_json::from_slice(&plain.map_err(Error::internal)?).map_err(Error::internal)
            });
            work.await.map_err(Error::internal)??
        }
    };
    let error = job.filter(|job| job.state == JobState::Failed);
    Ok(Run {
        row,
        state,
        steps,
        error: error.and_then(|job| job.error),
    })
}

fn stand(row: &ConversationRun, job: Option<&store::Job>) -> State {
    match (row.passed, job) {
        (Some(passed), _) if passed == row.steps => State::Passed,
        (Some(_), _) => State::Failed,
        (None, Some(job)) if job.state != JobState::Failed => {
            State::Running(job.percent.clamp(0, 99))
        }
        (None, _) => State::Failed,
    }
}

/// The newest runs of a suite without their verdicts.
///
/// # Errors
/// When the store cannot be reached.
pub async fn runs(ctx: &Ctx, caller: &Caller, suite: &TestSuiteId, limit: i64) -> Result<Vec<Run>> {
    let account = &caller.account;
    let tests = ctx.store().conversation_tests();
    let mut all = Vec::new();
    for row in tests.list_runs(account, suite, limit).await? {
        // what is over says so itself
        let job = match row.passed {
            Some(_) => None,
            None => ctx.store().jobs().find(account, &row.id).await?,
        };
        all.push(Run {
            state: stand(&row, job.as_ref()),
            steps: Vec::new(),
            error: job.and_then(|job| job.error),
            row,
        });
    }
    Ok(all)
}

/// A suite by its name.
///
/// # Errors
/// Not found.
pub async fn find(ctx: &Ctx, caller: &Caller, bot: &BotId, name: &str) -> Result<Shown> {
    shown(ctx, named(ctx, caller, bot, name).await?).await
}

/// The suite as a file that can be imported again.
///
/// # Errors
/// Internal, when it cannot be written.
pub fn export(content: &Content) -> Result<Vec<u8>> {
    let file = json!({"preprocessor": content.preprocessor, "serviceMap": content.mocks, "testSteps": content.steps});
    serde_json::to_vec_pretty(&file).map_err(Error::internal)
}

/// Addresses for what a signed-in person does: the own one, and that of the account's owner.
///
/// # Errors
/// When the store cannot be reached.
pub async fn addresses(ctx: &Ctx, caller: &Caller) -> Result<(String, String)> {
    let people = ctx.store().users().list(&caller.account).await?;
    let own = people
        .iter()
        .find(|user| Some(&user.id) == caller.user.as_ref());
    let owners = people
        .iter()
        .filter(|user| user.enabled && user.role == "owner");
    let owner = owners.min_by_key(|user| user.created_at).or(own);
    let text = |user: Option<&User>| user.map(|user| user.email.clone()).unwrap_or_default();
    Ok((text(own), text(owner)))
}

/// Deletes suites with their runs, all or none; runs that work stop.
///
/// # Errors
/// Not found, with the names that are unknown.
pub async fn remove(ctx: &Ctx, caller: &Caller, bot: &BotId, names: &[String]) -> Result<()> {
    let account = &caller.account;
    let tx = ctx.store().begin().await?;
    let tests = tx.conversation_tests();
    let mut unknown = Vec::new();
    let mut found = Vec::new();
    for name in names {
        match tests.find_suite(account, bot, name).await? {
            Some(suite) => found.push(suite),
            None => unknown.push(name.as_str()),
        }
    }
    if !unknown.is_empty() {
        let text = format!("There is no conversation test suite {}", unknown.join(", "));
        return Err(Error::not_found(text));
    }
    for suite in found {
        if tests.remove_suite(account, bot, &suite.id).await? {
            let what = ("conversation_test.delete", suite.id.as_str());
            note(ctx, &*tx, caller, bot, what, json!({"steps": suite.steps})).await?;
        }
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exported_suite_is_read_back_as_it_was() {
        let file = json!({"testSteps": [{"input": "Start_Flow", "event": "Start_Flow", "outputs": []},
            {"input": "hi", "discardBefore": true, "outputs": [{"text": "Hello", "assertions": {"context": {"enabled": true}}}]}],
            "serviceMap": [{"name": "Rates", "status": 503, "body": {"a": 1}}], "preprocessor": "context.x = 1;"});
        let read = layout::read(file.to_string().as_bytes()).expect("reads");
        let content = Content {
            description: String::new(),
            tags: Vec::new(),
            email: String::new(),
            preprocessor: read.preprocessor.clone(),
            mocks: read.mocks.clone(),
            steps: read.steps.clone(),
            validated: true,
        };
        let again = layout::read(&export(&content).expect("writes")).expect("reads");
        assert_eq!(again, read);
    }
}
