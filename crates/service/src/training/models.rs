//! Trained models: making them, and keeping those in use in memory.

use super::corpus::{corpus, digest, parts};
use super::encoder::encoder;
use crate::{
    Caller, Ctx,
    audit::{self, Change},
    single_flight::SingleFlight,
    work::Task,
};
use moka::sync::Cache;
use serde_json::json;
use std::{sync::Arc, time::Instant};
use store::{Copy, ModelHead};
use types::{
    Error, Result, codes,
    id::{AccountId, BotId, VersionId},
};

/// Name and version of the engine; raised when the same input gives another model.
const ENGINE: &str = "ombud-nlu/7";
/// Times that a training starts again because somebody else's came first.
const TRIES: usize = 8;
/// A job's progress is written each time that a training is so many percent further (ours).
const PROGRESS_STEP: u8 = 5;
/// Agents whose facts stay in memory (ours).
const CACHE_AGENTS: u64 = 10_000;

/// The models and facts in use. An entry counts only at the store's generation that it was checked at.
pub struct ModelCache {
    models: Cache<ModelKey, Loaded>,
    pub(super) inputs: Cache<super::stale::DraftKey, super::stale::Inputs>,
    facts: Cache<(AccountId, BotId), (u64, Arc<Facts>)>,
    loading: SingleFlight,
    /// The sentence encoder.
    pub encoder: super::encoder::Slot,
}

type ModelKey = (AccountId, BotId, Copy, String);

#[derive(Clone)]
struct Loaded {
    generation: u64,
    head: Arc<ModelHead>,
    bytes: u32,
    model: Arc<nlu::Model>,
}

/// What a request must know about an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its name.
    pub name: String,
    /// Enabled languages of the draft, the default first.
    pub languages: Vec<String>,
    /// The snapshot in force.
    pub published: Option<VersionId>,
}

impl ModelCache {
    /// A cache whose models have at most so many stored bytes together; one that does not fit is loaded for each use.
    pub fn new(budget: u64) -> Self {
        Self {
            models: Cache::builder()
                .weigher(|_, loaded: &Loaded| loaded.bytes)
                .max_capacity(budget)
                .build(),
            inputs: Cache::new(CACHE_AGENTS),
            facts: Cache::new(CACHE_AGENTS),
            loading: SingleFlight::default(),
            encoder: super::encoder::Slot::default(),
        }
    }

    /// Models in memory, and their stored bytes.
    pub fn loaded(&self) -> (u64, u64) {
        self.models.run_pending_tasks();
        (self.models.entry_count(), self.models.weighted_size())
    }
}

/// Facts of an agent; asks the store only after a change.
///
/// # Errors
/// Not found; when the store cannot be reached.
pub async fn facts(ctx: &Ctx, account: &AccountId, bot: &BotId) -> Result<Arc<Facts>> {
    let key = (account.clone(), bot.clone());
    let generation = ctx.store().generation();
    if let Some((at, facts)) = ctx.models.facts.get(&key)
        && at == generation
    {
        return Ok(facts);
    }
    let agent = ctx.store().agents().find(account, bot).await?;
    let agent = agent.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let facts = Arc::new(Facts {
        name: agent.name,
        languages: agent.languages,
        published: agent.published,
    });
    ctx.models
        .facts
        .insert(key, (generation, Arc::clone(&facts)));
    Ok(facts)
}

