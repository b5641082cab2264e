//! What a kind of job does.

use async_trait::async_trait;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use store::{Job, Store, Tx};
use types::{Clock, Error, Kind, id::JobId};

/// Why a run did not succeed. The texts are shown to the person who asked for the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobError {
    /// Worth another try, after a doubling delay.
    Retry(String),
    /// It will never work.
    Fail(String),
}

impl std::fmt::Display for JobError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Retry(text) | Self::Fail(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for JobError {}

impl From<Error> for JobError {
    /// What cannot be reached may come back, a row that changed meanwhile may be read again; everything else stays as it is.
    fn from(error: Error) -> Self {
        match error.kind {
            Kind::Unavailable | Kind::Conflict => Self::Retry(error.message.into_owned()),
            Kind::Internal => {
                tracing::error!(error = ?error.source, "job failed inside");
                Self::Fail(error.message.into_owned())
            }
            _ => Self::Fail(error.message.into_owned()),
        }
    }
}

/// A kind of job. `C` is what handlers need to do their work.
#[async_trait]
pub trait Handler<C>: Send + Sync + 'static {
    /// The kind, as in `store::NewJob::kind`.
    fn kind(&self) -> &'static str;

    /// Does the work and answers the result. CPU work belongs on a blocking thread.
    ///
    /// # Errors
    /// [`JobError`] says whether to try again.
    async fn run(&self, context: &C, job: &Job, progress: &Progress) -> Result<Value, JobError>;
}

/// The kinds that workers can run.
pub struct Registry<C> {
    handlers: HashMap<&'static str, Arc<dyn Handler<C>>>,
}

impl<C> Default for Registry<C> {
    fn default() -> Self {
        Self {
            handlers: HashMap::new(),
        }
    }
}

impl<C> Registry<C> {
    /// The registry with one more kind.
    ///
    /// # Panics
    /// When the kind is there already: two handlers of one kind are a mistake in the wiring.
    #[must_use]
    pub fn with(mut self, handler: impl Handler<C>) -> Self {
        let kind = handler.kind();
        assert!(
            self.handlers.insert(kind, Arc::new(handler)).is_none(),
            "two handlers of kind {kind}"
        );
        self
    }

    /// The kinds.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.handlers.keys().copied().collect()
    }

    pub(crate) fn find(&self, kind: &str) -> Option<Arc<dyn Handler<C>>> {
        self.handlers.get(kind).cloned()
    }
}

/// The right to work on a job, while the lease lasts.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The job.
    pub job: JobId,
    /// Who has it.
    pub owner: String,
    pub(crate) lease: i64,
}

impl Claim {
    /// Makes sure, inside a transaction, that the job is still ours, and keeps it so until the commit. Call it first in the
    /// transaction that writes the job's effect.
    ///
    /// # Errors
    /// [`JobError::Retry`] when somebody else has the job by now: nothing may be written.
    pub async fn hold(&self, tx: &dyn Tx, now: i64) -> Result<(), JobError> {
        match tx
            .jobs()
            .renew(&self.job, &self.owner, now + self.lease)
            .await
        {
            Ok(true) => Ok(()),
            Ok(false) => Err(JobError::Retry(
                "another worker has taken this job over".to_owned(),
            )),
            Err(error) => Err(error.into()),
        }
    }
}

/// Tells how far a run is.
pub struct Progress {
    pub(crate) claim: Claim,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) percent: AtomicI64,
}

impl Progress {
    /// The right to work on this job, for [`Claim::hold`].
    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Writes how far the run is: `percent` from 0 to 100 (it never goes back), and what it is at. A failure to write is logged only.
    pub async fn set(&self, percent: i64, message: &str) {
        let percent = self
            .percent
            .fetch_max(percent.clamp(0, 100), Ordering::SeqCst)
            .max(percent.clamp(0, 100));
        let written = self
            .store
            .jobs()
            .progress(
                &self.claim.job,
                &self.claim.owner,
                percent,
                message,
                self.clock.now(),
            )
            .await;
        if let Err(error) = written {
            tracing::warn!(job = %self.claim.job, %error, "progress not written");
        }
    }
}
