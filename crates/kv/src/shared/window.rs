//! Rolling rate windows in Redis: a sorted set of the hits of each key, one script a hit.

use super::{Redis, nonce};
use crate::{Hit, Window, Windows, window::seconds};
use async_trait::async_trait;
use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicU64, Ordering},
};
use types::Result;

/// Kept longer than the longest window, for nodes whose clock is behind.
const SPARE_MS: i64 = 60_000;

static HIT: LazyLock<redis::Script> = LazyLock::new(|| {
    redis::Script::new(
        r"local key, now, life = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
          redis.call('ZREMRANGEBYSCORE', key, '-inf', now - life)
          local full, free = 0, 0
          local tight, left = 0, 0
          for i = 1, (#ARGV - 4) / 2 do
            local length, limit = tonumber(ARGV[3 + 2 * i]), tonumber(ARGV[4 + 2 * i])
            local after = '(' .. string.format('%.0f', now - length)
            local count = redis.call('ZCOUNT', key, after, '+inf')
            if count >= limit then
              local oldest = redis.call('ZRANGEBYSCORE', key, after, '+inf', 'WITHSCORES', 'LIMIT', count - limit, 1)
              local at = (oldest[2] and tonumber(oldest[2]) or now) + length
              if full == 0 or at >= free then full, free = i, at end
            elseif tight == 0 or limit - count - 1 < left then
              tight, left = i, limit - count - 1
            end
          end
          if full > 0 then return {0, full, free - now} end
          local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
          local at = now
          if last[2] and tonumber(last[2]) > at then at = tonumber(last[2]) end
          redis.call('ZADD', key, at, ARGV[3])
          redis.call('PEXPIRE', key, ARGV[4])
          return {1, tight, left}",
    )
});

/// Rate windows that every node counts in.
#[derive(Debug)]
pub struct RedisWindows {
    redis: Arc<Redis>,
    /// Tells the hits of this process from those of others.
    process: String,
    count: AtomicU64,
}

impl RedisWindows {
    /// Windows in `redis`.
    pub fn new(redis: Arc<Redis>) -> Self {
        Self {
            redis,
            process: nonce(),
            count: AtomicU64::new(0),
        }
    }
}

#[async_trait]
impl Windows for RedisWindows {
    async fn hit(&self, key: &str, now: i64, windows: &[Window]) -> Result<Hit> {
        let Some(longest) = windows.iter().map(|w| w.length).max() else {
            return Ok(Hit::Allowed {
                remaining: u32::MAX,
                limit: u32::MAX,
                reset_after: 0,
            });
        };
        let mut link = self.redis.link().await?;
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let mut call = HIT.key(self.redis.key("rate", key));
        call.arg(now)
            .arg(longest)
            .arg(format!("{}{number}", self.process))
            .arg(longest + SPARE_MS);
        for window in windows {
            call.arg(window.length).arg(window.limit);
        }
        let answer = call
            .invoke_async::<(u8, usize, i64)>(&mut link.connection)
            .await;
        let (allowed, index, figure) = self.redis.heard(&link, answer)?;
        let window = windows
            .get(index.wrapping_sub(1))
            .ok_or_else(|| types::Error::internal("the script names a window that is not there"))?;
        Ok(if allowed == 1 {
            Hit::Allowed {
                remaining: u32::try_from(figure).unwrap_or(0),
                limit: window.limit,
                reset_after: seconds(window.length),
            }
        } else {
            Hit::Limited {
                length: window.length,
                limit: window.limit,
                retry_after: seconds(figure),
            }
        })
    }
}
