//! Two servers on one database, with and without Redis: a token id passes once, whatever dies in between.

use crate::binary::{Installation, Server};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// Rounds of the same token sent to both at once.
const ROUNDS: usize = 1_000;
/// Rounds under way at a time.
const ABREAST: usize = 16;

/// Two nodes with data folders of their own; only database, key and Redis are shared.
struct Cluster {
    nodes: [Installation; 2],
    bot: String,
    app: String,
    secret: String,
    client: reqwest::Client,
    /// Rounds that have their answers.
    answered: watch::Sender<usize>,
}

/// Two running servers, killed when the last copy is dropped.
#[derive(Clone)]
struct Pair {
    urls: Arc<[String; 2]>,
    _servers: Arc<Mutex<[Server; 2]>>,
}

/// What a token met.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Met {
    Accepted,
    Refused,
    NotNow,
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

impl Cluster {
    async fn new(redis: Option<&testkit::Redis>) -> Option<Self> {
        let database = testkit::postgres()?;
        let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        let node = || {
            let node = Installation::new()
                .with("OMBUD_DATABASE_URL", &database)
                .with("OMBUD_MASTER_KEY", key)
                .with("OMBUD_RATE_LIMIT_FACTOR", "0");
            match redis {
                Some(redis) => node.with("OMBUD_REDIS_URL", &redis.url()),
                None => node,
            }
        };
        let nodes = [node(), node()];
        let (bot, (app, secret)) = tokio::task::block_in_place(|| {
            nodes[0].setup("Acme");
            let bot = nodes[0].sample_agent();
            let app = nodes[0].app(&bot, &["Intent and Entity Detection"]);
            (bot, app)
        });
        Some(Self {
            nodes,
            bot,
            app,
            secret,
            client: reqwest::Client::new(),
            answered: watch::Sender::new(0),
        })
    }

    fn token(&self, jti: &str, issued: i64) -> String {
        let claims = json!({"appId": self.app, "sub": "ann", "jti": jti, "iat": issued, "exp": issued + 1800});
        let key = jose::Key::hmac(jose::Algorithm::Hs256, self.secret.as_bytes()).expect("a key");
        jose::sign(&key, claims.to_string().as_bytes()).expect("signed")
    }

    async fn send(&self, server: &str, token: &str) -> Met {
        let url = format!("{server}/api/v1.1/rest/bot/{}/findIntent", self.bot);
        let body = json!({"input": "where is my parcel", "streamName": "Parcel Desk"});
        let sent = self.client.post(url).header("auth", token).json(&body);
        let Ok(answer) = sent.send().await else {
            return Met::NotNow;
        };
        match answer.status().as_u16() {
            200 => Met::Accepted,
            401 => {
                let body: Value = answer.json().await.expect("json");
                let text = body["errors"][0]["msg"].as_str().expect("msg");
                assert!(
                    text.contains("replay") || text == "Invalid SDK credentials",
                    "{text}"
                );
                Met::Refused
            }
            503 => Met::NotNow,
            other => panic!("{other}: {:?}", answer.text().await),
        }
    }

    /// Sends tokens to both servers at once, many rounds abreast; gives for each the answers of the two.
    async fn race(self: &Arc<Self>, servers: &Pair, tokens: Vec<String>) -> Vec<[Met; 2]> {
        let room = Arc::new(tokio::sync::Semaphore::new(ABREAST));
        let mut rounds = Vec::with_capacity(tokens.len());
        for token in tokens {
            let place = room.clone().acquire_owned().await.expect("open");
            let (cluster, urls) = (self.clone(), servers.urls.clone());
            rounds.push(tokio::spawn(async move {
                let (a, b) = tokio::join!(
                    cluster.send(&urls[0], &token),
                    cluster.send(&urls[1], &token)
                );
                drop(place);
                cluster.answered.send_modify(|count| *count += 1);
                [a, b]
            }));
        }
        let mut met = Vec::with_capacity(rounds.len());
        for round in rounds {
            met.push(round.await.expect("no round fails"));
        }
        met
    }

    /// None of these passes on either server.
    async fn all_refused(self: &Arc<Self>, servers: &Pair, tokens: &[String]) {
        for met in self.race(servers, tokens.to_vec()).await {
            assert_eq!(met, [Met::Refused, Met::Refused]);
        }
    }

    fn serve(&self) -> Pair {
        let servers =
            tokio::task::block_in_place(|| [self.nodes[0].serve(&[]), self.nodes[1].serve(&[])]);
        let urls = Arc::new([servers[0].url.clone(), servers[1].url.clone()]);
        Pair {
            urls,
            _servers: Arc::new(Mutex::new(servers)),
        }
    }

    fn tokens(&self, name: &str, count: usize, issued: i64) -> Vec<String> {
        (0..count)
            .map(|i| self.token(&format!("{name}-{i}"), issued))
            .collect()
    }

