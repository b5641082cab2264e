//! Identifiers: newtypes that keep the prefix of the wire (DECISIONS section 9).

use crate::clock::Ids;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, prefix $prefix:literal) => {
        id!(@type $(#[$doc])* $name);
        impl $name {
            /// What every such id begins with.
            pub const PREFIX: &'static str = $prefix;
            /// A fresh id.
            pub fn new(ids: &dyn Ids) -> Self {
                Self(format!("{}{}", $prefix, ids.uuid()))
            }
            /// Reads an id from outside: prefix, then at most 64 more characters of `[0-9A-Za-z-]`.
            pub fn parse(text: &str) -> Option<Self> {
                let rest = text.strip_prefix($prefix)?;
                let fits = !rest.is_empty() && rest.len() <= 64 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                fits.then(|| Self(text.to_owned()))
            }
        }
    };
    ($(#[$doc:meta])* $name:ident, hex24) => {
        id!(@type $(#[$doc])* $name);
        impl $name {
            /// A fresh id.
            pub fn new(ids: &dyn Ids) -> Self {
                Self(ids.hex24())
            }
            /// Reads an id from outside: exactly 24 lower-case hex digits.
            pub fn parse(text: &str) -> Option<Self> {
                let fits = text.len() == 24 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                fits.then(|| Self(text.to_owned()))
            }
        }
    };
    (@type $(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);
        impl $name {
            /// The text as it goes over the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
            /// Takes text that the store wrote earlier; not for text from outside.
            pub fn trusted(text: impl Into<String>) -> Self {
                Self(text.into())
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(/// An account (tenant).
    AccountId, hex24);
id!(/// An agent (bot, stream on the wire).
    BotId, prefix "st-");
id!(/// A client app.
    ClientId, prefix "cs-");
id!(/// A person who signs in to the console, or the user of a conversation.
    UserId, prefix "u-");
id!(/// A conversation session.
    SessionId, hex24);
id!(/// A message of a conversation.
    MessageId, prefix "ms-");
id!(/// An uploaded file.
    FileId, hex24);
id!(/// A training run (`Training_ID` on the wire).
    TrainingId, hex24);
id!(/// A batch test suite.
    TestSuiteId, prefix "ts-");
id!(/// An extraction of questions and answers.
    ExtractionId, prefix "ke-");
id!(/// A background job; the prefix depends on its kind (`bir-`, `ber-`, …).
    JobId, prefix "");
id!(/// A version (published snapshot) of an agent.
    VersionId, hex24);

impl JobId {
    /// A fresh id with the prefix of the job's kind, for instance `bir-`.
    pub fn with_prefix(prefix: &str, ids: &dyn Ids) -> Self {
        Self(format!("{prefix}{}", ids.uuid()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::RandomIds;

    #[test]
    fn fresh_ids_parse_and_have_version_5() {
        let bot = BotId::new(&RandomIds);
        assert_eq!(BotId::parse(bot.as_str()), Some(bot.clone()));
        assert_eq!(
            uuid::Uuid::parse_str(&bot.as_str()[3..])
                .expect("uuid")
                .get_version_num(),
            5
        );
    }

    #[test]
    fn foreign_shapes_are_refused() {
        for text in ["", "st-", "cs-1", "st-a/b", "st-a b"] {
            assert_eq!(BotId::parse(text), None, "{text}");
        }
        assert_eq!(AccountId::parse("64F000000000000000000004"), None);
    }
}