/// The model of one copy and language; asks the store only after a change, and reads the bytes only when that changed the model.
///
/// # Errors
/// [`codes::BOT_NOT_TRAINED`] when there is none that this program can read; when the store cannot be reached.
pub async fn model(
    ctx: &Ctx,
    account: &AccountId,
    bot: &BotId,
    copy: &Copy,
    language: &str,
) -> Result<Arc<nlu::Model>> {
    let key = (
        account.clone(),
        bot.clone(),
        copy.clone(),
        language.to_owned(),
    );
    let generation = ctx.store().generation();
    let current = |loaded: &Loaded| loaded.generation == generation;
    if let Some(loaded) = ctx.models.models.get(&key).filter(current) {
        return Ok(loaded.model);
    }
    let _turn = ctx.models.loading.turn(&key).await;
    if let Some(mut loaded) = ctx.models.models.get(&key) {
        if current(&loaded) {
            return Ok(loaded.model);
        }
        if head(ctx, account, bot, copy, language).await?.as_ref() == Some(&*loaded.head) {
            loaded.generation = generation;
            let model = Arc::clone(&loaded.model);
            ctx.models.models.insert(key, loaded);
            return Ok(model);
        }
    }
    let stored = ctx
        .store()
        .models()
        .find(account, bot, language, copy)
        .await?;
    let stored = stored.ok_or_else(|| Error::of(&codes::BOT_NOT_TRAINED))?;
    let bytes = u32::try_from(stored.bytes.len()).unwrap_or(u32::MAX);
    let encoder = encoder(ctx).await?;
    let read = move || Ok(nlu::Model::from_bytes(&stored.bytes)?.with_encoder(encoder));
    let read = tokio::task::spawn_blocking(read).await;
    let model = read
        .map_err(Error::internal)?
        .map_err(|error: nlu::ModelError| Error::of(&codes::BOT_NOT_TRAINED).because(error))?;
    let loaded = Loaded {
        generation,
        head: Arc::new(stored.head),
        bytes,
        model: Arc::new(model),
    };
    let model = Arc::clone(&loaded.model);
    ctx.models.models.insert(key, loaded);
    Ok(model)
}

/// What stands about the model of one copy and language.
///
/// # Errors
/// When the store cannot be reached.
pub async fn head(
    ctx: &Ctx,
    account: &AccountId,
    bot: &BotId,
    copy: &Copy,
    language: &str,
) -> Result<Option<ModelHead>> {
    let heads = ctx.store().models().list(account, bot).await?;
    let same = |head: &ModelHead| head.copy == *copy && head.language == language;
    Ok(heads.into_iter().find(same))
}

/// Name and version of the engine with the encoder that it uses: another of them makes another model.
fn engine(encoder: Option<&dyn nlu::Embed>) -> String {
    match encoder {
        Some(encoder) => format!("{ENGINE}+{:016x}", encoder.id()),
        None => ENGINE.to_owned(),
    }
}

/// Whether a model of the draft or of the snapshot in force was made by another engine, or with another encoder or none.
///
/// # Errors
/// When the store cannot be reached.
pub async fn is_outdated(ctx: &Ctx, account: &AccountId, bot: &BotId) -> Result<bool> {
    let now = engine(encoder(ctx).await?.as_deref());
    let heads = ctx.store().models().list(account, bot).await?;
    let published = facts(ctx, account, bot).await?.published.clone();
    let in_use = |copy: &Copy| match copy {
        Copy::Draft => true,
        Copy::Version(version) => published.as_ref() == Some(version),
    };
    Ok(heads
        .iter()
        .any(|head| in_use(&head.copy) && head.engine != now))
}

/// Makes the model of the snapshot in force anew when another engine made it. The snapshot itself stays as it is.
///
/// # Errors
/// When the store cannot be reached; a conflict when the job is somebody else's by now.
async fn refresh_published(
    task: &Task<'_>,
    ctx: &Ctx,
    account: &AccountId,
    bot: &BotId,
    language: &str,
) -> Result<()> {
    let row = ctx.store().agents().find(account, bot).await?;
    let Some(copy) = row.and_then(|row| row.published).map(Copy::Version) else {
        return Ok(());
    };
    match head(ctx, account, bot, &copy, language).await? {
        Some(old) => refresh(task, ctx, old).await,
        None => Ok(()),
    }
}

/// Makes the models of a snapshot anew where another engine made them, and those that it lacks, so that it can be put in force.
///
/// # Errors
/// As [`train`]; a conflict when the job is somebody else's by now.
pub(crate) async fn make_ready(
    task: &Task<'_>,
    ctx: &Ctx,
    account: &AccountId,
    bot: &BotId,
    copy: &Copy,
) -> Result<()> {
    let agent = crate::definition::load(ctx, account, bot, copy).await?;
    for language in agent.enabled_languages() {
        let old = head(ctx, account, bot, copy, language).await?;
        let old = old.unwrap_or_else(|| unmade(ctx, account, bot, copy, language));
        refresh(task, ctx, old).await?;
    }
    Ok(())
}

/// The head of a model that is still to be made.
fn unmade(ctx: &Ctx, account: &AccountId, bot: &BotId, copy: &Copy, language: &str) -> ModelHead {
    ModelHead {
        account: account.clone(),
        bot: bot.clone(),
        language: language.to_owned(),
        copy: copy.clone(),
        inputs: String::new(),
        engine: String::new(),
        report: json!({}),
        created_at: ctx.now(),
    }
}

