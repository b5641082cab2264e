//! The person's second factor and sign-ins.

use super::{body::Body, signed::Signed};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use service::{Ctx, console::factor};
use types::Secret;
use utoipa::ToSchema;

/// Body of `POST /session/totp/confirm`.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleTotpCode)]
pub struct Code {
    code: String,
}

/// The state of the second factor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleFactors)]
pub struct FactorsOut {
    /// Sign-ins ask for a code of an authenticator app.
    totp: bool,
    /// Recovery codes left.
    recovery_left: usize,
}

/// What an authenticator app needs.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleTotpSecret)]
pub struct EnrolmentOut {
    /// The secret in base32.
    secret: String,
    /// The same as an `otpauth` address, for a QR code.
    uri: String,
}

/// Codes that work once each, in place of one of the app.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleRecoveryCodes)]
pub struct RecoveryOut {
    /// They are not shown again.
    recovery_codes: Vec<String>,
}

/// The person's sign-ins.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleSessions)]
pub struct SessionsOut {
    /// The latest first.
    items: Vec<SessionLine>,
}

/// A sign-in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleSessionLine)]
pub struct SessionLine {
    /// Names it.
    id: String,
    /// The one that asks.
    current: bool,
    /// Milliseconds UTC.
    created_at: i64,
    /// Last request, milliseconds UTC.
    seen_at: i64,
    /// End, milliseconds UTC.
    expires_at: i64,
}

fn codes(codes: Vec<Secret>) -> Json<RecoveryOut> {
    Json(RecoveryOut {
        recovery_codes: codes.iter().map(|code| code.expose().to_owned()).collect(),
    })
}

/// Says whether sign-ins of the person ask for a code
///
/// # Errors
/// When the store cannot be reached.
#[utoipa::path(get, path = "", operation_id = "consoleShowFactors", tag = "console", responses((status = 200, description = "The state", body = FactorsOut)))]
pub async fn show(State(ctx): State<Ctx>, signed: Signed) -> Result<Json<FactorsOut>, Problem> {
    let state = factor::state(&ctx, signed.own()).await?;
    Ok(Json(FactorsOut {
        totp: state.on,
        recovery_left: state.recovery_left,
    }))
}

/// Gives a fresh secret for an authenticator app; it counts once a code of it was confirmed
///
/// # Errors
/// The last proof of identity is too old; a conflict when an app is set up.
#[utoipa::path(post, path = "", operation_id = "consoleBeginTotp", tag = "console", responses((status = 200, description = "The secret", body = EnrolmentOut)))]
pub async fn begin(State(ctx): State<Ctx>, signed: Signed) -> Result<Json<EnrolmentOut>, Problem> {
    let session = signed.own_after_proof(&ctx)?;
    let begun = factor::begin(&ctx, session).await?;
    Ok(Json(EnrolmentOut {
        secret: begun.secret.expose().to_owned(),
        uri: begun.uri.expose().to_owned(),
    }))
}

/// Sets the authenticator app up with a code that it shows; the person's other sessions end
///
/// # Errors
/// As [`factor::turn_on`]; the last proof of identity is too old.
#[utoipa::path(post, path = "", operation_id = "consoleConfirmTotp", tag = "console", request_body = Code, responses((status = 200, description = "The recovery codes", body = RecoveryOut)))]
pub async fn confirm(
    State(ctx): State<Ctx>,
    signed: Signed,
    Body(body): Body<Code>,
) -> Result<Json<RecoveryOut>, Problem> {
    let session = signed.own_after_proof(&ctx)?;
    let fresh = factor::turn_on(&ctx, session, &Secret::new(body.code)).await?;
    Ok(codes(fresh))
}

/// Takes the authenticator app away
///
/// # Errors
/// The last proof of identity is too old; a conflict when none is set up.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveTotp", tag = "console", responses((status = 204, description = "Away")))]
pub async fn remove(State(ctx): State<Ctx>, signed: Signed) -> Result<StatusCode, Problem> {
    factor::turn_off(&ctx, signed.own_after_proof(&ctx)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces the recovery codes
///
/// # Errors
/// The last proof of identity is too old; a conflict when no authenticator app is set up.
#[utoipa::path(post, path = "", operation_id = "consoleRenewRecoveryCodes", tag = "console", responses((status = 200, description = "The recovery codes", body = RecoveryOut)))]
pub async fn renew(State(ctx): State<Ctx>, signed: Signed) -> Result<Json<RecoveryOut>, Problem> {
    let fresh = factor::renew_recovery(&ctx, signed.own_after_proof(&ctx)?).await?;
    Ok(codes(fresh))
}

/// Lists the person's sessions
///
/// # Errors
/// When the store cannot be reached.
#[utoipa::path(get, path = "", operation_id = "consoleListSessions", tag = "console", responses((status = 200, description = "The sessions", body = SessionsOut)))]
pub async fn sessions(
    State(ctx): State<Ctx>,
    signed: Signed,
) -> Result<Json<SessionsOut>, Problem> {
    let all = factor::sign_ins(&ctx, signed.own()).await?;
    let items = all.into_iter().map(|one| SessionLine {
        id: one.id,
        current: one.current,
        created_at: one.created_at,
        seen_at: one.seen_at,
        expires_at: one.expires_at,
    });
    Ok(Json(SessionsOut {
        items: items.collect(),
    }))
}

/// Ends one of the person's sessions
///
/// # Errors
/// Not found.
#[utoipa::path(delete, path = "", operation_id = "consoleEndSession", tag = "console", responses((status = 204, description = "It is over")))]
pub async fn end(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    factor::end(&ctx, signed.own(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of the person, this one included
///
/// # Errors
/// When the store cannot be reached.
#[utoipa::path(delete, path = "", operation_id = "consoleSignOutEverywhere", tag = "console", responses((status = 204, description = "All are over")))]
pub async fn end_all(State(ctx): State<Ctx>, signed: Signed) -> Result<Response, Problem> {
    factor::end_all(&ctx, signed.own()).await?;
    let cookie = [(header::SET_COOKIE, signed.way.take())];
    Ok((StatusCode::NO_CONTENT, cookie).into_response())
}
