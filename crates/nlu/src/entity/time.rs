//! Times of the day.

use super::EntityContext;
use super::date::{count, now};
use crate::text::words;
use jiff::civil::Time;
use jiff::{Span, ZonedDateTime};
use regex::Regex;
use std::sync::LazyLock;

/// A time or two that a text may mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Timed {
    pub times: Vec<Time>,
    pub start: usize,
    pub end: usize,
}

static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(\d{1,2})(?:[:.h](\d{2}))?(?::(\d{2}))?\s*(a\.?m\b\.?|p\.?m\b\.?|o'?clock\b|uhr\b)?").expect("the pattern is fixed and tested")
});
static PAST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(half past|quarter past|quarter to|half|(?:\d{1,2})\s*(?:minutes?)?\s*(?:past|to))\s+(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s*(a\.?m\b\.?|p\.?m\b\.?)?")
        .expect("the pattern is fixed and tested")
});

/// All times of a text, in text order. A bare hour counts only when the text answers the prompt.
pub(super) fn times(text: &str, context: &EntityContext) -> Vec<Timed> {
    let mut out: Vec<Timed> = Vec::new();
    let mut push = |found: Option<Timed>| {
        if let Some(found) = found
            && !out
                .iter()
                .any(|o: &Timed| found.start < o.end && o.start < found.end)
        {
            out.push(found);
        }
    };
    PAST.captures_iter(text).for_each(|c| push(past(&c)));
    let bare = context.prompted && words(text).len() <= 3;
    CLOCK
        .captures_iter(text)
        .for_each(|c| push(clock(text, &c, bare)));
    named(text, &now(context))
        .into_iter()
        .for_each(|found| push(Some(found)));
    out.sort_by_key(|t| t.start);
    out
}

fn half(mark: Option<&str>) -> Option<bool> {
    mark.and_then(|m| match m.chars().next() {
        Some('a' | 'A') => Some(false),
        Some('p' | 'P') => Some(true),
        _ => None,
    })
}

/// Hour of a 12-hour clock on the 24-hour clock.
fn full_hour(hour: i8, afternoon: bool) -> Option<i8> {
    (1..=12)
        .contains(&hour)
        .then_some(hour % 12 + if afternoon { 12 } else { 0 })
}

fn clock(text: &str, c: &regex::Captures, bare: bool) -> Option<Timed> {
    let number = |group: usize| {
        c.get(group)
            .map_or(Some(0), |m| m.as_str().parse::<i8>().ok())
    };
    let all = c.get_match();
    let (hour, minute, second) = (number(1)?, number(2)?, number(3)?);
    let mark = c.get(4).map(|m| m.as_str());
    let tight = |c: Option<char>| {
        c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | ':' | '+'))
    };
    let behind = text[all.end()..]
        .chars()
        .next()
        .filter(|c| *c != '.' || all.end() + 1 < text.len());
    if tight(text[..all.start()].chars().next_back()) || tight(behind) {
        return None;
    }
    let end = all.start() + all.as_str().trim_end().len();
    let make = |hour: i8| Time::new(hour, minute, second, 0).ok();
    let times: Vec<Time> = match half(mark) {
        Some(afternoon) => make(full_hour(hour, afternoon)?).into_iter().collect(),
        None if c.get(2).is_some() => {
            // A price or a date has a dot too: without a mark only a colon or an h makes a time.
            let dot = text[all.start()..]
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .starts_with('.');
            if dot && mark.is_none() {
                return None;
            }
            make(hour).into_iter().collect()
        }
        None if mark.is_some() || bare => {
            let both = [full_hour(hour, false), full_hour(hour, true)];
            if hour == 0 || hour > 12 {
                make(hour).into_iter().collect()
            } else {
                both.into_iter().flatten().filter_map(make).collect()
            }
        }
        None => return None,
    };
    (!times.is_empty()).then_some(Timed {
        times,
        start: all.start(),
        end,
    })
}

fn past(c: &regex::Captures) -> Option<Timed> {
    let all = c.get_match();
    let lead = c.get(1)?.as_str().to_lowercase();
    let hour_word = c.get(2)?.as_str().to_lowercase();
    let hour = match hour_word.parse::<i8>() {
        Ok(hour) => hour,
        Err(_) => count(&words(&hour_word), 0).and_then(|(n, _)| i8::try_from(n).ok())?,
    };
    let minutes = match lead.as_str() {
        "half past" | "half" => 30,
        "quarter past" => 15,
        "quarter to" => -15,
        other => {
            let number: i8 = other
                .chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
                .parse()
                .ok()
                .filter(|n| *n < 60)?;
            if other.ends_with("to") {
                -number
            } else {
                number
            }
        }
    };
    let make = |hour: i8| {
        Time::new(hour, 0, 0, 0)
            .ok()
            .map(|t| t.wrapping_add(Span::new().minutes(minutes)))
    };
    let times: Vec<Time> = match half(c.get(3).map(|m| m.as_str())) {
        Some(afternoon) => make(full_hour(hour, afternoon)?).into_iter().collect(),
        None if (1..=12).contains(&hour) => [false, true]
            .into_iter()
            .filter_map(|pm| make(full_hour(hour, pm)?))
            .collect(),
        None => make(hour).into_iter().collect(),
    };
    (!times.is_empty()).then(|| Timed {
        times,
        start: all.start(),
        end: all.start() + all.as_str().trim_end().len(),
    })
}

/// `noon`, `midnight`, `now`, `in two hours`.
fn named(text: &str, now: &ZonedDateTime) -> Vec<Timed> {
    let said = words(text);
    let mut out = Vec::new();
    for at in 0..said.len() {
        let one = |time: Time, next: usize| Timed {
            times: vec![time],
            start: said[at].start,
            end: said[next - 1].end,
        };
        match said[at].text.as_str() {
            "noon" | "midday" => out.push(one(Time::constant(12, 0, 0, 0), at + 1)),
            "midnight" => out.push(one(Time::midnight(), at + 1)),
            "now" => out.push(one(
                now.time()
                    .with()
                    .subsec_nanosecond(0)
                    .build()
                    .unwrap_or(now.time()),
                at + 1,
            )),
            "in" => {
                let Some((number, next)) = count(&said, at + 1) else {
                    continue;
                };
                let unit = said.get(next).map_or("", |w| w.text.trim_end_matches('s'));
                let span = match unit {
                    "hour" => Span::new().try_hours(number),
                    "minute" | "min" => Span::new().try_minutes(number),
                    _ => continue,
                };
                if let Ok(then) = span.and_then(|s| now.checked_add(s)) {
                    let time = then.time();
                    out.push(one(
                        time.with().subsec_nanosecond(0).build().unwrap_or(time),
                        next + 1,
                    ));
                }
            }
            _ => {}
        }
    }
    out
}

/// `T06:00:00+05:30`; the offset is that of the zone now.
pub(super) fn text(time: Time, now: &ZonedDateTime) -> String {
    format!("T{}{}", time.strftime("%H:%M:%S"), offset(now))
}

/// `+05:30`.
pub(super) fn offset(at: &ZonedDateTime) -> String {
    let seconds = at.offset().seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    format!(
        "{sign}{:02}:{:02}",
        seconds.abs() / 3600,
        seconds.abs() / 60 % 60
    )
}
