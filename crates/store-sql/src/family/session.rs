use super::{account_id, bot_id, each, session_id, tag, text, user_id};
use crate::{
    db::{Db, Row, args, must_touch},
    filter::Filter,
};
use async_trait::async_trait;
use store::{Session, SessionFilter, Sessions, TagLevel};
use types::{
    Result,
    id::{AccountId, BotId, SessionId},
};

fn read(row: &Row) -> Result<Session> {
    Ok(Session {
        id: session_id(row, "id")?,
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        user: user_id(row, "user_id")?,
        identity: row.get("identity")?,
        channel: row.get("channel")?,
        instance: row.get("instance")?,
        languages: row.json("languages")?,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        active_at: row.get("active_at")?,
        closes_at: row.get("closes_at")?,
        interactive: row.get("interactive")?,
        developer: row.get("developer")?,
        containment: row.get("containment")?,
        user_tags: row.json("user_tags")?,
        session_tags: row.json("session_tags")?,
        messages: row.get("messages")?,
        tasks: row.get("tasks")?,
    })
}

impl Db {
    async fn add_session_tags(&self, session: &Session) -> Result<()> {
        self.add_tags(
            &session.account,
            &session.id,
            None,
            TagLevel::User,
            &session.user_tags,
        )
        .await?;
        self.add_tags(
            &session.account,
            &session.id,
            None,
            TagLevel::Session,
            &session.session_tags,
        )
        .await
    }
}

fn conditions(sql: &mut Filter, account: &AccountId, filter: &SessionFilter) {
    sql.and("account = ?", args![account]);
    sql.and_in("bot", filter.bots.iter());
    sql.and_in("id", filter.ids.iter());
    if let Some(user) = &filter.user {
        sql.and("(user_id = ? OR identity = ?)", args![user, user]);
    }
    sql.and_if("channel = ?", filter.channel.as_ref());
    sql.and_if("started_at >= ?", filter.from);
    sql.and_if("started_at < ?", filter.to);
    sql.and_if("interactive = ?", filter.interactive);
    sql.and_if("developer = ?", filter.developer);
    sql.and_if("containment = ?", filter.containment.as_ref());
    match filter.closed {
        Some(true) => sql.and("ended_at IS NOT NULL", vec![]),
        Some(false) => sql.and("ended_at IS NULL", vec![]),
        None => {}
    }
    tag::filter(
        sql,
        &filter.tags,
        |_| "t.account = sessions.account AND t.session_id = sessions.id",
    );
}

#[async_trait]
impl Sessions for Db {
    async fn add(&self, session: &Session) -> Result<()> {
        let tx = self.scope().await?;
        let sql = "INSERT INTO sessions (id, account, bot, user_id, identity, channel, languages, started_at, ended_at, active_at, \
                   closes_at, interactive, developer, containment, user_tags, session_tags, messages, tasks, instance) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
        let s = session;
        let args = args![
            &s.id,
            &s.account,
            &s.bot,
            &s.user,
            &s.identity,
            &s.channel,
            text(&s.languages),
            s.started_at,
            s.ended_at,
            s.active_at,
            s.closes_at,
            s.interactive,
            s.developer,
            &s.containment,
            text(&s.user_tags),
            text(&s.session_tags),
            s.messages,
            s.tasks,
            &s.instance
        ];
        tx.write(sql, args).await?;
        tx.add_session_tags(session).await?;
        tx.done().await
    }
    async fn find(&self, account: &AccountId, session: &SessionId) -> Result<Option<Session>> {
        let sql = "SELECT * FROM sessions WHERE account = $1 AND id = $2";
        self.first(sql, args![account, session])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn set(&self, session: &Session) -> Result<()> {
        let tx = self.scope().await?;
        let sql = "UPDATE sessions SET languages = $3, ended_at = $4, active_at = $5, closes_at = $6, interactive = $7, developer = $8, \
                   containment = $9, user_tags = $10, session_tags = $11, messages = $12, tasks = $13 WHERE account = $1 AND id = $2";
        let s = session;
        let args = args![
            &s.account,
            &s.id,
            text(&s.languages),
            s.ended_at,
            s.active_at,
            s.closes_at,
            s.interactive,
            s.developer,
            &s.containment,
            text(&s.user_tags),
            text(&s.session_tags),
            s.messages,
            s.tasks
        ];
        must_touch(tx.write(sql, args).await?, "no such session")?;
        tx.drop_session_tags(&s.account, &s.id).await?;
        tx.add_session_tags(session).await?;
        tx.done().await
    }
    async fn list(
        &self,
        account: &AccountId,
        filter: &SessionFilter,
    ) -> Result<(Vec<Session>, u64)> {
        let mut count = Filter::new("SELECT COUNT(*) AS total FROM sessions", vec![]);
        conditions(&mut count, account, filter);
        let mut sql = Filter::new("SELECT * FROM sessions", vec![]);
        conditions(&mut sql, account, filter);
        sql.push(
            " ORDER BY started_at DESC, id DESC LIMIT ? OFFSET ?",
            args![filter.limit, filter.skip],
        );
        let (sql, args) = sql.done();
        let rows = each(&self.all(sql, args).await?, read)?;
        Ok((rows, self.total(count).await?))
    }
    async fn erase(&self, account: &AccountId, bot: &BotId, sessions: &[SessionId]) -> Result<u64> {
        if sessions.is_empty() {
            return Ok(0);
        }
        let tx = self.scope().await?;
        let mut gone = 0;
        for (statement, column) in [
            ("DELETE FROM messages", "session_id"),
            ("DELETE FROM debug_logs", "session_id"),
            ("DELETE FROM conversations", "session_id"),
            ("DELETE FROM sessions", "id"),
        ] {
            let mut sql = Filter::new(statement, vec![]);
            sql.and("account = ?", args![account]);
            sql.and("bot = ?", args![bot]);
            sql.and_in(column, sessions.iter());
            let (sql, args) = sql.done();
            gone += tx.write(sql, args).await?;
        }
        tx.done().await?;
        Ok(gone)
    }
    async fn due(&self, now: i64, limit: u64) -> Result<Vec<Session>> {
        let sql = "SELECT * FROM sessions WHERE ended_at IS NULL AND closes_at <= $1 ORDER BY closes_at, id LIMIT $2";
        each(&self.all(sql, args![now, limit]).await?, read)
    }
}

impl Db {
    /// The one number `total` of a statement.
    pub(super) async fn total(&self, sql: Filter) -> Result<u64> {
        let (sql, args) = sql.done();
        let row = self.first(sql, args).await?;
        let total: i64 = row.map_or(Ok(0), |row| row.get("total"))?;
        Ok(total as u64)
    }
}
