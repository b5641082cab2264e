//! Conversations over channels.

pub(crate) mod error;
pub mod grant;
pub mod webhook;
