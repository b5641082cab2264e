//! Token ids that count once (DECISIONS section 2, item 5).

use async_trait::async_trait;
use std::{collections::HashMap, sync::Mutex};
use types::Result;

/// Which door a token id was used at; an id belongs to the door that saw it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// The public API and the token exchange: an id passes once.
    Api,
    /// The channel paths: an id passes again while [`JtiStore::spend`] is called with the same `bound` text.
    Channel,
}

impl Surface {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Channel => "channel",
        }
    }
}

/// One use of a token id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use<'a> {
    /// The client id.
    pub client: &'a str,
    /// The door.
    pub surface: Surface,
    /// The id; one per client, whatever the surface.
    pub jti: &'a str,
    /// What the id is tied to on the channel paths (agent, user); empty on the API.
    pub bound: &'a str,
    /// When the token was made, milliseconds UTC; where it does not say so, the earliest moment at which it can have been.
    pub issued: i64,
    /// Until when the id is remembered, milliseconds UTC, leeway included.
    pub expires: i64,
    /// The time of the check, milliseconds UTC.
    pub now: i64,
}

/// What became of a token id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// Never seen before; it is remembered now.
    Fresh,
    /// Seen on the channel paths with the same bound text: passes again.
    Again,
    /// Seen before: refused.
    Seen,
    /// Issued before the store lost what it knew, so it may have been seen: refused.
    Forgotten,
    /// No room: live entries are never forgotten early.
    Full,
}

/// Remembers token ids until they expire.
#[async_trait]
pub trait JtiStore: Send + Sync + 'static {
    /// Checks and remembers in one step that no other node can come between.
    ///
    /// # Errors
    /// [`types::Kind::Unavailable`] when the shared store cannot be reached: the token is then refused.
    async fn spend(&self, id: &Use<'_>) -> Result<Spent>;

    /// Asks a store of its own for a sign of life.
    ///
    /// # Errors
    /// [`types::Kind::Unavailable`] when there is none.
    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

type Key = (String, String);
type Entry = (Surface, String, i64);

/// In memory, for tests.
#[derive(Debug)]
pub struct MemoryJti {
    seen: Mutex<HashMap<Key, Entry>>,
    cap: usize,
}

impl MemoryJti {
    /// Room for `cap` live ids.
    pub fn new(cap: usize) -> Self {
        Self {
            seen: Mutex::default(),
            cap,
        }
    }
}

#[async_trait]
impl JtiStore for MemoryJti {
    async fn spend(&self, id: &Use<'_>) -> Result<Spent> {
        let mut seen = self
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let key = (id.client.to_owned(), id.jti.to_owned());
        if let Some((first, tied, until)) = seen.get(&key)
            && *until > id.now
        {
            let again = id.surface == Surface::Channel && *first == id.surface && tied == id.bound;
            return Ok(if again { Spent::Again } else { Spent::Seen });
        }
        if seen.len() >= self.cap {
            seen.retain(|_, (_, _, until)| *until > id.now);
        }
        if seen.len() >= self.cap {
            return Ok(Spent::Full);
        }
        seen.insert(key, (id.surface, id.bound.to_owned(), id.expires));
        Ok(Spent::Fresh)
    }
}
