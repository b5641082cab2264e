//! Rolling rate windows.

use async_trait::async_trait;
use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};
use types::Result;

/// At most `limit` hits in any `length` milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Length, milliseconds.
    pub length: i64,
    /// Hits at most.
    pub limit: u32,
}

/// What became of a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// It counts, and this many more are free now in the tightest window (the one with the least left).
    Allowed {
        /// Hits left.
        remaining: u32,
        /// Limit of that window.
        limit: u32,
        /// Whole seconds until that window is free of every hit counted so far at the latest.
        reset_after: u64,
    },
    /// It does not count; this window is full.
    Limited {
        /// Length of the full window (of several, the one that takes longest to free), milliseconds.
        length: i64,
        /// Its limit.
        limit: u32,
        /// Whole seconds until a hit is free again, at least 1.
        retry_after: u64,
    },
}

/// Counts hits by key.
#[async_trait]
pub trait Windows: Send + Sync + 'static {
    /// Counts a hit at `now` (milliseconds UTC) under `key` if every window has room. A hit that is refused does not count.
    ///
    /// # Errors
    /// [`types::Kind::Unavailable`] when a shared counter cannot be reached: nobody is let through uncounted.
    async fn hit(&self, key: &str, now: i64, windows: &[Window]) -> Result<Hit>;
}

const SHARDS: usize = 16;

/// In memory, for one process. Hits of one millisecond under one key share an entry, so a key takes at most as many entries as the limit
/// of its longest window; keys that have been idle for their longest window are dropped when a shard grows past its bound.
#[derive(Debug)]
pub struct MemoryWindows {
    shards: Vec<Mutex<HashMap<String, Key>>>,
    bound: usize,
}

#[derive(Debug, Default)]
struct Key {
    /// Time and number of hits, the oldest first.
    hits: VecDeque<(i64, u32)>,
    /// When the newest hit has left the longest window.
    idle_at: i64,
}

impl MemoryWindows {
    /// Room for about `keys` keys that are in use at once. Beyond it the keys that have been quiet the longest start anew.
    pub fn new(keys: usize) -> Self {
        let bound = keys.div_ceil(SHARDS).max(1);
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            bound,
        }
    }

    /// Keys held at the moment.
    pub fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|s| s.lock().unwrap_or_else(PoisonError::into_inner).len())
            .sum()
    }

    /// No key is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[async_trait]
impl Windows for MemoryWindows {
    async fn hit(&self, key: &str, now: i64, windows: &[Window]) -> Result<Hit> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let index = (hasher.finish() % SHARDS as u64) as usize;
        let mut shard = self.shards[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !shard.contains_key(key) {
            make_room(&mut shard, self.bound, now);
            shard.insert(key.to_owned(), Key::default());
        }
        let entry = shard.get_mut(key).expect("it was put there just now");
        Ok(entry.hit(now, windows))
    }
}

impl Key {
    fn hit(&mut self, now: i64, windows: &[Window]) -> Hit {
        let longest = windows.iter().map(|w| w.length).max().unwrap_or(0);
        while self
            .hits
            .front()
            .is_some_and(|(at, _)| *at <= now - longest)
        {
            self.hits.pop_front();
        }
        let full = windows
            .iter()
            .filter_map(|w| self.free_at(w, now).map(|at| (at, w)))
            .max_by_key(|(at, _)| *at);
        if let Some((at, window)) = full {
            return Hit::Limited {
                length: window.length,
                limit: window.limit,
                retry_after: seconds(at - now),
            };
        }
        match self.hits.back_mut() {
            // a clock that goes back counts into the newest entry, so that the entries stay in order
            Some((at, count)) if *at >= now => *count += 1,
            _ => self.hits.push_back((now, 1)),
        }
        self.idle_at = now + longest;
        let tightest = windows
            .iter()
            .map(|w| (w.limit.saturating_sub(self.count(w, now)), w))
            .min_by_key(|(left, _)| *left);
        match tightest {
            Some((remaining, w)) => Hit::Allowed {
                remaining,
                limit: w.limit,
                reset_after: seconds(w.length),
            },
            None => Hit::Allowed {
                remaining: u32::MAX,
                limit: u32::MAX,
                reset_after: 0,
            },
        }
    }

    fn count(&self, window: &Window, now: i64) -> u32 {
        self.hits
            .iter()
            .rev()
            .take_while(|(at, _)| *at > now - window.length)
            .map(|(_, count)| count)
            .sum()
    }

    /// When a full window has room again; none when it has room now.
    fn free_at(&self, window: &Window, now: i64) -> Option<i64> {
        let count = self.count(window, now);
        if count < window.limit {
            return None;
        }
        let mut to_leave = count - window.limit + 1;
        let inside = self.hits.iter().filter(|(at, _)| *at > now - window.length);
        for (at, hits) in inside {
            if *hits >= to_leave {
                return Some(at + window.length);
            }
            to_leave -= hits;
        }
        // a limit of 0 is never free
        Some(now + window.length)
    }
}

pub(crate) fn seconds(ms: i64) -> u64 {
    (ms.max(1) as u64).div_ceil(1000)
}

/// Drops idle keys, then, if that was not enough, the quarter that has been quiet the longest.
fn make_room(shard: &mut HashMap<String, Key>, bound: usize, now: i64) {
    if shard.len() < bound {
        return;
    }
    shard.retain(|_, key| key.idle_at > now);
    if shard.len() < bound {
        return;
    }
    let mut ends: Vec<i64> = shard.values().map(|key| key.idle_at).collect();
    ends.sort_unstable();
    let cut = ends[ends.len() / 4];
    shard.retain(|_, key| key.idle_at > cut);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memory_stays_bounded() {
        let windows = MemoryWindows::new(160);
        let minute = Window {
            length: 60_000,
            limit: 3,
        };
        for i in 0..5_000 {
            windows
                .hit(&i.to_string(), i, &[minute])
                .await
                .expect("memory");
        }
        assert!(windows.len() <= 160, "{}", windows.len());
    }
}
