//! The pattern language: words in order with up to three others between, and operators.
//!
//! `[a b]` one of · `{a}` may be missing · `(a b)` group · `a_b` adjacent · `<< a b >>` any order · `<` start · `>` end ·
//! `*` any words, `*n` up to n · `!a` not later · `!!a` not next · `~name` concept · `'a`, `"a b"` this form only, else any form.

mod concept;
mod explain;
mod find;
mod parse;

pub use explain::{Ask, Explained, Part, explain};
pub use find::{Hit, Token, Tokens};
pub use parse::Lexicon;

use std::sync::Arc;

/// Words that may stand between two words of a pattern.
const GAP: usize = 3;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    nodes: Vec<Node>,
    /// Base forms of which one must be in the text; empty when there is no such list.
    anchors: Vec<String>,
}

#[derive(Debug, Clone)]
enum Node {
    /// A word: text, base form, whether only this form counts.
    Word {
        text: String,
        base: String,
        exact: bool,
    },
    /// Words side by side.
    Phrase(Vec<Node>),
    /// A sequence with gaps.
    Group(Vec<Node>),
    OneOf(Vec<Node>),
    Optional(Vec<Node>),
    AnyOrder(Vec<Node>),
    Shared(Arc<Node>),
    Start,
    End,
    /// Any words, or up to so many.
    Wild(Option<usize>),
    NotLater(Box<Node>),
    NotNext(Box<Node>),
    /// Matches nothing: an unknown concept.
    Never,
}

impl Pattern {
    /// Where the pattern fits the text, or nothing. Of several fits, the one with most words, then the earliest.
    pub fn find(&self, tokens: &Tokens) -> Option<Hit> {
        find::find(&self.nodes, tokens)
    }

    /// The places that the first `*` or `*n` at the top of the pattern may stand for, as byte ranges, the shortest first from
    /// the earliest on; without such a mark the whole fit.
    pub fn values(&self, tokens: &Tokens) -> Vec<(usize, usize)> {
        find::values(&self.nodes, tokens)
    }

    /// Base forms of which one must be in the text for the pattern to fit; `None` when any text may.
    pub fn anchors(&self) -> Option<&[String]> {
        (!self.anchors.is_empty()).then_some(&self.anchors)
    }
}
