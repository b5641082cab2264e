//! The HTTP side over real services.
#![allow(clippy::unwrap_used)]

mod access;
mod account;
mod analytics;
mod batch;
mod console;
mod console_examples;
mod conversation_test;
mod deletion;
mod device;
mod draft;
mod edge;
mod examples;
mod grant;
mod graph;
mod knowledge;
mod links;
mod parts;
mod payload;
mod samples;
mod security;
mod train;
mod versions;
mod webhook;
mod work;
mod world;