/// The models of a copy that is not stored yet, one a language. Nothing is written.
///
/// # Errors
/// When the store cannot be reached.
pub(crate) async fn models_of(
    task: &Task<'_>,
    ctx: &Ctx,
    account: &AccountId,
    bot: &BotId,
    copy: &Copy,
    agent: &definition::Agent,
) -> Result<Vec<store::Model>> {
    let mut models = Vec::new();
    for language in agent.enabled_languages() {
        let head = unmade(ctx, account, bot, copy, language);
        models.push(fitted(task, ctx, agent, head).await?);
    }
    Ok(models)
}

/// Makes one model of a copy anew unless this engine made it.
async fn refresh(task: &Task<'_>, ctx: &Ctx, head: ModelHead) -> Result<()> {
    if head.engine == engine(encoder(ctx).await?.as_deref()) {
        return Ok(());
    }
    let agent = crate::definition::load(ctx, &head.account, &head.bot, &head.copy).await?;
    let model = fitted(task, ctx, &agent, head).await?;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    tx.models().put(&model).await?;
    tx.commit().await
}

/// The model of an agent in the place and language of `head`: one that was made of the same input, or a new one.
async fn fitted(
    task: &Task<'_>,
    ctx: &Ctx,
    agent: &definition::Agent,
    mut head: ModelHead,
) -> Result<store::Model> {
    let encoder = encoder(ctx).await?;
    let engine = engine(encoder.as_deref());
    let input = corpus(agent, &head.language);
    head.inputs = digest(&input);
    let models = ctx.store().models();
    let same = models
        .find_same(
            &head.account,
            &head.bot,
            &head.language,
            &head.inputs,
            &engine,
        )
        .await?;
    let bytes = match same {
        Some(model) => {
            head.report = model.head.report;
            model.bytes
        }
        None => {
            let (report, bytes) = fit(task, input, encoder, None).await?;
            head.report = report;
            bytes
        }
    };
    head.engine = engine;
    head.created_at = ctx.now();
    Ok(store::Model { head, bytes })
}

/// Trains the draft in one language; answers whether a new model was trained. A model of the same inputs is kept, or taken over
/// from a snapshot.
///
/// # Errors
/// Not found; bad input on `language` when the agent does not speak it; when the store cannot be reached.
pub async fn train(ctx: &Ctx, caller: &Caller, bot: &BotId, language: &str) -> Result<bool> {
    train_in(&Task::alone(), ctx, caller, bot, language).await
}

/// [`train`] as the work of a job; makes the model of the snapshot in force anew too, when another engine made it.
///
/// # Errors
/// As [`train`]; a conflict when the job is somebody else's by now.
pub(crate) async fn train_one_in(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
) -> Result<bool> {
    let anew = train_in(task, ctx, caller, bot, language).await?;
    refresh_published(task, ctx, &caller.account, bot, language).await?;
    Ok(anew)
}

/// [`train`] as the work of a job.
///
/// # Errors
/// As [`train`]; a conflict when the job is somebody else's by now, or others kept training the agent.
async fn train_in(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
) -> Result<bool> {
    for _ in 0..TRIES {
        if let Some(anew) = train_once(task, ctx, caller, bot, language).await? {
            return Ok(anew);
        }
    }
    Err(Error::conflict(
        "The agent is being trained by others; try again",
    ))
}

