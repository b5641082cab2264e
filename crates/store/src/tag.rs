//! Meta tags on users, sessions and messages, and filters by them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a tag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TagLevel {
    /// On the user.
    User,
    /// On the session.
    Session,
    /// On a message.
    Message,
}

impl TagLevel {
    /// The word on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Session => "session",
            Self::Message => "message",
        }
    }
    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::User, Self::Session, Self::Message]
            .into_iter()
            .find(|l| l.as_str() == word)
    }
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// Its key.
    pub name: String,
    /// Its value, of any JSON type.
    pub value: Value,
}

impl Tag {
    /// The value as filters compare it: a string as it is, anything else as compact JSON.
    pub fn text(&self) -> String {
        self.value
            .as_str()
            .map_or_else(|| self.value.to_string(), str::to_owned)
    }
}

/// One clause of a filter: a tag of this level and name has one of these values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagClause {
    /// Where the tag stands.
    pub level: TagLevel,
    /// Its key.
    pub name: String,
    /// Any of these; none given: any value.
    pub values: Vec<String>,
}
