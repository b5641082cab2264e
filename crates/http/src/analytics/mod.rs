//! Sessions and messages of an agent.

mod ask;
pub mod messages;
pub mod sessions;
pub(crate) mod time;
mod wire;
