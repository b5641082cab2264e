use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a run leaves behind. The caller stores it; the sandbox keeps nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The context after the run, without the members of `session` that are session stores.
    pub context: Value,
    /// Session variables that were put, assigned or removed; see [`SessionStores::apply`](crate::SessionStores::apply).
    pub stores: Vec<StoreChange>,
    /// One text per `print`, in order. Objects are JSON.
    pub printed: Vec<String>,
    /// Value of the expression, or what the script returned. Absent for `undefined`.
    pub value: Option<Value>,
    /// Lines for the debug log: `koreDebugger.log`, stubs that did nothing, a bot-functions file that failed.
    pub logs: Vec<String>,
    /// Tags added by `tags.add…LevelTag`.
    pub tags: Vec<Tag>,
    /// Tags added by `contextTags.add`, for context-dependent intents.
    pub context_tags: Vec<String>,
    /// Whether `koreUtil.closeConversationSession()` was called.
    pub close_session: bool,
}

/// One session variable that a run changed.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreChange {
    /// Its scope.
    pub store: StoreName,
    /// Its name.
    pub key: String,
    /// The new value; absent: remove it.
    pub value: Option<Value>,
    /// Minutes to live from now on, when the script gave them.
    pub ttl_minutes: Option<f64>,
}

/// A scope of session variables that scripts may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StoreName {
    /// One user with one agent.
    BotUserSession,
    /// One user, all agents.
    UserSession,
    /// All users of one agent.
    BotContext,
    /// The whole account.
    EnterpriseContext,
}

impl StoreName {
    /// All of them.
    pub const ALL: [StoreName; 4] = [
        StoreName::BotUserSession,
        StoreName::UserSession,
        StoreName::BotContext,
        StoreName::EnterpriseContext,
    ];

    /// The name that scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            StoreName::BotUserSession => "BotUserSession",
            StoreName::UserSession => "UserSession",
            StoreName::BotContext => "BotContext",
            StoreName::EnterpriseContext => "EnterpriseContext",
        }
    }

    /// The scope of a name that scripts use.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        StoreName::ALL
            .into_iter()
            .find(|store| store.as_str() == name)
    }
}

/// A tag for reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// What it is attached to.
    pub level: TagLevel,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What a tag is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagLevel {
    /// The user, for good.
    User,
    /// The running session.
    Session,
    /// The message being answered.
    Message,
}
