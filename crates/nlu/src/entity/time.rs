//! Times of the day.

use super::EntityContext;
use super::date::{count, now};
use super::lang::{self, Words, has, phrase};
use crate::text::{Word, words};
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
    Regex::new(r"(?i)\b(\d{1,2})(?:[:.h](\d{2}))?(?::(\d{2}))?\s*(a\.?m\b\.?|p\.?m\b\.?|o'?clock\b|uhr\b|h\b)?").expect("the pattern is fixed and tested")
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
    let lang = lang::of(&context.language);
    let said = words(text);
    let bare = context.prompted && said.len() <= 3;
    PAST.captures_iter(text).for_each(|c| push(past(&c)));
    named(&said, &now(context), lang)
        .into_iter()
        .for_each(|found| push(Some(found)));
    for at in 0..said.len() {
        // The minutes of "5:10" are no hour.
        let inside = text[..said[at].start].ends_with([':', '.']);
        if !inside {
            push(in_words(&said, at, lang, bare));
        }
    }
    CLOCK.captures_iter(text).for_each(|c| {
        push(clock(
            text,
            &c,
            bare || lead(&said, c.get_match().start(), lang),
        ));
    });
    for found in &mut out {
        part_of_day(found, &said, lang);
    }
    out.sort_by_key(|t| t.start);
    out
}

/// Whether a word such as "at" stands right before a byte.
fn lead(said: &[Word], start: usize, lang: &Words) -> bool {
    let place = said.partition_point(|w| w.end <= start);
    (1..=2).any(|back| {
        place
            .checked_sub(back)
            .is_some_and(|from| phrase(lang.at, said, from) == Some(place))
    })
}

/// Hours of a clock with twelve: both halves of the day; of one with twenty-four, as it is.
fn hours(hour: i32, lang: &Words) -> Vec<i8> {
    let Ok(hour) = i8::try_from(hour) else {
        return Vec::new();
    };
    match hour {
        1..=12 if !lang.comma => [hour % 12, hour % 12 + 12].to_vec(),
        0..=23 => vec![hour],
        24 => vec![0],
        _ => Vec::new(),
    }
}

/// `three o'clock`, `halb drei`, `ocho y media`, `5 बजे`: hours in words or digits with a word that makes them a time.
fn in_words(said: &[Word], at: usize, lang: &Words, bare: bool) -> Option<Timed> {
    let led = phrase(lang.at, said, at);
    let from = led.unwrap_or(at);
    let (lead, hour_at) = minutes_before(said, from, lang).unwrap_or((0, from));
    let (hour, mut next) = count(said, hour_at, lang)?;
    let mut sure = led.is_some() || lead != 0;
    if said[hour_at].text.starts_with(|c: char| c.is_ascii_digit()) && lead == 0 {
        // Digits with a mark are read elsewhere; here only what words say about them.
        sure = false;
    }
    if let Some(end) = phrase(lang.clock, said, next) {
        (next, sure) = (end, true);
    }
    let mut minutes = lead;
    if let Some((behind, end)) = minutes_behind(said, next, lang) {
        (minutes, next, sure) = (behind, end, true);
    }
    if !(sure || bare && from == 0 && next == said.len()) || said[hour_at].text.len() > 20 {
        return None;
    }
    let make = |hour: i8| {
        let time = Time::new(hour, 0, 0, 0).ok()?;
        Some(time.wrapping_add(Span::new().minutes(minutes)))
    };
    let times: Vec<Time> = hours(hour, lang).into_iter().filter_map(make).collect();
    (!times.is_empty()).then_some(Timed {
        times,
        start: said[from].start,
        end: said[next - 1].end,
    })
}

/// `half past`, `quarter to`, `halb`, `viertel nach` before an hour: the minutes, and the place of the hour.
fn minutes_before(said: &[Word], at: usize, lang: &Words) -> Option<(i64, usize)> {
    if let Some(next) = phrase(lang.half, said, at) {
        return match phrase(lang.past, said, next) {
            Some(end) => Some((30, end)),
            None => lang.half_before.then_some((-30, next)),
        };
    }
    let next = phrase(lang.quarter, said, at)?;
    phrase(lang.past, said, next)
        .map(|end| (15, end))
        .or_else(|| phrase(lang.before, said, next).map(|end| (-15, end)))
}

