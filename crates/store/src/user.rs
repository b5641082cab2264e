//! People who sign in to the console.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, UserId},
};

/// A person with access to an account.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its account.
    pub account: AccountId,
    /// E-mail address, unique in the account without regard to case.
    pub email: String,
    /// Name to show.
    pub name: String,
    /// Password hash in PHC form.
    pub password_hash: String,
    /// The password must be changed before anything else.
    pub must_change_password: bool,
    /// Role name, for instance `owner`.
    pub role: String,
    /// May sign in.
    pub enabled: bool,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Milliseconds UTC.
    pub updated_at: i64,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// The people of the accounts.
#[async_trait]
pub trait Users: Send + Sync {
    /// Adds a person; a taken address is a conflict on `email`.
    async fn add(&self, user: &User) -> Result<()>;
    /// The person with this id.
    async fn find(&self, account: &AccountId, user: &UserId) -> Result<Option<User>>;
    /// Everybody with this address, in any account: the first step of a sign-in, which does not name an account.
    async fn find_by_email(&self, email: &str) -> Result<Vec<User>>;
    /// Everybody of an account, by address.
    async fn list(&self, account: &AccountId) -> Result<Vec<User>>;
    /// Replaces the password hash.
    async fn set_password(
        &self,
        account: &AccountId,
        user: &UserId,
        hash: &str,
        must_change: bool,
        now: i64,
    ) -> Result<()>;
    /// The sealed second factor; none when the person has none, or is not there.
    async fn second_factor(&self, account: &AccountId, user: &UserId) -> Result<Option<Vec<u8>>>;
    /// Replaces the sealed second factor if it still is `before`; says whether it did.
    async fn set_second_factor(
        &self,
        account: &AccountId,
        user: &UserId,
        before: Option<&[u8]>,
        after: Option<&[u8]>,
    ) -> Result<bool>;
    /// Replaces name, role and whether the person may sign in.
    async fn set_profile(&self, user: &User) -> Result<()>;
    /// Removes a person with all sign-ins.
    async fn remove(&self, account: &AccountId, user: &UserId) -> Result<bool>;
}
