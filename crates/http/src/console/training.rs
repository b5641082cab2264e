//! How the training of an agent stands, and how good its training data is.

use super::{
    body::{self, Body, language},
    jobs::{Stand, Started, TrainIn, stand},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Serialize;
use service::{
    Ctx,
    console::permission::Permission,
    training::{
        overview::{self, Language},
        quality::{Confusion, Mend, Overlap, Quality, Report, Suggestion},
        status,
    },
    work,
};
use std::collections::HashMap;
use types::{Result, id::JobId};
use utoipa::ToSchema;

/// The model of one language.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleModel)]
pub struct ModelOut {
    /// `a`: words and characters; `b`: with the sentence encoder.
    tier: String,
    /// When it was made, milliseconds since 1970 UTC.
    at: i64,
    /// How long that took, milliseconds.
    took_ms: u64,
    /// Intents that it knows.
    intents: u64,
    /// Utterances that it learned from.
    utterances: u64,
    /// FAQs that it knows.
    faqs: u64,
    /// How often the language was trained.
    trainings: u32,
}

/// One language.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleTraining)]
pub struct LanguageOut {
    /// Its code.
    code: String,
    /// `none`, `running`, `failed` or `finished`.
    state: &'static str,
    /// Why the last training failed.
    error: Option<String>,
    /// The model is of what the draft says now.
    current: bool,
    /// What has changed since: `sentences`, `synonyms`, `parameters`, `traits`, `smallTalk`, `entities`, `intents`, `patterns` or `faqs`.
    changed: Vec<&'static str>,
    /// The model, once there is one.
    model: Option<ModelOut>,
}

/// A training.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleTrainingPast)]
pub struct PastOut {
    /// Its job.
    #[schema(value_type = String)]
    job_id: JobId,
    /// Where it stands.
    state: Stand,
    /// When it was asked for, milliseconds since 1970 UTC.
    asked_at: i64,
    /// When it last changed, milliseconds since 1970 UTC.
    updated_at: i64,
    /// Who asked for it.
    by: Option<String>,
    /// Its languages, once it is done.
    languages: Vec<String>,
    /// How many models it made anew, once it is done.
    anew: Option<u64>,
    /// Why it failed.
    error: Option<String>,
}

/// How the training of an agent stands.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleTrainingOverview)]
pub struct OverviewOut {
    /// A sentence encoder is installed: new models are of tier b.
    encoder: bool,
    /// A model was made by another engine, or with another encoder or none.
    outdated: bool,
    /// By language, the default first.
    languages: Vec<LanguageOut>,
    /// The newest trainings.
    history: Vec<PastOut>,
}

/// One intent in the test.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleQuality)]
pub struct QualityOut {
    /// Component id.
    id: String,
    /// Its name.
    name: String,
    /// Its utterances.
    lines: usize,
    /// Those that were tested.
    tested: usize,
    /// Tested ones that found it.
    right: usize,
    /// Share of its utterances that found it, 0 to 1.
    recall: f64,
    /// Share of what found it that was right, 0 to 1.
    precision: f64,
}

/// Utterances of one intent that found something else.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleConfusion)]
pub struct ConfusionOut {
    /// The intent that they belong to.
    expected: String,
    /// Its name.
    expected_name: String,
    /// What was found; empty for nothing.
    found: String,
    /// Its name; empty for nothing.
    found_name: String,
    /// How many.
    count: usize,
    /// Some of them.
    lines: Vec<String>,
}

/// Two utterances of different intents that are nearly the same.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleOverlap)]
pub struct OverlapOut {
    /// The first intent.
    left: String,
    /// Its name.
    left_name: String,
    /// Its utterance.
    left_text: String,
    /// The second intent.
    right: String,
    /// Its name.
    right_name: String,
    /// Its utterance.
    right_text: String,
    /// Share of common words, 0 to 1.
    score: f64,
}

/// What to mend.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleSuggestion)]
pub struct SuggestionOut {
    /// `noLines`, `fewLines`, `lowRecall`, `lowPrecision` or `overlaps`.
    mend: &'static str,
    /// The intent.
    intent: String,
    /// Its name.
    name: String,
    /// How many: utterances that there are, wrong ones, or pairs.
    count: usize,
}

/// The newest report on the training data of one language.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleQualityReport)]
pub struct ReportOut {
    /// Its language.
    language: String,
    /// When it was made, milliseconds since 1970 UTC.
    at: i64,
    /// The training data has changed since.
    stale: bool,
    /// `a` or `b`: the tier that was tested.
    tier: String,
    /// Parts of the cross-validation.
    folds: usize,
    /// Utterances that were tested.
    tested: usize,
    /// Those that found their intent.
    right: usize,
    /// Those that found nothing.
    nothing: usize,
    /// By intent, the weakest first.
    intents: Vec<QualityOut>,
    /// The most frequent first.
    confusions: Vec<ConfusionOut>,
    /// The nearest first.
    overlaps: Vec<OverlapOut>,
    /// The most urgent first.
    suggestions: Vec<SuggestionOut>,
}

/// What there is about the training data of one language.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleQualityState)]
pub struct LatestOut {
    /// The job of a test that waits or runs.
    #[schema(value_type = Option<String>)]
    running: Option<JobId>,
    /// Why the newest test failed.
    failed: Option<String>,
    /// The newest report.
    report: Option<ReportOut>,
}

/// Shows how the training of an agent stands
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowTraining", tag = "console", responses((status = 200, description = "How it stands", body = OverviewOut)))]
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<OverviewOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = overview::of(&ctx, caller, &body::bot(&bot)?).await?;
    let history = found.history.into_iter().map(|past| PastOut {
        job_id: past.job,
        state: stand(past.state),
        asked_at: past.asked_at,
        updated_at: past.updated_at,
        by: past.by,
        languages: past.languages,
        anew: past.anew,
        error: past.error,
    });
    Ok(Json(OverviewOut {
        encoder: found.encoder,
        outdated: found.outdated,
        languages: found.languages.into_iter().map(of_language).collect(),
        history: history.collect(),
    }))
}

