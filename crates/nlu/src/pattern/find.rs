//! Fits patterns to texts. Works on sets of places, so that no pattern takes more than polynomial time.

use super::{GAP, Node};
use crate::lemma::lemma;
use crate::text::words;

/// A text ready for matching.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    /// Words in order.
    pub words: Vec<Token>,
    /// For each place between words: whether a sentence begins or ends there. One more than there are words.
    borders: Vec<bool>,
}

/// A word of the text.
#[derive(Debug, Clone)]
pub struct Token {
    /// Lower case.
    pub text: String,
    /// Base form.
    pub base: String,
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Tokens {
    /// Splits a text.
    pub fn new(text: &str, english: bool) -> Self {
        let words: Vec<Token> = words(text)
            .into_iter()
            .map(|w| Token {
                base: lemma(&w.text, english),
                text: w.text,
                start: w.start,
                end: w.end,
            })
            .collect();
        let mut borders = vec![false; words.len() + 1];
        borders[0] = true;
        borders[words.len()] = true;
        for at in 1..words.len() {
            borders[at] = text[words[at - 1].end..words[at].start]
                .contains(['.', '!', '?', '\n', '।', '。', '！', '？']);
        }
        Self { words, borders }
    }

    /// Whether a sentence begins at a word.
    pub(crate) fn begins(&self, at: usize) -> bool {
        self.borders.get(at).copied().unwrap_or(false)
    }

    /// Puts other words in the place of some; each stands for all bytes of those that were there.
    pub(crate) fn replace(&mut self, at: usize, count: usize, with: &[String], english: bool) {
        let old = &self.words[at..at + count];
        let (Some(first), Some(last)) = (old.first(), old.last()) else {
            return;
        };
        let (start, end) = (first.start, last.end);
        let word = |text: &String| Token {
            base: lemma(text, english),
            text: text.clone(),
            start,
            end,
        };
        let new: Vec<Token> = with.iter().map(word).collect();
        let border = self.borders[at];
        let inner = new.len().saturating_sub(1);
        self.words.splice(at..at + count, new);
        let inside = std::iter::once(border)
            .take(usize::from(!with.is_empty()))
            .chain(std::iter::repeat_n(false, inner));
        self.borders.splice(at..at + count, inside);
        if with.is_empty() {
            self.borders[at] |= border;
        }
    }

    /// The words joined by spaces.
    pub(crate) fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|w| w.text.as_str()).collect();
        words.join(" ")
    }
}

/// A fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// First byte of the first word.
    pub start: usize,
    /// The byte after the last word.
    pub end: usize,
    /// How many words of the text the pattern names.
    pub words: usize,
}

/// A way to have come to a place: the first word used, and how many were used.
#[derive(Clone, Copy)]
struct Way {
    first: usize,
    used: usize,
}

/// For every place between words the best way to it, if any.
type Places = Vec<Option<Way>>;

pub(super) fn find(nodes: &[Node], tokens: &Tokens) -> Option<Hit> {
    let start: Places = (0..=tokens.words.len())
        .map(|at| Some(Way { first: at, used: 0 }))
        .collect();
    let ends = sequence(nodes, start, tokens);
    let mut best: Option<(usize, Way)> = None;
    for (end, way) in ends.into_iter().enumerate() {
        let Some(way) = way.filter(|w| w.used > 0) else {
            continue;
        };
        if best.is_none_or(|(_, b)| (way.used, b.first) > (b.used, way.first)) {
            best = Some((end, way));
        }
    }
    let (end, way) = best?;
    Some(Hit {
        start: tokens.words.get(way.first)?.start,
        end: tokens.words.get(end.checked_sub(1)?)?.end,
        words: way.used,
    })
}

/// Values that are looked at for one pattern.
const VALUES: usize = 50;

