//! Errors as answers. The branch of the router picks the renderer, never the handler.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use service::gate::Remaining;
use types::{Error, Kind, codes::Wire};

/// An answer of the public API: `{"errors":[{"msg","code"}]}`.
#[derive(Debug)]
pub struct Public(pub Error);

/// An answer of our own API: `application/problem+json` (RFC 9457).
#[derive(Debug)]
pub struct Problem(pub Error);

impl From<Error> for Public {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// The HTTP status of an error.
pub fn status(error: &Error) -> StatusCode {
    let plain = match error.kind {
        Kind::BadInput => 400,
        Kind::Unauthenticated => 401,
        Kind::Forbidden => 403,
        Kind::NotFound => 404,
        Kind::Conflict => 409,
        Kind::Limited => 429,
        Kind::TooLarge => 413,
        Kind::Unavailable => 503,
        Kind::NotBuilt => 501,
        Kind::Internal => 500,
    };
    let number = error.code.map_or(plain, |code| code.status);
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The body of the public API. `msg` and `message` say the same, as clients read either (DECISIONS section 2).
pub(crate) fn public_body(error: &Error) -> Value {
    let code = match error.code.map(|code| code.wire) {
        Some(Wire::Number(number)) => json!(number),
        Some(Wire::Word(word)) => json!(word),
        None => json!(status(error).as_u16()),
    };
    let entry = |text: &str| json!({"msg": text, "code": code});
    if error.fields.is_empty() {
        return json!({"errors": [entry(&error.message)]});
    }
    let fields = error
        .fields
        .iter()
        .map(|f| entry(&format!("{}: {}", f.field, f.message)));
    json!({"errors": fields.collect::<Vec<_>>()})
}

fn finish(error: &Error, mut answer: Response) -> Response {
    if error.kind == Kind::Internal {
        tracing::error!(source = ?error.source, "internal error");
    }
    *answer.status_mut() = status(error);
    if let Some(seconds) = error.retry_after {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let (Some(limit), Some(reset)) = (error.limit, error.retry_after) {
        let left = 0;
        let window = Remaining { limit, left, reset };
        crate::current::limit_headers(answer.headers_mut(), window);
    }
    answer
}

impl IntoResponse for Public {
    fn into_response(self) -> Response {
        finish(&self.0, Json(public_body(&self.0)).into_response())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let error = self.0;
        let body = problem_body(&error, crate::current::request_id().as_deref());
        let mut answer = finish(&error, Json(body).into_response());
        let kind = HeaderValue::from_static("application/problem+json");
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
        answer
    }
}

/// The body of our own API.
pub(crate) fn problem_body(error: &Error, request_id: Option<&str>) -> Value {
    let status = status(error);
    let title = status.canonical_reason().unwrap_or("Error");
    let code = error.code.map_or_else(
        || title.to_lowercase().replace(' ', "_"),
        |c| c.name.to_owned(),
    );
    let fields = error
        .fields
        .iter()
        .map(|f| json!({"field": f.field, "message": f.message}));
    let mut body = json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "code": code,
        "detail": error.message, "fields": fields.collect::<Vec<_>>(),
    });
    if let Some(id) = request_id {
        body["requestId"] = json!(id);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::codes;

    #[test]
    fn public_errors_have_the_documented_text_and_code() {
        let body = public_body(&Error::of(&codes::CREDENTIALS));
        assert_eq!(
            body,
            json!({"errors": [{"msg": "Invalid SDK credentials", "code": 4002}]})
        );
        let expired = public_body(&Error::of(&codes::TOKEN_EXPIRED));
        assert_eq!(expired["errors"][0]["code"], "TOKEN_EXPIRED");
    }

    #[test]
    fn each_wrong_field_has_an_entry() {
        let field = |name: &str| types::error::Field {
            field: name.into(),
            message: "is required".into(),
        };
        let body = public_body(&Error::fields(vec![field("input"), field("name")]));
        assert_eq!(
            body["errors"][1],
            json!({"msg": "name: is required", "code": 400})
        );
    }

    #[test]
    fn a_full_window_says_when_to_come_again() {
        let mut error = Error::of(&codes::RATE_MINUTE);
        error.retry_after = Some(7);
        let answer = Public(error).into_response();
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers()["retry-after"], "7");
    }
}
