//! The whole decision about one utterance: what every engine reported, what was eliminated and why, and the settings it went by.

use super::{batch_check, corpus, facts, models};
use crate::{Caller, Ctx, definition as agents};
use nlu::{Detection, EngineConfig, Filter};
use std::time::Instant;
use store::Copy;
use types::{Error, Result, codes, id::BotId};

/// Longest text, characters.
const TEXT_MAX: usize = 3_000;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// The text.
    pub text: String,
    /// The language; none: the agent's first.
    pub language: Option<String>,
    /// The copy in force instead of the draft.
    pub published: bool,
    /// Id of the intent whose sub-intents alone are looked for.
    pub parent: Option<String>,
}

/// The decision.
#[derive(Debug, Clone)]
pub struct Explained {
    /// What was found.
    pub found: Detection,
    /// The settings.
    pub config: EngineConfig,
    /// The language.
    pub language: String,
    /// The second tier took part, or would have where the first was not sure.
    pub semantic: bool,
    /// Values of the agent's entities in the text.
    pub entities: Vec<batch_check::EntityValue>,
    /// Microseconds that detection took.
    pub took_us: u64,
}

/// Explains a text.
///
/// # Errors
/// Not found; bad input on `text` or `language`; not published; [`codes::BOT_NOT_TRAINED`].
pub async fn explain(ctx: &Ctx, caller: &Caller, bot: &BotId, ask: Ask) -> Result<Explained> {
    let text = ask.text.trim().to_owned();
    if text.is_empty() || text.chars().count() > TEXT_MAX {
        let message = format!("must have 1 to {TEXT_MAX} characters");
        return Err(Error::field("text", message));
    }
    let known = facts(ctx, &caller.account, bot).await?;
    let copy = match (ask.published, &known.published) {
        (false, _) => Copy::Draft,
        (true, Some(version)) => Copy::Version(version.clone()),
        (true, None) => return Err(Error::of(&codes::BOT_NOT_PUBLISHED)),
    };
    let language = match ask.language {
        None => known.languages.first().cloned().unwrap_or_default(),
        Some(code) if known.languages.contains(&code) => code,
        Some(_) => return Err(Error::field("language", "is not a language of the agent")),
    };
    let model = models::model(ctx, &caller.account, bot, &copy, &language).await?;
    let agent = agents::load(ctx, &caller.account, bot, &copy).await?;
    let now = ctx.now();
    let work = tokio::task::spawn_blocking(move || {
        let filter = Filter {
            parent: ask.parent,
            ..Filter::default()
        };
        let started = Instant::now();
        let found = model.detect(&text, &filter);
        let took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Explained {
            found,
            took_us,
            semantic: model.is_semantic(),
            config: corpus(&agent, &language).config,
            entities: batch_check::values(&agent, &text, &language, now),
            language,
        }
    });
    work.await.map_err(Error::internal)
}
