//! Whether an agent would be trained anew now.

use super::corpus::{corpus, digest};
use crate::Ctx;
use std::{collections::BTreeMap, sync::Arc};
use store::{Agent, Copy};
use types::{
    Error, Result,
    id::{AccountId, BotId},
};

/// A draft in one of its versions.
pub(super) type DraftKey = (AccountId, BotId, String);
/// Language → digest of what a model would be trained on.
pub(super) type Inputs = Arc<BTreeMap<String, String>>;

/// Whether a trained agent would be trained anew now: a language has other inputs than its model, or no model. The inputs of a draft
/// are worked out once per version of it and process.
///
/// # Errors
/// When the draft cannot be read.
pub async fn is_stale(ctx: &Ctx, agent: &Agent) -> Result<bool> {
    if agent.trained.is_empty() {
        return Ok(false);
    }
    let inputs = inputs(ctx, agent).await?;
    let differs = |(language, inputs)| agent.trained.get(language) != Some(inputs);
    Ok(inputs.iter().any(differs))
}

async fn inputs(ctx: &Ctx, agent: &Agent) -> Result<Inputs> {
    let (account, bot) = (agent.account.clone(), agent.bot.clone());
    let key = (account, bot, agent.draft_digest.clone());
    if let Some(known) = ctx.models.inputs.get(&key) {
        return Ok(known);
    }
    let loaded = crate::definition::load(ctx, &agent.account, &agent.bot, &Copy::Draft).await?;
    let work = move || -> BTreeMap<String, String> {
        let of = |language: &str| (language.to_owned(), digest(&corpus(&loaded, language)));
        loaded.enabled_languages().map(of).collect()
    };
    let inputs = tokio::task::spawn_blocking(work).await;
    let inputs = Arc::new(inputs.map_err(Error::internal)?);
    // a draft that was changed between the two questions is kept under a version that is gone
    ctx.models.inputs.insert(key, Arc::clone(&inputs));
    Ok(inputs)
}
