//! `findIntent`: which intent, FAQ or small talk a text means.

use super::models;
use crate::{Caller, Ctx};
use definition::ComponentKind;
use nlu::{Detection, Filter, Kind, Outcome};
use serde::Serialize;
use std::time::Instant;
use store::Copy;
use types::{Error, Result, codes, id::BotId};

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// The text.
    pub input: String,
    /// Name of the agent as sent; answered as sent, not checked (DECISIONS section 11).
    pub stream_name: String,
    /// Only sub-intents of this intent count.
    pub parent: Option<String>,
    /// Language; none: the agent's first.
    pub language: Option<String>,
    /// The draft is asked instead of the snapshot in force.
    pub configured: bool,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// What was asked.
    pub request: Asked,
    /// What was found.
    pub response: Response,
    /// The agent.
    pub stream_id: BotId,
    /// Its name as sent.
    pub stream_name: String,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The text.
    pub input: String,
    /// Name of the agent as sent.
    pub stream_name: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// Milliseconds that detection took.
    pub usedtime: u64,
    /// `successintent`, `failintent` or `ambiguousintent`.
    pub result: &'static str,
    /// Name of the agent.
    pub bot: String,
    /// The agent.
    pub botid: BotId,
    /// Name of the best winner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Its id: of a dialog `dg-…`, as conversations and sessions name it; `refId` of a local sub-intent, FAQ or small talk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// `published` or `configured`: which copy was asked.
    pub intent_status: &'static str,
    /// `dialog`, `faq` or `smalltalk`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<&'static str>,
    /// The text in sentences.
    pub input: Vec<String>,
    /// Marks of the engines that found the winner, joined by a space.
    pub identified_via: String,
    /// The language.
    pub language: String,
    /// Traits found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traits: Vec<String>,
    /// Winners and ranking.
    pub final_resolver: Resolver,
}

/// Winners and ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolver {
    /// One on success, several when ambiguous, none on failure.
    pub winning_intent: Vec<Winner>,
    /// Entities; always empty, for no form is published.
    pub entities: [(); 0],
    /// Every candidate, best first.
    pub ranking: Vec<Rank>,
}

/// A winner.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Winner {
    /// Its name.
    pub intent: String,
    /// Its id.
    pub task_id: String,
    /// `dialog`, `faq` or `smalltalk`.
    pub activity_type: &'static str,
    /// `published` or `configured`.
    pub state: &'static str,
    /// Resolver score, 0 to 100.
    pub score: f64,
}

/// A candidate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rank {
    /// Its name.
    pub intent: String,
    /// Scores of the engines.
    pub scoring: Scoring,
}

/// Scores of the engines; missing where an engine did not report it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Scoring {
    /// 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ml_score: Option<f64>,
    /// Rules, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// FAQs, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faq_score: Option<f64>,
}

/// Finds what a text means. Asks the store nothing while nothing has changed.
///
/// # Errors
/// [`codes::BOT_NOT_PUBLISHED`], [`codes::BOT_NOT_TRAINED`]; bad input on `bot-language` or `parentIntent`; not found.
pub async fn find_intent(ctx: &Ctx, caller: &Caller, bot: &BotId, query: Query) -> Result<Answer> {
    let started = Instant::now();
    let facts = models::facts(ctx, &caller.account, bot).await?;
    let copy = match (query.configured, &facts.published) {
        (true, _) => Copy::Draft,
        (false, Some(version)) => Copy::Version(version.clone()),
        (false, None) => return Err(Error::of(&codes::BOT_NOT_PUBLISHED)),
    };
    let default = || facts.languages.first().cloned();
    let language = query.language.clone().or_else(default);
    let language = language.unwrap_or_else(|| "en".to_owned());
    let model = models::model(ctx, &caller.account, bot, &copy, &language).await;
    let model = model.map_err(|error| {
        match error
            .code
            .is_some_and(|c| c.name == codes::BOT_NOT_TRAINED.name)
            && !facts.languages.contains(&language)
        {
            true => Error::field("bot-language", "is not a language of the agent"),
            false => error,
        }
    })?;
    let parent = match &query.parent {
        Some(name) => Some(parent(ctx, caller, bot, &copy, name).await?),
        None => None,
    };
    let filter = Filter {
        parent,
        ..Filter::default()
    };
    let found = model.detect(&query.input, &filter);
    let state = if query.configured {
        "configured"
    } else {
        "published"
    };
    let usedtime = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Answer {
        response: Response {
            usedtime,
            bot: facts.name.clone(),
            ..response(found, bot, state, language)
        },
        request: Asked {
            input: query.input,
            stream_name: query.stream_name.clone(),
        },
        stream_id: bot.clone(),
        stream_name: query.stream_name,
    })
}

fn response(found: Detection, bot: &BotId, state: &'static str, language: String) -> Response {
    let winners: Vec<Winner> = found
        .winners
        .iter()
        .map(|winner| Winner {
            intent: winner.name.clone(),
            task_id: match (winner.kind, winner.dialog_id.is_empty()) {
                (Kind::Dialog, false) => winner.dialog_id.clone(),
                _ => winner.ref_id.clone(),
            },
            activity_type: winner.kind.wire(),
            state,
            score: winner.score,
        })
        .collect();
    let best = winners.first().filter(|_| found.result != Outcome::Fail);
    Response {
        usedtime: 0,
        result: found.result.wire(),
        bot: String::new(),
        botid: bot.clone(),
        task: best.map(|w| w.intent.clone()),
        task_id: best.map(|w| w.task_id.clone()),
        intent_status: state,
        sub_type: best.map(|w| w.activity_type),
        input: found.sentences,
        identified_via: found.via,
        language,
        traits: found.traits,
        final_resolver: Resolver {
            winning_intent: winners,
            entities: [],
            ranking: found
                .ranking
                .into_iter()
                .map(|one| Rank {
                    intent: one.name,
                    scoring: Scoring {
                        ml_score: one.ml_score,
                        score: one.fm_score,
                        faq_score: one.faq_score,
                    },
                })
                .collect(),
        },
    }
}

/// Component id of the intent with this name; blanks and underscores are alike.
async fn parent(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    copy: &Copy,
    name: &str,
) -> Result<String> {
    let agent = crate::definition::load(ctx, &caller.account, bot, copy).await?;
    let dialog = agent.dialog_by_name(name);
    if let Some(root) = dialog.and_then(|dialog| agent.root_intent(dialog)) {
        return Ok(root.id.clone());
    }
    let fold = |text: &str| text.replace('_', " ").trim().to_lowercase();
    let wanted = fold(name);
    let named = agent.components.iter().find(|component| {
        let ComponentKind::Intent(intent) = &component.kind else {
            return false;
        };
        fold(&component.name) == wanted || intent.names.iter().any(|(_, n)| fold(n) == wanted)
    });
    named
        .map(|component| component.id.clone())
        .ok_or_else(|| Error::field("parentIntent", "is not an intent of the agent"))
}
