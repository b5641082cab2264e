use super::{account_id, bot_id, each};
use crate::{
    db::{Db, Row, args},
    filter::Filter,
};
use async_trait::async_trait;
use store::{DebugLog, DebugLogs};
use types::{
    Result,
    id::{AccountId, BotId, SessionId},
};

fn read(row: &Row) -> Result<DebugLog> {
    Ok(DebugLog {
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        session: row
            .get::<Option<String>>("session_id")?
            .map(SessionId::trusted),
        level: row.get("level")?,
        text: row.get("line")?,
        data: row.json("data")?,
        created_at: row.get("created_at")?,
    })
}

#[async_trait]
impl DebugLogs for Db {
    async fn add(&self, lines: &[DebugLog]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let tx = self.scope().await?;
        for l in lines {
            let sql = "INSERT INTO debug_logs (account, bot, session_id, level, line, data, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
            tx.write(
                sql,
                args![
                    &l.account,
                    &l.bot,
                    l.session.as_ref(),
                    &l.level,
                    &l.text,
                    &l.data,
                    l.created_at
                ],
            )
            .await?;
        }
        tx.done().await
    }
    async fn list(
        &self,
        account: &AccountId,
        bot: &BotId,
        session: Option<&SessionId>,
        limit: u64,
    ) -> Result<Vec<DebugLog>> {
        let mut sql = Filter::new("SELECT * FROM debug_logs", vec![]);
        sql.and("account = ?", args![account]);
        sql.and("bot = ?", args![bot]);
        sql.and_if("session_id = ?", session);
        sql.push(" ORDER BY seq DESC LIMIT ?", args![limit]);
        let (sql, args) = sql.done();
        each(&self.all(sql, args).await?, read)
    }
    async fn prune(&self, before: i64, keep: u64) -> Result<u64> {
        let sql = "DELETE FROM debug_logs WHERE created_at < $1 OR seq IN (SELECT seq FROM (SELECT seq, \
                   ROW_NUMBER() OVER (PARTITION BY account, bot ORDER BY seq DESC) AS place FROM debug_logs) ranked WHERE place > $2)";
        self.write(sql, args![before, keep]).await
    }
}
