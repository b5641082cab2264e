//! Deletion of an agent.

use crate::{
    Caller, Ctx,
    audit::{self, Change},
};
use serde_json::json;
use store::Agent;
use types::{Error, Result, codes, id::BotId};

/// Removes an agent with everything that hangs on it, in one transaction.
///
/// # Errors
/// As [`remove_seen`].
pub async fn remove(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<()> {
    remove_seen(ctx, caller, bot, &|_| true).await
}

/// Removes an agent if it is still as the caller saw it; nobody can change it between the look and the deletion.
///
/// # Errors
/// Not found; [`codes::AGENT_CHANGED`].
pub async fn remove_seen(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    as_seen: &(dyn Fn(&Agent) -> bool + Sync),
) -> Result<()> {
    let tx = ctx.store().begin().await?;
    let agent = tx.agents().hold(&caller.account, bot).await?;
    let agent = agent.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    if !as_seen(&agent) {
        return Err(Error::of(&codes::AGENT_CHANGED));
    }
    tx.agents().remove(&caller.account, bot).await?;
    let change = Change {
        action: "agent.delete",
        target: bot.as_str(),
        before: Some(agent.draft_digest),
        details: Some(json!({"name": agent.name})),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await
}
