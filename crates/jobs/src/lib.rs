//! Background work: a registry of kinds, a queue to add to, and workers that claim, run and end jobs.
//!
//! **Must not know**: what a job does, HTTP, SQL.
//!
//! A job may run twice (a worker that dies leaves its lease to run out, and somebody else starts again), so a handler writes what it
//! changes in one transaction that begins with [`Claim::hold`]: a worker that lost its lease then changes nothing.
//!
//! To add a kind: implement [`Handler`] for a type and put it into the [`Registry`] where the server is wired.

mod handler;
mod worker;

pub use handler::{Claim, Handler, JobError, Progress, Registry};
pub use worker::{Settings, Worker};
