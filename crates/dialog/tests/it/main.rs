//! The turn engine as its callers see it.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod amend;
mod answers;
mod entities;
mod events;
mod kit;
mod logic;
mod messages;
mod rules;
mod services;
mod talk;
mod walk;
