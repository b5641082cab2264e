//! Sessions and messages of an agent.

mod ask;
pub mod messages;
pub mod sessions;
mod time;
mod wire;
