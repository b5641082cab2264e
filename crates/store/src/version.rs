//! Snapshots of agents: those that publishes make, and those that people make by hand.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, BotId, VersionId},
};

/// A snapshot to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// Its id.
    pub id: VersionId,
    /// The account.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// What a person calls it; empty for the snapshot of a publish.
    pub name: String,
    /// Made by hand, and so never put in force by being made.
    pub by_hand: bool,
    /// Digest of its definition.
    pub digest: String,
    /// What the person who published wrote.
    pub comment: String,
    /// Components that the publish took along.
    pub components: Vec<String>,
    /// Who published.
    pub created_by: String,
    /// Milliseconds UTC.
    pub created_at: i64,
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// What was given.
    pub new: NewVersion,
    /// 1 for the agent's first one, then 2, 3, …
    pub number: i64,
}

/// The snapshots.
#[async_trait]
pub trait Versions: Send + Sync {
    /// Adds a snapshot with the next number; [`types::Kind::NotFound`] unless the agent is of this account.
    async fn add(&self, version: &NewVersion) -> Result<Version>;
    /// One snapshot.
    async fn find(
        &self,
        account: &AccountId,
        bot: &BotId,
        version: &VersionId,
    ) -> Result<Option<Version>>;
    /// One snapshot by its number.
    async fn numbered(
        &self,
        account: &AccountId,
        bot: &BotId,
        number: i64,
    ) -> Result<Option<Version>>;
    /// Snapshots on which a conversation goes on whose session is open.
    async fn in_use(&self, account: &AccountId, bot: &BotId) -> Result<Vec<VersionId>>;
    /// The snapshots of an agent, the newest first.
    async fn list(&self, account: &AccountId, bot: &BotId) -> Result<Vec<Version>>;
    /// Removes a snapshot with its definition and models.
    async fn remove(&self, account: &AccountId, bot: &BotId, version: &VersionId) -> Result<bool>;
}
