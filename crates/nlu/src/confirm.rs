//! Yes and no.

use crate::emoji;
use crate::text::words;

/// An answer to a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
}

const YES: &[&str] = &[
    "yes",
    "y",
    "yeah",
    "yea",
    "yep",
    "yup",
    "ya",
    "sure",
    "ok",
    "okay",
    "okey",
    "k",
    "of course",
    "certainly",
    "absolutely",
    "definitely",
    "correct",
    "right",
    "that's right",
    "exactly",
    "affirmative",
    "confirm",
    "confirmed",
    "agreed",
    "i agree",
    "go ahead",
    "please do",
    "do it",
    "sounds good",
    "fine",
    "true",
    "indeed",
    "why not",
    "si",
    "sí",
    "oui",
    "ja",
    "sim",
    "haan",
    "हाँ",
    "हां",
    "👍",
    "👌",
    "✅",
    "✔",
];
const NO: &[&str] = &[
    "no",
    "n",
    "nope",
    "nah",
    "never",
    "not",
    "not really",
    "no way",
    "of course not",
    "certainly not",
    "absolutely not",
    "definitely not",
    "don't",
    "dont",
    "do not",
    "i don't",
    "please don't",
    "negative",
    "incorrect",
    "wrong",
    "not correct",
    "not right",
    "not sure",
    "false",
    "cancel",
    "disagree",
    "i disagree",
    "no thanks",
    "nein",
    "non",
    "não",
    "नहीं",
    "👎",
    "❌",
    "✖",
    "🚫",
];

/// Whether a text says yes or no. The word must begin or end the text; the earliest wins, the longer of two at one place.
/// `yes` and `no` are the agent's own words, beside the built-in ones.
pub fn yes_no(text: &str, yes: &[String], no: &[String]) -> Option<Answer> {
    answer(text, (yes, no), (YES, NO))
}

/// As [`yes_no`], for words that were said before the question: of the built-in words only those count that answer nothing else.
/// "Cancel my flight" and "not today" are no answers then.
pub fn said_before(text: &str, yes: &[String], no: &[String]) -> Option<Answer> {
    const PLAIN_YES: &[&str] = &["yes", "yeah", "yep", "yup", "👍"];
    const PLAIN_NO: &[&str] = &["no", "nope", "nah", "👎"];
    answer(text, (yes, no), (PLAIN_YES, PLAIN_NO))
}

fn answer(
    text: &str,
    (yes, no): (&[String], &[String]),
    (built_in_yes, built_in_no): (&[&str], &[&str]),
) -> Option<Answer> {
    let said: Vec<String> = words(text).into_iter().map(|w| w.text).collect();
    if said.is_empty() {
        return None;
    }
    let mut best: Option<(usize, usize, Answer)> = None;
    let own_yes = yes.iter().map(|w| (w.as_str(), Answer::Yes));
    let own_no = no.iter().map(|w| (w.as_str(), Answer::No));
    let built_in = built_in_yes
        .iter()
        .map(|w| (*w, Answer::Yes))
        .chain(built_in_no.iter().map(|w| (*w, Answer::No)));
    for (phrase, answer) in own_yes.chain(own_no).chain(built_in) {
        let phrase = phrase.trim_matches('"');
        let phrase = match emoji::is_name(phrase) {
            true => emoji::sign(phrase).unwrap_or_default(),
            false => phrase,
        };
        let wanted: Vec<String> = words(phrase).into_iter().map(|w| w.text).collect();
        let Some(at) = at_edge(&said, &wanted) else {
            continue;
        };
        let better = best
            .is_none_or(|(place, length, _)| at < place || (at == place && wanted.len() > length));
        if better {
            best = Some((at, wanted.len(), answer));
        }
    }
    best.map(|(_, _, answer)| answer)
}

/// The first place of a phrase that begins or ends the text.
fn at_edge(said: &[String], wanted: &[String]) -> Option<usize> {
    if wanted.is_empty() || wanted.len() > said.len() {
        return None;
    }
    if said.starts_with(wanted) {
        return Some(0);
    }
    said.ends_with(wanted).then(|| said.len() - wanted.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_begin_or_end_the_text() {
        let own_yes = ["jawohl".to_owned(), ":+1:".to_owned(), ":wave:".to_owned()];
        let own_no = ["keep it".to_owned(), ":-1:".to_owned()];
        let table = [
            ("yes", Some(Answer::Yes)),
            ("Yes, please!", Some(Answer::Yes)),
            ("well yes", Some(Answer::Yes)),
            ("I said yes to him", None),
            ("no", Some(Answer::No)),
            ("of course not", Some(Answer::No)),
            ("of course", Some(Answer::Yes)),
            ("no, that's right", Some(Answer::No)),
            ("not sure", Some(Answer::No)),
            ("👍", Some(Answer::Yes)),
            ("👎🏽", Some(Answer::No)),
            ("Jawohl", Some(Answer::Yes)),
            ("please keep it", Some(Answer::No)),
            ("", None),
            ("?", None),
            ("yesterday", None),
            ("1", None),
            ("👋", Some(Answer::Yes)),
            ("book a flight", None),
        ];
        for (text, expected) in table {
            assert_eq!(yes_no(text, &own_yes, &own_no), expected, "{text}");
        }
        for (text, expected) in [
            ("cancel my flight", None),
            ("not a number", None),
            ("right, that one", None),
            ("cancel my flight, yes", Some(Answer::Yes)),
            ("no, the other one", Some(Answer::No)),
            ("jawohl", Some(Answer::Yes)),
        ] {
            assert_eq!(said_before(text, &own_yes, &own_no), expected, "{text}");
        }
    }
}
