//! Agents: what stands in the clear about them. The definition itself is sealed, see [`crate::Definitions`].

use async_trait::async_trait;
use serde_json::Value;
use std::collections::BTreeMap;
use types::{
    Result,
    id::{AccountId, BotId, VersionId},
    page::{Page, PageIn},
};

/// An agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// Its id.
    pub bot: BotId,
    /// Its account.
    pub account: AccountId,
    /// Its name; several agents may share one.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Enabled languages, the default first.
    pub languages: Vec<String>,
    /// Digest of the draft definition.
    pub draft_digest: String,
    /// Language → digest of the inputs of the draft's model.
    pub trained: BTreeMap<String, String>,
    /// The snapshot in force.
    pub published: Option<VersionId>,
    /// Dialogs in the draft.
    pub dialogs: i64,
    /// Intents in the draft.
    pub intents: i64,
    /// FAQs in the draft.
    pub faqs: i64,
    /// The import report.
    pub report: Value,
    /// Free place for small facts in the clear that have no column, an object.
    pub extra: Value,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Milliseconds UTC.
    pub updated_at: i64,
}

/// Which agents of an account are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentFilter {
    /// Part of the name, without regard to case.
    pub text: Option<String>,
    /// Exactly this name.
    pub name: Option<String>,
}

/// The agents.
#[async_trait]
pub trait Agents: Send + Sync {
    /// Adds an agent.
    async fn add(&self, agent: &Agent) -> Result<()>;
    /// The agent of this account.
    async fn find(&self, account: &AccountId, bot: &BotId) -> Result<Option<Agent>>;
    /// The agent of this account; in a transaction nobody else can change it before the end of that.
    async fn hold(&self, account: &AccountId, bot: &BotId) -> Result<Option<Agent>>;
    /// The account of an agent; finds the account, for channels whose path names the agent only.
    async fn owner(&self, bot: &BotId) -> Result<Option<AccountId>>;
    /// Every agent of the installation with its account: the gate holds them in memory.
    async fn owners(&self) -> Result<Vec<(BotId, AccountId)>>;
    /// A page of the agents of an account, by name. A cursor that is not ours is bad input on `cursor`.
    async fn list(
        &self,
        account: &AccountId,
        filter: &AgentFilter,
        page: &PageIn,
    ) -> Result<Page<Agent>>;
    /// The agents of an account by name, from `offset` on, `limit` at most, and how many there are.
    async fn part(&self, account: &AccountId, offset: u64, limit: u64)
    -> Result<(Vec<Agent>, u64)>;
    /// Replaces all but `trained`, `published` and the creation time.
    async fn set(&self, agent: &Agent) -> Result<()>;
    /// As [`Agents::set`], but only while the draft still has the digest `expected`; answers whether it had. Two edits at once can
    /// so not overwrite each other.
    async fn set_draft(&self, agent: &Agent, expected: &str) -> Result<bool>;
    /// Notes the inputs that the draft's model of a language was trained on.
    async fn set_trained(
        &self,
        account: &AccountId,
        bot: &BotId,
        language: &str,
        inputs: &str,
        now: i64,
    ) -> Result<()>;
    /// Puts a snapshot in force.
    async fn set_published(
        &self,
        account: &AccountId,
        bot: &BotId,
        version: &VersionId,
        now: i64,
    ) -> Result<()>;
    /// Removes an agent with everything that hangs on it, in one transaction.
    async fn remove(&self, account: &AccountId, bot: &BotId) -> Result<bool>;
}
