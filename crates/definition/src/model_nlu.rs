//! Training data and engine settings.

use crate::Localized;
use serde_json::Value;
use std::collections::HashMap;

/// All that the engines learn from, FAQs and small talk aside.
#[derive(Debug, Clone, Default)]
pub struct NluData {
    /// Utterances of all intents.
    pub sentences: Vec<Sentence>,
    /// Patterns of intents and entities that have any.
    pub patterns: Vec<PatternSet>,
    /// Trait groups.
    pub traits: Vec<TraitGroup>,
    /// Classifier parameters, one per language and model.
    pub ml_params: Vec<MlParams>,
    /// Advanced settings.
    pub advanced: Vec<AdvancedSetting>,
    /// Synonyms of words, by language: key word to other words. Concepts are apart.
    pub synonyms: Localized<HashMap<String, Vec<String>>>,
    /// Concepts by language: name with `~` to members.
    pub concepts: Localized<HashMap<String, Vec<String>>>,
    /// Thresholds by language.
    pub confidence: Localized<Vec<ConfidenceConfig>>,
    /// Negative patterns are looked at.
    pub negative_patterns: bool,
    /// Several intents of one input are run.
    pub multi_intent: bool,
    /// False when language understanding is switched off.
    pub enabled: bool,
}

/// A training utterance.
#[derive(Debug, Clone, Default)]
pub struct Sentence {
    /// `_id` of the intent component it belongs to.
    pub intent_id: String,
    /// The utterance.
    pub text: String,
    /// Language.
    pub language: String,
    /// Words that are values of entities.
    pub spans: Vec<Span>,
}

/// Words of an utterance that are an entity's value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// `_id` of the entity component.
    pub entity_id: String,
    /// First UTF-16 unit, as JavaScript counts.
    pub start: usize,
    /// The unit after the last.
    pub end: usize,
}

/// Patterns of one intent or entity.
#[derive(Debug, Clone, Default)]
pub struct PatternSet {
    /// `refId` of the component.
    pub ref_id: String,
    /// False: of an intent.
    pub for_entity: bool,
    /// Pattern texts by language, in the pattern language.
    pub patterns: Localized<Vec<String>>,
}

/// A group of traits, of which at most one is found by the classifier.
#[derive(Debug, Clone, Default)]
pub struct TraitGroup {
    /// Name.
    pub name: String,
    /// True: found by patterns; false: by the classifier.
    pub by_pattern: bool,
    /// Lowest score, 0 to 1; default 0.5.
    pub threshold: f64,
    /// Language.
    pub language: String,
    /// Word n-grams.
    pub ngram: (u32, u32),
    /// The traits.
    pub traits: Vec<Trait>,
}

/// A trait.
#[derive(Debug, Clone, Default)]
pub struct Trait {
    /// `tri-…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Sample utterances or patterns.
    pub samples: Vec<String>,
}

/// Classifier parameters. What a definition does not set is `None`.
#[derive(Debug, Clone, Default)]
pub struct MlParams {
    /// Language.
    pub language: String,
    /// 1: the agent's model; 2 and 3: models of some dialogs.
    pub model: u32,
    /// `refId`s of the dialogs of other models.
    pub dialogs: Vec<String>,
    /// Stop words.
    pub stop_words: Vec<String>,
    /// Stop words are left out.
    pub use_stop_words: bool,
    /// Synonyms are used.
    pub use_synonyms: bool,
    /// Entity placeholders in training; on unless switched off.
    pub placeholders: bool,
    /// A None intent; on unless switched off.
    pub none_intent: bool,
    /// FAQs feed the None intent.
    pub faqs_in_none_intent: bool,
    /// Lowest probability, 0 to 1.
    pub min_threshold: Option<f64>,
    /// Upper threshold, per cent.
    pub max_threshold: Option<f64>,
    /// Score of a definitive match, per cent.
    pub exact_match_threshold: Option<f64>,
    /// The whole entry.
    pub raw: Value,
}

/// An advanced setting.
#[derive(Debug, Clone, Default)]
pub struct AdvancedSetting {
    /// Name, for instance `network`.
    pub key: String,
    /// Value.
    pub value: Value,
    /// `ML`, `FM`, …
    pub engine: String,
    /// Language.
    pub language: String,
}

/// Thresholds of one engine. What a definition does not set is `None`.
#[derive(Debug, Clone, Default)]
pub struct ConfidenceConfig {
    /// `ml`, `faq`, `cs` (rules) or `rr` (ranking).
    pub mode: String,
    /// Lowest score.
    pub min_threshold: Option<f64>,
    /// Upper threshold.
    pub max_threshold: Option<f64>,
    /// Score of a definitive match.
    pub exact_match_threshold: Option<f64>,
    /// Per cent within which candidates count as equal.
    pub proximity: Option<f64>,
    /// How many FAQs are suggested.
    pub suggestions: Option<u32>,
    /// Per cent of a path that must be said.
    pub path_coverage: Option<f64>,
    /// Per cent of a name's words that must be said.
    pub word_coverage: Option<f64>,
    /// Definitive matches drop the others.
    pub prefer_definitive: Option<bool>,
    /// `ontologyKG` or `embeddingKG`.
    pub sub_type: String,
    /// Version of ranking.
    pub version: Option<u32>,
    /// The whole entry.
    pub raw: Value,
}

impl NluData {
    /// Thresholds of one engine in a language.
    pub fn confidence(
        &self,
        mode: &str,
        language: &str,
        default: &str,
    ) -> Option<&ConfidenceConfig> {
        self.confidence
            .get(language, default)?
            .iter()
            .find(|config| config.mode == mode)
    }
    /// Classifier parameters of the agent's own model in a language.
    pub fn ml(&self, language: &str) -> Option<&MlParams> {
        self.ml_params
            .iter()
            .find(|params| params.language == language && params.model <= 1)
    }
    /// Value of an advanced setting in a language.
    pub fn advanced(&self, key: &str, language: &str) -> Option<&Value> {
        self.advanced
            .iter()
            .find(|s| s.key == key && s.language == language)
            .map(|s| &s.value)
    }
    /// Patterns of the component with this `refId`.
    pub fn patterns_of(&self, ref_id: &str) -> Option<&Localized<Vec<String>>> {
        self.patterns
            .iter()
            .find(|set| set.ref_id == ref_id)
            .map(|set| &set.patterns)
    }
}
