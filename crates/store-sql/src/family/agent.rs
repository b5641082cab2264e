use super::{account_id, bot_id, each, key, text};
use crate::{
    cursor,
    db::{Arg, Db, Row, args, must_touch},
    filter::Filter,
};
use async_trait::async_trait;
use std::collections::BTreeMap;
use store::{Agent, AgentFilter, Agents};
use types::{
    Error, Result,
    id::{AccountId, BotId, VersionId},
    page::{Page, PageIn},
};

fn read(row: &Row) -> Result<Agent> {
    Ok(Agent {
        bot: bot_id(row, "bot")?,
        account: account_id(row, "account")?,
        name: row.get("name")?,
        description: row.get("description")?,
        languages: row.json("languages")?,
        draft_digest: row.get("draft_digest")?,
        trained: row.json("trained")?,
        published: row
            .get::<Option<String>>("published")?
            .map(VersionId::trusted),
        dialogs: row.get("dialogs")?,
        intents: row.get("intents")?,
        faqs: row.get("faqs")?,
        report: row.json("report")?,
        extra: row.json("extra")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// Tables whose rows name an agent without hanging on it by a foreign key.
const LOOSE: [&str; 1] = ["DELETE FROM jobs WHERE account = $1 AND bot = $2"];

/// The change of an agent's row where the condition holds.
macro_rules! update {
    ($condition:literal) => {
        concat!(
            "UPDATE agents SET name = $3, name_key = $4, description = $5, languages = $6, draft_digest = $7, dialogs = $8, ",
            "intents = $9, faqs = $10, report = $11, extra = $12, updated_at = $13 WHERE account = $1 AND bot = $2",
            $condition
        )
    };
}

/// The arguments of [`update`], account and agent first.
fn columns(a: &Agent) -> Vec<Arg> {
    args![
        &a.account,
        &a.bot,
        &a.name,
        key(&a.name),
        &a.description,
        text(&a.languages),
        &a.draft_digest,
        a.dialogs,
        a.intents,
        a.faqs,
        &a.report,
        &a.extra,
        a.updated_at
    ]
}

#[async_trait]
impl Agents for Db {
    async fn add(&self, agent: &Agent) -> Result<()> {
        let sql = "INSERT INTO agents (bot, account, name, name_key, description, languages, draft_digest, trained, published, dialogs, \
                   intents, faqs, report, extra, created_at, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
        let a = agent;
        let args = args![
            &a.bot,
            &a.account,
            &a.name,
            key(&a.name),
            &a.description,
            text(&a.languages),
            &a.draft_digest,
            text(&a.trained),
            a.published.as_ref().map(VersionId::as_str),
            a.dialogs,
            a.intents,
            a.faqs,
            &a.report,
            &a.extra,
            a.created_at,
            a.updated_at
        ];
        self.change(sql, args).await?;
        Ok(())
    }
    async fn find(&self, account: &AccountId, bot: &BotId) -> Result<Option<Agent>> {
        let sql = "SELECT * FROM agents WHERE account = $1 AND bot = $2";
        self.first(sql, args![account, bot])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn hold(&self, account: &AccountId, bot: &BotId) -> Result<Option<Agent>> {
        let tx = self.scope().await?;
        // a write that changes nothing holds the row on both back ends
        let sql =
            "UPDATE agents SET updated_at = updated_at WHERE account = $1 AND bot = $2 RETURNING *";
        let rows = tx.write_returning(sql, args![account, bot]).await?;
        tx.done().await?;
        rows.first().map(read).transpose()
    }
    async fn owner(&self, bot: &BotId) -> Result<Option<AccountId>> {
        let row = self
            .first("SELECT account FROM agents WHERE bot = $1", args![bot])
            .await?;
        row.map(|row| account_id(&row, "account")).transpose()
    }
    async fn owners(&self) -> Result<Vec<(BotId, AccountId)>> {
        let rows = self.all("SELECT bot, account FROM agents", vec![]).await?;
        each(&rows, |row| {
            Ok((bot_id(row, "bot")?, account_id(row, "account")?))
        })
    }
    async fn part(
        &self,
        account: &AccountId,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<Agent>, u64)> {
        let count = "SELECT COUNT(*) AS total FROM agents WHERE account = $1";
        let row = self.first(count, args![account]).await?;
        let total: i64 = row.map_or(Ok(0), |row| row.get("total"))?;
        let sql =
            "SELECT * FROM agents WHERE account = $1 ORDER BY name_key, bot LIMIT $2 OFFSET $3";
        let rows = self.all(sql, args![account, limit, offset]).await?;
        Ok((each(&rows, read)?, u64::try_from(total).unwrap_or_default()))
    }
    async fn list(
        &self,
        account: &AccountId,
        filter: &AgentFilter,
        page: &PageIn,
    ) -> Result<Page<Agent>> {
        let mut sql = Filter::new("SELECT * FROM agents", vec![]);
        sql.and("account = ?", args![account]);
        sql.and_if("name = ?", filter.name.as_ref());
        sql.and_if(
            "name_key LIKE ? ESCAPE '\\'",
            filter.text.as_ref().map(|text| like(text)),
        );
        if let Some((name, bot)) = cursor::read::<(String, String)>(page.cursor.as_ref())? {
            sql.and(
                "(name_key > ? OR (name_key = ? AND bot > ?))",
                args![&name, &name, bot],
            );
        }
        sql.push(
            " ORDER BY name_key, bot LIMIT ?",
            args![i64::from(page.limit) + 1],
        );
        let (sql, args) = sql.done();
        let rows = each(&self.all(sql, args).await?, read)?;
        Ok(cursor::page(rows, page.limit, |agent| {
            (key(&agent.name), agent.bot.clone())
        }))
    }
    async fn set(&self, agent: &Agent) -> Result<()> {
        must_touch(
            self.change(update!(""), columns(agent)).await?,
            "no such agent",
        )
    }
    async fn set_draft(&self, agent: &Agent, expected: &str) -> Result<bool> {
        let mut args = columns(agent);
        args.extend(args![expected]);
        Ok(self
            .change(update!(" AND draft_digest = $14"), args)
            .await?
            > 0)
    }
    async fn set_trained(
        &self,
        account: &AccountId,
        bot: &BotId,
        language: &str,
        inputs: &str,
        now: i64,
    ) -> Result<()> {
        let tx = self.scope().await?;
        // the write comes first: it holds the row, so that two languages that end at once do not overwrite each other
        let hold =
            "UPDATE agents SET updated_at = $3 WHERE account = $1 AND bot = $2 RETURNING trained";
        let rows = tx.write_returning(hold, args![account, bot, now]).await?;
        let row = rows
            .first()
            .ok_or_else(|| Error::not_found("no such agent"))?;
        let mut trained: BTreeMap<String, String> = row.json("trained")?;
        trained.insert(language.to_owned(), inputs.to_owned());
        tx.change(
            "UPDATE agents SET trained = $3 WHERE account = $1 AND bot = $2",
            args![account, bot, text(&trained)],
        )
        .await?;
        tx.done().await
    }
    async fn set_published(
        &self,
        account: &AccountId,
        bot: &BotId,
        version: &VersionId,
        now: i64,
    ) -> Result<()> {
        let sql = "UPDATE agents SET published = $3, updated_at = $4 WHERE account = $1 AND bot = $2 \
                   AND EXISTS (SELECT 1 FROM versions v WHERE v.account = $1 AND v.bot = $2 AND v.id = $3)";
        must_touch(
            self.change(sql, args![account, bot, version, now]).await?,
            "no such agent or version",
        )
    }
    async fn remove(&self, account: &AccountId, bot: &BotId) -> Result<bool> {
        let tx = self.scope().await?;
        let touched = tx
            .change(
                "DELETE FROM agents WHERE account = $1 AND bot = $2",
                args![account, bot],
            )
            .await?;
        if touched > 0 {
            for sql in LOOSE {
                tx.write(sql, args![account, bot]).await?;
            }
        }
        tx.done().await?;
        Ok(touched > 0)
    }
}

/// A pattern for "contains", with the wildcards of the text taken literally.
fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in key(text).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
