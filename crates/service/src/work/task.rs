//! The job that a use case runs for, if any.

use crate::Ctx;
use jobs::{JobError, Progress};
use serde_json::Value;
use store::Tx;
use types::{Error, Result};

/// How a use case tells how far it is, and how its effect and the end of its job become one. Without a job it does nothing.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a> {
    progress: Option<&'a Progress>,
    from: i64,
    to: i64,
}

impl<'a> Task<'a> {
    /// No job: somebody waits for the use case itself.
    pub(crate) fn alone() -> Self {
        Self {
            progress: None,
            from: 0,
            to: 100,
        }
    }

    /// The work of a job.
    pub(crate) fn of(progress: &'a Progress) -> Self {
        Self {
            progress: Some(progress),
            ..Self::alone()
        }
    }

    /// A part of the work, which takes the percents from `from` to `to` of it.
    pub(crate) fn part(&self, from: i64, to: i64) -> Self {
        Self {
            progress: self.progress,
            from: self.at(from),
            to: self.at(to),
        }
    }

    fn at(&self, percent: i64) -> i64 {
        self.from + (self.to - self.from) * percent.clamp(0, 100) / 100
    }

    /// Tells how far the work is. Not to be called while a transaction is open.
    pub(crate) async fn say(&self, percent: i64, message: &str) {
        if let Some(progress) = self.progress {
            progress.set(self.at(percent), message).await;
        }
    }

    /// Holds the job until the commit; the first call of the transaction of an effect.
    ///
    /// # Errors
    /// A conflict when somebody else has the job by now: nothing may be written.
    pub(crate) async fn hold(&self, ctx: &Ctx, tx: &dyn Tx) -> Result<()> {
        let Some(progress) = self.progress else {
            return Ok(());
        };
        match progress.claim().hold(tx, ctx.now()).await {
            Ok(()) => Ok(()),
            Err(JobError::Retry(text)) => Err(Error::conflict(text)),
            Err(JobError::Fail(text)) => Err(Error::internal(text)),
        }
    }

    /// Ends the job well; the last call of the transaction of its effect.
    ///
    /// # Errors
    /// As [`Task::hold`].
    pub(crate) async fn end(
        &self,
        ctx: &Ctx,
        tx: &dyn Tx,
        result: impl FnOnce() -> Value,
    ) -> Result<()> {
        let Some(progress) = self.progress else {
            return Ok(());
        };
        let claim = progress.claim();
        let jobs = tx.jobs();
        if jobs
            .finish(&claim.job, &claim.owner, &result(), ctx.now())
            .await?
        {
            return Ok(());
        }
        Err(Error::conflict("another worker has taken this job over"))
    }
}
