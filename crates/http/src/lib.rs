//! The HTTP side: routers, extractors, answers, the API document.
//!
//! **Must not know**: SQL, what a use case decides. A handler turns wire types into a call on a service and its answer back.
//!
//! To add an operation: see `CONTRIBUTING.md`. A handler that takes [`auth::Allowed`] is reached only by an app that the gate
//! let pass.

pub mod admin;
pub mod analytics;
pub mod auth;
pub mod console;
mod current;
pub mod definition;
pub mod document;
pub mod edge;
pub mod error;
mod fields;
mod form;
mod job_words;
pub mod router;
pub mod runtime;
pub mod system;
pub mod training;
pub mod valid;

pub use router::{HttpSettings, openapi_json, router};
