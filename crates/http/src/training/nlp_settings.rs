//! `updateNlpConfigurations`.

use crate::{
    auth::{Either, Operation, Shared},
    error::Public,
    fields::{Fields, QueryFields, both},
};
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
};
use serde::Serialize;
use serde_json::Value;
use service::{Ctx, console::permission::Permission, training::nlp_settings};
use std::collections::HashMap;
use types::Result;
use utoipa::{IntoParams, ToSchema};

/// Changes NLP settings of one language.
pub struct UpdateNlpConfigurations;

impl Operation for UpdateNlpConfigurations {
    const ID: &'static str = "updateNlpConfigurations";
}

impl Shared for UpdateNlpConfigurations {
    const PERMISSION: Permission = Permission::Agents;
}

/// Which settings are changed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpQuery {
    /// Language code.
    #[param(example = "en")]
    language: String,
    /// Which models; required while several intent models are on.
    #[param(rename = "groupName", example = "Bot%20Level%20Intent%20Model")]
    group_name: Option<String>,
}

/// What changes; everything else stays as it is.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpUpdateIn {
    /// Single settings by key.
    #[schema(rename = "advancedNLPSettings")]
    advanced_nlpsettings: Option<Vec<NlpAdvancedIn>>,
    /// Thresholds of engines.
    configurations: Option<Vec<NlpEngineIn>>,
    /// Parameters of the intent model.
    #[schema(rename = "mlParams")]
    ml_params: Option<NlpMlParamsIn>,
    /// Switches of the agent.
    #[schema(rename = "nlSettings")]
    nl_settings: Option<NlpFlagsIn>,
}

/// One setting by key.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpAdvancedIn {
    /// `network`, `NoneIntent`, `Multiple_Intent_Models`, `ml_suggestion_proximity`, `TestPlaceHolders`, `exactTaskNameMatch`, `cosineSimilarityDampening`, `FAQ_Name_Intent_Name` or `f_negation`.
    #[schema(rename = "configurationKeyName")]
    configuration_key_name: String,
    /// A text, a number, or true or false.
    #[schema(rename = "configurationValue")]
    configuration_value: Value,
    /// `ML`, `KG`, `FM` or `General`: the engine that the key belongs to.
    #[schema(rename = "nlpEngine")]
    nlp_engine: String,
}

