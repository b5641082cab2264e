//! How the value of an entity is found in a text: by the patterns of the entity first, then by its type, both under the rules that
//! scripts set in `context.entityRules.<entity>`.

use super::entity::kind_of;
use crate::turn::Turn;
use crate::{LogLevel, path};
use definition::{Component, Entity};
use nlu::pattern::{Lexicon, Pattern, Tokens};
use nlu::{EntityContext, EntityKind, Extraction, Found};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// How a text is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// It answers the prompt of this entity, whose choices may have been shown.
    Prompted,
    /// It is known to hold the value.
    Meant,
    /// It was said without being asked for this entity.
    Leftover,
}

/// The rules of one entity that are known here; others are left alone.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Rules {
    /// Only patterns find a value.
    pub patterns_only: bool,
    /// Of what was said earlier only the last utterance counts.
    pub latest_only: bool,
    strip_leading: Vec<String>,
    strip_trailing: Vec<String>,
    ignored: Vec<String>,
    avoids_single_word: bool,
    only_numbers: bool,
    as_string: bool,
    digits: Option<usize>,
    /// Those that the readers themselves go by.
    readers: nlu::EntityRules,
}

impl Rules {
    pub(super) fn of(turn: &Turn<'_>, component: &Component) -> Self {
        let rules = turn.context().get("entityRules");
        let Some(rules) = rules.and_then(|all| all.get(&component.name)) else {
            return Self::default();
        };
        let flag = |name: &str| match rules.get(name) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        };
        let number = |name: &str| path::display(rules.get(name)?).trim().parse().ok();
        let list = |name: &str| words(rules.get(name));
        let text = |name: &str| rules.get(name).map(path::display).filter(|t| !t.is_empty());
        let whole = |name: &str| match rules.get(name) {
            Some(Value::String(one)) => vec![one.clone()],
            other => words(other),
        };
        Self {
            patterns_only: flag("patternsOnly"),
            latest_only: flag("processLatestSentence"),
            strip_leading: list("stripLeading"),
            strip_trailing: list("stripTrailing"),
            ignored: list("ignoreWords"),
            avoids_single_word: flag("avoidSingleWord"),
            only_numbers: flag("extractOnlyNumbers"),
            as_string: flag("asString"),
            digits: number("digits"),
            readers: nlu::EntityRules {
                default_code: text("defaultCode"),
                currency_codes: list("currencyCodes"),
                max_digits: number("maxDigits"),
                default_unit: text("defaultUnit"),
                disable_patterns: flag("disablePatterns"),
                negative_patterns: whole("negativePatterns"),
            },
        }
    }

    /// What the rules make of a value; `None`: it is none under them. `said` are the words that it came from.
    fn apply(&self, value: Value, said: &str, kind: &EntityKind) -> Option<Value> {
        match kind {
            EntityKind::Number => {
                let digits = said.chars().filter(char::is_ascii_digit).count();
                let fits = self.digits.is_none_or(|wanted| digits == wanted);
                let value = if self.as_string && digits > 0 {
                    json!(said.trim())
                } else if self.as_string {
                    json!(path::display(&value))
                } else {
                    value
                };
                fits.then_some(value)
            }
            EntityKind::Label | EntityKind::Description | EntityKind::PersonName => {
                let Value::String(text) = value else {
                    return Some(value);
                };
                self.strip(&text).map(Value::String)
            }
            _ => Some(value),
        }
    }

    fn strip(&self, text: &str) -> Option<String> {
        let is_in = |list: &[String], word: &str| {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            list.iter().any(|have| have.eq_ignore_ascii_case(bare))
        };
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let untouched = words.len();
        words.retain(|word| !is_in(&self.ignored, word));
        while words.first().is_some_and(|w| is_in(&self.strip_leading, w)) {
            words.remove(0);
        }
        while words.last().is_some_and(|w| is_in(&self.strip_trailing, w)) {
            words.pop();
        }
        if words.is_empty() || (self.avoids_single_word && words.len() == 1) {
            return None;
        }
        let text = match words.len() == untouched {
            true => text.to_owned(),
            false => words.join(" "),
        };
        if !self.only_numbers {
            return Some(text);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    }
}

/// A list of words, or one text of words with commas or blanks between.
pub(super) fn words(value: Option<&Value>) -> Vec<String> {
    let of_text = |text: &str| -> Vec<String> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    match value {
        Some(Value::Array(list)) => list.iter().map(path::display).collect(),
        Some(Value::String(text)) => of_text(text),
        _ => Vec::new(),
    }
}

/// Free texts take what answers their prompt, and nothing that was left over unless a pattern marks it.
pub(super) fn is_free(kind: &EntityKind) -> bool {
    matches!(kind, EntityKind::Label | EntityKind::Description)
}

/// The value that a text holds for an entity.
pub(super) fn find(
    turn: &mut Turn<'_>,
    component: &Component,
    entity: &Entity,
    text: &str,
    told: Told,
) -> Extraction {
    let kind = kind_of(turn, entity);
    find_of(turn, component, entity, &kind, text, told)
}

