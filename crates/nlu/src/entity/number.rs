//! Numbers, percentages, phone numbers and postal codes.

use super::Found;
use crate::text::{Word, words};
use regex::Regex;
use serde_json::{Number, Value};
use std::sync::LazyLock;

/// Longest number in digits.
const LONGEST: usize = 18;

fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the pattern is fixed and tested")
}

static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)(?:\.\d+)?(?i:\s?(?:k|lakhs?|crores?|million|thousand|hundred)\b)?",
    )
});
static PHONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\+?\(?\d[\d\s().\-]*\d|\d{3}"));
static PERCENT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([-+]?\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b|prozent\b)"));
static ZIP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}|[a-z]\d[a-z]\s?\d[a-z]\d|\d{5}-\d{4}|\d{4}\s?[a-z]{2}|\d{4,6})\b",
    )
});

/// All numbers of a text: digits first, else number words.
pub(super) fn numbers(text: &str) -> Vec<Found> {
    let mut out: Vec<Found> = DIGITS
        .find_iter(text)
        .filter_map(|m| digits(text, m.start(), m.end()))
        .collect();
    for (value, start, end) in spoken(&words(text)) {
        if !out.iter().any(|f| f.start < end && start < f.end) {
            out.push(Found {
                value: Value::from(value),
                start,
                end,
            });
        }
    }
    out.sort_by_key(|f| f.start);
    out
}

fn digits(text: &str, start: usize, end: usize) -> Option<Found> {
    let attached = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let signed = text[start..end].starts_with(['-', '+']);
    let before = text[..start].chars().next_back();
    // A dash after a letter or digit joins, it is no sign; letters before or behind make a code, no number.
    let (start, before) = if signed && attached(before) {
        (start + 1, None)
    } else {
        (start, before)
    };
    if attached(before) || attached(text[end..].chars().next()) {
        return None;
    }
    let source = text[start..end].to_lowercase();
    let unit = source
        .trim_start_matches(|c: char| !c.is_alphabetic())
        .to_owned();
    let plain: String = source
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
        .collect();
    if plain.chars().filter(char::is_ascii_digit).count() > LONGEST {
        return None;
    }
    let factor: i64 = match unit.as_str() {
        "k" | "thousand" => 1000,
        "hundred" => 100,
        "lakh" | "lakhs" => 100_000,
        "million" => 1_000_000,
        "crore" | "crores" => 10_000_000,
        _ => 1,
    };
    let value = match plain.parse::<i64>() {
        Ok(whole) => Value::from(whole.checked_mul(factor)?),
        Err(_) => {
            let value = plain.parse::<f64>().ok()? * factor as f64;
            if value.fract() == 0.0 && value.abs() < 1e15 {
                Value::from(value as i64)
            } else {
                Value::Number(Number::from_f64(value)?)
            }
        }
    };
    Some(Found { value, start, end })
}

/// Numbers said in English words: `two hundred and five`.
pub(super) fn spoken(all: &[Word]) -> Vec<(i64, usize, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < all.len() {
        match run(all, at) {
            Some((value, next)) => {
                out.push((value, all[at].start, all[next - 1].end));
                at = next;
            }
            None => at += 1,
        }
    }
    out
}

fn small(word: &str) -> Option<i64> {
    const UNITS: &[&str] = &[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: &[&str] = &[
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    let unit = UNITS.iter().position(|u| *u == word).map(|p| p as i64);
    unit.or_else(|| {
        TENS.iter()
            .position(|t| *t == word)
            .map(|p| (p as i64 + 2) * 10)
    })
}

fn scale(word: &str) -> Option<i64> {
    Some(match word {
        "thousand" => 1000,
        "lakh" | "lakhs" => 100_000,
        "million" => 1_000_000,
        "crore" | "crores" => 10_000_000,
        "billion" => 1_000_000_000,
        "dozen" => 12,
        _ => return None,
    })
}

fn run(all: &[Word], from: usize) -> Option<(i64, usize)> {
    let (mut total, mut part, mut at, mut last) = (0i64, 0i64, from, 0i64);
    let mut any = false;
    while at < all.len() {
        let word = all[at].text.as_str();
        if let Some(value) = small(word) {
            // "twenty five" adds; "five six" is two numbers.
            let joins =
                !any || part % 100 == 0 || ((20..100).contains(&last) && (1..10).contains(&value));
            if !joins {
                break;
            }
            part += value;
            last = value;
            any = true;
        } else if word == "hundred" && part < 100 && (any || from == at) {
            part = part.max(1) * 100;
            last = 100;
            any = true;
        } else if let Some(factor) = scale(word).filter(|_| any) {
            total = total.checked_add(part.max(1).checked_mul(factor)?)?;
            part = 0;
            last = factor;
        } else if word == "and"
            && any
            && last >= 100
            && all.get(at + 1).is_some_and(|w| small(&w.text).is_some())
        {
            at += 1;
            continue;
        } else {
            break;
        }
        at += 1;
    }
    any.then_some((total + part, at))
}

/// Phone numbers: 3 to 12 digits, a plus sign in front is kept.
pub(super) fn phones(text: &str) -> Vec<Found> {
    let fits = |m: regex::Match| {
        let count = m.as_str().chars().filter(char::is_ascii_digit).count();
        let edge = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if !(3..=12).contains(&count)
            || edge(text[..m.start()].chars().next_back())
            || edge(text[m.end()..].chars().next())
        {
            return None;
        }
        let value: String = m
            .as_str()
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect();
        Some(Found {
            value: Value::String(value),
            start: m.start(),
            end: m.end(),
        })
    };
    PHONE.find_iter(text).filter_map(fits).collect()
}

/// Percentages as a share of one.
pub(super) fn percentages(text: &str) -> Vec<Found> {
    PERCENT
        .captures_iter(text)
        .filter_map(|c| {
            let all = c.get(0)?;
            let share = c.get(1)?.as_str().parse::<f64>().ok()? / 100.0;
            // Rounded so that 7 % is 0.07, not 0.07000000000000001.
            let value = Value::Number(Number::from_f64((share * 1e12).round() / 1e12)?);
            Some(Found {
                value,
                start: all.start(),
                end: all.end(),
            })
        })
        .collect()
}

/// Postal codes as text.
pub(super) fn zips(text: &str) -> Vec<Found> {
    ZIP.find_iter(text)
        .map(|m| Found {
            value: Value::String(m.as_str().to_uppercase()),
            start: m.start(),
            end: m.end(),
        })
        .collect()
}
