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

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test may fail by panicking")
)]

mod amend;
mod events;
mod failure;
mod input;
mod interruption;
mod language;
mod listen;
mod nodes;
mod outcome;
mod path;
mod render;
mod scene;
mod sentiment;
mod session;
mod standard;
mod state;
mod transitions;
mod turn;
mod wish;
mod words;

pub use input::*;
pub use listen::MAX_INPUT;
pub use outcome::*;
pub use sentiment::Tone;
pub use state::*;
pub use turn::{MAX_DEPTH, MAX_JUMPS, MAX_NODES, MAX_VISITS, Step, Turn};

/// Finds out what a text means.
pub trait Detector: Send + Sync {
    /// Intents, FAQs and small talk of `text` in `language`, among the candidates that `filter` lets through.
    fn detect(&self, text: &str, language: &str, filter: &nlu::Filter) -> nlu::Detection;

    /// Several intents of a text, in the order in which they are meant; fewer than two are none.
    fn wishes(&self, text: &str, language: &str, filter: &nlu::Filter) -> Vec<nlu::Wish> {
        let _ = (text, language, filter);
        Vec::new()
    }

    /// Values in a text that look like those tagged in the lines of an intent, by its component id. Without a model: none.
    fn spans(&self, text: &str, language: &str, intent: &str) -> Vec<nlu::Span> {
        let _ = (text, language, intent);
        Vec::new()
    }
}

/// What a turn needs and does not change.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    /// The agent.
    pub agent: &'a definition::Agent,
    /// Finds out what a text means.
    pub detector: &'a dyn Detector,
    /// Runs scripts.
    pub sandbox: &'a script::Sandbox,
}

impl<'a> Engine<'a> {
    /// Begins a turn. Nothing has run yet; call [`Turn::advance`].
    pub fn begin(&self, state: ConversationState, input: Input) -> Turn<'a> {
        Turn::new(*self, state, input)
    }
}
