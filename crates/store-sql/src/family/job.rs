use super::{account_id, each, job_id};
use crate::{
    cursor,
    db::{Db, Row, args},
    filter::Filter,
};
use async_trait::async_trait;
use serde_json::Value;
use store::{Job, JobFilter, JobState, Jobs, NewJob};
use types::{
    Error, Result,
    id::{AccountId, BotId, JobId},
    page::{Page, PageIn},
};

fn read(row: &Row) -> Result<Job> {
    let new = NewJob {
        id: job_id(row, "id")?,
        kind: row.get("kind")?,
        account: account_id(row, "account")?,
        bot: row.get::<Option<String>>("bot")?.map(BotId::trusted),
        payload: row.get("payload")?,
        created_by: row.get("created_by")?,
        run_at: row.get("run_at")?,
        created_at: row.get("created_at")?,
    };
    let state: String = row.get("state")?;
    Ok(Job {
        new,
        state: JobState::parse(&state)
            .ok_or_else(|| Error::internal(format!("unknown job state {state}")))?,
        percent: row.get("percent")?,
        message: row.get("message")?,
        result: row.maybe_json("result")?,
        error: row.get("error")?,
        attempts: row.get("attempts")?,
        lease_owner: row.get("lease_owner")?,
        lease_until: row.get("lease_until")?,
        updated_at: row.get("updated_at")?,
    })
}

const CLAIM: &str = "UPDATE jobs SET state = 'running', lease_owner = ?, lease_until = ?, attempts = attempts + 1, updated_at = ?";
const DUE: &str =
    "((state = 'queued' AND run_at <= ?) OR (state = 'running' AND lease_until <= ?))";

impl Db {
    /// Writes to a job while `owner` has it.
    async fn own(&self, sql: &'static str, args: Vec<crate::db::Arg>) -> Result<bool> {
        Ok(self.write(sql, args).await? > 0)
    }
}

