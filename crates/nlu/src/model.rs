//! A trained model: what training makes, what is stored, and what detection reads.

use crate::codec::{CodecError, Reader, Writer};
use crate::faq::FaqIndex;
use crate::input::TrainingInput;
use crate::ml::classifier::Classifier;
use crate::ml::similarity::Similarity;
use crate::rules::Rules;
use crate::semantic::{Embed, Semantic};
use crate::spell::Speller;
use crate::stop::{gleaned, stop_words};
use crate::substitute::Substitutions;
use crate::tagger::{Span, Tagger};
use crate::text::{key, spoken};
use crate::train::Prepare;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"OMBUDNLU";
/// Version of the bytes. Raise it with each change of what they mean.
const VERSION: u32 = 6;

/// Why bytes cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Something else altogether.
    #[error("these bytes are not a model")]
    NotAModel,
    /// Made by another version: train again.
    #[error(
        "the model has version {found}, this program reads version {VERSION}; train the agent again"
    )]
    Version {
        /// Version in the bytes.
        found: u32,
    },
    /// Cut or changed.
    #[error("the model is damaged: {0}")]
    Damaged(String),
}

impl From<CodecError> for ModelError {
    fn from(error: CodecError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// A trained model of one language of one agent. Cheap to share behind an `Arc`; detection changes nothing.
#[derive(Debug, Clone)]
pub struct Model {
    /// The training input; utterances are dropped where the classifier has taken them in.
    pub(crate) input: TrainingInput,
    /// Classes of the classifier: places of intents.
    pub(crate) classes: Vec<u32>,
    pub(crate) classifier: Option<Classifier>,
    /// Hashes of exact utterances with the place of their intent, sorted.
    exact: Vec<(u64, u32)>,
    /// For each intent whether one of its lines holds a negation.
    pub(crate) negated_lines: Vec<bool>,
    /// The second tier, when an encoder was at hand in training.
    pub(crate) semantic: Option<Semantic>,
    /// Words that spelling is mended to, see [`crate::spell::vocabulary`].
    spelling: String,
    /// Learnt from tagged lines.
    pub(crate) tagger: Tagger,
    encoder: Option<Arc<dyn Embed>>,
    pub(crate) derived: Derived,
}

/// What is rebuilt from the rest at loading.
#[derive(Debug, Clone, Default)]
pub(crate) struct Derived {
    pub english: bool,
    pub rules: Rules,
    pub faqs: FaqIndex,
    /// Lines of a single intent, where there is nothing to classify.
    pub single: Similarity,
    pub traits: Vec<(Similarity, Vec<u32>)>,
    /// Gleaned names to the places of intents.
    pub names: HashMap<String, Vec<u32>>,
    /// Ids of intents to their places.
    pub ids: HashMap<String, u32>,
    /// Candidates of the default filter.
    pub primary: Vec<bool>,
    pub prepare: Prepare,
    pub substitutions: Substitutions,
    pub speller: Speller,
}

impl Model {
    pub(crate) fn new(
        input: TrainingInput,
        classes: Vec<u32>,
        classifier: Option<Classifier>,
        exact: Vec<(u64, u32)>,
        negated_lines: Vec<bool>,
        spelling: String,
    ) -> Self {
        let derived = Derived::new(&input, &spelling);
        Self {
            input,
            classes,
            classifier,
            exact,
            negated_lines,
            semantic: None,
            spelling,
            tagger: Tagger::default(),
            encoder: None,
            derived,
        }
    }

    /// Gives the model the encoder that is installed. One of another id than it was trained with is not used, and the first
    /// tier answers alone.
    #[must_use]
    pub fn with_encoder(mut self, encoder: Option<Arc<dyn Embed>>) -> Self {
        self.encoder = encoder;
        self
    }

    /// The encoder that it was trained with.
    pub fn encoder_id(&self) -> Option<u64> {
        self.semantic.as_ref().map(Semantic::encoder)
    }

    /// Whether the second tier takes part in detection.
    pub fn is_semantic(&self) -> bool {
        self.tier().is_some()
    }

    /// The second tier with the encoder that belongs to it.
    pub(crate) fn tier(&self) -> Option<(&Semantic, &dyn Embed)> {
        let (semantic, encoder) = self.semantic.as_ref().zip(self.encoder.as_deref())?;
        (semantic.encoder() == encoder.id()).then_some((semantic, encoder))
    }

    /// Values in a text that look like those tagged in the lines of an intent (by its component id), in text order; without an
    /// intent, of all intents. Those under the agent's `nerThresholdValue` are left out.
    pub fn spans(&self, text: &str, intent: Option<&str>) -> Vec<Span> {
        let place = match intent {
            Some(id) => match self.derived.ids.get(id) {
                Some(place) => Some(*place),
                None => return Vec::new(),
            },
            None => None,
        };
        let least = self.input.config.ml.ner() as f32;
        let mut all = self.tagger.spans(text, place);
        let codes = &self.input.coded;
        let fits = |span: &Span| {
            let digits = |said: &str| said.contains(|c: char| c.is_ascii_digit());
            !codes.contains(&span.entity) || text.get(span.start..span.end).is_some_and(digits)
        };
        all.retain(|span| span.confidence >= least && fits(span));
        all
    }

    /// The language it was trained for.
    pub fn language(&self) -> &str {
        &self.input.language
    }

    /// How many intents it knows, those without utterances included.
    pub fn intents(&self) -> usize {
        self.input.intents.len()
    }

    /// Places of the intents that have exactly this utterance.
    pub(crate) fn exact(&self, key: &str) -> impl Iterator<Item = u32> {
        let hash = hash(key.as_bytes());
        let from = self.exact.partition_point(|(h, _)| *h < hash);
        self.exact[from..]
            .iter()
            .take_while(move |(h, _)| *h == hash)
            .map(|(_, intent)| *intent)
    }

    /// The bytes to store: the same model gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = Writer::default();
        let input =
            serde_json::to_vec(&self.input).expect("plain data with text keys always serialises");
        body.block(&input);
        body.u32s(&self.classes);
        body.u64s(&self.exact.iter().map(|(hash, _)| *hash).collect::<Vec<_>>());
        body.u32s(
            &self
                .exact
                .iter()
                .map(|(_, intent)| *intent)
                .collect::<Vec<_>>(),
        );
        body.u32s(
            &self
                .negated_lines
                .iter()
                .map(|n| u32::from(*n))
                .collect::<Vec<_>>(),
        );
        body.u32(u32::from(self.classifier.is_some()));
        if let Some(classifier) = &self.classifier {
            classifier.write(&mut body);
        }
        body.u32(u32::from(self.semantic.is_some()));
        if let Some(semantic) = &self.semantic {
            semantic.write(&mut body);
        }
        self.tagger.write(&mut body);
        body.block(self.spelling.as_bytes());
        let mut out = Writer::default();
        out.bytes.extend_from_slice(MAGIC);
        out.u32(VERSION);
        out.u64(hash(&body.bytes));
        out.bytes.extend_from_slice(&body.bytes);
        out.bytes
    }

    /// Reads what [`Model::to_bytes`] wrote.
    ///
    /// # Errors
    /// Other bytes, another version, or bytes that were cut or changed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let rest = bytes
            .strip_prefix(MAGIC.as_slice())
            .ok_or(ModelError::NotAModel)?;
        let mut reader = Reader::new(rest);
        let found = reader.u32()?;
        if found != VERSION {
            return Err(ModelError::Version { found });
        }
        if reader.u64()? != hash(&rest[12..]) {
            return Err(ModelError::Damaged("the checksum differs".to_owned()));
        }
        let input: TrainingInput = serde_json::from_slice(reader.block()?)
            .map_err(|error| ModelError::Damaged(error.to_string()))?;
        let classes = reader.u32s()?;
        let hashes = reader.u64s()?;
        let exact = hashes.into_iter().zip(reader.u32s()?).collect();
        let negated_lines = reader.u32s()?.into_iter().map(|n| n != 0).collect();
        let classifier = if reader.u32()? == 0 {
            None
        } else {
            Some(Classifier::read(&mut reader)?)
        };
        let semantic = match reader.u32()? {
            0 => None,
            _ => Some(Semantic::read(&mut reader)?),
        };
        if semantic.as_ref().is_some_and(|s| !s.fits(classes.len())) {
            return Err(ModelError::Damaged(
                "the second tier has other classes".to_owned(),
            ));
        }
        let intents = input.intents.len();
        if classes.iter().any(|place| *place as usize >= intents) {
            return Err(ModelError::Damaged("an intent is missing".to_owned()));
        }
        let tagger = Tagger::read(&mut reader, intents)?;
        let spelling = String::from_utf8(reader.block()?.to_vec())
            .map_err(|_| ModelError::Damaged("a word is no text".to_owned()))?;
        let mut model = Self::new(input, classes, classifier, exact, negated_lines, spelling);
        model.semantic = semantic;
        model.tagger = tagger;
        Ok(model)
    }
}

