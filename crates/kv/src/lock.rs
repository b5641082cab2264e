//! Locks by name: one turn at a time per conversation.

use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{Mutex as Gate, OwnedMutexGuard};
use types::Result;

/// A lock that is held until this is dropped.
pub trait Held: Send + Sync {}

/// Locks by name.
#[async_trait]
pub trait Locks: Send + Sync + 'static {
    /// Waits for the lock; those of one process who wait get it in the order in which they came.
    ///
    /// # Errors
    /// [`types::Kind::Unavailable`] when a shared lock cannot be reached, or is not free within its patience.
    async fn lock(&self, name: &str) -> Result<Box<dyn Held>>;
}

type Gates = Arc<Mutex<HashMap<String, Arc<Gate<()>>>>>;

/// In memory, for one process. A name takes room only while somebody holds or wants it.
#[derive(Debug, Default)]
pub struct MemoryLocks {
    gates: Gates,
}

impl MemoryLocks {
    /// Names in use.
    pub fn len(&self) -> usize {
        self.gates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// No name is in use.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Takes the name's room back when the last one who holds or wants it is gone.
struct Place {
    gates: Gates,
    name: String,
    /// None only while it is being dropped.
    gate: Option<Arc<Gate<()>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        // under the lock, so that of two who leave at once the last one sees that it is the last
        drop(self.gate.take());
        if gates
            .get(&self.name)
            .is_some_and(|gate| Arc::strong_count(gate) == 1)
        {
            gates.remove(&self.name);
        }
    }
}

/// Fields drop in this order: first the lock opens, then the room goes.
struct MemoryHeld {
    _guard: OwnedMutexGuard<()>,
    _place: Place,
}

impl Held for MemoryHeld {}

#[async_trait]
impl Locks for MemoryLocks {
    async fn lock(&self, name: &str) -> Result<Box<dyn Held>> {
        let gate = self
            .gates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(name.to_owned())
            .or_default()
            .clone();
        let place = Place {
            gates: self.gates.clone(),
            name: name.to_owned(),
            gate: Some(gate.clone()),
        };
        let guard = gate.lock_owned().await;
        Ok(Box::new(MemoryHeld {
            _guard: guard,
            _place: place,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_at_a_time_and_no_room_is_left_behind() {
        let locks = Arc::new(MemoryLocks::default());
        let inside = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (locks, inside) = (locks.clone(), inside.clone());
                tokio::spawn(async move {
                    let held = locks.lock("a").await.expect("memory");
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    tokio::task::yield_now().await;
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(held);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no task fails");
        }
        assert!(locks.is_empty());
    }

    #[tokio::test]
    async fn names_do_not_wait_for_each_other() {
        let locks = MemoryLocks::default();
        let _a = locks.lock("a").await.expect("memory");
        let _b = locks.lock("b").await.expect("memory");
        assert_eq!(locks.len(), 2);
    }

    #[tokio::test]
    async fn giving_up_waiting_leaves_the_lock_usable() {
        let locks = MemoryLocks::default();
        let held = locks.lock("a").await.expect("memory");
        let mut waiting = Box::pin(locks.lock("a"));
        assert!(futures_poll(waiting.as_mut()).await.is_none());
        drop(waiting);
        drop(held);
        let _again = locks.lock("a").await.expect("memory");
    }

    async fn futures_poll<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
        std::future::poll_fn(|cx| match std::pin::Pin::new(&mut future).poll(cx) {
            std::task::Poll::Ready(out) => std::task::Poll::Ready(Some(out)),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        })
        .await
    }
}
