//! Which platform app may speak for which agent.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, BotId, ClientId},
};

/// Links of apps to agents; both ends are of the same account.
#[async_trait]
pub trait Links: Send + Sync {
    /// Links; a link that exists stays. [`types::Kind::NotFound`] when app or agent are not of this account.
    async fn add(
        &self,
        account: &AccountId,
        client: &ClientId,
        bot: &BotId,
        now: i64,
    ) -> Result<()>;
    /// Unlinks, and drops the app's scope mapping on the agent.
    async fn remove(&self, account: &AccountId, client: &ClientId, bot: &BotId) -> Result<bool>;
    /// Is the app linked to the agent?
    async fn exists(&self, account: &AccountId, client: &ClientId, bot: &BotId) -> Result<bool>;
    /// The agents of an app, by id.
    async fn agents_of(&self, account: &AccountId, client: &ClientId) -> Result<Vec<BotId>>;
    /// The apps of an agent, by id.
    async fn apps_of(&self, account: &AccountId, bot: &BotId) -> Result<Vec<ClientId>>;
    /// Every link of the installation, app first: the gate holds them in memory.
    async fn all(&self) -> Result<Vec<(ClientId, BotId)>>;
}
