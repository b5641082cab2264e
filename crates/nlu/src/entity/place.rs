//! Places: cities, countries, airports, locations, addresses and time zones.

use super::date::now;
use super::gazetteer::{Airport, GAZETTEER};
use super::name::{answer, foreign};
use super::{Choice, EntityContext, Extraction, Found};
use crate::text::{Word, words};
use jiff::tz::TimeZone;
use regex::Regex;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Names that are everyday words too: outside an answer they count with a capital or behind a word such as "to".
const DOUBTFUL: &[&str] = &[
    "nice", "essen", "male", "rio", "surat", "bergen", "palma", "salvador", "bari", "goa", "san",
    "us", "chad", "jersey", "turkey", "america", "oz", "states", "guinea", "mali", "niger", "bali",
];
/// Words before a place.
const LEADS: &[&str] = &[
    "in", "to", "from", "at", "near", "of", "via", "for", "nach", "aus", "von", "à", "de", "en",
    "a", "para", "em",
];

fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("the pattern is fixed and tested")
}

static US_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b\d{1,6}\s+(?:[nsew]\.?\s+)?[\p{L}0-9.'-]+(?:\s+[\p{L}0-9.'-]+){0,3}?\s+(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl|square|sq|terrace|parkway|pkwy|highway|hwy|circle|cir)\b\.?(?:,?\s*(?:apt|apartment|suite|ste|unit|floor|#)\.?\s*\w+)?(?:,\s*[\p{L} .'-]+)?(?:,?\s+[A-Z]{2}\b)?(?:,?\s+\d{5}(?:-\d{4})?\b)?",
    )
});
static DE_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:\p{Lu}[\p{L}.-]*\s){0,2}?\p{L}*(?:[sS]tra(?:ß|ss)e|[sS]tr\.|[wW]eg|[pP]latz|[aA]llee|[gG]asse|[rR]ing|[dD]amm|[uU]fer|[mM]arkt)\s+\d+\s?[a-z]?\b(?:,?\s*\d{5}\s+\p{Lu}[\p{L}-]+(?:\s\p{Lu}[\p{L}-]+)?)?",
    )
});
static COORDINATES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(-?\d{1,2}\.\d+)\s*,\s*(-?\d{1,3}\.\d+)"));
static OFFSET: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?:\b(?:utc|gmt)\s*)?([+-−])\s?(\d{1,2})(?::?([0-5]\d))?\b"));
static ZONE_NAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[A-Z][A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?\b"));

/// Whether a name may count at a place: it is no everyday word, or its writing or what leads to it says that it is a name.
fn counts(text: &str, said: &[Word], at: usize, next: usize, context: &EntityContext) -> bool {
    let word = &said[at];
    let capital = text[word.start..].starts_with(char::is_uppercase);
    let shout = text[word.start..word.end].chars().all(char::is_uppercase);
    if word.text == "us" && next == at + 1 {
        return shout;
    }
    if next > at + 1 || !DOUBTFUL.contains(&word.text.as_str()) {
        return true;
    }
    let lead = |word: &str| LEADS.contains(&word) && !foreign(word, context);
    let led = at.checked_sub(1).is_some_and(|p| lead(&said[p].text));
    (capital && at > 0) || led || (context.prompted && said.len() <= 3)
}

fn scan(
    text: &str,
    context: &EntityContext,
    at: impl Fn(&[Word], usize) -> Option<(usize, usize)>,
) -> Vec<(usize, usize, usize)> {
    let said = words(text);
    let mut out = Vec::new();
    let mut place = 0;
    while place < said.len() {
        match at(&said, place).filter(|(_, next)| counts(text, &said, place, *next, context)) {
            Some((found, next)) => {
                out.push((found, said[place].start, said[next - 1].end));
                place = next;
            }
            None => place += 1,
        }
    }
    out
}

/// Cities by name. An answer to the prompt may name one that the list does not have.
pub(super) fn cities(text: &str, context: &EntityContext) -> Vec<Found> {
    let known = scan(text, context, |said, at| GAZETTEER.city_at(said, at));
    let mut out: Vec<Found> = known
        .into_iter()
        .map(|(city, start, end)| Found {
            value: json!(GAZETTEER.cities[city].name),
            start,
            end,
        })
        .collect();
    if out.is_empty()
        && let Some((start, end)) = answer(text, LEADS, 4, context)
    {
        let said = &text[start..end];
        let name = GAZETTEER
            .nearly(true, said)
            .map_or(said, |city| GAZETTEER.cities[city].name);
        out.push(Found {
            value: json!(name),
            start,
            end,
        });
    }
    out
}

/// Countries by English or own name and usual other names.
pub(super) fn countries(text: &str, context: &EntityContext) -> Vec<Found> {
    let value = |place: usize| {
        let country = &GAZETTEER.countries[place];
        json!({
            "alpha2": country.alpha2, "alpha3": country.alpha3, "localName": country.local,
            "shortName": country.name, "numericalCode": country.number,
        })
    };
    let known = scan(text, context, |said, at| {
        GAZETTEER
            .country_at(said, at)
            .or_else(|| country_code(text, said, at, context))
    });
    let mut out: Vec<Found> = known
        .into_iter()
        .map(|(country, start, end)| Found {
            value: value(country),
            start,
            end,
        })
        .collect();
    if out.is_empty()
        && let Some((start, end)) = answer(text, LEADS, 5, context)
        && let Some(country) = GAZETTEER.nearly(false, &text[start..end])
    {
        out.push(Found {
            value: value(country),
            start,
            end,
        });
    }
    out
}

/// A code of two or three capitals; in an answer of one word also small letters.
fn country_code(
    text: &str,
    said: &[Word],
    at: usize,
    context: &EntityContext,
) -> Option<(usize, usize)> {
    let written = &text[said[at].start..said[at].end];
    let shout = written.chars().all(|c| c.is_ascii_uppercase());
    if !(context.prompted && (shout || said.len() == 1)) {
        return None;
    }
    let upper = written.to_ascii_uppercase();
    let same = |c: &super::gazetteer::Country| c.alpha2 == upper || c.alpha3 == upper;
    Some((GAZETTEER.countries.iter().position(same)?, at + 1))
}

/// Airports by code, name or city; a city with several is ambiguous.
pub(super) fn airports(text: &str, context: &EntityContext) -> Extraction {
    let said = words(text);
    let mut all: Vec<(Vec<usize>, usize, usize)> = Vec::new();
    let mut at = 0;
    while at < said.len() {
        let code = |next: usize| {
            let written = &text[said[at].start..said[at].end];
            next > at + 1
                || !matches!(written.len(), 3 | 4)
                || written.chars().all(|c| c.is_ascii_uppercase())
                || (context.prompted && said.len() == 1)
        };
        let airport = GAZETTEER
            .airport_at(&said, at)
            .filter(|(_, next)| code(*next));
        let city = GAZETTEER.city_at(&said, at).filter(|(city, next)| {
            !GAZETTEER.cities[*city].airports.is_empty() && counts(text, &said, at, *next, context)
        });
        let (found, next) = match (airport, city) {
            (Some((airport, a)), Some((_, c))) if a >= c => (vec![airport], a),
            (_, Some((city, next))) => (GAZETTEER.cities[city].airports.clone(), next),
            (Some((airport, next)), None) => (vec![airport], next),
            (None, None) => {
                at += 1;
                continue;
            }
        };
        // "London Heathrow": the airport after its city settles which one is meant.
        let follows = all.last().is_some_and(|(cities, _, end)| {
            found.len() == 1
                && cities.contains(&found[0])
                && text[*end..said[at].start].trim().len() <= 1
        });
        match all.last_mut().filter(|_| follows) {
            Some(last) => *last = (found, last.1, said[next - 1].end),
            None => all.push((found, said[at].start, said[next - 1].end)),
        }
        at = next;
    }
    settle(all, context)
}

fn settle(all: Vec<(Vec<usize>, usize, usize)>, context: &EntityContext) -> Extraction {
    let unclear = all.iter().position(|(found, ..)| found.len() > 1);
    if let Some(at) = unclear.filter(|at| *at == 0 || context.many) {
        let (found, start, end) = &all[at];
        let option = |place: &usize| {
            let airport = &GAZETTEER.airports[*place];
            Choice {
                title: format!("{} ({})", title(airport), airport.iata),
                value: airport_value(airport),
            }
        };
        return Extraction::Ambiguous {
            options: found.iter().map(option).collect(),
            start: *start,
            end: *end,
        };
    }
    let one = |(found, start, end): (Vec<usize>, usize, usize)| Found {
        value: airport_value(&GAZETTEER.airports[found[0]]),
        start,
        end,
    };
    super::gather(all.into_iter().map(one).collect(), context)
}

fn title(airport: &Airport) -> String {
    let city = GAZETTEER.cities[airport.city].name;
    match airport.name.contains(city) {
        true => format!("{} Airport", airport.name),
        false => format!("{city} {} Airport", airport.name),
    }
}

fn airport_value(airport: &Airport) -> Value {
    json!({
        "IATA": airport.iata, "AirportName": title(airport),
        "City": GAZETTEER.cities[airport.city].name, "ICAO": airport.icao,
    })
}

/// Addresses in the American and the German form. An answer with a number and a few words is taken whole.
pub(super) fn addresses(text: &str, context: &EntityContext) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    for found in US_ADDRESS.find_iter(text).chain(DE_ADDRESS.find_iter(text)) {
        if !out
            .iter()
            .any(|f| f.start < found.end() && found.start() < f.end)
        {
            out.push(Found {
                value: json!(found.as_str().trim()),
                start: found.start(),
                end: found.end(),
            });
        }
    }
    let said = words(text);
    let number = said.iter().any(|w| w.text.chars().any(|c| c.is_numeric()));
    let names = said
        .iter()
        .filter(|w| w.text.chars().any(char::is_alphabetic))
        .count();
    if out.is_empty()
        && context.prompted
        && ((number && names >= 1) || (names >= 3 && text.contains(',')))
    {
        let trimmed = text.trim();
        let start = text.len() - text.trim_start().len();
        out.push(Found {
            value: json!(trimmed),
            start,
            end: start + trimmed.len(),
        });
    }
    out.sort_by_key(|f| f.start);
    out
}

