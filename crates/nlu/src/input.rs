//! What an agent is trained from, in one language. Built by the caller from a definition; no key of a definition is read here.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that training one language of one agent needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainingInput {
    /// Language code as in the definition (`en`, `de`, `zh_cn`, …). Any text is accepted.
    pub language: String,
    /// Intents of dialogs and local sub-intents, in the order of the definition.
    pub intents: Vec<Intent>,
    /// FAQs, in the order of the definition.
    pub faqs: Vec<Faq>,
    /// Small talk pairs, in their order (`seq`): the first that matches answers.
    pub small_talk: Vec<SmallTalk>,
    /// Bot synonyms: key word to the words that mean the same.
    pub synonyms: BTreeMap<String, Vec<String>>,
    /// Concepts: name (with or without the leading `~`) to its members. A member is a word, words joined by `_`, another concept or a pattern.
    pub concepts: BTreeMap<String, Vec<String>>,
    /// Words that carry no meaning. Used by the ML engine only when [`MlConfig::use_stop_words`] is set; FAQs never count them.
    pub stop_words: Vec<String>,
    /// Traits by group.
    pub traits: Vec<TraitGroup>,
    /// The settings.
    pub config: EngineConfig,
    /// Entities whose tagged values all hold a digit. Training fills it in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coded: Vec<String>,
}

/// One intent: the root of a dialog, or a local sub-intent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Intent {
    /// Component id; unique in one input. All filters name intents by it.
    pub id: String,
    /// `refId` of the intent component.
    pub ref_id: String,
    /// `refId` of the dialog whose root this is; empty for a local sub-intent.
    pub dialog_ref: String,
    /// Id (`dg-…`) of the dialog whose root this is; empty for a local sub-intent.
    pub dialog_id: String,
    /// The intent's text, `localeData.<L>.intent`. Saying exactly this is definitive.
    pub name: String,
    /// Sample utterances.
    pub utterances: Vec<Utterance>,
    /// Patterns, in the pattern language.
    pub patterns: Vec<String>,
    /// Negative patterns; they count only with [`RrConfig::negative_patterns`].
    pub negative_patterns: Vec<String>,
    /// Rules over traits: every name of one inner list present = definitive.
    pub trait_rules: Vec<Vec<String>>,
    /// Left out of lists of tasks, but detectable.
    pub hidden: bool,
    /// A follow-up: a candidate only when [`crate::Filter::allowed_follow_ups`] names it.
    pub follow_up: bool,
    /// Component id of the intent this one is a sub-intent of: a candidate only inside it (see [`crate::Filter::parent`]).
    pub parent: Option<String>,
}

/// A sample utterance with its tagged entities.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Utterance {
    /// The text.
    pub text: String,
    /// Tagged spans.
    pub tags: Vec<Tag>,
}

impl From<&str> for Utterance {
    fn from(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            tags: Vec::new(),
        }
    }
}

impl From<String> for Utterance {
    fn from(text: String) -> Self {
        Self {
            text,
            tags: Vec::new(),
        }
    }
}

/// A tagged span of an utterance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Component id of the entity.
    pub entity: String,
    /// First character (not byte) of the value.
    pub start: usize,
    /// The character after the value.
    pub end: usize,
}

/// One FAQ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Faq {
    /// Unique in one input; the caller chooses it (`refId` alone is not unique in exports).
    pub id: String,
    /// `refId` as in the definition.
    pub ref_id: String,
    /// The primary question.
    pub question: String,
    /// Alternate questions. One that begins with `||` is a pattern.
    pub alternates: Vec<String>,
    /// Terms from leaf to root.
    pub terms: Vec<Term>,
    /// Tags of the FAQ.
    pub tags: Vec<String>,
    /// Traits that its path asks for: of each node with a rule, one list of names must be found whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traits: Vec<Vec<Vec<String>>>,
}

/// A term of the ontology on the path of an FAQ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Term {
    /// The label.
    pub label: String,
    /// Words that mean the same.
    pub synonyms: Vec<String>,
    /// How the term counts.
    pub usage: TermUsage,
}

/// How a term counts when a path is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TermUsage {
    /// Counts in the coverage of the path.
    #[default]
    Default,
    /// Must be said.
    Mandatory,
    /// Need not be said.
    Organizer,
}

