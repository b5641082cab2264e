//! Words for numbers, dates and times, by language. A list of words is one text with `|` between; a word may be a phrase.

mod de;
mod en;
mod es;
mod fr;
mod hi;
mod pt;

use crate::text::Word;

/// What one language calls things.
#[derive(Debug)]
pub(super) struct Words {
    /// January first.
    pub months: [&'static str; 12],
    /// Monday first.
    pub weekdays: [&'static str; 7],
    /// Phrases for a day by its distance from today; longer phrases first.
    pub days: &'static [(&'static str, i32)],
    /// Day, week, month, year.
    pub units: [&'static str; 4],
    pub hours: &'static str,
    pub minutes: &'static str,
    /// Before or behind a unit or weekday.
    pub next: &'static str,
    pub last: &'static str,
    pub this: &'static str,
    /// Saturday and Sunday.
    pub weekend: &'static str,
    /// Before a count: from now on.
    pub within: &'static str,
    /// Before a count: back from now.
    pub ago: &'static str,
    /// Behind a count and its unit.
    pub later: &'static str,
    pub earlier: &'static str,
    /// Words inside dates that say nothing.
    pub fill: &'static str,
    /// Before the second end of a period.
    pub to: &'static str,
    /// Articles that count one.
    pub one: &'static str,
    /// Words below one hundred, and hundreds in one word.
    pub small: &'static [(&'static str, i64)],
    /// Words for a place in an order, used for days of a month.
    pub ordinals: &'static [(&'static str, i64)],
    pub hundred: &'static str,
    pub scales: &'static [(&'static str, i64)],
    /// Between the parts of a number, where the part before is at least `and_from`.
    pub and: &'static str,
    pub and_from: i64,
    /// Whole numbers below a million are one word, put together from parts.
    pub joined: bool,
    /// A comma begins the fraction.
    pub comma: bool,
    /// In `6/9` the day comes first; else both readings count.
    pub day_first: bool,
    pub now: &'static str,
    pub noon: &'static str,
    pub midnight: &'static str,
    /// Behind an hour.
    pub clock: &'static str,
    /// Before an hour.
    pub at: &'static str,
    pub morning: &'static str,
    pub evening: &'static str,
    /// Between an hour and minutes after it, and before or behind it for those before.
    pub half: &'static str,
    pub quarter: &'static str,
    pub past: &'static str,
    pub before: &'static str,
    /// `halb drei` is half past two.
    pub half_before: bool,
}

/// The words of a language; those of English where there is no list.
pub(super) fn of(language: &str) -> &'static Words {
    match language.get(..2).unwrap_or(language) {
        "de" => &de::WORDS,
        "es" => &es::WORDS,
        "fr" => &fr::WORDS,
        "hi" => &hi::WORDS,
        "pt" => &pt::WORDS,
        _ => &en::WORDS,
    }
}

/// Whether a list holds a word.
pub(super) fn has(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split('|').any(|w| w == word)
}

/// The place behind a phrase of the list that stands at `at`; the longest counts.
pub(super) fn phrase(list: &str, said: &[Word], at: usize) -> Option<usize> {
    let fits = |phrase: &str| {
        let mut next = at;
        for word in phrase.split(' ') {
            if said.get(next)?.text != word {
                return None;
            }
            next += 1;
        }
        Some(next)
    };
    list.split('|')
        .filter(|p| !p.is_empty())
        .filter_map(fits)
        .max()
}

/// The place of the first list that holds a word.
pub(super) fn place(lists: &[&str], word: &str) -> Option<usize> {
    lists.iter().position(|list| has(list, word))
}
