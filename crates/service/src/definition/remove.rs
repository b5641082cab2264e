//! Deletion of an agent.

use super::get;
use crate::{
    Caller, Ctx,
    audit::{self, Change},
};
use serde_json::json;
use types::{Result, id::BotId};

/// Removes an agent with everything that hangs on it, in one transaction.
///
/// # Errors
/// Not found.
pub async fn remove(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<()> {
    let agent = get(ctx, caller, bot).await?;
    let tx = ctx.store().begin().await?;
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
