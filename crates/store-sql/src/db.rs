//! The thin executor: two drivers and two ways to hold them (pool, transaction) behind one set of calls.

use crate::{dialect::Dialect, generation::Generation};
use sqlx::{
    Arguments, Database, Decode, Encode, PgPool, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite,
    SqlitePool, Transaction, Type, error::ErrorKind, postgres::PgRow, sqlite::SqliteRow,
};
use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Mutex;
use types::{Error, Field, Kind, Result};

/// A parameter. The kind of a missing value matters to PostgreSQL.
#[derive(Debug, Clone)]
pub(crate) enum Arg {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Blob(Option<Vec<u8>>),
}

macro_rules! arg {
    ($($from:ty => |$x:ident| $to:expr;)*) => {$(
        impl From<$from> for Arg {
            fn from($x: $from) -> Self { $to }
        }
    )*};
}
arg! {
    &str => |x| Self::Text(Some(x.to_owned()));
    String => |x| Self::Text(Some(x));
    &String => |x| Self::Text(Some(x.clone()));
    Option<String> => |x| Self::Text(x);
    &Option<String> => |x| Self::Text(x.clone());
    Option<&str> => |x| Self::Text(x.map(str::to_owned));
    i64 => |x| Self::Int(Some(x));
    u64 => |x| Self::Int(Some(i64::try_from(x).unwrap_or(i64::MAX)));
    Option<i64> => |x| Self::Int(x);
    bool => |x| Self::Bool(Some(x));
    &[u8] => |x| Self::Blob(Some(x.to_vec()));
    &Vec<u8> => |x| Self::Blob(Some(x.clone()));
    &Option<Vec<u8>> => |x| Self::Blob(x.clone());
    &serde_json::Value => |x| Self::Text(Some(x.to_string()));
    Option<&serde_json::Value> => |x| Self::Text(x.map(ToString::to_string));
    &types::id::AccountId => |x| Self::Text(Some(x.as_str().to_owned()));
    &types::id::BotId => |x| Self::Text(Some(x.as_str().to_owned()));
    Option<&types::id::BotId> => |x| Self::Text(x.map(|id| id.as_str().to_owned()));
    &types::id::ClientId => |x| Self::Text(Some(x.as_str().to_owned()));
    &types::id::UserId => |x| Self::Text(Some(x.as_str().to_owned()));
    &types::id::SessionId => |x| Self::Text(Some(x.as_str().to_owned()));
    Option<&types::id::SessionId> => |x| Self::Text(x.map(|id| id.as_str().to_owned()));
    &types::id::MessageId => |x| Self::Text(Some(x.as_str().to_owned()));
    &types::id::JobId => |x| Self::Text(Some(x.as_str().to_owned()));
    &types::id::FileId => |x| Self::Text(Some(x.as_str().to_owned()));
    &types::id::VersionId => |x| Self::Text(Some(x.as_str().to_owned()));
    Option<&types::id::VersionId> => |x| Self::Text(x.map(|id| id.as_str().to_owned()));
    &store::Copy => |x| Self::Text(Some(x.as_str().to_owned()));
}

/// A list of parameters.
macro_rules! args {
    ($($x:expr),* $(,)?) => { vec![$($crate::db::Arg::from($x)),*] };
}
pub(crate) use args;

/// A row.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A cell type that both drivers read.
pub(crate) trait Cell:
    Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>
{
}
impl<T: Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>>
    Cell for T
{
}

impl Row {
    /// The cell of a column.
    pub fn get<T: Cell>(&self, column: &str) -> Result<T> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(Error::internal)
    }
    /// A text.
    pub fn text(&self, column: &str) -> Result<String> {
        self.get(column)
    }
    /// A document.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T> {
        serde_json::from_str(&self.text(column)?).map_err(Error::internal)
    }
    /// A document that may be missing.
    pub fn maybe_json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<Option<T>> {
        let text: Option<String> = self.get(column)?;
        text.map(|text| serde_json::from_str(&text).map_err(Error::internal))
            .transpose()
    }
}

