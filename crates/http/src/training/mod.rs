//! Training and detection.

pub mod find_intent;
