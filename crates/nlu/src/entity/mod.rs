//! Finds the value of an entity in a text. Pure: the clock and zone come in with [`EntityContext`].

mod date;
mod list;
mod name;
mod number;
mod script_regex;
mod time;

use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// What kind of value is looked for.
#[derive(Debug, Clone, PartialEq)]
pub enum EntityKind {
    /// A string: any text (`label`).
    Label,
    /// Several sentences: any text (`description`).
    Description,
    /// One of a list of values, static or from the context (`list_of_values`).
    List(Vec<ListItem>),
    /// One of a lookup list, also with small spelling mistakes (`list_of_items_lookup`).
    Lookup(Vec<ListItem>),
    /// A number, digits or words (`number`).
    Number,
    /// 3 to 12 digits (`phone_number`).
    PhoneNumber,
    /// `YYYY-MM-DD` (`date`).
    Date,
    /// `T06:00:00+05:30` (`time`).
    Time,
    /// `2026-01-31T18:00:00+05:30` (`date_time`).
    DateTime,
    /// An address of mail (`email`).
    Email,
    /// An address of the web (`url`).
    Url,
    /// A postal code; leading zeros are kept (`zipcode`).
    Zip,
    /// A share of one: `20 %` is 0.2 (`percentage`).
    Percentage,
    /// First match of a JavaScript regular expression (`regex`).
    Regex(String),
    /// Name of a person (`person_name`).
    PersonName,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListItem {
    /// What is shown.
    pub title: String,
    /// What is stored.
    pub value: Value,
    /// Other words for it. One may hold several separated by commas; in double quotes = exact only; in angle brackets = the whole input.
    pub synonyms: Vec<String>,
}

/// Where and when the text was said.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityContext {
    /// Now, milliseconds since 1970 UTC.
    pub now_ms: i64,
    /// IANA zone (`Asia/Kolkata`) or offset (`+05:30`); anything else counts as UTC.
    pub timezone: String,
    /// Language code.
    pub language: String,
    /// The text answers this entity's own prompt: label and description take it whole, a bare word may be a name.
    pub prompted: bool,
    /// The options were shown: `2`, `b` or `the second` pick one of the list.
    pub options_shown: bool,
    /// Several values make an array (`isArray`).
    pub many: bool,
}

/// A value and the byte range it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The value in the shape of its type.
    pub value: Value,
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// One meaning of an ambiguous text.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What to show.
    pub title: String,
    /// The value if chosen.
    pub value: Value,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Extraction {
    /// Nothing that fits.
    #[default]
    None,
    /// One value.
    One(Found),
    /// Several values, in text order; only with [`EntityContext::many`].
    Many(Vec<Found>),
    /// The text has several meanings.
    Ambiguous {
        /// The meanings, in a steady order.
        options: Vec<Choice>,
        /// First byte of the text.
        start: usize,
        /// The byte after the last.
        end: usize,
    },
}

/// Why an extraction cannot be tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntityError {
    /// The regular expression uses something that a linear-time engine cannot do, or is wrong.
    #[error("the regular expression cannot be used: {0}")]
    Regex(String),
}

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9][A-Za-z0-9._%+'-]*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}").expect("the pattern is fixed and tested")
});
static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:https?://|www\.)[^\s<>"]*[^\s<>".,;:!?)]|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|in|de|fr|uk|edu|gov|co)\b(?:/[^\s<>"]*[^\s<>".,;:!?)])?"#)
        .expect("the pattern is fixed and tested")
});

/// Finds the value of an entity in a text.
///
/// # Errors
/// Only for [`EntityKind::Regex`]: an expression that is wrong or cannot run in linear time.
pub fn extract(
    kind: &EntityKind,
    text: &str,
    context: &EntityContext,
) -> Result<Extraction, EntityError> {
    Ok(match kind {
        EntityKind::Label | EntityKind::Description => whole(text, context),
        EntityKind::List(items) => list::extract(items, false, text, context),
        EntityKind::Lookup(items) => list::extract(items, true, text, context),
        EntityKind::Number => gather(number::numbers(text), context),
        EntityKind::PhoneNumber => gather(number::phones(text), context),
        EntityKind::Percentage => gather(number::percentages(text), context),
        EntityKind::Zip => gather(number::zips(text), context),
        EntityKind::Email => gather(matches(&EMAIL, text), context),
        EntityKind::Url => gather(matches(&URL, text), context),
        EntityKind::Regex(source) => {
            gather(matches(&script_regex::compile(source)?, text), context)
        }
        EntityKind::PersonName => name::person(text, context)
            .map_or(Extraction::None, |found| gather(vec![found], context)),
        EntityKind::Date => dates(text, context),
        EntityKind::Time => times(text, context),
        EntityKind::DateTime => date_time(text, context),
    })
}

