//! How a pattern is read, and how far it fits a text: for people who write one.

use super::{Lexicon, Node, Tokens, find, parse::split};
use crate::input::TrainingInput;
use crate::substitute::Substitutions;

/// Words of a choice that are named.
const NAMED: usize = 12;

/// What a part of a pattern asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A word, in any of its forms.
    Word,
    /// This form of a word or of words.
    Exact,
    /// Words side by side.
    Phrase,
    /// Words in order, others between.
    Group,
    /// One of several.
    OneOf,
    /// One of several, or nothing.
    Optional,
    /// All of them, in any order.
    AnyOrder,
    /// A concept: one of its members.
    Concept,
    /// A sentence begins here.
    Start,
    /// A sentence ends here.
    End,
    /// Any words.
    Wild,
    /// Up to so many words.
    WildUpTo(usize),
    /// These words not later.
    NotLater,
    /// These words not next.
    NotNext,
    /// A concept that nobody knows: nothing fits it.
    Unknown,
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// As it was read.
    pub text: String,
    /// What it asks for.
    pub ask: Ask,
    /// Of a choice: what fits it, as far as it is named here.
    pub choices: Vec<String>,
}

/// A pattern against a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The parts in order.
    pub parts: Vec<Part>,
    /// The pattern asks for a word; without one it is never looked at.
    pub asks: bool,
    /// Bytes of the text that it fits, or that its first parts fit.
    pub span: Option<(usize, usize)>,
    /// How many parts fit one after the other; all of them: the pattern fits.
    pub reached: usize,
}

impl Explained {
    /// The whole pattern fits.
    pub fn fits(&self) -> bool {
        self.asks && self.reached == self.parts.len() && self.span.is_some()
    }
}

/// Explains a pattern with the synonyms and concepts of an agent, which need not be trained. Spelling is not mended.
pub fn explain(input: &TrainingInput, source: &str, text: &str) -> Explained {
    let english = input.language.is_empty() || input.language.starts_with("en");
    let mut tokens = Tokens::new(text, english);
    Substitutions::new(input).apply(&mut tokens, english);
    let mut lexicon = Lexicon::new(&input.synonyms, &input.concepts, english);
    let asks = lexicon.pattern(source).is_some();
    let read = lexicon.parts(source);
    let nodes: Vec<Node> = read.iter().map(|(_, node)| node.clone()).collect();
    let best = (1..=nodes.len())
        .rev()
        .find_map(|count| find::find(&nodes[..count], &tokens).map(|hit| (count, hit)));
    let parts = read.iter().map(|(text, node)| part(text, node));
    Explained {
        parts: parts.collect(),
        asks,
        span: best.map(|(_, hit)| (hit.start, hit.end)),
        reached: best.map_or(0, |(count, _)| count),
    }
}

impl Lexicon<'_> {
    /// The parts at the top of a pattern, each with its text.
    fn parts(&mut self, source: &str) -> Vec<(String, Node)> {
        let pieces = split(source);
        let mut at = 0;
        let mut out = Vec::new();
        while at < pieces.len() {
            let before = at;
            let stray = matches!(pieces[at].as_str(), "]" | "}" | ")");
            if stray {
                at += 1;
                continue;
            }
            if let Some(node) = self.node(&pieces, &mut at, 0) {
                let text: Vec<String> = pieces[before..at]
                    .iter()
                    .map(|piece| shown(piece))
                    .collect();
                out.push((text.join(" "), node));
            }
        }
        out
    }
}

/// A piece as people write it.
fn shown(piece: &str) -> String {
    match piece.strip_prefix('"') {
        Some(inner) => format!("\"{}\"", inner.trim_end_matches('"')),
        None => piece.to_owned(),
    }
}

