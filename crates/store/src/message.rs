//! Messages between users and agents; rows are only added.

use crate::{Tag, TagClause};
use async_trait::async_trait;
use serde_json::Value;
use types::{
    Result,
    id::{AccountId, BotId, MessageId, SessionId, UserId},
};

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the user.
    Incoming,
    /// From the agent.
    Outgoing,
}

impl Direction {
    /// The word on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
        }
    }
    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Incoming, Self::Outgoing]
            .into_iter()
            .find(|d| d.as_str() == word)
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The account.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// The session.
    pub session: SessionId,
    /// Our id of the user.
    pub user: UserId,
    /// What the channel calls the user.
    pub identity: String,
    /// The channel.
    pub channel: String,
    /// Which way.
    pub direction: Direction,
    /// Processing state, for instance `received` or `delivered`.
    pub status: String,
    /// The language.
    pub language: String,
    /// The parts of the message, an array (`components` on the wire).
    pub components: Value,
    /// Identities on channels, an array (`channels` on the wire).
    pub channels: Value,
    /// Traffic of a developer.
    pub developer: bool,
    /// Started in the builder.
    pub builder: bool,
    /// 0 alert task, 1 text, 2 action task, 3 other (`ms` on the wire).
    pub source: i64,
    /// Tags on the message.
    pub tags: Vec<Tag>,
    /// Trace of the turn.
    pub trace: Option<String>,
    /// Parts of the answer time, an object; outgoing messages only.
    pub latency: Option<Value>,
    /// Milliseconds UTC. Messages of the same millisecond keep the order in which they were added.
    pub created_at: i64,
}

/// Rows around a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// The message and what came before it.
    Before,
    /// The message and what came before and after it.
    Both,
    /// The message and what came after it.
    After,
}

/// Which messages of an account are wanted; what is not given does not restrict.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MessageFilter {
    /// Of these agents.
    pub bots: Vec<BotId>,
    /// Our id of the user, or what the channel calls the user.
    pub user: Option<String>,
    /// On this channel.
    pub channel: Option<String>,
    /// Of these sessions.
    pub sessions: Vec<SessionId>,
    /// At or after, milliseconds UTC.
    pub from: Option<i64>,
    /// Before, milliseconds UTC.
    pub to: Option<i64>,
    /// One way only.
    pub direction: Option<Direction>,
    /// Starting from a message. An unknown message: no rows.
    pub around: Option<(MessageId, Around)>,
    /// Every clause holds: of message on the message's tags, of user or session on those of its session.
    pub tags: Vec<TagClause>,
    /// The oldest first.
    pub forward: bool,
    /// Rows to skip.
    pub skip: u64,
    /// Rows at most.
    pub limit: u64,
}

/// The messages.
#[async_trait]
pub trait Messages: Send + Sync {
    /// Adds messages in this order; their sessions must be there.
    async fn add(&self, messages: &[Message]) -> Result<()>;
    /// The messages that fit, and how many there are in all.
    async fn list(
        &self,
        account: &AccountId,
        filter: &MessageFilter,
    ) -> Result<(Vec<Message>, u64)>;
}
