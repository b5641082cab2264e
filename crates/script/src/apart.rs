//! Runs are on a thread of their own, so that a caller never waits much longer than the time limit.
//!
//! A few steps of the engine can neither be stopped nor cut short: the digits of an integer of a million bits take it many seconds, in
//! one piece and without a look at the clock. Such a run is left behind: its caller goes on with the deadline error, and the
//! thread ends with the step under way, for the engine then sees that the time is up. Only so many of them may be under way at
//! a time; the next script waits for one of them to end.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use crate::{Limits, ScriptError};

/// What a step under way may take longer than the limit.
const GRACE: Duration = Duration::from_millis(250);
/// Runs that may be left behind at a time.
const LEFT_BEHIND: usize = 4;
/// Stack beside that of the scripts.
const OWN_STACK: usize = 1 << 20;

/// Runs under way whose callers have gone.
static BEHIND: Mutex<usize> = Mutex::new(0);
/// One of them has ended.
static ENDED: Condvar = Condvar::new();

/// Runs `work`, which keeps the time limit as well as it can, and waits for it no longer than the limit and [`GRACE`].
///
/// # Errors
/// [`ScriptError::Deadline`] for a run that is left behind, and for one that never began as too many of them are; [`ScriptError::Engine`]
/// when no thread is to be had, and when the run panics.
pub(crate) fn run<T: Send + 'static>(
    limits: &Limits,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ScriptError> {
    let engine = |message: String| ScriptError::Engine { message };
    let late = || ScriptError::Deadline {
        limit_ms: limits.cpu_ms,
    };
    let limit = Duration::from_millis(limits.cpu_ms);
    if !wait_for_room(limit + GRACE) {
        return Err(late());
    }
    // set by whoever comes second: the caller that goes, or the run that ends
    let parted = Arc::new(AtomicBool::new(false));
    let (send, receive) = mpsc::sync_channel(1);
    let of_run = parted.clone();
    let spawned = thread::Builder::new()
        .name("script".into())
        .stack_size(limits.stack_bytes + OWN_STACK)
        .spawn(move || {
            let done = catch_unwind(AssertUnwindSafe(work)).ok();
            let _ = send.send(done);
            if of_run.swap(true, Ordering::AcqRel) {
                *behind() -= 1;
                ENDED.notify_one();
            }
        });
    spawned.map_err(|error| engine(error.to_string()))?;
    match receive.recv_timeout(limit + GRACE) {
        Ok(Some(done)) => Ok(done),
        Ok(None) | Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(engine("the engine gave up".into()))
        }
        Err(mpsc::RecvTimeoutError::Timeout) => {
            let mut count = behind();
            // a run that ended just now does not count down
            if !parted.swap(true, Ordering::AcqRel) {
                *count += 1;
            }
            Err(late())
        }
    }
}

fn behind() -> MutexGuard<'static, usize> {
    BEHIND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until fewer runs are left behind than may be. False: that took too long.
fn wait_for_room(longest: Duration) -> bool {
    let full = |count: &mut usize| *count >= LEFT_BEHIND;
    let (count, _) = ENDED
        .wait_timeout_while(behind(), longest, full)
        .unwrap_or_else(PoisonError::into_inner);
    *count < LEFT_BEHIND
}
