//! What comes out of a turn.

use crate::{ConversationState, Tag};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Everything that a turn produced. The caller stores it in one transaction.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The conversation after the turn.
    pub state: ConversationState,
    /// What to send, in order.
    pub messages: Vec<Bubble>,
    /// Set when a task ended, none is held and the user is not expected to answer.
    pub end_of_task: Option<EndOfTask>,
    /// Sessions that started and ended.
    pub session: SessionFacts,
    /// Lines for the debug log of the agent.
    pub debug_logs: Vec<DebugLog>,
    /// What analytics counts.
    pub events: Vec<Event>,
    /// Changes of the memory that outlives a session.
    pub writes: Vec<StoreWrite>,
    /// Meta tags of the input and of the nodes that ran.
    pub tags: Vec<Tag>,
    /// Full result of detection, when the turn detected something.
    pub detection: Option<nlu::Detection>,
    /// Language of the turn.
    pub language: String,
    /// The nodes that ran, in order.
    pub path: Vec<PathNode>,
    /// Context of the task that ended last in this turn; empty when none did.
    pub ended_context: Map<String, Value>,
}

/// A node that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathNode {
    /// Id of the dialog.
    pub dialog_id: String,
    /// Id of the node.
    pub node_id: String,
    /// Name of its component.
    pub component: String,
    /// Kind of its component, as the format writes it.
    pub kind: String,
    /// Messages that the turn had said before.
    pub said: usize,
}

/// One message to the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bubble {
    /// What is sent.
    pub body: BubbleBody,
    /// Id of the dialog (`dg-…`), empty outside one.
    pub dialog_id: String,
    /// Name of the component, empty for standard responses.
    pub component: String,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BubbleBody {
    /// Plain text.
    Text(String),
    /// A structure, passed on as it is.
    Template(Value),
}

impl Bubble {
    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.body {
            BubbleBody::Text(text) => Some(text),
            BubbleBody::Template(_) => None,
        }
    }
}

/// Why a task ended (`endReason`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndReason {
    /// The last node was reached, or an FAQ answered.
    Fulfilled,
    /// It ended in a linked dialog that does not come back.
    #[serde(rename = "Fulfilled_LinkedDialog")]
    FulfilledLinkedDialog,
    /// The message or script of an event ran.
    #[serde(rename = "Fulfilled_Event")]
    FulfilledEvent,
    /// The message or script of an event failed.
    #[serde(rename = "Failed_Event")]
    FailedEvent,
    /// The user discarded it, refused to resume it, or ran out of attempts.
    Canceled,
    /// An error without a handler.
    Failed,
}

impl EndReason {
    /// The word on the wire.
    pub fn wire(self) -> &'static str {
        match self {
            Self::Fulfilled => "Fulfilled",
            Self::FulfilledLinkedDialog => "Fulfilled_LinkedDialog",
            Self::FulfilledEvent => "Fulfilled_Event",
            Self::FailedEvent => "Failed_Event",
            Self::Canceled => "Canceled",
            Self::Failed => "Failed",
        }
    }
}

/// Why a task did not end well (analytics-model.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureReason {
    /// The user discarded it or refused to resume it.
    UserAborted,
    /// Another task took its place.
    OtherTask,
    /// The client asked for a new session.
    ChatRefreshed,
    /// It reached a hand-over to a person.
    AgentTransfer,
    /// A service needs a sign-in that was not given.
    Authorization,
    /// The answers to a prompt were used up.
    Attempts,
    /// A script failed.
    Script,
    /// A service failed.
    Service,
    /// Nobody wrote for too long, or a script closed the session.
    Inactivity,
    /// The definition cannot be run as it is.
    Definition,
}

impl FailureReason {
    /// Words for reports.
    pub fn text(self) -> &'static str {
        match self {
            Self::UserAborted => "user aborted",
            Self::OtherTask => "other task started",
            Self::ChatRefreshed => "chat refreshed",
            Self::AgentTransfer => "agent transfer",
            Self::Authorization => "authorization attempts used up",
            Self::Attempts => "entity attempts used up",
            Self::Script => "script failure",
            Self::Service => "service failure",
            Self::Inactivity => "inactivity or external event",
            Self::Definition => "definition cannot run",
        }
    }
}

/// The end of a task, as clients see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndOfTask {
    /// `endReason`.
    pub reason: EndReason,
    /// `completedTaskId`.
    pub task_id: String,
    /// `completedTaskName`; `FAQ` for an FAQ.
    pub task_name: String,
}

