//! Finds values in a text that look like those which were tagged in training lines.
//!
//! Every intent with tagged lines has its own labels, and all share what they have learnt of words. Weights are stored in bytes.

mod crf;
mod feature;

use crate::codec::{CodecError, Reader, Writer};
use crate::entity::place_marks;
use crate::input::TrainingInput;
use crf::{Group, Line, Settings, Table, own};
use feature::{Marks, Token, features, tokens};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Chosen by holding out a fifth of the training lines of SNIPS, twice.
const SETTINGS: Settings = Settings {
    epochs: 10,
    rate: 0.05,
    decay: 1e-4,
};
/// Fewest and most weights, as powers of two; between them four for each feature and label seen.
const LEAST_BITS: u32 = 12;
const MOST_BITS: u32 = 21;
const WEIGHTS_A_FEATURE: usize = 4;

/// A value that was recognised.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Component id of the entity.
    pub entity: String,
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// How sure it is, 0 to 1.
    pub confidence: f32,
}

/// What was learnt from tagged lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tagger {
    entities: Vec<String>,
    /// The intent of each group, by its place in the input.
    intents: Vec<u32>,
    groups: Vec<Group>,
    table: Table,
}

/// A text made ready.
struct Ready {
    tokens: Vec<Token>,
    features: Vec<Vec<u64>>,
}

impl Ready {
    fn new(text: &str) -> Self {
        let tokens = tokens(text);
        let marks = marks(text, &tokens);
        let each = |at: usize| {
            let mut out = Vec::with_capacity(48);
            features(&tokens, &marks, at, |hash| out.push(hash));
            out
        };
        let features = (0..tokens.len()).map(each).collect();
        Self { tokens, features }
    }
}

/// Which tokens are part of a known place.
fn marks(text: &str, tokens: &[Token]) -> Marks {
    let mut marks = vec![0u8; tokens.len()];
    for (start, end, mark) in place_marks(text) {
        let inside = |t: &Token| t.start < end && start < t.end;
        for (token, slot) in tokens.iter().zip(&mut marks) {
            if inside(token) {
                *slot |= mark;
            }
        }
    }
    marks
}

impl Tagger {
    /// Learns from the tagged lines of the input; lines without a tag teach nothing. Nothing tagged: nothing is ever found.
    pub fn train(input: &TrainingInput, progress: &mut dyn FnMut(f32)) -> Self {
        let mut this = Self::default();
        let tagged = |intent: &crate::input::Intent| {
            let all = intent.utterances.iter().flat_map(|u| &u.tags);
            all.map(|tag| tag.entity.clone())
                .collect::<BTreeSet<String>>()
        };
        let names: BTreeSet<String> = input.intents.iter().flat_map(tagged).collect();
        let places: BTreeMap<&String, u32> = names.iter().zip(0..).collect();
        let mut lines = Vec::new();
        for (place, intent) in input.intents.iter().enumerate() {
            let own: Vec<u32> = tagged(intent).iter().map(|name| places[name]).collect();
            if own.is_empty() {
                continue;
            }
            let number = this.groups.len();
            this.intents.push(place as u32);
            this.groups.push(Group::new(own));
            let group = &this.groups[number];
            for line in intent.utterances.iter().filter(|u| !u.tags.is_empty()) {
                let text = crate::train::cut(&line.text);
                let ready = Ready::new(text);
                if ready.tokens.is_empty() {
                    continue;
                }
                let entity = |name: &String| group.entities.iter().position(|e| *e == places[name]);
                let mut labels = vec![0; ready.tokens.len()];
                for tag in &line.tags {
                    label(text, tag, entity(&tag.entity), &ready.tokens, &mut labels);
                }
                lines.push(Line {
                    features: ready.features,
                    labels,
                    group: number,
                });
            }
        }
        this.entities = names.into_iter().collect();
        if lines.is_empty() {
            return this;
        }
        let size = size(&lines);
        let weights = crf::train(&lines, &mut this.groups, size, SETTINGS, progress);
        this.table = Table::of(&weights);
        this
    }

