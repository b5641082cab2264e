//! Names of persons.

use super::gazetteer::GAZETTEER;
use super::{EntityContext, Found, lang};
use crate::text::{Word, words};
use serde_json::Value;

/// What stands before a name.
const LEADS: &[&str] = &[
    "my name is",
    "my full name is",
    "named",
    "my name's",
    "name is",
    "i am",
    "i'm",
    "im",
    "this is",
    "call me",
    "it is",
    "it's",
    "its",
    "the name is",
    "ich heiße",
    "mein name ist",
    "me llamo",
    "mi nombre es",
    "je m'appelle",
    "je suis",
    "meu nome é",
];
/// Words that no name is made of.
const NEVER: &[&str] = &[
    "i", "you", "he", "she", "it", "we", "they", "my", "your", "a", "an", "the", "is", "are",
    "was", "be", "to", "for", "in", "at", "on", "with", "what", "how", "why", "when", "where",
    "who", "which", "want", "need", "like", "please", "yes", "no", "not", "ok", "okay", "can",
    "could", "would", "book", "cancel", "help", "hello", "hi", "hey", "thanks", "thank", "don't",
    "do", "know", "name", "here", "looking", "trying", "going", "sure", "fine", "good", "sorry",
    "calling", "about", "this", "that", "from",
];
/// Longest name in words.
const LONGEST: usize = 5;

/// The name in a text: what follows a lead such as "my name is", or, in an answer to the prompt, all of a short text.
pub(super) fn person(text: &str, context: &EntityContext) -> Option<Found> {
    let said = words(text);
    let leads = LEADS.iter().filter(|_| !context.rules.disable_patterns);
    for lead in leads {
        let parts: Vec<&str> = lead.split(' ').collect();
        let at = (0..said.len()).find(|at| {
            parts
                .iter()
                .enumerate()
                .all(|(i, p)| said.get(at + i).is_some_and(|w| w.text == *p))
        });
        // "I am" and "it is" begin many sentences: outside an answer they are no lead to a name.
        let weak = !lead.contains("name")
            && !matches!(*lead, "call me" | "ich heiße" | "me llamo" | "je m'appelle");
        if let Some(at) = at.filter(|_| context.prompted || !weak)
            && let Some(found) = run(text, &said[at + parts.len()..], context)
        {
            return Some(found);
        }
    }
    if !context.prompted {
        return capitals(text, &said, context);
    }
    let found = run(text, &said, context)?;
    let whole = said.last().is_some_and(|w| w.end == found.end);
    (whole || is_apart(text[found.end..].trim_start())).then_some(found)
}

/// Whether what follows a name is plainly something else: after a comma, or an address or number of its own.
fn is_apart(rest: &str) -> bool {
    let (first, more) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    rest.starts_with([',', ';'])
        || first.contains('@')
        || first.starts_with(|c: char| c.is_ascii_digit() || c == '+')
        || (first == "and" && more.trim_start().starts_with("my "))
}

/// Outside an answer: two to four words with a capital side by side, not at the begin of a sentence, that are no place and no date.
fn capitals(text: &str, said: &[Word], context: &EntityContext) -> Option<Found> {
    // every noun has a capital there
    if context.language.starts_with("de") {
        return None;
    }
    let capital = |w: &Word| {
        let mut letters = text[w.start..w.end].chars();
        letters.next().is_some_and(char::is_uppercase) && letters.any(char::is_lowercase)
    };
    let lang = lang::of(&context.language);
    let dated = |w: &Word| {
        let mut lists = lang.months.iter().chain(&lang.weekdays);
        lists.any(|list| lang::has(list, &w.text))
    };
    let is_place = |at: usize| {
        GAZETTEER.city_at(said, at).is_some() || GAZETTEER.country_at(said, at).is_some()
    };
    let begins = |at: usize| {
        let before = at.checked_sub(1).map_or(0, |before| said[before].end);
        at == 0 || text[before..said[at].start].contains(['.', '!', '?', '\n'])
    };
    let mut at = 0;
    while at < said.len() {
        let count = said[at..].iter().take_while(|w| capital(w)).count();
        let names = (2..=4).contains(&count)
            && !begins(at)
            && !(at..at + count).any(|at| is_place(at) || dated(&said[at]));
        if names {
            let found = run(text, &said[at..at + count], context);
            let end = said[at + count - 1].end;
            return found.filter(|found| found.end == end);
        }
        at += count.max(1);
    }
    None
}

/// The words of a name at the begin of `said`: letters only, side by side.
fn run(text: &str, said: &[Word], context: &EntityContext) -> Option<Found> {
    let (start, end) = run_of(text, said)?;
    let value = text[start..end].to_owned();
    let negated = |pattern: &String| {
        regex::RegexBuilder::new(pattern)
            .case_insensitive(true)
            .size_limit(1 << 20)
            .build()
            .is_ok_and(|p| p.is_match(&value))
    };
    if context.rules.negative_patterns.iter().any(negated) {
        return None;
    }
    Some(Found {
        value: Value::String(value),
        start,
        end,
    })
}

fn run_of(text: &str, said: &[Word]) -> Option<(usize, usize)> {
    let fits = |w: &Word| {
        !NEVER.contains(&w.text.as_str())
            && w.text
                .chars()
                .all(|c| c.is_alphabetic() || c == '\'' || !c.is_ascii())
    };
    let mut count = said.iter().take(LONGEST).take_while(|w| fits(w)).count();
    let joined = |a: &Word, b: &Word| {
        text[a.end..b.start]
            .chars()
            .all(|c| matches!(c, ' ' | '.' | '-' | '\u{a0}'))
    };
    count = (1..count)
        .find(|i| !joined(&said[i - 1], &said[*i]))
        .unwrap_or(count);
    let is = |at: usize, word: &str| said.get(at).is_some_and(|w| w.text == word);
    if let Some(cut) = (1..count).find(|at| is(*at, "and") && is(at + 1, "my")) {
        count = cut;
    } else if is(count, "and") {
        return None;
    }
    let (first, last) = (said.first()?, said.get(count.checked_sub(1)?)?);
    let value = &text[first.start..last.end];
    value
        .chars()
        .any(char::is_alphabetic)
        .then_some((first.start, last.end))
}

/// In an answer to the prompt: the bytes of a short name, without a lead such as "in" or "it is in". `most` words at most.
pub(super) fn answer(
    text: &str,
    leads: &[&str],
    most: usize,
    context: &EntityContext,
) -> Option<(usize, usize)> {
    if !context.prompted {
        return None;
    }
    let said = words(text);
    let leads = |w: &Word| leads.contains(&w.text.as_str()) && !foreign(&w.text, context);
    let lead = said.iter().rposition(leads);
    let from = lead.map_or(0, |at| at + 1);
    let rest = &said[from..];
    if rest.is_empty() || rest.len() > most {
        return None;
    }
    let (start, end) = run_of(text, rest)?;
    let tail = said.last().is_none_or(|w| w.end == end) || {
        let polite = |w: &&Word| w.start >= end && matches!(w.text.as_str(), "please" | "thanks");
        said.iter().filter(|w| w.start >= end).count() == said.iter().filter(polite).count()
    };
    tail.then_some((start, end))
}

/// The short prepositions of other languages are English words too.
pub(super) fn foreign(word: &str, context: &EntityContext) -> bool {
    let english = context.language.is_empty() || context.language.starts_with("en");
    english && matches!(word, "a" | "de" | "en" | "no" | "na" | "em")
}
