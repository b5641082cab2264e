//! The words for a job that several public operations share. Which word an operation has is its contract's choice.

use store::{Job, JobState};

/// `pending`, `success` or `failed`: imports and exports of agents, imports of utterances.
pub(crate) fn pending(job: &Job) -> &'static str {
    match job.state {
        JobState::Queued | JobState::Running => "pending",
        JobState::Done => "success",
        JobState::Failed => "failed",
    }
}

/// `IN_PROGRESS`, `SUCCESS` or `FAILED`: operations that answer as a "dock status".
pub(crate) fn dock(job: &Job) -> &'static str {
    match job.state {
        JobState::Queued | JobState::Running => "IN_PROGRESS",
        JobState::Done => "SUCCESS",
        JobState::Failed => "FAILED",
    }
}

/// Why a job failed, one entry for each wrong row; empty for any other job.
pub(crate) fn logs(job: &Job) -> Vec<String> {
    let failed = job.state == JobState::Failed;
    let error = job.error.as_deref().filter(|_| failed);
    let lines = error.into_iter().flat_map(str::lines);
    lines.map(str::to_owned).collect()
}

/// The agent that a job works on; empty for a job of the account.
pub(crate) fn agent(job: &Job) -> String {
    let bot = job.new.bot.as_ref();
    bot.map(ToString::to_string).unwrap_or_default()
}
