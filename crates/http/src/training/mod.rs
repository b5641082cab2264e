//! Training and detection.

mod asked;
pub mod batch_test;
pub mod conversation_test;
pub mod extraction;
pub mod faq;
pub mod faq_answer;
pub mod faq_edit;
pub mod faq_list;
pub mod find_intent;
pub mod graph_file;
pub mod knowledge;
pub mod nlp_settings;
mod raw;
pub mod train;
pub mod utterance;
