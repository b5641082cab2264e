//! What comes into a turn.

use serde_json::{Map, Value};

/// What the caller hands in.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// What happened.
    pub kind: InputKind,
    /// What the user wrote; empty for events.
    pub text: String,
    /// Now, milliseconds since 1970 UTC.
    pub now_ms: i64,
    /// IANA zone or offset of the user; empty counts as UTC.
    pub timezone: String,
    /// Language that the client asks for, when it says one.
    pub language: Option<String>,
    /// Channel as the definition names it: `ivr` (webhook), `rtm` (web and mobile).
    pub channel: String,
    /// Who writes.
    pub user: User,
    /// `customData` of the client.
    pub custom_data: Value,
    /// Meta tags that came with the message.
    pub tags: Vec<Tag>,
    /// The client asks for a new session.
    pub new_session: bool,
    /// Id for a session, used when this turn starts one.
    pub session_id: String,
    /// Seed of every random choice of this turn.
    pub seed: u64,
    /// Intent and entities fixed by the client (`nlMeta`); detection is skipped.
    pub nl_meta: Option<Value>,
    /// Id that the client gave its message.
    pub client_message_id: Option<String>,
    /// Values of the memory that outlives a session.
    pub memory: Memory,
}

/// Kind of input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InputKind {
    /// The user wrote something.
    #[default]
    Text,
    /// The client opened the conversation (`ON_CONNECT`).
    Connect,
    /// The client closes the conversation.
    Close,
}

/// Who writes.
#[derive(Debug, Clone, Default)]
pub struct User {
    /// Id inside the platform (`u-…`).
    pub id: String,
    /// What `UserContext` shows: `emailId`, `firstName`, `lastName`, `identities`, …
    pub profile: Map<String, Value>,
    /// The user has talked to this agent before.
    pub returning: bool,
}

/// A meta tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tag {
    /// `session`, `message` or `user`.
    pub level: String,
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// Values that live longer than a session. The caller loads them and drops what has expired.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// One user, every agent of the account.
    pub user_session: Map<String, Value>,
    /// Every user of this agent.
    pub bot_context: Map<String, Value>,
    /// Every user and agent of the account.
    pub enterprise_context: Map<String, Value>,
}

/// A call that the engine asks the caller to make.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// Absolute address with its query.
    pub url: String,
    /// Headers in order; may hold secrets.
    pub headers: Vec<(String, String)>,
    /// Body, when there is one.
    pub body: Option<Vec<u8>>,
    /// How long the whole call may take, in milliseconds. The caller caps it by its own policy.
    pub timeout_ms: u64,
    /// Name of the service component, for logs.
    pub name: String,
}

impl std::fmt::Debug for ServiceRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceRequest")
            .field("name", &self.name)
            .field("method", &self.method)
            .field("timeout_ms", &self.timeout_ms)
            .finish_non_exhaustive()
    }
}

/// What a service answered. Any status is an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallFailure {
    /// No connection: name, network or TLS.
    #[error("no connection")]
    Connect,
    /// Nothing came in time.
    #[error("timed out")]
    Timeout,
    /// The answer is larger than the caller accepts.
    #[error("the answer is too large")]
    TooLarge,
    /// Policy forbids the address, or the address is none.
    #[error("the address is not allowed")]
    Refused,
}
