use super::{account_id, each};
use crate::{
    cursor,
    db::{Db, Row, args},
    filter::Filter,
};
use async_trait::async_trait;
use store::{AuditFilter, AuditLink, AuditLog, AuditRow, NewAuditRow, Seal};
use types::{
    Error, Result,
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
    let number: Option<i64> = row.get("number")?;
    let mac: Option<Vec<u8>> = row.get("mac")?;
    Ok(AuditRow {
        number: row.get("seq")?,
        new,
        link: number.map(|number| AuditLink {
            number,
            mac: mac.unwrap_or_default(),
        }),
    })
}

fn link(row: Option<&Row>) -> Result<AuditLink> {
    let row = row.ok_or_else(|| Error::internal("the head of the audit chain is missing"))?;
    Ok(AuditLink {
        number: row.get("number")?,
        mac: row.get("mac")?,
    })
}

#[async_trait]
impl AuditLog for Db {
    async fn add(&self, row: &NewAuditRow, seal: Seal<'_>) -> Result<()> {
        let scope = self.scope().await?;
        // the head's row is locked from here to the end of the transaction, so that the chain never forks
        let taken = "UPDATE audit_head SET number = number + 1 WHERE id = 1 RETURNING number, mac";
        let before = link(scope.write_returning(taken, vec![]).await?.first())?;
        let mac = seal(before.number, &before.mac, row);
        let sql = "INSERT INTO audit (account, actor, action, target, bot, address, digest_before, digest_after, details, created_at, \
                   number, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
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
            r.at,
            before.number,
            &mac
        ];
        scope.write(sql, args).await?;
        let moved = "UPDATE audit_head SET mac = $1 WHERE id = 1";
        scope.write(moved, args![&mac]).await?;
        scope.done().await
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

    async fn head(&self) -> Result<AuditLink> {
        let sql = "SELECT number, mac FROM audit_head WHERE id = 1";
        link(self.first(sql, vec![]).await?.as_ref())
    }

    async fn chain(&self, after: i64, limit: u32) -> Result<Vec<AuditRow>> {
        let sql = "SELECT * FROM audit WHERE number > $1 ORDER BY number LIMIT $2";
        each(&self.all(sql, args![after, i64::from(limit)]).await?, read)
    }

    async fn loose(&self) -> Result<Option<AuditRow>> {
        let sql = "SELECT * FROM audit WHERE number IS NULL AND seq > (SELECT MIN(seq) FROM audit WHERE number IS NOT NULL) \
                   ORDER BY seq LIMIT 1";
        self.first(sql, vec![])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
}
