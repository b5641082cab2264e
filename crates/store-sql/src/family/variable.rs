use super::{each, text};
use crate::db::{Db, args};
use async_trait::async_trait;
use store::{Variable, VariableScope, Variables};
use types::{
    Result,
    id::{AccountId, BotId},
};

fn bot_key(bot: Option<&BotId>) -> &str {
    bot.map_or("", BotId::as_str)
}

#[async_trait]
impl Variables for Db {
    async fn list(
        &self,
        account: &AccountId,
        scope: VariableScope,
        bot: Option<&BotId>,
        owner: &str,
        now: i64,
    ) -> Result<Vec<Variable>> {
        let sql = "SELECT name, value, expires_at FROM variables WHERE account = $1 AND scope = $2 AND bot_key = $3 AND owner = $4 \
                   AND (expires_at IS NULL OR expires_at > $5) ORDER BY name";
        each(
            &self
                .all(
                    sql,
                    args![account, scope.as_str(), bot_key(bot), owner, now],
                )
                .await?,
            |row| {
                Ok(Variable {
                    name: row.get("name")?,
                    value: row.json("value")?,
                    expires_at: row.get("expires_at")?,
                })
            },
        )
    }
    async fn put(
        &self,
        account: &AccountId,
        scope: VariableScope,
        bot: Option<&BotId>,
        owner: &str,
        variables: &[Variable],
    ) -> Result<()> {
        if variables.is_empty() {
            return Ok(());
        }
        let tx = self.scope().await?;
        for v in variables {
            let sql = "INSERT INTO variables (account, scope, bot, bot_key, owner, name, value, expires_at) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account, scope, bot_key, owner, name) DO UPDATE \
                       SET value = excluded.value, expires_at = excluded.expires_at";
            tx.write(
                sql,
                args![
                    account,
                    scope.as_str(),
                    bot,
                    bot_key(bot),
                    owner,
                    &v.name,
                    text(&v.value),
                    v.expires_at
                ],
            )
            .await?;
        }
        tx.done().await
    }
    async fn remove(
        &self,
        account: &AccountId,
        scope: VariableScope,
        bot: Option<&BotId>,
        owner: &str,
        name: &str,
    ) -> Result<bool> {
        let sql = "DELETE FROM variables WHERE account = $1 AND scope = $2 AND bot_key = $3 AND owner = $4 AND name = $5";
        Ok(self
            .write(
                sql,
                args![account, scope.as_str(), bot_key(bot), owner, name],
            )
            .await?
            > 0)
    }
    async fn remove_expired(&self, now: i64) -> Result<u64> {
        self.write("DELETE FROM variables WHERE expires_at <= $1", args![now])
            .await
    }
}
