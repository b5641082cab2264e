//! The console: first set-up, sign-in, permissions, descriptions of scopes.

pub mod describe;
pub mod login;
pub mod permission;
pub mod setup;
mod throttle;

pub use login::Session;
