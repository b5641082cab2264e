use crate::db::{Db, args};
use async_trait::async_trait;
use store::{Copy, Definition, Definitions};
use types::{
    Result,
    id::{AccountId, BotId},
};

#[async_trait]
impl Definitions for Db {
    async fn put(
        &self,
        account: &AccountId,
        bot: &BotId,
        copy: &Copy,
        definition: &Definition,
    ) -> Result<()> {
        let sql = "INSERT INTO definitions (account, bot, copy_of, digest, sealed) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (account, bot, copy_of) DO UPDATE SET digest = excluded.digest, sealed = excluded.sealed";
        self.change(
            sql,
            args![account, bot, copy, &definition.digest, &definition.sealed],
        )
        .await?;
        Ok(())
    }
    async fn find(
        &self,
        account: &AccountId,
        bot: &BotId,
        copy: &Copy,
    ) -> Result<Option<Definition>> {
        let sql = "SELECT digest, sealed FROM definitions WHERE account = $1 AND bot = $2 AND copy_of = $3";
        let row = self.first(sql, args![account, bot, copy]).await?;
        row.map(|row| {
            Ok(Definition {
                digest: row.get("digest")?,
                sealed: row.get("sealed")?,
            })
        })
        .transpose()
    }
}
