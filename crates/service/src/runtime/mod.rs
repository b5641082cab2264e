//! Conversations: what channels hand in, outgoing calls of agents, the end of sessions.

pub mod closing;
pub mod inbound;
pub mod outbound;