enum Backend {
    SqlitePool { write: SqlitePool, read: SqlitePool },
    PostgresPool(PgPool),
    SqliteTx(Mutex<Transaction<'static, Sqlite>>),
    PostgresTx(Mutex<Transaction<'static, Postgres>>),
}

/// A pool or a transaction.
pub(crate) struct Db {
    backend: Backend,
    generation: Arc<Generation>,
    /// In a transaction: something that the gate depends on has changed.
    changed: AtomicBool,
}

/// Runs one driver call on whichever connection there is.
macro_rules! run {
    ($self:ident, $pool:ident, $sql:ident, $args:ident, $call:ident) => {
        match &$self.backend {
            Backend::SqlitePool { $pool: pool, .. } => {
                sqlx::query_with($sql, arguments::<Sqlite>($args)?)
                    .$call(pool)
                    .await
                    .map(Into::into)
            }
            Backend::PostgresPool(pool) => sqlx::query_with($sql, arguments::<Postgres>($args)?)
                .$call(pool)
                .await
                .map(Into::into),
            Backend::SqliteTx(tx) => sqlx::query_with($sql, arguments::<Sqlite>($args)?)
                .$call(&mut **tx.lock().await)
                .await
                .map(Into::into),
            Backend::PostgresTx(tx) => sqlx::query_with($sql, arguments::<Postgres>($args)?)
                .$call(&mut **tx.lock().await)
                .await
                .map(Into::into),
        }
        .map_err(from_sqlx)
    };
}

/// Many rows of one driver as ours.
struct Rows(Vec<Row>);
impl From<Vec<SqliteRow>> for Rows {
    fn from(rows: Vec<SqliteRow>) -> Self {
        Self(rows.into_iter().map(Row::Sqlite).collect())
    }
}
impl From<Vec<PgRow>> for Rows {
    fn from(rows: Vec<PgRow>) -> Self {
        Self(rows.into_iter().map(Row::Postgres).collect())
    }
}
/// How many rows a statement touched.
struct Touched(u64);
impl From<sqlx::sqlite::SqliteQueryResult> for Touched {
    fn from(result: sqlx::sqlite::SqliteQueryResult) -> Self {
        Self(result.rows_affected())
    }
}
impl From<sqlx::postgres::PgQueryResult> for Touched {
    fn from(result: sqlx::postgres::PgQueryResult) -> Self {
        Self(result.rows_affected())
    }
}

impl Db {
    pub fn sqlite(write: SqlitePool, read: SqlitePool, generation: Arc<Generation>) -> Self {
        Self {
            backend: Backend::SqlitePool { write, read },
            generation,
            changed: AtomicBool::new(false),
        }
    }

    pub fn postgres(pool: PgPool, generation: Arc<Generation>) -> Self {
        Self {
            backend: Backend::PostgresPool(pool),
            generation,
            changed: AtomicBool::new(false),
        }
    }

    pub fn dialect(&self) -> Dialect {
        match self.backend {
            Backend::SqlitePool { .. } | Backend::SqliteTx(_) => Dialect::Sqlite,
            Backend::PostgresPool(_) | Backend::PostgresTx(_) => Dialect::Postgres,
        }
    }

    /// Reads rows.
    pub async fn all(&self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<Vec<Row>> {
        let sql: SqlStr = sql.into_sql_str();
        let rows: Result<Rows> = run!(self, read, sql, args, fetch_all);
        rows.map(|rows| rows.0)
    }

    /// Reads the first row, if any.
    pub async fn first(&self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<Option<Row>> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// Writes, and answers how many rows it touched.
    pub async fn write(&self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<u64> {
        let sql: SqlStr = sql.into_sql_str();
        let touched: Result<Touched> = run!(self, write, sql, args, execute);
        touched.map(|touched| touched.0)
    }

    /// Writes with `RETURNING`.
    pub async fn write_returning(&self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<Vec<Row>> {
        let sql: SqlStr = sql.into_sql_str();
        let rows: Result<Rows> = run!(self, write, sql, args, fetch_all);
        rows.map(|rows| rows.0)
    }

    /// A transaction of its own. On a transaction that is an error of ours.
    pub async fn begin(&self) -> Result<Self> {
        let backend = match &self.backend {
            Backend::SqlitePool { write, .. } => Backend::SqliteTx(Mutex::new(
                write
                    .begin_with("BEGIN IMMEDIATE")
                    .await
                    .map_err(from_sqlx)?,
            )),
            Backend::PostgresPool(pool) => {
                Backend::PostgresTx(Mutex::new(pool.begin().await.map_err(from_sqlx)?))
            }
            _ => return Err(Error::internal("a transaction inside a transaction")),
        };
        Ok(Self {
            backend,
            generation: self.generation.clone(),
            changed: AtomicBool::new(false),
        })
    }

    /// This transaction, or a fresh one for the length of one call on a pool.
    pub async fn scope(&self) -> Result<Scope<'_>> {
        Ok(match self.backend {
            Backend::SqliteTx(_) | Backend::PostgresTx(_) => Scope::Outer(self),
            _ => Scope::Own(self.begin().await?),
        })
    }

    /// Writes something that the gate depends on.
    pub async fn change(&self, sql: impl SqlSafeStr, args: Vec<Arg>) -> Result<u64> {
        let scope = self.scope().await?;
        let touched = scope.write(sql, args).await?;
        if touched > 0 {
            scope.note_change();
        }
        scope.done().await?;
        Ok(touched)
    }

    /// Notes that this transaction changes something that the gate depends on.
    pub fn note_change(&self) {
        self.changed.store(true, Ordering::SeqCst);
    }

    /// Commits, and tells of the change.
    pub async fn finish(self) -> Result<()> {
        let mut told = None;
        if self.changed.load(Ordering::SeqCst) {
            // a store that was put back from a copy may count behind what this machine has seen
            let sql = "UPDATE generation SET value = (CASE WHEN value < $1 THEN $1 ELSE value END) + 1 WHERE id = 1 RETURNING value";
            let rows = self
                .write_returning(sql, args![self.generation.get()])
                .await?;
            told = rows
                .first()
                .map(|row| row.get::<i64>("value"))
                .transpose()?;
        }
        match self.backend {
            Backend::SqliteTx(tx) => tx.into_inner().commit().await.map_err(from_sqlx)?,
            Backend::PostgresTx(tx) => tx.into_inner().commit().await.map_err(from_sqlx)?,
            _ => {}
        }
        if let Some(value) = told {
            self.generation.tell(value as u64);
        }
        Ok(())
    }

    /// The stored generation.
    pub async fn stored_generation(&self) -> Result<u64> {
        let row = self
            .first("SELECT value FROM generation WHERE id = 1", vec![])
            .await?;
        Ok(row.map_or(Ok(0), |row| row.get::<i64>("value"))? as u64)
    }

    pub async fn close(&self) {
        match &self.backend {
            Backend::SqlitePool { write, read } => {
                read.close().await;
                write.close().await;
            }
            Backend::PostgresPool(pool) => pool.close().await,
            _ => {}
        }
    }
}

/// A transaction for one call.
pub(crate) enum Scope<'a> {
    Own(Db),
    Outer(&'a Db),
}

impl Scope<'_> {
    /// Commits if the transaction is of this call.
    pub async fn done(self) -> Result<()> {
        match self {
            Self::Own(db) => db.finish().await,
            Self::Outer(_) => Ok(()),
        }
    }
}

impl Deref for Scope<'_> {
    type Target = Db;
    fn deref(&self) -> &Db {
        match self {
            Self::Own(db) => db,
            Self::Outer(db) => db,
        }
    }
}

fn arguments<DB: Database>(args: Vec<Arg>) -> Result<DB::Arguments>
where
    Option<String>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<i64>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<bool>: for<'q> Encode<'q, DB> + Type<DB>,
    Option<Vec<u8>>: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut out = DB::Arguments::default();
    for arg in args {
        match arg {
            Arg::Text(x) => out.add(x),
            Arg::Int(x) => out.add(x),
            Arg::Bool(x) => out.add(x),
            Arg::Blob(x) => out.add(x),
        }
        .map_err(Error::internal)?;
    }
    Ok(out)
}

/// Uniqueness rules that a caller can break: name on PostgreSQL, columns as SQLite tells them, field of the input.
const UNIQUE: [(&str, &str, &str, &str); 5] = [
    (
        "test_suites_name_key",
        "test_suites.account, test_suites.bot, test_suites.name_key",
        "name",
        "a test suite of this name exists",
    ),
    (
        "conversation_suites_name_key",
        "conversation_suites.account, conversation_suites.bot, conversation_suites.name_key",
        "name",
        "a conversation test suite of this name exists",
    ),
    (
        "accounts_name",
        "accounts.name_key",
        "name",
        "an account of this name exists",
    ),
    (
        "users_email",
        "users.account, users.email_key",
        "email",
        "somebody with this address exists",
    ),
    (
        "apps_name",
        "apps.account, apps.name_key",
        "name",
        "an app of this name exists",
    ),
];

/// What a driver's error means to a service.
pub(crate) fn from_sqlx(error: sqlx::Error) -> Error {
    let Some(database) = error.as_database_error() else {
        return match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Error::unavailable(error),
            _ => Error::internal(error),
        };
    };
    match database.kind() {
        ErrorKind::UniqueViolation => {
            let known = UNIQUE.iter().find(|(name, columns, ..)| {
                database.constraint() == Some(name) || database.message().ends_with(columns)
            });
            let conflict = match known {
                Some((_, _, field, text)) => {
                    let mut conflict = Error::conflict(*text);
                    conflict.fields = vec![Field {
                        field: (*field).to_owned(),
                        message: (*text).to_owned(),
                    }];
                    conflict
                }
                None => Error::conflict("it exists already"),
            };
            conflict.because(error)
        }
        ErrorKind::ForeignKeyViolation => {
            Error::not_found("what it belongs to does not exist").because(error)
        }
        _ if is_outage(database.code().as_deref()) => Error::unavailable(error),
        _ => Error::internal(error),
    }
}

/// Codes that mean "not now": busy or locked (SQLite), lost connections, shutdown, serialisation and deadlocks (PostgreSQL).
fn is_outage(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    let sqlite = code
        .parse::<i32>()
        .is_ok_and(|n| code.len() < 5 && matches!(n & 0xff, 5 | 6 | 10 | 13));
    sqlite
        || (code.len() == 5
            && ["08", "53", "57"]
                .iter()
                .any(|class| code.starts_with(class)))
        || matches!(code, "40001" | "40P01")
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("dialect", &self.dialect())
            .finish_non_exhaustive()
    }
}

/// `Ok` when a row was touched, else "not found".
pub(crate) fn must_touch(touched: u64, what: &'static str) -> Result<()> {
    if touched > 0 {
        Ok(())
    } else {
        Err(Error::new(Kind::NotFound, what))
    }
}
