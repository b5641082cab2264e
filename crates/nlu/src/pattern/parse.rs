//! Reads patterns. Nothing is refused: a stray bracket is skipped, a missing one closes at the end.

use super::concept::stock;
use super::{Node, Pattern};
use crate::emoji;
use crate::lemma::lemma;
use crate::text::words;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Brackets may nest this deep; deeper ones are skipped.
const DEEPEST: usize = 24;

/// Synonyms and concepts of an agent; compiles patterns.
pub struct Lexicon<'a> {
    synonyms: &'a BTreeMap<String, Vec<String>>,
    concepts: HashMap<String, Vec<&'a str>>,
    english: bool,
    ready: HashMap<String, Arc<Node>>,
    under_way: Vec<String>,
}

impl<'a> Lexicon<'a> {
    /// From the maps of the training input. A key of `synonyms` that begins with `~` is a concept too.
    pub fn new(
        synonyms: &'a BTreeMap<String, Vec<String>>,
        concepts: &'a BTreeMap<String, Vec<String>>,
        english: bool,
    ) -> Self {
        let mut all: HashMap<String, Vec<&str>> = HashMap::new();
        for (name, members) in concepts
            .iter()
            .chain(synonyms.iter().filter(|(key, _)| key.starts_with('~')))
        {
            let name = name.trim_start_matches('~').to_lowercase();
            all.entry(name)
                .or_default()
                .extend(members.iter().map(String::as_str));
        }
        Self {
            synonyms,
            concepts: all,
            english,
            ready: HashMap::new(),
            under_way: Vec::new(),
        }
    }

    /// Compiles a pattern; `None` when it holds no word, which would fit every text.
    pub fn pattern(&mut self, source: &str) -> Option<Pattern> {
        let nodes = self.nodes(source);
        let demanding = nodes.iter().any(demands);
        let anchors = nodes
            .iter()
            .find_map(|node| anchors(node, 0))
            .unwrap_or_default();
        demanding.then_some(Pattern { nodes, anchors })
    }

    fn nodes(&mut self, source: &str) -> Vec<Node> {
        let pieces = split(source);
        let mut at = 0;
        let mut out = Vec::new();
        while at < pieces.len() {
            let before = at;
            out.extend(self.sequence(&pieces, &mut at, "", 0));
            if at == before || at < pieces.len() {
                at += 1;
            }
        }
        out
    }

    fn sequence(
        &mut self,
        pieces: &[String],
        at: &mut usize,
        close: &str,
        depth: usize,
    ) -> Vec<Node> {
        let mut out = Vec::new();
        while let Some(piece) = pieces.get(*at) {
            if piece == close {
                break;
            }
            if matches!(piece.as_str(), "]" | "}" | ")") || (piece == ">>" && close.is_empty()) {
                if !close.is_empty() && depth > 0 {
                    break;
                }
                *at += 1;
                continue;
            }
            if let Some(node) = self.node(pieces, at, depth) {
                out.push(node);
            }
        }
        out
    }

    pub(super) fn node(&mut self, pieces: &[String], at: &mut usize, depth: usize) -> Option<Node> {
        let piece = pieces[*at].clone();
        *at += 1;
        if depth >= DEEPEST {
            return None;
        }
        let close = match piece.as_str() {
            "[" => "]",
            "{" => "}",
            "(" => ")",
            "<<" => ">>",
            _ => return self.simple(&piece, pieces, at, depth),
        };
        let inner = self.sequence(pieces, at, close, depth + 1);
        if pieces.get(*at).is_some_and(|p| p == close) {
            *at += 1;
        }
        if inner.is_empty() {
            return None;
        }
        Some(match piece.as_str() {
            "[" => Node::OneOf(inner),
            "{" => Node::Optional(vec![Node::OneOf(inner)]),
            "<<" => Node::AnyOrder(inner),
            _ => Node::Group(inner),
        })
    }

    fn simple(
        &mut self,
        piece: &str,
        pieces: &[String],
        at: &mut usize,
        depth: usize,
    ) -> Option<Node> {
        match piece {
            "<" => return Some(Node::Start),
            ">" | ">>" => return Some(Node::End),
            "!" | "!!" => {
                let inner = Box::new(if *at < pieces.len() {
                    self.node(pieces, at, depth + 1)?
                } else {
                    return None;
                });
                return Some(if piece == "!" {
                    Node::NotLater(inner)
                } else {
                    Node::NotNext(inner)
                });
            }
            _ => {}
        }
        if let Some(count) = piece.strip_prefix('*') {
            return match count.parse::<usize>() {
                Ok(n) => Some(Node::Wild(Some(n.min(1000)))),
                Err(_) => Some(Node::Wild(None)),
            };
        }
        if let Some(name) = piece.strip_prefix('~') {
            return Some(Node::Shared(self.concept(name)));
        }
        if emoji::is_name(piece) {
            return self.words(emoji::sign(piece)?, true);
        }
        if let Some(text) = piece.strip_prefix('"') {
            return self.words(text.trim_end_matches('"'), true);
        }
        if let Some(word) = piece.strip_prefix('\'').filter(|w| !w.is_empty()) {
            return self.words(word, true);
        }
        if let Some(node) = self.synonym(piece) {
            return Some(node);
        }
        self.words(&piece.replace('_', " "), false)
    }

