//! Keys of encrypted payloads (DECISIONS section 3).

use crate::{
    Caller, Ctx,
    admin::apps::{self, AppKind, AppView},
};
use crypt::{MasterKey, Place, SealError};
use jose::{PublicKey, SharedKey};
use serde_json::json;
use store::{App, PayloadKey, PayloadMode};
use types::{
    Error, Result, Secret,
    id::{AccountId, ClientId},
};

/// A payload key to be set.
pub struct NewPayload {
    /// The client's public key, or the shared key.
    pub key: PayloadText,
    /// Payloads in clear are refused.
    pub enforce: bool,
}

impl std::fmt::Debug for NewPayload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPayload")
            .field("enforce", &self.enforce)
            .finish_non_exhaustive()
    }
}

/// The key as somebody gave it.
pub enum PayloadText {
    /// PEM, PEM certificate or JWK: RSA of 2048 bits or more, or EC P-256.
    Public(String),
    /// 32 bytes in base64.
    Shared(Secret),
}

/// Puts a payload key in place of an earlier one; it acts at once.
///
/// # Errors
/// Not found; a conflict for a data app; bad input on `publicKey` or `symmetricKey`.
pub async fn set(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    new: NewPayload,
) -> Result<AppView> {
    let tx = ctx.store().begin().await?;
    let mut app = apps::find(&*tx, caller, client).await?;
    may_have(&app)?;
    let key = read(ctx, &app.account, client, &new.key)?;
    let details = json!({"mode": key.mode.as_str(), "print": key.print, "enforce": new.enforce});
    app.payload = Some(key);
    app.enforce_payload = new.enforce;
    app.updated_at = ctx.now();
    tx.apps().set(&app).await?;
    apps::note(ctx, &*tx, caller, "app.payload_key", client, None, details).await?;
    tx.commit().await?;
    apps::view(ctx, app).await
}

/// Switches the refusal of payloads in clear on or off.
///
/// # Errors
/// Not found; a conflict where there is no key.
pub async fn enforce(ctx: &Ctx, caller: &Caller, client: &ClientId, on: bool) -> Result<AppView> {
    let tx = ctx.store().begin().await?;
    let mut app = apps::find(&*tx, caller, client).await?;
    if on && app.payload.is_none() {
        return Err(Error::conflict("The app has no payload encryption key"));
    }
    app.enforce_payload = on;
    app.updated_at = ctx.now();
    tx.apps().set(&app).await?;
    let details = json!({"enforce": on});
    apps::note(
        ctx,
        &*tx,
        caller,
        "app.payload_enforce",
        client,
        None,
        details,
    )
    .await?;
    tx.commit().await?;
    apps::view(ctx, app).await
}

/// Takes the payload key away; payloads travel in clear from now on.
///
/// # Errors
/// Not found for the app or its key.
pub async fn remove(ctx: &Ctx, caller: &Caller, client: &ClientId) -> Result<()> {
    let tx = ctx.store().begin().await?;
    let mut app = apps::find(&*tx, caller, client).await?;
    if app.payload.take().is_none() {
        return Err(Error::not_found("The app has no payload encryption key"));
    }
    app.enforce_payload = false;
    app.updated_at = ctx.now();
    tx.apps().set(&app).await?;
    apps::note(
        ctx,
        &*tx,
        caller,
        "app.payload_key_removed",
        client,
        None,
        json!({}),
    )
    .await?;
    tx.commit().await
}

/// Checks a key and makes it ready for the store.
///
/// # Errors
/// Bad input on `publicKey` or `symmetricKey`.
pub(super) fn read(
    ctx: &Ctx,
    account: &AccountId,
    client: &ClientId,
    text: &PayloadText,
) -> Result<PayloadKey> {
    let set_at = ctx.now();
    match text {
        PayloadText::Public(text) => {
            let wrong = |e: jose::KeyError| Error::field("publicKey", e.to_string());
            let key = PublicKey::read(text).map_err(wrong)?;
            key.fits_encryption().map_err(wrong)?;
            Ok(PayloadKey {
                mode: PayloadMode::Public,
                print: key.thumbprint(),
                key: serde_json::Value::Object(key.jwk())
                    .to_string()
                    .into_bytes(),
                set_at,
            })
        }
        PayloadText::Shared(text) => {
            let wrong = |e: jose::KeyError| Error::field("symmetricKey", e.to_string());
            let key = SharedKey::read(text.expose()).map_err(wrong)?;
            let plain = text.expose().trim().as_bytes();
            Ok(PayloadKey {
                mode: PayloadMode::Shared,
                print: key.name(),
                key: ctx.vault().seal(&place(account, client), plain),
                set_at,
            })
        }
    }
}

/// The shared key of an app.
///
/// # Errors
/// [`SealError`] when it was sealed elsewhere or changed.
pub(crate) fn open_shared(
    vault: &MasterKey,
    app: &App,
    sealed: &[u8],
) -> Result<SharedKey, SealError> {
    let plain = vault.open_sealed(&place(&app.account, &app.client_id), sealed)?;
    let text = Secret::new(String::from_utf8(plain).map_err(|_| SealError)?);
    SharedKey::read(text.expose()).map_err(|_| SealError)
}

/// Platform and admin apps have payloads to encrypt, data apps have none.
pub(super) fn may_have(app: &App) -> Result<()> {
    if app.kind == AppKind::Data.as_str() {
        return Err(none_for_data());
    }
    Ok(())
}

/// Data apps have no payload key.
pub(super) fn none_for_data() -> Error {
    Error::conflict("Data apps have no encrypted payloads")
}

fn place<'a>(account: &'a AccountId, client: &'a ClientId) -> Place<'a> {
    Place {
        kind: "payload_key",
        account: account.as_str(),
        row: client.as_str(),
    }
}
