//! What the engine needs of a JavaScript sandbox. Each run gets a fresh realm.

use serde_json::{Map, Value};

/// Everything a script may see. Plain values: the engine applies what comes back.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// The dialog context, with `session` and the other live members in it.
    pub context: Value,
    /// `env`, as an object.
    pub env: Map<String, Value>,
    /// `content` in the language of the conversation, as an object.
    pub content: Map<String, Value>,
    /// Source of the shared functions, evaluated first.
    pub functions: Option<String>,
    /// What `UserContext.get` answers from.
    pub user: Map<String, Value>,
    /// Values of `BotUserSession`, `UserSession`, `BotContext`, `EnterpriseContext`.
    pub scopes: ScopeValues,
    /// What `getChoices()` and `koreUtil.getCurrentOptions()` answer.
    pub choices: Vec<Value>,
    /// What `koreUtil.getAmbiguousIntents()` answers.
    pub ambiguous: Value,
    /// What `response.message` answers.
    pub message: String,
    /// Id of the session.
    pub session_id: String,
    /// Now, in milliseconds; what `Date` starts from.
    pub now_ms: i64,
    /// Zone of the user.
    pub timezone: String,
}

/// Values of the four memories.
#[derive(Debug, Clone, Default)]
pub struct ScopeValues {
    /// One user with one agent, for the session.
    pub bot_user_session: Map<String, Value>,
    /// One user, every agent of the account.
    pub user_session: Map<String, Value>,
    /// Every user of this agent.
    pub bot_context: Map<String, Value>,
    /// Every user and agent of the account.
    pub enterprise_context: Map<String, Value>,
}

/// What a script did.
#[derive(Debug, Clone, Default)]
pub struct Ran {
    /// The context as the script left it.
    pub context: Value,
    /// What it printed, in order; nothing printed = `None`.
    pub printed: Option<String>,
    /// Value of the expression, for [`Scripts::evaluate`].
    pub value: Value,
    /// Lines of `koreDebugger.log` and warnings of the sandbox.
    pub logs: Vec<String>,
    /// `put` and `delete` calls, in order.
    pub writes: Vec<ScopeWrite>,
    /// `contextTags.add`.
    pub tags: Vec<String>,
    /// `koreUtil.closeConversationSession()` was called.
    pub close_session: bool,
}

/// One `put` or `delete`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeWrite {
    /// Name of the global: `BotUserSession`, `UserSession`, `BotContext` or `EnterpriseContext`.
    pub scope: String,
    /// Key.
    pub key: String,
    /// Value; `None` deletes.
    pub value: Option<Value>,
    /// Life in minutes.
    pub ttl_minutes: Option<f64>,
}

/// Why a script has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScriptFailure(pub String);

/// A JavaScript sandbox.
pub trait Scripts: Send + Sync {
    /// Runs a script to its end.
    ///
    /// # Errors
    /// It does not parse, throws, loops, takes too much memory or leaves too large a context.
    fn run(&self, source: &str, scene: &Scene) -> Result<Ran, ScriptFailure>;
    /// Evaluates an expression (or a statement) of a placeholder.
    ///
    /// # Errors
    /// As [`Scripts::run`].
    fn evaluate(&self, expression: &str, scene: &Scene) -> Result<Ran, ScriptFailure>;
}
