use crate::db::{Db, args};
use async_trait::async_trait;
use store::Meta;
use types::Result;

#[async_trait]
impl Meta for Db {
    async fn find(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let row = self
            .first("SELECT value FROM meta WHERE name = $1", args![key])
            .await?;
        row.map(|row| row.get("value")).transpose()
    }
    async fn put(&self, key: &str, value: &[u8]) -> Result<()> {
        let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.write(sql, args![key, value]).await?;
        Ok(())
    }
    async fn put_new(&self, key: &str, value: &[u8]) -> Result<bool> {
        let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        Ok(self.write(sql, args![key, value]).await? > 0)
    }
    async fn remove(&self, key: &str) -> Result<bool> {
        Ok(self
            .write("DELETE FROM meta WHERE name = $1", args![key])
            .await?
            > 0)
    }
}