    /// A word that is a key of the synonyms fits each of its synonyms too.
    fn synonym(&mut self, piece: &str) -> Option<Node> {
        let spaced = piece.replace('_', " ");
        let values = self
            .synonyms
            .get(piece)
            .or_else(|| self.synonyms.get(&spaced))?;
        let mut all: Vec<Node> = self.words(&spaced, false).into_iter().collect();
        for value in values {
            let value = value.trim_start_matches('+');
            match value.strip_prefix('~') {
                Some(name) => all.push(Node::Shared(self.concept(name))),
                None => all.extend(self.words(value.trim_matches('"'), value.starts_with('"'))),
            }
        }
        Some(Node::OneOf(all))
    }

    fn words(&self, text: &str, exact: bool) -> Option<Node> {
        let mut all: Vec<Node> = words(text)
            .into_iter()
            .map(|word| Node::Word {
                base: lemma(&word.text, self.english),
                text: word.text,
                exact,
            })
            .collect();
        if all.len() > 1 {
            Some(Node::Phrase(all))
        } else {
            all.pop()
        }
    }

    fn concept(&mut self, name: &str) -> Arc<Node> {
        let name = name.to_lowercase();
        if let Some(done) = self.ready.get(&name) {
            return done.clone();
        }
        if self.under_way.contains(&name) || self.under_way.len() >= DEEPEST {
            return Arc::new(Node::Never);
        }
        self.under_way.push(name.clone());
        let members: Vec<String> = stock(&name)
            .iter()
            .copied()
            .chain(self.concepts.get(&name).into_iter().flatten().copied())
            .flat_map(|member| member.split('|'))
            .map(str::to_owned)
            .collect();
        let mut alternatives = Vec::new();
        for member in members {
            let mut nodes = self.nodes(&member);
            if nodes.len() == 1 {
                alternatives.extend(nodes.pop());
            } else if !nodes.is_empty() {
                alternatives.push(Node::Group(nodes));
            }
        }
        self.under_way.pop();
        let node = Arc::new(if alternatives.is_empty() {
            Node::Never
        } else {
            Node::OneOf(alternatives)
        });
        if self.under_way.is_empty() {
            self.ready.insert(name, node.clone());
        }
        node
    }
}

/// Whether a node asks for a word that must be there.
fn demands(node: &Node) -> bool {
    match node {
        Node::Word { .. } | Node::Phrase(_) | Node::Never => true,
        Node::OneOf(all) => all.iter().all(demands),
        Node::Group(all) | Node::AnyOrder(all) => all.iter().any(demands),
        Node::Shared(inner) => demands(inner),
        _ => false,
    }
}

/// Base forms of which one is in every text that fits the node.
fn anchors(node: &Node, depth: usize) -> Option<Vec<String>> {
    if depth > DEEPEST {
        return None;
    }
    match node {
        Node::Word { base, .. } => Some(vec![base.clone()]),
        Node::Phrase(all) | Node::Group(all) | Node::AnyOrder(all) => {
            all.iter().find_map(|n| anchors(n, depth + 1))
        }
        Node::OneOf(all) => {
            let mut out = Vec::new();
            for inner in all {
                out.extend(anchors(inner, depth + 1)?);
            }
            Some(out)
        }
        Node::Shared(inner) => anchors(inner, depth + 1),
        _ => None,
    }
}

/// Cuts a pattern into words and operators.
pub(super) fn split(source: &str) -> Vec<String> {
    let source = source
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    let chars: Vec<char> = source.chars().collect();
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let twice = chars.get(at + 1) == Some(&c);
        at += 1;
        match c {
            _ if c.is_whitespace() => {}
            '[' | ']' | '{' | '}' | '(' | ')' => out.push(c.to_string()),
            '<' | '>' | '!' if twice => {
                at += 1;
                out.push(format!("{c}{c}"));
            }
            '<' | '>' | '!' => out.push(c.to_string()),
            '"' => {
                let end = chars[at..]
                    .iter()
                    .position(|c| *c == '"')
                    .map_or(chars.len(), |p| at + p);
                out.push(
                    std::iter::once('"')
                        .chain(chars[at..end].iter().copied())
                        .collect(),
                );
                at = end + 1;
            }
            _ => {
                let stops = |c: &char| c.is_whitespace() || "[]{}()<>\"".contains(*c);
                let end = chars[at..]
                    .iter()
                    .position(stops)
                    .map_or(chars.len(), |p| at + p);
                out.push(chars[at - 1..end].iter().collect::<String>().to_lowercase());
                at = end;
            }
        }
    }
    out
}
