//! The HTTP side over real services.
#![allow(clippy::unwrap_used)]

mod access;
mod console;
mod edge;
mod examples;
mod webhook;
mod work;
mod world;
