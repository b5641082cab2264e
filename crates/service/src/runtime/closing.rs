//! Closes conversation sessions that nobody used for too long (analytics-model.md).

use crate::Ctx;
use store::{ConversationKey, Session};
use types::{Kind, Result};

/// Sessions closed in one go at most.
const BATCH: u64 = 200;

/// Closes what is due and says how many. To be called now and then; a session of a conversation whose turn runs is left for the
/// next call.
///
/// # Errors
/// When the store cannot be reached.
pub async fn close_due(ctx: &Ctx) -> Result<usize> {
    let mut closed = 0;
    for session in ctx.store().sessions().due(ctx.now(), BATCH).await? {
        if close(ctx, &session).await? {
            closed += 1;
        }
    }
    Ok(closed)
}

async fn close(ctx: &Ctx, session: &Session) -> Result<bool> {
    let key = key(session);
    let _turn = ctx.parts.locks.lock(&lock_name(&key)).await?;
    let tx = ctx.store().begin().await?;
    let Some(mut now) = tx.sessions().find(&session.account, &session.id).await? else {
        return Ok(false);
    };
    // a turn may have moved the end while this waited
    if now.ended_at.is_some() || now.closes_at > ctx.now() {
        return Ok(false);
    }
    now.ended_at = Some(now.closes_at);
    now.containment = Some(containment(&now).to_owned());
    match tx.sessions().set(&now).await {
        Ok(()) => {}
        Err(e) if e.kind == Kind::NotFound => return Ok(false),
        Err(e) => return Err(e),
    }
    tx.commit().await?;
    Ok(true)
}

/// What a session comes to when nothing was decided before: a session in which only the bot wrote is self-service, and one that
/// was left before a task was completed is a drop-off.
pub(super) fn containment(session: &Session) -> &str {
    match &session.containment {
        Some(decided) => decided,
        None if session.interactive => "dropOff",
        None => "selfService",
    }
}

/// The conversation of a session.
fn key(session: &Session) -> ConversationKey {
    ConversationKey {
        account: session.account.clone(),
        bot: session.bot.clone(),
        channel: session.channel.clone(),
        identity: session.identity.clone(),
    }
}

/// The lock that allows one turn at a time in a conversation. The parts are told apart by a character that JSON texts of the
/// wire cannot smuggle past the length in front.
pub(super) fn lock_name(key: &ConversationKey) -> String {
    let (channel, identity) = (&key.channel, &key.identity);
    format!(
        "turn/{}/{}/{}:{channel}/{identity}",
        key.account,
        key.bot,
        channel.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::id::{AccountId, BotId};

    #[test]
    fn no_two_conversations_share_a_lock() {
        let key = |channel: &str, identity: &str| ConversationKey {
            account: AccountId::trusted("a"),
            bot: BotId::trusted("st-1"),
            channel: channel.into(),
            identity: identity.into(),
        };
        assert_ne!(lock_name(&key("ivr", "x/y")), lock_name(&key("ivr/x", "y")));
        assert_eq!(lock_name(&key("ivr", "x")), lock_name(&key("ivr", "x")));
    }
}
