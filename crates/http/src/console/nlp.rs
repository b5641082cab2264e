//! NLP settings of one language.

use super::{
    body::{self, Body, language},
    signed::Signed,
};
use crate::{error::Problem, training::nlp_settings::NlpUpdateIn};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use nlu::{EngineConfig, Network};
use serde::Serialize;
use serde_json::Value;
use service::{Ctx, console::permission::Permission, training::nlp_settings};
use std::collections::HashMap;
use types::{Error, Result};
use utoipa::ToSchema;

/// What detection goes by.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleNlpValues)]
pub struct ValuesOut {
    /// `Standard` or `Few-shot Model`.
    network: &'static str,
    /// Classifier: lower is rejected, 0 to 1.
    ml_min: f64,
    /// Classifier: definitive from here, percent.
    ml_exact: f64,
    /// Classifier: few-shot matches this close to the best are offered, percent.
    proximity: f64,
    /// Classifier: synonyms are replaced.
    use_synonyms: bool,
    /// Classifier: stop words are left out.
    use_stopwords: bool,
    /// Classifier: tagged values are placeholders.
    use_placeholders: bool,
    /// Classifier: a None intent.
    none_intent: bool,
    /// FAQs: below, nothing was found, percent.
    faq_min: f64,
    /// FAQs: answered without asking from here, percent.
    faq_max: f64,
    /// FAQs: definitive from here, percent.
    faq_exact: f64,
    /// FAQs: offered beside the best within this, percent.
    faq_tolerance: f64,
    /// FAQs: offered at most.
    faq_suggestions: usize,
    /// FAQs: share of the path that must be said, percent.
    path_coverage: f64,
    /// FAQs: synonyms of the agent count.
    faq_synonyms: bool,
    /// Rules: others within this of the best name qualify, percent.
    fm_tolerance: f64,
    /// Rules: share of a name that must be said, percent.
    word_coverage: f64,
    /// Rules: words of names count.
    label_match: bool,
    /// Rules: saying the name is definitive.
    exact_name: bool,
    /// Resolver: ambiguous within this, percent.
    rr_tolerance: f64,
    /// Resolver: a definitive match rules others out.
    prefer_definitive: bool,
    /// Resolver: scores of several engines are weighed anew.
    rescoring: bool,
    /// Resolver: 2 leaves the rules out.
    rr_version: u8,
    /// Negative patterns count.
    negative_patterns: bool,
}

/// The settings of one language.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleNlp)]
pub struct NlpOut {
    /// The language.
    language: String,
    /// Enabled languages, the default first.
    languages: Vec<String>,
    /// What detection goes by.
    values: ValuesOut,
    /// What it would go by if nothing were set.
    defaults: ValuesOut,
}

fn values(config: &EngineConfig) -> ValuesOut {
    let (ml, faq, fm, rr) = (&config.ml, &config.faq, &config.fm, &config.rr);
    let few = ml.network == Network::FewShot;
    ValuesOut {
        network: if few { "Few-shot Model" } else { "Standard" },
        ml_min: ml.min(),
        ml_exact: ml.exact() * 100.0,
        proximity: ml.suggestion_proximity,
        use_synonyms: ml.use_synonyms,
        use_stopwords: ml.use_stop_words,
        use_placeholders: ml.use_placeholders,
        none_intent: ml.none_intent,
        faq_min: faq.min_threshold,
        faq_max: faq.max_threshold,
        faq_exact: faq.exact_match_threshold,
        faq_tolerance: faq.tolerance,
        faq_suggestions: faq.suggestions,
        path_coverage: faq.path_coverage,
        faq_synonyms: faq.use_synonyms,
        fm_tolerance: fm.tolerance.unwrap_or(2.0),
        word_coverage: fm.word_coverage.unwrap_or(60.0),
        label_match: fm.label_match.unwrap_or(!few),
        exact_name: fm.exact_task_name.unwrap_or(true),
        rr_tolerance: rr.tolerance,
        prefer_definitive: rr.prefer_definitive,
        rescoring: rr.rescoring.unwrap_or(!few),
        rr_version: rr.version,
        negative_patterns: rr.negative_patterns,
    }
}

/// Shows the NLP settings of one language
///
/// # Errors
/// Not found; bad input on `language`.
#[utoipa::path(get, path = "", operation_id = "consoleShowNlp", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), responses((status = 200, description = "The settings", body = NlpOut)))]
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<NlpOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = nlp_settings::show(&ctx, caller, &body::bot(&bot)?, language(&query)).await?;
    let mut defaults = EngineConfig::default();
    defaults.ml.network = found.config.ml.network;
    Ok(Json(NlpOut {
        language: found.language,
        languages: found.languages,
        values: values(&found.config),
        defaults: values(&defaults),
    }))
}

/// Changes NLP settings of one language
///
/// # Errors
/// Not found; bad input that names each wrong setting.
#[utoipa::path(put, path = "", operation_id = "consoleChangeNlp", tag = "console", params(("language" = Option<String>, Query, description = "Language code; the default one when missing")), request_body = NlpUpdateIn, responses((status = 204, description = "Changed")))]
pub async fn change(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    Body(ask): Body<Value>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let Value::Object(ask) = ask else {
        return Err(Error::field("body", "must be a JSON object").into());
    };
    let language = match language(&query) {
        Some(code) => code.to_owned(),
        None => {
            let agent = service::definition::get(&ctx, caller, &bot).await?;
            agent.languages.into_iter().next().unwrap_or_default()
        }
    };
    nlp_settings::update(&ctx, caller, &bot, &language, None, ask).await?;
    Ok(StatusCode::NO_CONTENT)
}
