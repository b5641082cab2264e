//! Training agents and finding intents with what was trained.

mod corpus;
pub mod find_intent;
mod models;
mod stale;

pub use corpus::{corpus, digest};
pub use models::{Facts, ModelCache, facts, model, train, train_all};
pub use stale::is_stale;
