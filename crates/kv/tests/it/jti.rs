//! Token ids count once.

use crate::jti_backends;
use kv::{JtiStore, Spent, Surface, Use};

const API: Use<'static> = Use {
    client: "cs-a",
    surface: Surface::Api,
    jti: "x",
    bound: "",
    issued: 1,
    expires: 100,
    now: 1,
};
const CHANNEL: Use<'static> = Use {
    surface: Surface::Channel,
    bound: "st-1\u{1f}u 1",
    ..API
};

async fn spend(store: &dyn JtiStore, id: Use<'_>) -> Spent {
    store.spend(&id).await.expect("reachable")
}

#[tokio::test]
async fn an_id_passes_once_per_client_until_it_expires() {
    for nodes in jti_backends(10).await {
        let (one, two, name) = (&*nodes.one, &*nodes.two, nodes.name);
        assert_eq!(spend(one, API).await, Spent::Fresh, "{name}");
        assert_eq!(spend(two, API).await, Spent::Seen, "{name}");
        assert_eq!(
            spend(two, Use { now: 99, ..API }).await,
            Spent::Seen,
            "{name}"
        );
        let other = Use {
            client: "cs-b",
            ..API
        };
        assert_eq!(spend(two, other).await, Spent::Fresh, "{name}");
        let later = Use {
            now: 100,
            expires: 200,
            ..API
        };
        assert_eq!(spend(one, later).await, Spent::Fresh, "{name}");
        assert_eq!(spend(two, later).await, Spent::Seen, "{name}");
    }
}

#[tokio::test]
async fn a_channel_id_passes_again_only_where_it_belongs() {
    for nodes in jti_backends(10).await {
        let (one, two, name) = (&*nodes.one, &*nodes.two, nodes.name);
        assert_eq!(spend(one, CHANNEL).await, Spent::Fresh, "{name}");
        assert_eq!(spend(two, CHANNEL).await, Spent::Again, "{name}");
        let elsewhere = Use {
            bound: "st-1\u{1f}u 2",
            ..CHANNEL
        };
        assert_eq!(spend(two, elsewhere).await, Spent::Seen, "{name}");
        assert_eq!(spend(one, API).await, Spent::Seen, "{name}");
        let api_first = Use { jti: "y", ..API };
        assert_eq!(spend(one, api_first).await, Spent::Fresh, "{name}");
        let then_channel = Use {
            jti: "y",
            ..CHANNEL
        };
        assert_eq!(spend(one, then_channel).await, Spent::Seen, "{name}");
    }
}

#[tokio::test]
async fn ids_with_odd_signs_are_told_apart() {
    for nodes in jti_backends(100).await {
        for jti in ["a:b", "a b", "a\nb", "a\u{1f}b", "ä", "a\0b", "%d", "{x}"] {
            if nodes.name == "postgres" && jti.contains('\0') {
                // PostgreSQL knows no such text; the gate refuses such an id before
                continue;
            }
            let id = Use { jti, ..CHANNEL };
            assert_eq!(
                spend(&*nodes.one, id).await,
                Spent::Fresh,
                "{} {jti:?}",
                nodes.name
            );
            assert_eq!(
                spend(&*nodes.two, id).await,
                Spent::Again,
                "{} {jti:?}",
                nodes.name
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_that_spend_an_id_at_once_one_wins() {
    for nodes in jti_backends(1000).await {
        for round in 0..100 {
            let jti = format!("j{round}");
            let id = Use { jti: &jti, ..API };
            let (a, b) = tokio::join!(nodes.one.spend(&id), nodes.two.spend(&id));
            let mut got = [a.expect("asked"), b.expect("asked")];
            got.sort_by_key(|spent| *spent != Spent::Fresh);
            assert_eq!(got, [Spent::Fresh, Spent::Seen], "{} {round}", nodes.name);
        }
    }
}

#[tokio::test]
async fn live_ids_are_never_forgotten_early() {
    // Redis has no cap of ours, but that of its memory: see loss.rs
    for nodes in jti_backends(1).await.iter().filter(|n| n.name != "redis") {
        let (one, name) = (&*nodes.one, nodes.name);
        assert_eq!(spend(one, API).await, Spent::Fresh, "{name}");
        let next = Use { jti: "y", ..API };
        assert_eq!(spend(one, next).await, Spent::Full, "{name}");
        assert_eq!(spend(one, API).await, Spent::Seen, "{name}");
        let later = Use {
            now: 100,
            expires: 200,
            ..next
        };
        assert_eq!(spend(one, later).await, Spent::Fresh, "{name}");
    }
}
