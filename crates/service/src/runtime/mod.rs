//! Conversations: channels, turns, the console's chat.

pub mod outbound;
