//! The console: first set-up, sign-in, permissions, descriptions of scopes, the chat that tries an agent out.

pub mod chat;
pub mod describe;
pub mod factor;
pub mod login;
pub mod passkey;
pub mod people;
pub mod permission;
pub mod setup;
mod throttle;

pub use login::Session;
