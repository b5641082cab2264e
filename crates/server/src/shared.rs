//! What the nodes of an installation share: token ids, rate windows, locks, change notices. In Redis when there is one, else in the
//! database and in this process.

use anyhow::Context;
use async_trait::async_trait;
use kv::{
    EpochBook, JtiStore, Locks, MemoryLocks, MemoryWindows, Redis, RedisJti, RedisLocks,
    RedisNotices, RedisWindows, Since, Windows,
};
use settings::Settings;
use std::sync::Arc;
use store::Families;
use store_sql::SqlStore;
use types::{Clock, Result, SystemClock};

/// Token ids remembered at most; at the cap the answer is 503 (DECISIONS section 2 item 5).
const JTI_CAP: u64 = 10_000_000;
/// Rate windows kept in memory at most.
const WINDOWS_CAP: usize = 200_000;
/// Names of single values of the store: the epoch of Redis, since when the database knows every token id, what tells installations apart.
const EPOCH: &str = "redis_epoch";
const SINCE: &str = "jti_since";
const INSTALLATION: &str = "installation";
/// Set in a copy of the store (`ombud backup`): it does not know which ids were spent after it was made.
const COPIED: &str = "copied";

/// The parts.
pub struct Shared {
    pub jti: Arc<dyn JtiStore>,
    pub windows: Arc<dyn Windows>,
    pub locks: Arc<dyn Locks>,
}

/// The parts of a command that answers nobody: it never asks Redis.
///
/// # Errors
/// The store of token ids cannot be opened.
pub async fn alone(store: &SqlStore) -> anyhow::Result<Shared> {
    let jti = store.jti(JTI_CAP).await;
    Ok(Shared {
        jti: Arc::new(jti.map_err(|error| explained(error, "token ids cannot be kept"))?),
        windows: Arc::new(MemoryWindows::new(WINDOWS_CAP)),
        locks: Arc::new(MemoryLocks::default()),
    })
}

/// The parts of a server.
///
/// # Errors
/// The store cannot be reached, or the address of Redis cannot be read. A Redis that does not answer is no error here: until it does,
/// what needs it is refused.
pub async fn serving(settings: &Settings, store: &Arc<SqlStore>) -> anyhow::Result<Shared> {
    let jti = store.jti(JTI_CAP).await;
    let jti = jti.map_err(|error| explained(error, "token ids cannot be kept"))?;
    let since = since(store, settings.redis_url.is_some()).await;
    let since = since.map_err(|error| explained(error, "the database cannot be read"))?;
    let Some(url) = &settings.redis_url else {
        return Ok(Shared {
            jti: Arc::new(Since::new(Arc::new(jti), since)),
            ..alone_but_for_jti()
        });
    };
    let installation = installation(store).await;
    let installation =
        installation.map_err(|error| explained(error, "the database cannot be read"))?;
    let redis = Redis::open(url, &installation).map_err(|error| anyhow::anyhow!(error.message));
    let redis = Arc::new(redis.context("redis_url")?);
    if let Err(error) = redis.ping().await {
        let cause = error.source.map(|cause| cause.to_string());
        tracing::error!(
            cause,
            "Redis cannot be used; until it can, requests that need it are answered with 503"
        );
    }
    notice(&redis, store);
    let book = Arc::new(Book(Arc::clone(store)));
    let untouched = jti.was_empty() && since == 0;
    Ok(Shared {
        jti: Arc::new(RedisJti::new(redis.clone(), book, Arc::new(jti), untouched)),
        windows: Arc::new(RedisWindows::new(redis.clone())),
        locks: Arc::new(RedisLocks::new(redis)),
    })
}

fn alone_but_for_jti() -> Shared {
    Shared {
        jti: Arc::new(kv::MemoryJti::new(0)),
        windows: Arc::new(MemoryWindows::new(WINDOWS_CAP)),
        locks: Arc::new(MemoryLocks::default()),
    }
}

/// Tells other nodes of changes, and looks for theirs when told.
fn notice(redis: &Arc<Redis>, store: &Arc<SqlStore>) {
    let listener = Arc::downgrade(store);
    let notices = RedisNotices::start(Arc::clone(redis), move || {
        if let Some(store) = listener.upgrade() {
            store.look_for_changes();
        }
    });
    store.tell_changes_with(move || notices.tell());
}

/// Since when the database knows every token id, milliseconds UTC, 0 for ever: since the first start on a copy of the store, and
/// since the first start without Redis after one with it. A copy also begins a new epoch of Redis.
async fn since(store: &SqlStore, redis: bool) -> Result<i64> {
    let meta = store.meta();
    let copied = meta.find(COPIED).await?.is_some();
    if copied || (!redis && meta.find(EPOCH).await?.is_some()) {
        meta.put(SINCE, SystemClock.now().to_string().as_bytes())
            .await?;
        meta.remove(EPOCH).await?;
        meta.remove(COPIED).await?;
    }
    let since = meta.find(SINCE).await?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&since).parse().unwrap_or(0))
}

/// A short text that tells this installation from others on the same Redis.
async fn installation(store: &SqlStore) -> Result<String> {
    let meta = store.meta();
    let fresh = crypt::random::hex(8);
    meta.put_new(INSTALLATION, fresh.as_bytes()).await?;
    let kept = meta.find(INSTALLATION).await?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&kept).into_owned())
}

/// The epoch's id in the database.
struct Book(Arc<SqlStore>);

#[async_trait]
impl EpochBook for Book {
    async fn read(&self) -> Result<Option<String>> {
        let id = self.0.meta().find(EPOCH).await?;
        Ok(id.map(|id| String::from_utf8_lossy(&id).into_owned()))
    }
    async fn begin(&self, id: &str) -> Result<bool> {
        self.0.meta().put_new(EPOCH, id.as_bytes()).await
    }
    async fn replace(&self, id: &str) -> Result<()> {
        self.0.meta().put(EPOCH, id.as_bytes()).await
    }
}

/// What failed, with the cause behind it: at the terminal the operator may see it.
pub fn explained(error: types::Error, what: &'static str) -> anyhow::Error {
    match error.source {
        Some(cause) => anyhow::anyhow!(cause).context(what),
        None => anyhow::anyhow!(error.message).context(what),
    }
}
