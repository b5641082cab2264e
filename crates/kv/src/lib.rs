//! Short-lived shared facts: spent token ids, rate windows, locks. Traits, and their twins in memory.
//!
//! **Must not know**: HTTP, SQL, texts of answers.
//!
//! The memory twins of [`Windows`] and [`Locks`] count for one process (DECISIONS section 2, item 10). The memory twin of [`JtiStore`] is for
//! tests only: its entries do not survive a restart; `store-sql` has the one for the database.
//!
//! To add a twin: implement the trait beside the others and run the rules of its tests against it.

mod jti;
mod lock;
mod window;

pub use jti::{JtiStore, MemoryJti, Spent, Surface, Use};
pub use lock::{Held, Locks, MemoryLocks};
pub use window::{Hit, MemoryWindows, Window, Windows};
