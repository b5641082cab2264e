//! The words that every crate shares: ids, errors, codes, scopes, limits, clock. No I/O.
//!
//! **Must not know**: HTTP, SQL, JSON shapes of the wire.
//!
//! To add an id: one line in [`id`]. To add an error code: one line in [`codes`]. To add a scope: one row in [`scope`].

pub mod clock;
pub mod codes;
pub mod error;
pub mod id;
pub mod language;
pub mod limit;
pub mod name;
pub mod net;
pub mod page;
pub mod scope;
pub mod secret;

pub use clock::{Clock, FixedClock, Ids, RandomIds, SystemClock};
pub use error::{Error, Field, Kind, Result};
pub use secret::Secret;
