//! The time window of a query: under 7 days, read from `dateFrom` and `dateTo` (analytics-model.md).

use types::{Error, Result};

/// One day, in milliseconds.
pub const DAY: i64 = 86_400_000;
/// Longest window; dates that a caller gives must be closer together than this.
const WEEK: i64 = 7 * DAY;

/// A window, milliseconds UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// At or after.
    pub from: i64,
    /// Before.
    pub to: i64,
}

/// Reads the window. A missing end is 7 days from the other one; with neither, the 7 days that end now. A bare `dateTo` takes
/// its whole day along (ours; the documentation does not say).
///
/// # Errors
/// Bad input that names `dateFrom` or `dateTo`.
pub fn read(from: Option<&str>, to: Option<&str>, now: i64) -> Result<Window> {
    let from = from.map(|text| date("dateFrom", text)).transpose()?;
    let to = to.map(|text| date("dateTo", text)).transpose()?;
    if let (Some(from), Some(to)) = (from, to) {
        if to.at < from.at {
            return Err(Error::field("dateTo", "must not lie before dateFrom"));
        }
        if to.at - from.at >= WEEK {
            return Err(Error::field(
                "dateTo",
                "must be less than 7 days after dateFrom",
            ));
        }
    }
    let end = |date: Date| date.at + if date.bare { DAY } else { 1 };
    Ok(match (from, to) {
        (Some(from), Some(to)) => Window {
            from: from.at,
            to: end(to),
        },
        (Some(from), None) => Window {
            from: from.at,
            to: from.at + WEEK,
        },
        (None, Some(to)) => Window {
            from: to.at - WEEK,
            to: end(to),
        },
        (None, None) => Window {
            from: now - WEEK,
            to: now + 1,
        },
    })
}

/// First and last day of a query, as a time from and a time before; a bare last day is taken along.
///
/// # Errors
/// Bad input that names `startDate` or `endDate`.
pub fn days(start: Option<&str>, end: Option<&str>) -> Result<(Option<i64>, Option<i64>)> {
    let start = start.map(|text| date("startDate", text)).transpose()?;
    let end = end.map(|text| date("endDate", text)).transpose()?;
    let before = end.map(|date| date.at + if date.bare { DAY } else { 1 });
    Ok((start.map(|date| date.at), before))
}

#[derive(Clone, Copy)]
struct Date {
    at: i64,
    bare: bool,
}

/// Whether a text is a day or a moment as the filters take it.
pub fn is_date(text: &str) -> bool {
    parse(text.trim()).is_some()
}

fn date(field: &str, text: &str) -> Result<Date> {
    parse(text.trim()).ok_or_else(|| {
        Error::field(
            field,
            "must be a date as yyyy-mm-dd or yyyy-mm-ddThh:mm:ss.msZ",
        )
    })
}

fn parse(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(10)?;
    let mut parts = day.split('-');
    let year = number(parts.next()?, 4)?;
    let month = number(parts.next()?, 2)?;
    let dom = number(parts.next()?, 2)?;
    if parts.next().is_some()
        || !(1..=12).contains(&month)
        || !(1..=days_in(year, month)).contains(&dom)
    {
        return None;
    }
    let midnight = days_since_1970(year, month, dom) * DAY;
    if rest.is_empty() {
        return Some(Date {
            at: midnight,
            bare: true,
        });
    }
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let clock = clock.strip_suffix(['Z', 'z']).unwrap_or(clock);
    Some(Date {
        at: midnight + time_of_day(clock)?,
        bare: false,
    })
}

/// `hh:mm[:ss[.fraction]]` in milliseconds.
fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let hour = number(parts.next()?, 2)?;
    let minute = number(parts.next()?, 2)?;
    let (second, millis) = match parts.next() {
        None => (0, 0),
        Some(part) => match part.split_once('.') {
            None => (number(part, 2)?, 0),
            Some((second, fraction)) => (number(second, 2)?, milliseconds(fraction)?),
        },
    };
    let fits = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    fits.then_some(((hour * 60 + minute) * 60 + second) * 1000 + millis)
}

fn milliseconds(fraction: &str) -> Option<i64> {
    let fits = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| format!("{fraction:0<3}")[..3].parse().ok())
        .flatten()
}

fn number(text: &str, width: usize) -> Option<i64> {
    let fits = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar; the year is counted from March, so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2026-02-03T00:00:00Z
    const FEB_3: i64 = 1_770_076_800_000;

    #[test]
    fn dates_are_read_in_utc() {
        let at = |text: &str| parse(text).map(|d| d.at);
        assert_eq!(at("1970-01-01"), Some(0));
        assert_eq!(at("2026-02-03"), Some(FEB_3));
        assert_eq!(at("2024-02-29T00:00:00Z"), Some(1_709_164_800_000));
        assert_eq!(at("2026-02-03T09:15:00.5Z"), Some(FEB_3 + 33_300_500));
        assert_eq!(at("2026-02-03 09:15:00.000Z"), Some(FEB_3 + 33_300_000));
    }

    #[test]
    fn what_is_no_date_names_its_field() {
        for text in [
            "",
            "2026-2-3",
            "2026-02-30",
            "2025-02-29",
            "2026-13-01",
            "03/02/2026",
            "2026-02-03T25:00:00Z",
            "2026-02-03Tx",
            "２026-02-03",
        ] {
            let error = read(Some(text), None, FEB_3).expect_err(text);
            assert_eq!(error.fields[0].field, "dateFrom", "{text}");
        }
        let error = read(None, Some("soon"), FEB_3).expect_err("no date");
        assert_eq!(error.fields[0].field, "dateTo");
    }

    #[test]
    fn a_window_is_under_seven_days() {
        assert!(read(Some("2026-02-03"), Some("2026-02-09"), 0).is_ok());
        assert!(read(Some("2026-02-03"), Some("2026-02-09T23:59:59.999Z"), 0).is_ok());
        for to in ["2026-02-10", "2026-02-10T00:00:00Z", "2027-01-01"] {
            let error = read(Some("2026-02-03"), Some(to), 0).expect_err(to);
            assert_eq!(error.fields[0].field, "dateTo", "{to}");
        }
        assert!(read(Some("2026-02-03"), Some("2026-02-02"), 0).is_err());
    }

    #[test]
    fn a_missing_end_is_seven_days_away() {
        let from = read(Some("2026-02-03"), None, 0).expect("window");
        assert_eq!((from.from, from.to), (FEB_3, FEB_3 + 7 * DAY));
        let to = read(None, Some("2026-02-03"), 0).expect("window");
        assert_eq!((to.from, to.to), (FEB_3 - 7 * DAY, FEB_3 + DAY));
        let both = read(None, None, FEB_3).expect("window");
        assert_eq!((both.from, both.to), (FEB_3 - 7 * DAY, FEB_3 + 1));
    }
}
