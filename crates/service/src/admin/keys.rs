//! The platform's encryption keys: made once, rotated, retired (DECISIONS section 4).

use crate::{
    Caller, Ctx,
    audit::{self, Change},
    gate::ring,
};
use jose::{Kind as KeyKind, PrivateKey};
use serde_json::json;
use store::{KeyState, PlatformKey};
use types::{Error, Kind, Result};

/// Bits of the RSA key.
const RSA_BITS: u32 = 3072;

/// Makes the first generation when there is none. Of two processes that start at once one makes it.
///
/// # Errors
/// When the store cannot be reached.
pub async fn ensure(ctx: &Ctx) -> Result<()> {
    if !ctx.store().platform_keys().list().await?.is_empty() {
        return Ok(());
    }
    match add_generation(ctx, 1, None).await {
        Err(error) if error.kind == Kind::Conflict => Ok(()),
        other => other,
    }
}

/// Every key, the newest first; the private halves stay sealed.
///
/// # Errors
/// When the store cannot be reached.
pub async fn list(ctx: &Ctx) -> Result<Vec<PlatformKey>> {
    ctx.store().platform_keys().list().await
}

/// Makes a new generation. The keys before it open what was encrypted to them until they are retired.
///
/// # Errors
/// A conflict when somebody else rotated at the same time.
pub async fn rotate(ctx: &Ctx, caller: &Caller) -> Result<Vec<PlatformKey>> {
    let newest = list(ctx).await?.first().map_or(0, |key| key.generation);
    let made = add_generation(ctx, newest + 1, Some(caller)).await;
    made.map_err(|error| match error.kind {
        Kind::Conflict => {
            Error::conflict("The keys were rotated at the same time by somebody else")
        }
        _ => error,
    })?;
    list(ctx).await
}

/// Retires a key: what was encrypted to it is refused from now on, and its private half is forgotten.
///
/// # Errors
/// Not found; a conflict for a current key, or one that is retired already.
pub async fn retire(ctx: &Ctx, caller: &Caller, kid: &str) -> Result<()> {
    let key = list(ctx).await?.into_iter().find(|key| key.kid == kid);
    let key = key.ok_or_else(|| Error::not_found("Key not found"))?;
    match key.state {
        KeyState::Current => {
            return Err(Error::conflict("This key is in use; rotate the keys first"));
        }
        KeyState::Retired => return Err(Error::conflict("This key is retired already")),
        KeyState::DecryptOnly => {}
    }
    let tx = ctx.store().begin().await?;
    tx.platform_keys().retire(kid, ctx.now()).await?;
    note(ctx, &*tx, caller, "keys.retire", kid, json!({})).await?;
    tx.commit().await
}

async fn add_generation(ctx: &Ctx, generation: i64, caller: Option<&Caller>) -> Result<()> {
    let generate = || -> Result<[PrivateKey; 2], jose::KeyError> {
        Ok([
            PrivateKey::generate(KeyKind::Rsa { bits: RSA_BITS })?,
            PrivateKey::generate(KeyKind::P256)?,
        ])
    };
    let made = tokio::task::spawn_blocking(generate).await;
    let made = made.map_err(Error::internal)?.map_err(Error::internal)?;
    let mut rows = Vec::new();
    for (key, kind) in made.iter().zip(["RSA", "EC"]) {
        let kid = format!("k-{}", ctx.ids().uuid());
        let private = key.jwk().map_err(Error::internal)?;
        rows.push(PlatformKey {
            kind: kind.to_owned(),
            generation,
            state: KeyState::Current,
            public: serde_json::Value::Object(key.public().jwk()).to_string(),
            private: ctx
                .vault()
                .seal(&ring::place(&kid), private.expose().as_bytes()),
            created_at: ctx.now(),
            retired_at: None,
            kid,
        });
    }
    let tx = ctx.store().begin().await?;
    tx.platform_keys().demote().await?;
    for row in &rows {
        tx.platform_keys().add(row).await?;
    }
    if let Some(caller) = caller {
        let kids: Vec<&str> = rows.iter().map(|row| row.kid.as_str()).collect();
        let details = json!({"generation": generation, "kids": kids});
        note(ctx, &*tx, caller, "keys.rotate", &rows[0].kid, details).await?;
    }
    tx.commit().await
}

async fn note(
    ctx: &Ctx,
    tx: &dyn store::Tx,
    caller: &Caller,
    action: &'static str,
    kid: &str,
    details: serde_json::Value,
) -> Result<()> {
    let change = Change {
        action,
        target: kid,
        details: Some(details),
        ..Change::default()
    };
    audit::note(ctx, tx, caller, change).await
}
