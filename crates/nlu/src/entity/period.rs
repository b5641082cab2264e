//! Periods of days: from one date to another, whole weeks, months and years, weekends, the days to come or gone by.

use super::date::{Dated, count, dates, now, shift, turned_unit};
use super::lang::{self, Words, has, phrase};
use super::{EntityContext, Found};
use crate::text::{Word, words};
use jiff::Span;
use jiff::civil::Date;
use serde_json::{Value, json};

/// All periods of a text, in text order. A single date is a period of one day when the text answers the prompt.
pub(super) fn periods(text: &str, context: &EntityContext) -> Vec<Found> {
    let lang = lang::of(&context.language);
    let today = now(context).date();
    let said = words(text);
    let days = dates(text, context);
    let mut out: Vec<Found> = Vec::new();
    for pair in days.windows(2) {
        let between = &text[pair[0].end..pair[1].start];
        let taken = out.last().is_some_and(|f| f.end > pair[0].start);
        if !taken && joins(between, lang) {
            out.extend(range(&pair[0], &pair[1]));
        }
    }
    let mut at = 0;
    while at < said.len() {
        match short_range(&said, at, today, lang).or_else(|| named(&said, at, today, lang)) {
            Some((from, to, next)) => {
                let found = Found {
                    value: value(from, to),
                    start: said[at].start,
                    end: said[next - 1].end,
                };
                if !out
                    .iter()
                    .any(|f| f.start < found.end && found.start < f.end)
                {
                    out.push(found);
                }
                at = next;
            }
            None => at += 1,
        }
    }
    if out.is_empty()
        && context.prompted
        && let [day] = days.as_slice()
        && let [date] = day.dates.as_slice()
    {
        out.push(Found {
            value: value(*date, *date),
            start: day.start,
            end: day.end,
        });
    }
    out.sort_by_key(|f| f.start);
    out
}

fn value(from: Date, to: Date) -> Value {
    json!({"from": from.to_string(), "to": to.to_string()})
}

/// Whether the text between two dates joins them to a period.
fn joins(between: &str, lang: &Words) -> bool {
    let trimmed = between.trim();
    let said = words(between);
    matches!(trimmed, "-" | "–" | "—" | "to")
        || (!said.is_empty() && phrase(lang.to, &said, 0).is_some() && said.len() <= 3)
}

/// Of the readings of both dates the first that runs forward.
fn range(first: &Dated, second: &Dated) -> Option<Found> {
    let pairs = first
        .dates
        .iter()
        .flat_map(|a| second.dates.iter().map(move |b| (*a, *b)));
    let later = |(a, b): (Date, Date)| match b >= a {
        true => Some((a, b)),
        // "from 20 December to 5 January": the second date is of the year after.
        false => Some((a, b.checked_add(Span::new().years(1)).ok()?)),
    };
    let (from, to) = pairs
        .clone()
        .find(|(a, b)| b >= a)
        .or_else(|| pairs.into_iter().next().and_then(later))?;
    Some(Found {
        value: value(from, to),
        start: first.start,
        end: second.end,
    })
}

/// `12 to 15 December`, `December 12 to 15`: the second date lends the first its month.
fn short_range(said: &[Word], at: usize, today: Date, lang: &Words) -> Option<(Date, Date, usize)> {
    let number = |place: usize| -> Option<i8> {
        let digits = said
            .get(place)?
            .text
            .trim_end_matches(|c: char| c.is_alphabetic());
        digits.parse().ok().filter(|d| (1..=31).contains(d))
    };
    let month = |place: usize| {
        said.get(place)
            .and_then(|w| lang::place(&lang.months, &w.text))
            .map(|m| m as i8 + 1)
    };
    let bridge = |place: usize| phrase(lang.to, said, place).unwrap_or(place);
    let (first, second, month, next) = if let Some(month) = month(at) {
        let second_at = bridge(at + 2);
        (number(at + 1)?, number(second_at)?, month, second_at + 1)
    } else {
        let first = number(at)?;
        let second_at = bridge(at + 1);
        let second = number(second_at)?;
        let skip = said
            .iter()
            .skip(second_at + 1)
            .take(2)
            .take_while(|w| has(lang.fill, &w.text))
            .count();
        let place = second_at + 1 + skip;
        (first, second, month(place)?, place + 1)
    };
    let year = said.get(next).filter(|w| w.text.len() == 4);
    let said_year = year.and_then(|w| w.text.parse::<i16>().ok());
    let of = |year: i16| {
        Some((
            Date::new(year, month, first).ok()?,
            Date::new(year, month, second).ok()?,
        ))
    };
    let (from, to) = match said_year {
        Some(year) => of(year)?,
        None => of(today.year())
            .filter(|(_, to)| *to >= today)
            .or_else(|| of(today.year() + 1))?,
    };
    (from <= to).then_some((from, to, next + usize::from(said_year.is_some())))
}

/// `this week`, `next month`, `last 3 days`, `the weekend`.
fn named(said: &[Word], at: usize, today: Date, lang: &Words) -> Option<(Date, Date, usize)> {
    for (list, step) in [(lang.next, 1), (lang.last, -1), (lang.this, 0)] {
        let Some(next) = phrase(list, said, at) else {
            continue;
        };
        if let Some(end) = phrase(lang.weekend, said, next) {
            return weekend(today, step).map(|(a, b)| (a, b, end));
        }
        if let Some((count, unit_at)) = count(said, next, lang).filter(|_| step != 0)
            && let Some(unit) = said
                .get(unit_at)
                .and_then(|w| lang::place(&lang.units, &w.text))
        {
            let other = shift(today, count.checked_mul(step)?, unit)?;
            return Some((today.min(other), today.max(other), unit_at + 1));
        }
    }
    if let Some(end) = phrase(lang.weekend, said, at) {
        return weekend(today, 0).map(|(a, b)| (a, b, end));
    }
    let (unit, step, next) = turned_unit(said, at, lang).filter(|(unit, ..)| *unit > 0)?;
    let inside = shift(today, step, unit)?;
    let (from, to) = match unit {
        1 => {
            let monday = inside.weekday().to_monday_zero_offset();
            let from = shift(inside, -i32::from(monday), 0)?;
            (from, shift(from, 6, 0)?)
        }
        2 => (inside.first_of_month(), inside.last_of_month()),
        _ => (inside.first_of_year(), inside.last_of_year()),
    };
    Some((from, to, next))
}

/// Saturday and Sunday of this week, or of the week before or after.
fn weekend(today: Date, step: i32) -> Option<(Date, Date)> {
    const SATURDAY: i32 = 5;
    let offset = SATURDAY - i32::from(today.weekday().to_monday_zero_offset());
    let saturday = shift(today, offset + 7 * step, 0)?;
    Some((saturday, shift(saturday, 1, 0)?))
}
