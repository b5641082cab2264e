//! Knowledge graphs and small talk.

use crate::MessageBody;

/// A knowledge graph in one language.
#[derive(Debug, Clone, Default)]
pub struct KnowledgeTask {
    /// Id.
    pub ref_id: String,
    /// Name.
    pub name: String,
    /// Language.
    pub language: String,
    /// The ontology.
    pub nodes: Vec<TaxonomyNode>,
    /// The questions.
    pub faqs: Vec<Faq>,
    /// Synonyms of the whole graph: term to other words.
    pub synonyms: Vec<(String, Vec<String>)>,
    /// Words that do not count in questions.
    pub stop_words: Vec<String>,
}

/// A node of the ontology. Roots have no parent.
#[derive(Debug, Clone, Default)]
pub struct TaxonomyNode {
    /// Id.
    pub id: String,
    /// Label.
    pub label: String,
    /// Parent's id.
    pub parent: Option<String>,
    /// Other words.
    pub synonyms: Vec<String>,
    /// Whether it must be said.
    pub usage: TermUsage,
    /// True: its questions, and those below it, are not offered.
    pub disabled: bool,
    /// Traits that must be found: all names of one list.
    pub traits: Vec<Vec<String>>,
}

/// Whether a term must be said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TermUsage {
    /// Counts when said.
    #[default]
    Default,
    /// Need not be said.
    Organizer,
    /// Must be said.
    Mandatory,
}

/// A term of a question's path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Term {
    /// Label.
    pub label: String,
    /// Whether it must be said.
    pub usage: TermUsage,
    /// Other words.
    pub synonyms: Vec<String>,
}

/// A question with its answers.
#[derive(Debug, Clone, Default)]
pub struct Faq {
    /// Unique in the agent: made of language, path and question, for `refId` is not unique.
    pub key: String,
    /// Id as written.
    pub ref_id: String,
    /// The owner's own id.
    pub reference_id: String,
    /// Primary question.
    pub question: String,
    /// Path from the leaf to the root.
    pub terms: Vec<Term>,
    /// Tags.
    pub tags: Vec<Term>,
    /// Other ways to ask.
    pub alternates: Vec<AlternateQuestion>,
    /// Variants of the answer; one is picked at random, and all of its parts are sent.
    pub answers: Vec<Vec<AnswerPart>>,
    /// Runs this dialog (by `refId`) instead of answering.
    pub dialog_ref: Option<String>,
    /// False: not offered.
    pub enabled: bool,
    /// Context tags that the nodes of its path ask for; it is offered only while all of them are there.
    pub preconditions: Vec<String>,
    /// Context tags that the nodes of its path leave when it was answered.
    pub output_tags: Vec<String>,
    /// Its answers carry conditions, whose form is not documented: all of them count alike.
    pub conditional: bool,
}

/// Another way to ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlternateQuestion {
    /// The question, or the pattern without its mark.
    pub text: String,
    /// Written with `||` in front: a pattern, not a sample.
    pub is_pattern: bool,
    /// Tags.
    pub tags: Vec<Term>,
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerPart {
    /// Channel, `default` when none is named.
    pub channel: String,
    /// What is sent.
    pub body: MessageBody,
}

/// Small talk in one language.
#[derive(Debug, Clone, Default)]
pub struct SmallTalk {
    /// Language.
    pub language: String,
    /// Pairs, in the order they are tried.
    pub pairs: Vec<SmallTalkPair>,
}

/// What users say and what is answered.
#[derive(Debug, Clone, Default)]
pub struct SmallTalkPair {
    /// Id.
    pub id: String,
    /// Name of the group.
    pub group: String,
    /// Patterns of what users say, in the pattern language.
    pub patterns: Vec<String>,
    /// Replies; one is picked at random.
    pub replies: Vec<AnswerPart>,
}
