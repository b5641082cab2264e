//! One loader at a time for a key, so that many requests for something large that is not in memory load it once.

use std::hash::{BuildHasher, Hash, RandomState};
use tokio::sync::{Mutex, MutexGuard};

/// Keys that share a place wait for one another, so there are more places than loads that run side by side.
const PLACES: usize = 64;

/// Places to wait at. Whoever has waited looks into the cache again before loading.
pub(crate) struct SingleFlight {
    hasher: RandomState,
    places: [Mutex<()>; PLACES],
}

impl Default for SingleFlight {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            places: std::array::from_fn(|_| Mutex::new(())),
        }
    }
}

impl SingleFlight {
    /// Waits until nobody else loads this key. The key is free again when the guard is dropped.
    pub(crate) async fn turn(&self, key: &impl Hash) -> MutexGuard<'_, ()> {
        let hash = self.hasher.hash_one(key);
        // the remainder is below the number of places, which fits
        let place = usize::try_from(hash % PLACES as u64).unwrap_or_default();
        self.places[place].lock().await
    }
}

#[cfg(test)]
mod tests {
    use super::SingleFlight;
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_key_is_loaded_by_one_at_a_time() {
        let flight = Arc::new(SingleFlight::default());
        let (inside, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let tasks = (0..32).map(|_| {
            let (flight, inside, most) = (flight.clone(), inside.clone(), most.clone());
            tokio::spawn(async move {
                let _turn = flight.turn(&"model").await;
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("ends");
        }
        assert_eq!(most.load(Ordering::SeqCst), 1);
    }
}
