use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{StoreChange, StoreName};

/// Everything a run may see. `env` and `content` are shared, because they belong to the agent and are the same in each run.
#[derive(Clone, Debug, Default)]
pub struct Globals {
    /// The dialog context, an object. Its `session` may hold other members (`opts`); those named like the session
    /// stores are replaced by [`Globals::stores`] during the run.
    pub context: Value,
    /// `env.KEY`: the agent's variables.
    pub env: Arc<Map<String, Value>>,
    /// `content.KEY`: the agent's texts in the language of the conversation.
    pub content: Arc<Map<String, Value>>,
    /// The session variables.
    pub stores: SessionStores,
    /// Answer of `getChoices()`: the options on offer. Absent: an empty list.
    pub choices: Option<Value>,
    /// The global `response` with `message` and `choices` (standard responses and list prompts). Absent: undefined.
    pub response: Option<Value>,
    /// Answer of `koreUtil.getCurrentOptions()`.
    pub options: Value,
    /// Answer of `koreUtil.getAmbiguousIntents()`.
    pub ambiguous_intents: Value,
    /// Answer of `koreUtil.getSessionId()`.
    pub session_id: String,
    /// Milliseconds since 1970 at the start of the run; `Date` counts on from here.
    pub now_ms: i64,
    /// Zone in which `moment()` counts when a script names none, as in `Asia/Manila`. Absent: that of the machine.
    pub timezone: Option<String>,
}

/// The session variables by scope. Values past their time are not shown to scripts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionStores {
    /// One user with one agent, for the life of the session.
    pub bot_user_session: BTreeMap<String, Stored>,
    /// One user, all agents of the account.
    pub user_session: BTreeMap<String, Stored>,
    /// All users of the agent.
    pub bot_context: BTreeMap<String, Stored>,
    /// All users and agents of the account.
    pub enterprise_context: BTreeMap<String, Stored>,
    /// The user's profile, an object; read only.
    pub user_context: Value,
}

/// One session variable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// What was put.
    pub value: Value,
    /// Milliseconds since 1970 from which on it is gone. Absent: it lives as long as its scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<i64>,
}

impl Stored {
    /// Whether its time has come at `now_ms`.
    #[must_use]
    pub fn is_expired(&self, now_ms: i64) -> bool {
        self.expires_at_ms.is_some_and(|end| end <= now_ms)
    }
}

impl From<Value> for Stored {
    fn from(value: Value) -> Self {
        Stored {
            value,
            expires_at_ms: None,
        }
    }
}

impl SessionStores {
    /// The variables of one scope.
    #[must_use]
    pub fn get(&self, name: StoreName) -> &BTreeMap<String, Stored> {
        match name {
            StoreName::BotUserSession => &self.bot_user_session,
            StoreName::UserSession => &self.user_session,
            StoreName::BotContext => &self.bot_context,
            StoreName::EnterpriseContext => &self.enterprise_context,
        }
    }

    /// The variables of one scope, to change.
    pub fn get_mut(&mut self, name: StoreName) -> &mut BTreeMap<String, Stored> {
        match name {
            StoreName::BotUserSession => &mut self.bot_user_session,
            StoreName::UserSession => &mut self.user_session,
            StoreName::BotContext => &mut self.bot_context,
            StoreName::EnterpriseContext => &mut self.enterprise_context,
        }
    }

    /// Applies what a run changed, so that the next run sees it. A change without a time keeps the time that was set.
    pub fn apply(&mut self, changes: &[StoreChange], now_ms: i64) {
        for change in changes {
            let store = self.get_mut(change.store);
            let Some(value) = &change.value else {
                store.remove(&change.key);
                continue;
            };
            let entry = store.entry(change.key.clone()).or_default();
            if entry.is_expired(now_ms) {
                entry.expires_at_ms = None;
            }
            entry.value = value.clone();
            if let Some(minutes) = change.ttl_minutes {
                entry.expires_at_ms = Some(now_ms.saturating_add((minutes * 60_000.0) as i64));
            }
        }
    }

    /// Name and value of each variable of a scope that is still there at `now_ms`.
    pub(crate) fn live(&self, name: StoreName, now_ms: i64) -> Map<String, Value> {
        self.get(name)
            .iter()
            .filter(|(_, stored)| !stored.is_expired(now_ms))
            .map(|(key, stored)| (key.clone(), stored.value.clone()))
            .collect()
    }
}
