//! The turn engine as its callers see it.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod kit;
mod rules;
mod walk;
