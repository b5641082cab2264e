//! The crate from outside: each algorithm and pair, keys as people upload them, the examples of the RFCs, foreign libraries.
#![allow(clippy::unwrap_used)]

mod keys;
mod pairs;
mod peers;
mod refusals;
mod rfc;
mod signing;
mod uploads;
