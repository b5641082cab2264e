//! Variables that scripts keep beyond a turn.

use async_trait::async_trait;
use serde_json::Value;
use types::{
    Result,
    id::{AccountId, BotId},
};

/// How long and for whom a variable lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VariableScope {
    /// One user in every agent of the account (`UserSession`).
    UserSession,
    /// Every user of one agent (`BotContext`).
    Bot,
    /// Every user of every agent of the account (`EnterpriseContext`).
    Enterprise,
}

impl VariableScope {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserSession => "user_session",
            Self::Bot => "bot",
            Self::Enterprise => "enterprise",
        }
    }
}

/// A variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Gone at, milliseconds UTC; none: stays.
    pub expires_at: Option<i64>,
}

/// The variables. `owner` is the user for `UserSession`, the agent's id for `Bot`, and empty for `Enterprise`; `bot` is the agent on
/// which the variable hangs (none for `UserSession` and `Enterprise`).
#[async_trait]
pub trait Variables: Send + Sync {
    /// What has not expired at `now`, by name.
    async fn list(
        &self,
        account: &AccountId,
        scope: VariableScope,
        bot: Option<&BotId>,
        owner: &str,
        now: i64,
    ) -> Result<Vec<Variable>>;
    /// Writes or replaces variables.
    async fn put(
        &self,
        account: &AccountId,
        scope: VariableScope,
        bot: Option<&BotId>,
        owner: &str,
        variables: &[Variable],
    ) -> Result<()>;
    /// Removes one variable.
    async fn remove(
        &self,
        account: &AccountId,
        scope: VariableScope,
        bot: Option<&BotId>,
        owner: &str,
        name: &str,
    ) -> Result<bool>;
    /// Forgets what has expired; answers how many.
    async fn remove_expired(&self, now: i64) -> Result<u64>;
}
