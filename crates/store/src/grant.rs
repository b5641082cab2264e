//! Scopes of admin apps: account-wide, in force as soon as they are saved (DECISIONS section 5).

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, ClientId},
};

/// The admin scopes of one app. Scope ids as in `types::scope`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The account.
    pub account: AccountId,
    /// The app.
    pub client: ClientId,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Who changed it last.
    pub changed_by: String,
    /// When, milliseconds UTC.
    pub changed_at: i64,
}

/// The scopes of admin apps.
#[async_trait]
pub trait Grants: Send + Sync {
    /// Writes the scopes of an app; [`types::Kind::NotFound`] when it is not of this account.
    async fn set(&self, grant: &Grant) -> Result<()>;
    /// The scopes of one app.
    async fn find(&self, account: &AccountId, client: &ClientId) -> Result<Option<Grant>>;
    /// The grants of an account, by client id.
    async fn list(&self, account: &AccountId) -> Result<Vec<Grant>>;
    /// Every grant of the installation: the gate holds them in memory.
    async fn all(&self) -> Result<Vec<Grant>>;
    /// Takes all scopes of an app away.
    async fn remove(&self, account: &AccountId, client: &ClientId) -> Result<bool>;
}
