//! Conversation test suites and their runs.

use async_trait::async_trait;
use types::{
    Result,
    id::{AccountId, BotId, JobId, TestSuiteId},
};

/// A conversation test suite.
#[derive(Clone, PartialEq, Eq)]
pub struct ConversationSuite {
    /// Its id.
    pub id: TestSuiteId,
    /// The account.
    pub account: AccountId,
    /// The agent.
    pub bot: BotId,
    /// Its name, one of its kind on the agent; case does not count.
    pub name: String,
    /// Language code of its inputs.
    pub language: String,
    /// Steps in it.
    pub steps: i64,
    /// The sealed content: description, scripts, mocked services, steps.
    pub sealed: Vec<u8>,
    /// Who made it.
    pub created_by: String,
    /// Milliseconds UTC.
    pub created_at: i64,
}

impl std::fmt::Debug for ConversationSuite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConversationSuite")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("bot", &self.bot)
            .finish_non_exhaustive()
    }
}

/// A run of a suite. Its job has the same id.
#[derive(Clone, PartialEq, Eq)]
pub struct ConversationRun {
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
    /// Steps to be run.
    pub steps: i64,
    /// Who started it.
    pub created_by: String,
    /// Milliseconds UTC.
    pub started_at: i64,
    /// Milliseconds UTC, once it is done.
    pub ended_at: Option<i64>,
    /// Steps that came out as they should, once it is done.
    pub passed: Option<i64>,
    /// The sealed verdicts, once it is done; only where one run is read.
    pub report: Option<Vec<u8>>,
}

impl std::fmt::Debug for ConversationRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConversationRun")
            .field("id", &self.id)
            .field("suite", &self.suite)
            .field("ended_at", &self.ended_at)
            .finish_non_exhaustive()
    }
}

/// The conversation test suites and their runs.
#[async_trait]
pub trait ConversationTests: Send + Sync {
    /// Adds a suite; a name that another suite has is a conflict on `name`.
    async fn add_suite(&self, suite: &ConversationSuite) -> Result<()>;
    /// The suite with this name.
    async fn find_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        name: &str,
    ) -> Result<Option<ConversationSuite>>;
    /// The suite with this id.
    async fn get_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        suite: &TestSuiteId,
    ) -> Result<Option<ConversationSuite>>;
    /// Every suite of an agent, the oldest first.
    async fn list_suites(&self, account: &AccountId, bot: &BotId)
    -> Result<Vec<ConversationSuite>>;
    /// Removes a suite with its runs.
    async fn remove_suite(
        &self,
        account: &AccountId,
        bot: &BotId,
        suite: &TestSuiteId,
    ) -> Result<bool>;
    /// Adds a run.
    async fn add_run(&self, run: &ConversationRun) -> Result<()>;
    /// A run with its verdicts.
    async fn find_run(
        &self,
        account: &AccountId,
        suite: &TestSuiteId,
        run: &JobId,
    ) -> Result<Option<ConversationRun>>;
    /// The runs of a suite without their verdicts, the newest first, at most `limit`.
    async fn list_runs(
        &self,
        account: &AccountId,
        suite: &TestSuiteId,
        limit: i64,
    ) -> Result<Vec<ConversationRun>>;
    /// Ends a run that has not ended; false when it has, or is gone.
    async fn end_run(
        &self,
        account: &AccountId,
        run: &JobId,
        passed: i64,
        report: &[u8],
        now: i64,
    ) -> Result<bool>;
    /// Forgets the oldest runs of a suite beyond the newest `keep`.
    async fn prune_runs(&self, account: &AccountId, suite: &TestSuiteId, keep: i64) -> Result<u64>;
}
