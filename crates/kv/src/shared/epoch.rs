//! Since when a Redis knows every token id.
//!
//! The key `epoch` holds an id, the moment since when nothing is missing, and the run of the server that it was written under. It
//! is begun anew when it is missing, when the server has been started again without a log that is written through, and when its id is
//! not the one that the database knows (another Redis, or an old copy).

use super::{Redis, nonce};
use async_trait::async_trait;
use std::{sync::LazyLock, time::Duration};
use types::{Error, Result};

/// Where the id of the epoch in force is kept outside Redis: in the database.
#[async_trait]
pub trait EpochBook: Send + Sync + 'static {
    /// The id in force; none when there never was one.
    async fn read(&self) -> Result<Option<String>>;
    /// Writes the first id unless there is one; says whether it wrote.
    async fn begin(&self, id: &str) -> Result<bool>;
    /// Replaces the id.
    async fn replace(&self, id: &str) -> Result<()>;
}

/// What a connection was opened under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Epoch {
    /// The connection.
    pub serial: u64,
    /// Its id.
    pub id: String,
    /// Since when nothing is missing, milliseconds UTC; 0: since ever.
    pub since: i64,
}

/// Times that an unknown id is looked up again before it counts as foreign: another node may just be writing it down.
const LOOKS: usize = 5;
const LOOK: Duration = Duration::from_millis(40);

static ESTABLISH: LazyLock<redis::Script> = LazyLock::new(|| {
    redis::Script::new(
        r"local at = redis.call('HMGET', KEYS[1], 'id', 'since', 'run')
          if at[1] and at[1] == ARGV[1] and (at[3] == ARGV[2] or ARGV[3] == '1') then
            if at[3] ~= ARGV[2] then redis.call('HSET', KEYS[1], 'run', ARGV[2]) end
            return {'kept', at[1], at[2]}
          end
          if at[1] and at[1] ~= ARGV[1] and at[3] == ARGV[2] and ARGV[6] == '0' then
            return {'unknown', at[1], at[2]}
          end
          redis.call('HSET', KEYS[1], 'id', ARGV[4], 'since', ARGV[5], 'run', ARGV[2])
          return {'begun', ARGV[4], ARGV[5]}",
    )
});

/// Finds or begins the epoch on the connection in use. `untouched`: no token id was ever spent in this installation, so a
/// first epoch reaches back for ever.
pub(super) async fn establish(
    redis: &Redis,
    book: &dyn EpochBook,
    untouched: bool,
    now: i64,
) -> Result<Epoch> {
    for look in 0..=LOOKS {
        let mut link = redis.link().await?;
        let known = book.read().await?;
        let id = nonce();
        let since = if known.is_none() && untouched { 0 } else { now };
        let answer = ESTABLISH
            .key(redis.key("epoch", ""))
            .arg(known.as_deref().unwrap_or_default())
            .arg(&link.server.run)
            .arg(u8::from(link.server.durable))
            .arg(&id)
            .arg(since)
            .arg(u8::from(look == LOOKS))
            .invoke_async::<(String, String, i64)>(&mut link.connection)
            .await;
        let (outcome, id, since) = redis.heard(&link, answer)?;
        match outcome.as_str() {
            "kept" => {}
            "begun" => {
                let written = match known {
                    None => book.begin(&id).await?,
                    Some(_) => {
                        book.replace(&id).await?;
                        true
                    }
                };
                if !written {
                    // another node was first; its id is the one that counts
                    continue;
                }
                if since > 0 {
                    tracing::warn!(
                        since,
                        "Redis may have lost token ids: tokens with a jti issued before are refused until they have expired"
                    );
                }
            }
            _ => {
                tokio::time::sleep(LOOK).await;
                continue;
            }
        }
        return Ok(Epoch {
            serial: link.serial,
            id,
            since,
        });
    }
    Err(Error::unavailable(
        "the epoch of Redis changes with every look",
    ))
}
