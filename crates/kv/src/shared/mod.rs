//! The twins in Redis (or Valkey): shared by every node of an installation.
//!
//! One connection carries everything but the notices. It is never mended behind our back: when it breaks, the next call opens another
//! one and looks at what it finds there, see [`RedisJti`]. All keys begin with `{ombud:<installation>}`, so that several
//! installations can share a Redis and that a cluster keeps them on one node.

mod epoch;
mod jti;
mod lock;
mod notice;
mod window;

pub use epoch::EpochBook;
pub use jti::RedisJti;
pub use lock::RedisLocks;
pub use notice::RedisNotices;
pub use window::RedisWindows;

use redis::aio::MultiplexedConnection;
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use types::{Error, Kind, Result};

/// How long a call and an attempt to connect may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// After a failed attempt to connect, callers are refused this long without another one.
const PAUSE: Duration = Duration::from_millis(100);

/// A Redis, reached when it is needed.
pub struct Redis {
    client: redis::Client,
    prefix: String,
    current: Mutex<Option<Link>>,
    connecting: tokio::sync::Mutex<Option<Instant>>,
    serial: AtomicU64,
}

/// A connection, and what the server said about itself on it.
#[derive(Clone)]
struct Link {
    connection: MultiplexedConnection,
    /// Another number for each connection.
    serial: u64,
    server: Server,
}

/// What matters of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Server {
    /// Another one after each start.
    run: String,
    /// Each answered write is on the disk.
    durable: bool,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl Redis {
    /// A Redis at `redis://[user:password@]host[:port][/number]`, `rediss://…` (TLS) or `redis+unix:///path`. `installation` tells apart the
    /// installations that share it. Connects at the first call.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for an address that cannot be read. The text does not repeat it: it may hold a password.
    pub fn open(url: &str, installation: &str) -> Result<Self> {
        let client = redis::Client::open(url).map_err(|error| {
            Error::new(
                Kind::BadInput,
                "the address of Redis cannot be read; it looks like redis://host:6379",
            )
            .because(error.kind_text())
        })?;
        Ok(Self {
            client,
            prefix: format!("{{ombud:{installation}}}"),
            current: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
            serial: AtomicU64::new(1),
        })
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] with the cause.
    pub async fn ping(&self) -> Result<()> {
        let mut link = self.link().await?;
        let answer = redis::cmd("PING")
            .query_async::<String>(&mut link.connection)
            .await;
        self.heard(&link, answer).map(drop)
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{}:{kind}:{name}", self.prefix)
    }

    fn live(&self) -> Option<Link> {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The connection in use, or a new one. Of many who ask at once one connects.
    async fn link(&self) -> Result<Link> {
        if let Some(link) = self.live() {
            return Ok(link);
        }
        let mut failed = self.connecting.lock().await;
        if let Some(link) = self.live() {
            return Ok(link);
        }
        if failed.is_some_and(|at| at.elapsed() < PAUSE) {
            return Err(Error::unavailable("Redis was not reachable just now"));
        }
        match tokio::time::timeout(PATIENCE * 2, self.connect()).await {
            Ok(Ok(link)) => {
                *failed = None;
                *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(link.clone());
                tracing::info!(run = %link.server.run, durable = link.server.durable, "connected to Redis");
                Ok(link)
            }
            Ok(Err(error)) => {
                *failed = Some(Instant::now());
                tracing::warn!(%error, "Redis cannot be used");
                Err(Error::unavailable(error))
            }
            Err(_) => {
                *failed = Some(Instant::now());
                tracing::warn!("Redis does not answer");
                Err(Error::unavailable("Redis does not answer"))
            }
        }
    }

    async fn connect(&self) -> Result<Link, Box<dyn std::error::Error + Send + Sync>> {
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let info: String = redis::cmd("INFO").query_async(&mut connection).await?;
        // a server that keeps its settings to itself is taken for one that may lose the last writes
        let fsync: Vec<String> = redis::cmd("CONFIG")
            .arg("GET")
            .arg("appendfsync")
            .query_async(&mut connection)
            .await
            .unwrap_or_default();
        let server = read_info(&info, fsync.iter().any(|word| word == "always"))?;
        Ok(Link {
            connection,
            serial: self.serial.fetch_add(1, Ordering::Relaxed),
            server,
        })
    }

    /// Passes an answer on; after a failure the connection is not used again.
    fn heard<T>(&self, link: &Link, answer: redis::RedisResult<T>) -> Result<T> {
        answer.map_err(|error| {
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            if current
                .as_ref()
                .is_some_and(|now| now.serial == link.serial)
            {
                tracing::warn!(%error, "Redis failed");
                *current = None;
            }
            Error::unavailable(error)
        })
    }
}

trait KindText {
    fn kind_text(&self) -> String;
}
impl KindText for redis::RedisError {
    fn kind_text(&self) -> String {
        format!("{:?}", self.kind())
    }
}

/// Reads what `INFO` says.
fn read_info(info: &str, fsync_always: bool) -> Result<Server, String> {
    let find = |name: &str| {
        info.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim())
    };
    if find("loading").is_some_and(|v| v != "0") {
        return Err("Redis is still loading its data".into());
    }
    if find("role").is_some_and(|role| role != "master") {
        return Err("this Redis is a replica; give the address of the primary".into());
    }
    let policy = find("maxmemory_policy").unwrap_or("noeviction");
    if policy != "noeviction" && find("maxmemory").is_some_and(|v| v != "0") {
        return Err(format!(
            "Redis may throw live token ids away (maxmemory-policy {policy}); set maxmemory-policy noeviction"
        ));
    }
    let run = find("run_id").ok_or("Redis does not tell its run_id")?;
    Ok(Server {
        run: run.to_owned(),
        durable: fsync_always && find("aof_enabled") == Some("1"),
    })
}

/// A token that nobody else has.
fn nonce() -> String {
    format!("{:032x}", rand::random::<u128>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "# Server\r\nrun_id:abc\r\n# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n# Persistence\r\nloading:0\r\naof_enabled:1\r\n# Replication\r\nrole:master\r\n";

    #[test]
    fn a_server_that_may_throw_entries_away_or_is_a_replica_is_refused() {
        let read = |from: &str, to: &str| read_info(&INFO.replace(from, to), true);
        assert_eq!(read("", "").expect("usable").run, "abc");
        for (from, to) in [
            ("maxmemory:0", "maxmemory:1000"),
            ("role:master", "role:slave"),
            ("loading:0", "loading:1"),
            ("run_id:abc", "x:y"),
        ] {
            assert!(read(from, to).is_err(), "{to}");
        }
    }

    #[test]
    fn only_a_log_that_is_written_through_counts_as_durable() {
        let durable = |aof: &str, always| {
            read_info(&INFO.replace("aof_enabled:1", aof), always)
                .expect("usable")
                .durable
        };
        assert!(durable("aof_enabled:1", true));
        assert!(!durable("aof_enabled:1", false));
        assert!(!durable("aof_enabled:0", true));
    }

    #[test]
    fn an_address_that_cannot_be_read_is_not_repeated() {
        let error = Redis::open("http://:s3cret@x", "i").expect_err("no address of a Redis");
        assert!(!format!("{error:?}").contains("s3cret"));
    }
}
