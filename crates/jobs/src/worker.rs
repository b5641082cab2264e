//! Claims jobs, runs them and ends them.

use crate::{Claim, JobError, Progress, Registry, handler::Handler};
use serde_json::Value;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use store::{Job, Store};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};
use types::{
    Clock, Error, Result,
    id::{AccountId, JobId},
};

/// Time between two looks at a job that somebody waits for: short, so that each stage of it is seen.
const LOOK: Duration = Duration::from_millis(25);

/// How workers behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Jobs at a time.
    pub slots: usize,
    /// Length of a lease, milliseconds; it is renewed three times in that time.
    pub lease: i64,
    /// Time between two looks at the queue when nobody wakes the worker, milliseconds.
    pub poll: u64,
    /// Delay before the second attempt, milliseconds; it doubles with each further one, up to 10 minutes.
    pub delay: i64,
    /// Attempts at most.
    pub attempts: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            slots: 2,
            lease: 15_000,
            poll: 1_000,
            delay: 1_000,
            attempts: 5,
        }
    }
}

/// A worker. Cheap to share; [`Worker::run`] is its loop.
pub struct Worker<C> {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    context: Arc<C>,
    registry: Registry<C>,
    settings: Settings,
    owner: String,
    wake: Notify,
    runs: AtomicU64,
}

