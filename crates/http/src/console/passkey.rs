//! Passkeys of the person, and what they open.

use super::{
    body::Body,
    cookie::Way,
    session::{SessionOut, begin},
    signed::{Origin, Signed},
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    console::passkey::{self, Answer, CHALLENGE_MS, NewPasskey, Site},
};
use utoipa::ToSchema;

/// Where the console is open.
pub struct Here(pub Site);

impl<S: Send + Sync> FromRequestParts<S> for Here {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let way = Way::from_request_parts(parts, state).await?;
        let host = parts.headers.get(header::HOST);
        let host = host.and_then(|v| v.to_str().ok()).unwrap_or_default();
        Ok(Self(Site::of(way == Way::Tls, host)?))
    }
}

/// The answer of a passkey. All members are base64url without padding.
#[derive(Deserialize, Serialize, Default, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(as = ConsolePasskeyAnswer)]
pub struct AnswerIn {
    /// Id of the credential.
    id: String,
    /// `clientDataJSON`.
    client_data: String,
    /// `authenticatorData`.
    authenticator_data: String,
    /// `signature`.
    signature: String,
}

impl From<AnswerIn> for Answer {
    fn from(given: AnswerIn) -> Self {
        Self {
            id: given.id,
            client_data: given.client_data,
            authenticator_data: given.authenticator_data,
            signature: given.signature,
        }
    }
}

/// A passkey as the browser made it. All members but the name are base64url without padding.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(as = ConsoleNewPasskey)]
pub struct NewIn {
    /// What the person calls it.
    name: String,
    /// `clientDataJSON`.
    client_data: String,
    /// What `getAuthenticatorData()` gives.
    authenticator_data: String,
    /// What `getPublicKey()` gives.
    public_key: String,
}

/// Body of `PATCH /session/passkeys/{id}`.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsolePasskeyName)]
pub struct NameIn {
    name: String,
}

/// What a passkey is to sign.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsolePasskeyChallenge)]
pub struct ChallengeOut {
    /// Base64url without padding; good for one answer.
    challenge: String,
    /// The host that passkeys belong to.
    rp_id: String,
    /// Milliseconds until it is too late.
    timeout: i64,
}

/// What the browser needs to make a passkey.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsolePasskeyOptions)]
pub struct OptionsOut {
    /// What it is to sign.
    #[serde(flatten)]
    challenge: ChallengeOut,
    /// The person's handle, base64url.
    user_handle: String,
    /// The person's address.
    user_name: String,
    /// The person's name.
    user_display_name: String,
    /// Ids of the passkeys that the person has.
    exclude: Vec<String>,
}

/// The person's passkeys.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsolePasskeys)]
pub struct PasskeysOut {
    /// The oldest first.
    items: Vec<PasskeyOut>,
}

/// A passkey.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsolePasskey)]
pub struct PasskeyOut {
    /// Names it.
    id: String,
    /// What the person calls it.
    name: String,
    /// The host that it belongs to.
    host: String,
    /// Milliseconds UTC.
    created_at: i64,
    /// Milliseconds UTC.
    last_used_at: Option<i64>,
}

fn view(passkey: store::Passkey) -> PasskeyOut {
    PasskeyOut {
        id: passkey.id,
        name: passkey.name,
        host: passkey.party,
        created_at: passkey.created_at,
        last_used_at: passkey.last_used_at,
    }
}

fn to_sign(challenge: String, site: Site) -> ChallengeOut {
    ChallengeOut {
        challenge,
        rp_id: site.party,
        timeout: CHALLENGE_MS,
    }
}

/// Gives a challenge for a sign-in or a proof of identity with a passkey
///
/// # Errors
/// As [`passkey::challenge`]; a conflict where the console is open by an address.
#[utoipa::path(post, path = "", operation_id = "consolePasskeyChallenge", tag = "console", security(()), responses((status = 200, description = "The challenge", body = ChallengeOut)))]
pub async fn challenge(
    State(ctx): State<Ctx>,
    Origin(address): Origin,
    Here(site): Here,
) -> Result<Json<ChallengeOut>, Problem> {
    let challenge = passkey::challenge(&ctx, address.as_deref()).await?;
    Ok(Json(to_sign(challenge, site)))
}

