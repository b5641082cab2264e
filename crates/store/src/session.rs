//! Conversation sessions (analytics-model.md).

use crate::{Tag, TagClause};
use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, BotId, SessionId, UserId},
};

/// A conversation session.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The account.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// Our id of the user.
    pub user: UserId,
    /// What the channel calls the user (e-mail, enterprise id, …).
    pub identity: String,
    /// The channel.
    pub channel: String,
    /// The instance of the channel; empty for the first one.
    pub instance: String,
    /// Every language used, in order of first use.
    pub languages: Vec<String>,
    /// Milliseconds UTC.
    pub started_at: i64,
    /// When it was closed, milliseconds UTC.
    pub ended_at: Option<i64>,
    /// Last message or event, milliseconds UTC.
    pub active_at: i64,
    /// When it is to be closed if nothing happens, milliseconds UTC.
    pub closes_at: i64,
    /// At least one message of the user.
    pub interactive: bool,
    /// Traffic of a developer.
    pub developer: bool,
    /// `agent`, `selfService` or `dropOff`.
    pub containment: Option<String>,
    /// Tags on the user.
    pub user_tags: Vec<Tag>,
    /// Tags on the session.
    pub session_tags: Vec<Tag>,
    /// Messages both ways.
    pub messages: i64,
    /// Tasks run.
    pub tasks: i64,
}

/// Which sessions of an account are wanted; what is not given does not restrict.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionFilter {
    /// Of these agents.
    pub bots: Vec<BotId>,
    /// These ids.
    pub ids: Vec<SessionId>,
    /// Our id of the user, or what the channel calls the user.
    pub user: Option<String>,
    /// On this channel.
    pub channel: Option<String>,
    /// Started at or after, milliseconds UTC.
    pub from: Option<i64>,
    /// Started before, milliseconds UTC.
    pub to: Option<i64>,
    /// Interactive or not.
    pub interactive: Option<bool>,
    /// Closed or still open.
    pub closed: Option<bool>,
    /// Developers' or not.
    pub developer: Option<bool>,
    /// This containment.
    pub containment: Option<String>,
    /// Every clause holds: of user or session on the session's tags, of message on any of its messages.
    pub tags: Vec<TagClause>,
    /// Rows to skip.
    pub skip: u64,
    /// Rows at most.
    pub limit: u64,
}

/// The sessions.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Adds a session; [`types::Kind::NotFound`] unless the agent is of this account.
    async fn add(&self, session: &Session) -> Result<()>;
    /// The session of this account.
    async fn find(&self, account: &AccountId, session: &SessionId) -> Result<Option<Session>>;
    /// Replaces all but account, agent, user, channel, instance and start.
    async fn set(&self, session: &Session) -> Result<()>;
    /// The sessions that fit, the newest start first, and how many there are in all.
    async fn list(
        &self,
        account: &AccountId,
        filter: &SessionFilter,
    ) -> Result<(Vec<Session>, u64)>;
    /// Deletes sessions of an agent with their messages, tags, debug lines and the states of their conversations; answers how many
    /// records that were, tags aside. What is none of the agent's is left alone.
    async fn erase(&self, account: &AccountId, bot: &BotId, sessions: &[SessionId]) -> Result<u64>;
    /// Open sessions whose time to close has come, across accounts, the longest due first.
    async fn due(&self, now: i64, limit: u64) -> Result<Vec<Session>>;
}
