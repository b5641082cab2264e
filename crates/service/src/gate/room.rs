//! Room for work with the platform's private keys: so many at a time, so many waiting, and no more failures of one address than a
//! person makes. A flood of forged tokens takes a bounded part of the machine (DECISIONS section 2 item 2).

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::Semaphore;
use types::{Error, Result, codes};

/// How many may wait for their turn.
const WAITING_CAP: usize = 256;
/// Failures of one address in a minute, after which it waits for the next.
const FAILURES: u32 = 30;
/// A minute.
const WINDOW_MS: i64 = 60_000;
/// Addresses remembered at most.
const ADDRESSES_CAP: usize = 10_000;

/// The pool and what it remembers.
pub struct Room {
    turns: Semaphore,
    waiting: AtomicUsize,
    failures: Mutex<HashMap<String, (i64, u32)>>,
}

impl Default for Room {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Semaphore::new((cores / 2).max(1)),
            waiting: AtomicUsize::new(0),
            failures: Mutex::default(),
        }
    }
}

/// One that waits; leaves the line when it is dropped, also in the middle of its wait.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Room {
    /// Runs private-key work when it is its turn, on a thread that may block.
    ///
    /// # Errors
    /// Unavailable when too many wait already.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING_CAP {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::unavailable("too many wait for the platform's keys"));
        }
        let place = Place(&self.waiting);
        let turn = self.turns.acquire().await.map_err(Error::internal)?;
        drop(place);
        let done = tokio::task::spawn_blocking(work).await;
        drop(turn);
        done.map_err(Error::internal)
    }

    /// Lets an address go on unless it has failed too often.
    ///
    /// # Errors
    /// [`codes::RATE_OTHER`] with the seconds to wait.
    pub fn admit(&self, address: Option<&str>, now: i64) -> Result<()> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match failures.get(address.unwrap_or_default()) {
            Some((begun, count)) if *count >= FAILURES && now - begun < WINDOW_MS => {
                let mut error = Error::of(&codes::RATE_OTHER);
                let left = (begun + WINDOW_MS - now).max(1);
                error.retry_after = Some(u64::try_from(left).unwrap_or(1).div_ceil(1000));
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Remembers a failure of an address.
    pub fn failed(&self, address: Option<&str>, now: i64) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= ADDRESSES_CAP {
            failures.retain(|_, (begun, _)| now - *begun < WINDOW_MS);
            if failures.len() >= ADDRESSES_CAP {
                failures.clear();
            }
        }
        let entry = failures
            .entry(address.unwrap_or_default().to_owned())
            .or_insert((now, 0));
        if now - entry.0 >= WINDOW_MS {
            *entry = (now, 0);
        }
        entry.1 = entry.1.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_failed_too_often_waits_for_the_next_minute_and_others_do_not() {
        let room = Room::default();
        for _ in 0..FAILURES {
            room.admit(Some("a"), 1000).expect("free");
            room.failed(Some("a"), 1000);
        }
        let error = room.admit(Some("a"), 2000).expect_err("full");
        assert_eq!(error.retry_after, Some(59));
        room.admit(Some("b"), 2000).expect("another address");
        room.admit(None, 2000).expect("an unknown address");
        room.admit(Some("a"), 1000 + WINDOW_MS)
            .expect("a minute later");
    }

    #[test]
    fn the_memory_of_addresses_is_bounded() {
        let room = Room::default();
        for i in 0..ADDRESSES_CAP * 2 {
            room.failed(Some(&i.to_string()), 0);
        }
        let held = room.failures.lock().expect("lock").len();
        assert!(held <= ADDRESSES_CAP, "{held}");
    }

    #[tokio::test]
    async fn no_more_wait_than_the_cap_and_a_caller_who_leaves_makes_room() {
        let room = Room::default();
        let all = u32::try_from(room.turns.available_permits()).expect("few");
        let held = room.turns.acquire_many(all).await.expect("open");
        let mut line: Vec<_> = (0..WAITING_CAP).map(|_| Box::pin(room.run(|| 1))).collect();
        for one in &mut line {
            assert!(futures::poll!(one).is_pending());
        }
        let error = room.run(|| 1).await.expect_err("full");
        assert_eq!(error.kind, types::Kind::Unavailable);
        line.truncate(WAITING_CAP - 1);
        let mut next = Box::pin(room.run(|| 7));
        assert!(futures::poll!(&mut next).is_pending(), "it waits");
        drop(line);
        drop(held);
        assert_eq!(next.await.expect("its turn"), 7);
    }
}
