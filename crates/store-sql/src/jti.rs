//! Spent token ids in the database. What is asked at the same time is written in one transaction, and answered after its commit.

use crate::db::{Db, args};
use async_trait::async_trait;
use kv::{JtiStore, Spent, Surface, Use};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use types::{Error, Result};

/// Questions in one transaction at most.
const GROUP: usize = 256;
/// Questions between two clean-ups.
const CLEAN: u64 = 4096;

struct Ask {
    client: String,
    surface: Surface,
    jti: String,
    bound: String,
    expires: i64,
    now: i64,
    answer: oneshot::Sender<Result<Spent>>,
}

/// Spent token ids in the database, shared by every process that uses it.
pub struct SqlJti {
    asks: mpsc::Sender<Ask>,
    empty: bool,
}

impl SqlJti {
    pub(crate) async fn start(db: Arc<Db>, cap: u64) -> Result<Self> {
        let (asks, line) = mpsc::channel(GROUP * 4);
        let row = db
            .first("SELECT COUNT(*) AS total FROM jti", vec![])
            .await?;
        let live: i64 = row.map_or(Ok(0), |row| row.get("total"))?;
        let writer = Writer {
            db,
            cap,
            live: live as u64,
            since_clean: 0,
        };
        tokio::spawn(writer.run(line));
        Ok(Self {
            asks,
            empty: live == 0,
        })
    }

    /// Nothing was remembered when it was opened.
    pub fn was_empty(&self) -> bool {
        self.empty
    }
}

impl std::fmt::Debug for SqlJti {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqlJti")
    }
}

#[async_trait]
impl JtiStore for SqlJti {
    async fn spend(&self, id: &Use<'_>) -> Result<Spent> {
        let (answer, answered) = oneshot::channel();
        let ask = Ask {
            client: id.client.to_owned(),
            surface: id.surface,
            jti: id.jti.to_owned(),
            bound: id.bound.to_owned(),
            expires: id.expires,
            now: id.now,
            answer,
        };
        self.asks
            .send(ask)
            .await
            .map_err(|_| Error::unavailable("the writer of token ids has stopped"))?;
        answered
            .await
            .map_err(|_| Error::unavailable("the writer of token ids has stopped"))?
    }
}

/// The one task that writes.
struct Writer {
    db: Arc<Db>,
    cap: u64,
    /// Rows as last counted, expired ones included, plus those added since.
    live: u64,
    since_clean: u64,
}

impl Writer {
    async fn run(mut self, mut line: mpsc::Receiver<Ask>) {
        let mut group: Vec<Ask> = Vec::with_capacity(GROUP);
        while line.recv_many(&mut group, GROUP).await > 0 {
            // two nodes that lock the same rows must do so in the same order
            group.sort_by(|a, b| (&a.client, &a.jti).cmp(&(&b.client, &b.jti)));
            match self.spend(&group).await {
                Ok(results) => {
                    for (ask, spent) in group.drain(..).zip(results) {
                        let _ = ask.answer.send(Ok(spent));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, cause = ?error.source, "token ids not written");
                    for ask in group.drain(..) {
                        let _ = ask
                            .answer
                            .send(Err(Error::unavailable("token ids cannot be written")));
                    }
                }
            }
        }
        // the file is this writer's own on SQLite; on PostgreSQL the pool belongs to the store
        if self.db.dialect() == crate::dialect::Dialect::Sqlite {
            self.db.close().await;
        }
    }

    /// Answers a group in its order, in one transaction.
    async fn spend(&mut self, group: &[Ask]) -> Result<Vec<Spent>> {
        let now = group.iter().map(|ask| ask.now).min().unwrap_or(0);
        self.since_clean += group.len() as u64;
        if self.since_clean >= CLEAN || self.live + group.len() as u64 > self.cap {
            self.since_clean = 0;
            self.clean(now).await?;
        }
        let tx = self.db.begin().await?;
        let mut results = Vec::with_capacity(group.len());
        let mut fresh = 0;
        for ask in group {
            let spent = if self.live + fresh < self.cap {
                try_add(&tx, ask).await?
            } else {
                look(&tx, ask).await?.unwrap_or(Spent::Full)
            };
            fresh += u64::from(spent == Spent::Fresh);
            results.push(spent);
        }
        tx.finish().await?;
        self.live += fresh;
        Ok(results)
    }

    async fn clean(&mut self, now: i64) -> Result<()> {
        self.db
            .write("DELETE FROM jti WHERE expires_at <= $1", args![now])
            .await?;
        let row = self
            .db
            .first("SELECT COUNT(*) AS total FROM jti", vec![])
            .await?;
        let live: i64 = row.map_or(Ok(0), |row| row.get("total"))?;
        self.live = live as u64;
        Ok(())
    }
}

/// Adds the id if nobody has, or if the entry has expired: one statement, so no other node can come between.
async fn try_add(tx: &Db, ask: &Ask) -> Result<Spent> {
    let sql = "INSERT INTO jti (client_id, jti, surface, bound, expires_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (client_id, jti) DO UPDATE SET surface = excluded.surface, bound = excluded.bound, \
               expires_at = excluded.expires_at WHERE jti.expires_at <= $6";
    let args = args![
        &ask.client,
        &ask.jti,
        ask.surface.as_str(),
        &ask.bound,
        ask.expires,
        ask.now
    ];
    if tx.write(sql, args).await? > 0 {
        return Ok(Spent::Fresh);
    }
    Ok(look(tx, ask).await?.unwrap_or(Spent::Seen))
}

/// What the stored entry says about the id; none when there is no live one.
async fn look(tx: &Db, ask: &Ask) -> Result<Option<Spent>> {
    let sql =
        "SELECT surface, bound FROM jti WHERE client_id = $1 AND jti = $2 AND expires_at > $3";
    let Some(row) = tx.first(sql, args![&ask.client, &ask.jti, ask.now]).await? else {
        return Ok(None);
    };
    let same = row.text("surface")? == ask.surface.as_str() && row.text("bound")? == ask.bound;
    Ok(Some(if ask.surface == Surface::Channel && same {
        Spent::Again
    } else {
        Spent::Seen
    }))
}