fn part(text: &str, node: &Node) -> Part {
    let (ask, choices) = match node {
        Node::Word { exact: true, .. } => (Ask::Exact, Vec::new()),
        Node::Word { .. } => (Ask::Word, Vec::new()),
        Node::Phrase(all) if all.iter().any(is_exact) => (Ask::Exact, Vec::new()),
        Node::Phrase(_) => (Ask::Phrase, Vec::new()),
        Node::Group(_) => (Ask::Group, Vec::new()),
        Node::OneOf(all) => (Ask::OneOf, named(all)),
        Node::Optional(all) => (Ask::Optional, named(all)),
        Node::AnyOrder(_) => (Ask::AnyOrder, Vec::new()),
        Node::Shared(inner) => match &**inner {
            Node::Never => (Ask::Unknown, Vec::new()),
            Node::OneOf(all) => (Ask::Concept, named(all)),
            other => (Ask::Concept, vec![say(other)]),
        },
        Node::Start => (Ask::Start, Vec::new()),
        Node::End => (Ask::End, Vec::new()),
        Node::Wild(None) => (Ask::Wild, Vec::new()),
        Node::Wild(Some(count)) => (Ask::WildUpTo(*count), Vec::new()),
        Node::NotLater(_) => (Ask::NotLater, Vec::new()),
        Node::NotNext(_) => (Ask::NotNext, Vec::new()),
        Node::Never => (Ask::Unknown, Vec::new()),
    };
    Part {
        text: text.to_owned(),
        ask,
        choices,
    }
}

fn is_exact(node: &Node) -> bool {
    matches!(node, Node::Word { exact: true, .. })
}

fn named(all: &[Node]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for node in all {
        let inner = match node {
            Node::OneOf(inner) => named(inner),
            other => vec![say(other)],
        };
        for text in inner {
            if !out.contains(&text) && out.len() < NAMED {
                out.push(text);
            }
        }
    }
    out
}

/// A part in the words that fit it.
fn say(node: &Node) -> String {
    let join = |all: &[Node]| all.iter().map(say).collect::<Vec<_>>().join(" ");
    match node {
        Node::Word { text, .. } => text.clone(),
        Node::Phrase(all) | Node::Group(all) | Node::AnyOrder(all) => join(all),
        Node::OneOf(all) | Node::Optional(all) => all.first().map(say).unwrap_or_default(),
        Node::Shared(inner) => say(inner),
        Node::NotLater(inner) | Node::NotNext(inner) => say(inner),
        Node::Wild(_) => "*".to_owned(),
        Node::Start | Node::End | Node::Never => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn input() -> TrainingInput {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        TrainingInput {
            language: "en".to_owned(),
            synonyms: BTreeMap::from([("courier".to_owned(), words(&["driver"]))]),
            concepts: BTreeMap::from([("~parcel".to_owned(), words(&["box", "packet"]))]),
            ..TrainingInput::default()
        }
    }

    #[test]
    fn every_part_is_named_and_a_fit_has_its_place() {
        let made = explain(
            &input(),
            "where {is are} ~parcel > ",
            "So, where are the boxes?",
        );
        let asks: Vec<Ask> = made.parts.iter().map(|p| p.ask).collect();
        assert_eq!(asks, [Ask::Word, Ask::Optional, Ask::Concept, Ask::End]);
        assert_eq!(made.parts[1].text, "{ is are }");
        assert_eq!(made.parts[2].choices, ["box", "packet"]);
        assert!(made.fits());
        assert_eq!(made.span, Some((4, 23)));
    }

    #[test]
    fn the_first_part_that_does_not_fit_is_told() {
        let made = explain(
            &input(),
            "where courier *2 parcel",
            "where is the driver of my box",
        );
        assert_eq!(made.reached, 3, "{made:?}");
        assert!(!made.fits());
        assert_eq!(made.parts[1].choices, ["courier", "driver"]);
        assert_eq!(made.parts[3].text, "parcel");
        let none = explain(&input(), "letter", "where is my box");
        assert_eq!((none.reached, none.span), (0, None));
    }

    #[test]
    fn patterns_without_a_word_and_unknown_concepts_are_told() {
        let made = explain(&input(), "* {please}", "please");
        assert!(!made.asks && !made.fits());
        let made = explain(&input(), "my ~nothing", "my box");
        assert_eq!(made.parts[1].ask, Ask::Unknown);
        assert_eq!(made.reached, 1);
        assert_eq!(explain(&input(), "] )", "x").parts, []);
    }
}