/// Places with coordinates: those given in figures, an address in a city of the list, else a city of the list.
pub(super) fn locations(text: &str, context: &EntityContext) -> Vec<Found> {
    let figures = COORDINATES.captures_iter(text).filter_map(|c| {
        let number = |group: usize| c.get(group)?.as_str().parse::<f64>().ok();
        let (lat, lng) = (number(1)?, number(2)?);
        let all = c.get_match();
        (lat.abs() <= 90.0 && lng.abs() <= 180.0).then(|| Found {
            value: location(all.as_str(), lat, lng),
            start: all.start(),
            end: all.end(),
        })
    });
    let given: Vec<Found> = figures.collect();
    if !given.is_empty() {
        return given;
    }
    let known = scan(text, context, |said, at| GAZETTEER.city_at(said, at));
    let outside = EntityContext {
        prompted: false,
        ..context.clone()
    };
    let addresses = addresses(text, &outside);
    known
        .into_iter()
        .map(|(place, start, end)| {
            let city = &GAZETTEER.cities[place];
            let country = GAZETTEER.countries[city.country].name;
            let address = addresses.iter().find(|a| a.start <= start && end <= a.end);
            let (name, start, end) = match address {
                Some(a) => (
                    a.value.as_str().unwrap_or_default().to_owned(),
                    a.start,
                    a.end,
                ),
                None => (city.name.to_owned(), start, end),
            };
            let full = format!("{name}, {country}");
            Found {
                value: location(&full, city.latitude, city.longitude),
                start,
                end,
            }
        })
        .collect()
}

