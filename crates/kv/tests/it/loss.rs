//! What a Redis that is gone, or that forgot, must not open.

use crate::{Book, on_redis};
use kv::{JtiStore, Redis, RedisJti, Spent, Surface, Use};
use std::sync::Arc;
use types::Kind;

const MINUTE: i64 = 60_000;
/// A day that is not 0.
const NOW: i64 = 1_000_000_000_000;

fn token(jti: &str, issued: i64, now: i64) -> Use<'_> {
    Use {
        client: "cs-a",
        surface: Surface::Api,
        jti,
        bound: "",
        issued,
        expires: issued + 61 * MINUTE,
        now,
    }
}

async fn spend(store: &dyn JtiStore, id: Use<'_>) -> Spent {
    store.spend(&id).await.expect("reachable")
}

#[tokio::test]
async fn an_unreachable_redis_is_an_error_and_never_a_pass() {
    let Some(mut server) = testkit::redis() else {
        return;
    };
    let (one, _) = on_redis(&server);
    assert_eq!(spend(&*one, token("a", NOW, NOW)).await, Spent::Fresh);
    server.kill();
    for jti in ["a", "b", "c"] {
        let error = one.spend(&token(jti, NOW, NOW)).await.expect_err("gone");
        assert_eq!(error.kind, Kind::Unavailable);
    }
}

#[tokio::test]
async fn a_first_redis_takes_tokens_of_before_at_once() {
    let Some(server) = testkit::redis() else {
        return;
    };
    let (one, two) = on_redis(&server);
    let old = token("a", NOW - 30 * MINUTE, NOW);
    assert_eq!(spend(&*one, old).await, Spent::Fresh);
    assert_eq!(spend(&*two, old).await, Spent::Seen);
}

#[tokio::test]
async fn a_redis_that_started_empty_refuses_what_was_issued_before() {
    let Some(mut server) = testkit::redis() else {
        return;
    };
    let (one, two) = on_redis(&server);
    let used = token("used", NOW, NOW);
    assert_eq!(spend(&*one, used).await, Spent::Fresh);
    server.kill();
    server.start();
    let later = NOW + MINUTE;
    for node in [&one, &two] {
        assert_eq!(
            spend_when_there(&**node, Use { now: later, ..used }).await,
            Spent::Forgotten
        );
        let unused = token("unused", NOW + 1, later);
        assert_eq!(spend(&**node, unused).await, Spent::Forgotten);
    }
    let fresh = token("fresh", later + MINUTE, later + MINUTE);
    assert_eq!(spend(&*one, fresh).await, Spent::Fresh);
    assert_eq!(spend(&*two, fresh).await, Spent::Seen);
}

/// The first call after a start may still meet the old connection; that is an error, never a pass.
async fn spend_when_there(store: &dyn JtiStore, id: Use<'_>) -> Spent {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        match store.spend(&id).await {
            Ok(spent) => return spent,
            Err(error) => {
                assert_eq!(error.kind, Kind::Unavailable);
                assert!(std::time::Instant::now() < until, "{error:?}");
                tokio::task::yield_now().await;
            }
        }
    }
}

#[tokio::test]
async fn a_redis_that_was_emptied_while_connected_refuses_what_was_issued_before() {
    let Some(server) = testkit::redis() else {
        return;
    };
    let (one, two) = on_redis(&server);
    let used = token("used", NOW, NOW);
    assert_eq!(spend(&*one, used).await, Spent::Fresh);
    assert_eq!(spend(&*two, used).await, Spent::Seen);
    assert_eq!(server.command(&["FLUSHALL"]), "+OK");
    assert_eq!(
        spend(
            &*two,
            Use {
                now: NOW + 1,
                ..used
            }
        )
        .await,
        Spent::Forgotten
    );
    assert_eq!(
        spend(
            &*one,
            Use {
                now: NOW + 1,
                ..used
            }
        )
        .await,
        Spent::Forgotten
    );
}

#[tokio::test]
async fn a_token_dated_ahead_does_not_pass_again_after_a_loss() {
    let Some(server) = testkit::redis() else {
        return;
    };
    let (one, two) = on_redis(&server);
    // a client whose clock is 50 s ahead
    let ahead = token("ahead", NOW + 50_000, NOW);
    assert_eq!(spend(&*one, ahead).await, Spent::Fresh);
    assert_eq!(server.command(&["FLUSHALL"]), "+OK");
    for now in [
        NOW + 1_000,
        NOW + 49_000,
        NOW + 2 * MINUTE,
        NOW + 50 * MINUTE,
    ] {
        let spent = spend(&*two, Use { now, ..ahead }).await;
        assert!(
            matches!(spent, Spent::Seen | Spent::Forgotten),
            "{now}: {spent:?}"
        );
    }
}

