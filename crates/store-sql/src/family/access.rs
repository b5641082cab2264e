use super::{account_id, bot_id, client_id, user_id};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{Access, Accesses};
use types::{
    Result,
    id::{AccountId, ClientId},
};

fn read(row: &Row) -> Result<Access> {
    Ok(Access {
        hash: row.get("hash")?,
        account: account_id(row, "account")?,
        client: client_id(row, "client_id")?,
        bot: bot_id(row, "bot")?,
        user: user_id(row, "user_id")?,
        identity: row.get("identity")?,
        anonymous: row.get("anonymous")?,
        data: row.get("data")?,
        issued_at: row.get("issued_at")?,
        expires_at: row.get("expires_at")?,
    })
}

#[async_trait]
impl Accesses for Db {
    async fn add(&self, access: &Access) -> Result<()> {
        let sql = "INSERT INTO accesses (hash, account, client_id, bot, user_id, identity, anonymous, data, issued_at, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let a = access;
        let args = args![
            &a.hash,
            &a.account,
            &a.client,
            &a.bot,
            &a.user,
            &a.identity,
            a.anonymous,
            &a.data,
            a.issued_at,
            a.expires_at
        ];
        self.write(sql, args).await?;
        Ok(())
    }
    async fn find(&self, hash: &str, now: i64) -> Result<Option<Access>> {
        let sql = "SELECT * FROM accesses WHERE hash = $1 AND expires_at > $2";
        let row = self.first(sql, args![hash, now]).await?;
        row.as_ref().map(read).transpose()
    }
    async fn revoke(&self, account: &AccountId, hash: &str) -> Result<bool> {
        let sql = "DELETE FROM accesses WHERE account = $1 AND hash = $2";
        Ok(self.write(sql, args![account, hash]).await? > 0)
    }
    async fn revoke_of_app(
        &self,
        account: &AccountId,
        client: &ClientId,
        identity: Option<&str>,
    ) -> Result<u64> {
        match identity {
            Some(identity) => {
                let sql =
                    "DELETE FROM accesses WHERE account = $1 AND client_id = $2 AND identity = $3";
                self.write(sql, args![account, client, identity]).await
            }
            None => {
                let sql = "DELETE FROM accesses WHERE account = $1 AND client_id = $2";
                self.write(sql, args![account, client]).await
            }
        }
    }
    async fn count(&self, account: &AccountId, client: &ClientId, now: i64) -> Result<u64> {
        let sql = "SELECT COUNT(*) AS live FROM accesses WHERE account = $1 AND client_id = $2 AND expires_at > $3";
        let row = self.first(sql, args![account, client, now]).await?;
        let live: i64 = row.map_or(Ok(0), |row| row.get("live"))?;
        Ok(u64::try_from(live).unwrap_or_default())
    }
    async fn remove_expired(&self, now: i64) -> Result<u64> {
        self.write("DELETE FROM accesses WHERE expires_at <= $1", args![now])
            .await
    }
}
