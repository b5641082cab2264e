//! Spell correction in English: a word that the agent does not know becomes the one it knows that is one slip away.

use crate::input::TrainingInput;
use crate::pattern::Tokens;
use crate::text::words;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Shorter words are left alone; so short words have too many neighbours.
const SHORTEST: usize = 5;
/// Longer words may have two slips.
const LONG: usize = 9;

/// A word to mend to, with the set of its letters.
#[derive(Debug, Clone)]
struct Known {
    word: String,
    length: usize,
    letters: u32,
}

/// The words that an agent knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Speller {
    known: HashSet<String>,
    /// Words that are long enough to be mended to, by first letter.
    by_letter: HashMap<char, Vec<Known>>,
}

/// The words of an agent's lines, names, patterns and questions, sorted and joined by spaces, as a model stores them; empty where
/// no setting wants them.
pub(crate) fn vocabulary(input: &TrainingInput) -> String {
    let config = &input.config;
    let wanted =
        config.fm.spell_correction || config.ml.spell_correction || config.faq.spell_correction;
    if !wanted || !(input.language.is_empty() || input.language.starts_with("en")) {
        return String::new();
    }
    let lines = input.intents.iter().flat_map(|intent| {
        let lines = intent.utterances.iter().map(|u| u.text.as_str());
        lines
            .chain(intent.patterns.iter().map(String::as_str))
            .chain([intent.name.as_str()])
    });
    let questions = input.faqs.iter().flat_map(|faq| {
        let others = faq.alternates.iter().map(String::as_str);
        others.chain([faq.question.as_str()])
    });
    let talk = input.small_talk.iter().flat_map(|t| t.patterns.iter());
    let maps = input.synonyms.iter().chain(&input.concepts);
    let listed = maps.flat_map(|(key, values)| values.iter().chain([key]));
    let mut all: BTreeSet<String> = BTreeSet::new();
    let rest = listed.chain(talk).map(String::as_str);
    for text in lines.chain(questions).chain(rest) {
        all.extend(words(&text.replace('_', " ")).into_iter().map(|w| w.text));
    }
    all.into_iter().collect::<Vec<_>>().join(" ")
}

fn letters(word: &str) -> u32 {
    let bit = |c: char| match c {
        'a'..='z' => 1 << (c as u32 - 'a' as u32),
        c => 1 << (26 + c as u32 % 6),
    };
    word.chars().fold(0, |set, c| set | bit(c))
}

impl Speller {
    /// From [`vocabulary`]; `stop` are words that are right as they are.
    pub(crate) fn new<'a>(vocabulary: &str, stop: impl Iterator<Item = &'a String>) -> Self {
        let mut this = Self::default();
        if vocabulary.is_empty() {
            return this;
        }
        for word in vocabulary.split(' ') {
            this.known.insert(word.to_owned());
            let length = word.chars().count();
            let first = word.chars().next();
            if let Some(first) = first.filter(|_| length >= SHORTEST && plain(word)) {
                this.by_letter.entry(first).or_default().push(Known {
                    word: word.to_owned(),
                    length,
                    letters: letters(word),
                });
            }
        }
        this.known.extend(stop.cloned());
        this
    }

    /// The known word that is meant; nothing where the word is known, is a number, or has no neighbour.
    pub(crate) fn mend(&self, word: &str) -> Option<&str> {
        let length = word.chars().count();
        if length < SHORTEST
            || self.by_letter.is_empty()
            || self.known.contains(word)
            || !plain(word)
        {
            return None;
        }
        let allowed = if length >= LONG { 2 } else { 1 };
        let own = letters(word);
        let near = self.by_letter.get(&word.chars().next()?)?;
        let mut best: Option<(usize, &str)> = None;
        for other in near {
            let apart = (own ^ other.letters).count_ones() as usize;
            if other.length.abs_diff(length) > allowed || apart > 2 * allowed {
                continue;
            }
            let this = (slips(word, &other.word), other.word.as_str());
            if this.0 <= allowed
                && best.is_none_or(|best| this < best)
                && !inflected(word, &other.word)
            {
                best = Some(this);
            }
        }
        best.map(|(_, word)| word)
    }

    /// Mends the words of a text in place, save those that are `right` as they are. Answers whether anything changed.
    pub(crate) fn apply(
        &self,
        tokens: &mut Tokens,
        english: bool,
        right: impl Fn(&str) -> bool,
    ) -> bool {
        let mut changed = false;
        for at in 0..tokens.words.len() {
            let said = &tokens.words[at].text;
            if let Some(word) = self.mend(said).filter(|_| !right(said)) {
                let word = word.to_owned();
                tokens.replace(at, 1, &[word], english);
                changed = true;
            }
        }
        changed
    }
}

fn plain(word: &str) -> bool {
    word.chars().all(char::is_alphabetic)
}

/// Forms of one word are no slips: "cards" is not "card" misspelt.
fn inflected(a: &str, b: &str) -> bool {
    use crate::lemma::lemma;
    lemma(a, true) == lemma(b, true)
}

/// Letters to insert, drop, change or swap with their neighbour.
fn slips(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Intent;

    #[test]
    fn a_word_is_mended_to_the_known_one_that_is_one_slip_away() {
        let input = TrainingInput {
            intents: vec![Intent {
                name: "Cancel subscription".to_owned(),
                utterances: vec!["cancel my transfer".into(), "flight to Bonn".into()],
                ..Intent::default()
            }],
            ..TrainingInput::default()
        };
        let stop = ["would".to_owned()];
        let speller = Speller::new(&vocabulary(&input), stop.iter());
        for (word, expected) in [
            ("cancle", Some("cancel")),
            ("canel", Some("cancel")),
            ("cacnel", Some("cancel")),
            ("tranfser", Some("transfer")),
            ("subscrpition", Some("subscription")),
            ("subscribtoin", Some("subscription")),
            ("transfers", None),
            ("would", None),
            ("mould", None),
            ("flght", Some("flight")),
            ("bon", None),
            ("12345", None),
            ("xylophone", None),
        ] {
            assert_eq!(speller.mend(word), expected, "{word}");
        }
        let german = TrainingInput {
            language: "de".to_owned(),
            ..input
        };
        assert_eq!(vocabulary(&german), "");
    }
}
