//! Finds out what a user means: trains a model from an agent's lines and detects intents, FAQs and small talk with it;
//! finds entity values and yes or no in a text.
//!
//! **Must not know**: stores, HTTP, the keys of a definition, dialogs. Everything is a pure function over plain data:
//! the same input gives the same model bytes, and the same model the same answer.
//!
//! Entry points, all pure:
//! - `train(&TrainingInput, &mut dyn FnMut(u8)) -> Model`; the callback hears the progress in percent
//! - `train_with(&TrainingInput, Option<&dyn Embed>, before: Option<&Model>, &mut dyn FnMut(u8)) -> Model`: with a sentence encoder both tiers;
//!   `Model::with_encoder` gives a loaded model the encoder
//! - `Model::to_bytes(&self) -> Vec<u8>`, `Model::from_bytes(&[u8]) -> Result<Model, ModelError>`
//! - `Model::detect(&self, text: &str, filter: &Filter) -> Detection`
//! - `Model::wishes(&self, text: &str, filter: &Filter) -> Vec<Wish>`: several intents of one text, in the order in which they are meant
//! - `Model::near_miss(&self, text: &str, intent: &str) -> Reason`: why the rules engine did not report an intent
//! - `Model::spans(&self, text: &str, intent: Option<&str>) -> Vec<Span>`: values like those that were tagged in lines
//! - `entity::extract(&EntityKind, text: &str, &EntityContext) -> Result<Extraction, EntityError>`
//! - `confirm::yes_no(text: &str, yes: &[String], no: &[String]) -> Option<confirm::Answer>`

mod candidate;
mod codec;
pub mod confirm;
mod detect;
pub mod detection;
mod emoji;
pub mod entity;
mod faq;
pub mod input;
mod lemma;
mod ml;
mod model;
mod negate;
pub mod pattern;
mod resolve;
mod rules;
mod semantic;
mod spell;
mod split;
mod stop;
mod substitute;
mod tagger;
pub mod text;
mod train;

pub use detection::{Detection, Filter, Kind, Match, Outcome, Ranked, Reason};
pub use entity::{
    Choice, EntityContext, EntityError, EntityKind, EntityRules, Extraction, Found, ListItem, Part,
};
pub use input::{
    EngineConfig, Faq, FaqConfig, FmConfig, Intent, MlConfig, Network, RrConfig, SmallTalk, Tag,
    Term, TermUsage, TrainingInput, Trait, TraitGroup, Utterance,
};
pub use model::{Model, ModelError};
pub use semantic::Embed;
pub use split::Wish;
pub use tagger::Span;
pub use train::{LONGEST, train, train_with};
