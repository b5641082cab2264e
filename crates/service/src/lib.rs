//! The use cases, one folder a family: what happens when somebody imports an agent, calls `findIntent`, rotates a secret.
//!
//! **Must not know**: HTTP, SQL, which back ends are wired.
//!
//! Every use case takes [`Ctx`] (where things are kept, the time) and, where it touches tenant data, a [`Caller`] that was checked by
//! [`gate`] or by a console session. It opens its transaction, decides, writes the audit row, and commits.
//!
//! To add a use case: a function in the family's folder; to add a job: see [`work`].

pub mod admin;
pub mod analytics;
pub mod audit;
pub mod console;
pub mod ctx;
pub mod definition;
pub mod gate;
pub mod runtime;
mod single_flight;
pub mod training;
pub mod work;

pub use ctx::{Caller, Ctx, Door, Parts, Settings, Visitor};
