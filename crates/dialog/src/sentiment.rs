//! The tone of what users say, from a small English lexicon. Other languages have no tones.
//!
//! A tone has a level from -3 to 3: how strongly its words were said, negative when they were denied ("not happy"). A message has
//! the strongest level of each tone; a session has the mean over the messages that showed the tone.

use crate::failure::Failure;
use crate::turn::Turn;
use crate::{Event, Origin};
use definition::{EventAction, SentimentEvent};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A tone and how strong it was over several messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Tone {
    /// `angry`, `disgust`, `fear`, `sad`, `joy` or `positive`.
    pub name: String,
    /// In a message: words of this tone. In a session: messages with it.
    pub count: u32,
    /// Sum of the levels of those messages.
    pub sum: i32,
}

impl Tone {
    /// Mean level, rounded away from nothing.
    pub fn level(&self) -> i32 {
        let count = i32::try_from(self.count.max(1)).unwrap_or(i32::MAX);
        (f64::from(self.sum) / f64::from(count)).round() as i32
    }

    fn shown(&self) -> Value {
        json!({"tone_name": self.name, "count": self.count, "level": self.level()})
    }
}

/// Tone, its words of level 1, 2 and 3.
type Words = (&'static str, [&'static [&'static str]; 3]);

const LEXICON: &[Words] = &[
    (
        "angry",
        [
            &[
                "annoyed",
                "annoying",
                "irritated",
                "irritating",
                "upset",
                "unacceptable",
                "frustrating",
                "complaint",
                "impatient",
            ],
            &[
                "angry",
                "mad",
                "frustrated",
                "ridiculous",
                "useless",
                "worst",
                "fed",
                "outrageous",
                "stupid",
                "idiot",
            ],
            &[
                "furious", "hate", "rage", "livid", "damn", "bullshit", "fuck", "fucking",
            ],
        ],
    ),
    (
        "disgust",
        [
            &["unpleasant", "nasty", "dirty", "gross"],
            &["disgusting", "awful", "terrible", "horrible", "sick"],
            &["revolting", "repulsive", "vile", "crap", "shit"],
        ],
    ),
    (
        "fear",
        [
            &["worried", "worry", "nervous", "concerned", "unsafe"],
            &["afraid", "scared", "anxious", "fear", "frightened"],
            &["terrified", "panic", "horrified"],
        ],
    ),
    (
        "sad",
        [
            &[
                "sorry",
                "disappointed",
                "disappointing",
                "unhappy",
                "unfortunately",
                "bad",
            ],
            &["sad", "miss", "lonely", "hurt", "crying", "depressing"],
            &["miserable", "heartbroken", "devastated", "depressed"],
        ],
    ),
    (
        "joy",
        [
            &["glad", "pleased", "fine", "fun", "enjoy", "enjoyed"],
            &[
                "happy",
                "great",
                "love",
                "lovely",
                "wonderful",
                "excited",
                "delighted",
                "awesome",
            ],
            &[
                "fantastic",
                "amazing",
                "thrilled",
                "ecstatic",
                "overjoyed",
                "excellent",
            ],
        ],
    ),
    (
        "positive",
        [
            &[
                "good", "nice", "ok", "thanks", "thank", "helpful", "glad", "pleased", "fine",
                "useful", "enjoyed", "works",
            ],
            &[
                "great",
                "happy",
                "love",
                "lovely",
                "awesome",
                "wonderful",
                "delighted",
                "impressed",
                "best",
            ],
            &[
                "excellent",
                "fantastic",
                "amazing",
                "perfect",
                "brilliant",
                "outstanding",
                "thrilled",
            ],
        ],
    ),
];
const STRONGER: &[&str] = &[
    "very",
    "so",
    "really",
    "extremely",
    "too",
    "absolutely",
    "totally",
    "completely",
];
const WEAKER: &[&str] = &["slightly", "bit", "little", "somewhat", "rather"];
const DENIED: &[&str] = &[
    "not", "no", "never", "don't", "dont", "isn't", "isnt", "wasn't", "wasnt", "didn't", "didnt",
    "cannot", "can't", "without", "hardly",
];

/// The tones of a text with the number of their words and their strongest level.
pub(crate) fn tones(text: &str, language: &str) -> Vec<Tone> {
    if !language.starts_with("en") {
        return Vec::new();
    }
    let lower = text.to_lowercase().replace('’', "'");
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
        .collect();
    let mut found = Vec::new();
    for (name, levels) in LEXICON {
        let mut strongest = 0i32;
        let mut count = 0;
        for (at, word) in words.iter().enumerate() {
            let Some(base) = levels.iter().position(|list| list.contains(word)) else {
                continue;
            };
            let level = level_at(&words, at, base as i32 + 1);
            count += 1;
            if level.abs() > strongest.abs() {
                strongest = level;
            }
        }
        if count > 0 {
            found.push(Tone {
                name: (*name).to_owned(),
                count,
                sum: strongest * i32::try_from(count).unwrap_or(1),
            });
        }
    }
    found
}

/// The level of the word at `at`, after the words in front of it.
fn level_at(words: &[&str], at: usize, base: i32) -> i32 {
    let before = &words[at.saturating_sub(3)..at];
    let near = &words[at.saturating_sub(1)..at];
    let mut level = base;
    if near.iter().any(|w| STRONGER.contains(w)) {
        level += 1;
    }
    if near.iter().any(|w| WEAKER.contains(w)) {
        level -= 1;
    }
    let level = level.clamp(1, 3);
    match before.iter().any(|w| DENIED.contains(w)) {
        true => -level,
        false => level,
    }
}

impl Turn<'_> {
    /// Reads the tone of the input and adds it to that of the session.
    pub(crate) fn hear_tone(&mut self, text: &str) {
        self.tones = tones(text, &self.language);
        for tone in &self.tones {
            let level = tone.level();
            match self.state.tones.iter_mut().find(|t| t.name == tone.name) {
                Some(kept) => {
                    kept.count += 1;
                    kept.sum += level;
                }
                None => self.state.tones.push(Tone {
                    name: tone.name.clone(),
                    count: 1,
                    sum: level,
                }),
            }
        }
        for tone in &self.tones {
            self.out.events.push(Event::Tone {
                name: tone.name.clone(),
                level: tone.level(),
            });
        }
    }

    /// `context.message_tone` and `context.dialog_tone`.
    pub(crate) fn shown_tones(&self) -> (Value, Value) {
        let shown = |tones: &[Tone]| tones.iter().map(Tone::shown).collect();
        (shown(&self.tones), shown(&self.state.tones))
    }

    /// Runs the first sentiment event on every message whose tones fit. True: its dialog has started, and the input is answered by it.
    pub(crate) fn fire_tone(&mut self) -> Result<bool, Failure> {
        let tones = self.tones.clone();
        let Some(event) = matching(&self.engine.agent.sentiment_events, true, &tones) else {
            return Ok(false);
        };
        if let EventAction::Dialog(reference) = &event.action {
            let agent = self.engine.agent;
            let target = agent
                .dialog_by_ref(reference)
                .or_else(|| agent.dialog(reference));
            let running = self.state.task.as_ref().map(|task| task.dialog_id.as_str());
            // a user who stays angry does not start it over and over
            if target.is_none() || target.map(|d| d.id.as_str()) == running {
                return Ok(false);
            }
            self.state.question = None;
            if let Some(task) = self.state.task.take() {
                self.state.held.push(task);
            }
        }
        let acted = self.act(&event.action, Origin::Event)?;
        Ok(acted && self.state.task.is_some() && matches!(event.action, EventAction::Dialog(_)))
    }

    /// Runs the first sentiment event at the end of a task that fits the session so far. True: its dialog has started.
    pub(crate) fn fire_tone_at_end(&mut self) -> Result<bool, Failure> {
        let tones = self.state.tones.clone();
        match matching(&self.engine.agent.sentiment_events, false, &tones) {
            Some(event) => {
                self.act(&event.action, Origin::EndEvent)?;
                Ok(self.state.task.is_some())
            }
            None => Ok(false),
        }
    }
}

/// The first event of this kind of which one tone lies within its range.
fn matching<'e>(
    events: &'e [SentimentEvent],
    on_every_message: bool,
    tones: &[Tone],
) -> Option<&'e SentimentEvent> {
    let fits = |(name, min, max): &(String, f64, f64)| {
        tones.iter().any(|tone| {
            let level = f64::from(tone.level());
            tone.name.eq_ignore_ascii_case(name) && *min <= level && level <= *max
        })
    };
    events
        .iter()
        .filter(|event| event.on_every_message == on_every_message)
        .find(|event| event.tones.iter().any(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_have_levels_and_are_turned_by_denial() {
        for (text, want) in [
            ("book a flight", vec![]),
            ("I am happy", vec![("joy", 2), ("positive", 2)]),
            ("I am very happy!", vec![("joy", 3), ("positive", 3)]),
            ("I'm not happy", vec![("joy", -2), ("positive", -2)]),
            ("this is a bit annoying", vec![("angry", 1)]),
            (
                "I HATE this, it is disgusting",
                vec![("angry", 3), ("disgust", 2)],
            ),
            ("I am scared and sad", vec![("fear", 2), ("sad", 2)]),
        ] {
            let found = tones(text, "en");
            let found: Vec<_> = found.iter().map(|t| (t.name.as_str(), t.level())).collect();
            assert_eq!(found, want, "{text}");
        }
        assert!(tones("I am happy", "de").is_empty());
    }
}