    /// Waits until the server is ready again.
    async fn ready(&self, server: &str) {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let answer = self.client.get(format!("{server}/ready")).send().await;
            if answer.is_ok_and(|a| a.status() == 200) {
                return;
            }
            assert!(Instant::now() < until, "never ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn exactly_one(met: &[[Met; 2]]) {
    for (round, met) in met.iter().enumerate() {
        let accepted = met.iter().filter(|m| **m == Met::Accepted).count();
        assert_eq!(accepted, 1, "round {round}: {met:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_redis_accept_each_token_once_and_none_again_after_a_loss() {
    let Some(mut redis) = testkit::redis() else {
        return;
    };
    let Some(cluster) = Cluster::new(Some(&redis)).await else {
        return;
    };
    let cluster = Arc::new(cluster);
    let servers = cluster.serve();
    let begun = Instant::now();
    let first = cluster.tokens("first", ROUNDS, now());
    let met = cluster.race(&servers, first.clone()).await;
    println!("{ROUNDS} rounds with Redis: {:?}", begun.elapsed());
    exactly_one(&met);

    // Redis dies in the middle of the next rounds
    let second = cluster.tokens("second", ROUNDS / 2, now());
    let racing = {
        let (cluster, servers, second) = (cluster.clone(), servers.clone(), second.clone());
        tokio::spawn(async move { cluster.race(&servers, second).await })
    };
    let mut answered = cluster.answered.subscribe();
    let some = answered.wait_for(|count| *count >= ROUNDS + 50).await;
    drop(some.expect("the cluster is there"));
    redis.kill();
    let met = racing.await.expect("no round fails");
    for (round, met) in met.iter().enumerate() {
        let accepted = met.iter().filter(|m| **m == Met::Accepted).count();
        assert!(accepted <= 1, "round {round}: {met:?}");
    }
    assert!(
        met.iter().any(|m| m.contains(&Met::NotNow)),
        "it died too late to matter"
    );
    let gone = cluster.token("while-gone", now());
    assert_eq!(cluster.send(&servers.urls[0], &gone).await, Met::NotNow);

    // and comes back empty
    redis.start();
    for server in &*servers.urls {
        cluster.ready(server).await;
    }
    let used: Vec<String> = first.iter().chain(&second).cloned().collect();
    cluster.all_refused(&servers, &used).await;
    // dated after the loss: passes, once
    let fresh = cluster.tokens("fresh", 20, now() + 30);
    exactly_one(&cluster.race(&servers, fresh.clone()).await);

    // the servers start again, Redis has not forgotten anything
    drop(servers);
    let servers = cluster.serve();
    cluster.all_refused(&servers, &fresh).await;
    cluster.all_refused(&servers, &used[..100]).await;
    // the servers start again, this time on a Redis that was emptied meanwhile
    drop(servers);
    assert_eq!(redis.command(&["FLUSHALL"]), "+OK");
    let servers = cluster.serve();
    cluster.all_refused(&servers, &fresh).await;
    cluster.all_refused(&servers, &used[..100]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_without_redis_accept_each_token_once_and_none_again_after_a_restart() {
    let Some(cluster) = Cluster::new(None).await else {
        return;
    };
    let cluster = Arc::new(cluster);
    let servers = cluster.serve();
    let begun = Instant::now();
    let used = cluster.tokens("first", ROUNDS, now());
    let met = cluster.race(&servers, used.clone()).await;
    println!("{ROUNDS} rounds without Redis: {:?}", begun.elapsed());
    exactly_one(&met);
    drop(servers);
    let servers = cluster.serve();
    cluster.all_refused(&servers, &used).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_revoked_on_one_node_is_refused_on_the_other_within_a_second() {
    let redis = testkit::redis();
    for redis in [redis.as_ref(), None] {
        let Some(cluster) = Cluster::new(redis).await else {
            return;
        };
        let servers = cluster.serve();
        for server in &*servers.urls {
            let token = cluster.token(server, now());
            assert_eq!(cluster.send(server, &token).await, Met::Accepted);
        }
        tokio::task::block_in_place(|| {
            cluster.nodes[0].json(&["app", "rotate", &cluster.app, "--grace", "0"])
        });
        let revoked = Instant::now();
        let mut tries = 0;
        loop {
            let token = cluster.token(&format!("after-{tries}"), now());
            if cluster.send(&servers.urls[1], &token).await == Met::Refused {
                break;
            }
            tries += 1;
            assert!(
                revoked.elapsed() < Duration::from_secs(1),
                "still accepted after {tries} tries"
            );
        }
        println!(
            "refused on the other node after {:?}, Redis: {}",
            revoked.elapsed(),
            redis.is_some()
        );
        let token = cluster.token("on-the-first", now());
        assert_eq!(cluster.send(&servers.urls[0], &token).await, Met::Refused);
    }
}
