//! The one client for outgoing calls of agents (service nodes, scripts): bounded, and held to public addresses
//! (DECISIONS section 12).
//!
//! A host name is resolved once for a connection, the addresses that are not public are dropped, and the connection goes
//! to what is left: a name cannot answer one address to the check and another to the call. Redirects pass the same way.

use bytes::{Bytes, BytesMut};
use reqwest::{
    Method, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

/// Bytes of an answer at most (ours; no figure is published).
pub const ANSWER_CAP: usize = 5 * 1024 * 1024;
/// Redirects at most.
const REDIRECTS: usize = 5;
/// Time for a call when its author set none.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for a call at most, whatever its author set.
const LONGEST: Duration = Duration::from_secs(60);
/// Time to connect.
const CONNECT: Duration = Duration::from_secs(5);
/// What stands in `user-agent`.
const AGENT: &str = concat!("ombud/", env!("CARGO_PKG_VERSION"));

/// Where calls may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses only.
    Public,
    /// Any address.
    Any,
    /// Nowhere: each call fails as a connection failure.
    Off,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    /// HTTP method.
    pub method: String,
    /// Absolute `http` or `https` address.
    pub url: String,
    /// Header lines.
    pub headers: Vec<(String, String)>,
    /// The body, if any.
    pub body: Option<Vec<u8>>,
    /// Time for the whole call.
    pub timeout: Option<Duration>,
}

/// The answer to a call.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No connection: refused, unknown host, an address that is not allowed, or outgoing calls are off.
    #[error("connection failed: {0}")]
    Connection(String),
    /// Too slow.
    #[error("no answer in time")]
    Timeout,
    /// The answer is larger than [`ANSWER_CAP`].
    #[error("the answer is larger than {ANSWER_CAP} bytes")]
    TooLarge,
    /// The call itself cannot be made, for instance no valid address.
    #[error("the call cannot be made: {0}")]
    Invalid(String),
}

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    client: reqwest::Client,
    reach: Reach,
    cap: usize,
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound")
            .field("reach", &self.reach)
            .finish_non_exhaustive()
    }
}

impl Outbound {
    /// A client with this reach.
    pub fn new(reach: Reach) -> Self {
        Self::redirected(reach, reach)
    }

    /// A client that holds redirects to a reach of their own.
    fn redirected(reach: Reach, redirects: Reach) -> Self {
        let policy = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > REDIRECTS {
                return attempt.error("too many redirects");
            }
            match check(attempt.url(), redirects) {
                Ok(()) => attempt.follow(),
                Err(e) => attempt.error(e.to_string()),
            }
        });
        let client = reqwest::Client::builder()
            .redirect(policy)
            .no_proxy()
            .user_agent(AGENT)
            .connect_timeout(CONNECT)
            .dns_resolver(Arc::new(Guarded { reach }))
            .build()
            .expect("only a broken TLS set-up of the machine fails here, at start");
        Self {
            client,
            reach,
            cap: ANSWER_CAP,
        }
    }

    /// Where calls may go.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Makes a call. Any status is an answer.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn send(&self, call: Call) -> Result<Answer, CallError> {
        let timeout = call.timeout.unwrap_or(DEFAULT_TIMEOUT).min(LONGEST);
        let url = Url::parse(&call.url).map_err(|e| CallError::Invalid(e.to_string()))?;
        check(&url, self.reach)?;
        let method = Method::from_bytes(call.method.to_ascii_uppercase().as_bytes())
            .map_err(|e| CallError::Invalid(e.to_string()))?;
        let mut request = self.client.request(method, url).timeout(timeout);
        for (name, value) in &call.headers {
            if !hop_by_hop(name) {
                request = request.header(name, value);
            }
        }
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let response = request.send().await.map_err(name_failure)?;
        self.read(response).await
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Answer, CallError> {
        if response
            .content_length()
            .is_some_and(|n| n > self.cap as u64)
        {
            return Err(CallError::TooLarge);
        }
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(k, v)| Some((k.as_str().to_owned(), v.to_str().ok()?.to_owned())))
            .collect();
        let mut body = BytesMut::new();
        while let Some(part) = response.chunk().await.map_err(name_failure)? {
            if body.len() + part.len() > self.cap {
                return Err(CallError::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer {
            status,
            headers,
            body: body.freeze(),
        })
    }
}

/// Headers that belong to the connection and are set by the client itself.
fn hop_by_hop(name: &str) -> bool {
    [
        "host",
        "content-length",
        "connection",
        "transfer-encoding",
        "te",
        "upgrade",
        "keep-alive",
    ]
    .iter()
    .any(|h| name.eq_ignore_ascii_case(h))
}

fn name_failure(e: reqwest::Error) -> CallError {
    if e.is_timeout() {
        CallError::Timeout
    } else if e.is_builder() {
        CallError::Invalid(e.without_url().to_string())
    } else {
        let mut text = e.to_string();
        let mut cause = std::error::Error::source(&e);
        while let Some(inner) = cause {
            text = inner.to_string();
            cause = inner.source();
        }
        CallError::Connection(text)
    }
}

/// Scheme and literal address; names are checked where they are resolved.
fn check(url: &Url, reach: Reach) -> Result<(), CallError> {
    if reach == Reach::Off {
        return Err(CallError::Connection("outgoing calls are off".into()));
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(CallError::Invalid("only http and https".into()));
    }
    let host = url
        .host_str()
        .ok_or_else(|| CallError::Invalid("no host".into()))?;
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(address) if reach == Reach::Public && !is_public(address) => Err(not_public()),
        _ => Ok(()),
    }
}

