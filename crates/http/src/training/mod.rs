//! Training and detection.

pub mod find_intent;
pub mod train;
pub mod utterance;