    /// Values in a text, in text order. `intent` is the place of the intent that was meant; without it all intents are tried and
    /// the surest values stay.
    pub fn spans(&self, text: &str, intent: Option<u32>) -> Vec<Span> {
        let text = crate::train::cut(text);
        let chosen: Vec<usize> = match intent {
            Some(place) => self
                .intents
                .iter()
                .position(|i| *i == place)
                .into_iter()
                .collect(),
            None => (0..self.groups.len()).collect(),
        };
        if chosen.is_empty() {
            return Vec::new();
        }
        let ready = Ready::new(text);
        let mut all: Vec<Span> = chosen
            .into_iter()
            .flat_map(|group| self.of_group(&ready, group))
            .collect();
        all.sort_by(|a, b| {
            b.confidence
                .total_cmp(&a.confidence)
                .then(a.start.cmp(&b.start))
        });
        let mut out: Vec<Span> = Vec::new();
        for span in all {
            if !out.iter().any(|o| span.start < o.end && o.start < span.end) {
                out.push(span);
            }
        }
        out.sort_by_key(|s| s.start);
        out
    }

    fn of_group(&self, ready: &Ready, number: usize) -> Vec<Span> {
        let group = &self.groups[number];
        let scores = self.table.scores(&ready.features, own(number), group);
        let (path, sure) = group.decode(&scores);
        let mut out = Vec::new();
        let mut at = 0;
        while at < path.len() {
            let Some(entity) = path[at].checked_sub(1).map(|label| label / 2) else {
                at += 1;
                continue;
            };
            let inside = 2 * entity + 2;
            let more = path[at + 1..]
                .iter()
                .take_while(|label| **label == inside)
                .count();
            let last = at + more;
            out.push(Span {
                entity: self.entities[group.entities[entity] as usize].clone(),
                start: ready.tokens[at].start,
                end: ready.tokens[last].end,
                confidence: sure[at..=last].iter().copied().fold(1.0, f32::min),
            });
            at = last + 1;
        }
        out
    }

    pub fn write(&self, out: &mut Writer) {
        out.block(self.entities.join("\n").as_bytes());
        out.u32s(&self.intents);
        for group in &self.groups {
            out.u32s(&group.entities);
            out.f32s(&group.steps);
        }
        self.table.write(out);
    }

    /// Reads what `write` wrote; `intents` is how many the input has.
    pub fn read(input: &mut Reader, intents: usize) -> Result<Self, CodecError> {
        let names = String::from_utf8(input.block()?.to_vec())
            .map_err(|_| CodecError::Damaged("a name is no text"))?;
        let entities: Vec<String> = match names.is_empty() {
            true => Vec::new(),
            false => names.split('\n').map(str::to_owned).collect(),
        };
        let own = input.u32s()?;
        let mut groups = Vec::with_capacity(own.len());
        for _ in &own {
            let group = Group {
                entities: input.u32s()?,
                steps: input.f32s()?,
            };
            let whole = group.steps.len() == (group.width() + 1) * group.width();
            if !whole || group.entities.iter().any(|e| *e as usize >= entities.len()) {
                return Err(CodecError::Damaged("the labels of a tagger do not fit"));
            }
            groups.push(group);
        }
        if own.iter().any(|place| *place as usize >= intents) {
            return Err(CodecError::Damaged("a tagged intent is missing"));
        }
        Ok(Self {
            entities,
            intents: own,
            groups,
            table: Table::read(input)?,
        })
    }
}

/// Marks the tokens of a tag. Tags count characters, tokens bytes.
fn label(
    text: &str,
    tag: &crate::input::Tag,
    entity: Option<usize>,
    tokens: &[Token],
    labels: &mut [usize],
) {
    let Some(entity) = entity else {
        return;
    };
    let byte = |chars: usize| {
        text.char_indices()
            .nth(chars)
            .map_or(text.len(), |(at, _)| at)
    };
    let (start, end) = (byte(tag.start), byte(tag.end));
    let mut first = true;
    for (token, label) in tokens.iter().zip(labels) {
        if token.start < end && start < token.end && *label == 0 {
            *label = 1 + 2 * entity + usize::from(!first);
            first = false;
        }
    }
}

