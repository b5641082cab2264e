//! Who did what to which thing, from where. Rows are only added.

use async_trait::async_trait;
use serde_json::Value;
use types::{
    Result,
    id::{AccountId, BotId},
    page::{Page, PageIn},
};

/// A row to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAuditRow {
    /// The account.
    pub account: AccountId,
    /// Who: a user id, a client id or `cli`.
    pub actor: String,
    /// What, for instance `app.rotate`.
    pub action: String,
    /// Id of the thing.
    pub target: String,
    /// The agent it belongs to.
    pub bot: Option<BotId>,
    /// From where.
    pub address: Option<String>,
    /// Digest before.
    pub before: Option<String>,
    /// Digest after.
    pub after: Option<String>,
    /// More, an object without secrets.
    pub details: Value,
    /// Milliseconds UTC.
    pub at: i64,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Its number; later rows have higher ones.
    pub number: i64,
    /// What was given.
    pub new: NewAuditRow,
}

/// Which rows of an account are wanted; what is not given does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// About this agent.
    pub bot: Option<BotId>,
    /// By this actor.
    pub actor: Option<String>,
    /// This action.
    pub action: Option<String>,
    /// On this thing.
    pub target: Option<String>,
    /// At or after, milliseconds UTC.
    pub from: Option<i64>,
    /// Before, milliseconds UTC.
    pub to: Option<i64>,
}

/// The rows. They outlive what they are about.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Adds a row.
    async fn add(&self, row: &NewAuditRow) -> Result<()>;
    /// A page of the rows that fit, the newest first. A cursor that is not ours is bad input on `cursor`.
    async fn list(
        &self,
        account: &AccountId,
        filter: &AuditFilter,
        page: &PageIn,
    ) -> Result<Page<AuditRow>>;
}
