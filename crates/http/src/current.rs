//! The request that a task answers: its id, and what is left of its window. The edge opens it; error bodies and gates read and fill it.

use axum::http::HeaderMap;
use service::gate::Remaining;
use std::cell::Cell;

/// The request that a task answers.
pub(crate) struct Current {
    id: String,
    window: Cell<Option<Remaining>>,
}

tokio::task_local! {
    static CURRENT: Current;
}

/// Runs `work` as the answer to the request `id`; also tells what is left of its window in the end, if it was counted.
pub(crate) async fn scope<T>(id: String, work: impl Future<Output = T>) -> (T, Option<Remaining>) {
    let current = Current {
        id,
        window: Cell::new(None),
    };
    let run = async {
        let done = work.await;
        (done, CURRENT.with(|current| current.window.get()))
    };
    CURRENT.scope(current, run).await
}

/// The id of the request that this task answers, for bodies that tell it.
pub(crate) fn request_id() -> Option<String> {
    CURRENT.try_with(|current| current.id.clone()).ok()
}

/// Tells what is left of the window of the request that this task answers, for the `RateLimit-*` headers.
pub(crate) fn counted(window: Option<Remaining>) {
    let _ = CURRENT.try_with(|current| current.window.set(window));
}

/// Writes the `RateLimit-*` headers.
pub(crate) fn limit_headers(headers: &mut HeaderMap, window: Remaining) {
    headers.insert("ratelimit-limit", window.limit.into());
    headers.insert("ratelimit-remaining", window.left.into());
    headers.insert("ratelimit-reset", window.reset.into());
}
