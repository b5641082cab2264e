use super::{account_id, bot_id, each};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{Extraction, ExtractionState, Extractions};
use types::{
    Error, Result,
    id::{AccountId, BotId, ExtractionId},
};

const HEAD: &str =
    "id, account, bot, language, state, found, added, head, created_by, created_at, updated_at";

fn word(state: ExtractionState) -> &'static str {
    match state {
        ExtractionState::Pending => "pending",
        ExtractionState::Done => "done",
        ExtractionState::Failed => "failed",
    }
}

fn extraction(row: &Row) -> Result<Extraction> {
    Ok(Extraction {
        id: ExtractionId::trusted(row.text("id")?),
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        language: row.get("language")?,
        state: match row.text("state")?.as_str() {
            "pending" => ExtractionState::Pending,
            "done" => ExtractionState::Done,
            "failed" => ExtractionState::Failed,
            _ => return Err(Error::internal("an extraction in an unknown state")),
        },
        found: row.get("found")?,
        added: row.get("added")?,
        head: row.get("head")?,
        pairs: None,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

#[async_trait]
impl Extractions for Db {
    async fn add(&self, one: &Extraction) -> Result<()> {
        let sql = "INSERT INTO extractions (id, account, bot, language, state, found, added, head, pairs, created_by, created_at, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let args = args![
            one.id.as_str(),
            &one.account,
            &one.bot,
            &one.language,
            word(one.state),
            one.found,
            one.added,
            &one.head,
            &one.pairs,
            &one.created_by,
            one.created_at,
            one.updated_at
        ];
        self.write(sql, args).await.map(drop)
    }
    async fn set(&self, one: &Extraction) -> Result<bool> {
        let sql = "UPDATE extractions SET state = $3, found = $4, added = $5, head = $6, pairs = $7, updated_at = $8 \
                   WHERE account = $1 AND id = $2";
        let args = args![
            &one.account,
            one.id.as_str(),
            word(one.state),
            one.found,
            one.added,
            &one.head,
            &one.pairs,
            one.updated_at
        ];
        Ok(self.write(sql, args).await? > 0)
    }
    async fn find(
        &self,
        account: &AccountId,
        bot: &BotId,
        id: &ExtractionId,
    ) -> Result<Option<Extraction>> {
        let sql = "SELECT * FROM extractions WHERE account = $1 AND bot = $2 AND id = $3";
        let found = self.first(sql, args![account, bot, id.as_str()]).await?;
        let Some(row) = found else { return Ok(None) };
        Ok(Some(Extraction {
            pairs: row.get("pairs")?,
            ..extraction(&row)?
        }))
    }
    async fn list(
        &self,
        account: &AccountId,
        bot: &BotId,
        language: &str,
    ) -> Result<Vec<Extraction>> {
        let sql = format!(
            "SELECT {HEAD} FROM extractions WHERE account = $1 AND bot = $2 AND language = $3 ORDER BY created_at DESC, id"
        );
        let rows = self.all(sqlx::AssertSqlSafe(sql), args![account, bot, language]);
        each(&rows.await?, extraction)
    }
    async fn prune(&self, account: &AccountId, bot: &BotId, keep: i64) -> Result<u64> {
        let sql = "DELETE FROM extractions WHERE account = $1 AND bot = $2 AND id NOT IN (SELECT id FROM extractions \
                   WHERE account = $1 AND bot = $2 ORDER BY created_at DESC, id LIMIT $3)";
        self.write(sql, args![account, bot, keep]).await
    }
}
