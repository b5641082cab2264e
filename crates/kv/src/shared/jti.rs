//! Spent token ids in Redis.

use super::{
    Redis,
    epoch::{Epoch, EpochBook, establish},
};
use crate::{JtiStore, Spent, Surface, Use};
use async_trait::async_trait;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use types::{Error, Result};

/// How far the clocks of two nodes may differ.
const SKEW_MS: i64 = 5_000;
/// How far ahead of our clock a token may be dated (DECISIONS section 2, item 4).
const AHEAD_MS: i64 = 60_000;
/// Kept longer than the token lives, for nodes whose clock is behind.
const SPARE_MS: i64 = 60_000;
/// Times that a spend is tried when the epoch changes meanwhile.
const TRIES: usize = 3;

static SPEND: LazyLock<redis::Script> = LazyLock::new(|| {
    redis::Script::new(
        r"if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 'epoch' end
          local seen = redis.call('GET', KEYS[2])
          if seen then
            local ends, tied = string.match(seen, '^(%-?%d+) (.*)$')
            if tonumber(ends) > tonumber(ARGV[4]) then
              if ARGV[5] == '1' and tied == ARGV[2] then return 'again' end
              return 'seen'
            end
          end
          redis.call('SET', KEYS[2], ARGV[3] .. ' ' .. ARGV[2], 'PX', ARGV[6])
          return 'fresh'",
    )
});

/// Spent token ids in Redis, one script a token.
///
/// A Redis that lost what it knew must not open the window again. Each script checks the epoch that the connection was opened
/// under; when a new epoch had to be begun, tokens issued before it are [`Spent::Forgotten`]. A token may be dated ahead by a minute, so one that
/// was used before the loss can look younger than it: such tokens, and all tokens of the first minute of an epoch, are spent in the database too.
pub struct RedisJti {
    redis: Arc<Redis>,
    book: Arc<dyn EpochBook>,
    durable: Arc<dyn JtiStore>,
    untouched: bool,
    epoch: Mutex<Option<Epoch>>,
    establishing: tokio::sync::Mutex<()>,
}

impl RedisJti {
    /// Ids in `redis`, with `durable` (the database) for those that a loss could hide. `untouched`: `durable` never held an id.
    pub fn new(
        redis: Arc<Redis>,
        book: Arc<dyn EpochBook>,
        durable: Arc<dyn JtiStore>,
        untouched: bool,
    ) -> Self {
        Self {
            redis,
            book,
            durable,
            untouched,
            epoch: Mutex::default(),
            establishing: tokio::sync::Mutex::default(),
        }
    }

    fn known(&self) -> Option<Epoch> {
        self.epoch
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The epoch of a connection. `stale` is one that has turned out wrong.
    async fn epoch(&self, serial: u64, stale: Option<&Epoch>, now: i64) -> Result<Epoch> {
        let fits = |epoch: &Epoch| epoch.serial == serial && stale != Some(epoch);
        if let Some(epoch) = self.known().filter(fits) {
            return Ok(epoch);
        }
        let _one = self.establishing.lock().await;
        if let Some(epoch) = self.known().filter(fits) {
            return Ok(epoch);
        }
        let epoch = establish(&self.redis, &*self.book, self.untouched, now).await?;
        *self.epoch.lock().unwrap_or_else(PoisonError::into_inner) = Some(epoch.clone());
        Ok(epoch)
    }

    async fn in_redis(&self, id: &Use<'_>) -> Result<(Spent, Epoch)> {
        let mut stale = None;
        for _ in 0..TRIES {
            let mut link = self.redis.link().await?;
            let epoch = self.epoch(link.serial, stale.as_ref(), id.now).await?;
            if epoch.serial != link.serial {
                continue;
            }
            if epoch.since > 0 && id.issued <= epoch.since + SKEW_MS {
                return Ok((Spent::Forgotten, epoch));
            }
            let answer = SPEND
                .key(self.redis.key("epoch", ""))
                .key(self.redis.key("jti", &format!("{}:{}", id.client, id.jti)))
                .arg(&epoch.id)
                .arg(format!("{} {}", id.surface.as_str(), id.bound))
                .arg(id.expires)
                .arg(id.now)
                .arg(u8::from(id.surface == Surface::Channel))
                .arg(id.expires.saturating_sub(id.now).max(1) + SPARE_MS)
                .invoke_async::<String>(&mut link.connection)
                .await;
            match self.redis.heard(&link, answer)?.as_str() {
                "fresh" => return Ok((Spent::Fresh, epoch)),
                "again" => return Ok((Spent::Again, epoch)),
                "seen" => return Ok((Spent::Seen, epoch)),
                _ => stale = Some(epoch),
            }
        }
        Err(Error::unavailable(
            "the connection to Redis changes with every try",
        ))
    }
}

impl std::fmt::Debug for RedisJti {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisJti")
    }
}

#[async_trait]
impl JtiStore for RedisJti {
    async fn spend(&self, id: &Use<'_>) -> Result<Spent> {
        let (spent, epoch) = self.in_redis(id).await?;
        let ahead = id.issued > id.now + SKEW_MS;
        let young = epoch.since > 0 && id.now < epoch.since + AHEAD_MS + SKEW_MS;
        if spent == Spent::Fresh && (ahead || young) {
            return self.durable.spend(id).await;
        }
        Ok(spent)
    }

    async fn ping(&self) -> Result<()> {
        self.redis.ping().await
    }
}