/// Any text is the value of a string, when it answers the prompt.
fn whole(text: &str, context: &EntityContext) -> Extraction {
    let trimmed = text.trim();
    if trimmed.is_empty() || !context.prompted {
        return Extraction::None;
    }
    let start = text.len() - text.trim_start().len();
    gather(
        vec![Found {
            value: Value::String(trimmed.to_owned()),
            start,
            end: start + trimmed.len(),
        }],
        context,
    )
}

fn matches(regex: &Regex, text: &str) -> Vec<Found> {
    let found = |m: regex::Match| Found {
        value: Value::String(m.as_str().to_owned()),
        start: m.start(),
        end: m.end(),
    };
    regex
        .find_iter(text)
        .filter(|m| !m.is_empty())
        .map(found)
        .collect()
}

/// The first, or all where several are wanted.
fn gather(all: Vec<Found>, context: &EntityContext) -> Extraction {
    if context.many && !all.is_empty() {
        return Extraction::Many(all);
    }
    all.into_iter()
        .next()
        .map_or(Extraction::None, Extraction::One)
}

fn dates(text: &str, context: &EntityContext) -> Extraction {
    let all = date::dates(text, context);
    let Some(unclear) = all
        .iter()
        .find(|d| d.dates.len() > 1)
        .filter(|d| context.many || all.first() == Some(d))
    else {
        let one = |d: &date::Dated| {
            d.dates.first().map(|day| Found {
                value: date::value(*day),
                start: d.start,
                end: d.end,
            })
        };
        return gather(all.iter().filter_map(one).collect(), context);
    };
    Extraction::Ambiguous {
        options: date::choices(&unclear.dates),
        start: unclear.start,
        end: unclear.end,
    }
}

fn times(text: &str, context: &EntityContext) -> Extraction {
    let now = date::now(context);
    let all = time::times(text, context);
    let value = |t: jiff::civil::Time| Value::String(time::text(t, &now));
    let Some(unclear) = all
        .iter()
        .find(|t| t.times.len() > 1)
        .filter(|t| context.many || all.first() == Some(t))
    else {
        let one = |t: &time::Timed| {
            t.times.first().map(|at| Found {
                value: value(*at),
                start: t.start,
                end: t.end,
            })
        };
        return gather(all.iter().filter_map(one).collect(), context);
    };
    let choice = |t: &jiff::civil::Time| Choice {
        title: t.strftime("%-I:%M %p").to_string(),
        value: value(*t),
    };
    Extraction::Ambiguous {
        options: unclear.times.iter().map(choice).collect(),
        start: unclear.start,
        end: unclear.end,
    }
}

/// Needs a time; without a date it is the next such time.
fn date_time(text: &str, context: &EntityContext) -> Extraction {
    let now = date::now(context);
    let days = date::dates(text, context);
    let outside = |t: &time::Timed| !days.iter().any(|d| t.start < d.end && d.start < t.end);
    let Some(time) = time::times(text, context).into_iter().find(outside) else {
        return Extraction::None;
    };
    let (start, end) = days.first().map_or((time.start, time.end), |d| {
        (d.start.min(time.start), d.end.max(time.end))
    });
    let mut options = Vec::new();
    for clock in &time.times {
        let today = now.date();
        let next = if *clock > now.time() {
            Some(today)
        } else {
            today.tomorrow().ok()
        };
        let of = days
            .first()
            .map_or_else(|| next.into_iter().collect(), |d| d.dates.clone());
        for day in of {
            if let Ok(at) = day
                .to_datetime(*clock)
                .to_zoned_datetime(now.time_zone().clone())
            {
                let value = format!("{day}T{}{}", clock.strftime("%H:%M:%S"), time::offset(&at));
                options.push(Choice {
                    title: at.strftime("%-d %B %Y, %-I:%M %p").to_string(),
                    value: Value::String(value),
                });
            }
        }
    }
    match options.len() {
        0 => Extraction::None,
        1 => gather(
            vec![Found {
                value: options.remove(0).value,
                start,
                end,
            }],
            context,
        ),
        _ => Extraction::Ambiguous {
            options,
            start,
            end,
        },
    }
}

#[cfg(test)]
mod tests;
