//! One turn at a time per conversation, on every node: first the lock of this process, which keeps the order of arrival, then
//! the lease in the store, which keeps other processes out.

use super::turn::TURN_LIMIT;
use crate::Ctx;
use kv::Held;
use std::time::Duration;
use store::ConversationKey;
use types::Result;

/// How much longer than a turn a lease lives, so that the last write of a slow turn falls into it. A lease of a process that
/// died ends by itself after both.
const MARGIN: Duration = Duration::from_secs(1);
/// First and longest pause between two looks at a lease that another process has.
const PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(80));

/// The right to change a conversation. Dropped without [`Lease::spend`], it is given back in the background.
pub(super) struct Lease {
    ctx: Ctx,
    key: ConversationKey,
    owner: String,
    held: bool,
    _lock: Box<dyn Held>,
}

impl Lease {
    /// Waits in the order of arrival until no turn of this process has the conversation; [`Lease::wait`] comes next.
    ///
    /// # Errors
    /// When a shared lock cannot be reached.
    pub(super) async fn queue(ctx: &Ctx, key: &ConversationKey) -> Result<Self> {
        Ok(Self {
            ctx: ctx.clone(),
            key: key.clone(),
            owner: ctx.ids().uuid().to_string(),
            held: false,
            _lock: ctx.parts.locks.lock(&lock_name(key)).await?,
        })
    }

    /// Waits until no other process has the conversation. The caller bounds the wait.
    ///
    /// # Errors
    /// When the store cannot be reached, or the agent is gone.
    pub(super) async fn wait(&mut self) -> Result<()> {
        let (mut pause, longest) = PAUSE;
        while !self.take().await? {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
        Ok(())
    }

    /// The conversation, unless another process has it.
    ///
    /// # Errors
    /// When the store cannot be reached, or the agent is gone.
    pub(super) async fn if_free(ctx: &Ctx, key: &ConversationKey) -> Result<Option<Self>> {
        let mut lease = Self::queue(ctx, key).await?;
        let free = lease.take().await?;
        Ok(free.then_some(lease))
    }

    /// The name under which the store knows the holder; whoever writes the turn gives the lease back in the same transaction.
    pub(super) fn owner(&self) -> &str {
        &self.owner
    }

    /// The lease was given back by the transaction that ended the turn.
    pub(super) fn spend(mut self) {
        self.held = false;
    }

    async fn take(&mut self) -> Result<bool> {
        let now = self.ctx.now();
        let life = i64::try_from((TURN_LIMIT + MARGIN).as_millis()).unwrap_or(i64::MAX);
        // a store that answers too late may have given the lease all the same
        self.held = true;
        let until = now.saturating_add(life);
        let conversations = self.ctx.store().conversations();
        self.held = conversations
            .lease(&self.key, &self.owner, now, until)
            .await?;
        Ok(self.held)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let runtime = tokio::runtime::Handle::try_current();
        let (true, Ok(runtime)) = (self.held, runtime) else {
            return;
        };
        let (ctx, key, owner) = (self.ctx.clone(), self.key.clone(), self.owner.clone());
        runtime.spawn(async move {
            if let Err(error) = ctx.store().conversations().release(&key, &owner).await {
                tracing::debug!(%error, "a lease was not given back and ends by itself");
            }
        });
    }
}

/// The lock that allows one turn at a time in a conversation. The parts are told apart by a character that JSON texts of the
/// wire cannot smuggle past the length in front.
fn lock_name(key: &ConversationKey) -> String {
    let (channel, instance, identity) = (&key.channel, &key.instance, &key.identity);
    format!(
        "turn/{}/{}/{}:{channel}/{}:{instance}/{identity}",
        key.account,
        key.bot,
        channel.len(),
        instance.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::id::{AccountId, BotId};

    #[test]
    fn no_two_conversations_share_a_lock() {
        let key = |channel: &str, instance: &str, identity: &str| ConversationKey {
            account: AccountId::trusted("a"),
            bot: BotId::trusted("st-1"),
            channel: channel.into(),
            instance: instance.into(),
            identity: identity.into(),
        };
        let names = [
            lock_name(&key("ivr", "", "x/y")),
            lock_name(&key("ivr", "x", "y")),
            lock_name(&key("ivr/x", "", "y")),
            lock_name(&key("ivr", "x/y", "")),
        ];
        for (at, name) in names.iter().enumerate() {
            assert!(!names[at + 1..].contains(name), "{name}");
        }
        assert_eq!(
            lock_name(&key("ivr", "1", "x")),
            lock_name(&key("ivr", "1", "x"))
        );
    }
}
