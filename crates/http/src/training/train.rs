//! `trainMl` and `getMlTrainStatus`.

use crate::{
    auth::{Either, Operation, Shared},
    error::Public,
    fields::QueryFields,
};
use axum::{
    Json,
    extract::{Query, State},
    http::HeaderMap,
};
use serde::Serialize;
use service::{
    Ctx,
    console::permission::Permission,
    training::status::{self, State as TrainState, Sync},
    work,
};
use std::collections::HashMap;
use types::{
    Error, Result,
    limit::{Limit, Per},
};
use utoipa::{IntoParams, ToSchema};

/// Longest language code that is looked at, bytes.
const LANGUAGE_MAX: usize = 16;

/// Trains an agent in one language.
pub struct TrainMl;

impl Operation for TrainMl {
    const ID: &'static str = "trainMl";
}

impl Shared for TrainMl {
    const PERMISSION: Permission = Permission::Agents;
}

/// Tells how far a training is.
pub struct GetMlTrainStatus;

impl Operation for GetMlTrainStatus {
    const ID: &'static str = "getMlTrainStatus";
    const LIMIT: Limit = Limit {
        per: Per::Request,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetMlTrainStatus {
    const PERMISSION: Permission = Permission::View;
}

/// What was queued.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrainOut {
    /// A word for people.
    message: &'static str,
    /// Id of the training, 24 hex digits.
    #[serde(rename = "Training_ID")]
    training_id: String,
}

/// Which training is asked about.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct TrainStatusQuery {
    /// Language; the default of the agent where none is given.
    #[param(example = "en")]
    language: Option<String>,
    /// `configured` (the default) for the draft, `published` for the copy in force.
    #[param(example = "configured")]
    state: Option<String>,
}

/// How far a training is, and whether the model still fits what it was made of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrainStatusOut {
    /// `Finished`, `Inprogress` or `Failed`.
    training_status: &'static str,
    /// The model fits the utterances.
    is_ml_in_sync_with_sentences: bool,
    /// The model fits the synonyms.
    is_ml_in_sync_with_synonyms: bool,
    /// The model fits thresholds and parameters.
    is_ml_in_sync_with_mlparams: bool,
    /// The model fits the traits.
    is_ml_in_sync_with_traits: bool,
    /// The model fits small talk.
    is_ml_in_sync_with_small_talk: bool,
    /// There is no universal agent: always the state of the whole.
    #[serde(rename = "isMlInSyncWithUBTraining")]
    is_ml_in_sync_with_ub_training: bool,
    /// The model fits the entities.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_ml_in_sync_with_entity_node: Option<bool>,
    /// The model fits names and places of intents.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_ml_in_sync_with_intent_node: Option<bool>,
    /// The model fits the patterns.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_ml_in_sync_with_patterns: Option<bool>,
    /// Utterances of batch tests are no training lines: always true.
    #[serde(
        rename = "isMlInSyncWithBTUtterances",
        skip_serializing_if = "Option::is_none"
    )]
    is_ml_in_sync_with_bt_utterances: Option<bool>,
    /// What the model was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    train_details: Option<DetailsOut>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// What a model was made with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DetailsOut {
    /// Generation of the engine.
    nlp_version: u32,
    /// Trainings of this language so far that made a model.
    train_version: u32,
}

/// Queues training of the draft in one language.
///
/// The language stands in the header `bot-language`; English where there is none.
///
/// # Errors
/// Bad input on `bot-language` when the agent does not speak it.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(("bot-language" = Option<String>, Header, description = "Language code; English where there is none", example = "en")),
    responses((status = 200, description = "The training waits for its turn", body = [TrainOut],
        example = json!([{"message": "Training Queued.", "Training_ID": "64f000000000000000000004"}]))),
)]
pub async fn train(
    State(ctx): State<Ctx>,
    allowed: Either<TrainMl>,
    headers: HeaderMap,
) -> Result<Json<[TrainOut; 1]>, Public> {
    let language = match headers.get("bot-language").map(|v| v.to_str()) {
        None => "en",
        Some(Ok(text)) if text.trim().len() <= LANGUAGE_MAX => text.trim(),
        Some(_) => return Err(Error::field("bot-language", "is not a language code").into()),
    };
    let language = if language.is_empty() { "en" } else { language };
    let job = work::ask_train(&ctx, &allowed.caller, &allowed.bot, Some(language)).await;
    let job = job.map_err(|error| renamed(error, "bot-language"))?;
    Ok(Json([TrainOut {
        message: "Training Queued.",
        training_id: job.to_string(),
    }]))
}

/// Tells how far the training of an agent is.
///
/// # Errors
/// Bad input on `language` or `state`; the agent was never trained, or is not published.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(TrainStatusQuery),
    responses((status = 200, description = "The training", body = TrainStatusOut, example = json!({
        "trainingStatus": "Finished", "isMlInSyncWithSentences": true, "isMlInSyncWithSynonyms": true, "isMlInSyncWithMlparams": true,
        "isMlInSyncWithTraits": true, "isMlInSyncWithSmallTalk": true, "isMlInSyncWithUBTraining": true, "isMlInSyncWithEntityNode": true,
        "isMlInSyncWithIntentNode": true, "isMlInSyncWithPatterns": true, "isMlInSyncWithBTUtterances": true,
        "trainDetails": {"nlpVersion": 1, "trainVersion": 2}}))),
)]
pub async fn status(
    State(ctx): State<Ctx>,
    allowed: Either<GetMlTrainStatus>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<TrainStatusOut>, Public> {
    let mut fields = QueryFields::new(&query);
    let published = fields.word("state", &["configured", "published"]) == Some("published");
    let language = fields.text("language");
    fields.done()?;
    let found = status::of(&ctx, &allowed.caller, &allowed.bot, language, published).await?;
    Ok(Json(shown(found)))
}

fn shown(found: status::Status) -> TrainStatusOut {
    let finished = matches!(found.state, TrainState::Finished);
    let sync: Sync = found.sync;
    let also = |flag: bool| finished.then_some(flag);
    TrainStatusOut {
        training_status: match found.state {
            TrainState::Finished => "Finished",
            TrainState::Running => "Inprogress",
            TrainState::Failed(_) => "Failed",
        },
        is_ml_in_sync_with_sentences: sync.sentences,
        is_ml_in_sync_with_synonyms: sync.synonyms,
        is_ml_in_sync_with_mlparams: sync.parameters,
        is_ml_in_sync_with_traits: sync.traits,
        is_ml_in_sync_with_small_talk: sync.small_talk,
        is_ml_in_sync_with_ub_training: sync.whole,
        is_ml_in_sync_with_entity_node: also(sync.entities),
        is_ml_in_sync_with_intent_node: also(sync.intents),
        is_ml_in_sync_with_patterns: also(sync.patterns),
        is_ml_in_sync_with_bt_utterances: also(true),
        train_details: finished.then_some(DetailsOut {
            nlp_version: found.engine,
            train_version: found.trainings,
        }),
        message: match found.state {
            TrainState::Failed(why) => Some(why),
            _ => None,
        },
    }
}

/// The same error with its field by another name.
fn renamed(mut error: Error, name: &str) -> Error {
    for field in &mut error.fields {
        name.clone_into(&mut field.field);
    }
    error
}