/// Settings of one engine.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpEngineIn {
    /// `ml`, `faq`, `cs` (FM) or `rr` (ranking and resolver).
    mode: String,
    /// The engine takes part.
    #[schema(rename = "isActive")]
    is_active: Option<bool>,
    /// `ml` 0 to 1; `faq` and `cs` percent.
    #[schema(rename = "minThreshold")]
    min_threshold: Option<f64>,
    /// Percent: above it a lone match answers without asking.
    #[schema(rename = "maxThreshold")]
    max_threshold: Option<f64>,
    /// Definitive from here, percent; `ml` 80 to 100.
    #[schema(rename = "exactMatchThreshold")]
    exact_match_threshold: Option<f64>,
    /// `ml`, 0 to 1: entities from here on.
    #[schema(rename = "nerThresholdValue")]
    ner_threshold_value: Option<f64>,
    /// `ml` or `rr`; kept with `rr`.
    #[schema(rename = "useDependencyParser")]
    use_dependency_parser: Option<bool>,
    /// `faq`.
    #[schema(rename = "useBotSynonyms")]
    use_bot_synonyms: Option<bool>,
    /// `faq`: look for the words in answers too.
    #[schema(rename = "searchInAnswer")]
    search_in_answer: Option<NlpSearchIn>,
    /// `faq`, 0 to 5.
    #[schema(rename = "suggestionsCount")]
    suggestions_count: Option<u8>,
    /// Proximity, percent: `faq` 0 to 50, `cs` 0 to 20, `rr` 0 to 100.
    #[schema(rename = "taskMatchTolerance")]
    task_match_tolerance: Option<f64>,
    /// `faq`, percent.
    #[schema(rename = "pathCoverage")]
    path_coverage: Option<f64>,
    /// `faq`, percent.
    #[schema(rename = "autoCorrPercentage")]
    auto_corr_percentage: Option<f64>,
    /// `faq`.
    #[schema(rename = "autoSpellCorrectEnabled")]
    auto_spell_correct_enabled: Option<bool>,
    /// `faq`.
    #[schema(rename = "qualifyContextualPaths")]
    qualify_contextual_paths: Option<bool>,
    /// `faq`.
    #[schema(rename = "longResponses")]
    long_responses: Option<NlpLongIn>,
    /// `faq`.
    #[schema(rename = "enPatternLemma")]
    en_pattern_lemma: Option<String>,
    /// `faq`: `ontologyKG` or `embeddingKG`.
    #[schema(rename = "subType")]
    sub_type: Option<String>,
    /// `faq`, an object.
    #[schema(rename = "embeddingsModel")]
    embeddings_model: Option<Value>,
    /// `cs`, percent.
    #[schema(rename = "wordCoverage")]
    word_coverage: Option<f64>,
    /// `cs`: words of task names count.
    #[schema(rename = "labelMatch")]
    label_match: Option<bool>,
    /// `cs`.
    #[schema(rename = "isFMThreshold")]
    is_fmthreshold: Option<bool>,
    /// `cs`, 0 to 20.
    #[schema(rename = "fmThreshold")]
    fm_threshold: Option<f64>,
    /// `rr`, 0 to 1.
    #[schema(rename = "minMatchVal")]
    min_match_val: Option<f64>,
    /// `rr`: a definitive match ends the search.
    #[schema(rename = "isPreferDefinitiveMatch")]
    is_prefer_definitive_match: Option<bool>,
    /// `rr`.
    #[schema(rename = "intentRescoring")]
    intent_rescoring: Option<bool>,
    /// `rr`: 1 or 2, as number or text.
    #[schema(rename = "rrVersion")]
    rr_version: Option<Value>,
    /// `rr`, an object.
    #[schema(rename = "rankingParameters")]
    ranking_parameters: Option<Value>,
}

/// Search in answers.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpSearchIn {
    /// On.
    enabled: Option<bool>,
    /// Tell the user that it is only part of an answer.
    #[schema(rename = "notifyUser")]
    notify_user: Option<bool>,
    /// How it is shown.
    #[schema(rename = "responseType")]
    response_type: Option<String>,
    /// Where the rest stands.
    #[schema(rename = "customReadMoreURL")]
    custom_read_more_url: Option<String>,
    /// Use that place.
    #[schema(rename = "useCustomReadMoreURL")]
    use_custom_read_more_url: Option<bool>,
}

/// Long answers.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpLongIn {
    /// Cut them, with a link to the rest.
    #[schema(rename = "readMore")]
    read_more: Option<bool>,
}

/// Parameters of the intent model.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpMlParamsIn {
    /// Features.
    #[schema(rename = "intentParams")]
    intent_params: Option<NlpIntentIn>,
    /// Entity tagger.
    #[schema(rename = "nerParams")]
    ner_params: Option<NlpNerIn>,
    /// Training of the none intent.
    #[schema(rename = "mlConfigurations")]
    ml_configurations: Option<NlpNoneIn>,
}

