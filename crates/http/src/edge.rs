//! What every request passes and every answer has: an id, the caller's address, limits of headers and time, security headers, a
//! line in the trace without secrets.

use crate::{
    current,
    error::{Problem, Public},
    runtime::error::Channel,
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{
    any::Any,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use types::{Error, Ids, RandomIds, codes, net::Network};

/// Header of the request id.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Bytes of all headers together at most.
pub const HEADERS_CAP: usize = 64 * 1024;

/// What the edge is told.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Proxies whose word on the caller counts.
    pub trusted_proxies: Vec<Network>,
    /// Time in which a request is read and answered.
    pub timeout: Duration,
}

/// How a request came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hop {
    /// Address of the caller; of the last proxy that is not trusted, where there are several.
    pub address: Option<IpAddr>,
    /// A trusted proxy says that the caller came over TLS.
    pub tls: bool,
}

/// The scheme by which a proxy was reached. Behind [`dress`] it is there only when a trusted proxy said `https`.
pub(crate) const SCHEME: &str = "x-forwarded-proto";

/// How a request came.
pub(crate) fn hop(extensions: &Extensions) -> Hop {
    extensions.get().copied().unwrap_or_default()
}

/// The caller's address, for the audit.
pub(crate) fn address(extensions: &Extensions) -> Option<String> {
    hop(extensions).address.map(|address| address.to_string())
}

/// Names the request, runs it, and dresses the answer. An id that the caller sent is never taken over.
pub async fn dress(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let id = RandomIds.hex24();
    let method = request.method().clone();
    let uri = request.uri().clone();
    let hop = edge.hop(&request);
    request.extensions_mut().insert(hop);
    say_scheme(request.headers_mut(), hop);
    let run = async {
        if size(request.headers()) > HEADERS_CAP {
            refuse(&uri, Error::of(&codes::HEADERS_LONG))
        } else {
            let answer = tokio::time::timeout(edge.timeout, next.run(request)).await;
            let answer =
                answer.unwrap_or_else(|_| refuse(&uri, Error::of(&codes::REQUEST_TIMEOUT)));
            own_words(&uri, answer)
        }
    };
    let (mut answer, window) = current::scope(id.clone(), run).await;
    tracing::debug!(request_id = %id, %method, status = answer.status().as_u16(), "answered");
    let headers = answer.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(&REQUEST_ID, value);
    }
    if let Some(window) = window {
        current::limit_headers(headers, window);
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

/// A refusal that the framework wrote as plain text gets the shape of the path's family.
fn own_words(uri: &Uri, answer: Response) -> Response {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let plain = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    match answer.status() {
        StatusCode::PAYLOAD_TOO_LARGE if plain => refuse(uri, Error::of(&codes::BODY_LONG)),
        StatusCode::BAD_REQUEST if plain => {
            refuse(uri, Error::bad_input("The request cannot be read"))
        }
        _ => answer,
    }
}

/// From here on the header says what is true: a stranger's word has gone.
fn say_scheme(headers: &mut HeaderMap, hop: Hop) {
    headers.remove(SCHEME);
    if hop.tls {
        headers.insert(SCHEME, HeaderValue::from_static("https"));
    }
}

fn size(headers: &HeaderMap) -> usize {
    let lengths = headers.iter().map(|(n, v)| n.as_str().len() + v.len());
    lengths.sum()
}

/// A refusal in the shape of the path's family.
pub(crate) fn refuse(uri: &Uri, error: Error) -> Response {
    let path = uri.path();
    if path.starts_with("/api/console/") {
        Problem(error).into_response()
    } else if path.starts_with("/chatbot/") {
        Channel(error).into_response()
    } else {
        Public(error).into_response()
    }
}

/// The answer to a request whose handler panicked.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Public(Error::internal("a handler panicked")).into_response()
}

/// The answer to a method that a path does not take.
pub(crate) async fn wrong_method(uri: Uri) -> Response {
    refuse(&uri, Error::of(&codes::METHOD))
}

impl Edge {
    fn hop(&self, request: &Request) -> Hop {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let Some(peer) = peer.map(|peer| peer.0.ip()) else {
            return Hop::default();
        };
        self.seen_from(peer, request.headers())
    }

    /// Goes back through the proxies, the nearest first, as long as each is trusted: what a stranger wrote is never reached.
    fn seen_from(&self, peer: IpAddr, headers: &HeaderMap) -> Hop {
        let mut address = peer;
        if !self.trusts(address) {
            return Hop {
                address: Some(address),
                tls: false,
            };
        }
        for text in backwards(headers, "x-forwarded-for") {
            let Some(before) = host(text) else { break };
            address = before;
            if !self.trusts(address) {
                break;
            }
        }
        let proto = backwards(headers, SCHEME).next();
        Hop {
            address: Some(address),
            tls: proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|n| n.contains(address))
    }
}

/// The entries of a header that is a list, the last first.
fn backwards<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let lines: Vec<&HeaderValue> = headers.get_all(name).iter().collect();
    let lines = lines.into_iter().rev().map(|v| v.to_str().unwrap_or("?"));
    lines.flat_map(|line| line.rsplit(',')).map(str::trim)
}

/// An address, also with a port or in brackets.
fn host(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Ok(socket) = text.parse::<SocketAddr>() {
        return Some(socket.ip().to_canonical());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, pairs: &[(&'static str, &str)]) -> (String, bool) {
        let edge = Edge {
            trusted_proxies: vec![
                "10.0.0.0/8".parse().expect("network"),
                "::1".parse().expect("network"),
            ],
            timeout: Duration::from_secs(1),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).expect("value"));
        }
        let hop = edge.seen_from(peer.parse().expect("address"), &headers);
        (hop.address.expect("an address").to_string(), hop.tls)
    }

    #[test]
    fn only_trusted_proxies_say_who_calls_and_how() {
        let of = "x-forwarded-for";
        let proto = "x-forwarded-proto";
        for (peer, headers, address, tls) in [
            ("203.0.113.5", vec![], "203.0.113.5", false),
            (
                "203.0.113.5",
                vec![(of, "1.2.3.4"), (proto, "https")],
                "203.0.113.5",
                false,
            ),
            (
                "10.0.0.1",
                vec![(of, "1.2.3.4"), (proto, "https")],
                "1.2.3.4",
                true,
            ),
            ("10.0.0.1", vec![(proto, "https, http")], "10.0.0.1", false),
            // whoever writes the header first can write anything: counted from the right
            ("10.0.0.1", vec![(of, "6.6.6.6, 1.2.3.4")], "1.2.3.4", false),
            (
                "10.0.0.1",
                vec![(of, "6.6.6.6, 1.2.3.4, 10.0.0.2")],
                "1.2.3.4",
                false,
            ),
            (
                "10.0.0.1",
                vec![(of, "6.6.6.6"), (of, "1.2.3.4:5678, [::1]:9")],
                "1.2.3.4",
                false,
            ),
            (
                "10.0.0.1",
                vec![(of, "1.2.3.4, nonsense")],
                "10.0.0.1",
                false,
            ),
            ("::1", vec![(of, "[2001:db8::7]")], "2001:db8::7", false),
            (
                "10.0.0.1",
                vec![(of, "10.0.0.3, 10.0.0.2")],
                "10.0.0.3",
                false,
            ),
        ] {
            assert_eq!(
                seen(peer, &headers),
                (address.to_owned(), tls),
                "{peer} {headers:?}"
            );
        }
    }
}
