//! Splits a text into word pieces as BERT models without case were trained on.

use crate::{EncoderError, LONGEST};
use std::collections::HashMap;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longer words become the piece for the unknown.
const LONGEST_WORD: usize = 100;

/// The list of pieces.
pub struct WordPiece {
    pieces: HashMap<Box<str>, u32>,
    unknown: u32,
    first: u32,
    last: u32,
}

impl WordPiece {
    /// From a list with one piece a line.
    pub fn new(list: &str, count: usize) -> Result<Self, EncoderError> {
        let pieces: HashMap<Box<str>, u32> = list
            .lines()
            .enumerate()
            .map(|(at, piece)| (piece.into(), at as u32))
            .collect();
        if pieces.len() != count {
            return Err(EncoderError::Vocabulary(format!(
                "{} pieces instead of {count}",
                pieces.len()
            )));
        }
        let special = |name: &str| {
            pieces
                .get(name)
                .copied()
                .ok_or_else(|| EncoderError::Vocabulary(format!("{name} is missing")))
        };
        Ok(Self {
            unknown: special("[UNK]")?,
            first: special("[CLS]")?,
            last: special("[SEP]")?,
            pieces,
        })
    }

    /// Whether a word in small letters is one piece.
    pub fn whole(&self, word: &str) -> bool {
        self.pieces.contains_key(word)
    }

    /// The numbers of the pieces, marks at both ends, at most [`LONGEST`].
    pub fn ids(&self, text: &str) -> Vec<u32> {
        let mut ids = vec![self.first];
        let mut word = String::new();
        for c in text
            .nfd()
            .filter(|c| !is_combining_mark(*c))
            .flat_map(char::to_lowercase)
        {
            if ids.len() >= LONGEST {
                break;
            }
            if c.is_whitespace() {
                self.word(&mut word, &mut ids);
            } else if alone(c) {
                self.word(&mut word, &mut ids);
                word.push(c);
                self.word(&mut word, &mut ids);
            } else if !c.is_control() && c != '\u{FFFD}' {
                word.push(c);
            }
        }
        self.word(&mut word, &mut ids);
        ids.truncate(LONGEST - 1);
        ids.push(self.last);
        ids
    }

    /// The longest pieces from the left; a word that does not split is unknown as a whole.
    fn word(&self, word: &mut String, ids: &mut Vec<u32>) {
        if word.is_empty() {
            return;
        }
        let begin = ids.len();
        let mut from = 0;
        let mut key = String::with_capacity(word.len() + 2);
        let long = word.chars().count() > LONGEST_WORD;
        while from < word.len() && !long {
            let mut to = word.len();
            let found = loop {
                if to == from {
                    break None;
                }
                key.clear();
                if from > 0 {
                    key.push_str("##");
                }
                key.push_str(&word[from..to]);
                if let Some(id) = self.pieces.get(key.as_str()) {
                    break Some(*id);
                }
                to = word[..to]
                    .char_indices()
                    .next_back()
                    .map_or(from, |(at, _)| at.max(from));
            };
            match found {
                Some(id) => ids.push(id),
                None => {
                    ids.truncate(begin);
                    break;
                }
            }
            from = to;
        }
        if ids.len() == begin {
            ids.push(self.unknown);
        }
        word.clear();
    }
}

/// Whether a character is a word by itself: punctuation and Chinese characters.
fn alone(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_punctuation();
    }
    matches!(c as u32,
        0xA1 | 0xA7 | 0xAB | 0xB6 | 0xB7 | 0xBB | 0xBF | 0x37E | 0x387 | 0x589 | 0x5BE | 0x60C | 0x61B | 0x61F | 0x66A..=0x66D | 0x964 | 0x965
        | 0x2010..=0x2027 | 0x2030..=0x205E | 0x3001..=0x3003 | 0x3008..=0x3011 | 0x3014..=0x301F | 0x30FB
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x2FA1F
        | 0xFF01..=0xFF0F | 0xFF1A..=0xFF20 | 0xFF3B..=0xFF3D | 0xFF3F | 0xFF5B | 0xFF5D..=0xFF65)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_split_into_the_longest_pieces() {
        let list = "[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\ncafe\n!\n猫";
        let pieces = WordPiece::new(list, 9).unwrap_or_else(|e| panic!("{e}"));
        let table: &[(&str, &[u32])] = &[
            ("", &[1, 2]),
            ("unaffable", &[1, 3, 4, 5, 2]),
            ("UN", &[1, 3, 2]),
            ("Café!", &[1, 6, 7, 2]),
            ("xyz cafe", &[1, 0, 6, 2]),
            ("unaffxyz", &[1, 0, 2]),
            ("猫猫", &[1, 8, 8, 2]),
            (" \t\n ", &[1, 2]),
        ];
        for (text, ids) in table {
            assert_eq!(pieces.ids(text), *ids, "{text}");
        }
        assert_eq!(pieces.ids(&"un ".repeat(500)).len(), LONGEST);
        assert_eq!(pieces.ids(&"u".repeat(101)), [1, 0, 2]);
        assert!(WordPiece::new(list, 10).is_err());
    }
}
