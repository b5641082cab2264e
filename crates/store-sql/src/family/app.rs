use super::{account_id, client_id, each, key};
use crate::{
    db::{Db, Row, args, must_touch},
    filter::Filter,
};
use async_trait::async_trait;
use store::{App, AppFilter, Apps};
use types::{
    Result,
    id::{AccountId, ClientId},
};

fn read(row: &Row) -> Result<App> {
    Ok(App {
        client_id: client_id(row, "client_id")?,
        account: account_id(row, "account")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        algorithm: row.get("algorithm")?,
        enforce_jti: row.get("enforce_jti")?,
        secret: row.get("secret")?,
        previous_secret: row.get("previous_secret")?,
        previous_until: row.get("previous_until")?,
        enabled: row.get("enabled")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}

#[async_trait]
impl Apps for Db {
    async fn add(&self, app: &App) -> Result<()> {
        let sql = "INSERT INTO apps (client_id, account, kind, name, name_key, algorithm, enforce_jti, secret, previous_secret, \
                   previous_until, enabled, created_at, updated_at, last_used_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
        let a = app;
        let args = args![
            &a.client_id,
            &a.account,
            &a.kind,
            &a.name,
            key(&a.name),
            &a.algorithm,
            a.enforce_jti,
            &a.secret,
            &a.previous_secret,
            a.previous_until,
            a.enabled,
            a.created_at,
            a.updated_at,
            a.last_used_at
        ];
        self.change(sql, args).await?;
        Ok(())
    }
    async fn find_any(&self, client: &ClientId) -> Result<Option<App>> {
        self.first("SELECT * FROM apps WHERE client_id = $1", args![client])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn find(&self, account: &AccountId, client: &ClientId) -> Result<Option<App>> {
        let sql = "SELECT * FROM apps WHERE account = $1 AND client_id = $2";
        self.first(sql, args![account, client])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn find_by_name(&self, account: &AccountId, name: &str) -> Result<Option<App>> {
        let sql = "SELECT * FROM apps WHERE account = $1 AND name_key = $2";
        self.first(sql, args![account, key(name)])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn list(&self, account: &AccountId, filter: &AppFilter) -> Result<Vec<App>> {
        let mut sql = Filter::new("SELECT * FROM apps", vec![]);
        sql.and("account = ?", args![account]);
        sql.and_if("kind = ?", filter.kind.as_ref());
        sql.and_if(
            "EXISTS (SELECT 1 FROM links l WHERE l.account = apps.account AND l.client_id = apps.client_id AND l.bot = ?)",
            filter.bot.as_ref(),
        );
        sql.push(" ORDER BY name_key", vec![]);
        let (sql, args) = sql.done();
        each(&self.all(sql, args).await?, read)
    }
    async fn set(&self, app: &App) -> Result<()> {
        let sql = "UPDATE apps SET name = $3, name_key = $4, algorithm = $5, enforce_jti = $6, secret = $7, previous_secret = $8, \
                   previous_until = $9, enabled = $10, updated_at = $11 WHERE account = $1 AND client_id = $2";
        let a = app;
        let args = args![
            &a.account,
            &a.client_id,
            &a.name,
            key(&a.name),
            &a.algorithm,
            a.enforce_jti,
            &a.secret,
            &a.previous_secret,
            a.previous_until,
            a.enabled,
            a.updated_at
        ];
        must_touch(self.change(sql, args).await?, "no such app")
    }
    async fn touch(&self, uses: &[(ClientId, i64)]) -> Result<()> {
        let tx = self.scope().await?;
        for (client, at) in uses {
            let sql = "UPDATE apps SET last_used_at = $2 WHERE client_id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
            tx.write(sql, args![client, *at]).await?;
        }
        tx.done().await
    }
    async fn remove(&self, account: &AccountId, client: &ClientId) -> Result<bool> {
        Ok(self
            .change(
                "DELETE FROM apps WHERE account = $1 AND client_id = $2",
                args![account, client],
            )
            .await?
            > 0)
    }
}
