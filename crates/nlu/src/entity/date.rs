//! Dates: ISO, day and month in numbers or words, weekdays and relative words.

use super::number::spoken;
use super::{Choice, EntityContext};
use crate::text::{Word, words};
use jiff::civil::{Date, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp, ZonedDateTime};
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// A date or two that a text may mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dated {
    pub dates: Vec<Date>,
    pub start: usize,
    pub end: usize,
}

fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the pattern is fixed and tested")
}

static ISO: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b"));
static NUMERIC: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(\d{1,2})([-/.])(\d{1,2})(?:[-/.](\d{4}|\d{2}))?\b"));

/// Now in the context's zone; UTC where the zone is unknown.
pub(super) fn now(context: &EntityContext) -> ZonedDateTime {
    let zone = context.timezone.trim();
    let zone = offset(zone)
        .map(TimeZone::fixed)
        .or_else(|| TimeZone::get(zone).ok())
        .unwrap_or(TimeZone::UTC);
    Timestamp::from_millisecond(context.now_ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned_datetime(zone)
}

fn offset(text: &str) -> Option<Offset> {
    let text = text
        .strip_prefix("UTC")
        .or_else(|| text.strip_prefix("GMT"))
        .unwrap_or(text);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.strip_prefix(['+', '-'])?;
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let seconds = hours
        .parse::<i32>()
        .ok()?
        .checked_mul(3600)?
        .checked_add(minutes.parse::<i32>().ok()?.checked_mul(60)?)?;
    Offset::from_seconds(sign * seconds).ok()
}

/// All dates of a text, in text order.
pub(super) fn dates(text: &str, context: &EntityContext) -> Vec<Dated> {
    let today = now(context).date();
    let mut out: Vec<Dated> = Vec::new();
    let mut push = |found: Option<Dated>| {
        if let Some(found) = found
            && !found.dates.is_empty()
            && !out
                .iter()
                .any(|o: &Dated| found.start < o.end && o.start < found.end)
        {
            out.push(found);
        }
    };
    for c in ISO.captures_iter(text) {
        let number = |group: usize| {
            c.get(group)
                .and_then(|m| m.as_str().parse::<i16>().ok())
                .unwrap_or(0)
        };
        let all = c.get_match();
        push(Some(Dated {
            dates: date(number(1), number(2), number(3)).into_iter().collect(),
            start: all.start(),
            end: all.end(),
        }));
    }
    for c in NUMERIC.captures_iter(text) {
        push(numeric(&c, today));
    }
    let said = words(text);
    let mut at = 0;
    while at < said.len() {
        let found = named_month(&said, at, today)
            .or_else(|| relative(&said, at, today))
            .or_else(|| weekday(&said, at, today));
        match found {
            Some((found, next)) => {
                push(Some(Dated {
                    dates: vec![found],
                    start: said[at].start,
                    end: said[next - 1].end,
                }));
                at = next;
            }
            None => at += 1,
        }
    }
    out.sort_by_key(|d| d.start);
    out
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The year a date without one means: this year, or the next when the day is over.
fn coming(month: i16, day: i16, today: Date) -> Option<Date> {
    let mut years = today.year()..=today.year() + 8;
    years.find_map(|year| date(year, month, day).filter(|d| *d >= today))
}

fn numeric(c: &regex::Captures, today: Date) -> Option<Dated> {
    let number = |group: usize| c.get(group).and_then(|m| m.as_str().parse::<i16>().ok());
    let (first, second) = (number(1)?, number(3)?);
    let separator = c.get(2)?.as_str();
    let year = number(4).map(|y| if y < 100 { 2000 + y } else { y });
    // "3.50" is a price; with dots a date has its year.
    if separator == "." && year.is_none() {
        return None;
    }
    let make = |month: i16, day: i16| match year {
        Some(year) => date(year, month, day),
        None => coming(month, day, today),
    };
    let mut dates: Vec<Date> = Vec::new();
    if separator != "." {
        dates.extend(make(first, second));
    }
    dates.extend(make(second, first).filter(|d| !dates.contains(d)));
    let all = c.get_match();
    Some(Dated {
        dates,
        start: all.start(),
        end: all.end(),
    })
}

fn month(word: &str) -> Option<i16> {
    const MONTHS: &[&str] = &[
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let full = MONTHS
        .iter()
        .position(|m| *m == word || (word.len() == 3 && m.starts_with(word)));
    full.or((word == "sept").then_some(8)).map(|p| p as i16 + 1)
}

fn day(word: &str) -> Option<i16> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = &word[digits.len()..];
    matches!(ending, "" | "st" | "nd" | "rd" | "th")
        .then(|| digits.parse().ok())
        .flatten()
        .filter(|d| (1..=31).contains(d))
}

/// `6 June 2026`, `6th of June`, `June 6th`.
fn named_month(said: &[Word], at: usize, today: Date) -> Option<(Date, usize)> {
    let word = |i: usize| said.get(i).map(|w| w.text.as_str());
    let (day, month, next) = if let Some(first) = word(at).and_then(day) {
        let skip = usize::from(word(at + 1) == Some("of"));
        (first, word(at + 1 + skip).and_then(month)?, at + 2 + skip)
    } else {
        let first = word(at).and_then(month)?;
        let skip = usize::from(word(at + 1) == Some("the"));
        (word(at + 1 + skip).and_then(day)?, first, at + 2 + skip)
    };
    let year = word(next)
        .filter(|y| y.len() == 4)
        .and_then(|y| y.parse::<i16>().ok());
    match year {
        Some(year) => Some((date(year, month, day)?, next + 1)),
        None => Some((coming(month, day, today)?, next)),
    }
}

/// `today`, `in three days`, `2 weeks ago`, `next month`.
fn relative(said: &[Word], at: usize, today: Date) -> Option<(Date, usize)> {
    const PHRASES: &[(&str, i32)] = &[
        ("the day after tomorrow", 2),
        ("day after tomorrow", 2),
        ("the day before yesterday", -2),
        ("day before yesterday", -2),
        ("today", 0),
        ("tonight", 0),
        ("tomorrow", 1),
        ("tmrw", 1),
        ("yesterday", -1),
        ("now", 0),
        ("heute", 0),
        ("morgen", 1),
        ("übermorgen", 2),
        ("gestern", -1),
        ("hoy", 0),
        ("mañana", 1),
        ("ayer", -1),
        ("aujourd'hui", 0),
        ("demain", 1),
        ("hier", -1),
        ("hoje", 0),
        ("amanhã", 1),
        ("ontem", -1),
        ("आज", 0),
    ];
    for (phrase, days) in PHRASES {
        let length = phrase.split(' ').count();
        let fits = phrase
            .split(' ')
            .enumerate()
            .all(|(i, w)| said.get(at + i).is_some_and(|s| s.text == w));
        if fits {
            return Some((shift(today, *days, "day")?, at + length));
        }
    }
    let word = |i: usize| said.get(i).map(|w| w.text.as_str());
    if let (Some(which @ ("next" | "last")), Some(unit @ ("week" | "month" | "year"))) =
        (word(at), word(at + 1))
    {
        return Some((
            shift(today, if which == "next" { 1 } else { -1 }, unit)?,
            at + 2,
        ));
    }
    let lead = usize::from(matches!(word(at), Some("in" | "after")));
    let (count, next) = count(said, at + lead)?;
    let unit = word(next)?.trim_end_matches('s');
    if !matches!(unit, "day" | "week" | "month" | "year") {
        return None;
    }
    let tail = (word(next + 1), word(next + 2));
    match tail {
        (Some("ago"), _) => Some((shift(today, count.checked_neg()?, unit)?, next + 2)),
        (Some("from"), Some("now" | "today")) => Some((shift(today, count, unit)?, next + 3)),
        (Some("later" | "hence"), _) => Some((shift(today, count, unit)?, next + 2)),
        _ if lead == 1 => Some((shift(today, count, unit)?, next + 1)),
        _ => None,
    }
}

/// A count in digits or words at a place, and the place behind it.
pub(super) fn count(said: &[Word], at: usize) -> Option<(i32, usize)> {
    let word = said.get(at)?;
    if matches!(word.text.as_str(), "a" | "an") {
        return Some((1, at + 1));
    }
    if let Ok(number) = word.text.parse::<i32>() {
        return Some((number, at + 1));
    }
    let (value, _, end) = spoken(&said[at..])
        .into_iter()
        .find(|(_, start, _)| *start == word.start)?;
    let next = said.iter().position(|w| w.end == end)? + 1;
    Some((i32::try_from(value).ok()?, next))
}

fn shift(today: Date, count: i32, unit: &str) -> Option<Date> {
    let span = Span::new();
    let span = match unit {
        "day" => span.try_days(count),
        "week" => span.try_weeks(count),
        "month" => span.try_months(count),
        _ => span.try_years(count),
    };
    today.checked_add(span.ok()?).ok()
}

/// `monday` and `this monday`: the next one after today; `next monday`: that of the coming week; `last monday`.
fn weekday(said: &[Word], at: usize, today: Date) -> Option<(Date, usize)> {
    let lead = match said.get(at)?.text.as_str() {
        word @ ("next" | "last" | "this" | "coming" | "on") => Some(word),
        _ => None,
    };
    let place = at + usize::from(lead.is_some());
    let target = match said.get(place)?.text.as_str() {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" | "tues" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" | "thurs" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" if lead.is_some() || said[place].text.len() > 3 => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    };
    let offset = i32::from(target.to_monday_zero_offset())
        - i32::from(today.weekday().to_monday_zero_offset());
    let days = match lead {
        Some("next") => offset + 7,
        Some("last") => offset - if offset >= 0 { 7 } else { 0 },
        _ => offset + if offset <= 0 { 7 } else { 0 },
    };
    Some((shift(today, days, "day")?, place + 1))
}

/// `YYYY-MM-DD` as a value.
pub(super) fn value(date: Date) -> Value {
    Value::String(date.to_string())
}

/// Dates of an ambiguous text as choices.
pub(super) fn choices(dates: &[Date]) -> Vec<Choice> {
    dates
        .iter()
        .map(|d| Choice {
            title: d.strftime("%-d %B %Y").to_string(),
            value: value(*d),
        })
        .collect()
}