/// A pair of small talk: what the user may say; the caller keeps the replies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SmallTalk {
    /// The node id; unique in one input.
    pub id: String,
    /// `refId` of the node.
    pub ref_id: String,
    /// Name of the group, shown as the name of a match.
    pub group: String,
    /// What the user may say, in the pattern language.
    pub patterns: Vec<String>,
}

/// A group of traits, of which at most one is found (`probability`) or several (`pattern`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TraitGroup {
    /// Name of the group.
    pub name: String,
    /// True for the match strategy `pattern`: the samples are patterns.
    pub by_pattern: bool,
    /// `scoreThreshold`, 0 to 1 (default 0.5).
    pub threshold: Option<f64>,
    /// The traits.
    pub traits: Vec<Trait>,
}

/// One trait.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trait {
    /// Name, as it appears in `context.traits`.
    pub name: String,
    /// Utterances or patterns.
    pub samples: Vec<String>,
}

/// All settings of detection for one language.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EngineConfig {
    /// The ML engine.
    pub ml: MlConfig,
    /// The FAQ engine.
    pub faq: FaqConfig,
    /// The rules engine (FM).
    pub fm: FmConfig,
    /// Ranking and resolving.
    pub rr: RrConfig,
}

/// Kind of ML model of a definition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// The default.
    #[default]
    Standard,
    /// Few-shot: other default thresholds, task names count as lines, FM task-name words off.
    FewShot,
}

/// Settings of the ML engine. `None` = the default of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MlConfig {
    /// Kind of model.
    pub network: Network,
    /// `minThreshold`, 0 to 1: a lower probability is rejected. Default 0.3, few-shot 0.6.
    pub min_threshold: Option<f64>,
    /// `exactMatchThreshold`, 0 to 100: at or above, an ML match is definitive. Default 95, few-shot 90.
    pub exact_match_threshold: Option<f64>,
    /// `ml_suggestion_proximity` in percent, few-shot only: matches this close to the best are offered beside it. Default 5.
    pub suggestion_proximity: f64,
    /// Replace bot synonyms by their key in training and input.
    pub use_synonyms: bool,
    /// Drop stop words in training and input.
    pub use_stop_words: bool,
    /// Tagged values count as placeholders in training. Kept for taggers: the n-gram classifier learns a line as it was written.
    pub use_placeholders: bool,
    /// A None intent soaks up what fits nothing.
    pub none_intent: bool,
    /// A trained intent that is negated must not fire.
    pub negation: bool,
    /// Zero-shot: a few-shot model of the names alone, without utterances; every match is definitive.
    pub zero_shot: bool,
    /// `isActive`: the engine takes part. Default on.
    pub active: bool,
    /// Mend the spelling of inputs, in English. Default off.
    pub spell_correction: bool,
    /// `nerThresholdValue`, 0 to 1: values found by tags with less confidence are left out. Default 0.3.
    pub ner_threshold: Option<f64>,
}

impl Default for MlConfig {
    fn default() -> Self {
        Self {
            network: Network::Standard,
            min_threshold: None,
            exact_match_threshold: None,
            suggestion_proximity: 5.0,
            use_synonyms: false,
            use_stop_words: false,
            use_placeholders: true,
            none_intent: true,
            negation: true,
            zero_shot: false,
            active: true,
            spell_correction: false,
            ner_threshold: None,
        }
    }
}

impl MlConfig {
    /// The network's own `minThreshold`, on which the cross-validated point lands (DECISIONS section 11).
    pub fn default_min_threshold(&self) -> f64 {
        match self.network {
            Network::Standard => 0.3,
            Network::FewShot => 0.6,
        }
    }

    /// The agent's `minThreshold`, kept within 0 and 1.
    pub fn min(&self) -> f64 {
        self.min_threshold
            .filter(|v| v.is_finite())
            .unwrap_or(self.default_min_threshold())
            .clamp(0.0, 1.0)
    }

    /// The agent's `nerThresholdValue`, kept within 0 and 1.
    pub fn ner(&self) -> f64 {
        const DEFAULT: f64 = 0.3;
        self.ner_threshold
            .filter(|v| v.is_finite())
            .unwrap_or(DEFAULT)
            .clamp(0.0, 1.0)
    }