pub(super) fn values(nodes: &[Node], tokens: &Tokens) -> Vec<(usize, usize)> {
    let mark = nodes.iter().position(|node| matches!(node, Node::Wild(_)));
    let Some(mark) = mark else {
        let hit = find(nodes, tokens);
        return hit.map(|hit| (hit.start, hit.end)).into_iter().collect();
    };
    let (Node::Wild(most), count) = (&nodes[mark], tokens.words.len()) else {
        return Vec::new();
    };
    let (before, after) = (&nodes[..mark], &nodes[mark + 1..]);
    let begins = begins(before, tokens);
    let ends: Vec<bool> = (0..=count).map(|at| ends_at(after, at, tokens)).collect();
    let mut found = Vec::new();
    for first in (0..count).filter(|at| begins[*at]) {
        let border = (first + 1..=count).find(|at| tokens.borders[*at]);
        let last = most.map_or(count, |n| (first + n).min(count));
        let last = last.min(border.unwrap_or(count));
        // nothing comes after: all that is left
        let whole = after.is_empty().then_some(last).filter(|at| *at > first);
        let each = (first + 1..=last).filter(|at| !after.is_empty() && ends[*at]);
        for end in whole.into_iter().chain(each) {
            found.push((tokens.words[first].start, tokens.words[end - 1].end));
            if found.len() == VALUES {
                return found;
            }
        }
    }
    found
}

/// For each place: whether a value may begin there, which is behind the words before it or, without such, where a sentence begins.
fn begins(before: &[Node], tokens: &Tokens) -> Vec<bool> {
    if before.iter().all(|node| matches!(node, Node::Start)) {
        return tokens.borders.clone();
    }
    let start: Places = (0..=tokens.words.len())
        .map(|at| Some(Way { first: at, used: 0 }))
        .collect();
    let ways = sequence(before, start, tokens);
    ways.iter()
        .map(|way| way.is_some_and(|w| w.used > 0))
        .collect()
}

/// Whether what comes after a value fits from a place on.
fn ends_at(after: &[Node], place: usize, tokens: &Tokens) -> bool {
    let mut from: Places = vec![None; tokens.words.len() + 1];
    // something was used, so that the rest has to begin here
    from[place] = Some(Way {
        first: place,
        used: 1,
    });
    sequence(after, from, tokens).iter().any(Option::is_some)
}

fn better(old: Option<Way>, new: Option<Way>) -> Option<Way> {
    match (old, new) {
        (Some(a), Some(b)) => Some(
            if b.used > a.used || (b.used == a.used && b.first < a.first) {
                b
            } else {
                a
            },
        ),
        (a, b) => a.or(b),
    }
}

fn union(mut a: Places, b: &Places) -> Places {
    for (x, y) in a.iter_mut().zip(b) {
        *x = better(*x, *y);
    }
    a
}

fn spread(places: &Places, gap: Option<usize>) -> Places {
    let mut out = places.clone();
    for (at, way) in places.iter().enumerate() {
        // A place from which nothing was used yet may begin anywhere: it needs no gap.
        let Some(way) = way.filter(|w| w.used > 0 || gap.is_none()) else {
            continue;
        };
        let last = gap.map_or(places.len() - 1, |g| (at + g).min(places.len() - 1));
        for target in out.iter_mut().take(last + 1).skip(at + 1) {
            let moved = if way.used == 0 {
                Way {
                    first: way.first,
                    used: 0,
                }
            } else {
                way
            };
            *target = better(*target, Some(moved));
        }
    }
    out
}

fn sequence(nodes: &[Node], mut places: Places, tokens: &Tokens) -> Places {
    let mut gap = Some(0);
    for node in nodes {
        match node {
            Node::Wild(count) => {
                gap = *count;
                continue;
            }
            Node::Start => {
                places
                    .iter_mut()
                    .zip(&tokens.borders)
                    .for_each(|(place, border)| *place = place.filter(|_| *border));
                gap = Some(0);
                continue;
            }
            Node::End => {
                places = spread(&places, if gap.is_none() { None } else { Some(0) });
                places
                    .iter_mut()
                    .zip(&tokens.borders)
                    .for_each(|(place, border)| *place = place.filter(|_| *border));
                gap = Some(0);
                continue;
            }
            Node::NotNext(inner) => {
                let at = |place: usize| starts(inner, place, tokens);
                places
                    .iter_mut()
                    .enumerate()
                    .for_each(|(p, place)| *place = place.filter(|_| !at(p)));
                continue;
            }
            Node::NotLater(inner) => {
                let last = (0..tokens.words.len())
                    .rev()
                    .find(|p| starts(inner, *p, tokens));
                // At the head of a pattern "later" means anywhere: a fit could begin behind the word otherwise.
                let clear = |p: usize, way: &Way| last.is_none_or(|l| way.used > 0 && l < p);
                places
                    .iter_mut()
                    .enumerate()
                    .for_each(|(p, place)| *place = place.filter(|way| clear(p, way)));
                continue;
            }
            Node::Optional(inner) => {
                let open = spread(&places, gap);
                let taken = sequence(inner, open, tokens);
                places = if gap.is_none() {
                    spread(&places, gap)
                } else {
                    places
                };
                places = union(places, &taken);
                gap = if gap.is_none() { Some(GAP) } else { gap };
            }
            _ => {
                places = step(node, spread(&places, gap), tokens);
                gap = Some(GAP);
            }
        }
    }
    places
}

