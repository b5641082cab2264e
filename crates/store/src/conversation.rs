//! Where each conversation stands: the state of the turn engine between two turns.

use async_trait::async_trait;
use serde_json::Value;
use types::{
    Result,
    id::{AccountId, BotId, SessionId, UserId, VersionId},
};

/// What names a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConversationKey {
    /// The account.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// The channel.
    pub channel: String,
    /// The instance of the channel; empty for the first one.
    pub instance: String,
    /// What the channel calls the user.
    pub identity: String,
}

/// The state between two turns.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// What names it.
    pub key: ConversationKey,
    /// Our id of the user.
    pub user: UserId,
    /// The session that is open or was last.
    pub session: Option<SessionId>,
    /// The snapshot on which the open session began; none on a draft, and when no session is open.
    pub snapshot: Option<VersionId>,
    /// The state.
    pub state: Value,
    /// Goes up by one with each save; 0 for one that was never saved.
    pub version: i64,
    /// Milliseconds UTC.
    pub updated_at: i64,
}

/// The conversations.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Reads a conversation.
    async fn find(&self, key: &ConversationKey) -> Result<Option<Conversation>>;
    /// Saves if `version` is still the stored one (0: there is none), and answers the new version.
    /// [`types::Kind::Conflict`] when another turn was faster; [`types::Kind::NotFound`] unless the agent is of this account.
    async fn save(&self, conversation: &Conversation) -> Result<i64>;
    /// Takes the one turn at a time for `owner` until `until`; false while somebody else has it.
    async fn lease(&self, key: &ConversationKey, owner: &str, now: i64, until: i64)
    -> Result<bool>;
    /// Gives the turn back, if `owner` still has it.
    async fn release(&self, key: &ConversationKey, owner: &str) -> Result<()>;
    /// Forgets a conversation.
    async fn remove(&self, key: &ConversationKey) -> Result<bool>;
}