#[tokio::test]
async fn another_redis_or_an_old_copy_is_taken_for_one_that_forgot() {
    let (Some(first), Some(second)) = (testkit::redis(), testkit::redis()) else {
        return;
    };
    let book = Arc::new(Book::default());
    let durable = Arc::new(kv::MemoryJti::new(1000));
    let node = |server: &testkit::Redis, untouched| {
        let redis = Arc::new(Redis::open(&server.url(), "test").expect("an address"));
        RedisJti::new(redis, book.clone(), durable.clone(), untouched)
    };
    let used = token("used", NOW, NOW);
    assert_eq!(spend(&node(&first, true), used).await, Spent::Fresh);
    assert_eq!(spend(&node(&first, true), used).await, Spent::Seen);
    let later = Use {
        now: NOW + MINUTE,
        ..used
    };
    assert_eq!(spend(&node(&second, true), later).await, Spent::Forgotten);
    // and back again: it does not know what the second one has seen
    let fresh = token("fresh", NOW + 3 * MINUTE, NOW + 3 * MINUTE);
    assert_eq!(spend(&node(&second, true), fresh).await, Spent::Fresh);
    let back = Use {
        now: NOW + 4 * MINUTE,
        ..fresh
    };
    assert_eq!(spend(&node(&first, true), back).await, Spent::Forgotten);
}

#[tokio::test]
async fn a_database_that_has_remembered_ids_makes_a_first_redis_careful() {
    let Some(server) = testkit::redis() else {
        return;
    };
    let redis = Arc::new(Redis::open(&server.url(), "test").expect("an address"));
    let durable = Arc::new(kv::MemoryJti::new(1000));
    let node = RedisJti::new(redis, Arc::new(Book::default()), durable, false);
    assert_eq!(
        spend(&node, token("a", NOW, NOW + MINUTE)).await,
        Spent::Forgotten
    );
}

#[tokio::test]
async fn a_full_redis_is_an_error_and_forgets_nothing() {
    let options = ["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"];
    let Some(server) = testkit::redis_with(&options) else {
        return;
    };
    let (one, two) = on_redis(&server);
    let bound = "x".repeat(20_000);
    let mut full_at = None;
    for number in 0..1000 {
        let jti = number.to_string();
        let id = Use {
            surface: Surface::Channel,
            bound: &bound,
            ..token(&jti, NOW, NOW)
        };
        match one.spend(&id).await {
            Ok(spent) => assert_eq!(spent, Spent::Fresh),
            Err(error) => {
                assert_eq!(error.kind, Kind::Unavailable);
                full_at = Some(number);
                break;
            }
        }
    }
    let full_at = full_at.expect("3 MB are full at some time");
    assert!(full_at > 0);
    // what has been spent stays refused; whether the answer can be given while nothing can be written is Redis' affair
    let first = Use {
        bound: "elsewhere",
        surface: Surface::Channel,
        ..token("0", NOW, NOW)
    };
    match two.spend(&first).await {
        Ok(spent) => assert_eq!(spent, Spent::Seen),
        Err(error) => assert_eq!(error.kind, Kind::Unavailable),
    }
}

#[tokio::test]
async fn a_redis_that_may_throw_entries_away_is_not_used() {
    let options = ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"];
    let Some(server) = testkit::redis_with(&options) else {
        return;
    };
    let (one, _) = on_redis(&server);
    let error = one.spend(&token("a", NOW, NOW)).await.expect_err("refused");
    assert_eq!(error.kind, Kind::Unavailable);
    let cause = error.source.expect("a cause").to_string();
    assert!(cause.contains("noeviction"), "{cause}");
}

#[tokio::test]
async fn many_nodes_that_meet_an_empty_redis_at_once_agree() {
    let Some(server) = testkit::redis() else {
        return;
    };
    let book = Arc::new(Book::default());
    let durable = Arc::new(kv::MemoryJti::new(1000));
    let nodes: Vec<_> = (0..8)
        .map(|_| {
            let redis = Arc::new(Redis::open(&server.url(), "test").expect("an address"));
            Arc::new(RedisJti::new(redis, book.clone(), durable.clone(), true))
        })
        .collect();
    for round in 0..5 {
        let now = NOW + round * 10 * MINUTE;
        let jti = format!("j{round}");
        let id = token(&jti, now, now);
        let spent = futures::future::join_all(nodes.iter().map(|node| node.spend(&id))).await;
        let spent: Vec<_> = spent.into_iter().map(|s| s.expect("reachable")).collect();
        let fresh = spent.iter().filter(|s| **s == Spent::Fresh).count();
        // right after a loss nobody may pass; otherwise exactly one does
        assert!(fresh <= 1, "round {round}: {spent:?}");
        let settled = token("settled", now + 3 * MINUTE, now + 3 * MINUTE);
        let settled = Use {
            jti: &format!("s{round}"),
            ..settled
        };
        let spent = futures::future::join_all(nodes.iter().map(|node| node.spend(&settled))).await;
        let fresh = spent
            .into_iter()
            .filter(|s| matches!(s, Ok(Spent::Fresh)))
            .count();
        assert_eq!(fresh, 1, "round {round}");
        assert_eq!(server.command(&["FLUSHALL"]), "+OK");
    }
}
