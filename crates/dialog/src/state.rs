//! What is kept of a conversation between two turns. Plain JSON; `version` tells readers what to expect.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The version that this code writes.
pub const STATE_VERSION: u32 = 1;
/// Entries of the history that are kept.
pub const HISTORY_LIMIT: usize = 100;
/// Utterances of a task whose words may still fill entities.
pub const WORDS_LIMIT: usize = 20;
/// Messages that can be repeated.
pub const REPEATED_LIMIT: usize = 20;
/// Given values and shown messages of a task that are kept.
pub const GIVEN_LIMIT: usize = 100;

/// A conversation of one user with one agent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ConversationState {
    /// [`STATE_VERSION`] of the writer; 0 for a conversation that has not begun.
    pub version: u32,
    /// The session; `None` before the first input and after a close.
    pub session: Option<Session>,
    /// Language of the conversation, once known.
    pub language: Option<String>,
    /// `BotUserSession` values.
    pub bot_user_session: BTreeMap<String, Kept>,
    /// The running task.
    pub task: Option<Task>,
    /// Tasks on hold, the last one held at the end.
    pub held: Vec<Task>,
    /// What the user asked for beside the running task, in the order in which it is to be run.
    pub wishes: Vec<Candidate>,
    /// A question of the engine itself that the next input answers.
    pub question: Option<Question>,
    /// What happened, oldest first, at most [`HISTORY_LIMIT`] entries.
    pub history: Vec<Value>,
    /// `discard`, `help` and the like are read as plain text.
    pub commands_off: bool,
    /// Tones of the session so far.
    pub tones: Vec<crate::Tone>,
    /// Context tags of the running task (`context.currentTags`).
    pub tags: Vec<String>,
    /// Context tags of the task before (`context.historicTags`).
    pub historic_tags: Vec<String>,
    /// What was said since the user wrote last; kept where the agent repeats it, at most [`REPEATED_LIMIT`] messages.
    pub last_said: Vec<crate::Bubble>,
    /// How often it was repeated since.
    pub repeats: u32,
}

/// A session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Session {
    /// Id.
    pub id: String,
    /// Start, in milliseconds.
    pub started_ms: i64,
    /// Last input, in milliseconds.
    pub last_activity_ms: i64,
    /// Messages of the user so far; 0 = not interactive.
    pub user_messages: u32,
    /// The connect event has fired.
    pub connected: bool,
    /// A welcome was given.
    pub welcomed: bool,
}

/// A value with an optional end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Kept {
    /// The value.
    pub value: Value,
    /// End in milliseconds; `None`: with the session.
    pub expires_ms: Option<i64>,
}

/// A top-level dialog and the dialogs linked under it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Task {
    /// Id of the top-level dialog.
    pub dialog_id: String,
    /// Its name as shown to users.
    pub name: String,
    /// What it is to the conversation.
    pub origin: Origin,
    /// The dialog context, without `session` and the other members that are filled in anew.
    pub context: Map<String, Value>,
    /// Calls, the running dialog last.
    pub stack: Vec<Frame>,
    /// Utterances said in this task and which of their words are used.
    pub words: Vec<Words>,
    /// Turns in which this task ran.
    pub turns: u32,
    /// A linked dialog took over for good.
    pub taken_over: bool,
    /// Values that were given, in order, at most [`GIVEN_LIMIT`].
    pub given: Vec<Given>,
    /// Messages that were shown: dialog and node.
    pub shown: Vec<(String, String)>,
}

/// A value that the user gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Given {
    /// Dialog of the node.
    pub dialog_id: String,
    /// Node that asked for it.
    pub node: String,
    /// Name of the entity.
    pub entity: String,
}

/// Why a task runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// The user asked for it.
    #[default]
    Intent,
    /// An event started it.
    Event,
    /// The event at the end of a task started it.
    EndEvent,
    /// It handles the failure of another task.
    Failure,
}

/// One dialog of the stack.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Frame {
    /// Id of the dialog.
    pub dialog_id: String,
    /// Id of the current node.
    pub node: String,
    /// Inner node of a bot action.
    pub inner: Option<String>,
    /// What the node waits for; `None` while it runs.
    pub waiting: Option<Waiting>,
    /// Bad answers to the current node.
    pub retries: u32,
    /// Outcome of the last confirmation, `yes` or `no`.
    pub answer: Option<String>,
    /// Component id of the intent that the input of an `onInput` message matched.
    pub matched: Option<String>,
}