/// Sessions that a turn started and ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFacts {
    /// The session that this turn started.
    pub started: Option<SessionStart>,
    /// Sessions that ended before or in this turn.
    pub closed: Vec<SessionEnd>,
}

/// A session began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionStart {
    /// Its id.
    pub id: String,
    /// When, in milliseconds.
    pub at_ms: i64,
}

/// A session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEnd {
    /// Its id.
    pub id: String,
    /// When, in milliseconds.
    pub at_ms: i64,
    /// Why.
    pub reason: SessionEndReason,
    /// The user wrote something in it.
    pub interactive: bool,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEndReason {
    /// Nobody wrote for too long.
    Inactive,
    /// The client asked for a new one.
    Replaced,
    /// A script or the client closed it.
    Closed,
}

/// A line of the agent's debug log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebugLog {
    /// How bad.
    pub level: LogLevel,
    /// What; never a value of a sensitive entity or of a header.
    pub text: String,
    /// Id of the dialog, empty outside one.
    pub dialog_id: String,
    /// Name of the component, empty outside one.
    pub component: String,
    /// When, in milliseconds.
    pub at_ms: i64,
}

/// How bad a debug line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Written by a script.
    Debug,
    /// Something was left out.
    Warning,
    /// A task failed.
    Error,
}

/// What analytics counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An intent, FAQ or small talk was found.
    IntentFound {
        /// What kind.
        kind: nlu::Kind,
        /// Its name.
        name: String,
        /// Its `refId`.
        ref_id: String,
        /// Resolver score, 0 to 100.
        score: f64,
    },
    /// Nothing was found.
    IntentNotFound,
    /// A task started.
    TaskStarted {
        /// Dialog id.
        task_id: String,
        /// Name as shown to users.
        task_name: String,
    },
    /// A task ended well, or was cancelled.
    TaskEnded {
        /// Dialog id.
        task_id: String,
        /// Name as shown to users.
        task_name: String,
        /// How.
        reason: EndReason,
        /// Why it did not end well, when it did not.
        why: Option<FailureReason>,
    },
    /// A task failed.
    TaskFailed {
        /// Dialog id.
        task_id: String,
        /// Name as shown to users.
        task_name: String,
        /// Why, for developers.
        cause: String,
        /// Why, for reports.
        why: FailureReason,
    },
    /// A script ran.
    ScriptRun {
        /// Component.
        component: String,
        /// Dialog id.
        dialog_id: String,
        /// It threw, looped or ran out of memory.
        failed: bool,
        /// How long, in microseconds.
        took_us: u64,
    },
    /// A service was called.
    ServiceRun {
        /// Component.
        component: String,
        /// Dialog id.
        dialog_id: String,
        /// HTTP status; `None` when there was no answer.
        status: Option<u16>,
        /// There was no answer.
        failed: bool,
    },
    /// A prompt was answered with something that does not fit: one more attempt, and an utterance that was not understood.
    EntityRetry {
        /// Component.
        component: String,
        /// Dialog id.
        dialog_id: String,
        /// The node asks yes or no.
        confirmation: bool,
    },
    /// A given value was changed.
    Amended {
        /// Name of the entity.
        component: String,
        /// Dialog id.
        dialog_id: String,
    },
    /// A message showed a tone.
    Tone {
        /// `angry`, `disgust`, `fear`, `sad`, `joy` or `positive`.
        name: String,
        /// -3 to 3.
        level: i32,
    },
    /// An event of the agent ran.
    EventRun {
        /// Name, such as `WELCOME_MESSAGE_EVENT`.
        name: String,
    },
    /// The flow reached a hand-over to a person.
    AgentTransfer {
        /// Component.
        component: String,
        /// Dialog id.
        dialog_id: String,
    },
}

/// Memory that outlives a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One user, every agent of the account.
    UserSession,
    /// Every user of this agent.
    BotContext,
    /// Every user and agent of the account.
    EnterpriseContext,
}

/// One change of that memory.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreWrite {
    /// Which memory.
    pub scope: Scope,
    /// Key, at the root level.
    pub key: String,
    /// New value; `None` deletes.
    pub value: Option<Value>,
    /// When it expires, in milliseconds since 1970; `None`: never.
    pub expires_ms: Option<i64>,
}
