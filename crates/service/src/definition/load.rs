//! The typed view of a copy, from a cache of one process.

use super::stored;
use crate::{Ctx, single_flight::SingleFlight};
use definition::Agent;
use moka::sync::Cache;
use std::sync::Arc;
use store::Copy;
use types::{
    Error, Result, codes,
    id::{AccountId, BotId},
};

/// Agents kept in memory at most.
const AGENTS_MAX: u64 = 64;

/// Loaded copies. A snapshot never changes; a draft is asked for by its digest.
pub struct AgentCache {
    agents: Cache<(BotId, String), Arc<Agent>>,
    loading: SingleFlight,
}

impl Default for AgentCache {
    fn default() -> Self {
        Self {
            agents: Cache::new(AGENTS_MAX),
            loading: SingleFlight::default(),
        }
    }
}

/// Loads a copy of an agent.
///
/// # Errors
/// Not found, for another account's agent too; internal when it cannot be opened.
pub async fn load(ctx: &Ctx, account: &AccountId, bot: &BotId, copy: &Copy) -> Result<Arc<Agent>> {
    let missing = || Error::of(&codes::BOT_NOT_FOUND);
    let key = match copy {
        Copy::Version(version) => version.to_string(),
        Copy::Draft => {
            let row = ctx.store().agents().find(account, bot).await?;
            format!("draft/{}", row.ok_or_else(missing)?.draft_digest)
        }
    };
    // The account is part of the question: an agent in the cache does not open it to another account.
    let key = (bot.clone(), format!("{account}/{key}"));
    if let Some(agent) = ctx.agents.agents.get(&key) {
        return Ok(agent);
    }
    let _turn = ctx.agents.loading.turn(&key).await;
    if let Some(agent) = ctx.agents.agents.get(&key) {
        return Ok(agent);
    }
    let row = ctx.store().definitions().find(account, bot, copy).await?;
    let row = row.ok_or_else(missing)?;
    let work = {
        let (ctx, account, bot, copy) = (ctx.clone(), account.clone(), bot.clone(), copy.clone());
        tokio::task::spawn_blocking(move || {
            let package = stored::open(ctx.vault(), &account, &bot, &copy, &row)?;
            Ok::<_, Error>(Agent::from_package(&package))
        })
    };
    let agent = Arc::new(work.await.map_err(Error::internal)??);
    ctx.agents.agents.insert(key, Arc::clone(&agent));
    Ok(agent)
}
