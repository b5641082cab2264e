//! Values of lists: titles, values and synonyms, exact or by part, ordinals and letters of a list that was shown.

use super::{Choice, EntityContext, Extraction, Found, ListItem};
use crate::text::{Word, words};
use serde_json::Value;

/// One way to say an item.
struct Form {
    words: Vec<String>,
    /// In double quotes: no part of it counts.
    exact: bool,
    /// In angle brackets: it must be the whole input.
    whole: bool,
}

/// A fit: item, first and last word (exclusive).
#[derive(Clone, Copy, PartialEq)]
struct Fit {
    item: usize,
    from: usize,
    to: usize,
}

pub(super) fn extract(
    items: &[ListItem],
    fuzzy: bool,
    text: &str,
    context: &EntityContext,
) -> Extraction {
    let said = words(text);
    if said.is_empty() || items.is_empty() {
        return Extraction::None;
    }
    let forms: Vec<Vec<Form>> = items.iter().map(forms_of).collect();
    let mut fits = full(&forms, &said);
    if fits.is_empty() && context.options_shown {
        fits.extend(picked(items.len(), &said));
    }
    // a part of an item fills nothing that was not asked for
    if fits.is_empty() && context.prompted {
        fits = partial(&forms, &said);
    }
    if fits.is_empty() && fuzzy {
        fits = misspelt(&forms, &said);
    }
    settle(items, fits, &said, context)
}

fn forms_of(item: &ListItem) -> Vec<Form> {
    let value = match &item.value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let mut out: Vec<Form> = Vec::new();
    let synonyms = item.synonyms.iter().flat_map(|s| split(s));
    for source in [item.title.clone(), value].into_iter().chain(synonyms) {
        let source = source.trim().replace("&lt;", "<").replace("&gt;", ">");
        let exact = source.len() > 1 && source.starts_with('"') && source.ends_with('"');
        let whole = source.len() > 1 && source.starts_with('<') && source.ends_with('>');
        let spoken: Vec<String> = words(&source.replace('_', " "))
            .into_iter()
            .map(|w| w.text)
            .collect();
        if !spoken.is_empty()
            && !out
                .iter()
                .any(|f| f.words == spoken && f.exact == exact && f.whole == whole)
        {
            out.push(Form {
                words: spoken,
                exact,
                whole,
            });
        }
    }
    out
}

