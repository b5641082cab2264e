use super::{account_id, client_id, each, text};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{Grant, Grants};
use types::{
    Result,
    id::{AccountId, ClientId},
};

fn read(row: &Row) -> Result<Grant> {
    Ok(Grant {
        account: account_id(row, "account")?,
        client: client_id(row, "client_id")?,
        scopes: row.json("scopes")?,
        changed_by: row.get("changed_by")?,
        changed_at: row.get("changed_at")?,
    })
}

#[async_trait]
impl Grants for Db {
    async fn set(&self, grant: &Grant) -> Result<()> {
        let sql = "INSERT INTO grants (account, client_id, scopes, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (account, client_id) DO UPDATE \
                   SET scopes = excluded.scopes, changed_by = excluded.changed_by, changed_at = excluded.changed_at";
        let g = grant;
        let args = args![
            &g.account,
            &g.client,
            text(&g.scopes),
            &g.changed_by,
            g.changed_at
        ];
        self.change(sql, args).await?;
        Ok(())
    }
    async fn find(&self, account: &AccountId, client: &ClientId) -> Result<Option<Grant>> {
        let sql = "SELECT * FROM grants WHERE account = $1 AND client_id = $2";
        let row = self.first(sql, args![account, client]).await?;
        row.as_ref().map(read).transpose()
    }
    async fn list(&self, account: &AccountId) -> Result<Vec<Grant>> {
        let sql = "SELECT * FROM grants WHERE account = $1 ORDER BY client_id";
        each(&self.all(sql, args![account]).await?, read)
    }
    async fn all(&self) -> Result<Vec<Grant>> {
        let rows = Db::all(self, "SELECT * FROM grants", vec![]).await?;
        each(&rows, read)
    }
    async fn remove(&self, account: &AccountId, client: &ClientId) -> Result<bool> {
        let sql = "DELETE FROM grants WHERE account = $1 AND client_id = $2";
        Ok(self.change(sql, args![account, client]).await? > 0)
    }
}
