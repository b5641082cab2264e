use super::{account_id, bot_id, each, job_id, key, text};
use crate::db::{Db, Row, args};
use async_trait::async_trait;
use serde_json::Value;
use store::{BatchTests, TestRun, TestSuite};
use types::{
    Result,
    id::{AccountId, BotId, FileId, JobId, TestSuiteId},
};

const RUN: &str = "id, account, bot, suite, published, cases, created_by, started_at, ended_at, counters, file_id";

fn suite(row: &Row) -> Result<TestSuite> {
    Ok(TestSuite {
        id: TestSuiteId::trusted(row.text("id")?),
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        name: row.get("name")?,
        language: row.get("language")?,
        cases: row.get("cases")?,
        sealed: row.get("sealed")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn run(row: &Row) -> Result<TestRun> {
    let counters: Option<String> = row.get("counters")?;
    let counters = counters.map(|text| serde_json::from_str(&text));
    let file: Option<String> = row.get("file_id")?;
    Ok(TestRun {
        id: job_id(row, "id")?,
        account: account_id(row, "account")?,
        bot: bot_id(row, "bot")?,
        suite: TestSuiteId::trusted(row.text("suite")?),
        published: row.get("published")?,
        cases: row.get("cases")?,
        created_by: row.get("created_by")?,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        counters: counters.transpose().map_err(types::Error::internal)?,
        report: None,
        file: file.map(FileId::trusted),
    })
}

#[async_trait]
impl BatchTests for Db {
    async fn put_suite(&self, suite: &TestSuite) -> Result<()> {
        let sql = "INSERT INTO test_suites (id, account, bot, name, name_key, language, cases, sealed, created_by, created_at, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO UPDATE \
                   SET name = excluded.name, name_key = excluded.name_key, language = excluded.language, cases = excluded.cases, \
                   sealed = excluded.sealed, updated_at = excluded.updated_at";
        let args = args![
            suite.id.as_str(),
            &suite.account,
            &suite.bot,
            &suite.name,
            key(&suite.name).as_str(),
            &suite.language,
            suite.cases,
            &suite.sealed,
            &suite.created_by,
            suite.created_at,
            suite.updated_at
        ];
        self.write(sql, args).await.map(drop)
    }
    async fn find_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        name: &str,
    ) -> Result<Option<TestSuite>> {
        let sql = "SELECT * FROM test_suites WHERE account = $1 AND bot = $2 AND name_key = $3";
        let found = self.first(sql, args![account, bot, key(name).as_str()]);
        found.await?.as_ref().map(suite).transpose()
    }
    async fn get_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        id: &TestSuiteId,
    ) -> Result<Option<TestSuite>> {
        let sql = "SELECT * FROM test_suites WHERE account = $1 AND bot = $2 AND id = $3";
        let found = self.first(sql, args![account, bot, id.as_str()]);
        found.await?.as_ref().map(suite).transpose()
    }
    async fn list_suites(
        &self,
        account: &AccountId,
        bot: &BotId,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<TestSuite>> {
        let sql = "SELECT * FROM test_suites WHERE account = $1 AND bot = $2 ORDER BY created_at, id LIMIT $3 OFFSET $4";
        each(
            &self.all(sql, args![account, bot, limit, skip]).await?,
            suite,
        )
    }
    async fn count_suites(&self, account: &AccountId, bot: &BotId) -> Result<i64> {
        let sql = "SELECT COUNT(*) AS n FROM test_suites WHERE account = $1 AND bot = $2";
        let row = self.first(sql, args![account, bot]).await?;
        row.map_or(Ok(0), |row| row.get("n"))
    }
    async fn remove_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        id: &TestSuiteId,
    ) -> Result<bool> {
        let sql = "DELETE FROM test_suites WHERE account = $1 AND bot = $2 AND id = $3";
        Ok(self.write(sql, args![account, bot, id.as_str()]).await? > 0)
    }
    async fn add_run(&self, run: &TestRun) -> Result<()> {
        let sql = "INSERT INTO test_runs (id, account, bot, suite, published, cases, created_by, started_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let args = args![
            &run.id,
            &run.account,
            &run.bot,
            run.suite.as_str(),
            run.published,
            run.cases,
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
    ) -> Result<Option<TestRun>> {
        let sql = "SELECT * FROM test_runs WHERE account = $1 AND suite = $2 AND id = $3";
        let found = self.first(sql, args![account, suite.as_str(), id]).await?;
        let Some(row) = found else { return Ok(None) };
        Ok(Some(TestRun {
            report: row.get("report")?,
            ..run(&row)?
        }))
    }
    async fn list_runs(
        &self,
        account: &AccountId,
        suite: &TestSuiteId,
        limit: i64,
    ) -> Result<Vec<TestRun>> {
        let sql = format!(
            "SELECT {RUN} FROM test_runs WHERE account = $1 AND suite = $2 ORDER BY started_at DESC, id LIMIT $3"
        );
        let rows = self.all(
            sqlx::AssertSqlSafe(sql),
            args![account, suite.as_str(), limit],
        );
        each(&rows.await?, run)
    }
    async fn end_run(
        &self,
        account: &AccountId,
        id: &JobId,
        counters: &Value,
        report: &[u8],
        now: i64,
    ) -> Result<bool> {
        let sql = "UPDATE test_runs SET ended_at = $3, counters = $4, report = $5 WHERE account = $1 AND id = $2 AND ended_at IS NULL";
        let report = report.to_vec();
        let args = args![account, id, now, text(counters), &report];
        Ok(self.write(sql, args).await? > 0)
    }
    async fn set_run_file(&self, account: &AccountId, id: &JobId, file: &FileId) -> Result<bool> {
        let sql = "UPDATE test_runs SET file_id = $3 WHERE account = $1 AND id = $2";
        Ok(self.write(sql, args![account, id, file]).await? > 0)
    }
    async fn remove_run(
        &self,
        account: &AccountId,
        suite: &TestSuiteId,
        id: &JobId,
    ) -> Result<bool> {
        let sql = "DELETE FROM test_runs WHERE account = $1 AND suite = $2 AND id = $3";
        Ok(self.write(sql, args![account, suite.as_str(), id]).await? > 0)
    }
}
