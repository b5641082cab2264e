//! The platform's encryption keys.

use super::signed::Signed;
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use serde_json::{Map, Value};
use service::{Ctx, admin::keys, console::permission::Permission};
use store::PlatformKey;
use types::{Error, Result};
use utoipa::ToSchema;

/// The platform's keys.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleKeys)]
pub struct KeysOut {
    /// The newest first.
    items: Vec<KeyOut>,
}

/// A key of the platform, without its private half.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleKey)]
pub struct KeyOut {
    /// Its id in tokens and in the key set.
    kid: String,
    /// `RSA` or `EC`.
    kty: String,
    /// Counts up with each rotation.
    generation: i64,
    /// `current`, `decrypt_only` or `retired`.
    state: &'static str,
    /// The public half as JWK.
    #[schema(value_type = Object)]
    public_key: Map<String, Value>,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    /// Milliseconds since 1970 UTC.
    retired_at: Option<i64>,
}

/// Lists the platform's keys
///
/// # Errors
/// When the store cannot be reached.
#[utoipa::path(get, path = "", operation_id = "consoleListKeys", tag = "console", responses((status = 200, description = "The keys, public halves only", body = KeysOut)))]
pub async fn list(State(ctx): State<Ctx>, signed: Signed) -> Result<Json<KeysOut>, Problem> {
    signed.may(Permission::View)?;
    answer(&ctx).await
}

/// Makes new keys of the platform
///
/// # Errors
/// As [`keys::rotate`]; the proof of identity is too old.
#[utoipa::path(post, path = "", operation_id = "consoleRotateKeys", tag = "console", responses((status = 200, description = "The keys", body = KeysOut)))]
pub async fn rotate(State(ctx): State<Ctx>, signed: Signed) -> Result<Json<KeysOut>, Problem> {
    let caller = signed.may_after_proof(&ctx, Permission::Account)?;
    keys::rotate(&ctx, caller).await?;
    answer(&ctx).await
}

/// Retires a key of the platform
///
/// # Errors
/// As [`keys::retire`]; the proof of identity is too old.
#[utoipa::path(post, path = "", operation_id = "consoleRetireKey", tag = "console", responses((status = 200, description = "The keys", body = KeysOut)))]
pub async fn retire(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(kid): Path<String>,
) -> Result<Json<KeysOut>, Problem> {
    let caller = signed.may_after_proof(&ctx, Permission::Account)?;
    keys::retire(&ctx, caller, &kid).await?;
    answer(&ctx).await
}

async fn answer(ctx: &Ctx) -> Result<Json<KeysOut>, Problem> {
    let rows = keys::list(ctx).await?;
    let items: Result<Vec<KeyOut>> = rows.into_iter().map(item).collect();
    Ok(Json(KeysOut { items: items? }))
}

fn item(key: PlatformKey) -> Result<KeyOut> {
    Ok(KeyOut {
        kid: key.kid,
        kty: key.kind,
        generation: key.generation,
        state: key.state.as_str(),
        public_key: serde_json::from_str(&key.public).map_err(Error::internal)?,
        created_at: key.created_at,
        retired_at: key.retired_at,
    })
}
