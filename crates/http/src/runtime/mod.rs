//! Conversations over channels.

pub(crate) mod error;
pub mod webhook;
