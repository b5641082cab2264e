//! Who did what to which thing, from where. Rows are only added, and each is chained to the one before.

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
    /// Its place in the chain; none for rows from before there was one.
    pub link: Option<AuditLink>,
}

/// A place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLink {
    /// 1 for the first row, then without a gap.
    pub number: i64,
    /// The seal over the row and the seal before it.
    pub mac: Vec<u8>,
}

/// Seals a row: its number, the seal before it, the row.
pub type Seal<'a> = &'a (dyn Fn(i64, &[u8], &NewAuditRow) -> Vec<u8> + Send + Sync);

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
    /// Adds a row at the end of the chain. Until its transaction ends no other one can add a row.
    async fn add(&self, row: &NewAuditRow, seal: Seal<'_>) -> Result<()>;
    /// A page of the rows that fit, the newest first. A cursor that is not ours is bad input on `cursor`.
    async fn list(
        &self,
        account: &AccountId,
        filter: &AuditFilter,
        page: &PageIn,
    ) -> Result<Page<AuditRow>>;
    /// The end of the chain: number 0 when it is empty. Of every account.
    async fn head(&self) -> Result<AuditLink>;
    /// Chained rows after a place, in order, of every account.
    async fn chain(&self, after: i64, limit: u32) -> Result<Vec<AuditRow>>;
    /// The first row that has no place in the chain though it is younger than the first that has one. Of every account.
    async fn loose(&self) -> Result<Option<AuditRow>>;
}
