//! Training agents and finding intents with what was trained.

mod corpus;
pub mod find_intent;
mod models;

pub use corpus::{corpus, digest};
pub use models::{Facts, ModelCache, facts, model, train, train_all};
