//! The rules of the twins: each rule runs on every back end that the trait has.

mod jti;
mod lock;
mod loss;
mod notice;
mod window;

use async_trait::async_trait;
use kv::{EpochBook, JtiStore, Redis};
use std::sync::{Arc, Mutex};
use store_sql::SqlStore;

/// A book in memory.
#[derive(Default)]
pub struct Book(Mutex<Option<String>>);

#[async_trait]
impl EpochBook for Book {
    async fn read(&self) -> types::Result<Option<String>> {
        Ok(self.0.lock().expect("unharmed").clone())
    }
    async fn begin(&self, id: &str) -> types::Result<bool> {
        let mut kept = self.0.lock().expect("unharmed");
        let free = kept.is_none();
        kept.get_or_insert_with(|| id.to_owned());
        Ok(free)
    }
    async fn replace(&self, id: &str) -> types::Result<()> {
        *self.0.lock().expect("unharmed") = Some(id.to_owned());
        Ok(())
    }
}

/// Nodes of one installation, each with its own connections to what they share.
pub struct Nodes {
    pub name: &'static str,
    pub one: Arc<dyn JtiStore>,
    pub two: Arc<dyn JtiStore>,
    _kept: Box<dyn std::any::Any>,
}

/// Two nodes on a Redis, each with a book and a memory that a database would share.
pub fn on_redis(redis: &testkit::Redis) -> (Arc<dyn JtiStore>, Arc<dyn JtiStore>) {
    let book = Arc::new(Book::default());
    let durable = Arc::new(kv::MemoryJti::new(1000));
    let node = || -> Arc<dyn JtiStore> {
        let link = Arc::new(Redis::open(&redis.url(), "test").expect("an address"));
        Arc::new(kv::RedisJti::new(link, book.clone(), durable.clone(), true))
    };
    (node(), node())
}

/// Every back end of token ids that is installed here. `cap` live ids at most, where there is a cap.
pub async fn jti_backends(cap: usize) -> Vec<Nodes> {
    let memory: Arc<dyn JtiStore> = Arc::new(kv::MemoryJti::new(cap));
    let mut all = vec![Nodes {
        name: "memory",
        one: memory.clone(),
        two: memory,
        _kept: Box::new(()),
    }];
    let dir = tempfile::tempdir().expect("a directory");
    let store = SqlStore::in_dir(dir.path()).await.expect("SQLite opens");
    all.push(on_sql("sqlite", store, cap, Box::new(dir)).await);
    if let Some(url) = testkit::postgres() {
        let store = SqlStore::connect(&url, None).await;
        all.push(
            on_sql(
                "postgres",
                store.expect("PostgreSQL opens"),
                cap,
                Box::new(()),
            )
            .await,
        );
    }
    if let Some(redis) = testkit::redis() {
        let (one, two) = on_redis(&redis);
        all.push(Nodes {
            name: "redis",
            one,
            two,
            _kept: Box::new(redis),
        });
    }
    all
}

async fn on_sql(
    name: &'static str,
    store: SqlStore,
    cap: usize,
    kept: Box<dyn std::any::Any>,
) -> Nodes {
    Nodes {
        name,
        one: Arc::new(store.jti(cap as u64).await.expect("opened")),
        two: Arc::new(store.jti(cap as u64).await.expect("opened again")),
        _kept: Box::new((store, kept)),
    }
}

/// A Redis and two connections to it; none (with a message) when it is not installed.
pub fn redis() -> Option<(testkit::Redis, Arc<Redis>, Arc<Redis>)> {
    let server = testkit::redis()?;
    let open = || Arc::new(Redis::open(&server.url(), "test").expect("an address"));
    let (one, two) = (open(), open());
    Some((server, one, two))
}