#[async_trait]
impl Jobs for Db {
    async fn add(&self, job: &NewJob) -> Result<()> {
        // jobs of an account that were asked for in the same millisecond keep their order: their ids do not sort
        let sql = "INSERT INTO jobs (id, kind, account, bot, payload, created_by, state, percent, message, attempts, run_at, created_at, \
                   updated_at) VALUES ($1, $2, $3, $4, $5, $6, 'queued', 0, '', 0, $7, \
                   COALESCE((SELECT MAX(created_at) + 1 FROM jobs WHERE account = $3 AND created_at BETWEEN $8 AND $8 + 999), $8), $8)";
        let j = job;
        self.write(
            sql,
            args![
                &j.id,
                &j.kind,
                &j.account,
                j.bot.as_ref(),
                &j.payload,
                &j.created_by,
                j.run_at,
                j.created_at
            ],
        )
        .await?;
        Ok(())
    }
    async fn find(&self, account: &AccountId, job: &JobId) -> Result<Option<Job>> {
        let sql = "SELECT * FROM jobs WHERE account = $1 AND id = $2";
        self.first(sql, args![account, job])
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }
    async fn list(
        &self,
        account: &AccountId,
        filter: &JobFilter,
        page: &PageIn,
    ) -> Result<Page<Job>> {
        let mut sql = Filter::new("SELECT * FROM jobs", vec![]);
        sql.and("account = ?", args![account]);
        sql.and_if("bot = ?", filter.bot.as_ref());
        sql.and_if("kind = ?", filter.kind.as_ref());
        if filter.open {
            sql.and("state IN ('queued', 'running')", vec![]);
        }
        if let Some((at, id)) = cursor::read::<(i64, String)>(page.cursor.as_ref())? {
            sql.and(
                "(created_at < ? OR (created_at = ? AND id < ?))",
                args![at, at, id],
            );
        }
        sql.push(
            " ORDER BY created_at DESC, id DESC LIMIT ?",
            args![i64::from(page.limit) + 1],
        );
        let (sql, args) = sql.done();
        let rows = each(&self.all(sql, args).await?, read)?;
        Ok(cursor::page(rows, page.limit, |job| {
            (job.new.created_at, job.new.id.clone())
        }))
    }
    async fn claim(
        &self,
        owner: &str,
        kinds: &[&str],
        now: i64,
        lease_until: i64,
    ) -> Result<Option<Job>> {
        if kinds.is_empty() {
            return Ok(None);
        }
        let mut sql = Filter::new(CLAIM, args![owner, lease_until, now]);
        sql.push(" WHERE id = (SELECT id FROM jobs WHERE kind", vec![]);
        sql.list(kinds.iter().map(|kind| (*kind).into()));
        sql.push(" AND ", vec![]);
        sql.push(DUE, args![now, now]);
        sql.push(" ORDER BY run_at, created_at, id LIMIT 1", vec![]);
        sql.push(self.dialect().skip_locked(), vec![]);
        sql.push(") RETURNING *", vec![]);
        let (sql, args) = sql.done();
        self.write_returning(sql, args)
            .await?
            .first()
            .map(read)
            .transpose()
    }
    async fn claim_one(
        &self,
        job: &JobId,
        owner: &str,
        now: i64,
        lease_until: i64,
    ) -> Result<Option<Job>> {
        let mut sql = Filter::new(CLAIM, args![owner, lease_until, now]);
        sql.and("id = ?", args![job]);
        sql.and(DUE, args![now, now]);
        sql.push(" RETURNING *", vec![]);
        let (sql, args) = sql.done();
        self.write_returning(sql, args)
            .await?
            .first()
            .map(read)
            .transpose()
    }
    async fn renew(&self, job: &JobId, owner: &str, lease_until: i64) -> Result<bool> {
        let sql = "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND lease_owner = $2 AND state = 'running'";
        self.own(sql, args![job, owner, lease_until]).await
    }
    async fn progress(
        &self,
        job: &JobId,
        owner: &str,
        percent: i64,
        message: &str,
        now: i64,
    ) -> Result<bool> {
        let sql = "UPDATE jobs SET percent = $3, message = $4, updated_at = $5 WHERE id = $1 AND lease_owner = $2 AND state = 'running'";
        self.own(sql, args![job, owner, percent, message, now])
            .await
    }
    async fn finish(&self, job: &JobId, owner: &str, result: &Value, now: i64) -> Result<bool> {
        let sql = "UPDATE jobs SET state = 'done', percent = 100, result = $3, error = NULL, lease_owner = NULL, lease_until = NULL, \
                   updated_at = $4 WHERE id = $1 AND lease_owner = $2 AND state = 'running'";
        self.own(sql, args![job, owner, result, now]).await
    }
    async fn fail(&self, job: &JobId, owner: &str, error: &str, now: i64) -> Result<bool> {
        let sql = "UPDATE jobs SET state = 'failed', error = $3, lease_owner = NULL, lease_until = NULL, updated_at = $4 \
                   WHERE id = $1 AND lease_owner = $2 AND state = 'running'";
        self.own(sql, args![job, owner, error, now]).await
    }
    async fn retry(
        &self,
        job: &JobId,
        owner: &str,
        error: &str,
        run_at: i64,
        now: i64,
    ) -> Result<bool> {
        let sql = "UPDATE jobs SET state = 'queued', error = $3, run_at = $4, lease_owner = NULL, lease_until = NULL, updated_at = $5 \
                   WHERE id = $1 AND lease_owner = $2 AND state = 'running'";
        self.own(sql, args![job, owner, error, run_at, now]).await
    }
    async fn remove_over(&self, before: i64) -> Result<u64> {
        self.write(
            "DELETE FROM jobs WHERE state IN ('done', 'failed') AND updated_at < $1",
            args![before],
        )
        .await
    }
}
