//! Rules of security of the account.

use super::{body::Body, signed::Signed};
use crate::error::Problem;
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    admin::security::{self, Security, SecurityPatch},
    console::permission::Permission,
};
use types::Result;
use utoipa::ToSchema;

/// Rules of security.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleSecurity)]
pub struct SecurityOut {
    /// Tokens without `exp` are refused.
    require_expiry: bool,
    /// New apps enforce JTI and JWE and take no legacy algorithm.
    hardened: bool,
    /// Get Bots shows client secrets in clear.
    reveal_secrets: bool,
    /// Only `addresses` are let in to the console.
    restrict: bool,
    /// And to the public API and the channels.
    restrict_api: bool,
    /// Addresses, networks and patterns, parted by commas.
    addresses: String,
}

impl From<Security> for SecurityOut {
    fn from(rules: Security) -> Self {
        Self {
            require_expiry: rules.require_expiry,
            hardened: rules.hardened,
            reveal_secrets: rules.reveal_secrets,
            restrict: rules.restrict,
            restrict_api: rules.restrict_api,
            addresses: rules.addresses,
        }
    }
}

/// Rules to be changed; what is not given stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ConsoleSecurityPatch)]
pub struct SecurityPatchIn {
    require_expiry: Option<bool>,
    hardened: Option<bool>,
    reveal_secrets: Option<bool>,
    restrict: Option<bool>,
    restrict_api: Option<bool>,
    addresses: Option<String>,
}

impl From<SecurityPatchIn> for SecurityPatch {
    fn from(patch: SecurityPatchIn) -> Self {
        Self {
            require_expiry: patch.require_expiry,
            hardened: patch.hardened,
            reveal_secrets: patch.reveal_secrets,
            restrict: patch.restrict,
            restrict_api: patch.restrict_api,
            addresses: patch.addresses,
        }
    }
}

/// Shows the rules of security of the account
///
/// # Errors
/// When the store cannot be reached.
#[utoipa::path(get, path = "", operation_id = "consoleShowSecurity", tag = "console", responses((status = 200, description = "The rules", body = SecurityOut)))]
pub async fn show(State(ctx): State<Ctx>, signed: Signed) -> Result<Json<SecurityOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    Ok(Json(security::get(&ctx, caller).await?.into()))
}

/// Changes rules of security of the account; what is not given stays
///
/// # Errors
/// As [`security::set`]; the proof of identity is too old.
#[utoipa::path(patch, path = "", operation_id = "consoleSetSecurity", tag = "console", request_body = SecurityPatchIn, responses((status = 200, description = "The rules", body = SecurityOut)))]
pub async fn change(
    State(ctx): State<Ctx>,
    signed: Signed,
    Body(patch): Body<SecurityPatchIn>,
) -> Result<Json<SecurityOut>, Problem> {
    let caller = signed.may_after_proof(&ctx, Permission::Account)?;
    Ok(Json(
        security::set(&ctx, caller, patch.into()).await?.into(),
    ))
}
