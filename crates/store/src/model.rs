//! Trained models as artefacts.

use crate::Copy;
use async_trait::async_trait;
use serde_json::Value;
use types::{
    Result,
    id::{AccountId, BotId},
};

/// What stands about a model beside its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelHead {
    /// The account.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// The language.
    pub language: String,
    /// Of the draft or of a snapshot.
    pub copy: Copy,
    /// Digest of the inputs.
    pub inputs: String,
    /// Version of the engine that trained it.
    pub engine: String,
    /// Figures of the training, an object.
    pub report: Value,
    /// Milliseconds UTC.
    pub created_at: i64,
}

/// A model.
#[derive(Clone, PartialEq)]
pub struct Model {
    /// About it.
    pub head: ModelHead,
    /// Itself.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("head", &self.head)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// The models.
#[async_trait]
pub trait Models: Send + Sync {
    /// Writes or replaces a model; [`types::Kind::NotFound`] unless the agent is of this account.
    async fn put(&self, model: &Model) -> Result<()>;
    /// Reads a model.
    async fn find(
        &self,
        account: &AccountId,
        bot: &BotId,
        language: &str,
        copy: &Copy,
    ) -> Result<Option<Model>>;
    /// Any model of the agent that was trained by this engine on these inputs, to be used again.
    async fn find_same(
        &self,
        account: &AccountId,
        bot: &BotId,
        language: &str,
        inputs: &str,
        engine: &str,
    ) -> Result<Option<Model>>;
    /// What models an agent has, without bytes, by copy and language.
    async fn list(&self, account: &AccountId, bot: &BotId) -> Result<Vec<ModelHead>>;
    /// Copies the models of one copy over those of another (a publish); answers how many.
    async fn copy(&self, account: &AccountId, bot: &BotId, from: &Copy, to: &Copy) -> Result<u64>;
}
