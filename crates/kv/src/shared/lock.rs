//! Locks in Redis: a lease under a token that only its holder has, renewed while it is held.

use super::{Redis, nonce};
use crate::{Held, Locks, MemoryLocks};
use async_trait::async_trait;
use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;
use types::{Error, Result};

/// A node that dies keeps its locks this long.
const LEASE: Duration = Duration::from_secs(10);
/// How long a lock is waited for.
const WAIT: Duration = Duration::from_secs(30);
/// Time between two tries: the first, and the longest.
const TRY: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(40));

static RENEW: LazyLock<redis::Script> = LazyLock::new(|| {
    redis::Script::new(
        r"if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
          return redis.call('PEXPIRE', KEYS[1], ARGV[2])",
    )
});
static RELEASE: LazyLock<redis::Script> = LazyLock::new(|| {
    redis::Script::new(
        r"if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
          return redis.call('DEL', KEYS[1])",
    )
});

/// Locks that every node respects. A holder that cannot renew its lease for the length of it loses the lock without
/// noticing: what it writes must be guarded by a version as well, as turns of conversations are.
#[derive(Debug)]
pub struct RedisLocks {
    redis: Arc<Redis>,
    /// Those of this process wait here, in order; only the first of them asks Redis.
    local: MemoryLocks,
    lease: Duration,
    wait: Duration,
}

impl RedisLocks {
    /// Locks in `redis`.
    pub fn new(redis: Arc<Redis>) -> Self {
        Self::with_times(redis, LEASE, WAIT)
    }

    /// The same with another lease and another patience.
    pub fn with_times(redis: Arc<Redis>, lease: Duration, wait: Duration) -> Self {
        Self {
            redis,
            local: MemoryLocks::default(),
            lease,
            wait,
        }
    }
}

#[async_trait]
impl Locks for RedisLocks {
    async fn lock(&self, name: &str) -> Result<Box<dyn Held>> {
        let local = self.local.lock(name).await?;
        let mut held = RedisHeld {
            redis: Arc::clone(&self.redis),
            key: self.redis.key("lock", name),
            token: nonce(),
            local: Some(local),
            renewing: None,
        };
        let (mut pause, longest) = TRY;
        let begun = Instant::now();
        while !held.take(self.lease).await? {
            if begun.elapsed() >= self.wait {
                return Err(Error::unavailable("a lock is not free"));
            }
            tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.5))).await;
            pause = (pause * 2).min(longest);
        }
        held.renewing = Some(tokio::spawn(renew(
            Arc::clone(&held.redis),
            held.key.clone(),
            held.token.clone(),
            self.lease,
        )));
        Ok(Box::new(held))
    }
}

/// A lock that is held or, before its first `take`, wanted. Whatever became of it, dropping it takes it back.
struct RedisHeld {
    redis: Arc<Redis>,
    key: String,
    token: String,
    /// None only while it is being dropped.
    local: Option<Box<dyn Held>>,
    renewing: Option<JoinHandle<()>>,
}

impl RedisHeld {
    async fn take(&self, lease: Duration) -> Result<bool> {
        let mut link = self.redis.link().await?;
        let answer = redis::cmd("SET")
            .arg(&self.key)
            .arg(&self.token)
            .arg("NX")
            .arg("PX")
            .arg(millis(lease))
            .query_async::<Option<String>>(&mut link.connection)
            .await;
        Ok(self.redis.heard(&link, answer)?.is_some())
    }
}

impl Held for RedisHeld {}

impl Drop for RedisHeld {
    fn drop(&mut self) {
        if let Some(task) = self.renewing.take() {
            task.abort();
        }
        // outside a runtime nobody can be told: the lease runs out
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (redis, key, token) = (
            Arc::clone(&self.redis),
            std::mem::take(&mut self.key),
            std::mem::take(&mut self.token),
        );
        let local = self.local.take();
        runtime.spawn(async move {
            if let Ok(mut link) = redis.link().await {
                let answer = RELEASE
                    .key(key)
                    .arg(token)
                    .invoke_async::<i64>(&mut link.connection)
                    .await;
                let _ = redis.heard(&link, answer);
            }
            drop(local);
        });
    }
}

/// Renews a lease until the task is ended, or the lease is lost.
async fn renew(redis: Arc<Redis>, key: String, token: String, lease: Duration) {
    loop {
        tokio::time::sleep(lease / 3).await;
        let Ok(mut link) = redis.link().await else {
            continue;
        };
        let answer = RENEW
            .key(&key)
            .arg(&token)
            .arg(millis(lease))
            .invoke_async::<i64>(&mut link.connection)
            .await;
        if let Ok(0) = redis.heard(&link, answer) {
            tracing::warn!("a lock was lost while it was held");
            return;
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}
