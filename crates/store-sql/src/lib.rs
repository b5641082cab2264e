//! The store on SQLite and on PostgreSQL, behind the traits of crate `store`, and spent token ids behind `kv::JtiStore`.
//!
//! **Must not know**: HTTP, what sealed bytes hold, who may do what.
//!
//! - [`db`] hides the driver: one SQL text for both dialects, `$1` parameters, cells by name.
//! - [`dialect`] has the few words that differ; migrations are written once with these words in braces.
//! - [`family`] has one file a family, as in `store`.
//! - [`generation`] is how the gate learns of changes without asking the database.
//!
//! To add a column: a new file `migrations/main/NNNN_what.sql` and its line in [`migrate`], then record, SQL and the rules in `tests/it`.

mod cursor;
mod db;
mod dialect;
mod family;
mod filter;
mod generation;
mod jti;
mod migrate;
mod open;

pub use jti::SqlJti;
pub use open::SqlStore;
