//! Background work: rows that workers claim under a lease (DECISIONS section 7).

use async_trait::async_trait;
use serde_json::Value;
use types::{
    Result,
    id::{AccountId, BotId, JobId},
    page::{Page, PageIn},
};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits.
    Queued,
    /// A worker has it.
    Running,
    /// Ended well.
    Done,
    /// Ended badly, for good.
    Failed,
}

impl JobState {
    /// The word in the store and on the console's wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Done, Self::Failed]
            .into_iter()
            .find(|s| s.as_str() == word)
    }
    /// Nothing more will happen.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}

/// A job to be added.
#[derive(Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// Its kind, which picks the handler.
    pub kind: String,
    /// The account.
    pub account: AccountId,
    /// The agent it works on.
    pub bot: Option<BotId>,
    /// The sealed payload.
    pub payload: Vec<u8>,
    /// Who asked for it.
    pub created_by: String,
    /// Not before, milliseconds UTC.
    pub run_at: i64,
    /// Milliseconds UTC.
    pub created_at: i64,
}

impl std::fmt::Debug for NewJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewJob")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// What was asked for.
    pub new: NewJob,
    /// Where it stands.
    pub state: JobState,
    /// 0 to 100.
    pub percent: i64,
    /// What it is at.
    pub message: String,
    /// What came out.
    pub result: Option<Value>,
    /// Why it failed, or why the last attempt did.
    pub error: Option<String>,
    /// Attempts so far, the running one included.
    pub attempts: i64,
    /// Who has it.
    pub lease_owner: Option<String>,
    /// Until when, milliseconds UTC.
    pub lease_until: Option<i64>,
    /// Milliseconds UTC.
    pub updated_at: i64,
}

/// Which jobs of an account are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Of this agent.
    pub bot: Option<BotId>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Only those that are not over.
    pub open: bool,
}

/// The jobs. The calls with an `owner` take effect only while that owner has the lease, and answer whether it has.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Adds a job; in a transaction it can be claimed once that has committed.
    async fn add(&self, job: &NewJob) -> Result<()>;
    /// The job of this account.
    async fn find(&self, account: &AccountId, job: &JobId) -> Result<Option<Job>>;
    /// A page of the jobs of an account, the newest first. A cursor that is not ours is bad input on `cursor`.
    async fn list(
        &self,
        account: &AccountId,
        filter: &JobFilter,
        page: &PageIn,
    ) -> Result<Page<Job>>;
    /// Takes the next job of one of these kinds that is due, or whose lease ran out; across accounts.
    async fn claim(
        &self,
        owner: &str,
        kinds: &[&str],
        now: i64,
        lease_until: i64,
    ) -> Result<Option<Job>>;
    /// Takes this one job if it is due or its lease ran out.
    async fn claim_one(
        &self,
        job: &JobId,
        owner: &str,
        now: i64,
        lease_until: i64,
    ) -> Result<Option<Job>>;
    /// Moves the end of the lease. In a transaction it also holds the row, so that nobody else can take the job before the commit:
    /// a job's effect stands in one transaction with this call or with [`Jobs::finish`].
    async fn renew(&self, job: &JobId, owner: &str, lease_until: i64) -> Result<bool>;
    /// Writes the progress.
    async fn progress(
        &self,
        job: &JobId,
        owner: &str,
        percent: i64,
        message: &str,
        now: i64,
    ) -> Result<bool>;
    /// Ends the job well.
    async fn finish(&self, job: &JobId, owner: &str, result: &Value, now: i64) -> Result<bool>;
    /// Ends the job badly.
    async fn fail(&self, job: &JobId, owner: &str, error: &str, now: i64) -> Result<bool>;
    /// Puts the job back until `run_at`.
    async fn retry(
        &self,
        job: &JobId,
        owner: &str,
        error: &str,
        run_at: i64,
        now: i64,
    ) -> Result<bool>;
    /// Forgets jobs that were over before `before`; answers how many.
    async fn remove_over(&self, before: i64) -> Result<u64>;
}
