//! How the training of an agent stands in each language, and what was trained before.

use super::{
    head, models,
    status::{self, State, Sync},
};
use crate::{Caller, Ctx, audit, definition as agents, work};
use serde_json::Value;
use store::{Copy, JobState};
use types::{Kind, Result, codes, id::BotId, id::JobId};

/// A model of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// `a`: words and characters; `b`: with the sentence encoder.
    pub tier: String,
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
    /// How long it took, milliseconds.
    pub took_ms: u64,
    /// Intents that it knows.
    pub intents: u64,
    /// Utterances that it learned from.
    pub utterances: u64,
    /// FAQs that it knows.
    pub faqs: u64,
    /// How often this language was trained.
    pub trainings: u32,
}

/// One language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// Its code.
    pub code: String,
    /// Where its training stands; none: it never was trained.
    pub state: Option<State>,
    /// Which inputs of the model are still those of the draft.
    pub sync: Sync,
    /// The model, once there is one.
    pub made: Option<Made>,
}

/// A training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Its job.
    pub job: JobId,
    /// Where it stands.
    pub state: JobState,
    /// When it was asked for, milliseconds since 1970 UTC.
    pub asked_at: i64,
    /// When it last changed, milliseconds since 1970 UTC.
    pub updated_at: i64,
    /// Who asked for it.
    pub by: Option<String>,
    /// Its languages, once it is done.
    pub languages: Vec<String>,
    /// How many models it made anew, once it is done.
    pub anew: Option<u64>,
    /// Why it failed.
    pub error: Option<String>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// A sentence encoder is installed.
    pub encoder: bool,
    /// A model was made by another engine, or with another encoder or none.
    pub outdated: bool,
    /// By language, the default first.
    pub languages: Vec<Language>,
    /// The newest trainings.
    pub history: Vec<Past>,
}

/// How the training of an agent stands.
///
/// # Errors
/// Not found; when the store cannot be reached.
pub async fn of(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Overview> {
    let agent = agents::get(ctx, caller, bot).await?;
    let mut languages = Vec::new();
    for code in agent.languages {
        languages.push(language(ctx, caller, bot, code).await?);
    }
    let mut history = Vec::new();
    for job in work::trainings(ctx, caller, bot).await? {
        let of = |name: &str| job.result.as_ref().map(|result| result[name].clone());
        let spoken = of("languages").unwrap_or_default();
        let spoken = spoken.as_array().into_iter().flatten();
        history.push(Past {
            by: audit::actor_name(ctx, caller, &job.new.created_by).await?,
            languages: spoken
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            anew: of("anew").and_then(|n| n.as_u64()),
            asked_at: job.new.created_at,
            updated_at: job.updated_at,
            state: job.state,
            error: job.error,
            job: job.new.id,
        });
    }
    Ok(Overview {
        encoder: super::encoder::encoder(ctx).await?.is_some(),
        outdated: models::is_outdated(ctx, &caller.account, bot).await?,
        languages,
        history,
    })
}

async fn language(ctx: &Ctx, caller: &Caller, bot: &BotId, code: String) -> Result<Language> {
    let found = match status::of(ctx, caller, bot, Some(&code), false).await {
        Ok(found) => Some(found),
        Err(error)
            if error
                .code
                .is_some_and(|c| c.name == codes::BOT_NOT_TRAINED.name) =>
        {
            None
        }
        // a language that the row names and the draft does not: it is being changed
        Err(error) if error.kind == Kind::BadInput => None,
        Err(error) => return Err(error),
    };
    let head = head(ctx, &caller.account, bot, &Copy::Draft, &code).await?;
    let trainings = found.as_ref().map_or(0, |status| status.trainings);
    let made = head.map(|head| {
        let number = |name: &str| head.report[name].as_u64().unwrap_or_default();
        Made {
            tier: head.report["tier"].as_str().unwrap_or("a").to_owned(),
            at: head.created_at,
            took_ms: number("milliseconds"),
            intents: number("intents"),
            utterances: number("utterances"),
            faqs: number("faqs"),
            trainings,
        }
    });
    Ok(Language {
        sync: found.as_ref().map(|status| status.sync).unwrap_or_default(),
        state: found.map(|status| status.state),
        made,
        code,
    })
}
