//! Numbers, percentages, phone numbers and postal codes.

use super::Found;
use super::lang::{Words, has};
use crate::text::{Word, words};
use regex::Regex;
use serde_json::{Number, Value};
use std::sync::LazyLock;

/// Longest number in digits.
const LONGEST: usize = 18;

fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the pattern is fixed and tested")
}

/// Digits with a point before the fraction.
static POINT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)(?:\.\d+)?")
});
/// Digits with a comma before the fraction.
static COMMA: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[-+]?(?:\d{1,3}(?:[.\u{a0}\u{202f}]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)")
});
static PHONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\+?\(?\d[\d\s().\-]*\d|\d{3}"));
static PERCENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*(?:%|percent\b|per cent\b|prozent\b|por ?ciento\b|pour ?cent\b|por cento\b|प्रतिशत|फ़?ीसदी)",
    )
});
static ZIP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}|[a-z]\d[a-z]\s?\d[a-z]\d|\d{5}-\d{4}|\d{4}\s?[a-z]{2}|\d{4,6})\b",
    )
});

/// A number with its place in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Amount {
    pub value: f64,
    pub start: usize,
    pub end: usize,
}

impl Amount {
    /// The value as JSON: whole numbers without a fraction.
    pub fn json(self) -> Option<Value> {
        if self.value.fract() == 0.0 && self.value.abs() < 1e18 {
            return Some(Value::from(self.value as i64));
        }
        Number::from_f64(self.value).map(Value::Number)
    }
}

/// All numbers of a text: digits first, else number words.
pub(super) fn numbers(text: &str, lang: &Words) -> Vec<Found> {
    read(text, lang, false)
}

