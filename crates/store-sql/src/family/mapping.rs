use super::{account_id, bot_id, client_id, each, text};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{Mapping, Mappings};
use types::{
    Result,
    id::{AccountId, BotId, ClientId},
};

fn read(row: &Row) -> Result<Mapping> {
    Ok(Mapping {
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        client: client_id(row, "client_id")?,
        draft: row.maybe_json("draft")?,
        published: row.maybe_json("published")?,
        changed_by: row.get("changed_by")?,
        changed_at: row.get("changed_at")?,
    })
}

#[async_trait]
impl Mappings for Db {
    async fn find(
        &self,
        account: &AccountId,
        bot: &BotId,
        client: &ClientId,
    ) -> Result<Option<Mapping>> {
        let sql = "SELECT * FROM mappings WHERE account = $1 AND bot = $2 AND client_id = $3";
        self.first(sql, args![account, bot, client])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn list(&self, account: &AccountId, bot: &BotId) -> Result<Vec<Mapping>> {
        let sql = "SELECT * FROM mappings WHERE account = $1 AND bot = $2 ORDER BY client_id";
        each(&self.all(sql, args![account, bot]).await?, read)
    }
    async fn list_of_app(&self, account: &AccountId, client: &ClientId) -> Result<Vec<Mapping>> {
        let sql = "SELECT * FROM mappings WHERE account = $1 AND client_id = $2 ORDER BY bot";
        each(&self.all(sql, args![account, client]).await?, read)
    }
    async fn set_draft(
        &self,
        account: &AccountId,
        bot: &BotId,
        client: &ClientId,
        scopes: &[String],
        by: &str,
        at: i64,
    ) -> Result<()> {
        let sql = "INSERT INTO mappings (account, client_id, bot, draft, published, changed_by, changed_at) \
                   VALUES ($1, $2, $3, $4, NULL, $5, $6) ON CONFLICT (account, client_id, bot) DO UPDATE \
                   SET draft = excluded.draft, changed_by = excluded.changed_by, changed_at = excluded.changed_at";
        self.change(sql, args![account, client, bot, text(scopes), by, at])
            .await?;
        Ok(())
    }
    async fn remove_draft(
        &self,
        account: &AccountId,
        bot: &BotId,
        client: &ClientId,
        by: &str,
        at: i64,
    ) -> Result<bool> {
        let tx = self.scope().await?;
        let gone = "DELETE FROM mappings WHERE account = $1 AND bot = $2 AND client_id = $3 AND published IS NULL";
        let waits = "UPDATE mappings SET draft = NULL, changed_by = $4, changed_at = $5 \
                     WHERE account = $1 AND bot = $2 AND client_id = $3 AND draft IS NOT NULL";
        let touched = tx.change(gone, args![account, bot, client]).await?
            + tx.change(waits, args![account, bot, client, by, at])
                .await?;
        tx.done().await?;
        Ok(touched > 0)
    }
    async fn publish(&self, account: &AccountId, bot: &BotId) -> Result<()> {
        let tx = self.scope().await?;
        tx.change(
            "DELETE FROM mappings WHERE account = $1 AND bot = $2 AND draft IS NULL",
            args![account, bot],
        )
        .await?;
        tx.change(
            "UPDATE mappings SET published = draft WHERE account = $1 AND bot = $2",
            args![account, bot],
        )
        .await?;
        tx.done().await
    }
    async fn revoke(&self, account: &AccountId, bot: &BotId, client: &ClientId) -> Result<bool> {
        let sql = "DELETE FROM mappings WHERE account = $1 AND bot = $2 AND client_id = $3";
        Ok(self.change(sql, args![account, bot, client]).await? > 0)
    }
    async fn all_published(&self) -> Result<Vec<Mapping>> {
        let sql = "SELECT * FROM mappings WHERE published IS NOT NULL";
        each(&self.all(sql, vec![]).await?, read)
    }
}
