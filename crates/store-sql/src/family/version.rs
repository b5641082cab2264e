use super::{account_id, bot_id, each, text, version_id};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{NewVersion, Version, Versions};
use types::{
    Error, Result,
    id::{AccountId, BotId, VersionId},
};

fn read(row: &Row) -> Result<Version> {
    let new = NewVersion {
        id: version_id(row, "id")?,
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        name: row.get("name")?,
        by_hand: row.get("by_hand")?,
        digest: row.get("digest")?,
        comment: row.get("comment_text")?,
        components: row.json("components")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
    };
    Ok(Version {
        new,
        number: row.get("number")?,
    })
}

#[async_trait]
impl Versions for Db {
    async fn add(&self, version: &NewVersion) -> Result<Version> {
        let tx = self.scope().await?;
        let v = version;
        // holds the agent, so that two publishes at once get two numbers
        let hold = "UPDATE agents SET updated_at = updated_at WHERE account = $1 AND bot = $2";
        if tx.change(hold, args![&v.account, &v.bot]).await? == 0 {
            return Err(Error::not_found("no such agent"));
        }
        let sql = "INSERT INTO versions (id, account, bot, number, digest, comment_text, components, created_by, created_at, name, by_hand) \
                   VALUES ($1, $2, $3, (SELECT COALESCE(MAX(number), 0) + 1 FROM versions WHERE account = $2 AND bot = $3), \
                   $4, $5, $6, $7, $8, $9, $10) RETURNING *";
        let args = args![
            &v.id,
            &v.account,
            &v.bot,
            &v.digest,
            &v.comment,
            text(&v.components),
            &v.created_by,
            v.created_at,
            &v.name,
            v.by_hand
        ];
        let rows = tx.write_returning(sql, args).await?;
        let added = read(
            rows.first()
                .ok_or_else(|| Error::internal("an insert answered no row"))?,
        )?;
        tx.done().await?;
        Ok(added)
    }
    async fn find(
        &self,
        account: &AccountId,
        bot: &BotId,
        version: &VersionId,
    ) -> Result<Option<Version>> {
        let sql = "SELECT * FROM versions WHERE account = $1 AND bot = $2 AND id = $3";
        self.first(sql, args![account, bot, version])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn numbered(
        &self,
        account: &AccountId,
        bot: &BotId,
        number: i64,
    ) -> Result<Option<Version>> {
        let sql = "SELECT * FROM versions WHERE account = $1 AND bot = $2 AND number = $3";
        let row = self.first(sql, args![account, bot, number]).await?;
        row.as_ref().map(read).transpose()
    }
    async fn in_use(&self, account: &AccountId, bot: &BotId) -> Result<Vec<VersionId>> {
        let sql = "SELECT DISTINCT c.snapshot AS id FROM conversations c \
                   JOIN sessions s ON s.account = c.account AND s.id = c.session_id \
                   WHERE c.account = $1 AND c.bot = $2 AND c.snapshot IS NOT NULL AND s.ended_at IS NULL";
        let rows = self.all(sql, args![account, bot]).await?;
        each(&rows, |row| version_id(row, "id"))
    }
    async fn list(&self, account: &AccountId, bot: &BotId) -> Result<Vec<Version>> {
        let sql = "SELECT * FROM versions WHERE account = $1 AND bot = $2 ORDER BY number DESC";
        each(&self.all(sql, args![account, bot]).await?, read)
    }
    async fn remove(&self, account: &AccountId, bot: &BotId, version: &VersionId) -> Result<bool> {
        let tx = self.scope().await?;
        let touched = tx
            .change(
                "DELETE FROM versions WHERE account = $1 AND bot = $2 AND id = $3",
                args![account, bot, version],
            )
            .await?;
        tx.change(
            "DELETE FROM definitions WHERE account = $1 AND bot = $2 AND copy_of = $3",
            args![account, bot, version],
        )
        .await?;
        tx.change(
            "DELETE FROM models WHERE account = $1 AND bot = $2 AND copy_of = $3",
            args![account, bot, version],
        )
        .await?;
        tx.done().await?;
        Ok(touched > 0)
    }
}