/// `loose`: a unit may cling to the digits, as in `5kg`.
fn read(text: &str, lang: &Words, loose: bool) -> Vec<Found> {
    let mut out: Vec<Found> = digit_runs(text, lang)
        .filter_map(|m| digits(text, m.start(), m.end(), lang, loose))
        .collect();
    for (value, start, end) in spoken(&words(text), lang) {
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

/// All numbers as amounts, for kinds that put a unit beside them.
pub(super) fn amounts(text: &str, lang: &Words) -> Vec<Amount> {
    read(text, lang, true)
        .into_iter()
        .filter_map(|f| {
            Some(Amount {
                value: f.value.as_f64()?,
                start: f.start,
                end: f.end,
            })
        })
        .collect()
}

fn digit_runs<'t>(text: &'t str, lang: &Words) -> regex::Matches<'static, 't> {
    if lang.comma { &COMMA } else { &POINT }.find_iter(text)
}

/// Digits of any script as ASCII digits; other characters as they are.
pub(super) fn plain_digit(c: char) -> char {
    const ZEROS: &[u32] = &[0x0966, 0x0660, 0x06F0, 0x09E6, 0xFF10];
    let place = |zero: &u32| (c as u32).checked_sub(*zero).filter(|d| *d < 10);
    ZEROS
        .iter()
        .find_map(place)
        .and_then(|d| char::from_digit(d, 10))
        .unwrap_or(c)
}

/// Words, without digits in front of those that begin with them: the unit of `5kg`.
pub(super) fn units(text: &str) -> Vec<Word> {
    let mut all = words(text);
    for word in &mut all {
        let tail = word.text.trim_start_matches(|c: char| c.is_ascii_digit());
        let cut = word.text.len() - tail.len();
        if cut > 0 && !tail.is_empty() {
            word.start += cut;
            word.text = tail.to_owned();
        }
    }
    all
}

fn digits(text: &str, start: usize, end: usize, lang: &Words, loose: bool) -> Option<Found> {
    let attached = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let signed = text[start..end].starts_with(['-', '+']);
    let before = text[..start].chars().next_back();
    // A dash after a letter or digit joins, it is no sign; letters before or behind make a code, no number.
    let (start, before) = if signed && attached(before) {
        (start + 1, None)
    } else {
        (start, before)
    };
    let (factor, end_of_scale) = scale_behind(text, end, lang);
    if attached(before) || (!loose && attached(text[end_of_scale..].chars().next())) {
        return None;
    }
    let source: String = text[start..end].chars().map(plain_digit).collect();
    let plain = plain(&source, lang.comma);
    if plain.chars().filter(char::is_ascii_digit).count() > LONGEST {
        return None;
    }
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
    Some(Found {
        value,
        start,
        end: end_of_scale,
    })
}

/// Digits without marks for thousands, a point before the fraction.
fn plain(source: &str, comma: bool) -> String {
    let kept = |c: &char| c.is_ascii_digit() || *c == '-' || *c == '.';
    if !comma {
        return source.chars().filter(kept).collect();
    }
    let thousands = source.split(['.', '\u{a0}', '\u{202f}']).count() > 1
        && source
            .split([',', '.', '\u{a0}', '\u{202f}'])
            .skip(1)
            .take(source.matches(['.', '\u{a0}', '\u{202f}']).count())
            .all(|group| group.len() == 3);
    source
        .chars()
        .filter(|c| !(thousands && *c == '.'))
        .map(|c| if c == ',' { '.' } else { c })
        .filter(kept)
        .collect()
}

/// `k`, `thousand`, `lakh` behind digits: what they count, and the byte behind them.
fn scale_behind(text: &str, end: usize, lang: &Words) -> (i64, usize) {
    const LONGEST_SCALE: usize = 24;
    let rest = &text[end..];
    let rest = rest
        .char_indices()
        .nth(LONGEST_SCALE)
        .map_or(rest, |(to, _)| &rest[..to]);
    let gap = rest.len() - rest.trim_start_matches([' ', '\u{a0}']).len();
    let Some(word) = words(rest).into_iter().next().filter(|w| w.start == gap) else {
        return (1, end);
    };
    let factor = match word.text.as_str() {
        "k" if gap <= 1 => Some(1000),
        other if has(lang.hundred, other) => Some(100),
        other => scale(other, lang),
    };
    factor.map_or((1, end), |factor| (factor, end + word.end))
}

/// Numbers said in words: `two hundred and five`.
pub(super) fn spoken(all: &[Word], lang: &Words) -> Vec<(i64, usize, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < all.len() {
        match run(all, at, lang) {
            Some((value, next)) => {
                out.push((value, all[at].start, all[next - 1].end));
                at = next;
            }
            None => at += 1,
        }
    }
    out
}

fn small(word: &str, lang: &Words) -> Option<i64> {
    let listed = lang.small.iter().find(|(w, _)| *w == word);
    listed
        .map(|(_, value)| *value)
        .or_else(|| lang.joined.then(|| joined(word, lang)).flatten())
}

/// A number written as one word: `zweihundertfünfundzwanzig`.
fn joined(word: &str, lang: &Words) -> Option<i64> {
    let small = |part: &str| {
        let listed = lang.small.iter().find(|(w, _)| *w == part);
        listed.map(|(_, value)| *value)
    };
    for (mark, factor) in [("tausend", 1000), (lang.hundred, 100)] {
        if let Some((head, tail)) = word.split_once(mark) {
            let head = if head.is_empty() {
                1
            } else {
                joined(head, lang)?
            };
            let tail = tail.strip_prefix(lang.and).unwrap_or(tail);
            let tail = if tail.is_empty() {
                0
            } else {
                joined(tail, lang)?
            };
            return (tail < factor).then(|| head.checked_mul(factor)?.checked_add(tail))?;
        }
    }
    if let Some(value) = small(word) {
        return Some(value);
    }
    let (unit, ten) = word.split_once(lang.and)?;
    let (unit, ten) = (small(unit)?, small(ten)?);
    ((1..10).contains(&unit) && ten >= 20).then_some(unit + ten)
}

fn scale(word: &str, lang: &Words) -> Option<i64> {
    let listed = lang.scales.iter().find(|(w, _)| *w == word);
    listed.map(|(_, value)| *value)
}

/// Whether a word adds to what was said before: "twenty five" adds; "five six" is two numbers.
fn adds(part: i64, last: i64, value: i64, french: bool) -> bool {
    let teens =
        french && (matches!(last, 60 | 80) && value < 20 || last == 10 && (7..10).contains(&value));
    part == 0
        || (last >= 100 && value < 100)
        || (last >= 1000 && value < 1000)
        || ((20..100).contains(&last) && last % 10 == 0 && (1..10).contains(&value))
        || teens
}

fn run(all: &[Word], from: usize, lang: &Words) -> Option<(i64, usize)> {
    let french = has(lang.hundred, "cent");
    let (mut total, mut part, mut at, mut last) = (0i64, 0i64, from, 0i64);
    let mut any = false;
    while at < all.len() {
        let word = all[at].text.as_str();
        if let Some(value) = small(word, lang) {
            if french && value == 20 && last == 4 {
                (part, last) = (part - 4 + 80, 80);
            } else if !any || adds(part, last, value, french) {
                part += value;
                last = value;
            } else {
                break;
            }
            any = true;
        } else if has(lang.hundred, word) && part < 100 && (any || from == at) {
            part = part.max(1) * 100;
            last = 100;
            any = true;
        } else if let Some(factor) = scale(word, lang).filter(|f| any || (*f == 1000 && lang.comma))
        {
            total = total.checked_add(part.max(1).checked_mul(factor)?)?;
            part = 0;
            last = factor;
            any = true;
        } else if has(lang.and, word) && any && last >= lang.and_from {
            let next = all.get(at + 1).and_then(|w| small(&w.text, lang));
            if !next.is_some_and(|value| adds(part, last, value, french)) {
                break;
            }
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
pub(super) fn percentages(text: &str, lang: &Words) -> Vec<Found> {
    let share = |number: Amount| {
        let mark = PERCENT.find(&text[number.end..])?;
        // Rounded so that 7 % is 0.07, not 0.07000000000000001.
        let share = (number.value / 100.0 * 1e12).round() / 1e12;
        Some(Found {
            value: Value::Number(Number::from_f64(share)?),
            start: number.start,
            end: number.end + mark.end(),
        })
    };
    amounts(text, lang).into_iter().filter_map(share).collect()
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
