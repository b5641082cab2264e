//! The word to stop, from outside.

use std::time::Duration;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

/// How long a stopping process waits for the jobs it runs; what is cut off is taken up by another worker.
const GRACE: Duration = Duration::from_secs(20);

/// Turns true on SIGTERM or Ctrl-C.
pub fn told() -> watch::Receiver<bool> {
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        let interrupt = tokio::signal::ctrl_c();
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
        tell.send_replace(true);
    });
    told
}

/// Waits until the word has come.
pub async fn come(mut told: watch::Receiver<bool>) {
    let _ = told.wait_for(|told| *told).await;
}

/// Waits for a worker that was told to stop.
pub async fn ended(worker: JoinHandle<()>) {
    if tokio::time::timeout(GRACE, worker).await.is_err() {
        tracing::warn!("jobs were cut off; they will be taken up again");
    }
}