fn location(name: &str, lat: f64, lng: f64) -> Value {
    json!({"formatted_address": name, "lat": lat, "lng": lng})
}

/// Short names of zones with their offsets.
const ZONES: &[(&str, &str)] = &[
    ("utc", "+00:00"),
    ("gmt", "+00:00"),
    ("zulu", "+00:00"),
    ("est", "-05:00"),
    ("edt", "-04:00"),
    ("cst", "-06:00"),
    ("cdt", "-05:00"),
    ("mst", "-07:00"),
    ("mdt", "-06:00"),
    ("pst", "-08:00"),
    ("pdt", "-07:00"),
    ("akst", "-09:00"),
    ("hst", "-10:00"),
    ("bst", "+01:00"),
    ("wet", "+00:00"),
    ("cet", "+01:00"),
    ("mez", "+01:00"),
    ("cest", "+02:00"),
    ("mesz", "+02:00"),
    ("eet", "+02:00"),
    ("eest", "+03:00"),
    ("msk", "+03:00"),
    ("gst", "+04:00"),
    ("pkt", "+05:00"),
    ("ist", "+05:30"),
    ("npt", "+05:45"),
    ("ict", "+07:00"),
    ("sgt", "+08:00"),
    ("hkt", "+08:00"),
    ("awst", "+08:00"),
    ("jst", "+09:00"),
    ("kst", "+09:00"),
    ("acst", "+09:30"),
    ("aest", "+10:00"),
    ("aedt", "+11:00"),
    ("nzst", "+12:00"),
    ("nzdt", "+13:00"),
    ("brt", "-03:00"),
    ("art", "-03:00"),
    ("sast", "+02:00"),
    ("eat", "+03:00"),
    ("wat", "+01:00"),
];
const REGIONS: &[(&str, &str)] = &[
    ("eastern", "America/New_York"),
    ("central", "America/Chicago"),
    ("mountain", "America/Denver"),
    ("pacific", "America/Los_Angeles"),
    ("india", "Asia/Kolkata"),
    ("indian", "Asia/Kolkata"),
];

