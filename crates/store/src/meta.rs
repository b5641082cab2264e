//! Single values of the whole installation, for instance the check value of the master key. They belong to no account.

use async_trait::async_trait;
use types::Result;

/// Values by name.
#[async_trait]
pub trait Meta: Send + Sync {
    /// Reads a value.
    async fn find(&self, key: &str) -> Result<Option<Vec<u8>>>;
    /// Writes or replaces a value.
    async fn put(&self, key: &str, value: &[u8]) -> Result<()>;
    /// Writes a value unless there is one; says whether it wrote.
    async fn put_new(&self, key: &str, value: &[u8]) -> Result<bool>;
    /// Removes a value.
    async fn remove(&self, key: &str) -> Result<bool>;
}
