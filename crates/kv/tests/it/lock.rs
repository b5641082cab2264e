//! Locks by name.

use kv::{Locks, MemoryLocks, RedisLocks};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

struct Backend {
    name: &'static str,
    one: Arc<dyn Locks>,
    two: Arc<dyn Locks>,
    _server: Option<testkit::Redis>,
}

fn backends() -> Vec<Backend> {
    let memory = Arc::new(MemoryLocks::default());
    let mut all = vec![Backend {
        name: "memory",
        one: memory.clone(),
        two: memory,
        _server: None,
    }];
    if let Some((server, one, two)) = crate::redis() {
        all.push(Backend {
            name: "redis",
            one: Arc::new(RedisLocks::new(one)),
            two: Arc::new(RedisLocks::new(two)),
            _server: Some(server),
        });
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_at_a_time_over_all_nodes() {
    for kv in backends() {
        let inside = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..40)
            .map(|i| {
                let locks = if i % 2 == 0 {
                    kv.one.clone()
                } else {
                    kv.two.clone()
                };
                let inside = inside.clone();
                tokio::spawn(async move {
                    let held = locks.lock("a").await.expect("reachable");
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    tokio::task::yield_now().await;
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(held);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap_or_else(|e| panic!("{}: {e}", kv.name));
        }
    }
}

#[tokio::test]
async fn names_do_not_wait_for_each_other() {
    for kv in backends() {
        let _a = kv.one.lock("a").await.expect("reachable");
        let _b = kv.two.lock("b").await.expect("reachable");
    }
}

#[tokio::test]
async fn giving_up_waiting_leaves_the_lock_usable() {
    for kv in backends() {
        let held = kv.one.lock("a").await.expect("reachable");
        let waiting = tokio::time::timeout(Duration::from_millis(30), kv.two.lock("a")).await;
        assert!(waiting.is_err(), "{}", kv.name);
        drop(held);
        let again = tokio::time::timeout(Duration::from_secs(5), kv.two.lock("a")).await;
        again.expect(kv.name).expect("reachable");
    }
}

#[tokio::test]
async fn a_lease_is_renewed_while_it_is_held_and_runs_out_with_its_node() {
    let Some((server, one, two)) = crate::redis() else {
        return;
    };
    let lease = Duration::from_millis(150);
    let wait = Duration::from_millis(600);
    let one = RedisLocks::with_times(one, lease, wait);
    let two = RedisLocks::with_times(two, lease, wait);
    let held = one.lock("a").await.expect("reachable");
    let error = two.lock("a").await.err().expect("held for four leases");
    assert_eq!(error.kind, types::Kind::Unavailable);
    drop(held);
    // a node that dies: nobody renews, nobody releases
    let url = server.url();
    let node = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let redis = Arc::new(kv::Redis::open(&url, "test").expect("an address"));
        let locks = RedisLocks::with_times(redis, lease, wait);
        let held = runtime.block_on(locks.lock("a")).expect("free again");
        std::mem::forget(held);
    });
    node.await.expect("ended");
    two.lock("a").await.expect("free after the lease");
}

#[tokio::test]
async fn an_unreachable_redis_gives_no_lock() {
    let Some((mut server, one, _)) = crate::redis() else {
        return;
    };
    let locks = RedisLocks::new(one);
    drop(locks.lock("a").await.expect("reachable"));
    server.kill();
    let error = locks.lock("b").await.err().expect("gone");
    assert_eq!(error.kind, types::Kind::Unavailable);
}