/// Whether a node fits from a place on.
fn starts(node: &Node, place: usize, tokens: &Tokens) -> bool {
    let mut from: Places = vec![None; tokens.words.len() + 1];
    from[place] = Some(Way {
        first: place,
        used: 0,
    });
    step(node, from, tokens)
        .iter()
        .any(|way| way.is_some_and(|w| w.used > 0))
}

fn step(node: &Node, places: Places, tokens: &Tokens) -> Places {
    match node {
        Node::Word { text, base, exact } => {
            let mut out: Places = vec![None; places.len()];
            for (at, token) in tokens.words.iter().enumerate() {
                let fits = token.text == *text || (!exact && token.base == *base);
                if let (true, Some(way)) = (fits, places[at]) {
                    let first = if way.used == 0 { at } else { way.first };
                    out[at + 1] = Some(Way {
                        first,
                        used: way.used + 1,
                    });
                }
            }
            out
        }
        Node::Phrase(all) => all.iter().fold(places, |now, word| step(word, now, tokens)),
        Node::Group(all) => sequence(all, places, tokens),
        Node::OneOf(all) => {
            let none: Places = vec![None; places.len()];
            all.iter().fold(none, |out, inner| {
                union(
                    out,
                    &sequence(std::slice::from_ref(inner), places.clone(), tokens),
                )
            })
        }
        Node::AnyOrder(all) => any_order(all, places, tokens),
        Node::Shared(inner) => step(inner, places, tokens),
        Node::Never => vec![None; places.len()],
        _ => sequence(std::slice::from_ref(node), places, tokens),
    }
}

/// Every subset of the elements in every order; beyond six elements the rest keeps its order.
fn any_order(all: &[Node], places: Places, tokens: &Tokens) -> Places {
    let free = all.len().min(6);
    let mut reached: Vec<Option<Places>> = vec![None; 1 << free];
    reached[0] = Some(places);
    for done in 0..reached.len() {
        let Some(now) = reached[done].clone() else {
            continue;
        };
        let open = spread(&now, Some(if done == 0 { 0 } else { GAP }));
        for (bit, node) in all
            .iter()
            .take(free)
            .enumerate()
            .filter(|(bit, _)| done & (1 << bit) == 0)
        {
            let next = step(node, open.clone(), tokens);
            let target = &mut reached[done | (1 << bit)];
            *target = Some(match target.take() {
                Some(old) => union(old, &next),
                None => next,
            });
        }
    }
    let full = reached.pop().flatten().unwrap_or_default();
    all.iter().skip(free).fold(full, |now, node| {
        step(node, spread(&now, Some(GAP)), tokens)
    })
}

#[cfg(test)]
mod tests {
    use super::super::Lexicon;
    use super::*;
    use std::collections::BTreeMap;

    fn fits(pattern: &str, text: &str) -> bool {
        let synonyms = BTreeMap::from([(
            "plane".to_owned(),
            vec!["flight".to_owned(), "air ticket".to_owned()],
        )]);
        let concepts = BTreeMap::from([
            (
                "~airline".to_owned(),
                vec![
                    "lufthansa".to_owned(),
                    "air_india".to_owned(),
                    "~other".to_owned(),
                ],
            ),
            (
                "~loop".to_owned(),
                vec!["~loop".to_owned(), "round".to_owned()],
            ),
        ]);
        let mut lexicon = Lexicon::new(&synonyms, &concepts, true);
        lexicon
            .pattern(pattern)
            .is_some_and(|p| p.find(&Tokens::new(text, true)).is_some())
    }

