//! Change notices.

use kv::RedisNotices;
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

fn bell() -> (Arc<Notify>, impl Fn() + Send + Sync + 'static) {
    let bell = Arc::new(Notify::new());
    let rung = bell.clone();
    (bell, move || rung.notify_one())
}

async fn heard(bell: &Notify) {
    tokio::time::timeout(Duration::from_secs(10), bell.notified())
        .await
        .expect("heard");
}

#[tokio::test]
async fn a_change_is_heard_by_other_nodes_and_again_after_a_restart() {
    let Some((mut server, one, two)) = crate::redis() else {
        return;
    };
    let (_, ring) = bell();
    let (bell, ring_two) = bell();
    let sender = RedisNotices::start(one, ring);
    let _receiver = RedisNotices::start(two, ring_two);
    // connecting counts as a notice: something may have been missed
    heard(&bell).await;
    sender.tell();
    heard(&bell).await;
    server.kill();
    server.start();
    heard(&bell).await;
}