fn of_language(one: Language) -> LanguageOut {
    let sync = one.sync;
    let parts = [
        ("sentences", sync.sentences),
        ("synonyms", sync.synonyms),
        ("parameters", sync.parameters),
        ("traits", sync.traits),
        ("smallTalk", sync.small_talk),
        ("entities", sync.entities),
        ("intents", sync.intents),
        ("patterns", sync.patterns),
    ];
    let trained = one.made.is_some();
    let changed = parts.into_iter().filter(|(_, same)| trained && !same);
    let mut changed: Vec<&str> = changed.map(|(name, _)| name).collect();
    // what has no part of its own is the questions
    if trained && !sync.whole && changed.is_empty() {
        changed.push("faqs");
    }
    let (state, error) = match one.state {
        None => ("none", None),
        Some(status::State::Running) => ("running", None),
        Some(status::State::Failed(error)) => ("failed", Some(error)),
        Some(status::State::Finished) => ("finished", None),
    };
    LanguageOut {
        code: one.code,
        state,
        error,
        current: trained && sync.whole,
        changed,
        model: one.made.map(|made| ModelOut {
            tier: made.tier,
            at: made.at,
            took_ms: made.took_ms,
            intents: made.intents,
            utterances: made.utterances,
            faqs: made.faqs,
            trainings: made.trainings,
        }),
    }
}

/// Starts a test of the training data of one language
///
/// # Errors
/// Not found; bad input on `language`.
#[utoipa::path(post, path = "", operation_id = "consoleTestTraining", tag = "console", request_body = TrainIn, responses((status = 202, description = "The job", body = Started)))]
pub async fn test(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<TrainIn>,
) -> Result<(StatusCode, Json<Started>), Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, language) = (body::bot(&bot)?, ask.language.as_deref());
    let job_id = work::ask_quality(&ctx, caller, &bot, language).await?;
    Ok((StatusCode::ACCEPTED, Json(Started { job_id })))
}

/// Shows the newest test of the training data of one language
///
/// # Errors
/// Not found; bad input on `language`.
#[utoipa::path(get, path = "", operation_id = "consoleShowQuality", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), responses((status = 200, description = "What there is", body = LatestOut)))]
pub async fn quality(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<LatestOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let bot = body::bot(&bot)?;
    let found = work::latest_quality(&ctx, caller, &bot, language(&query)).await?;
    let stale = found.stale;
    Ok(Json(LatestOut {
        running: found.running,
        failed: found.failed,
        report: found.report.map(|(report, at)| out(report, at, stale)),
    }))
}

fn out(report: Report, at: i64, stale: bool) -> ReportOut {
    let intent = |one: Quality| QualityOut {
        recall: one.recall(),
        precision: one.precision(),
        id: one.id,
        name: one.name,
        lines: one.lines,
        tested: one.tested,
        right: one.right,
    };
    let confusion = |one: Confusion| ConfusionOut {
        expected: one.expected,
        expected_name: one.expected_name,
        found: one.found,
        found_name: one.found_name,
        count: one.count,
        lines: one.lines,
    };
    let overlap = |one: Overlap| OverlapOut {
        left: one.left,
        left_name: one.left_name,
        left_text: one.left_text,
        right: one.right,
        right_name: one.right_name,
        right_text: one.right_text,
        score: one.score,
    };
    let suggestion = |one: Suggestion| SuggestionOut {
        mend: match one.mend {
            Mend::NoLines => "noLines",
            Mend::FewLines => "fewLines",
            Mend::LowRecall => "lowRecall",
            Mend::LowPrecision => "lowPrecision",
            Mend::Overlaps => "overlaps",
        },
        intent: one.intent,
        name: one.name,
        count: one.count,
    };
    ReportOut {
        language: report.language,
        at,
        stale,
        tier: report.tier,
        folds: report.folds,
        tested: report.tested,
        right: report.right,
        nothing: report.nothing,
        intents: report.intents.into_iter().map(intent).collect(),
        confusions: report.confusions.into_iter().map(confusion).collect(),
        overlaps: report.overlaps.into_iter().map(overlap).collect(),
        suggestions: report.suggestions.into_iter().map(suggestion).collect(),
    }
}
