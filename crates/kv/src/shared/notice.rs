//! Tells other nodes that something has changed. A notice carries nothing: who hears it looks at the database.

use super::Redis;
use futures::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinHandle};

/// Time between two attempts to listen again.
const AGAIN: Duration = Duration::from_millis(250);

/// Sends and hears notices until it is dropped. A notice may get lost (a node that was not connected): it makes others faster, it
/// is not what they rely on.
pub struct RedisNotices {
    changed: Arc<Notify>,
    tasks: [JoinHandle<()>; 2],
}

impl RedisNotices {
    /// Calls `heard` on each notice, those of this process included, and each time after the connection was made anew.
    pub fn start(redis: Arc<Redis>, heard: impl Fn() + Send + Sync + 'static) -> Self {
        let changed = Arc::new(Notify::new());
        let tasks = [
            tokio::spawn(send(Arc::clone(&redis), Arc::clone(&changed))),
            tokio::spawn(listen(redis, heard)),
        ];
        Self { changed, tasks }
    }

    /// Tells that something has changed. It does not wait; several calls at once become one notice.
    pub fn tell(&self) {
        self.changed.notify_one();
    }
}

impl std::fmt::Debug for RedisNotices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisNotices")
    }
}

impl Drop for RedisNotices {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn send(redis: Arc<Redis>, changed: Arc<Notify>) {
    loop {
        changed.notified().await;
        let Ok(mut link) = redis.link().await else {
            continue;
        };
        let answer = redis::cmd("PUBLISH")
            .arg(redis.key("changed", ""))
            .arg("")
            .query_async::<i64>(&mut link.connection)
            .await;
        let _ = redis.heard(&link, answer);
    }
}

async fn listen(redis: Arc<Redis>, heard: impl Fn()) {
    loop {
        if let Err(error) = listen_once(&redis, &heard).await {
            tracing::debug!(%error, "change notices cannot be heard");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn listen_once(redis: &Redis, heard: &impl Fn()) -> redis::RedisResult<()> {
    let mut notices = redis.client.get_async_pubsub().await?;
    notices.subscribe(redis.key("changed", "")).await?;
    heard();
    let mut stream = notices.into_on_message();
    while stream.next().await.is_some() {
        heard();
    }
    Ok(())
}
