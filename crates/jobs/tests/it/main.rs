//! The queue over a real store.
#![allow(clippy::unwrap_used)]

mod stage;
mod worker;
