use super::{account_id, each, user_id};
use crate::db::{Db, Row, args, must_touch};
use async_trait::async_trait;
use store::{Login, Logins};
use types::{
    Result,
    id::{AccountId, UserId},
};

fn read(row: &Row) -> Result<Login> {
    Ok(Login {
        hash: row.get("hash")?,
        csrf: row.get("csrf")?,
        account: account_id(row, "account")?,
        user: user_id(row, "user_id")?,
        created_at: row.get("created_at")?,
        seen_at: row.get("seen_at")?,
        confirmed_at: row.get("confirmed_at")?,
        expires_at: row.get("expires_at")?,
    })
}

#[async_trait]
impl Logins for Db {
    async fn add(&self, login: &Login) -> Result<()> {
        let sql = "INSERT INTO logins (hash, csrf, account, user_id, created_at, seen_at, confirmed_at, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let l = login;
        self.write(
            sql,
            args![
                &l.hash,
                &l.csrf,
                &l.account,
                &l.user,
                l.created_at,
                l.seen_at,
                l.confirmed_at,
                l.expires_at
            ],
        )
        .await?;
        Ok(())
    }
    async fn find(&self, hash: &str, now: i64) -> Result<Option<Login>> {
        let sql = "SELECT * FROM logins WHERE hash = $1 AND expires_at > $2";
        self.first(sql, args![hash, now])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn touch(&self, hash: &str, seen_at: i64, expires_at: i64) -> Result<()> {
        let sql = "UPDATE logins SET seen_at = $2, expires_at = $3 WHERE hash = $1";
        must_touch(
            self.write(sql, args![hash, seen_at, expires_at]).await?,
            "no such sign-in",
        )
    }
    async fn confirm(&self, hash: &str, at: i64) -> Result<()> {
        must_touch(
            self.write(
                "UPDATE logins SET confirmed_at = $2 WHERE hash = $1",
                args![hash, at],
            )
            .await?,
            "no such sign-in",
        )
    }
    async fn remove(&self, hash: &str) -> Result<bool> {
        Ok(self
            .write("DELETE FROM logins WHERE hash = $1", args![hash])
            .await?
            > 0)
    }
    async fn list_of_user(
        &self,
        account: &AccountId,
        user: &UserId,
        now: i64,
    ) -> Result<Vec<Login>> {
        let sql = "SELECT * FROM logins WHERE account = $1 AND user_id = $2 AND expires_at > $3 ORDER BY created_at DESC, hash";
        each(&self.all(sql, args![account, user, now]).await?, read)
    }
    async fn remove_of_user(
        &self,
        account: &AccountId,
        user: &UserId,
        except: Option<&str>,
    ) -> Result<u64> {
        let sql = "DELETE FROM logins WHERE account = $1 AND user_id = $2 AND hash <> $3";
        self.write(sql, args![account, user, except.unwrap_or_default()])
            .await
    }
    async fn remove_expired(&self, now: i64) -> Result<u64> {
        self.write("DELETE FROM logins WHERE expires_at <= $1", args![now])
            .await
    }
}
