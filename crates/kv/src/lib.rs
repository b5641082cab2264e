//! Short-lived shared facts: spent token ids, rate windows, locks, change notices. Traits, and their twins in memory and in Redis.
//!
//! **Must not know**: HTTP, SQL, texts of answers.
//!
//! The memory twins of [`Windows`] and [`Locks`] count for one process (DECISIONS section 2, item 10). The memory twin of [`JtiStore`] is for
//! tests only: its entries do not survive a restart; `store-sql` has the one for the database.
//!
//! To add a twin: implement the trait beside the others and add it to the back ends of the rules in `tests/it`.

mod jti;
mod lock;
mod shared;
mod since;
mod window;

pub use jti::{JtiStore, MemoryJti, Spent, Surface, Use};
pub use lock::{Held, Locks, MemoryLocks};
pub use shared::{EpochBook, Redis, RedisJti, RedisLocks, RedisNotices, RedisWindows};
pub use since::Since;
pub use window::{Hit, MemoryWindows, Window, Windows};