    /// The agent's `exactMatchThreshold` as a probability, 0 to 1.
    pub fn exact(&self) -> f64 {
        let default = match self.network {
            _ if self.zero_shot => 80.0,
            Network::Standard => 95.0,
            Network::FewShot => 90.0,
        };
        self.exact_match_threshold
            .filter(|v| v.is_finite())
            .unwrap_or(default)
            .clamp(0.0, 100.0)
            / 100.0
    }
}

/// Settings of the FAQ engine, all from 0 to 100.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FaqConfig {
    /// `minThreshold`: below, nothing was found. Default 60.
    pub min_threshold: f64,
    /// `maxThreshold`: at or above, an FAQ that stands alone is answered. Default 80.
    pub max_threshold: f64,
    /// `exactMatchThreshold`: at or above, definitive. Default 95.
    pub exact_match_threshold: f64,
    /// `taskMatchTolerance` in percent: FAQs this close to the best are offered beside it. Default 5.
    pub tolerance: f64,
    /// `suggestionsCount`: how many are offered at most, 1 to 5. Default 3.
    pub suggestions: usize,
    /// `pathCoverage` in percent. Default 50.
    pub path_coverage: f64,
    /// Bot synonyms count in questions too. Default off.
    pub use_synonyms: bool,
    /// Only similarity counts, not the path of a question (`embeddingKG`). Default off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub embedding: bool,
    /// Synonyms of the whole graph: term to the words that mean the same.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub synonyms: BTreeMap<String, Vec<String>>,
    /// Words of the graph that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop_words: Vec<String>,
    /// `isActive`: the engine takes part. Default on.
    pub active: bool,
    /// `autoSpellCorrectEnabled`: mend the spelling of inputs, in English. Default off.
    pub spell_correction: bool,
}

impl Default for FaqConfig {
    fn default() -> Self {
        Self {
            min_threshold: 60.0,
            max_threshold: 80.0,
            exact_match_threshold: 95.0,
            tolerance: 5.0,
            suggestions: 3,
            path_coverage: 50.0,
            use_synonyms: false,
            embedding: false,
            synonyms: BTreeMap::new(),
            stop_words: Vec::new(),
            active: true,
            spell_correction: false,
        }
    }
}

/// Settings of the rules engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FmConfig {
    /// `isActive`: the engine takes part. Default on.
    pub active: bool,
    /// Mend the spelling of inputs before patterns and names are looked for, in English. Default on.
    pub spell_correction: bool,
    /// `taskMatchTolerance` in percent: others this close to the best task-name match also qualify. Default 2.
    pub tolerance: Option<f64>,
    /// `wordCoverage` in percent: how much of a task name must be said. Default 60.
    pub word_coverage: Option<f64>,
    /// `labelMatch`: words of the task name count. Default on, off for few-shot.
    pub label_match: Option<bool>,
    /// `exactTaskNameMatch`: saying the task name is definitive. Default on.
    pub exact_task_name: Option<bool>,
}

impl Default for FmConfig {
    fn default() -> Self {
        Self {
            active: true,
            spell_correction: true,
            tolerance: None,
            word_coverage: None,
            label_match: None,
            exact_task_name: None,
        }
    }
}

/// Settings of ranking and resolving.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RrConfig {
    /// `taskMatchTolerance` in percent: the best two this close are ambiguous. Default 2.
    pub tolerance: f64,
    /// `isPreferDefinitiveMatch`. Default on.
    pub prefer_definitive: bool,
    /// `rescoring`. Default on, off for few-shot.
    pub rescoring: Option<bool>,
    /// `enableNegativePatterns`. Default off.
    pub negative_patterns: bool,
    /// `rrVersion`, 1 or 2. Version 2 leaves the rules engine out. Default 1.
    pub version: u8,
    /// `minMatchVal` of the dependency model (`useDependencyParser`), 0 to 1: words of a name that score less do not count. `None`:
    /// the model is off.
    pub least_dependency: Option<f64>,
    /// Matches inside the words of another task's match are eliminated. Default on.
    pub elimination: bool,
}

impl Default for RrConfig {
    fn default() -> Self {
        Self {
            tolerance: 2.0,
            prefer_definitive: true,
            rescoring: None,
            negative_patterns: false,
            version: 1,
            least_dependency: None,
            elimination: true,
        }
    }
}
