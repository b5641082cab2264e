//! What detection answers: the winner or winners, and every candidate with every engine's score and the reason it lost.

use serde::{Deserialize, Serialize};

/// How detection ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// One winner (`successintent`).
    Success,
    /// Nothing matched (`failintent`).
    #[default]
    Fail,
    /// Several winners; the user has to choose (`ambiguousintent`).
    Ambiguous,
}

impl Outcome {
    /// The word of the public API.
    pub fn wire(self) -> &'static str {
        match self {
            Self::Success => "successintent",
            Self::Fail => "failintent",
            Self::Ambiguous => "ambiguousintent",
        }
    }
}

/// What kind of thing matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An intent: a dialog, or a local sub-intent.
    Dialog,
    /// An FAQ.
    Faq,
    /// Small talk.
    SmallTalk,
}

impl Kind {
    /// The word of the public API (`subType`, `activityType`).
    pub fn wire(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Faq => "faq",
            Self::SmallTalk => "smalltalk",
        }
    }
}

/// Why a candidate did not win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its ML probability is below `minThreshold`.
    BelowMinThreshold,
    /// The utterance is out of scope, and the match was only *possible*.
    OutOfScope,
    /// One of its negative patterns matches.
    NegativePattern,
    /// The utterance negates it.
    Negated,
    /// Another match is definitive.
    DefinitiveElsewhere,
    /// Another match scored higher.
    LowerScore,
    /// An FAQ in the doubtful band, while something else matched.
    LowConfidenceFaq,
    /// Small talk yields to any intent or FAQ.
    SmallTalkYields,
    /// The text is small talk and nothing else, and no other match is definitive.
    ExactSmallTalk,
    /// A mandatory term of its path was not said.
    MandatoryTermMissing,
    /// Less of its path was said than `pathCoverage` asks.
    PathNotCovered,
    /// A trait that its path asks for was not found.
    TraitMissing,
    /// Words of its name are said, but score below the least value of the dependency model.
    BelowDependency,
    /// The words of its name are part of the words of another task's name.
    WithinAnotherTask,
    /// Of its name only the first word, the verb, is said.
    VerbOnly,
    /// Of its name only words behind the first are said.
    EntityOnly,
    /// No word of its name is said.
    NoWord,
}

impl Reason {
    /// One short sentence for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::BelowMinThreshold => "The ML score is below the minimum threshold",
            Self::OutOfScope => "The utterance is out of scope and the match was only possible",
            Self::NegativePattern => "A negative pattern matches",
            Self::Negated => "The utterance negates the intent",
            Self::DefinitiveElsewhere => "Another match is definitive",
            Self::LowerScore => "Another match scored higher",
            Self::LowConfidenceFaq => "The FAQ is in the doubtful band and something else matched",
            Self::SmallTalkYields => "An intent or FAQ goes before small talk",
            Self::ExactSmallTalk => "The utterance is small talk and nothing else",
            Self::MandatoryTermMissing => "A mandatory term of the path was not said",
            Self::PathNotCovered => "Too little of the path was said",
            Self::TraitMissing => "A trait that the path asks for was not found",
            Self::BelowDependency => {
                "The words of the name score below the dependency model's threshold"
            }
            Self::WithinAnotherTask => "The words are part of another task's name",
            Self::VerbOnly => "Only the verb of the name was said",
            Self::EntityOnly => "Only words behind the verb of the name were said",
            Self::NoWord => "No word of the name was said",
        }
    }
}

/// A winner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// Dialog, FAQ or small talk.
    pub kind: Kind,
    /// The id given in the training input (component id of an intent).
    pub id: String,
    /// `refId` of the component, FAQ or node.
    pub ref_id: String,
    /// `refId` of the dialog; empty for a local sub-intent, an FAQ or small talk.
    pub dialog_ref: String,
    /// Id (`dg-…`) of the dialog; empty where `dialog_ref` is.
    pub dialog_id: String,
    /// Intent text, primary question, or group of small talk.
    pub name: String,
    /// Resolver score, 0 to 100.
    pub score: f64,
    /// Whether the match is certain.
    pub definitive: bool,
    /// Byte ranges of the words that a pattern or name used up; empty for ML and FAQ matches.
    pub used: Vec<(usize, usize)>,
}

/// One candidate of the ranking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// Dialog, FAQ or small talk.
    pub kind: Kind,
    /// The id given in the training input.
    pub id: String,
    /// `refId`.
    pub ref_id: String,
    /// `refId` of the dialog; may be empty.
    pub dialog_ref: String,
    /// Intent text, primary question, or group.
    pub name: String,
    /// ML probability, 0 to 1.
    pub ml_score: Option<f64>,
    /// Rules engine, 0 to 100.
    pub fm_score: Option<f64>,
    /// FAQ engine, 0 to 100.
    pub faq_score: Option<f64>,
    /// Resolver score, 0 to 100.
    pub score: f64,
    /// Whether the match is certain.
    pub definitive: bool,
    /// Engine marks joined by a space: `ml`, `cs` (rules), `em` (exact utterance or name), `pm` (pattern), `faq`, `st`.
    pub via: String,
    /// Why it did not win; `None` for winners.
    pub eliminated: Option<Reason>,
}

/// The answer of detection.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// How it ended.
    pub result: Outcome,
    /// One on success, several when ambiguous (best first), none on failure.
    pub winners: Vec<Match>,
    /// True when the winners are FAQs of the doubtful band: ask "did you mean" instead of answering.
    pub did_you_mean: bool,
    /// Every candidate that an engine reported, best first.
    pub ranking: Vec<Ranked>,
    /// The utterance split into sentences.
    pub sentences: Vec<String>,
    /// Names of the traits found.
    pub traits: Vec<String>,
    /// Engine marks of the winner, see [`Ranked::via`].
    pub via: String,
    /// The text with its spelling mended, where that changed it.
    pub corrected: Option<String>,
}

/// Which candidates count. The default lets through every primary intent, FAQ and small talk, and no follow-up or sub-intent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Component id of the intent whose sub-intents alone are looked for.
    pub parent: Option<String>,
    /// Component ids of follow-ups and sub-intents that count beside the primary intents.
    pub allowed_follow_ups: Vec<String>,
    /// Ids (of intents, FAQs, small talk) that do not count: suspended, unmet preconditions, unpublished.
    pub excluded: Vec<String>,
    /// Leave FAQs out.
    pub no_faqs: bool,
    /// Leave small talk out.
    pub no_small_talk: bool,
}
