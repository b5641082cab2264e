//! The commands, one file each. Each works on the store directly, whether or not a server runs.

pub mod account;
pub mod agent;
pub mod app;
pub mod audit;
pub mod backup;
pub mod config;
pub mod health;
pub mod keys;
pub mod licenses;
pub mod migrate;
pub mod model;
pub mod openapi;
pub mod scope;
pub mod serve;
pub mod setup;
pub mod token;
pub mod user;
pub mod worker;
