//! Training in the background: an agent can ask for it after each edit.

use super::is_stale;
use crate::{
    Caller, Ctx,
    audit::{self, Change},
    work,
};
use serde_json::{Value, json};
use store::Agent;
use types::{Error, Result, codes, id::BotId};

/// How long a training waits after the edit that asked for it, milliseconds: further edits are taken along (ours).
pub const DELAY_MS: i64 = 2_000;
/// The member of [`Agent::extra`].
const MEMBER: &str = "autoTrain";

/// Whether each edit of the draft is trained in the background.
pub fn is_on(agent: &Agent) -> bool {
    agent.extra[MEMBER] == Value::Bool(true)
}

/// Whether an edit of this agent asks for a training: an agent that was never trained waits for its first one.
pub(crate) fn asks(agent: &Agent) -> bool {
    is_on(agent) && !agent.trained.is_empty()
}

/// Switches it on or off. Switched on, what is stale is trained at once.
///
/// # Errors
/// Not found.
pub async fn set(ctx: &Ctx, caller: &Caller, bot: &BotId, on: bool) -> Result<()> {
    let tx = ctx.store().begin().await?;
    let agent = tx.agents().hold(&caller.account, bot).await?;
    let mut agent = agent.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    if is_on(&agent) == on {
        return Ok(());
    }
    if !agent.extra.is_object() {
        agent.extra = json!({});
    }
    agent.extra[MEMBER] = Value::Bool(on);
    tx.agents().set(&agent).await?;
    let change = Change {
        action: "agent.auto_train",
        target: bot.as_str(),
        bot: Some(bot),
        details: Some(json!({"on": on})),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await?;
    if on && is_stale(ctx, &agent).await? {
        work::ask_train(ctx, caller, bot, None).await?;
    }
    Ok(())
}
