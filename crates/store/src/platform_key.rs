//! The platform's own encryption keys: clients encrypt tokens and payloads to them (DECISIONS section 4). They belong to no account.

use async_trait::async_trait;
use types::Result;

/// What a key is still used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Of the active generation: first in the key set.
    Current,
    /// Still opens what was encrypted to it.
    DecryptOnly,
    /// Opens nothing any more.
    Retired,
}

impl KeyState {
    /// The word in the store and on the console's wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::DecryptOnly => "decrypt_only",
            Self::Retired => "retired",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Current, Self::DecryptOnly, Self::Retired]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// A key pair.
#[derive(Clone, PartialEq, Eq)]
pub struct PlatformKey {
    /// Its id in tokens and in the key set.
    pub kid: String,
    /// `RSA` or `EC`.
    pub kind: String,
    /// Counts generations up; one RSA and one EC pair each.
    pub generation: i64,
    /// What it is used for.
    pub state: KeyState,
    /// The public half, JWK text.
    pub public: String,
    /// The sealed private half; empty once retired.
    pub private: Vec<u8>,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Milliseconds UTC.
    pub retired_at: Option<i64>,
}

impl std::fmt::Debug for PlatformKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlatformKey")
            .field("kid", &self.kid)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The platform's keys.
#[async_trait]
pub trait PlatformKeys: Send + Sync {
    /// Adds a key. A generation has one key of each kind: a second is a conflict, so that of two processes that start at once one wins.
    async fn add(&self, key: &PlatformKey) -> Result<()>;
    /// Every key, the newest generation first.
    async fn list(&self) -> Result<Vec<PlatformKey>>;
    /// What was current only decrypts from now on.
    async fn demote(&self) -> Result<()>;
    /// Retires a key and forgets its private half.
    async fn retire(&self, kid: &str, at: i64) -> Result<bool>;
}
