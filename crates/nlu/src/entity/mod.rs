//! Finds the value of an entity in a text. Pure: the clock and zone come in with [`EntityContext`].

mod date;
mod gazetteer;
mod lang;
mod list;
mod money;
mod name;
mod named;
mod number;
mod period;
mod place;
mod quantity;
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
    /// `{"from", "to"}` in days (`dateperiod`).
    DatePeriod,
    /// `{"code", "amount"}` (`currency`, `currencyv2`).
    Currency,
    /// `{"unit", "amount", "type", "source"}` (`quantity`, `quantityv2`).
    Quantity,
    /// Name of a city (`city`).
    City,
    /// Codes and names of a country (`country`).
    Country,
    /// Codes, name and city of an airport (`airport`).
    Airport,
    /// `{"formatted_address", "lat", "lng"}` (`location`, `city_coordinates`).
    Location,
    /// A postal address (`address`).
    Address,
    /// An offset: `-06:00` (`timezone`).
    TimeZone,
    /// Name of a colour (`color`).
    Colour,
    /// Name of a company (`company_name`).
    Company,
    /// An object of the values of several entities (`composite`).
    Composite(Vec<Part>),
}

impl EntityKind {
    /// The kind of a type that needs nothing but its name, by the name of the definition format.
    pub fn system(name: &str) -> Option<Self> {
        Some(match name {
            "label" => Self::Label,
            "description" => Self::Description,
            "number" | "from_number" | "to_number" => Self::Number,
            "phone_number" => Self::PhoneNumber,
            "date" => Self::Date,
            "dateperiod" => Self::DatePeriod,
            "time" => Self::Time,
            "datetime" => Self::DateTime,
            "timezone" => Self::TimeZone,
            "email" => Self::Email,
            "url" => Self::Url,
            "zipcode" => Self::Zip,
            "percentage" => Self::Percentage,
            "person_name" => Self::PersonName,
            "company_name" => Self::Company,
            "color" => Self::Colour,
            "currency" | "currencyv2" => Self::Currency,
            "quantity" | "quantityv2" => Self::Quantity,
            "city" => Self::City,
            "country" => Self::Country,
            "airport" => Self::Airport,
            "location" | "city_coordinates" => Self::Location,
            "address" => Self::Address,
            _ => return None,
        })
    }
}

/// One entity of a composite.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name, the key in the object.
    pub name: String,
    /// How it is read.
    pub kind: EntityKind,
    /// It holds several values.
    pub many: bool,
}

/// What scripts may set for one entity (`context.entityRules.<name>`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntityRules {
    /// `defaultCode`: the currency of a bare number in an answer.
    pub default_code: Option<String>,
    /// `currencyCodes`: no other currency counts.
    pub currency_codes: Vec<String>,
    /// `maxDigits`: longer amounts do not count.
    pub max_digits: Option<usize>,
    /// The unit of a bare number in an answer.
    pub default_unit: Option<String>,
    /// `disablePatterns`: no lead such as "my name is" is looked for.
    pub disable_patterns: bool,
    /// `negativePatterns`: expressions that a name must not fit.
    pub negative_patterns: Vec<String>,
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
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// What scripts have set for the entity.
    pub rules: EntityRules,
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
    let lang = lang::of(&context.language);
    let all = match kind {
        EntityKind::Label | EntityKind::Description => return Ok(whole(text, context)),
        EntityKind::List(items) => return Ok(list::extract(items, false, text, context)),
        EntityKind::Lookup(items) => return Ok(list::extract(items, true, text, context)),
        EntityKind::Date => return Ok(dates(text, context)),
        EntityKind::Time => return Ok(times(text, context)),
        EntityKind::DateTime => return Ok(date_time(text, context)),
        EntityKind::Airport => return Ok(place::airports(text, context)),
        EntityKind::Composite(parts) => return composite(parts, text, context),
        EntityKind::Number => number::numbers(text, lang),
        EntityKind::PhoneNumber => number::phones(text),
        EntityKind::Percentage => number::percentages(text, lang),
        EntityKind::Zip => number::zips(text),
        EntityKind::Email => matches(&EMAIL, text),
        EntityKind::Url => matches(&URL, text),
        EntityKind::Regex(source) => matches(&script_regex::compile(source)?, text),
        EntityKind::PersonName => name::person(text, context).into_iter().collect(),
        EntityKind::DatePeriod => period::periods(text, context),
        EntityKind::Currency => money::sums(text, context),
        EntityKind::Quantity => quantity::quantities(text, context),
        EntityKind::City => place::cities(text, context),
        EntityKind::Country => place::countries(text, context),
        EntityKind::Location => place::locations(text, context),
        EntityKind::Address => place::addresses(text, context),
        EntityKind::TimeZone => place::time_zones(text, context),
        EntityKind::Colour => named::colours(text),
        EntityKind::Company => named::companies(text, context),
    };
    Ok(gather(all, context))
}

/// Bytes of known cities (1) and countries (2), for taggers.
pub(crate) fn place_marks(text: &str) -> Vec<(usize, usize, u8)> {
    let said = crate::text::words(text);
    let known = &*gazetteer::GAZETTEER;
    let mut out = Vec::new();
    for at in 0..said.len() {
        let city = known.city_at(&said, at).map(|(_, next)| (next, 1));
        let country = known.country_at(&said, at).map(|(_, next)| (next, 2));
        for (next, mark) in [city, country].into_iter().flatten() {
            out.push((said[at].start, said[next - 1].end, mark));
        }
    }
    out
}

/// An object of the parts that are said; nothing when none is. Each part reads what the parts before it have left.
fn composite(
    parts: &[Part],
    text: &str,
    context: &EntityContext,
) -> Result<Extraction, EntityError> {
    let mut rest = text.to_owned();
    let mut values = serde_json::Map::new();
    let (mut start, mut end) = (usize::MAX, 0);
    for part in parts {
        let inner = EntityContext {
            many: part.many,
            // Only a part alone may take any text.
            prompted: context.prompted && parts.len() == 1,
            options_shown: false,
            ..context.clone()
        };
        let found = match extract(&part.kind, &rest, &inner)? {
            Extraction::One(one) => vec![one],
            Extraction::Many(many) => many,
            Extraction::None | Extraction::Ambiguous { .. } => continue,
        };
        for one in &found {
            (start, end) = (start.min(one.start), end.max(one.end));
            rest.replace_range(one.start..one.end, &" ".repeat(one.end - one.start));
        }
        let mut all: Vec<Value> = found.into_iter().map(|f| f.value).collect();
        let value = match part.many {
            true => Value::Array(all),
            false => all.swap_remove(0),
        };
        values.insert(part.name.clone(), value);
    }
    if values.is_empty() {
        return Ok(Extraction::None);
    }
    let value = Value::Object(values);
    Ok(gather(vec![Found { value, start, end }], context))
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