/// Features of the intent model.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpIntentIn {
    /// Synonyms of the agent.
    #[schema(rename = "useSynonyms")]
    use_synonyms: Option<bool>,
    /// Leave stop words out.
    #[schema(rename = "useStopwords")]
    use_stopwords: Option<bool>,
    /// Entities become placeholders.
    #[schema(rename = "usePlaceholders")]
    use_placeholders: Option<bool>,
    /// `n_gram` or `skip_gram`.
    features: Option<String>,
    /// Read for `skip_gram` only.
    skip_gram: Option<NlpSkipIn>,
    /// Smallest and greatest length, 1 to 4; read for `n_gram` only.
    ngram: Option<Vec<u8>>,
    /// Lowest length allowed, 1 to 4.
    minngram: Option<u8>,
    /// Greatest length allowed, 1 to 4.
    maxngram: Option<u8>,
    /// Negations are marked.
    f_negation: Option<bool>,
    /// Placeholders in tests too.
    #[schema(rename = "useTestPlaceholders")]
    use_test_placeholders: Option<bool>,
    /// Generation of the model.
    #[schema(rename = "type")]
    kind: Option<String>,
}

/// Skip-grams.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpSkipIn {
    /// 2 to 4.
    #[schema(rename = "seqLength")]
    seq_length: Option<u8>,
    /// 1 to 3.
    #[schema(rename = "maxSkipDistance")]
    max_skip_distance: Option<u8>,
}

/// Entity tagger.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpNerIn {
    /// `corenlp` or `spacy`.
    #[schema(rename = "type")]
    kind: Option<String>,
    /// 0 to 1.
    #[schema(rename = "thresholdValue")]
    threshold_value: Option<f64>,
}

/// The none intent.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpNoneIn {
    /// It is trained.
    #[schema(rename = "NoneIntent")]
    none_intent: Option<bool>,
    /// Questions of the graph belong to it.
    #[schema(rename = "ML_Add_FAQS_To_NoneIntent")]
    ml_add_faqs_to_none_intent: Option<bool>,
    /// It has lines of its own.
    #[schema(rename = "NoneIntentCustomTraining")]
    none_intent_custom_training: Option<bool>,
}

/// Switches of the agent.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct NlpFlagsIn {
    /// Utterances that were matched become training lines.
    #[schema(rename = "enableAutoUtteranceAddition")]
    enable_auto_utterance_addition: Option<bool>,
    /// Negative patterns count.
    #[schema(rename = "enableNegativePatterns")]
    enable_negative_patterns: Option<bool>,
}

/// The settings as they are now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NlpOut {
    /// Single settings by key.
    #[serde(rename = "advancedNLPSettings")]
    advanced: Value,
    /// Thresholds of engines.
    configurations: Value,
    /// Parameters of the model of the group.
    ml_params: Value,
    /// Switches of the agent.
    nl_settings: Value,
}

/// Changes NLP settings of the draft in one language.
///
/// Only what is sent changes. The model fits its settings again after the next training.
///
/// # Errors
/// Bad input that names each wrong field; nothing is changed then.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(NlpQuery),
    request_body(content = NlpUpdateIn, example = json!({
        "configurations": [{"mode": "ml", "exactMatchThreshold": 92, "minThreshold": 0.35}],
        "nlSettings": {"enableNegativePatterns": true}})),
    responses((status = 200, description = "The settings as they are now", body = NlpOut, example = json!({
        "advancedNLPSettings": [], "configurations": [{"mode": "ml", "minThreshold": 0.35, "exactMatchThreshold": 92}],
        "mlParams": {}, "nlSettings": {"enableAutoUtteranceAddition": false, "enableNegativePatterns": true}}))),
)]
pub async fn update(
    State(ctx): State<Ctx>,
    allowed: Either<UpdateNlpConfigurations>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Result<Json<NlpOut>, Public> {
    let mut asked = QueryFields::new(&query);
    let language = asked.required("language");
    let (caller, bot, group) = (&allowed.caller, &allowed.bot, asked.text("groupName"));
    let fields = both(asked.done(), Fields::read(&body))?.body;
    let mut now = nlp_settings::update(&ctx, caller, bot, language, group, fields).await?;
    Ok(Json(NlpOut {
        advanced: now["advancedNLPSettings"].take(),
        configurations: now["configurations"].take(),
        ml_params: now["mlParams"].take(),
        nl_settings: now["nlSettings"].take(),
    }))
}
