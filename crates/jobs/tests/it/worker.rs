//! Who runs a job, how often, and what its end looks like.

use crate::stage::{LEASE, Stage};
use std::time::Duration;
use store::{Families, JobState};
use tokio::{sync::watch, time::timeout};
use types::Clock;

/// Longer than anything here takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_never_run_the_same_job_at_once_and_each_job_runs_once() {
    let (stage, mut told) = Stage::new().await;
    for _ in 0..40 {
        stage.add("count").await;
    }
    let (stop, stopped) = watch::channel(false);
    let loops: Vec<_> = ["a", "b"]
        .map(|name| tokio::spawn(stage.worker(name, 4).run(stopped.clone())))
        .into();
    for _ in 0..40 {
        timeout(PATIENCE, told.recv()).await.unwrap().unwrap();
    }
    stop.send(true).unwrap();
    for each in loops {
        timeout(PATIENCE, each).await.unwrap().unwrap();
    }
    let begun = stage.begun.lock().unwrap().clone();
    assert_eq!(begun.len(), 40);
    assert!(begun.values().all(|times| *times == 1), "{begun:?}");
    assert_eq!(*stage.clashes.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_job_whose_worker_died_is_taken_up_when_its_lease_has_run_out() {
    let (stage, _told) = Stage::new().await;
    let job = stage.add("count").await;
    let now = stage.clock.now();
    let dead = stage
        .store
        .jobs()
        .claim("dead", &["count"], now, now + LEASE)
        .await;
    assert!(dead.unwrap().is_some());
    let worker = stage.worker("alive", 1);
    assert_eq!(worker.run_due().await.unwrap(), 0, "the lease still lasts");
    stage.clock.advance(LEASE);
    assert_eq!(worker.run_due().await.unwrap(), 1);
    let row = stage.job(&job).await;
    assert_eq!((row.state, row.attempts), (JobState::Done, 2));
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_changes_nothing_any_more() {
    let (stage, mut told) = Stage::new().await;
    let job = stage.add("effect").await;
    let slow = stage.worker("slow", 1);
    let slow = tokio::spawn(async move { slow.run_due().await.unwrap() });
    told.recv().await.unwrap();
    stage.clock.advance(LEASE);
    let quick = stage.worker("quick", 1);
    let quick = tokio::spawn(async move { quick.run_due().await.unwrap() });
    told.recv().await.unwrap();
    // both wait before their effect; only one of them has the job
    stage.go.add_permits(2);
    timeout(PATIENCE, slow).await.unwrap().unwrap();
    timeout(PATIENCE, quick).await.unwrap().unwrap();
    let row = stage.job(&job).await;
    assert_eq!((row.state, row.attempts), (JobState::Done, 2));
    assert_eq!(stage.effects().await, 1);
}

#[tokio::test]
async fn a_job_that_asks_for_it_is_tried_again_after_its_delay() {
    let (stage, _told) = Stage::new().await;
    let job = stage.add("retry once").await;
    let worker = stage.worker("w", 1);
    assert_eq!(worker.run_due().await.unwrap(), 1);
    let row = stage.job(&job).await;
    assert_eq!(
        (row.state, row.error.as_deref()),
        (JobState::Queued, Some("not yet"))
    );
    assert_eq!(row.new.run_at, stage.clock.now() + 1_000);
    assert_eq!(worker.run_due().await.unwrap(), 0, "not due yet");
    stage.clock.advance(1_000);
    assert_eq!(worker.run_due().await.unwrap(), 1);
    let row = stage.job(&job).await;
    assert_eq!((row.state, row.error), (JobState::Done, None));
}

#[tokio::test]
async fn a_job_that_never_works_fails_after_its_last_attempt_with_the_last_reason() {
    let (stage, _told) = Stage::new().await;
    let job = stage.add("retry").await;
    let worker = stage.worker("w", 1);
    for _ in 0..3 {
        assert_eq!(worker.run_due().await.unwrap(), 1);
        stage.clock.advance(600_000);
    }
    assert_eq!(worker.run_due().await.unwrap(), 0);
    let row = stage.job(&job).await;
    assert_eq!((row.state, row.attempts), (JobState::Failed, 3));
    assert_eq!(row.error.as_deref(), Some("not yet"));
}

#[tokio::test]
async fn a_job_that_kills_every_worker_is_given_up() {
    let (stage, _told) = Stage::new().await;
    let job = stage.add("count").await;
    for _ in 0..3 {
        let now = stage.clock.now();
        let claimed = stage
            .store
            .jobs()
            .claim("dies", &["count"], now, now + LEASE)
            .await;
        assert!(claimed.unwrap().is_some());
        stage.clock.advance(LEASE);
    }
    assert_eq!(stage.worker("w", 1).run_due().await.unwrap(), 1);
    let row = stage.job(&job).await;
    assert_eq!(row.state, JobState::Failed);
    assert_eq!(row.error.as_deref(), Some("the work was cut off too often"));
    assert_eq!(stage.begun.lock().unwrap().len(), 0, "it was not run again");
}

#[tokio::test]
async fn a_failure_or_a_panic_ends_that_job_only() {
    let (stage, _told) = Stage::new().await;
    let (fails, panics, works) = (
        stage.add("fail").await,
        stage.add("panic").await,
        stage.add("count").await,
    );
    assert_eq!(stage.worker("w", 1).run_due().await.unwrap(), 3);
    let row = stage.job(&fails).await;
    assert_eq!((row.state, row.attempts), (JobState::Failed, 1));
    assert_eq!(row.error.as_deref(), Some("never"));
    let row = stage.job(&panics).await;
    assert_eq!(row.state, JobState::Failed);
    assert!(
        !row.error.unwrap().contains("on purpose"),
        "the reason is for the log"
    );
    assert_eq!(stage.job(&works).await.state, JobState::Done);
}

#[tokio::test]
async fn a_kind_that_nobody_here_knows_is_left_to_others() {
    let (stage, _told) = Stage::new().await;
    let job = stage.add("of a newer version").await;
    assert_eq!(stage.worker("w", 1).run_due().await.unwrap(), 0);
    assert_eq!(stage.job(&job).await.state, JobState::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_waits_for_what_runs_and_begins_nothing_new() {
    let (stage, mut told) = Stage::new().await;
    let running = stage.add("wait").await;
    let (stop, stopped) = watch::channel(false);
    let looping = tokio::spawn(stage.worker("w", 1).run(stopped));
    timeout(PATIENCE, told.recv()).await.unwrap().unwrap();
    let next = stage.add("wait").await;
    stop.send(true).unwrap();
    assert!(!looping.is_finished());
    stage.go.add_permits(1);
    timeout(PATIENCE, looping).await.unwrap().unwrap();
    assert_eq!(stage.job(&running).await.state, JobState::Done);
    assert_eq!(stage.job(&next).await.state, JobState::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_woken_worker_looks_at_once() {
    let (stage, mut told) = Stage::new().await;
    let worker = stage.worker("w", 1);
    let (_stop, stopped) = watch::channel(false);
    let looping = tokio::spawn(worker.clone().run(stopped));
    stage.add("count").await;
    // the poll of this worker is an hour
    worker.wake();
    timeout(PATIENCE, told.recv()).await.unwrap().unwrap();
    looping.abort();
}

#[tokio::test]
async fn who_waits_for_a_job_runs_it_where_nobody_else_does_and_sees_it_move() {
    let (stage, _told) = Stage::new().await;
    let job = stage.add("count").await;
    let mut states = Vec::new();
    let worker = stage.worker("w", 1);
    let ended = worker.run_until(&stage.account, &job, |row| {
        states.push((row.state, row.percent));
    });
    let row = timeout(PATIENCE, ended).await.unwrap().unwrap();
    assert_eq!((row.state, row.percent), (JobState::Done, 100));
    assert_eq!(states.first(), Some(&(JobState::Queued, 0)));
    assert_eq!(states.last(), Some(&(JobState::Done, 100)));
    let other = types::id::AccountId::new(&types::RandomIds);
    let foreign = stage.worker("w", 1);
    let foreign = foreign.run_until(&other, &job, |_| ()).await;
    assert_eq!(foreign.unwrap_err().kind, types::Kind::NotFound);
}
