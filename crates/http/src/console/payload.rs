//! Payload encryption of an app.

use super::{
    app_view::{AppOut, changer, view},
    body::{self, Body},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    admin::payload::{self, NewPayload, PayloadText},
    console::permission::Permission,
    gate::payload::{Answer, OPERATIONS},
};
use types::{Error, Result, Secret, codes};
use utoipa::ToSchema;

/// A payload key: one of the two, and whether payloads in clear are refused.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PayloadIn {
    /// PEM, PEM certificate or JWK.
    pub(super) public_key: Option<String>,
    /// 32 bytes in base64.
    pub(super) symmetric_key: Option<String>,
    /// Payloads in clear are refused.
    pub(super) enforce: Option<bool>,
}

impl PayloadIn {
    /// Whether there is a key at all.
    pub fn is_given(&self) -> bool {
        self.public_key.is_some() || self.symmetric_key.is_some()
    }

    /// The key as the service takes it; enforced unless told otherwise.
    ///
    /// # Errors
    /// Bad input when none or both are given.
    pub fn read(self) -> Result<NewPayload> {
        let key = match (self.public_key, self.symmetric_key) {
            (Some(text), None) => PayloadText::Public(text),
            (None, Some(text)) => PayloadText::Shared(Secret::new(text)),
            (None, None) => {
                let text = "give either publicKey or symmetricKey";
                return Err(Error::field("publicKey", text));
            }
            (Some(_), Some(_)) => {
                let text = "must be left out where publicKey is given";
                return Err(Error::field("symmetricKey", text));
            }
        };
        let enforce = self.enforce.unwrap_or(true);
        Ok(NewPayload { key, enforce })
    }
}

/// Sets the payload key of a client app, or only whether payloads in clear are refused
///
/// # Errors
/// As [`payload::set`] and [`payload::enforce`].
#[utoipa::path(put, path = "", operation_id = "consoleSetPayloadKey", tag = "console", params(("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), request_body = PayloadIn, responses((status = 200, description = "The app", body = AppOut)))]
pub async fn set(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
    headers: HeaderMap,
    Body(wish): Body<PayloadIn>,
) -> Result<Json<AppOut>, Problem> {
    let (caller, client) =
        changer(&ctx, &signed, &client, Permission::Apps, Some(&headers)).await?;
    let changed = match (&wish.public_key, &wish.symmetric_key, wish.enforce) {
        (None, None, Some(on)) => payload::enforce(&ctx, caller, &client, on).await?,
        _ => payload::set(&ctx, caller, &client, wish.read()?).await?,
    };
    Ok(Json(view(&ctx, &signed, &changed)))
}

/// Takes the payload key of a client app away
///
/// # Errors
/// As [`payload::remove`].
#[utoipa::path(delete, path = "", operation_id = "consoleRemovePayloadKey", tag = "console", params(("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let (caller, client) =
        changer(&ctx, &signed, &client, Permission::Apps, Some(&headers)).await?;
    payload::remove(&ctx, caller, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A sample of an encrypted answer.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsolePayloadSample)]
pub struct SampleOut {
    /// A JWE in flattened JSON form.
    answer: Jwe,
    /// The operations whose payloads are encrypted.
    operations: &'static [&'static str],
}

/// A JWE in flattened JSON form (RFC 7516 section 7.2.2).
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Jwe {
    /// The protected header.
    protected: String,
    /// The content key, encrypted.
    encrypted_key: Option<String>,
    /// The nonce.
    iv: String,
    /// The content, encrypted.
    ciphertext: String,
    /// The proof that nothing was changed.
    tag: String,
}

/// Encrypts a sample answer for a client app
///
/// # Errors
/// Not found; the app has no payload key.
#[utoipa::path(post, path = "", operation_id = "consoleTryPayloadKey", tag = "console", responses((status = 200, description = "The sample answer as a JWE, and the operations whose payloads are encrypted", body = SampleOut)))]
pub async fn sample(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
) -> Result<Json<SampleOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let client = body::client(&client)?;
    service::admin::apps::get(&ctx, caller, &client).await?;
    let table = ctx.gate.table(&ctx).await?;
    let app = table
        .app(&client)
        .filter(|app| app.account == caller.account);
    let key = app.and_then(|app| app.payload.as_ref());
    let key = key.ok_or_else(|| Error::of(&codes::PAYLOAD_KEY))?;
    let about = Answer {
        status: 200,
        request_id: "sample",
        nonce: None,
        now: ctx.now(),
    };
    let sealed = key.seal(&about, br#"{"sample":true}"#)?;
    Ok(Json(SampleOut {
        answer: serde_json::from_str(&sealed).map_err(Error::internal)?,
        operations: OPERATIONS,
    }))
}