/// One training; none when somebody else's came first: a training of an older draft must not take the place of theirs.
async fn train_once(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
) -> Result<Option<bool>> {
    let account = &caller.account;
    let agent = crate::definition::load(ctx, account, bot, &Copy::Draft).await?;
    if !agent.enabled_languages().any(|code| code == language) {
        return Err(Error::field("language", "is not a language of the agent"));
    }
    let input = corpus(&agent, language);
    let inputs = digest(&input);
    let encoder = encoder(ctx).await?;
    let engine = engine(encoder.as_deref());
    let before = head(ctx, account, bot, &Copy::Draft, language).await?;
    if before
        .as_ref()
        .is_some_and(|h| h.inputs == inputs && h.engine == engine)
    {
        return Ok(Some(false));
    }
    let same = ctx.store().models();
    let same = same
        .find_same(account, bot, language, &inputs, &engine)
        .await?;
    let anew = same.is_none();
    let (mut report, bytes) = match same {
        Some(model) => (model.head.report, model.bytes),
        None => {
            let known = ctx.store().models();
            let known = known.find(account, bot, language, &Copy::Draft).await?;
            fit(task, input, encoder, known.map(|model| model.bytes)).await?
        }
    };
    let earlier = before.as_ref().and_then(|h| h.report["trainings"].as_u64());
    report["trainings"] = json!(earlier.unwrap_or(0) + 1);
    let head = ModelHead {
        account: account.clone(),
        bot: bot.clone(),
        language: language.to_owned(),
        copy: Copy::Draft,
        inputs: inputs.clone(),
        engine,
        report,
        created_at: ctx.now(),
    };
    let change = Change {
        action: "agent.train",
        target: bot.as_str(),
        bot: Some(bot),
        before: before.as_ref().map(|head| head.inputs.clone()),
        after: Some(inputs.clone()),
        details: Some(json!({"language": language, "anew": anew})),
    };
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    let held = tx.agents().hold(account, bot).await?;
    held.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let now = tx.models().list(account, bot).await?.into_iter();
    let mut now = now.filter(|h| h.copy == Copy::Draft && h.language == language);
    if now.next() != before {
        return Ok(None);
    }
    tx.models().put(&store::Model { head, bytes }).await?;
    tx.agents()
        .set_trained(account, bot, language, &inputs, ctx.now())
        .await?;
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await?;
    Ok(Some(anew))
}

/// Trains off the async threads; answers figures and bytes.
async fn fit(
    task: &Task<'_>,
    input: nlu::TrainingInput,
    encoder: Option<Arc<dyn nlu::Embed>>,
    before: Option<Vec<u8>>,
) -> Result<(serde_json::Value, Vec<u8>)> {
    let lines: usize = input.intents.iter().map(|i| i.utterances.len()).sum();
    let about = format!(
        "Training {}: {} intents, {lines} utterances, {} FAQs",
        input.language,
        input.intents.len(),
        input.faqs.len()
    );
    task.say(0, &about).await;
    let (tell, mut told) = tokio::sync::watch::channel(0u8);
    let work = tokio::task::spawn_blocking(move || {
        let started = Instant::now();
        // Vectors of lines that have not changed are taken over; a model of another version has none to give.
        let before = before.and_then(|bytes| nlu::Model::from_bytes(&bytes).ok());
        let model = nlu::train_with(
            &input,
            encoder.as_deref(),
            before.as_ref(),
            &mut |percent| {
                tell.send_replace(percent);
            },
        );
        let report = json!({
            "intents": input.intents.len(),
            "utterances": lines,
            "faqs": input.faqs.len(),
            "smallTalk": input.small_talk.len(),
            "parts": parts(&input),
            "tier": if model.encoder_id().is_some() { "b" } else { "a" },
            "milliseconds": u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        (report, model.to_bytes())
    });
    let mut shown = 0;
    while told.changed().await.is_ok() {
        let percent = *told.borrow_and_update();
        if percent >= shown + PROGRESS_STEP {
            shown = percent;
            task.say(i64::from(percent), &about).await;
        }
    }
    work.await.map_err(Error::internal)
}

/// Trains the draft in each of its languages; answers how many models were trained anew.
///
/// # Errors
/// As [`train`]; languages before the one that failed stay trained.
pub async fn train_all(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<usize> {
    train_all_in(&Task::alone(), ctx, caller, bot).await
}

/// [`train_all`] as the work of a job.
///
/// # Errors
/// As [`train_all`]; a conflict when the job is somebody else's by now.
pub(crate) async fn train_all_in(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
) -> Result<usize> {
    let agent = crate::definition::load(ctx, &caller.account, bot, &Copy::Draft).await?;
    let languages: Vec<String> = agent.enabled_languages().map(str::to_owned).collect();
    let mut anew = 0;
    for (at, language) in languages.iter().enumerate() {
        let share = |at: usize| i64::try_from(100 * at / languages.len()).unwrap_or(100);
        let part = task.part(share(at), share(at + 1));
        anew += usize::from(train_one_in(&part, ctx, caller, bot, language).await?);
    }
    Ok(anew)
}