fn not_public() -> CallError {
    CallError::Connection("the address is not public".into())
}

/// Resolves names and drops what is not allowed.
struct Guarded {
    reach: Reach,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|a| reach == Reach::Any || is_public(a.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(not_public().into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address can be reached by everybody: not loopback, private, link-local, shared, reserved, multicast or a
/// wrapping of such an address.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(a: Ipv4Addr) -> bool {
    let [x, y, z, _] = a.octets();
    let special = matches!(
        (x, y, z),
        (0 | 10 | 127 | 224..=255, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special
}

fn is_public_v6(a: Ipv6Addr) -> bool {
    let s = a.segments();
    let v4 = |hi: u16, lo: u16| {
        let [a, b] = hi.to_be_bytes();
        let [c, d] = lo.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    if let Some(mapped) = a.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    match s {
        // 64:ff9b::/96 carries an IPv4 address, and so does 6to4.
        [0x64, 0xff9b, 0, 0, 0, 0, hi, lo] => v4(hi, lo),
        [0x2002, hi, lo, ..] => v4(hi, lo),
        // Teredo, benchmarking, ORCHID and other protocol blocks; documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Only 2000::/3 is given out.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn call(url: String) -> Call {
        Call {
            method: "GET".into(),
            url,
            headers: Vec::new(),
            body: None,
            timeout: Some(Duration::from_secs(5)),
        }
    }

    /// A server that gives each connection the same bytes and then does `after`.
    async fn serve(head: &'static str, fill: usize, hold: bool) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("listen");
        let address = listener.local_addr().expect("address");
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut buffer = [0u8; 4096];
                let _ = socket.read(&mut buffer).await;
                let _ = socket.write_all(head.as_bytes()).await;
                let block = vec![b'x'; 64 * 1024];
                let mut left = fill;
                while left > 0 {
                    let n = left.min(block.len());
                    if socket.write_all(&block[..n]).await.is_err() {
                        break;
                    }
                    left -= n;
                }
                if hold {
                    kept.push(socket);
                }
            }
        });
        format!("http://{address}/")
    }

    #[test]
    fn special_addresses_are_not_public() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "203.0.113.9",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(text.parse().expect("address")), "{text}");
        }
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700:4700::1111",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(text.parse().expect("address")), "{text}");
        }
    }

    #[tokio::test]
    async fn public_reach_refuses_literals_and_names_of_this_machine() {
        let url = serve("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", 0, false).await;
        let port = url
            .trim_end_matches('/')
            .rsplit(':')
            .next()
            .expect("port")
            .to_owned();
        let client = Outbound::new(Reach::Public);
        for host in ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433"] {
            let result = client.send(call(format!("http://{host}:{port}/"))).await;
            assert!(
                matches!(result, Err(CallError::Connection(_))),
                "{host}: {result:?}"
            );
        }
        let answer = Outbound::new(Reach::Any)
            .send(call(url))
            .await
            .expect("answer");
        assert_eq!(&answer.body[..], b"ok");
    }

    #[tokio::test]
    async fn off_fails_as_a_connection_failure() {
        let result = Outbound::new(Reach::Off)
            .send(call("http://1.1.1.1/".into()))
            .await;
        assert!(matches!(result, Err(CallError::Connection(_))));
    }

    #[tokio::test]
    async fn a_redirect_to_a_private_address_is_refused() {
        // The first hop stands for a public server; its redirect is held to public addresses.
        let url = serve(
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/latest\r\ncontent-length: 0\r\n\r\n",
            0,
            false,
        )
        .await;
        let client = Outbound::redirected(Reach::Any, Reach::Public);
        let result = client.send(call(url)).await;
        let Err(CallError::Connection(why)) = result else {
            panic!("{result:?}");
        };
        assert!(why.contains("not public"), "{why}");
        // A redirect that never ends is cut.
        let url = serve(
            "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n",
            0,
            false,
        )
        .await;
        let result = Outbound::new(Reach::Any).send(call(url)).await;
        assert!(
            matches!(result, Err(CallError::Connection(_))),
            "{result:?}"
        );
    }

    #[tokio::test]
    async fn an_answer_of_50_mb_is_cut_with_and_without_a_length() {
        let client = Outbound::new(Reach::Any);
        let told = serve(
            "HTTP/1.1 200 OK\r\ncontent-length: 52428800\r\n\r\n",
            50 << 20,
            false,
        )
        .await;
        assert!(matches!(
            client.send(call(told)).await,
            Err(CallError::TooLarge)
        ));
        let untold = serve(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
            50 << 20,
            false,
        )
        .await;
        assert!(matches!(
            client.send(call(untold)).await,
            Err(CallError::TooLarge)
        ));
    }

    #[tokio::test]
    async fn a_service_that_hangs_ends_at_its_time_limit() {
        let client = Outbound::new(Reach::Any);
        for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx"] {
            let url = serve(head, 0, true).await;
            let slow = Call {
                timeout: Some(Duration::from_millis(200)),
                ..call(url)
            };
            assert!(
                matches!(client.send(slow).await, Err(CallError::Timeout)),
                "{head}"
            );
        }
    }
}
