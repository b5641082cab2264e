//! Sessions and messages of an agent.

pub mod changes;
pub mod deletion;
pub mod messages;
pub mod sessions;
pub(crate) mod time;
mod wire;
