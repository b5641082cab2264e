//! Training agents and finding intents with what was trained.

pub mod auto;
pub mod batch_check;
pub mod batch_file;
pub mod batch_test;
pub mod conversation_file;
pub mod conversation_replay;
pub mod conversation_test;
mod corpus;
pub mod encoder;
pub mod explain;
pub mod extract;
pub mod extraction;
pub mod faq;
pub mod faq_answer;
pub mod faq_train;
pub mod find_intent;
pub mod graph;
mod graph_csv;
pub mod graph_file;
pub mod intent;
pub mod knowledge;
mod models;
pub mod nlp_settings;
pub mod overview;
pub mod quality;
pub mod question;
pub mod seen;
mod stale;
pub mod status;
pub mod synonym;
pub mod utterance;
pub mod utterance_file;

pub use corpus::{corpus, digest};
pub use models::{Facts, ModelCache, facts, head, is_outdated, model, train, train_all};
pub(crate) use models::{make_ready, train_all_in, train_one_in};
pub use stale::is_stale;
