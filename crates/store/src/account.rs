//! Accounts (tenants).

use async_trait::async_trait;
use serde_json::Value;
use types::{Result, id::AccountId};

/// A tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name, unique in the installation without regard to case.
    pub name: String,
    /// Account-wide settings, an object.
    pub settings: Value,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Milliseconds UTC.
    pub updated_at: i64,
}

/// The accounts of an installation.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Adds an account; a taken name is a conflict on `name`.
    async fn add(&self, account: &Account) -> Result<()>;
    /// The account with this id.
    async fn find(&self, account: &AccountId) -> Result<Option<Account>>;
    /// The account with this name, without regard to case.
    async fn find_by_name(&self, name: &str) -> Result<Option<Account>>;
    /// All accounts, the oldest first.
    async fn list(&self) -> Result<Vec<Account>>;
    /// Replaces the settings.
    async fn set_settings(&self, account: &AccountId, settings: &Value, now: i64) -> Result<()>;
}
