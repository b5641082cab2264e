//! Errors of the channel paths: those of the public API with a version and a trace (runtime.md section 12).

use crate::error::Public;
use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use types::{Error, Ids, Kind, RandomIds, codes};

/// An answer of version 1 of the webhook: `{"errors":[{"msg","code"}],"_v":"v1","_t":"RTM-TRACE-…"}`.
#[derive(Debug)]
pub struct Channel(pub Error);

impl From<Error> for Channel {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Channel {
    fn into_response(self) -> Response {
        let mut error = self.0;
        if error.kind == Kind::Limited {
            error = Error {
                retry_after: error.retry_after,
                limit: error.limit,
                ..Error::of(&codes::CHANNEL_LIMIT)
            };
        }
        let trace = format!("RTM-TRACE-{}", RandomIds.uuid());
        tracing::debug!(%trace, %error, cause = ?error.source, "refused");
        let body = body(&error, &trace);
        let (mut plain, _) = Public(error).into_response().into_parts();
        plain.headers.remove(header::CONTENT_LENGTH);
        (plain, Body::from(body.to_string())).into_response()
    }
}

/// The body of a refusal.
pub(crate) fn body(error: &Error, trace: &str) -> Value {
    let mut body = crate::error::public_body(error);
    body["_v"] = json!("v1");
    body["_t"] = json!(trace);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_window_has_the_text_of_the_channel_and_says_when_to_come_again() {
        let mut error = Error::of(&codes::RATE_MINUTE);
        error.retry_after = Some(7);
        let answer = Channel(error).into_response();
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers()["retry-after"], "7");
        let body = body(&Error::of(&codes::CHANNEL_TOKEN), "RTM-TRACE-1");
        assert_eq!(
            body,
            json!({"errors": [{"msg": "Invalid Access token", "code": 401}], "_v": "v1", "_t": "RTM-TRACE-1"})
        );
    }
}
