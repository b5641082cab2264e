//! The services on a real store.
#![allow(clippy::unwrap_used)]

mod gate;
