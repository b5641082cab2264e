//! Opening a store, and the store and transaction objects.

use crate::{
    db::{Db, args, from_sqlx},
    generation::Generation,
    jti::SqlJti,
    migrate,
};
use async_trait::async_trait;
use sqlx::{
    ConnectOptions, SqlitePool,
    pool::PoolOptions,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Weak},
    time::Duration,
};
use store::{
    Accesses, Accounts, Agents, Apps, AuditLog, BatchTests, ConversationTests, Conversations,
    DataGrants, DebugLogs, Definitions, Extractions, Families, Files, Grants, Jobs, Links, Logins,
    Mappings, Messages, Meta, Models, Passkeys, PlatformKeys, Sessions, Store, Tx, Users,
    Variables, Versions,
};
use types::{Error, Result};

/// How long a call waits for a connection, or for another writer of the same SQLite file.
const PATIENCE: Duration = Duration::from_secs(15);
/// Read connections to a SQLite file.
const READERS: u32 = 4;
/// Connections to PostgreSQL.
const CONNECTIONS: u32 = 16;
/// How often other nodes' changes are looked for; a change is in force there within a second.
const LOOK: Duration = Duration::from_millis(400);

/// The store on SQLite or PostgreSQL. Dropping it lets go of everything.
pub struct SqlStore {
    db: Arc<Db>,
    generation: Arc<Generation>,
    /// Where the SQLite files are; none on PostgreSQL.
    files: Option<PathBuf>,
    applied: usize,
    watcher: tokio::task::JoinHandle<()>,
}

impl SqlStore {
    /// Opens a store and brings its tables up to date. `url` is `postgres://…`, `postgresql://…`, `sqlite:PATH` or the path of a SQLite file,
    /// which is made if it does not exist. Processes that are given the same `data_dir` (made if it does not exist) see each other's changes at once,
    /// see [`Store::generation`].
    ///
    /// # Errors
    /// [`types::Kind::BadInput`] when the address cannot be read, [`types::Kind::Unavailable`] when nobody answers there.
    pub async fn connect(url: &str, data_dir: Option<&Path>) -> Result<Self> {
        let generation = Arc::new(Generation::open(data_dir)?);
        let (db, files) = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            (
                Db::postgres(postgres_pool(url).await?, generation.clone()),
                None,
            )
        } else {
            let path = PathBuf::from(
                url.strip_prefix("sqlite://")
                    .or_else(|| url.strip_prefix("sqlite:"))
                    .unwrap_or(url),
            );
            let dir = path
                .parent()
                .filter(|dir| !dir.as_os_str().is_empty())
                .map_or_else(|| PathBuf::from("."), Path::to_owned);
            std::fs::create_dir_all(&dir).map_err(Error::unavailable)?;
            let write = sqlite_pool(&path, SqliteSynchronous::Normal, 1, false).await?;
            let read = sqlite_pool(&path, SqliteSynchronous::Normal, READERS, true).await?;
            (Db::sqlite(write, read, generation.clone()), Some(dir))
        };
        let db = Arc::new(db);
        let applied = migrate::run(&db, "main", migrate::MAIN).await?;
        generation.publish(db.stored_generation().await?);
        let watcher = tokio::spawn(watch(Arc::downgrade(&db), generation.clone()));
        Ok(Self {
            db,
            generation,
            files,
            applied,
            watcher,
        })
    }

    /// Opens the SQLite store `ombud.db` of a data directory.
    ///
    /// # Errors
    /// As [`SqlStore::connect`].
    pub async fn in_dir(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("ombud.db");
        let text = path
            .to_str()
            .ok_or_else(|| Error::bad_input("the data directory's name is not UTF-8"))?;
        Self::connect(text, Some(data_dir)).await
    }

    /// Steps that [`SqlStore::connect`] ran to bring the tables up to date.
    pub fn migrations_applied(&self) -> usize {
        self.applied
    }

    /// Spent token ids: on SQLite in the file `jti.db` beside the store, written through to the disk before the answer; on
    /// PostgreSQL in a table. `cap` live ids at most. Open it once per process: it groups what is asked at the same time.
    ///
    /// # Errors
    /// As [`SqlStore::connect`].
    pub async fn jti(&self, cap: u64) -> Result<SqlJti> {
        let db = match &self.files {
            Some(dir) => {
                let pool =
                    sqlite_pool(&dir.join("jti.db"), SqliteSynchronous::Full, 1, false).await?;
                Arc::new(Db::sqlite(
                    pool.clone(),
                    pool,
                    Arc::new(Generation::open(None)?),
                ))
            }
            None => self.db.clone(),
        };
        migrate::run(&db, "jti", migrate::JTI).await?;
        SqlJti::start(db, cap).await
    }

    /// Writes a copy of the SQLite store to an empty file, as it is at one moment, while others read and write. The copy knows that it is
    /// one: the single value `copied` is set in it.
    ///
    /// # Errors
    /// [`types::Kind::BadInput`] on PostgreSQL, which has tools of its own, and for a name that is not UTF-8.
    pub async fn copy_to(&self, path: &Path) -> Result<()> {
        if self.files.is_none() {
            return Err(Error::bad_input(
                "copies of PostgreSQL are made with pg_dump",
            ));
        }
        let text = path
            .to_str()
            .ok_or_else(|| Error::bad_input("the name of the copy is not UTF-8"))?;
        self.db.write("VACUUM INTO $1", args![text]).await?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Delete)
            .synchronous(SqliteSynchronous::Full);
        let pool: SqlitePoolOptions = PoolOptions::new().max_connections(1);
        let pool = pool.connect_with(options).await.map_err(from_sqlx)?;
        let copy = Db::sqlite(pool.clone(), pool, Arc::new(Generation::open(None)?));
        Meta::put(&copy, "copied", b"").await?;
        copy.close().await;
        Ok(())
    }

    /// Calls `teller` after each change of this process that other nodes must know. Only the first one given counts.
    pub fn tell_changes_with(&self, teller: impl Fn() + Send + Sync + 'static) {
        self.generation.tell_with(teller);
    }

    /// Looks at once for changes of other nodes, instead of at the next of the regular looks.
    pub fn look_for_changes(&self) {
        self.generation.ask_look();
    }

    /// Closes every connection, after the calls that run.
    pub async fn close(&self) {
        self.watcher.abort();
        self.db.close().await;
    }
}

