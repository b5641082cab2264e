//! What happened in conversations: sessions and messages with their filters.

pub mod changes;
pub mod messages;
pub mod sessions;
mod tags;
pub mod window;