/// Time zones as offsets: `+05:30`.
pub(super) fn time_zones(text: &str, context: &EntityContext) -> Vec<Found> {
    let here = now(context);
    let of_zone = |name: &str| {
        let zone = TimeZone::get(name).ok()?;
        Some(super::time::offset(
            &here.timestamp().to_zoned_datetime(zone),
        ))
    };
    let mut out: Vec<Found> = Vec::new();
    let mut push = |value: Option<String>, start: usize, end: usize| {
        if let Some(value) = value
            && !out.iter().any(|f| f.start < end && start < f.end)
        {
            out.push(Found {
                value: Value::String(value),
                start,
                end,
            });
        }
    };
    for found in ZONE_NAME.find_iter(text) {
        push(of_zone(found.as_str()), found.start(), found.end());
    }
    for c in OFFSET.captures_iter(text) {
        let number = |group: usize| {
            c.get(group)
                .map_or(Some(0), |m| m.as_str().parse::<u32>().ok())
        };
        let sign = if c.get(1).is_some_and(|m| m.as_str() == "+") {
            '+'
        } else {
            '-'
        };
        let value = number(2).zip(number(3)).filter(|(hours, _)| *hours <= 14);
        let value = value.map(|(hours, minutes)| format!("{sign}{hours:02}:{minutes:02}"));
        push(value, c.get_match().start(), c.get_match().end());
    }
    let said = words(text);
    for word in &said {
        let short = ZONES.iter().find(|(name, _)| *name == word.text);
        let region = || REGIONS.iter().find(|(name, _)| *name == word.text);
        let value = match short {
            Some((_, offset)) => Some((*offset).to_owned()),
            None => region().and_then(|(_, zone)| of_zone(zone)),
        };
        push(value, word.start, word.end);
    }
    for (place, start, end) in scan(text, context, |said, at| GAZETTEER.city_at(said, at)) {
        push(
            zone_of(GAZETTEER.cities[place].name).and_then(|zone| of_zone(&zone)),
            start,
            end,
        );
    }
    out.sort_by_key(|f| f.start);
    out
}

/// The zone that is named after a city.
fn zone_of(city: &str) -> Option<String> {
    let wanted = city.replace(' ', "_");
    let all = jiff::tz::db();
    all.available()
        .map(|name| name.to_string())
        .find(|name| name.rsplit('/').next().is_some_and(|last| last == wanted))
}
