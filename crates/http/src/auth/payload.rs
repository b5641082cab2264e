//! One layer around the operations whose payloads can be encrypted: it opens the request before the handler sees it and seals the
//! answer, errors past authentication included (DECISIONS section 3). Which operations those are is the table
//! [`payload::OPERATIONS`]; `document::api` puts the layer around them.

use super::verified;
use crate::{current, error::Public};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;
use service::{
    Ctx,
    gate::{
        Passed,
        payload::{self, Answer, Target},
    },
};
use types::{Error, Kind, Result, codes};

/// What a JWE travels as.
const JOSE: &str = "application/jose+json";

/// How the answer goes back.
#[derive(Default)]
struct Way {
    sealed: bool,
    nonce: Option<String>,
}

/// The layer.
pub async fn around(request: Request, next: Next) -> Response {
    let Some(ctx) = request.extensions().get::<Ctx>().cloned() else {
        return Public(Error::internal("the layer of payloads has no context")).into_response();
    };
    let (mut parts, body) = request.into_parts();
    let passed = match verified(&ctx, &mut parts).await {
        Ok(passed) => passed,
        Err(refused) => return refused.into_response(),
    };
    parts.extensions.insert(passed.clone());
    let mut way = Way::default();
    let answer = match open(&ctx, &passed, parts, body, &mut way).await {
        Ok(request) => next.run(request).await,
        Err(error) => Public(error).into_response(),
    };
    if !way.sealed {
        return answer;
    }
    seal(&ctx, &passed, answer, way.nonce.as_deref())
        .await
        .unwrap_or_else(|error| Public(error).into_response())
}

/// The request as the handler sees it: in clear.
async fn open(
    ctx: &Ctx,
    passed: &Passed,
    mut parts: Parts,
    body: Body,
    way: &mut Way,
) -> Result<Request> {
    let key = passed.app().and_then(|app| app.payload.as_ref());
    let enforced = key.is_some_and(|key| key.enforced);
    way.sealed = enforced;
    if matches!(parts.method, Method::GET | Method::HEAD) {
        if wants_meta(parts.uri.query(), &[]) {
            way.sealed = true;
        }
        if way.sealed && key.is_none() {
            way.sealed = false;
            return Err(Error::of(&codes::PAYLOAD_KEY));
        }
        return Ok(Request::from_parts(parts, body));
    }
    let whole = Request::from_parts(parts.clone(), body);
    let bytes = Bytes::from_request(whole, &()).await;
    let bytes = bytes.map_err(|e| Error::new(Kind::TooLarge, e.body_text()))?;
    let encrypted = is_jwe(&parts.headers, &bytes);
    if encrypted || wants_meta(parts.uri.query(), &bytes) {
        way.sealed = key.is_some();
        if key.is_none() {
            return Err(Error::of(&codes::PAYLOAD_KEY));
        }
    }
    if !encrypted {
        return match enforced {
            true => Err(Error::of(&codes::PAYLOAD_CLEAR)),
            false => Ok(Request::from_parts(parts, Body::from(bytes))),
        };
    }
    let target = Target {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
    };
    let opened = payload::open(ctx, passed, bytes, &target).await?;
    way.nonce = opened.nonce;
    parts.headers.remove(header::CONTENT_LENGTH);
    let json = HeaderValue::from_static("application/json");
    parts.headers.insert(header::CONTENT_TYPE, json);
    Ok(Request::from_parts(parts, Body::from(opened.body)))
}

/// A body that says so, or looks so: the flattened form has `protected` and `ciphertext`, the compact one is five parts.
fn is_jwe(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if [JOSE, "application/jose"]
        .iter()
        .any(|k| kind.eq_ignore_ascii_case(k))
    {
        return true;
    }
    let body = body.trim_ascii();
    if body.starts_with(b"eyJ") {
        return body.iter().filter(|b| **b == b'.').count() == 4;
    }
    let has = |name: &[u8]| body.windows(name.len()).any(|part| part == name);
    has(b"\"ciphertext\"")
        && serde_json::from_slice::<Value>(body)
            .is_ok_and(|v| v["protected"].is_string() && v["ciphertext"].is_string())
}

/// `includeMeta: true` in the query string, in the body, or in an element of one of its lists.
fn wants_meta(query: Option<&str>, body: &[u8]) -> bool {
    let name = b"includeMeta";
    let asked = query.into_iter().flat_map(|q| q.split('&'));
    if asked.into_iter().any(|pair| pair == "includeMeta=true") {
        return true;
    }
    if !body.windows(name.len()).any(|part| part == name) {
        return false;
    }
    let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(body) else {
        return false;
    };
    let asks = |value: &Value| value.get("includeMeta") == Some(&Value::Bool(true));
    members.get("includeMeta") == Some(&Value::Bool(true))
        || members
            .values()
            .filter_map(Value::as_array)
            .flatten()
            .any(asks)
}

/// The answer for the client's eyes only.
async fn seal(
    ctx: &Ctx,
    passed: &Passed,
    answer: Response,
    nonce: Option<&str>,
) -> Result<Response> {
    let key = passed.app().and_then(|app| app.payload.as_ref());
    let key = key.ok_or_else(|| Error::of(&codes::PAYLOAD_KEY))?;
    let (mut parts, body) = answer.into_parts();
    let plain = to_bytes(body, usize::MAX).await.map_err(Error::internal)?;
    let request_id = current::request_id().unwrap_or_default();
    let about = Answer {
        status: parts.status.as_u16(),
        request_id: &request_id,
        nonce,
        now: ctx.now(),
    };
    let sealed = key.seal(&about, &plain)?;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(JOSE));
    Ok(Response::from_parts(parts, Body::from(sealed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwe(kind: &str, body: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().expect("value"));
        is_jwe(&headers, body.as_bytes())
    }

    #[test]
    fn an_encrypted_body_is_known_by_its_type_or_its_form() {
        assert!(jwe("application/jose+json; charset=utf-8", "anything"));
        assert!(jwe(
            "application/json",
            r#"{"protected":"a","ciphertext":"b"}"#
        ));
        assert!(jwe("application/json", " eyJ.a.b.c.d\n"));
        assert!(!jwe("application/json", r#"{"ciphertext":"b"}"#));
        assert!(!jwe("application/json", "eyJ.a.b"));
        assert!(!jwe("application/json", ""));
    }

    #[test]
    fn include_meta_is_found_where_clients_put_it() {
        for (query, body, asks) in [
            (None, r#"{"includeMeta":true}"#, true),
            (None, r#"{"users":[{"a":1},{"includeMeta":true}]}"#, true),
            (Some("a=1&includeMeta=true"), "", true),
            (None, r#"{"includeMeta":false}"#, false),
            (None, r#"{"includeMeta":"true"}"#, false),
            (None, r#"{"note":"includeMeta"}"#, false),
            (Some("includeMeta=false"), "{}", false),
            (None, "includeMeta", false),
        ] {
            assert_eq!(wants_meta(query, body.as_bytes()), asks, "{query:?} {body}");
        }
    }
}