impl Derived {
    fn new(input: &TrainingInput, spelling: &str) -> Self {
        let english = input.language.is_empty() || input.language.starts_with("en");
        let listed = stop_words(if input.language.is_empty() {
            "en"
        } else {
            &input.language
        });
        let own = input.stop_words.iter().map(|w| w.to_lowercase());
        let stop: HashSet<String> = listed.iter().map(|w| (*w).to_owned()).chain(own).collect();
        let mut names: HashMap<String, Vec<u32>> = HashMap::new();
        let mut ids = HashMap::new();
        let mut primary = Vec::new();
        for (place, intent) in input.intents.iter().enumerate() {
            let mut said = vec![
                key(&intent.name.replace('_', " ")),
                key(&spoken(&intent.name)),
            ];
            said.dedup();
            for name in said.iter().filter(|name| !name.is_empty()) {
                names
                    .entry(gleaned(name, english).to_owned())
                    .or_default()
                    .push(place as u32);
            }
            ids.entry(intent.id.clone()).or_insert(place as u32);
            primary.push(!intent.follow_up && intent.parent.is_none());
        }
        let single: Vec<String> = input
            .intents
            .iter()
            .flat_map(|i| i.utterances.iter())
            .map(|u| u.text.clone())
            .collect();
        Self {
            english,
            speller: Speller::new(spelling, stop.iter()),
            substitutions: Substitutions::new(input),
            rules: Rules::new(input, stop.clone(), english),
            faqs: FaqIndex::new(input, stop),
            single: Similarity::new(&single),
            traits: input.traits.iter().map(trait_index).collect(),
            names,
            ids,
            primary,
            prepare: Prepare::new(input),
        }
    }
}

/// The samples of traits that are not patterns, with the places of their group and of the trait in it.
pub(crate) fn trait_samples(
    input: &TrainingInput,
) -> impl Iterator<Item = (usize, usize, &String)> {
    let groups = input.traits.iter().enumerate();
    groups
        .filter(|(_, group)| !group.by_pattern)
        .flat_map(|(group, settings)| {
            let traits = settings.traits.iter().enumerate();
            traits.flat_map(move |(place, one)| one.samples.iter().map(move |s| (group, place, s)))
        })
}

/// Samples of a group's traits, and the trait of each sample.
fn trait_index(group: &crate::input::TraitGroup) -> (Similarity, Vec<u32>) {
    if group.by_pattern {
        return Default::default();
    }
    let mut lines = Vec::new();
    let mut owners = Vec::new();
    for (place, one) in group.traits.iter().enumerate() {
        for sample in &one.samples {
            lines.push(sample.clone());
            owners.push(place as u32);
        }
    }
    (Similarity::new(&lines), owners)
}

/// A 64-bit FNV-1a hash.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    })
}
