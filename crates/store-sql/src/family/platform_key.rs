use super::each;
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{KeyState, PlatformKey, PlatformKeys};
use types::{Error, Result};

fn read(row: &Row) -> Result<PlatformKey> {
    let state = KeyState::parse(&row.text("state")?);
    Ok(PlatformKey {
        kid: row.get("kid")?,
        kind: row.get("kind")?,
        generation: row.get("generation")?,
        state: state.ok_or_else(|| Error::internal("unknown state of a platform key"))?,
        public: row.get("public_half")?,
        private: row.get("private_half")?,
        created_at: row.get("created_at")?,
        retired_at: row.get("retired_at")?,
    })
}

#[async_trait]
impl PlatformKeys for Db {
    async fn add(&self, key: &PlatformKey) -> Result<()> {
        let sql = "INSERT INTO platform_keys (kid, kind, generation, state, public_half, private_half, created_at, retired_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let k = key;
        let args = args![
            &k.kid,
            &k.kind,
            k.generation,
            k.state.as_str(),
            &k.public,
            &k.private,
            k.created_at,
            k.retired_at
        ];
        self.change(sql, args).await?;
        Ok(())
    }
    async fn list(&self) -> Result<Vec<PlatformKey>> {
        let sql = "SELECT * FROM platform_keys ORDER BY generation DESC, kind DESC";
        each(&self.all(sql, vec![]).await?, read)
    }
    async fn demote(&self) -> Result<()> {
        let sql = "UPDATE platform_keys SET state = $1 WHERE state = $2";
        let args = args![KeyState::DecryptOnly.as_str(), KeyState::Current.as_str()];
        self.change(sql, args).await?;
        Ok(())
    }
    async fn retire(&self, kid: &str, at: i64) -> Result<bool> {
        let sql = "UPDATE platform_keys SET state = $2, private_half = $3, retired_at = $4 WHERE kid = $1 AND state <> $2";
        let args = args![kid, KeyState::Retired.as_str(), &Vec::new(), at];
        Ok(self.change(sql, args).await? > 0)
    }
}
