//! Rolling windows.

use kv::{Hit, MemoryWindows, RedisWindows, Window, Windows};
use std::sync::Arc;

const MINUTE: Window = Window {
    length: 60_000,
    limit: 3,
};
const HOUR: Window = Window {
    length: 3_600_000,
    limit: 5,
};
/// A time as it is today, in milliseconds: too large for 32 bits.
const T: i64 = 1_800_000_000_000;

struct Backend {
    name: &'static str,
    one: Arc<dyn Windows>,
    two: Arc<dyn Windows>,
    _server: Option<testkit::Redis>,
}

fn backends() -> Vec<Backend> {
    let memory = Arc::new(MemoryWindows::new(100));
    let mut all = vec![Backend {
        name: "memory",
        one: memory.clone(),
        two: memory,
        _server: None,
    }];
    if let Some((server, one, two)) = crate::redis() {
        all.push(Backend {
            name: "redis",
            one: Arc::new(RedisWindows::new(one)),
            two: Arc::new(RedisWindows::new(two)),
            _server: Some(server),
        });
    }
    all
}

impl Backend {
    /// Counts on the nodes in turn.
    async fn hit(&self, key: &str, now: i64, windows: &[Window]) -> Hit {
        let node = if now % 2 == 0 { &self.one } else { &self.two };
        node.hit(key, T + now, windows).await.expect("reachable")
    }
    async fn left(&self, key: &str, now: i64, windows: &[Window]) -> Option<u32> {
        match self.hit(key, now, windows).await {
            Hit::Allowed { remaining, .. } => Some(remaining),
            Hit::Limited { .. } => None,
        }
    }
}

#[tokio::test]
async fn the_window_rolls_and_does_not_jump() {
    for kv in backends() {
        for (now, wanted) in [
            (0, Some(2)),
            (30_000, Some(1)),
            (59_999, Some(0)),
            (59_999, None),
            (60_000, Some(0)),
            (60_001, None),
            (90_000, Some(0)),
        ] {
            let left = kv.left("k", now, &[MINUTE]).await;
            assert_eq!(left, wanted, "{} at {now}", kv.name);
        }
    }
}

#[tokio::test]
async fn retry_after_is_when_the_oldest_hit_leaves() {
    for kv in backends() {
        for _ in 0..3 {
            kv.hit("k", 0, &[MINUTE]).await;
        }
        for (now, seconds) in [(1_500, 59), (59_999, 1)] {
            let limited = Hit::Limited {
                length: 60_000,
                limit: 3,
                retry_after: seconds,
            };
            assert_eq!(kv.hit("k", now, &[MINUTE]).await, limited, "{}", kv.name);
        }
    }
}

#[tokio::test]
async fn the_hour_blocks_even_when_the_minute_is_free() {
    for kv in backends() {
        for i in 0..5 {
            let left = kv.left("k", i * 60_000, &[MINUTE, HOUR]).await;
            assert!(left.is_some(), "{} {i}", kv.name);
        }
        let limited = Hit::Limited {
            length: 3_600_000,
            limit: 5,
            retry_after: 3_000,
        };
        let hit = kv.hit("k", 600_000, &[MINUTE, HOUR]).await;
        assert_eq!(hit, limited, "{}", kv.name);
    }
}

#[tokio::test]
async fn what_is_left_is_that_of_the_tightest_window() {
    for kv in backends() {
        let hit = kv.hit("k", 0, &[MINUTE, HOUR]).await;
        let allowed = Hit::Allowed {
            remaining: 2,
            limit: 3,
            reset_after: 60,
        };
        assert_eq!(hit, allowed, "{}", kv.name);
        for now in [60_000, 120_000] {
            kv.hit("k", now, &[MINUTE, HOUR]).await;
        }
        let hit = kv.hit("k", 180_000, &[MINUTE, HOUR]).await;
        let allowed = Hit::Allowed {
            remaining: 1,
            limit: 5,
            reset_after: 3_600,
        };
        assert_eq!(hit, allowed, "{}", kv.name);
    }
}

#[tokio::test]
async fn refused_hits_do_not_count() {
    for kv in backends() {
        for _ in 0..50 {
            kv.hit("k", 0, &[MINUTE]).await;
        }
        assert_eq!(
            kv.left("k", 60_000, &[MINUTE]).await,
            Some(2),
            "{}",
            kv.name
        );
    }
}

#[tokio::test]
async fn keys_count_apart() {
    for kv in backends() {
        for _ in 0..3 {
            kv.hit("a", 0, &[MINUTE]).await;
        }
        assert_eq!(kv.left("a", 0, &[MINUTE]).await, None, "{}", kv.name);
        assert_eq!(kv.left("b", 0, &[MINUTE]).await, Some(2), "{}", kv.name);
    }
}

#[tokio::test]
async fn a_limit_of_nothing_refuses_everything_and_no_window_nothing() {
    let nothing = Window {
        length: 1000,
        limit: 0,
    };
    for kv in backends() {
        let limited = Hit::Limited {
            length: 1000,
            limit: 0,
            retry_after: 1,
        };
        assert_eq!(kv.hit("k", 0, &[nothing]).await, limited, "{}", kv.name);
        assert!(kv.left("k", 0, &[]).await.is_some(), "{}", kv.name);
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_does_not_open_the_window() {
    for kv in backends() {
        for now in [1000, 500, 200] {
            assert!(kv.left("k", now, &[MINUTE]).await.is_some(), "{}", kv.name);
        }
        assert_eq!(kv.left("k", 100, &[MINUTE]).await, None, "{}", kv.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_hit_at_once_share_one_limit() {
    let window = Window {
        length: 60_000,
        limit: 40,
    };
    for kv in backends() {
        let hits = (0..100).map(|i| kv.left("k", i, std::slice::from_ref(&window)));
        let passed = futures::future::join_all(hits).await;
        let passed = passed.into_iter().flatten().count();
        assert_eq!(passed, 40, "{}", kv.name);
    }
}

#[tokio::test]
async fn an_unreachable_counter_lets_nobody_through() {
    let Some((mut server, one, _)) = crate::redis() else {
        return;
    };
    let windows = RedisWindows::new(one);
    windows.hit("k", T, &[MINUTE]).await.expect("reachable");
    server.kill();
    for _ in 0..3 {
        let error = windows.hit("k", T, &[MINUTE]).await.expect_err("gone");
        assert_eq!(error.kind, types::Kind::Unavailable);
    }
}