/// As [`find`], for a kind that is not that of the entity's type.
pub(super) fn find_of(
    turn: &mut Turn<'_>,
    component: &Component,
    entity: &Entity,
    kind: &EntityKind,
    text: &str,
    told: Told,
) -> Extraction {
    let rules = Rules::of(turn, component);
    let context = EntityContext {
        now_ms: turn.input.now_ms,
        timezone: turn.input.timezone.clone(),
        language: turn.language.clone(),
        prompted: told != Told::Leftover,
        options_shown: told == Told::Prompted,
        many: entity.is_array,
        rules: rules.readers.clone(),
    };
    for pattern in patterns(turn, component) {
        let tokens = Tokens::new(text, turn.language.starts_with("en"));
        for (start, end) in pattern.values(&tokens) {
            let found = within(turn, kind, &text[start..end], &context);
            let found = ruled(moved(found, start), &rules, kind, text);
            if found != Extraction::None {
                return found;
            }
        }
    }
    if !(rules.patterns_only || is_free(kind) && told == Told::Prompted) {
        for (start, end) in tagged(turn, component, text) {
            let found = within(turn, kind, &text[start..end], &context);
            let found = ruled(moved(found, start), &rules, kind, text);
            if found != Extraction::None {
                return found;
            }
        }
    }
    if rules.patterns_only || (is_free(kind) && told == Told::Leftover) {
        return Extraction::None;
    }
    let found = extract(turn, kind, text, &context);
    ruled(found, &rules, kind, text)
}

/// Where training lines with tags say that the values of an entity stand, the surest first.
fn tagged(turn: &Turn<'_>, component: &Component, text: &str) -> Vec<(usize, usize)> {
    let agent = turn.engine.agent;
    let dialog = turn
        .frame()
        .and_then(|frame| agent.dialog(&frame.dialog_id));
    let Some(root) = dialog.and_then(|dialog| agent.root_intent(dialog)) else {
        return Vec::new();
    };
    let detector = turn.engine.detector;
    let mut spans = detector.spans(text, &turn.language, &root.id);
    spans.retain(|span| span.entity == component.id);
    spans.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    spans.iter().map(|span| (span.start, span.end)).collect()
}

/// The value inside what a pattern marks: all of it for a free text.
fn within(
    turn: &mut Turn<'_>,
    kind: &EntityKind,
    marked: &str,
    context: &EntityContext,
) -> Extraction {
    let context = EntityContext {
        prompted: true,
        options_shown: false,
        ..context.clone()
    };
    extract(turn, kind, marked, &context)
}

fn extract(
    turn: &mut Turn<'_>,
    kind: &EntityKind,
    text: &str,
    context: &EntityContext,
) -> Extraction {
    match nlu::entity::extract(kind, text, context) {
        Ok(found) => found,
        Err(error) => {
            turn.log(LogLevel::Warning, error.to_string());
            Extraction::None
        }
    }
}

fn moved(found: Extraction, by: usize) -> Extraction {
    let one = |found: Found| Found {
        start: found.start + by,
        end: found.end + by,
        ..found
    };
    match found {
        Extraction::None => Extraction::None,
        Extraction::One(found) => Extraction::One(one(found)),
        Extraction::Many(all) => Extraction::Many(all.into_iter().map(one).collect()),
        Extraction::Ambiguous {
            options,
            start,
            end,
        } => Extraction::Ambiguous {
            options,
            start: start + by,
            end: end + by,
        },
    }
}

fn ruled(found: Extraction, rules: &Rules, kind: &EntityKind, text: &str) -> Extraction {
    let one = |found: Found| {
        let said = text.get(found.start..found.end).unwrap_or_default();
        let value = rules.apply(found.value, said, kind)?;
        Some(Found { value, ..found })
    };
    match found {
        Extraction::One(found) => one(found).map_or(Extraction::None, Extraction::One),
        Extraction::Many(all) => match all.into_iter().filter_map(one).collect::<Vec<_>>() {
            none if none.is_empty() => Extraction::None,
            some => Extraction::Many(some),
        },
        other => other,
    }
}

/// The patterns of an entity, ready for matching. Nearly all entities have none.
fn patterns(turn: &Turn<'_>, component: &Component) -> Vec<Pattern> {
    let agent = turn.engine.agent;
    let sources = agent.entity_patterns(component, &turn.language);
    if sources.is_empty() {
        return Vec::new();
    }
    let sorted = |map: Option<&HashMap<String, Vec<String>>>| -> BTreeMap<String, Vec<String>> {
        let entries = map.into_iter().flatten();
        entries.map(|(k, v)| (k.clone(), v.clone())).collect()
    };
    let synonyms = sorted(agent.nlu.synonyms.exact(&turn.language));
    let concepts = sorted(agent.nlu.concepts.exact(&turn.language));
    let mut lexicon = Lexicon::new(&synonyms, &concepts, turn.language.starts_with("en"));
    let compiled = sources.iter().filter_map(|source| lexicon.pattern(source));
    compiled.collect()
}
