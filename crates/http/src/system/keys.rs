//! The public halves of the platform's keys.

use crate::error::Public;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use service::Ctx;
use utoipa::ToSchema;

/// How long anybody may keep the set. The keys before a rotation still open, so an old set does no harm.
const CACHE: &str = "public, max-age=300";

/// A JWK set (RFC 7517); the keys in force come first.
#[derive(Serialize, ToSchema)]
pub struct KeySet {
    /// The keys.
    keys: Vec<PublicJwk>,
}

/// A public key.
#[derive(Serialize, ToSchema)]
pub struct PublicJwk {
    /// `RSA` or `EC`.
    kty: String,
    /// Names the key in encrypted tokens and payloads.
    kid: String,
    /// `enc`.
    r#use: String,
    /// How to wrap to it when nothing else is asked for.
    alg: String,
    /// RSA modulus.
    n: Option<String>,
    /// RSA exponent.
    e: Option<String>,
    /// EC curve.
    crv: Option<String>,
    /// EC point.
    x: Option<String>,
    /// EC point.
    y: Option<String>,
}

/// Lists the public keys that clients encrypt tokens and payloads to.
///
/// # Errors
/// When the store cannot be reached.
#[utoipa::path(
    get,
    path = "",
    operation_id = "getPlatformKeys",
    tag = "system",
    responses(
        (status = 200, description = "The keys, those in force first", body = KeySet, content_type = "application/jwk-set+json",
            example = json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "MKBC…", "y": "4Etl…", "kid": "k-1", "use": "enc",
                "alg": "ECDH-ES+A256KW"}]})),
        (status = 304, description = "Not changed since the set with this `If-None-Match`"),
    )
)]
pub async fn platform_keys(State(ctx): State<Ctx>, headers: HeaderMap) -> Result<Response, Public> {
    let table = ctx.gate.table(&ctx).await?;
    let tag = format!("\"{}\"", table.keys.tag());
    let about = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, CACHE.to_owned()),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ];
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut known = known
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','));
    if known.any(|one| matches!(one.trim(), "*") || one.trim().trim_start_matches("W/") == tag) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "application/jwk-set+json")];
    Ok((about, kind, table.keys.set().to_owned()).into_response())
}
