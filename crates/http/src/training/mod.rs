//! Training and detection.

pub mod faq;
pub mod find_intent;
pub mod nlp_settings;
pub mod train;
pub mod utterance;
