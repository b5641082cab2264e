//! The console's files and its page.

use crate::edge;
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use console_embed::Asset;
use service::Ctx;
use std::fmt::Write;
use types::{Error, codes};

/// Paths that are never the console's page, with all below them.
const RESERVED: [&str; 8] = [
    "/api",
    "/assets",
    "/chatbot",
    "/docs",
    "/health",
    "/ready",
    "/openapi.json",
    "/.well-known",
];
/// What a page may use of the browser (console.md section 8).
const FEATURES: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(self), \
    display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), \
    local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), \
    publickey-credentials-create=(self), publickey-credentials-get=(self), screen-wake-lock=(), serial=(), usb=(), \
    web-share=(), xr-spatial-tracking=()";

/// `GET /assets/{path}`
pub async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match console_embed::file(&format!("assets/{path}")) {
        Some(asset) => give(asset, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Whatever no route knows: the console's page, which finds its way by the path.
pub async fn page(
    State(ctx): State<Ctx>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let page = matches!(method, Method::GET | Method::HEAD) && !is_reserved(uri.path());
    if !page {
        return edge::refuse(&uri, Error::of(&codes::NO_ENDPOINT));
    }
    if let Some(asset) = console_embed::file(uri.path()) {
        return give(asset, &headers);
    }
    let nonce = nonce(&ctx);
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    let fixed = [
        (header::CACHE_CONTROL.as_str(), "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", FEATURES),
        (header::REFERRER_POLICY.as_str(), "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS.as_str(), "nosniff"),
    ];
    let policy = [(header::CONTENT_SECURITY_POLICY, policy)];
    (fixed, policy, Html(console_embed::index(&nonce))).into_response()
}

fn is_reserved(path: &str) -> bool {
    let under = |root: &&str| {
        path.strip_prefix(*root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    RESERVED.iter().any(under)
}

fn nonce(ctx: &Ctx) -> String {
    let mut bytes = [0; 16];
    ctx.ids().fill(&mut bytes);
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

fn give(asset: Asset, headers: &HeaderMap) -> Response {
    let text = |name| {
        headers
            .get(name)
            .and_then(|v: &HeaderValue| v.to_str().ok())
            .unwrap_or_default()
    };
    let zipped = asset.gzip.is_some() && takes_gzip(text(header::ACCEPT_ENCODING));
    let tag = if zipped {
        asset.gzip_etag()
    } else {
        asset.etag.clone()
    };
    let caching = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = text(header::IF_NONE_MATCH)
        .split(',')
        .any(|t| t.trim().trim_start_matches("W/") == tag);
    let about = [
        (header::ETAG, tag.as_str()),
        (header::CACHE_CONTROL, caching),
        (header::VARY, "accept-encoding"),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    let kind = [(header::CONTENT_TYPE, asset.mime)];
    match asset.gzip.filter(|_| zipped) {
        Some(bytes) => {
            let coding = [(header::CONTENT_ENCODING, "gzip")];
            (about, kind, coding, Body::from(bytes.into_owned())).into_response()
        }
        None => (about, kind, Body::from(asset.bytes.into_owned())).into_response(),
    }
}

/// Whether the client takes gzip: named, and not with a weight of 0.
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|part| {
        let (name, weight) = part.split_once(';').unwrap_or((part, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip") && weight.parse::<f32>().is_ok_and(|w| w > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_the_apis_are_never_the_page() {
        for path in [
            "/api",
            "/api/x",
            "/chatbot/hooks/x",
            "/openapi.json",
            "/.well-known/x",
        ] {
            assert!(is_reserved(path), "{path}");
        }
        for path in ["/", "/agents", "/apiary", "/healthy"] {
            assert!(!is_reserved(path), "{path}");
        }
    }

    #[test]
    fn gzip_goes_to_those_who_take_it() {
        assert!(takes_gzip("br, gzip"));
        assert!(takes_gzip("gzip;q=0.5"));
        assert!(!takes_gzip("gzip;q=0, br"));
        assert!(!takes_gzip(""));
    }
}
