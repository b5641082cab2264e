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

/// What became of a token id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// Never seen before; it is remembered now.
    Fresh,
    /// Seen on the channel paths with the same bound text: passes again.
    Again,
    /// Seen before: refused.
    Seen,
    /// No room: live entries are never forgotten early.
    Full,
}

/// Remembers token ids until they expire.
#[async_trait]
pub trait JtiStore: Send + Sync + 'static {
    /// Checks and remembers in one step that no other node can come between. `client` is the client id; `bound` is what the id is
    /// tied to on the channel paths (client id, agent, user), empty on the API; the entry lives until `expires` (milliseconds UTC, leeway
    /// included); `now` is the time of the check. An id is one per client, whatever the surface.
    ///
    /// # Errors
    /// [`types::Kind::Unavailable`] when the shared store cannot be reached: the token is then refused.
    async fn spend(
        &self,
        client: &str,
        surface: Surface,
        jti: &str,
        bound: &str,
        expires: i64,
        now: i64,
    ) -> Result<Spent>;
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
    async fn spend(
        &self,
        client: &str,
        surface: Surface,
        jti: &str,
        bound: &str,
        expires: i64,
        now: i64,
    ) -> Result<Spent> {
        let mut seen = self
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let key = (client.to_owned(), jti.to_owned());
        if let Some((first, tied, until)) = seen.get(&key)
            && *until > now
        {
            let again = surface == Surface::Channel && *first == surface && tied == bound;
            return Ok(if again { Spent::Again } else { Spent::Seen });
        }
        if seen.len() >= self.cap {
            seen.retain(|_, (_, _, until)| *until > now);
        }
        if seen.len() >= self.cap {
            return Ok(Spent::Full);
        }
        seen.insert(key, (surface, bound.to_owned(), expires));
        Ok(Spent::Fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_id_passes_once_per_client_until_it_expires() {
        let jti = MemoryJti::new(10);
        let spend = |client: &'static str, now| jti.spend(client, Surface::Api, "x", "", 100, now);
        assert_eq!(spend("a", 0).await.expect("memory"), Spent::Fresh);
        assert_eq!(spend("a", 99).await.expect("memory"), Spent::Seen);
        assert_eq!(spend("b", 99).await.expect("memory"), Spent::Fresh);
        assert_eq!(spend("a", 100).await.expect("memory"), Spent::Fresh);
    }

    #[tokio::test]
    async fn a_channel_id_passes_again_only_where_it_belongs() {
        let jti = MemoryJti::new(10);
        let spend = |surface, bound: &'static str| jti.spend("a", surface, "x", bound, 100, 0);
        assert_eq!(
            spend(Surface::Channel, "u1").await.expect("memory"),
            Spent::Fresh
        );
        assert_eq!(
            spend(Surface::Channel, "u1").await.expect("memory"),
            Spent::Again
        );
        assert_eq!(
            spend(Surface::Channel, "u2").await.expect("memory"),
            Spent::Seen
        );
        assert_eq!(spend(Surface::Api, "").await.expect("memory"), Spent::Seen);
    }

    #[tokio::test]
    async fn live_ids_are_never_forgotten_early() {
        let jti = MemoryJti::new(1);
        let spend = |id: &'static str, now| jti.spend("a", Surface::Api, id, "", 100, now);
        assert_eq!(spend("x", 0).await.expect("memory"), Spent::Fresh);
        assert_eq!(spend("y", 0).await.expect("memory"), Spent::Full);
        assert_eq!(spend("x", 0).await.expect("memory"), Spent::Seen);
        assert_eq!(spend("y", 100).await.expect("memory"), Spent::Fresh);
    }
}