/// How many weights the lines need.
fn size(lines: &[Line]) -> usize {
    let mut seen: HashSet<u64> = HashSet::new();
    for line in lines {
        for feature in line.features.iter().flatten() {
            seen.insert(*feature);
            seen.insert(feature.wrapping_add(line.group as u64 + 1));
        }
    }
    let bits = (seen.len() * WEIGHTS_A_FEATURE).next_power_of_two().ilog2();
    1 << bits.clamp(LEAST_BITS, MOST_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Intent, Tag, Utterance};

    /// `[…]` marks the value of `city`, `{…}` that of `food`.
    fn line(marked: &str) -> Utterance {
        let mut out = Utterance::default();
        let mut open = 0;
        for c in marked.chars() {
            let here = out.text.chars().count();
            match c {
                '[' | '{' => open = here,
                ']' | '}' => out.tags.push(Tag {
                    entity: if c == ']' { "city" } else { "food" }.to_owned(),
                    start: open,
                    end: here,
                }),
                c => out.text.push(c),
            }
        }
        out
    }

    fn input() -> TrainingInput {
        let intent = |id: &str, lines: &[&str]| Intent {
            id: id.to_owned(),
            utterances: lines.iter().map(|l| line(l)).collect(),
            ..Intent::default()
        };
        TrainingInput {
            language: "en".to_owned(),
            intents: vec![
                intent(
                    "fly",
                    &[
                        "fly to [Bonn]",
                        "a flight to [New Town] please",
                        "I want to fly to [Ülm] tomorrow",
                        "get me to [Old Harbour] today",
                        "book a flight to [Kiel]",
                    ],
                ),
                intent(
                    "eat",
                    &[
                        "order {fried rice}",
                        "I want to eat {soup}",
                        "bring me {green curry} please",
                        "order {noodles} please",
                    ],
                ),
                intent("bye", &["bye", "see you"]),
            ],
            ..TrainingInput::default()
        }
    }

    fn found(tagger: &Tagger, text: &str, intent: Option<u32>) -> Vec<(String, String)> {
        let spans = tagger.spans(text, intent);
        spans
            .into_iter()
            .map(|s| (s.entity, text[s.start..s.end].to_owned()))
            .collect()
    }

    #[test]
    fn values_like_those_that_were_tagged_are_found() {
        let tagger = Tagger::train(&input(), &mut |_| {});
        let one = |entity: &str, text: &str| vec![(entity.to_owned(), text.to_owned())];
        assert_eq!(
            found(&tagger, "please fly to Xanten", Some(0)),
            one("city", "Xanten")
        );
        assert_eq!(
            found(&tagger, "a flight to Big Bay please", Some(0)),
            one("city", "Big Bay")
        );
        assert_eq!(
            found(&tagger, "order pancakes", Some(1)),
            one("food", "pancakes")
        );
        assert_eq!(found(&tagger, "order pancakes", Some(2)), []);
        assert_eq!(
            found(&tagger, "order fried rice", None),
            one("food", "fried rice")
        );
        assert_eq!(found(&tagger, "", Some(0)), []);
    }

    #[test]
    fn the_same_lines_give_the_same_bytes_and_bytes_the_same_tagger() {
        let bytes = |tagger: &Tagger| {
            let mut out = Writer::default();
            tagger.write(&mut out);
            out.bytes
        };
        let tagger = Tagger::train(&input(), &mut |_| {});
        let written = bytes(&tagger);
        assert_eq!(written, bytes(&Tagger::train(&input(), &mut |_| {})));
        let read = Tagger::read(&mut Reader::new(&written), 3).expect("bytes just written");
        let text = "a flight to Big Bay please";
        assert_eq!(read.spans(text, None), tagger.spans(text, None));
        assert!(Tagger::read(&mut Reader::new(&written), 1).is_err());
        for cut in [0, 5, written.len() / 2, written.len() - 1] {
            assert!(Tagger::read(&mut Reader::new(&written[..cut]), 3).is_err());
        }
    }

    #[test]
    fn nothing_tagged_is_nothing_found() {
        let tagger = Tagger::train(&TrainingInput::default(), &mut |_| {});
        assert_eq!(tagger.spans("fly to Bonn", None), []);
    }
}
