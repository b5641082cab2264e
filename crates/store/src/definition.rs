//! Sealed definitions of agents (DECISIONS section 12).

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, BotId, VersionId},
};

/// Which copy of an agent is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Copy {
    /// The one under work.
    Draft,
    /// A published snapshot.
    Version(VersionId),
}

impl Copy {
    /// `draft` or the version's id.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Draft => "draft",
            Self::Version(id) => id.as_str(),
        }
    }
}

/// A sealed definition.
#[derive(Clone, PartialEq, Eq)]
pub struct Definition {
    /// Digest of the opened definition.
    pub digest: String,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for Definition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Definition")
            .field("digest", &self.digest)
            .field("bytes", &self.sealed.len())
            .finish()
    }
}

/// The definitions.
#[async_trait]
pub trait Definitions: Send + Sync {
    /// Writes or replaces a definition; [`types::Kind::NotFound`] unless the agent is of this account.
    async fn put(
        &self,
        account: &AccountId,
        bot: &BotId,
        copy: &Copy,
        definition: &Definition,
    ) -> Result<()>;
    /// Reads a definition.
    async fn find(
        &self,
        account: &AccountId,
        bot: &BotId,
        copy: &Copy,
    ) -> Result<Option<Definition>>;
}