impl<C: Send + Sync + 'static> Worker<C> {
    /// A worker. `owner` names it in leases and must be its own in the whole installation (host, process, random).
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        context: Arc<C>,
        registry: Registry<C>,
        owner: impl Into<String>,
        settings: Settings,
    ) -> Arc<Self> {
        let owner = owner.into();
        Arc::new(Self {
            store,
            clock,
            context,
            registry,
            settings,
            owner,
            wake: Notify::new(),
            runs: AtomicU64::new(0),
        })
    }

    /// Makes the loop look at the queue at once; call it after the commit that added a job.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Works until `stop` turns true, then waits for the jobs that run (the caller bounds that wait; a job that is cut off is
    /// taken up again when its lease has run out).
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        while !*stop.borrow() {
            while running.try_join_next().is_some() {}
            let mut idle = true;
            if running.len() < self.settings.slots {
                match self.claim_next().await {
                    Ok(Some((job, claim))) => {
                        let worker = self.clone();
                        running.spawn(async move { worker.execute(job, claim).await });
                        idle = false;
                    }
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(%error, cause = ?error.source, "queue not readable")
                    }
                }
            }
            if idle {
                tokio::select! {
                    () = self.wake.notified() => {}
                    () = tokio::time::sleep(Duration::from_millis(self.settings.poll)) => {}
                    Some(_) = running.join_next() => {}
                    changed = stop.changed() => if changed.is_err() { break },
                }
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Runs what is due, one job after the other, until nothing is left; answers how many ran. For tests and for `--no-worker` chores.
    ///
    /// # Errors
    /// When the queue cannot be read.
    pub async fn run_due(&self) -> Result<usize> {
        let mut count = 0;
        while let Some((job, claim)) = self.claim_next().await? {
            self.execute(job, claim).await;
            count += 1;
        }
        Ok(count)
    }

    /// Waits for a job to be over, and runs it here when nobody else has claimed it. `seen` is told of each change.
    ///
    /// # Errors
    /// [`types::Kind::NotFound`] when the account has no such job; [`types::Kind::Unavailable`] when the store cannot be read.
    pub async fn run_until(
        &self,
        account: &AccountId,
        job: &JobId,
        mut seen: impl FnMut(&Job) + Send,
    ) -> Result<Job> {
        let mut last = None;
        loop {
            let row = self.find(account, job).await?;
            if last != Some((row.state, row.percent, row.message.clone())) {
                last = Some((row.state, row.percent, row.message.clone()));
                seen(&row);
            }
            if row.state.is_over() {
                return Ok(row);
            }
            let now = self.clock.now();
            let (owner, lease) = (self.next_owner(), self.settings.lease);
            match self
                .store
                .jobs()
                .claim_one(job, &owner, now, now + lease)
                .await?
            {
                Some(row) => {
                    let claim = Claim {
                        job: job.clone(),
                        owner,
                        lease,
                    };
                    let run = self.execute(row, claim);
                    tokio::pin!(run);
                    loop {
                        tokio::select! {
                            () = &mut run => break,
                            () = tokio::time::sleep(LOOK) => {
                                let row = self.find(account, job).await?;
                                if last != Some((row.state, row.percent, row.message.clone())) {
                                    last = Some((row.state, row.percent, row.message.clone()));
                                    seen(&row);
                                }
                            }
                        }
                    }
                }
                None => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn find(&self, account: &AccountId, job: &JobId) -> Result<Job> {
        self.store
            .jobs()
            .find(account, job)
            .await?
            .ok_or_else(|| Error::not_found("no such job"))
    }

    /// Each run has an owner of its own, so that a run whose lease was lost cannot pass for the next one of the same worker.
    fn next_owner(&self) -> String {
        format!(
            "{}#{}",
            self.owner,
            self.runs.fetch_add(1, Ordering::Relaxed)
        )
    }

    async fn claim_next(&self) -> Result<Option<(Job, Claim)>> {
        let now = self.clock.now();
        let (owner, lease) = (self.next_owner(), self.settings.lease);
        let job = self
            .store
            .jobs()
            .claim(&owner, &self.registry.kinds(), now, now + lease)
            .await?;
        Ok(job.map(|job| {
            let claim = Claim {
                job: job.new.id.clone(),
                owner,
                lease,
            };
            (job, claim)
        }))
    }

    async fn execute(&self, job: Job, claim: Claim) {
        tracing::debug!(job = %claim.job, kind = %job.new.kind, attempt = job.attempts, "job starts");
        let outcome = match self.registry.find(&job.new.kind) {
            _ if job.attempts > self.settings.attempts => {
                Err(JobError::Fail(job.error.clone().unwrap_or_else(|| {
                    "the work was cut off too often".to_owned()
                })))
            }
            None => Err(JobError::Fail(format!(
                "no handler for jobs of kind {}",
                job.new.kind
            ))),
            Some(handler) => self.attempt(handler, &job, &claim).await,
        };
        if let Err(error) = self.conclude(&job, &claim, outcome).await {
            tracing::warn!(job = %claim.job, %error, "end of job not written; it will be taken up again");
        }
    }

    /// Runs the handler on a task of its own, so that a panic fails the job and not the worker, and renews the lease meanwhile.
    async fn attempt(
        &self,
        handler: Arc<dyn Handler<C>>,
        job: &Job,
        claim: &Claim,
    ) -> Result<Value, JobError> {
        let progress = Progress {
            claim: claim.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            percent: AtomicI64::new(0),
        };
        let (context, job) = (self.context.clone(), job.clone());
        let mut task = JoinSet::new();
        task.spawn(async move { handler.run(&context, &job, &progress).await });
        let mut renewals =
            tokio::time::interval(Duration::from_millis((claim.lease / 3).max(1) as u64));
        renewals.tick().await;
        loop {
            tokio::select! {
                ended = task.join_next() => return match ended {
                    Some(Ok(outcome)) => outcome,
                    _ => Err(JobError::Fail("the work broke down; the server's log says why".to_owned())),
                },
                _ = renewals.tick() => {
                    let until = self.clock.now() + claim.lease;
                    // a set that is dropped stops its task
                    if let Ok(false) = self.store.jobs().renew(&claim.job, &claim.owner, until).await {
                        return Err(JobError::Retry("another worker has taken this job over".to_owned()));
                    }
                }
            }
        }
    }

    async fn conclude(
        &self,
        job: &Job,
        claim: &Claim,
        outcome: Result<Value, JobError>,
    ) -> Result<()> {
        let now = self.clock.now();
        let jobs = self.store.jobs();
        let ours = match outcome {
            Ok(result) => jobs.finish(&claim.job, &claim.owner, &result, now).await?,
            Err(JobError::Retry(text)) if job.attempts < self.settings.attempts => {
                let run_at = now + delay(self.settings.delay, job.attempts);
                jobs.retry(&claim.job, &claim.owner, &text, run_at, now)
                    .await?
            }
            Err(JobError::Retry(text) | JobError::Fail(text)) => {
                tracing::warn!(job = %claim.job, kind = %job.new.kind, attempt = job.attempts, "job failed");
                jobs.fail(&claim.job, &claim.owner, &text, now).await?
            }
        };
        if !ours {
            tracing::debug!(job = %claim.job, "the job had ended inside, or another worker has it");
        }
        Ok(())
    }
}

/// Delay after an attempt (1 is the first), milliseconds.
fn delay(first: i64, attempt: i64) -> i64 {
    const LONGEST: i64 = 600_000;
    let doublings = attempt.saturating_sub(1).clamp(0, 20);
    first.saturating_mul(1 << doublings).min(LONGEST)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_delay_doubles_up_to_ten_minutes() {
        let delays: Vec<i64> = [1, 2, 3, 9, 10, 11, 99]
            .iter()
            .map(|n| super::delay(1_000, *n))
            .collect();
        assert_eq!(
            delays,
            [1_000, 2_000, 4_000, 256_000, 512_000, 600_000, 600_000]
        );
    }
}
