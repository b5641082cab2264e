use super::{bot_id, client_id, each};
use crate::db::{Db, args};
use async_trait::async_trait;
use store::Links;
use types::{
    Result,
    id::{AccountId, BotId, ClientId},
};

#[async_trait]
impl Links for Db {
    async fn add(
        &self,
        account: &AccountId,
        client: &ClientId,
        bot: &BotId,
        now: i64,
    ) -> Result<()> {
        // the foreign keys carry the account: both ends must be of it
        let sql = "INSERT INTO links (account, client_id, bot, created_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (account, client_id, bot) DO NOTHING";
        self.change(sql, args![account, client, bot, now]).await?;
        Ok(())
    }
    async fn remove(&self, account: &AccountId, client: &ClientId, bot: &BotId) -> Result<bool> {
        let sql = "DELETE FROM links WHERE account = $1 AND client_id = $2 AND bot = $3";
        Ok(self.change(sql, args![account, client, bot]).await? > 0)
    }
    async fn exists(&self, account: &AccountId, client: &ClientId, bot: &BotId) -> Result<bool> {
        let sql = "SELECT bot FROM links WHERE account = $1 AND client_id = $2 AND bot = $3";
        Ok(self
            .first(sql, args![account, client, bot])
            .await?
            .is_some())
    }
    async fn agents_of(&self, account: &AccountId, client: &ClientId) -> Result<Vec<BotId>> {
        let sql = "SELECT bot FROM links WHERE account = $1 AND client_id = $2 ORDER BY bot";
        each(&self.all(sql, args![account, client]).await?, |row| {
            bot_id(row, "bot")
        })
    }
    async fn apps_of(&self, account: &AccountId, bot: &BotId) -> Result<Vec<ClientId>> {
        let sql = "SELECT client_id FROM links WHERE account = $1 AND bot = $2 ORDER BY client_id";
        each(&self.all(sql, args![account, bot]).await?, |row| {
            client_id(row, "client_id")
        })
    }
    async fn all(&self) -> Result<Vec<(ClientId, BotId)>> {
        let rows = Db::all(self, "SELECT client_id, bot FROM links", vec![]).await?;
        each(&rows, |row| {
            Ok((client_id(row, "client_id")?, bot_id(row, "bot")?))
        })
    }
}
