//! The session cookie (console.md section 8).

use crate::{
    edge::{self, Hop},
    error::Problem,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use types::{Error, Kind, Result, Secret, codes::Code, codes::Wire};

/// The way of a request does not keep a cookie secret.
static INSECURE: Code = Code {
    name: "tls_required",
    kind: Kind::Forbidden,
    status: 403,
    wire: Wire::Number(403),
    text: "Sign in over HTTPS, or on the machine itself",
};

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Over TLS, which a proxy in front has ended.
    Tls,
    /// Over plain HTTP that does not leave the machine of the browser.
    Loopback,
}

impl Way {
    /// Of a request. The host is what the browser shows; whoever makes it up only fools themselves.
    ///
    /// # Errors
    /// Forbidden over plain HTTP from elsewhere.
    pub fn of(headers: &HeaderMap, hop: Hop) -> Result<Self> {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        if hop.tls {
            return Ok(Self::Tls);
        }
        if text("host").is_some_and(is_loopback) {
            return Ok(Self::Loopback);
        }
        Err(Error::of(&INSECURE))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Tls => "__Host-ombud",
            Self::Loopback => "ombud",
        }
    }

    fn write(self, value: &str, more: &str) -> HeaderValue {
        let secure = if self == Self::Tls { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}",
            self.name()
        );
        let mut header = HeaderValue::try_from(text).expect("hex digits and names are ASCII");
        header.set_sensitive(true);
        header
    }

    /// The header that hands the cookie out.
    pub fn give(self, cookie: &Secret) -> HeaderValue {
        self.write(cookie.expose(), "")
    }

    /// The header that takes the cookie back.
    pub fn take(self) -> HeaderValue {
        self.write("", "; Max-Age=0")
    }

    /// The cookie of a request. One that was set without the protection of this way does not count.
    pub fn read(self, headers: &HeaderMap) -> Option<&str> {
        let all = headers.get_all(header::COOKIE).into_iter();
        let pairs = all
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(';'));
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name())
            .map(|(_, value)| value)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Way {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::of(&parts.headers, edge::hop(&parts.extensions))?)
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (
                header::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn plain_http_counts_on_loopback_only() {
        for host in ["localhost:8080", "127.0.0.1:1", "127.9.9.9", "[::1]:8080"] {
            assert_eq!(
                Way::of(&headers(&[("host", host)]), Hop::default()).ok(),
                Some(Way::Loopback)
            );
        }
        for host in [
            "example.com",
            "10.0.0.1:80",
            "localhost.example.com",
            "127.0.0.1.nip.io",
        ] {
            let refused = Way::of(&headers(&[("host", host)]), Hop::default()).expect_err(host);
            assert_eq!(refused.code.map(|c| c.name), Some("tls_required"));
        }
        let said = headers(&[("host", "example.com"), ("x-forwarded-proto", "https")]);
        assert!(Way::of(&said, Hop::default()).is_err(), "a stranger's word");
        let tls = Hop {
            tls: true,
            ..Hop::default()
        };
        assert_eq!(Way::of(&said, tls).ok(), Some(Way::Tls));
    }

    #[test]
    fn over_tls_the_cookie_is_bound_to_the_host() {
        let given = Way::Tls.give(&Secret::new("ab"));
        assert_eq!(
            given.to_str().ok(),
            Some("__Host-ombud=ab; Path=/; HttpOnly; SameSite=Strict; Secure")
        );
        let plain = Way::Loopback.give(&Secret::new("ab"));
        assert_eq!(
            plain.to_str().ok(),
            Some("ombud=ab; Path=/; HttpOnly; SameSite=Strict")
        );
    }

    #[test]
    fn a_cookie_of_the_other_way_does_not_count() {
        let both = headers(&[
            ("cookie", "x=1; ombud=plain"),
            ("cookie", "__Host-ombud=tls"),
        ]);
        assert_eq!(Way::Tls.read(&both), Some("tls"));
        assert_eq!(Way::Loopback.read(&both), Some("plain"));
        assert_eq!(Way::Tls.read(&headers(&[("cookie", "ombud=plain")])), None);
    }
}
