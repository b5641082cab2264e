//! Operations on the account.

pub mod bots;
pub mod linked;
