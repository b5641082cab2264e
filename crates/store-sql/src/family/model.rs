use super::{account_id, bot_id, each};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{Copy, Model, ModelHead, Models};
use types::{
    Result,
    id::{AccountId, BotId, VersionId},
};

fn head(row: &Row) -> Result<ModelHead> {
    let copy: String = row.get("copy_of")?;
    Ok(ModelHead {
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        language: row.get("language")?,
        copy: if copy == Copy::Draft.as_str() {
            Copy::Draft
        } else {
            Copy::Version(VersionId::trusted(copy))
        },
        inputs: row.get("inputs")?,
        engine: row.get("engine")?,
        report: row.json("report")?,
        created_at: row.get("created_at")?,
    })
}

fn read(row: &Row) -> Result<Model> {
    Ok(Model {
        head: head(row)?,
        bytes: row.get("bytes")?,
    })
}

#[async_trait]
impl Models for Db {
    async fn put(&self, model: &Model) -> Result<()> {
        let sql = "INSERT INTO models (account, bot, language, copy_of, inputs, engine, report, bytes, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account, bot, copy_of, language) DO UPDATE \
                   SET inputs = excluded.inputs, engine = excluded.engine, report = excluded.report, bytes = excluded.bytes, \
                   created_at = excluded.created_at";
        let h = &model.head;
        let args = args![
            &h.account,
            &h.bot,
            &h.language,
            &h.copy,
            &h.inputs,
            &h.engine,
            &h.report,
            &model.bytes,
            h.created_at
        ];
        self.change(sql, args).await?;
        Ok(())
    }
    async fn find(
        &self,
        account: &AccountId,
        bot: &BotId,
        language: &str,
        copy: &Copy,
    ) -> Result<Option<Model>> {
        let sql = "SELECT * FROM models WHERE account = $1 AND bot = $2 AND language = $3 AND copy_of = $4";
        self.first(sql, args![account, bot, language, copy])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn find_same(
        &self,
        account: &AccountId,
        bot: &BotId,
        language: &str,
        inputs: &str,
        engine: &str,
    ) -> Result<Option<Model>> {
        let sql = "SELECT * FROM models WHERE account = $1 AND bot = $2 AND language = $3 AND inputs = $4 AND engine = $5 LIMIT 1";
        self.first(sql, args![account, bot, language, inputs, engine])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn list(&self, account: &AccountId, bot: &BotId) -> Result<Vec<ModelHead>> {
        let sql = "SELECT account, bot, language, copy_of, inputs, engine, report, created_at FROM models \
                   WHERE account = $1 AND bot = $2 ORDER BY copy_of, language";
        each(&self.all(sql, args![account, bot]).await?, head)
    }
    async fn copy(&self, account: &AccountId, bot: &BotId, from: &Copy, to: &Copy) -> Result<u64> {
        let sql = "INSERT INTO models (account, bot, language, copy_of, inputs, engine, report, bytes, created_at) \
                   SELECT account, bot, language, $4, inputs, engine, report, bytes, created_at FROM models \
                   WHERE account = $1 AND bot = $2 AND copy_of = $3 ON CONFLICT (account, bot, copy_of, language) DO UPDATE \
                   SET inputs = excluded.inputs, engine = excluded.engine, report = excluded.report, bytes = excluded.bytes, \
                   created_at = excluded.created_at";
        self.change(sql, args![account, bot, from, to]).await
    }
}