impl Drop for SqlStore {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

impl std::fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlStore")
            .field("db", &self.db)
            .finish_non_exhaustive()
    }
}

/// Looks for changes of other nodes, and of processes that died before they could tell.
async fn watch(db: Weak<Db>, generation: Arc<Generation>) {
    let mut reachable = true;
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = generation.look_asked() => {}
        }
        let Some(db) = db.upgrade() else { return };
        match db.stored_generation().await {
            Ok(value) => {
                generation.publish(value);
                reachable = true;
            }
            Err(error) if reachable => {
                tracing::warn!(%error, "changes of other nodes cannot be looked for");
                reachable = false;
            }
            Err(_) => {}
        }
    }
}

async fn postgres_pool(url: &str) -> Result<sqlx::PgPool> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| Error::bad_input("the database address cannot be read").because(error))?
        .options([
            ("statement_timeout", "30000"),
            ("idle_in_transaction_session_timeout", "60000"),
        ])
        .disable_statement_logging();
    let pool: PgPoolOptions = PoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE);
    pool.connect_with(options).await.map_err(from_sqlx)
}

async fn sqlite_pool(
    path: &Path,
    synchronous: SqliteSynchronous,
    connections: u32,
    read_only: bool,
) -> Result<SqlitePool> {
    let mut options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(PATIENCE)
        .foreign_keys(true)
        .disable_statement_logging();
    if read_only {
        options = options.pragma("query_only", "ON");
    }
    // a writer's wait in line for the one connection may be longer than one statement
    let pool: SqlitePoolOptions = PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE * 2)
        .idle_timeout(None)
        .max_lifetime(None);
    pool.connect_with(options).await.map_err(from_sqlx)
}

/// The store and the transaction give the same families.
macro_rules! families {
    ($($name:ident: $trait:ident),* $(,)?) => {
        impl Families for SqlStore {
            $(fn $name(&self) -> &dyn $trait { &*self.db })*
        }
        impl Families for SqlTx {
            $(fn $name(&self) -> &dyn $trait { &self.db })*
        }
    };
}
families! {
    accounts: Accounts, users: Users, logins: Logins, passkeys: Passkeys, apps: Apps, links: Links, mappings: Mappings, grants: Grants, data_grants: DataGrants, accesses: Accesses,
    platform_keys: PlatformKeys, agents: Agents,
    definitions: Definitions, versions: Versions, models: Models, jobs: Jobs, files: Files, conversations: Conversations,
    sessions: Sessions, messages: Messages, debug_logs: DebugLogs, variables: Variables, audit: AuditLog, meta: Meta,
    batch_tests: BatchTests, extractions: Extractions, conversation_tests: ConversationTests,
}

