//! Access tokens that chat clients get for their JWT. Opaque; the store holds their hashes only.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, BotId, ClientId, UserId},
};

/// An access token.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    /// Hash of the token, as text.
    pub hash: String,
    /// The account.
    pub account: AccountId,
    /// The app whose JWT it was given for.
    pub client: ClientId,
    /// The agent.
    pub bot: BotId,
    /// The visitor's user id.
    pub user: UserId,
    /// The visitor's identity (`sub`).
    pub identity: String,
    /// The visitor is anonymous.
    pub anonymous: bool,
    /// Sealed data of the JWT for the conversation.
    pub data: Vec<u8>,
    /// Milliseconds UTC.
    pub issued_at: i64,
    /// Milliseconds UTC.
    pub expires_at: i64,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("client", &self.client)
            .field("bot", &self.bot)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The access tokens.
#[async_trait]
pub trait Accesses: Send + Sync {
    /// Adds one.
    async fn add(&self, access: &Access) -> Result<()>;
    /// The one with this hash, if it has not ended at `now`; finds the account.
    async fn find(&self, hash: &str, now: i64) -> Result<Option<Access>>;
    /// Ends one.
    async fn revoke(&self, account: &AccountId, hash: &str) -> Result<bool>;
    /// Ends all of an app, or all of one identity of the app; answers how many.
    async fn revoke_of_app(
        &self,
        account: &AccountId,
        client: &ClientId,
        identity: Option<&str>,
    ) -> Result<u64>;
    /// How many of an app have not ended at `now`.
    async fn count(&self, account: &AccountId, client: &ClientId, now: i64) -> Result<u64>;
    /// Forgets what has ended; answers how many.
    async fn remove_expired(&self, now: i64) -> Result<u64>;
}
