//! Training: from lines to a model.

use crate::faq;
use crate::input::{Intent, MlConfig, Network, TrainingInput};
use crate::ml::classifier::Classifier;
use crate::model::{Model, hash, trait_samples};
use crate::negate::Negation;
use crate::pattern::Tokens;
use crate::semantic::{self, Embed};
use crate::spell;
use crate::tagger::Tagger;
use crate::text::{key, words};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Longer lines are cut to this many characters.
pub const LONGEST: usize = 3000;

/// Trains the first tier of a model. `progress` hears percent, never falling. The same input gives the same model, byte for byte.
pub fn train(input: &TrainingInput, progress: &mut dyn FnMut(u8)) -> Model {
    train_with(input, None, None, progress)
}

/// Trains a model; with an encoder both tiers. Vectors of lines that `before` has from the same encoder are taken over. Without an
/// encoder, or when it fails, the model has the first tier only.
pub fn train_with(
    input: &TrainingInput,
    encoder: Option<&dyn Embed>,
    before: Option<&Model>,
    progress: &mut dyn FnMut(u8),
) -> Model {
    progress(0);
    let english = input.language.is_empty() || input.language.starts_with("en");
    let negation = Negation::of(&input.language);
    let mut lines: Vec<(String, u32)> = Vec::new();
    let mut classes: Vec<u32> = Vec::new();
    let mut exact: Vec<(u64, u32)> = Vec::new();
    let mut negated_lines = vec![false; input.intents.len()];
    for (place, intent) in input.intents.iter().enumerate() {
        let texts = lines_of(intent, &input.config.ml);
        for text in &texts {
            exact.push((hash(key(text).as_bytes()), place as u32));
            negated_lines[place] |=
                negation.is_some_and(|n| n.unwished(&Tokens::new(text, english)).next().is_some());
        }
        if !texts.is_empty() {
            let class = classes.len() as u32;
            classes.push(place as u32);
            lines.extend(texts.into_iter().map(|text| (text, class)));
        }
    }
    exact.sort_unstable();
    exact.dedup();
    let raw = lines.clone();
    let prepare = Prepare::new(input);
    for (text, _) in &mut lines {
        *text = prepare.text(text).into_owned();
    }
    let threshold = input.config.ml.default_min_threshold();
    let share = if encoder.is_some() { 30 } else { 99 };
    let trained = Classifier::train(&lines, classes.len(), threshold, &mut |percent| {
        progress((u16::from(percent) * share / 100) as u8)
    });
    let (classifier, held_out) = trained.map_or((None, None), |(c, held)| (Some(c), held));
    let semantic = encoder.and_then(|encoder| {
        let names: Vec<String> = classes
            .iter()
            .map(|place| input.intents[*place as usize].name.replace('_', " "))
            .collect();
        let questions: Vec<String> = faq::questions(input).map(|(_, q)| q.to_owned()).collect();
        let samples: Vec<String> = trait_samples(input)
            .map(|(_, _, sample)| sample.clone())
            .collect();
        let lines = semantic::Lines {
            lines: &raw,
            names: &names,
            questions: &questions,
            samples: &samples,
            held_out: held_out.as_ref(),
            threshold,
            before: before.and_then(|model| model.semantic.as_ref()),
        };
        semantic::fit(encoder, &lines, &mut |part| {
            progress(30 + (part * 69.0) as u8)
        })
    });
    let mut kept = input.clone();
    kept.coded = coded(input);
    kept.intents
        .iter_mut()
        .for_each(|intent| intent.utterances.clear());
    if let (None, Some(place)) = (&classifier, classes.first()) {
        // One intent: its lines, as prepared, are what detection compares with.
        kept.intents[*place as usize].utterances =
            lines.iter().map(|(text, _)| text.clone().into()).collect();
    }
    let spelling = spell::vocabulary(input);
    let mut model = Model::new(kept, classes, classifier, exact, negated_lines, spelling);
    model.semantic = semantic;
    model.tagger = Tagger::train(input, &mut |_| {});
    progress(100);
    model
}

/// Entities of which two or more values are tagged, all of them with a digit.
fn coded(input: &TrainingInput) -> Vec<String> {
    let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let lines = input.intents.iter().flat_map(|intent| &intent.utterances);
    for line in lines {
        for tag in &line.tags {
            let count = tag.end.saturating_sub(tag.start);
            let mut value = line.text.chars().skip(tag.start).take(count);
            let both = seen.entry(&tag.entity).or_default();
            both.0 += 1;
            both.1 += usize::from(value.any(|c| c.is_ascii_digit()));
        }
    }
    let all = seen
        .into_iter()
        .filter(|(_, (tags, codes))| *tags > 1 && tags == codes);
    all.map(|(entity, _)| entity.to_owned()).collect()
}

/// The distinct lines of an intent; with few-shot its name is one more, with zero-shot the only one.
fn lines_of(intent: &Intent, config: &MlConfig) -> Vec<String> {
    let mut seen = HashSet::new();
    let name = (config.network != Network::Standard).then(|| intent.name.replace('_', " "));
    let lines: &[_] = match config.zero_shot {
        true => &[],
        false => &intent.utterances,
    };
    lines
        .iter()
        .map(|u| cut(&u.text).to_owned())
        .chain(name)
        .filter(|text| {
            let key = key(text);
            !key.is_empty() && seen.insert(key)
        })
        .collect()
}

/// At most [`LONGEST`] characters of a text.
pub(crate) fn cut(text: &str) -> &str {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// Synonyms and stop words of the ML engine, applied alike to lines and inputs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prepare {
    stop: HashSet<String>,
    /// A synonym of one word to its key.
    synonyms: HashMap<String, String>,
}

impl Prepare {
    pub(crate) fn new(input: &TrainingInput) -> Self {
        let ml = &input.config.ml;
        let stop = if ml.use_stop_words {
            input.stop_words.iter().map(|w| w.to_lowercase()).collect()
        } else {
            HashSet::new()
        };
        let mut synonyms = HashMap::new();
        if ml.use_synonyms {
            for (word, values) in input
                .synonyms
                .iter()
                .filter(|(word, _)| !word.starts_with('~'))
            {
                for value in values
                    .iter()
                    .map(|v| v.trim_start_matches('+').to_lowercase())
                {
                    if !value.contains([' ', '~', '"']) && value != *word {
                        synonyms.entry(value).or_insert_with(|| word.to_lowercase());
                    }
                }
            }
        }
        Self { stop, synonyms }
    }

    /// The text without stop words and with keys for synonyms; a text of stop words alone stays as it is.
    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.stop.is_empty() && self.synonyms.is_empty() {
            return Cow::Borrowed(text);
        }
        let kept = words(text)
            .into_iter()
            .map(|w| w.text)
            .filter(|w| !self.stop.contains(w));
        let out: Vec<String> = kept
            .map(|w| self.synonyms.get(&w).cloned().unwrap_or(w))
            .collect();
        if out.is_empty() {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(out.join(" "))
        }
    }
}