/// Signs a person in with a passkey
///
/// # Errors
/// As [`passkey::sign_in`].
#[utoipa::path(post, path = "", operation_id = "consolePasskeySignIn", tag = "console", request_body = AnswerIn, security(()), responses((status = 200, description = "The session", body = SessionOut)))]
pub async fn sign_in(
    State(ctx): State<Ctx>,
    Origin(address): Origin,
    way: Way,
    Here(site): Here,
    Body(answer): Body<AnswerIn>,
) -> Result<Response, Problem> {
    let begun = passkey::sign_in(&ctx, &site, answer.into(), address).await?;
    Ok(begin(StatusCode::OK, way, &begun))
}

/// Lists the person's passkeys
///
/// # Errors
/// When the store cannot be reached.
#[utoipa::path(get, path = "", operation_id = "consoleListPasskeys", tag = "console", responses((status = 200, description = "The passkeys", body = PasskeysOut)))]
pub async fn list(State(ctx): State<Ctx>, signed: Signed) -> Result<Json<PasskeysOut>, Problem> {
    let all = passkey::list(&ctx, signed.own()).await?;
    Ok(Json(PasskeysOut {
        items: all.into_iter().map(view).collect(),
    }))
}

/// Begins to add a passkey
///
/// # Errors
/// As [`passkey::begin`]; the last proof of identity is too old; a conflict where the console is open by an address.
#[utoipa::path(post, path = "", operation_id = "consoleBeginPasskey", tag = "console", responses((status = 200, description = "What the browser needs", body = OptionsOut)))]
pub async fn options(
    State(ctx): State<Ctx>,
    signed: Signed,
    Here(site): Here,
) -> Result<Json<OptionsOut>, Problem> {
    let session = signed.own_after_proof(&ctx)?;
    let begun = passkey::begin(&ctx, session).await?;
    Ok(Json(OptionsOut {
        challenge: to_sign(begun.challenge, site),
        user_handle: begun.handle,
        user_name: session.user.email.clone(),
        user_display_name: session.user.name.clone(),
        exclude: begun.known,
    }))
}

/// Adds a passkey; with the first one the person's other sessions end
///
/// # Errors
/// As [`passkey::add`]; the last proof of identity is too old.
#[utoipa::path(post, path = "", operation_id = "consoleAddPasskey", tag = "console", request_body = NewIn, responses((status = 201, description = "The passkey", body = PasskeyOut)))]
pub async fn add(
    State(ctx): State<Ctx>,
    signed: Signed,
    Here(site): Here,
    Body(new): Body<NewIn>,
) -> Result<impl IntoResponse, Problem> {
    let session = signed.own_after_proof(&ctx)?;
    let new = NewPasskey {
        name: new.name,
        client_data: new.client_data,
        authenticator_data: new.authenticator_data,
        public_key: new.public_key,
    };
    let added = passkey::add(&ctx, session, &site, new).await?;
    Ok((StatusCode::CREATED, Json(view(added))))
}

/// Gives a passkey another name
///
/// # Errors
/// As [`passkey::rename`].
#[utoipa::path(patch, path = "", operation_id = "consoleRenamePasskey", tag = "console", request_body = NameIn, responses((status = 204, description = "Renamed")))]
pub async fn rename(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(id): Path<String>,
    Body(wish): Body<NameIn>,
) -> Result<StatusCode, Problem> {
    passkey::rename(&ctx, signed.own(), &id, &wish.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a passkey
///
/// # Errors
/// Not found; the last proof of identity is too old.
#[utoipa::path(delete, path = "", operation_id = "consoleRemovePasskey", tag = "console", responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    passkey::remove(&ctx, signed.own_after_proof(&ctx)?, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
