//! Dialogs, nodes, transitions.

use crate::{Amend, EventAction, Interruptions, Localized};

/// A dialog: a graph of nodes that starts at node 0.
#[derive(Debug, Clone, Default)]
pub struct Dialog {
    /// `dg-…`.
    pub id: String,
    /// Id that events, links and FAQs name.
    pub ref_id: String,
    /// Display names.
    pub names: Localized<String>,
    /// Descriptions.
    pub descriptions: Localized<String>,
    /// The graph; item 0 is the entry.
    pub nodes: Vec<Node>,
    /// Not listed in help; still runs through events, links and its utterances.
    pub is_hidden: bool,
    /// Only a sub-intent of other dialogs: not offered as a fresh intent.
    pub is_follow_up: bool,
    /// A finished dialog offers follow-up tasks.
    pub offers_follow_ups: bool,
    /// Text of that offer.
    pub follow_up_message: Option<String>,
    /// Own interruption settings; `None`: the agent's.
    pub interruptions: Option<Interruptions>,
    /// Own amend settings; `None`: the agent's.
    pub amend: Option<Amend>,
    /// What to do when the task fails; `None`: the agent's event.
    pub on_task_failure: Option<EventAction>,
}

impl Dialog {
    /// The node with this id.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }
    /// Position of the node with this id.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == id)
    }
}

/// A node of a dialog, or an inner node of a bot action.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// Unique inside its dialog; free text.
    pub id: String,
    /// Type as written. The component's kind wins: use [`Agent::kind_of`](crate::Agent::kind_of).
    pub declared_type: String,
    /// The component with the node's content.
    pub component_id: String,
    /// Settings of this use of the component.
    pub options: NodeOptions,
    /// Ways on, in order; the first true one wins. No match, or none: the dialog ends.
    pub transitions: Vec<Transition>,
    /// Inner nodes as listed at a bot action's node (without transitions); run the component's copy.
    pub inner: Vec<Node>,
    /// Where a link node goes: `refId` of a dialog.
    pub flow_task: Option<String>,
    /// Assignments before the linked dialog.
    pub context_map: Vec<Assignment>,
    /// Assignments after the linked dialog.
    pub post_context_map: Vec<Assignment>,
    /// True for the inner node that a bot action starts with.
    pub is_action_root: bool,
    /// Context tags that an intent node asks for; the intent counts only while all of them are there.
    pub preconditions: Vec<String>,
}

/// `target = source` on the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Path that is set, for instance `context.entities.city`.
    pub target: String,
    /// Path or literal it is set from; `null` clears the target. Never empty.
    pub source: String,
}

/// One way on from a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// When it is taken; `None` is the default way.
    pub condition: Option<Condition>,
    /// Where it goes.
    pub target: Target,
}

/// Where a transition goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A node of the same dialog (or of the same bot action).
    Node(String),
    /// The dialog ends. Also for a way that is not connected.
    End,
    /// Back to the flow that called the dialog; for us its end.
    ReturnToFlow,
}

/// When a transition is taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Outcome of the confirmation: `yes` or `no`.
    DialogAct(String),
    /// Compares a context path, written with or without `context.` in front (see [`Condition::Context::path`]).
    Context {
        /// Path as a JavaScript member expression, always beginning with `context.`, `env.`, `content.` or the like.
        path: String,
        /// Comparison.
        op: Op,
        /// Right side, a literal or a path.
        value: String,
    },
    /// Compares the value of the entity that the named node filled.
    Field {
        /// Id of the entity node.
        node: String,
        /// Comparison.
        op: Op,
        /// Right side.
        value: String,
    },
    /// The new input matched this intent node.
    Intent(String),
    /// All hold.
    All(Vec<Condition>),
    /// One holds.
    Any(Vec<Condition>),
    /// Left over by an editor; never true.
    Never,
}

/// A comparison. Loose: numbers with numbers, booleans by name, else text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal.
    Neq,
    /// Present and not empty.
    Exists,
    /// Missing, null or empty.
    Missing,
    /// Greater, as numbers.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Substring, or member of an array.
    Contains,
    /// Not known here; never true.
    Unknown(String),
}

/// `nodeOptions`.
#[derive(Debug, Clone)]
pub struct NodeOptions {
    /// Wait for the next input, then look at the transitions (message nodes).
    pub wait_for_input: bool,
    /// A linked dialog does not come back here.
    pub ends_current_task: bool,
    /// Dynamic intents: run and come back.
    pub within_context: bool,
    /// Whether the entity is asked for.
    pub prompt: PromptOption,
    /// Which earlier words may fill the entity.
    pub reuse: Reuse,
    /// Words taken by this entity may not be used again.
    pub lock_words: bool,
    /// An intent in the answer goes before the value.
    pub intent_over_entity: bool,
    /// Free-text entities: an intent in the answer is run.
    pub execute_intent: bool,
    /// Retries before `on_retry_limit`; default 5.
    pub retry_limit: u32,
    /// What happens at the limit.
    pub on_retry_limit: RetryAction,
    /// Own interruption settings; `None`: the dialog's.
    pub interruptions: Option<Interruptions>,
    /// Meta tags added when the node runs.
    pub tags: Vec<MetaTag>,
    /// Prompts that replace the component's when not empty.
    pub messages: Vec<crate::ChannelMessage>,
    /// Error prompts that replace the component's when not empty.
    pub error_messages: Vec<crate::ChannelMessage>,
    /// Value of an optional entity that is skipped.
    pub default_value: Localized<String>,
    /// Error prompts in order, not at random.
    pub sequence_errors: bool,
    /// Seconds that a service may take, when set at the node.
    pub service_timeout: Option<u32>,
    /// Context tags that the node leaves when it runs.
    pub context_tags: Vec<String>,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            wait_for_input: false,
            ends_current_task: false,
            within_context: false,
            prompt: PromptOption::Required,
            reuse: Reuse::Unused,
            lock_words: false,
            intent_over_entity: false,
            execute_intent: false,
            retry_limit: 5,
            on_retry_limit: RetryAction::EndDialog,
            interruptions: None,
            tags: Vec::new(),
            messages: Vec::new(),
            error_messages: Vec::new(),
            default_value: Localized::default(),
            sequence_errors: false,
            service_timeout: None,
            context_tags: Vec::new(),
        }
    }
}

/// Whether an entity is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PromptOption {
    /// Until it is filled.
    #[default]
    Required,
    /// Once.
    Optional,
    /// Never; only picked up.
    Hidden,
}

/// Which earlier words may fill an entity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reuse {
    /// Words that nothing used yet.
    #[default]
    Unused,
    /// All words.
    All,
    /// None: always ask.
    Never,
}

/// What happens at the retry limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RetryAction {
    /// The dialog and those above it end.
    #[default]
    EndDialog,
    /// Go on at this node.
    Node(String),
}

/// A meta tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaTag {
    /// `session`, `message` or `user`.
    pub level: String,
    /// Name.
    pub name: String,
    /// Value, may hold placeholders.
    pub value: String,
}
