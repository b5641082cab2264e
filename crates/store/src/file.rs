//! Uploaded files.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, FileId},
};

/// An uploaded file.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// The account.
    pub account: AccountId,
    /// Name given by the uploader.
    pub name: String,
    /// Bytes before sealing.
    pub size: i64,
    /// The sealed content.
    pub sealed: Vec<u8>,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Gone after, milliseconds UTC.
    pub expires_at: i64,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("File")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// The uploaded files.
#[async_trait]
pub trait Files: Send + Sync {
    /// Adds a file.
    async fn add(&self, file: &File) -> Result<()>;
    /// The file of this account, if it has not expired at `now`.
    async fn find(&self, account: &AccountId, file: &FileId, now: i64) -> Result<Option<File>>;
    /// Removes a file.
    async fn remove(&self, account: &AccountId, file: &FileId) -> Result<bool>;
    /// Forgets what has expired; answers how many.
    async fn remove_expired(&self, now: i64) -> Result<u64>;
}
