//! Conversations: what channels hand in, the turn and what is kept of it, outgoing calls of agents, the end of sessions.

pub mod access;
pub mod closing;
pub mod inbound;
mod keep;
mod lease;
pub mod outbound;
pub mod turn;
