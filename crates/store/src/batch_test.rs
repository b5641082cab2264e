//! Batch test suites and their runs.

use async_trait::async_trait;
use serde_json::Value;
use types::{
    Result,
    id::{AccountId, BotId, FileId, JobId, TestSuiteId},
};

/// A batch test suite.
#[derive(Clone, PartialEq, Eq)]
pub struct TestSuite {
    /// Its id.
    pub id: TestSuiteId,
    /// The account.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// Its name, one of its kind on the agent; case does not count.
    pub name: String,
    /// Language code of its utterances.
    pub language: String,
    /// Assertions in it.
    pub cases: i64,
    /// The sealed content: description, file name, test cases.
    pub sealed: Vec<u8>,
    /// Who made it.
    pub created_by: String,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Milliseconds UTC.
    pub updated_at: i64,
}

impl std::fmt::Debug for TestSuite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestSuite")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("bot", &self.bot)
            .finish_non_exhaustive()
    }
}

/// A run of a suite. Its job has the same id.
#[derive(Clone, PartialEq)]
pub struct TestRun {
    /// Its id, and that of its job.
    pub id: JobId,
    /// The account.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// The suite.
    pub suite: TestSuiteId,
    /// The published copy is tested, not the draft.
    pub published: bool,
    /// Assertions to be run.
    pub cases: i64,
    /// Who started it.
    pub created_by: String,
    /// Milliseconds UTC.
    pub started_at: i64,
    /// When it was done, milliseconds UTC; none: it is not.
    pub ended_at: Option<i64>,
    /// Counters, once it is done; no words of users.
    pub counters: Option<Value>,
    /// The sealed report, once it is done; lists leave it out.
    pub report: Option<Vec<u8>>,
    /// The file that the report was last handed out as.
    pub file: Option<FileId>,
}

impl std::fmt::Debug for TestRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestRun")
            .field("id", &self.id)
            .field("suite", &self.suite)
            .field("ended_at", &self.ended_at)
            .finish_non_exhaustive()
    }
}

/// The batch test suites and their runs. Both go with their agent, runs with their suite.
#[async_trait]
pub trait BatchTests: Send + Sync {
    /// Adds a suite, or replaces the one with its id, the runs of which stay; a name that another suite has is a conflict on `name`.
    async fn put_suite(&self, suite: &TestSuite) -> Result<()>;
    /// The suite with this name.
    async fn find_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        name: &str,
    ) -> Result<Option<TestSuite>>;
    /// The suite with this id.
    async fn get_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        suite: &TestSuiteId,
    ) -> Result<Option<TestSuite>>;
    /// A part of the suites of an agent, the oldest first.
    async fn list_suites(
        &self,
        account: &AccountId,
        bot: &BotId,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<TestSuite>>;
    /// Suites of an agent.
    async fn count_suites(&self, account: &AccountId, bot: &BotId) -> Result<i64>;
    /// Removes a suite with its runs.
    async fn remove_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        suite: &TestSuiteId,
    ) -> Result<bool>;
    /// Adds a run.
    async fn add_run(&self, run: &TestRun) -> Result<()>;
    /// A run with its report.
    async fn find_run(
        &self,
        account: &AccountId,
        suite: &TestSuiteId,
        run: &JobId,
    ) -> Result<Option<TestRun>>;
    /// The runs of a suite without their reports, the newest first, at most `limit`.
    async fn list_runs(
        &self,
        account: &AccountId,
        suite: &TestSuiteId,
        limit: i64,
    ) -> Result<Vec<TestRun>>;
    /// Ends a run that has not ended; false when it has, or is gone.
    async fn end_run(
        &self,
        account: &AccountId,
        run: &JobId,
        counters: &Value,
        report: &[u8],
        now: i64,
    ) -> Result<bool>;
    /// Remembers the file that the report was handed out as.
    async fn set_run_file(&self, account: &AccountId, run: &JobId, file: &FileId) -> Result<bool>;
    /// Removes a run.
    async fn remove_run(
        &self,
        account: &AccountId,
        suite: &TestSuiteId,
        run: &JobId,
    ) -> Result<bool>;
}
