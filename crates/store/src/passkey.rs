//! Passkeys of people, and the challenges that await an answer.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, UserId},
};

/// A passkey. Its key is a public one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Id of the credential, base64url.
    pub id: String,
    /// The account.
    pub account: AccountId,
    /// The person.
    pub user: UserId,
    /// What the person calls it.
    pub name: String,
    /// The host that it belongs to.
    pub party: String,
    /// Its public key, DER.
    pub public_key: Vec<u8>,
    /// How often it was used, as it said itself the last time; 0 for those that do not count.
    pub counter: i64,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Milliseconds UTC.
    pub last_used_at: Option<i64>,
}

/// A challenge that awaits its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Hash of the challenge.
    pub hash: String,
    /// Who adds a passkey; none where somebody signs in or proves who they are.
    pub user: Option<UserId>,
    /// End, milliseconds UTC.
    pub expires_at: i64,
}

/// The passkeys.
#[async_trait]
pub trait Passkeys: Send + Sync {
    /// Adds a passkey; one that is there already is a conflict on `id`.
    async fn add(&self, passkey: &Passkey) -> Result<()>;
    /// The passkey with this id, of anybody: the first step of a sign-in, which does not name an account.
    async fn find_any(&self, id: &str) -> Result<Option<Passkey>>;
    /// The passkeys of a person, the oldest first.
    async fn list(&self, account: &AccountId, user: &UserId) -> Result<Vec<Passkey>>;
    /// Gives a passkey of the person another name.
    async fn rename(
        &self,
        account: &AccountId,
        user: &UserId,
        id: &str,
        name: &str,
    ) -> Result<bool>;
    /// Notes a use if the counter still is `before`; says whether it was.
    async fn used(
        &self,
        account: &AccountId,
        id: &str,
        before: i64,
        counter: i64,
        at: i64,
    ) -> Result<bool>;
    /// Removes a passkey of the person.
    async fn remove(&self, account: &AccountId, user: &UserId, id: &str) -> Result<bool>;
    /// Removes every passkey of the person; answers how many.
    async fn remove_of_user(&self, account: &AccountId, user: &UserId) -> Result<u64>;
    /// Remembers a challenge.
    async fn add_challenge(&self, challenge: &Challenge) -> Result<()>;
    /// Takes a challenge out, if it has not ended at `now`: it is answered once.
    async fn take_challenge(&self, hash: &str, now: i64) -> Result<Option<Challenge>>;
    /// Forgets challenges that have ended; answers how many.
    async fn remove_expired(&self, now: i64) -> Result<u64>;
}
