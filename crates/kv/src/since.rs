//! Token ids of a store that does not know what was spent before some moment.

use crate::{JtiStore, Spent, Use};
use async_trait::async_trait;
use std::sync::Arc;
use types::Result;

/// A token that was used before the moment may be dated ahead of it by this much: a minute (DECISIONS section 2, item 4), and what
/// clocks of nodes may differ.
const AHEAD_MS: i64 = 65_000;

/// A store that refuses what may have been spent elsewhere before it was put to use.
pub struct Since {
    inner: Arc<dyn JtiStore>,
    since: i64,
}

impl Since {
    /// `since`: milliseconds UTC; 0: the store has known every id from the beginning.
    pub fn new(inner: Arc<dyn JtiStore>, since: i64) -> Self {
        Self { inner, since }
    }
}

#[async_trait]
impl JtiStore for Since {
    async fn spend(&self, id: &Use<'_>) -> Result<Spent> {
        if self.since > 0 && id.issued <= self.since + AHEAD_MS {
            return Ok(Spent::Forgotten);
        }
        self.inner.spend(id).await
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryJti, Surface};

    #[tokio::test]
    async fn what_may_have_been_spent_elsewhere_is_refused() {
        let id = |issued| Use {
            client: "cs-a",
            surface: Surface::Api,
            jti: "x",
            bound: "",
            issued,
            expires: issued + 600_000,
            now: issued,
        };
        let since = Since::new(Arc::new(MemoryJti::new(9)), 1_000_000);
        for issued in [1, 1_000_000, 1_060_000] {
            let spent = since.spend(&id(issued)).await.expect("memory");
            assert_eq!(spent, Spent::Forgotten, "{issued}");
        }
        let later = since.spend(&id(1_065_001)).await.expect("memory");
        assert_eq!(later, Spent::Fresh);
        let always = Since::new(Arc::new(MemoryJti::new(9)), 0);
        assert_eq!(always.spend(&id(1)).await.expect("memory"), Spent::Fresh);
    }
}