#[async_trait]
impl Store for SqlStore {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        Ok(Box::new(SqlTx {
            db: self.db.begin().await?,
        }))
    }
    async fn ping(&self) -> Result<()> {
        self.db
            .all("SELECT 1 AS one", vec![])
            .await
            .map(drop)
            .map_err(Error::unavailable)
    }
    fn generation(&self) -> u64 {
        self.generation.get()
    }
}

struct SqlTx {
    db: Db,
}

#[async_trait]
impl Tx for SqlTx {
    async fn commit(self: Box<Self>) -> Result<()> {
        self.db.finish().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::args;

    /// A database of the first step, with rows as that version wrote them.
    const OLD: [&str; 6] = [
        "INSERT INTO accounts (id, name, name_key, settings, created_at, updated_at) VALUES ('a', 'A', 'a', '{}', 1, 1)",
        "INSERT INTO agents (bot, account, name, name_key, description, languages, draft_digest, trained, published, dialogs, \
         intents, faqs, report, extra, created_at, updated_at) \
         VALUES ('st-1', 'a', 'X', 'x', '', '[]', 'd', '{}', NULL, 0, 0, 0, '{}', '{}', 1, 1)",
        "INSERT INTO conversations (account, bot, channel, identity, user_id, session_id, state, version, updated_at) VALUES \
         ('a', 'st-1', 'ivr', 'ann', 'u-1', NULL, '{}', 3, 1), ('a', 'st-1', 'ivr/hi-2', 'ann', 'u-1', NULL, '{}', 4, 1)",
        "INSERT INTO sessions (id, account, bot, user_id, identity, channel, languages, started_at, ended_at, active_at, closes_at, \
         interactive, developer, containment, user_tags, session_tags, messages, tasks) VALUES \
         ('s1', 'a', 'st-1', 'u-1', 'ann', 'rtm/draft', '[]', 1, NULL, 1, 2, TRUE, TRUE, NULL, '[]', '[]', 0, 0), \
         ('s2', 'a', 'st-1', 'u-1', 'ann', 'email', '[]', 1, NULL, 1, 2, TRUE, FALSE, NULL, '[]', '[]', 0, 0)",
        "INSERT INTO turns (account, bot, channel, identity, owner, until_at) VALUES ('a', 'st-1', 'ivr', 'ann', 'o', 9)",
        "INSERT INTO variables (account, scope, bot, bot_key, owner, name, value, expires_at) \
         VALUES ('a', 'user', NULL, '', 'u-1', 'k', '1', NULL)",
    ];

    #[tokio::test]
    async fn rows_of_the_first_version_have_channel_and_instance_apart_afterwards() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("ombud.db");
        let generation = Arc::new(Generation::open(None).expect("generation"));
        let pool =
            |writers, reading| sqlite_pool(&path, SqliteSynchronous::Normal, writers, reading);
        let write = pool(1, false).await.expect("SQLite");
        let read = pool(1, true).await.expect("SQLite");
        let mut all = vec![Db::sqlite(write, read, generation.clone())];
        if let Some(url) = testkit::postgres() {
            all.push(Db::postgres(
                postgres_pool(&url).await.expect("PostgreSQL"),
                generation,
            ));
        }
        for db in &all {
            migrate::run(db, "main", &migrate::MAIN[..1])
                .await
                .expect("first step");
            for sql in OLD {
                db.write(sql, vec![]).await.expect("an old row");
            }
            migrate::run(db, "main", migrate::MAIN)
                .await
                .expect("the other steps");
            let apart = |sql: &'static str| async move {
                let rows = db.all(sql, args![]).await.expect("rows");
                let pair = |row: &crate::db::Row| {
                    let text = |column| row.get::<String>(column).expect("a text");
                    format!("{} {}", text("channel"), text("instance"))
                };
                rows.iter().map(pair).collect::<Vec<_>>()
            };
            let sessions = apart("SELECT channel, instance FROM sessions ORDER BY id").await;
            assert_eq!(sessions, ["rtm draft", "email "]);
            let talks = apart("SELECT channel, instance FROM conversations ORDER BY version").await;
            assert_eq!(talks, ["ivr ", "ivr hi-2"]);
            let row = db
                .first("SELECT scope FROM variables", args![])
                .await
                .expect("read");
            let scope: String = row.expect("kept").get("scope").expect("a text");
            assert_eq!(scope, "user_session");
        }
    }
}
