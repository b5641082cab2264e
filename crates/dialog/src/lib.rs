//! The turn engine: an agent, the state of a conversation and one input go in; messages, facts and a new state come out.
//!
//! **Must not know**: HTTP, SQL, async. A service node hands a [`ServiceRequest`] to the caller and goes on with what the
//! caller supplies:
//!
//! ```ignore
//! let mut turn = engine.begin(state, input);
//! let outcome = loop {
//!     match turn.advance() {
//!         Step::Call(request) => turn.supply(outbound(request)),
//!         Step::Done(outcome) => break *outcome,
//!     }
//! };
//! ```
//!
//! To add a kind of node: a file in `nodes/`, an arm in `nodes::run`, and its state in [`Waiting`] when it waits.

mod input;
mod outcome;
mod script_host;
mod state;

pub use input::*;
pub use outcome::*;
pub use script_host::*;
pub use state::*;

/// Finds out what a text means.
pub trait Detector: Send + Sync {
    /// Intents, FAQs and small talk of `text` in `language`, among the candidates that `filter` lets through.
    fn detect(&self, text: &str, language: &str, filter: &nlu::Filter) -> nlu::Detection;
}