/// What a node waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Waiting {
    /// A value of the entity.
    Entity,
    /// One of these values of the entity.
    Choice(Vec<Offer>),
    /// A time on this day, `YYYY-MM-DD`, of an entity that needs both.
    Time(String),
    /// Yes or no.
    Confirmation,
    /// Any input; then the transitions decide.
    Input,
}

/// Something the user may pick.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Offer {
    /// What is shown.
    pub title: String,
    /// What it stands for.
    pub value: Value,
}

/// A question of the engine itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Question {
    /// Which of these was meant.
    Which {
        /// What is on offer.
        options: Vec<Candidate>,
        /// Bad picks so far.
        tries: u32,
    },
    /// Run this and hold the current task?
    Switch {
        /// What would run.
        to: Candidate,
    },
    /// Go on with the task held last?
    Resume,
    /// Which of these values is to be changed?
    Amend {
        /// Names of the entities.
        entities: Vec<String>,
        /// How they are shown, in the same order.
        offers: Vec<Offer>,
        /// The words that hold the new value.
        text: String,
    },
}

/// Something that can run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Candidate {
    /// Name as shown.
    pub title: String,
    /// `dialog`, `faq` or `smalltalk`.
    pub what: String,
    /// Id given in the training input.
    pub id: String,
    /// `refId` of the dialog, when it is one.
    pub dialog_ref: String,
    /// The words that asked for it.
    pub text: String,
}

/// An utterance and which of its bytes are used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Words {
    /// The text.
    pub text: String,
    /// Byte ranges that filled an entity.
    pub used: Vec<(usize, usize)>,
    /// Byte ranges that may not be used again by anything.
    pub locked: Vec<(usize, usize)>,
}

impl Words {
    /// The text with the bytes that may not be read blanked out; positions stay the same.
    pub fn readable(&self, with_used: bool) -> String {
        let mut bytes = self.text.clone().into_bytes();
        let used: &[(usize, usize)] = if with_used { &[] } else { &self.used };
        for (start, end) in used.iter().chain(&self.locked) {
            let end = (*end).min(bytes.len());
            if *start < end && self.text.is_char_boundary(*start) && self.text.is_char_boundary(end)
            {
                bytes[*start..end].fill(b' ');
            }
        }
        String::from_utf8(bytes).unwrap_or_default()
    }
}

impl ConversationState {
    /// Adds to the history and forgets the oldest entry when it is full.
    pub fn remember(&mut self, entry: Value) {
        self.history.push(entry);
        if self.history.len() > HISTORY_LIMIT {
            let over = self.history.len() - HISTORY_LIMIT;
            self.history.drain(..over);
        }
    }
    /// True when the next input answers something.
    pub fn awaits_answer(&self) -> bool {
        self.question.is_some() || self.task.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn used_words_are_blanked_and_positions_stay() {
        let words = Words {
            text: "from Köln to Rom".into(),
            used: vec![(5, 10)],
            locked: vec![(14, 17)],
        };
        assert_eq!(words.readable(false), "from       to    ");
        assert_eq!(words.readable(true), "from Köln to    ");
    }

    #[test]
    fn a_state_survives_json() {
        let mut state = ConversationState {
            version: STATE_VERSION,
            ..ConversationState::default()
        };
        state.question = Some(Question::Switch {
            to: Candidate::default(),
        });
        state.task = Some(Task {
            stack: vec![Frame {
                waiting: Some(Waiting::Choice(vec![Offer::default()])),
                ..Frame::default()
            }],
            ..Task::default()
        });
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(
            serde_json::from_str::<ConversationState>(&text).unwrap(),
            state
        );
    }

    #[test]
    fn the_history_is_bounded() {
        let mut state = ConversationState::default();
        for n in 0..150 {
            state.remember(Value::from(n));
        }
        assert_eq!(state.history.len(), HISTORY_LIMIT);
        assert_eq!(state.history[0], Value::from(50));
    }
}
