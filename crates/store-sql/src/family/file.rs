use super::{account_id, file_id};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{File, Files};
use types::{
    Result,
    id::{AccountId, FileId},
};

fn read(row: &Row) -> Result<File> {
    Ok(File {
        id: file_id(row, "id")?,
        account: account_id(row, "account")?,
        name: row.get("name")?,
        size: row.get("size")?,
        sealed: row.get("sealed")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}

#[async_trait]
impl Files for Db {
    async fn add(&self, file: &File) -> Result<()> {
        let sql = "INSERT INTO files (id, account, name, size, sealed, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let f = file;
        self.write(
            sql,
            args![
                &f.id,
                &f.account,
                &f.name,
                f.size,
                &f.sealed,
                f.created_at,
                f.expires_at
            ],
        )
        .await?;
        Ok(())
    }
    async fn find(&self, account: &AccountId, file: &FileId, now: i64) -> Result<Option<File>> {
        let sql = "SELECT * FROM files WHERE account = $1 AND id = $2 AND expires_at > $3";
        self.first(sql, args![account, file, now])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn remove(&self, account: &AccountId, file: &FileId) -> Result<bool> {
        Ok(self
            .write(
                "DELETE FROM files WHERE account = $1 AND id = $2",
                args![account, file],
            )
            .await?
            > 0)
    }
    async fn remove_expired(&self, now: i64) -> Result<u64> {
        self.write("DELETE FROM files WHERE expires_at <= $1", args![now])
            .await
    }
}
