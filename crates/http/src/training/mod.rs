//! Training and detection.

pub mod batch_test;
pub mod faq;
pub mod find_intent;
pub mod nlp_settings;
pub mod train;
pub mod utterance;
