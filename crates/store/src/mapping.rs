//! Scope mappings: what an app may do on an agent, as a draft and as published (DECISIONS section 5).

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, BotId, ClientId},
};

/// The scopes of one app on one agent. Scope ids as in `types::scope`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The account of both.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// The app.
    pub client: ClientId,
    /// The draft; none when its removal waits for a publish.
    pub draft: Option<Vec<String>>,
    /// What is in force; none when it was never published.
    pub published: Option<Vec<String>>,
    /// Who changed the draft last.
    pub changed_by: String,
    /// When, milliseconds UTC.
    pub changed_at: i64,
}

/// The scope mappings.
#[async_trait]
pub trait Mappings: Send + Sync {
    /// One mapping.
    async fn find(
        &self,
        account: &AccountId,
        bot: &BotId,
        client: &ClientId,
    ) -> Result<Option<Mapping>>;
    /// The mappings of an agent, by client id.
    async fn list(&self, account: &AccountId, bot: &BotId) -> Result<Vec<Mapping>>;
    /// The mappings of an app, by agent.
    async fn list_of_app(&self, account: &AccountId, client: &ClientId) -> Result<Vec<Mapping>>;
    /// Writes the draft; [`types::Kind::NotFound`] unless the app is linked to the agent.
    async fn set_draft(
        &self,
        account: &AccountId,
        bot: &BotId,
        client: &ClientId,
        scopes: &[String],
        by: &str,
        at: i64,
    ) -> Result<()>;
    /// Takes the draft away: the next publish removes the mapping; one that was never published goes at once.
    async fn remove_draft(
        &self,
        account: &AccountId,
        bot: &BotId,
        client: &ClientId,
        by: &str,
        at: i64,
    ) -> Result<bool>;
    /// Puts the drafts of an agent in force.
    async fn publish(&self, account: &AccountId, bot: &BotId) -> Result<()>;
    /// Removes a mapping at once, draft and published.
    async fn revoke(&self, account: &AccountId, bot: &BotId, client: &ClientId) -> Result<bool>;
    /// Every mapping of the installation that has something in force: the gate holds them in memory.
    async fn all_published(&self) -> Result<Vec<Mapping>>;
}
