use super::{account_id, bot_id, each, job_id, key};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use store::{ConversationRun, ConversationSuite, ConversationTests};
use types::{
    Result,
    id::{AccountId, BotId, JobId, TestSuiteId},
};

fn suite(row: &Row) -> Result<ConversationSuite> {
    Ok(ConversationSuite {
        id: TestSuiteId::trusted(row.text("id")?),
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        name: row.get("name")?,
        language: row.get("language")?,
        steps: row.get("steps")?,
        sealed: row.get("sealed")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
    })
}

fn run(row: &Row) -> Result<ConversationRun> {
    Ok(ConversationRun {
        id: job_id(row, "id")?,
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        suite: TestSuiteId::trusted(row.text("suite")?),
        published: row.get("published")?,
        steps: row.get("steps")?,
        created_by: row.get("created_by")?,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        passed: row.get("passed")?,
        report: None,
    })
}

#[async_trait]
impl ConversationTests for Db {
    async fn add_suite(&self, suite: &ConversationSuite) -> Result<()> {
        let sql = "INSERT INTO conversation_suites (id, account, bot, name, name_key, language, steps, sealed, created_by, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let args = args![
            suite.id.as_str(),
            &suite.account,
            &suite.bot,
            &suite.name,
            key(&suite.name).as_str(),
            &suite.language,
            suite.steps,
            &suite.sealed,
            &suite.created_by,
            suite.created_at
        ];
        self.write(sql, args).await.map(drop)
    }
    async fn find_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        name: &str,
    ) -> Result<Option<ConversationSuite>> {
        let sql =
            "SELECT * FROM conversation_suites WHERE account = $1 AND bot = $2 AND name_key = $3";
        let found = self.first(sql, args![account, bot, key(name).as_str()]);
        found.await?.as_ref().map(suite).transpose()
    }
    async fn get_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        id: &TestSuiteId,
    ) -> Result<Option<ConversationSuite>> {
        let sql = "SELECT * FROM conversation_suites WHERE account = $1 AND bot = $2 AND id = $3";
        let found = self.first(sql, args![account, bot, id.as_str()]);
        found.await?.as_ref().map(suite).transpose()
    }
    async fn list_suites(
        &self,
        account: &AccountId,
        bot: &BotId,
    ) -> Result<Vec<ConversationSuite>> {
        let sql = "SELECT * FROM conversation_suites WHERE account = $1 AND bot = $2 ORDER BY created_at, id";
        each(&self.all(sql, args![account, bot]).await?, suite)
    }
    async fn remove_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        id: &TestSuiteId,
    ) -> Result<bool> {
        let sql = "DELETE FROM conversation_suites WHERE account = $1 AND bot = $2 AND id = $3";
        Ok(self.write(sql, args![account, bot, id.as_str()]).await? > 0)
    }
    async fn add_run(&self, run: &ConversationRun) -> Result<()> {
        let sql = "INSERT INTO conversation_runs (id, account, bot, suite, published, steps, created_by, started_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let args = args![
            &run.id,
            &run.account,
            &run.bot,
            run.suite.as_str(),
            run.published,
            run.steps,
            &run.created_by,
            run.started_at
        ];
        self.write(sql, args).await.map(drop)
    }
    async fn find_run(
        &self,
        account: &AccountId,
        suite: &TestSuiteId,
        id: &JobId,
    ) -> Result<Option<ConversationRun>> {
        let sql = "SELECT * FROM conversation_runs WHERE account = $1 AND suite = $2 AND id = $3";
        let found = self.first(sql, args![account, suite.as_str(), id]).await?;
        let Some(row) = found else { return Ok(None) };
        Ok(Some(ConversationRun {
            report: row.get("report")?,
            ..run(&row)?
        }))
    }
    async fn list_runs(
        &self,
        account: &AccountId,
        suite: &TestSuiteId,
        limit: i64,
    ) -> Result<Vec<ConversationRun>> {
        let sql = "SELECT id, account, bot, suite, published, steps, created_by, started_at, ended_at, passed \
                   FROM conversation_runs WHERE account = $1 AND suite = $2 ORDER BY started_at DESC, id LIMIT $3";
        let rows = self.all(sql, args![account, suite.as_str(), limit]);
        each(&rows.await?, run)
    }
    async fn end_run(
        &self,
        account: &AccountId,
        id: &JobId,
        passed: i64,
        report: &[u8],
        now: i64,
    ) -> Result<bool> {
        let sql = "UPDATE conversation_runs SET ended_at = $3, passed = $4, report = $5 \
                   WHERE account = $1 AND id = $2 AND ended_at IS NULL";
        let args = args![account, id, now, passed, report];
        Ok(self.write(sql, args).await? > 0)
    }
    async fn prune_runs(&self, account: &AccountId, suite: &TestSuiteId, keep: i64) -> Result<u64> {
        let sql = "DELETE FROM conversation_runs WHERE account = $1 AND suite = $2 AND id NOT IN \
                   (SELECT id FROM conversation_runs WHERE account = $1 AND suite = $2 ORDER BY started_at DESC, id LIMIT $3)";
        self.write(sql, args![account, suite.as_str(), keep]).await
    }
}
