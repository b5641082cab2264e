//! Closes conversation sessions that nobody used for too long (analytics-model.md).

use super::{keep, lease::Lease, turn};
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
    let lease = match Lease::if_free(ctx, &key).await {
        Ok(Some(lease)) => lease,
        Ok(None) => return Ok(false),
        // the agent has gone, and its sessions with it
        Err(e) if e.kind == Kind::NotFound => return Ok(false),
        Err(e) => return Err(e),
    };
    let ran = match turn::close(ctx, &key, session).await {
        Ok(ran) => ran,
        Err(e) if matches!(e.kind, Kind::Internal | Kind::Unavailable) => return Err(e),
        Err(error) => {
            tracing::warn!(%error, "a session ends without its closing script");
            None
        }
    };
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
    if let Some((place, outcome)) = &ran {
        keep::closed(&*tx, place, &session.id, outcome).await?;
    }
    tx.conversations().release(&key, lease.owner()).await?;
    tx.commit().await?;
    lease.spend();
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
        instance: session.instance.clone(),
        identity: session.identity.clone(),
    }
}