/// Cuts at commas outside double quotes.
fn split(synonyms: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in synonyms.chars() {
        quoted ^= c == '"';
        if c == ',' && !quoted {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out
}

/// Whole forms said word by word; of overlapping fits the longest stay.
fn full(forms: &[Vec<Form>], said: &[Word]) -> Vec<Fit> {
    let mut fits = Vec::new();
    for (item, all) in forms.iter().enumerate() {
        for form in all {
            let length = form.words.len();
            for from in 0..(said.len() + 1).saturating_sub(length) {
                let whole = !form.whole || (from == 0 && length == said.len());
                let same = || {
                    form.words
                        .iter()
                        .zip(&said[from..])
                        .all(|(a, b)| *a == b.text)
                };
                if whole && same() {
                    fits.push(Fit {
                        item,
                        from,
                        to: from + length,
                    });
                }
            }
        }
    }
    longest(fits)
}

fn longest(mut fits: Vec<Fit>) -> Vec<Fit> {
    fits.sort_by_key(|f| (std::cmp::Reverse(f.to - f.from), f.from, f.item));
    let mut out: Vec<Fit> = Vec::new();
    for fit in fits {
        let overlaps =
            |o: &Fit| fit.from < o.to && o.from < fit.to && (fit.from, fit.to) != (o.from, o.to);
        if !out.iter().any(overlaps) && !out.contains(&fit) {
            out.push(fit);
        }
    }
    out
}

/// `2`, `b`, `the second`, `last`, `option 3` of a list that was shown.
fn picked(count: usize, said: &[Word]) -> Option<Fit> {
    const FILLER: &[&str] = &[
        "the", "option", "number", "one", "choice", "please", "i", "want", "take", "item", "no",
    ];
    const ORDINALS: &[&str] = &[
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth",
    ];
    const NUMBERS: &[&str] = &[
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    let content: Vec<&Word> = said
        .iter()
        .filter(|w| !FILLER.contains(&w.text.as_str()))
        .collect();
    let one = match content.as_slice() {
        [] => said.iter().find(|w| w.text == "one")?,
        [word] => word,
        _ => return None,
    };
    let word = one.text.as_str();
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let letter = word
        .chars()
        .next()
        .filter(|c| word.len() == 1 && c.is_ascii_lowercase());
    let place = if let Some(place) = ORDINALS.iter().chain(NUMBERS).position(|o| *o == word) {
        place % ORDINALS.len()
    } else if word == "last" {
        count.checked_sub(1)?
    } else if let Some(letter) = letter {
        letter as usize - 'a' as usize
    } else if matches!(&word[digits.len()..], "" | "st" | "nd" | "rd" | "th") {
        digits.parse::<usize>().ok()?.checked_sub(1)?
    } else {
        return None;
    };
    (place < count).then_some(Fit {
        item: place,
        from: 0,
        to: said.len(),
    })
}

/// Items of which one word is said, the items with most such words only.
fn partial(forms: &[Vec<Form>], said: &[Word]) -> Vec<Fit> {
    const COMMON: &[&str] = &[
        "the", "a", "an", "of", "and", "or", "to", "in", "for", "my", "i", "on", "with", "is",
    ];
    let mut fits: Vec<(usize, Fit)> = Vec::new();
    for (item, all) in forms.iter().enumerate() {
        let mut best: Option<(usize, Fit)> = None;
        for form in all.iter().filter(|f| !f.exact && !f.whole) {
            let useful = |w: &Word| {
                !COMMON.contains(&w.text.as_str())
                    && w.text.chars().count() > 1
                    && form.words.contains(&w.text)
            };
            let hits: Vec<usize> = (0..said.len()).filter(|at| useful(&said[*at])).collect();
            if let (Some(first), Some(last)) = (hits.first(), hits.last())
                && best.is_none_or(|(count, _)| hits.len() > count)
            {
                best = Some((
                    hits.len(),
                    Fit {
                        item,
                        from: *first,
                        to: last + 1,
                    },
                ));
            }
        }
        fits.extend(best);
    }
    let most = fits.iter().map(|(count, _)| *count).max().unwrap_or(0);
    fits.into_iter()
        .filter(|(count, _)| *count == most)
        .map(|(_, fit)| fit)
        .collect()
}

/// Items whose form is one or two letters away, for words of five letters and more.
fn misspelt(forms: &[Vec<Form>], said: &[Word]) -> Vec<Fit> {
    let mut fits: Vec<(usize, Fit)> = Vec::new();
    for (item, all) in forms.iter().enumerate() {
        for form in all.iter().filter(|f| !f.exact && !f.whole) {
            let wanted = form.words.join(" ");
            let allowed = wanted.chars().count() / 5;
            let length = form.words.len();
            for from in 0..(said.len() + 1).saturating_sub(length) {
                let spoken: Vec<&str> = said[from..from + length]
                    .iter()
                    .map(|w| w.text.as_str())
                    .collect();
                let distance = edits(&wanted, &spoken.join(" "));
                if distance <= allowed.min(2) {
                    fits.push((
                        distance,
                        Fit {
                            item,
                            from,
                            to: from + length,
                        },
                    ));
                }
            }
        }
    }
    let least = fits
        .iter()
        .map(|(distance, _)| *distance)
        .min()
        .unwrap_or(0);
    longest(
        fits.into_iter()
            .filter(|(distance, _)| *distance == least)
            .map(|(_, fit)| fit)
            .collect(),
    )
}

/// Letters to insert, drop or change.
pub(super) fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn settle(
    items: &[ListItem],
    mut fits: Vec<Fit>,
    said: &[Word],
    context: &EntityContext,
) -> Extraction {
    fits.sort_by_key(|f| (f.from, f.item));
    let found = |fit: &Fit| Found {
        value: stored(&items[fit.item]),
        start: said[fit.from].start,
        end: said[fit.to - 1].end,
    };
    let mut distinct: Vec<Fit> = Vec::new();
    for fit in fits {
        let value = stored(&items[fit.item]);
        if !distinct
            .iter()
            .any(|other| stored(&items[other.item]) == value)
        {
            distinct.push(fit);
        }
    }
    let same_words = |a: &Fit| {
        distinct
            .iter()
            .any(|b| a.item != b.item && a.from < b.to && b.from < a.to)
    };
    match distinct.as_slice() {
        [] => Extraction::None,
        [one] if !context.many => Extraction::One(found(one)),
        all if context.many && !all.iter().any(same_words) => {
            Extraction::Many(all.iter().map(found).collect())
        }
        all => Extraction::Ambiguous {
            options: all
                .iter()
                .map(|f| Choice {
                    title: items[f.item].title.clone(),
                    value: stored(&items[f.item]),
                })
                .collect(),
            start: all.iter().map(|f| said[f.from].start).min().unwrap_or(0),
            end: all.iter().map(|f| said[f.to - 1].end).max().unwrap_or(0),
        },
    }
}

/// What is stored: the value, or the title where there is none.
fn stored(item: &ListItem) -> Value {
    if item.value.is_null() {
        Value::String(item.title.clone())
    } else {
        item.value.clone()
    }
}
