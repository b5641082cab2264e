//! Console sign-ins. The cookie holds a random id; the store holds its hash.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, UserId},
};

/// A console sign-in.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Hash of the id in the cookie, as text.
    pub hash: String,
    /// What `x-csrf-token` must carry.
    pub csrf: String,
    /// The account.
    pub account: AccountId,
    /// The person.
    pub user: UserId,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Last request, milliseconds UTC.
    pub seen_at: i64,
    /// Last proof of identity after sign-in (step-up), milliseconds UTC.
    pub confirmed_at: Option<i64>,
    /// End, milliseconds UTC.
    pub expires_at: i64,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.user)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The console sign-ins.
#[async_trait]
pub trait Logins: Send + Sync {
    /// Adds a sign-in.
    async fn add(&self, login: &Login) -> Result<()>;
    /// The sign-in with this hash, if it has not ended at `now`; finds the account.
    async fn find(&self, hash: &str, now: i64) -> Result<Option<Login>>;
    /// Notes a request and moves the end.
    async fn touch(&self, hash: &str, seen_at: i64, expires_at: i64) -> Result<()>;
    /// Notes a fresh proof of identity.
    async fn confirm(&self, hash: &str, at: i64) -> Result<()>;
    /// Ends a sign-in.
    async fn remove(&self, hash: &str) -> Result<bool>;
    /// The sign-ins of a person that have not ended at `now`, the latest first.
    async fn list_of_user(
        &self,
        account: &AccountId,
        user: &UserId,
        now: i64,
    ) -> Result<Vec<Login>>;
    /// Ends every sign-in of a person, but `except`; answers how many.
    async fn remove_of_user(
        &self,
        account: &AccountId,
        user: &UserId,
        except: Option<&str>,
    ) -> Result<u64>;
    /// Forgets what has ended; answers how many.
    async fn remove_expired(&self, now: i64) -> Result<u64>;
}
