//! The services on a real store.
#![allow(clippy::unwrap_used)]

mod audit;
mod conversation;
mod conversation_tests;
mod detection;
mod gate;
mod outgoing;
mod retraining;
mod tokens;
mod training;
mod versions;
