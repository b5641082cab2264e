use super::{account_id, client_id, each, key};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{DataGrant, DataGrants, DataKind};
use types::{
    Error, Result,
    id::{AccountId, ClientId},
};

fn read(row: &Row) -> Result<DataGrant> {
    let kind: String = row.get("kind")?;
    Ok(DataGrant {
        account: account_id(row, "account")?,
        client: client_id(row, "client_id")?,
        kind: DataKind::parse(&kind)
            .ok_or_else(|| Error::internal("unknown kind of permission"))?,
        name: row.get("name")?,
        read: row.get("may_read")?,
        write: row.get("may_write")?,
        delete: row.get("may_delete")?,
        changed_by: row.get("changed_by")?,
        changed_at: row.get("changed_at")?,
    })
}

#[async_trait]
impl DataGrants for Db {
    async fn set(&self, grant: &DataGrant) -> Result<()> {
        let sql = "INSERT INTO data_grants \
                   (account, client_id, kind, name, name_key, may_read, may_write, may_delete, changed_by, changed_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                   ON CONFLICT (account, client_id, kind, name_key) DO UPDATE SET name = excluded.name, \
                   may_read = excluded.may_read, may_write = excluded.may_write, may_delete = excluded.may_delete, \
                   changed_by = excluded.changed_by, changed_at = excluded.changed_at";
        let g = grant;
        let args = args![
            &g.account,
            &g.client,
            g.kind.as_str(),
            &g.name,
            key(&g.name),
            g.read,
            g.write,
            g.delete,
            &g.changed_by,
            g.changed_at
        ];
        self.write(sql, args).await?;
        Ok(())
    }
    async fn find(
        &self,
        account: &AccountId,
        client: &ClientId,
        kind: DataKind,
        name: &str,
    ) -> Result<Option<DataGrant>> {
        let sql = "SELECT * FROM data_grants WHERE account = $1 AND client_id = $2 AND kind = $3 AND name_key = $4";
        let args = args![account, client, kind.as_str(), key(name)];
        let row = self.first(sql, args).await?;
        row.as_ref().map(read).transpose()
    }
    async fn list(&self, account: &AccountId, client: &ClientId) -> Result<Vec<DataGrant>> {
        let sql = "SELECT * FROM data_grants WHERE account = $1 AND client_id = $2 ORDER BY kind, name_key";
        each(&self.all(sql, args![account, client]).await?, read)
    }
    async fn remove(
        &self,
        account: &AccountId,
        client: &ClientId,
        kind: DataKind,
        name: &str,
    ) -> Result<bool> {
        let sql = "DELETE FROM data_grants WHERE account = $1 AND client_id = $2 AND kind = $3 AND name_key = $4";
        let args = args![account, client, kind.as_str(), key(name)];
        Ok(self.write(sql, args).await? > 0)
    }
}
