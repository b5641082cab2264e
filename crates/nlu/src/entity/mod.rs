//! Finds the value of an entity in a text. Pure: the clock and zone come in with [`EntityContext`].

use serde_json::Value;

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
