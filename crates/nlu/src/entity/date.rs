//! Dates: ISO, day and month in numbers or words, weekdays and relative words.

use super::lang::{self, Words, has, phrase};
use super::number::{plain_digit, spoken};
use super::{Choice, EntityContext};
use crate::text::{Word, words};
use jiff::civil::Date;
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
    let lang = lang::of(&context.language);
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
        push(numeric(&c, today, lang.day_first));
    }
    let said = words(text);
    let mut at = 0;
    while at < said.len() {
        let found = named_month(&said, at, today, lang)
            .or_else(|| relative(&said, at, today, lang))
            .or_else(|| weekday(&said, at, today, lang));
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

fn numeric(c: &regex::Captures, today: Date, day_first: bool) -> Option<Dated> {
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
    if separator == "." || day_first {
        dates.extend(make(second, first));
        if dates.is_empty() && separator != "." {
            dates.extend(make(first, second));
        }
    } else {
        dates.extend(make(first, second));
        dates.extend(make(second, first).filter(|d| !dates.contains(d)));
    }
    let all = c.get_match();
    Some(Dated {
        dates,
        start: all.start(),
        end: all.end(),
    })
}

fn month(word: &str, lang: &Words) -> Option<i16> {
    lang::place(&lang.months, word).map(|p| p as i16 + 1)
}

/// A day of a month: `6`, `6th`, `1er`, `sixth`, `twenty first`; and the place behind it.
fn day(said: &[Word], at: usize, lang: &Words) -> Option<(i16, usize)> {
    let word = said.get(at)?.text.as_str();
    let listed = |word: &str| {
        lang.ordinals
            .iter()
            .find(|(w, _)| *w == word)
            .map(|(_, d)| *d)
    };
    let found = if let Some(day) = listed(word) {
        (day, at + 1)
    } else if word.starts_with(|c: char| plain_digit(c).is_ascii_digit()) {
        let plain: String = word.chars().map(plain_digit).collect();
        let ending = plain.trim_start_matches(|c: char| c.is_ascii_digit());
        let known = matches!(
            ending,
            "" | "st" | "nd" | "rd" | "th" | "er" | "ste" | "º" | "ª"
        );
        let digits = &plain[..plain.len() - ending.len()];
        (known.then(|| digits.parse().ok()).flatten()?, at + 1)
    } else {
        let (value, next) = said_count(said, at, lang)?;
        // English says "twenty first of May"; "one may" is no day.
        match said.get(next).and_then(|w| listed(&w.text)) {
            Some(unit) if matches!(value, 20 | 30) && unit < 10 => (value + unit, next + 1),
            _ if lang.day_first => (value, next),
            _ => return None,
        }
    };
    let day = i16::try_from(found.0)
        .ok()
        .filter(|d| (1..=31).contains(d))?;
    Some((day, found.1))
}

fn skip_fill(said: &[Word], at: usize, lang: &Words) -> usize {
    let fills = |w: &&Word| has(lang.fill, &w.text);
    at + said.iter().skip(at).take(2).take_while(fills).count()
}

/// `6 June 2026`, `6th of June`, `June 6th`.
fn named_month(said: &[Word], at: usize, today: Date, lang: &Words) -> Option<(Date, usize)> {
    let word = |i: usize| said.get(i).map_or("", |w| w.text.as_str());
    let (day, month, next) = if let Some((first, next)) = day(said, at, lang) {
        let place = skip_fill(said, next, lang);
        (first, month(word(place), lang)?, place + 1)
    } else {
        let first = month(word(at), lang)?;
        let place = skip_fill(said, at + 1, lang);
        let (day, next) = day(said, place, lang)?;
        (day, first, next)
    };
    let year_at = skip_fill(said, next, lang);
    let year: String = word(year_at).chars().map(plain_digit).collect();
    match year.parse::<i16>().ok().filter(|_| year.len() == 4) {
        Some(year) => Some((date(year, month, day)?, year_at + 1)),
        None => Some((coming(month, day, today)?, next)),
    }
}

/// `today`, `in three days`, `2 weeks ago`, `next month`.
fn relative(said: &[Word], at: usize, today: Date, lang: &Words) -> Option<(Date, usize)> {
    let fits = lang
        .days
        .iter()
        .filter_map(|(words, days)| phrase(words, said, at).map(|next| (next, *days)));
    if let Some((next, days)) = fits.max_by_key(|(next, _)| *next) {
        return Some((shift(today, days, 0)?, next));
    }
    if let Some((unit, step, next)) = turned_unit(said, at, lang)
        .filter(|(unit, step, _)| *step != 0 && (*unit > 0 || !lang.day_first))
    {
        return Some((shift(today, step, unit)?, next));
    }
    let within = phrase(lang.within, said, at);
    let back = phrase(lang.ago, said, at);
    let (count, next) = count(said, within.or(back).unwrap_or(at), lang)?;
    let unit = lang::place(&lang.units, &said.get(next)?.text)?;
    let behind = next + 1;
    if back.is_some() {
        return Some((shift(today, count.checked_neg()?, unit)?, behind));
    }
    if let Some(end) = phrase(lang.earlier, said, behind) {
        return Some((shift(today, count.checked_neg()?, unit)?, end));
    }
    if let Some(end) = phrase(lang.later, said, behind) {
        return Some((shift(today, count, unit)?, end));
    }
    within
        .is_some()
        .then_some((shift(today, count, unit)?, behind))
}

/// `next week`, `mes pasado`: the unit, the step, and the place behind it.
pub(super) fn turned_unit(said: &[Word], at: usize, lang: &Words) -> Option<(usize, i32, usize)> {
    let unit = |place: usize| {
        said.get(place)
            .and_then(|w| lang::place(&lang.units, &w.text))
    };
    for (list, step) in [(lang.next, 1), (lang.last, -1), (lang.this, 0)] {
        if let Some(next) = phrase(list, said, at)
            && let Some(unit) = unit(next)
        {
            return Some((unit, step, next + 1));
        }
        if step != 0
            && let Some(unit) = unit(at)
            && let Some(next) = phrase(list, said, at + 1)
        {
            return Some((unit, step, next));
        }
    }
    None
}

/// A count in digits or words at a place, and the place behind it.
pub(super) fn count(said: &[Word], at: usize, lang: &Words) -> Option<(i32, usize)> {
    let word = said.get(at)?;
    if has(lang.one, &word.text) {
        return Some((1, at + 1));
    }
    let plain: String = word.text.chars().map(plain_digit).collect();
    if let Ok(number) = plain.parse::<i32>() {
        return Some((number, at + 1));
    }
    let (value, next) = said_count(said, at, lang)?;
    Some((i32::try_from(value).ok()?, next))
}

/// A count in words.
fn said_count(said: &[Word], at: usize, lang: &Words) -> Option<(i64, usize)> {
    const LONGEST: usize = 8;
    let word = said.get(at)?;
    let near = &said[at..(at + LONGEST).min(said.len())];
    let (value, start, end) = spoken(near, lang).into_iter().next()?;
    let next = said.iter().position(|w| w.end == end)? + 1;
    (start == word.start).then_some((value, next))
}

/// A day so many days, weeks, months or years away.
pub(super) fn shift(today: Date, count: i32, unit: usize) -> Option<Date> {
    let span = Span::new();
    let span = match unit {
        0 => span.try_days(count),
        1 => span.try_weeks(count),
        2 => span.try_months(count),
        _ => span.try_years(count),
    };
    today.checked_add(span.ok()?).ok()
}

/// `monday` and `this monday`: the next one after today; `next monday`: that of the coming week; `last monday`.
fn weekday(said: &[Word], at: usize, today: Date, lang: &Words) -> Option<(Date, usize)> {
    let lead = [(lang.next, 1), (lang.last, -1), (lang.this, 0)]
        .into_iter()
        .find_map(|(list, step)| phrase(list, said, at).map(|next| (step, next)));
    let place = lead.map_or(at, |(_, next)| next);
    let word = &said.get(place)?.text;
    let target = lang::place(&lang.weekdays, word)?;
    // Two letters are a weekday only where something leads to it.
    if word.chars().count() < 3 && lead.is_none() {
        return None;
    }
    let behind = [(lang.next, 1), (lang.last, -1)]
        .into_iter()
        .filter(|_| lead.is_none_or(|(step, _)| step == 0) && lang.comma)
        .find_map(|(list, step)| phrase(list, said, place + 1).map(|next| (step, next)));
    let offset = target as i32 - i32::from(today.weekday().to_monday_zero_offset());
    let (step, next) = match (behind, lead) {
        (Some(found), _) => found,
        (None, lead) => (lead.map_or(0, |(step, _)| step), place + 1),
    };
    let days = match step {
        1 if !lang.day_first => offset + 7,
        -1 => offset - if offset >= 0 { 7 } else { 0 },
        _ => offset + if offset <= 0 { 7 } else { 0 },
    };
    Some((shift(today, days, 0)?, next))
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
