//! The HTTP side over real services.
#![allow(clippy::unwrap_used)]

mod console;
mod webhook;
mod work;
