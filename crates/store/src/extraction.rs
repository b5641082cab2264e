//! Questions and answers that were taken out of files and pages, before somebody puts them into a knowledge graph.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, BotId, ExtractionId},
};

/// How far an extraction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtractionState {
    /// Waits or works.
    Pending,
    /// Done.
    Done,
    /// Ended without a result.
    Failed,
}

/// An extraction.
#[derive(Clone, PartialEq, Eq)]
pub struct Extraction {
    /// Its id.
    pub id: ExtractionId,
    /// The account.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// Language code.
    pub language: String,
    /// How far it is.
    pub state: ExtractionState,
    /// Pairs that were found.
    pub found: i64,
    /// Pairs that were put into a graph.
    pub added: i64,
    /// Sealed: name, source, why it failed.
    pub head: Vec<u8>,
    /// Sealed pairs, once it is done; lists leave them out.
    pub pairs: Option<Vec<u8>>,
    /// Who asked for it.
    pub created_by: String,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Milliseconds UTC.
    pub updated_at: i64,
}

impl std::fmt::Debug for Extraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Extraction")
            .field("id", &self.id)
            .field("bot", &self.bot)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The extractions. They go with their agent.
#[async_trait]
pub trait Extractions: Send + Sync {
    /// Adds one.
    async fn add(&self, extraction: &Extraction) -> Result<()>;
    /// Replaces what may change of one: state, counts, head, pairs, time of the change; false when it is gone.
    async fn set(&self, extraction: &Extraction) -> Result<bool>;
    /// One with its pairs.
    async fn find(
        &self,
        account: &AccountId,
        bot: &BotId,
        id: &ExtractionId,
    ) -> Result<Option<Extraction>>;
    /// Those of an agent in a language without their pairs, the newest first.
    async fn list(
        &self,
        account: &AccountId,
        bot: &BotId,
        language: &str,
    ) -> Result<Vec<Extraction>>;
    /// Removes all of an agent but the `keep` newest; answers how many.
    async fn prune(&self, account: &AccountId, bot: &BotId, keep: i64) -> Result<u64>;
}