/// `y media`, `et quart`, `menos cuarto` behind an hour.
fn minutes_behind(said: &[Word], at: usize, lang: &Words) -> Option<(i64, usize)> {
    if !lang.comma || lang.half_before {
        return None;
    }
    for (list, sign) in [(lang.past, 1), (lang.before, -1)] {
        let Some(next) = phrase(list, said, at) else {
            continue;
        };
        if let Some(end) = phrase(lang.half, said, next) {
            return Some((30 * sign, end));
        }
        if let Some(end) = phrase(lang.quarter, said, next) {
            return Some((15 * sign, end));
        }
    }
    None
}

/// "in the afternoon" and the like settle which half of the day is meant; the nearest such words count.
fn part_of_day(found: &mut Timed, said: &[Word], lang: &Words) {
    let early = |t: &Time| (1..12).contains(&t.hour());
    if !found.times.iter().any(early) {
        return;
    }
    let place = said.partition_point(|w| w.end <= found.start);
    let distance = |at: usize| at.abs_diff(place);
    let near = |list: &str| {
        (0..said.len())
            .filter(|at| phrase(list, said, *at).is_some())
            .min_by_key(|at| distance(*at))
    };
    let late = match (near(lang.morning), near(lang.evening)) {
        (None, None) => return,
        (Some(a), Some(b)) => distance(b) < distance(a),
        (_, evening) => evening.is_some(),
    };
    if found.times.len() > 1 {
        found.times.retain(|t| (t.hour() >= 12) == late);
    } else if late && lang.day_first {
        found.times[0] = found.times[0].wrapping_add(Span::new().hours(12));
    }
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
    let apart = all.as_str().ends_with(char::is_whitespace);
    if tight(text[..all.start()].chars().next_back()) || (!apart && tight(behind)) {
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
            let full = mark.is_some_and(|m| m.to_lowercase().starts_with(['u', 'h']));
            if hour == 0 || hour > 12 || full {
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
        Err(_) => {
            count(&words(&hour_word), 0, lang::of("en")).and_then(|(n, _)| i8::try_from(n).ok())?
        }
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
fn named(said: &[Word], now: &ZonedDateTime, lang: &Words) -> Vec<Timed> {
    let mut out = Vec::new();
    let whole = |time: Time| time.with().subsec_nanosecond(0).build().unwrap_or(time);
    for at in 0..said.len() {
        let one = |time: Time, next: usize| Timed {
            times: vec![time],
            start: said[at].start,
            end: said[next - 1].end,
        };
        if let Some(next) = phrase(lang.noon, said, at) {
            out.push(one(Time::constant(12, 0, 0, 0), next));
        } else if let Some(next) = phrase(lang.midnight, said, at) {
            out.push(one(Time::midnight(), next));
        } else if let Some(next) = phrase(lang.now, said, at) {
            out.push(one(whole(now.time()), next));
        } else if let Some((time, next)) = from_now(said, at, now, lang) {
            out.push(one(whole(time), next));
        }
    }
    out
}

/// `in two hours`, `20 minutes from now`, `vor einer Stunde`.
fn from_now(said: &[Word], at: usize, now: &ZonedDateTime, lang: &Words) -> Option<(Time, usize)> {
    let (within, back) = (phrase(lang.within, said, at), phrase(lang.ago, said, at));
    let (number, next) = count(said, within.or(back).unwrap_or(at), lang)?;
    let unit = &said.get(next)?.text;
    let earlier = phrase(lang.earlier, said, next + 1);
    let later = phrase(lang.later, said, next + 1);
    within.or(back).or(earlier).or(later)?;
    let number = if back.or(earlier).is_some() {
        number.checked_neg()?
    } else {
        number
    };
    let span = if has(lang.hours, unit) {
        Span::new().try_hours(number)
    } else if has(lang.minutes, unit) {
        Span::new().try_minutes(number)
    } else {
        return None;
    };
    let then = now.checked_add(span.ok()?).ok()?;
    Some((then.time(), earlier.or(later).unwrap_or(next + 1)))
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
