use super::{account_id, each};
use crate::{
    cursor,
    db::{Db, Row, args},
    filter::Filter,
};
use async_trait::async_trait;
use store::{AuditFilter, AuditLog, AuditRow, NewAuditRow};
use types::{
    Result,
    id::{AccountId, BotId},
    page::{Page, PageIn},
};

fn read(row: &Row) -> Result<AuditRow> {
    let new = NewAuditRow {
        account: account_id(row, "account")?,
        actor: row.get("actor")?,
        action: row.get("action")?,
        target: row.get("target")?,
        bot: row.get::<Option<String>>("bot")?.map(BotId::trusted),
        address: row.get("address")?,
        before: row.get("digest_before")?,
        after: row.get("digest_after")?,
        details: row.json("details")?,
        at: row.get("created_at")?,
    };
    Ok(AuditRow {
        number: row.get("seq")?,
        new,
    })
}

#[async_trait]
impl AuditLog for Db {
    async fn add(&self, row: &NewAuditRow) -> Result<()> {
        let sql = "INSERT INTO audit (account, actor, action, target, bot, address, digest_before, digest_after, details, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let r = row;
        let args = args![
            &r.account,
            &r.actor,
            &r.action,
            &r.target,
            r.bot.as_ref(),
            &r.address,
            &r.before,
            &r.after,
            &r.details,
            r.at
        ];
        self.write(sql, args).await?;
        Ok(())
    }
    async fn list(
        &self,
        account: &AccountId,
        filter: &AuditFilter,
        page: &PageIn,
    ) -> Result<Page<AuditRow>> {
        let mut sql = Filter::new("SELECT * FROM audit", vec![]);
        sql.and("account = ?", args![account]);
        sql.and_if("bot = ?", filter.bot.as_ref());
        sql.and_if("actor = ?", filter.actor.as_ref());
        sql.and_if("action = ?", filter.action.as_ref());
        sql.and_if("target = ?", filter.target.as_ref());
        sql.and_if("created_at >= ?", filter.from);
        sql.and_if("created_at < ?", filter.to);
        sql.and_if("seq < ?", cursor::read::<i64>(page.cursor.as_ref())?);
        sql.push(
            " ORDER BY seq DESC LIMIT ?",
            args![i64::from(page.limit) + 1],
        );
        let (sql, args) = sql.done();
        let rows = each(&self.all(sql, args).await?, read)?;
        Ok(cursor::page(rows, page.limit, |row| row.number))
    }
}