    #[test]
    fn every_operator_does_what_the_table_says() {
        let table = [
            ("book flight", "book a cheap flight", true),
            ("book flight", "book me one two three four flight", false),
            ("book flight", "flight book", false),
            ("book flight", "I want to book flights today", true),
            ("'book flight", "booking flight", false),
            ("book 'flight", "book flights", false),
            ("\"book a flight\"", "please book a flight", true),
            ("\"book a flight\"", "please book the flight", false),
            ("[ book reserve ] flight", "reserve a flight", true),
            ("[ book reserve ] flight", "cancel a flight", false),
            ("book {a cheap} flight", "book flight", true),
            ("book {cheap} flight", "book cheap flight", true),
            ("(book flight) tomorrow", "book flight for tomorrow", true),
            ("credit_card lost", "my credit card was lost", true),
            ("credit_card lost", "credit the card lost", false),
            ("<< flight book >>", "book a flight", true),
            ("<< flight book >>", "a flight to book", true),
            ("<< flight book >>", "a flight", false),
            ("< book flight", "book a flight", true),
            ("< book flight", "please book a flight", false),
            ("< book flight", "Hello. Book a flight", true),
            ("book flight >", "book a flight", true),
            ("book flight >", "book a flight today", false),
            ("< help >", "help!", true),
            ("< help >", "help me", false),
            ("book * flight", "book one two three four five flight", true),
            ("book *2 flight", "book a cheap flight", true),
            ("book *2 flight", "book a very cheap flight", false),
            ("book *0 flight", "book flight", true),
            ("book *0 flight", "book a flight", false),
            ("book flight !cancel", "book a flight", true),
            (
                "book flight !cancel",
                "book a flight and then cancel it",
                false,
            ),
            ("!not book", "do not book", false),
            ("!not book", "do book", true),
            ("book !!no flight", "book no flight", false),
            ("book !!no flight", "book the flight", true),
            ("fly ~airline", "I fly with Lufthansa", true),
            ("fly ~airline", "I fly with air india", true),
            ("fly ~unknown", "I fly unknown", false),
            ("~loop", "round", true),
            ("~loop", "square", false),
            ("cancel plane", "cancel my flight", true),
            ("cancel plane", "cancel my air ticket", true),
            ("who be ~you { ? }", "Who are you?", true),
            ("( [ change ] [ info ] ] )", "change my info", true),
            ("&lt; show info &gt;", "show info", true),
            ("", "anything", false),
            ("*", "anything", false),
            ("{a}", "a", false),
            ("((((", "a", false),
            ("~emohello", "Hello there", true),
            ("~emohello", "👋", true),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(fits(pattern, text), expected, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn a_star_marks_a_value() {
        let none = BTreeMap::new();
        for (pattern, text, want) in [
            (
                "deliver to *",
                "please deliver it to New York. Thanks",
                vec!["New York"],
            ),
            ("deliver to *1", "deliver to New York", vec!["New"]),
            ("from * to", "from New York to Rome", vec!["New York"]),
            ("from *1 to", "from New York to Rome", vec![]),
            ("my name is * >", "my name is Ann Lee", vec!["Ann Lee"]),
            ("*2 is my name", "Hi. Ann Lee is my name", vec!["Ann Lee"]),
            ("* is my name", "Ann is my name", vec!["Ann"]),
            ("call me *", "call me", vec![]),
            ("number *0", "number 5", vec![]),
            ("order number", "my order number", vec!["order number"]),
            ("order number", "nothing", vec![]),
        ] {
            let pattern = Lexicon::new(&none, &none, true)
                .pattern(pattern)
                .expect("it has words");
            let values = pattern.values(&Tokens::new(text, true));
            let values: Vec<&str> = values.iter().map(|(a, b)| &text[*a..*b]).collect();
            assert_eq!(values, want, "{text}");
        }
    }

    #[test]
    fn a_hit_names_its_bytes() {
        let none = BTreeMap::new();
        let pattern = Lexicon::new(&none, &none, true)
            .pattern("book flight")
            .expect("it has words");
        let text = "Please book my flight now";
        let hit = pattern.find(&Tokens::new(text, true)).expect("it fits");
        assert_eq!(&text[hit.start..hit.end], "book my flight");
        assert_eq!(hit.words, 2);
    }
}
