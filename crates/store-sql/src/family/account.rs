use super::{account_id, each};
use crate::db::{Db, Row, args, must_touch};
use async_trait::async_trait;
use serde_json::Value;
use store::{Account, Accounts};
use types::{Result, id::AccountId, name::look};

fn read(row: &Row) -> Result<Account> {
    Ok(Account {
        id: account_id(row, "id")?,
        name: row.get("name")?,
        settings: row.json("settings")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

#[async_trait]
impl Accounts for Db {
    async fn add(&self, account: &Account) -> Result<()> {
        let sql = "INSERT INTO accounts (id, name, name_key, settings, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)";
        let a = account;
        self.change(
            sql,
            args![
                &a.id,
                &a.name,
                look(&a.name),
                &a.settings,
                a.created_at,
                a.updated_at
            ],
        )
        .await?;
        Ok(())
    }
    async fn find(&self, account: &AccountId) -> Result<Option<Account>> {
        self.first("SELECT * FROM accounts WHERE id = $1", args![account])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn find_by_name(&self, name: &str) -> Result<Option<Account>> {
        self.first(
            "SELECT * FROM accounts WHERE name_key = $1",
            args![look(name)],
        )
        .await?
        .as_ref()
        .map(read)
        .transpose()
    }
    async fn list(&self) -> Result<Vec<Account>> {
        each(
            &self
                .all("SELECT * FROM accounts ORDER BY created_at, id", vec![])
                .await?,
            read,
        )
    }
    async fn set_settings(&self, account: &AccountId, settings: &Value, now: i64) -> Result<()> {
        let sql = "UPDATE accounts SET settings = $2, updated_at = $3 WHERE id = $1";
        must_touch(
            self.change(sql, args![account, settings, now]).await?,
            "no such account",
        )
    }
}
