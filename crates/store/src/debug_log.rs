//! Debug log lines of agents: the newest 700 of an agent, at most 7 days old (analytics-model.md).

use async_trait::async_trait;
use serde_json::Value;
use types::{
    Result,
    id::{AccountId, BotId, SessionId},
};

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub struct DebugLog {
    /// The account.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// The session.
    pub session: Option<SessionId>,
    /// `info`, `warn`, `error`, …
    pub level: String,
    /// The line.
    pub text: String,
    /// What belongs to it, an object.
    pub data: Value,
    /// Milliseconds UTC.
    pub created_at: i64,
}

/// The lines.
#[async_trait]
pub trait DebugLogs: Send + Sync {
    /// Adds lines in this order.
    async fn add(&self, lines: &[DebugLog]) -> Result<()>;
    /// The newest lines of an agent (of one session, if given), the newest first.
    async fn list(
        &self,
        account: &AccountId,
        bot: &BotId,
        session: Option<&SessionId>,
        limit: u64,
    ) -> Result<Vec<DebugLog>>;
    /// Forgets what is older than `before` and what an agent has beyond its newest `keep`; answers how many.
    async fn prune(&self, before: i64, keep: u64) -> Result<u64>;
}
