//! Rate limits of the operations: rolling windows, per operation and key (`x-rate-limit` of the contract).

/// What a window counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Per {
    /// Each agent.
    Bot,
    /// Each account.
    Account,
    /// Each client app.
    App,
    /// Each request (job) id in the path or query.
    Request,
    /// Each user of a conversation.
    User,
}

/// The windows of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is counted apart.
    pub per: Per,
    /// Requests in any 60 seconds.
    pub minute: u32,
    /// Requests in any 3600 seconds.
    pub hour: u32,
}

/// The documented default: 60 a minute, 1800 an hour, per agent.
pub const DEFAULT: Limit = Limit {
    per: Per::Bot,
    minute: 60,
    hour: 1800,
};
