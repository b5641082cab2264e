//! The JavaScript sandbox in which an agent's scripts run.
//!
//! Three doors: [`Sandbox::run`] runs one script against plain values, [`Sandbox::render`] fills the `{{ … }}`
//! placeholders of a text, [`check`] parses without running. Each run has a fresh engine with caps on time, memory
//! and stack ([`Limits`]); nothing survives it but the [`Outcome`].
//!
//! **Must not know**: dialogs, nodes, HTTP, SQL, the clock of the machine (the time is part of [`Globals`]).
//! A script reaches no network, no file, no timer and no process: what it may touch is what `prelude.js` defines.
//!
//! # How the time limit holds
//!
//! The engine asks for the time every few thousand steps. Natives that loop on their own, such as sorting or searching,
//! never ask, so the prelude guards them: they refuse over-long input and look at the clock first. A new native of that
//! kind belongs in the prelude's lists. Steps that need a large block (arithmetic on huge integers, texts put together)
//! look at the clock where the block is handed out (`meter`), which also caps each block. What is left (comparing two texts
//! of that cap over and over, writing out an integer of the engine's million bits) can delay the end by seconds, never for good,
//! and nobody waits for it: each run has a thread of its own (`apart`), which is left behind a quarter of a second after the
//! limit.
//!
//! Each run makes a fresh engine. A realm on an engine that is kept would save a thirtieth of a run (`cargo bench -p
//! script`), and give scripts something to leave behind: symbols, pending jobs, fragmented memory.
//!
//! # How to add a host function
//!
//! 1. If it only shapes values, write it in `src/prelude.js` and stop there.
//! 2. If it needs native code, add a method to `host::Host` and one line in `host::Host::object`; the prelude receives
//!    that object as `host`, scripts never see it. Hand over and return strings, numbers or JSON text only.
//! 3. If a run must report something new, add a member to `collect()` in the prelude and to [`Outcome`].
//! 4. Add a row to the table in `tests/it/globals.rs`.

mod apart;
mod check;
mod error;
mod globals;
mod host;
mod library;
mod limits;
mod meter;
mod outcome;
mod path;
mod placeholder;
mod render;
mod sandbox;

pub use check::check;
pub use error::ScriptError;
pub use globals::{Globals, SessionStores, Stored};
pub use library::{Notice, notices};
pub use limits::Limits;
pub use outcome::{Outcome, StoreChange, StoreName, Tag, TagLevel};
pub use render::Rendered;
pub use sandbox::{BotFunctions, Kind, Sandbox, Script};
