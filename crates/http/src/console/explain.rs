//! How one utterance was decided.

use super::{
    body::{self, Body},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    console::permission::Permission,
    training::explain::{self, Ask, Explained},
};
use types::Result;
use utoipa::ToSchema;

/// What is to be explained.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleExplainIn)]
pub struct ExplainIn {
    /// The text, up to 3,000 characters.
    text: String,
    /// Language code; the agent's first when missing.
    language: Option<String>,
    /// The copy in force instead of the draft.
    published: bool,
    /// Id of the intent whose sub-intents alone are looked for.
    parent: Option<String>,
}

/// One candidate. A score is missing where the engine did not report it.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleExplained)]
pub struct CandidateOut {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// `dialog`, `faq` or `smalltalk`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Classifier, 0 to 1.
    ml: Option<f64>,
    /// Rules, 0 to 100.
    fm: Option<f64>,
    /// FAQs, 0 to 100.
    faq: Option<f64>,
    /// Resolver, 0 to 100.
    score: f64,
    /// The match is certain.
    definitive: bool,
    /// Marks of the engines that found it: `ml`, `cs`, `em`, `pm`, `faq`, `st`.
    via: Vec<String>,
    /// It is one of the winners.
    won: bool,
    /// Why it did not win.
    reason: Option<&'static str>,
}

/// A value of an entity.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleEntityValue)]
pub struct ValueOut {
    /// Name of the entity.
    entity: String,
    /// Type of the entity.
    #[serde(rename = "type")]
    kind: String,
    /// The value.
    value: String,
    /// The words that it came from.
    words: String,
}

/// The settings that decided.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleThresholds)]
pub struct ThresholdsOut {
    /// `Standard` or `Few-shot`.
    network: &'static str,
    /// Classifier: lower is rejected, 0 to 1.
    ml_min: f64,
    /// Classifier: definitive from here, 0 to 1.
    ml_exact: f64,
    /// FAQs: below, nothing was found, 0 to 100.
    faq_min: f64,
    /// FAQs: answered without asking from here, 0 to 100.
    faq_max: f64,
    /// FAQs: definitive from here, 0 to 100.
    faq_exact: f64,
    /// FAQs: offered beside the best within this many percent.
    faq_tolerance: f64,
    /// Rules: share of a task name that must be said, percent.
    word_coverage: f64,
    /// Resolver: ambiguous within this many percent.
    rr_tolerance: f64,
    /// A definitive match eliminates the others.
    prefer_definitive: bool,
    /// Negative patterns are looked at.
    negative_patterns: bool,
}

/// The whole decision.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleExplanation)]
pub struct ExplainOut {
    /// `successintent`, `failintent` or `ambiguousintent`.
    result: &'static str,
    /// The winners are FAQs that are asked about before they are answered.
    did_you_mean: bool,
    /// The language.
    language: String,
    /// `a`: words and characters; `b`: with the sentence encoder.
    tier: &'static str,
    /// The text in sentences.
    sentences: Vec<String>,
    /// Traits found.
    traits: Vec<String>,
    /// Every candidate, the best first.
    ranking: Vec<CandidateOut>,
    /// Values of entities.
    entities: Vec<ValueOut>,
    /// The settings that decided.
    thresholds: ThresholdsOut,
    /// Microseconds that detection took.
    took_us: u64,
}

/// Explains how an utterance is understood
///
/// # Errors
/// Not found; bad input on `text` or `language`; not trained; not published.
#[utoipa::path(post, path = "", operation_id = "consoleExplain", tag = "console", request_body = ExplainIn, responses((status = 200, description = "The decision", body = ExplainOut)))]
pub async fn explain(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<ExplainIn>,
) -> Result<Json<ExplainOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let ask = Ask {
        text: ask.text,
        language: ask.language.filter(|code| !code.is_empty()),
        published: ask.published,
        parent: ask.parent.filter(|id| !id.is_empty()),
    };
    let made = explain::explain(&ctx, caller, &body::bot(&bot)?, ask).await?;
    Ok(Json(out(made)))
}

fn out(made: Explained) -> ExplainOut {
    let thresholds = thresholds(&made.config);
    let found = made.found;
    let winners = found.winners;
    let candidate = |one: nlu::Ranked| CandidateOut {
        won: winners.iter().any(|w| w.kind == one.kind && w.id == one.id),
        id: one.id,
        name: one.name,
        kind: one.kind.wire(),
        ml: one.ml_score,
        fm: one.fm_score,
        faq: one.faq_score,
        score: one.score,
        definitive: one.definitive,
        via: one.via.split_whitespace().map(str::to_owned).collect(),
        reason: one.eliminated.map(nlu::Reason::text),
    };
    let entities = made.entities.into_iter().map(|one| ValueOut {
        entity: one.entity,
        kind: one.kind,
        value: one.value,
        words: one.words,
    });
    ExplainOut {
        result: found.result.wire(),
        did_you_mean: found.did_you_mean,
        language: made.language,
        tier: if made.semantic { "b" } else { "a" },
        sentences: found.sentences,
        traits: found.traits,
        ranking: found.ranking.into_iter().map(candidate).collect(),
        entities: entities.collect(),
        thresholds,
        took_us: made.took_us,
    }
}

fn thresholds(config: &nlu::EngineConfig) -> ThresholdsOut {
    let (ml, faq, fm, rr) = (&config.ml, &config.faq, &config.fm, &config.rr);
    ThresholdsOut {
        network: match ml.network {
            nlu::Network::Standard => "Standard",
            nlu::Network::FewShot => "Few-shot",
        },
        ml_min: ml.min(),
        ml_exact: ml.exact(),
        faq_min: faq.min_threshold,
        faq_max: faq.max_threshold,
        faq_exact: faq.exact_match_threshold,
        faq_tolerance: faq.tolerance,
        word_coverage: fm.word_coverage.unwrap_or(60.0),
        rr_tolerance: rr.tolerance,
        prefer_definitive: rr.prefer_definitive,
        negative_patterns: rr.negative_patterns,
    }
}
