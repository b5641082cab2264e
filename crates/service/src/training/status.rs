//! How far the training of an agent is, and whether its model still fits the definition.

use super::{corpus::parts, head};
use crate::{Caller, Ctx, definition as agents, training::corpus, work};
use store::{Copy, JobState};
use types::{Error, Result, codes, id::BotId};

/// Where a training stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// There is a model, and nothing runs.
    Finished,
    /// A training waits or runs.
    Running,
    /// The last training failed; the reason.
    Failed(String),
}

/// Which inputs of the model are still those of the definition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sync {
    /// Utterances.
    pub sentences: bool,
    /// Synonyms.
    pub synonyms: bool,
    /// Thresholds, parameters, stop words.
    pub parameters: bool,
    /// Traits and the rules over them.
    pub traits: bool,
    /// Small talk.
    pub small_talk: bool,
    /// Entities that are tagged in utterances.
    pub entities: bool,
    /// Intents: their names and places.
    pub intents: bool,
    /// Patterns and concepts.
    pub patterns: bool,
    /// All of it, and the FAQs.
    pub whole: bool,
}

/// The state of one copy and language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where the training stands.
    pub state: State,
    /// What the model still fits; all false without a model.
    pub sync: Sync,
    /// Generation of the engine that made the model.
    pub engine: u32,
    /// How often a model of this language was made or taken over.
    pub trainings: u32,
}

/// The state of the draft, or of the snapshot in force, in one language (the default one where none is named).
///
/// # Errors
/// Not found; bad input on `language`; [`codes::BOT_NOT_PUBLISHED`]; [`codes::BOT_NOT_TRAINED`] when there never was a training.
pub async fn of(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: Option<&str>,
    published: bool,
) -> Result<Status> {
    let row = agents::get(ctx, caller, bot).await?;
    let copy = match (published, row.published) {
        (false, _) => Copy::Draft,
        (true, Some(version)) => Copy::Version(version),
        (true, None) => return Err(Error::of(&codes::BOT_NOT_PUBLISHED)),
    };
    let agent = agents::load(ctx, &caller.account, bot, &copy).await?;
    let language = language.unwrap_or(&agent.default_language).to_owned();
    if !agent.enabled_languages().any(|known| known == language) {
        return Err(Error::field("language", "is not a language of the agent"));
    }
    let job = match copy {
        Copy::Draft => work::latest_train(ctx, caller, bot, &language).await?,
        Copy::Version(_) => None,
    };
    let head = head(ctx, &caller.account, bot, &copy, &language).await?;
    let state = match (&job, &head) {
        (Some(job), _) if !job.state.is_over() => State::Running,
        (Some(job), head)
            if job.state == JobState::Failed
                && head.as_ref().is_none_or(|h| h.created_at < job.updated_at) =>
        {
            State::Failed(job.error.clone().unwrap_or_default())
        }
        (_, Some(_)) => State::Finished,
        (_, None) => return Err(Error::of(&codes::BOT_NOT_TRAINED)),
    };
    let Some(head) = head else {
        return Ok(Status {
            state,
            sync: Sync::default(),
            engine: 0,
            trainings: 0,
        });
    };
    let work = tokio::task::spawn_blocking(move || parts(&corpus(&agent, &language)));
    let now = work.await.map_err(Error::internal)?;
    let before = &head.report["parts"];
    let same = |name: &str| before[name].as_str() == now.get(name).map(String::as_str);
    let number = |text: Option<&str>| text.and_then(|t| t.parse().ok()).unwrap_or(0);
    Ok(Status {
        state,
        sync: Sync {
            sentences: same("sentences"),
            synonyms: same("synonyms"),
            parameters: same("parameters"),
            traits: same("traits"),
            small_talk: same("smallTalk"),
            entities: same("entities"),
            intents: same("intents"),
            patterns: same("patterns"),
            whole: same("whole"),
        },
        engine: number(head.engine.rsplit('/').next()),
        trainings: head.report["trainings"]
            .as_u64()
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(1),
    })
}
