//! What every answer has: a request id, security headers, a line in the trace without secrets.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use types::{Ids, RandomIds};

/// Header of the request id.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task answers, for bodies that tell it.
pub(crate) fn request_id() -> Option<String> {
    CURRENT.try_with(String::clone).ok()
}

/// Names the request, runs it, and dresses the answer. An id that the caller sent is never taken over.
pub async fn dress(request: Request, next: Next) -> Response {
    let id = RandomIds.hex24();
    let method = request.method().clone();
    let mut answer = CURRENT.scope(id.clone(), next.run(request)).await;
    tracing::debug!(request_id = %id, %method, status = answer.status().as_u16(), "answered");
    let headers = answer.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(&REQUEST_ID, value);
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    answer
}
