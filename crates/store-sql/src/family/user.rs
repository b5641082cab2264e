use super::{account_id, each, key, user_id};
use crate::db::{Db, Row, args, must_touch};
use async_trait::async_trait;
use store::{User, Users};
use types::{
    Result,
    id::{AccountId, UserId},
};

fn read(row: &Row) -> Result<User> {
    Ok(User {
        id: user_id(row, "id")?,
        account: account_id(row, "account")?,
        email: row.get("email")?,
        name: row.get("name")?,
        password_hash: row.get("password_hash")?,
        must_change_password: row.get("must_change_password")?,
        role: row.get("role")?,
        enabled: row.get("enabled")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

#[async_trait]
impl Users for Db {
    async fn add(&self, user: &User) -> Result<()> {
        let sql = "INSERT INTO users (id, account, email, email_key, name, password_hash, must_change_password, role, enabled, \
                   created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let u = user;
        let args = args![
            &u.id,
            &u.account,
            &u.email,
            key(&u.email),
            &u.name,
            &u.password_hash,
            u.must_change_password,
            &u.role,
            u.enabled,
            u.created_at,
            u.updated_at
        ];
        self.write(sql, args).await?;
        Ok(())
    }
    async fn find(&self, account: &AccountId, user: &UserId) -> Result<Option<User>> {
        let sql = "SELECT * FROM users WHERE account = $1 AND id = $2";
        self.first(sql, args![account, user])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn find_by_email(&self, email: &str) -> Result<Vec<User>> {
        each(
            &self
                .all(
                    "SELECT * FROM users WHERE email_key = $1 ORDER BY created_at, id",
                    args![key(email)],
                )
                .await?,
            read,
        )
    }
    async fn list(&self, account: &AccountId) -> Result<Vec<User>> {
        each(
            &self
                .all(
                    "SELECT * FROM users WHERE account = $1 ORDER BY email_key",
                    args![account],
                )
                .await?,
            read,
        )
    }
    async fn set_password(
        &self,
        account: &AccountId,
        user: &UserId,
        hash: &str,
        must_change: bool,
        now: i64,
    ) -> Result<()> {
        let sql = "UPDATE users SET password_hash = $3, must_change_password = $4, updated_at = $5 WHERE account = $1 AND id = $2";
        must_touch(
            self.write(sql, args![account, user, hash, must_change, now])
                .await?,
            "no such user",
        )
    }
    async fn second_factor(&self, account: &AccountId, user: &UserId) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT second_factor FROM users WHERE account = $1 AND id = $2";
        match self.first(sql, args![account, user]).await? {
            Some(row) => row.get("second_factor"),
            None => Ok(None),
        }
    }
    async fn set_second_factor(
        &self,
        account: &AccountId,
        user: &UserId,
        before: Option<&[u8]>,
        after: Option<&[u8]>,
    ) -> Result<bool> {
        let after = &after.map(<[u8]>::to_vec);
        let touched = match before {
            None => {
                let sql = "UPDATE users SET second_factor = $3 WHERE account = $1 AND id = $2 AND second_factor IS NULL";
                self.write(sql, args![account, user, after]).await?
            }
            Some(before) => {
                let sql = "UPDATE users SET second_factor = $3 WHERE account = $1 AND id = $2 AND second_factor = $4";
                self.write(sql, args![account, user, after, before]).await?
            }
        };
        Ok(touched > 0)
    }
    async fn set_profile(&self, user: &User) -> Result<()> {
        let sql = "UPDATE users SET name = $3, role = $4, enabled = $5, updated_at = $6 WHERE account = $1 AND id = $2";
        let args = args![
            &user.account,
            &user.id,
            &user.name,
            &user.role,
            user.enabled,
            user.updated_at
        ];
        must_touch(self.write(sql, args).await?, "no such user")
    }
    async fn remove(&self, account: &AccountId, user: &UserId) -> Result<bool> {
        Ok(self
            .write(
                "DELETE FROM users WHERE account = $1 AND id = $2",
                args![account, user],
            )
            .await?
            > 0)
    }
}
