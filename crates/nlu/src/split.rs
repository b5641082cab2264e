//! Several wishes in one text: where it is cut, and in which order the parts are meant.

use crate::detection::{Detection, Filter, Kind, Outcome};
use crate::model::Model;
use crate::text::words;
use crate::train::cut;

/// Words between two wishes, and whether what follows is meant to be done first. Longer ones stand first.
const JOINTS: &[(&str, bool)] = &[
    ("but before that", true),
    ("and before that", true),
    ("before that", true),
    ("but first", true),
    ("and after that", false),
    ("and also", false),
    ("and then", false),
    ("after that", false),
    ("afterwards", false),
    ("followed by", false),
    ("then", false),
    ("later", false),
    ("also", false),
    ("and", false),
    ("und danach", false),
    ("und dann", false),
    ("danach", false),
    ("und", false),
    ("y luego", false),
    ("luego", false),
    ("después", false),
    ("et ensuite", false),
    ("puis", false),
    ("ensuite", false),
    ("e depois", false),
    ("depois", false),
    ("और फिर", false),
    ("फिर", false),
    ("और", false),
];
/// More parts than this are not looked at.
const MOST: usize = 5;
/// A part has at least so many words.
const LEAST_WORDS: usize = 2;

/// One part of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// What it means.
    pub detection: Detection,
}

/// Where a text may be cut: byte ranges in text order, each with whether it goes before the part in front of it.
fn parts(text: &str) -> Vec<(usize, usize, bool)> {
    let said = words(text);
    let mut out = Vec::new();
    let mut start = 0;
    let mut first = false;
    let mut at = 0;
    while at < said.len() {
        let joint = JOINTS.iter().find_map(|(joint, before)| {
            let mut next = at;
            for word in joint.split(' ') {
                if said.get(next)?.text != word {
                    return None;
                }
                next += 1;
            }
            Some((next, *before))
        });
        let ends_sentence = at > 0
            && text[said[at - 1].end..said[at].start].contains(['.', '!', '?', ';', '\n', '।']);
        match joint {
            Some((next, before)) if at > 0 => {
                out.push((start, said[at].start, first));
                start = said.get(next).map_or(text.len(), |w| w.start);
                first = before;
                at = next;
            }
            _ => {
                if ends_sentence {
                    out.push((start, said[at].start, first));
                    (start, first) = (said[at].start, false);
                }
                at += 1;
            }
        }
    }
    out.push((start, text.len(), first));
    out.retain(|(from, to, _)| words(&text[*from..*to]).len() >= LEAST_WORDS);
    out
}

impl Model {
    /// The wishes of a text in the order in which they are to be run, each with its own winner; empty when the text holds fewer than
    /// two. An intent counts once. Neighbouring parts that mean nothing by themselves are read together.
    pub fn wishes(&self, text: &str, filter: &Filter) -> Vec<Wish> {
        let text = cut(text);
        let parts = parts(text);
        if parts.len() < 2 || parts.len() > MOST {
            return Vec::new();
        }
        let mut found: Vec<(Wish, bool)> = Vec::new();
        for (start, end, before) in parts {
            let detection = self.detect(&text[start..end], filter);
            let winner = detection.winners.first().filter(|w| w.kind == Kind::Dialog);
            let clear = detection.result == Outcome::Success && winner.is_some();
            let same = |wish: &Wish| {
                wish.detection.winners.first().map(|w| &w.id)
                    == detection.winners.first().map(|w| &w.id)
            };
            match found.last_mut() {
                Some((last, _)) if !clear || same(last) => last.end = end,
                _ if !clear => {}
                _ => found.push((
                    Wish {
                        start,
                        end,
                        detection,
                    },
                    before,
                )),
            }
        }
        let mut out: Vec<Wish> = Vec::new();
        for (wish, before) in found {
            let again = |other: &Wish| {
                other.detection.winners.first().map(|w| &w.id)
                    == wish.detection.winners.first().map(|w| &w.id)
            };
            if out.iter().any(again) {
                continue;
            }
            let at = if before {
                out.len().saturating_sub(1)
            } else {
                out.len()
            };
            out.insert(at, wish);
        }
        if out.len() < 2 {
            out.clear();
        }
        out
    }
}
