//! The first account of an installation, made by whoever has the one-time code that the server printed.

use super::{
    login::{self, SignedIn},
    throttle,
};
use crate::{
    Ctx,
    admin::accounts::{self, NewAccount},
};
use types::{Error, Kind, Result, Secret};

/// Where the digest of the code is kept.
const KEY: &str = "console.setup_code";
/// Characters of the code; nearly 5 bits each.
const LENGTH: usize = 20;

/// Whether there is no account yet.
///
/// # Errors
/// When the store cannot be reached.
pub async fn needed(ctx: &Ctx) -> Result<bool> {
    Ok(ctx.store().accounts().list().await?.is_empty())
}

/// Makes a fresh code, which takes the place of an older one; none once an account exists. Only its digest is kept.
///
/// # Errors
/// When the store cannot be reached.
pub async fn issue_code(ctx: &Ctx) -> Result<Option<Secret>> {
    if !needed(ctx).await? {
        return Ok(None);
    }
    let code = crypt::random::readable(LENGTH);
    let digest = crypt::sha256_hex(code.expose().as_bytes());
    ctx.store().meta().put(KEY, digest.as_bytes()).await?;
    Ok(Some(code))
}

/// Makes the account and signs its owner in. The code works once.
///
/// # Errors
/// Not found once an account exists; bad input that names the field, `code` among them; limited after too many attempts.
pub async fn run(
    ctx: &Ctx,
    code: &Secret,
    new: NewAccount,
    address: Option<String>,
) -> Result<SignedIn> {
    throttle::attempt(ctx, "setup", "", address.as_deref()).await?;
    let _one = ctx.parts.locks.lock("console.setup").await?;
    if !needed(ctx).await? {
        return Err(Error::new(Kind::NotFound, "The set-up is done"));
    }
    let given = code
        .expose()
        .trim()
        .to_ascii_uppercase()
        .replace(['-', ' '], "");
    let given = crypt::sha256_hex(given.as_bytes());
    let kept = ctx.store().meta().find(KEY).await?.unwrap_or_default();
    if !crypt::same(given.as_bytes(), &kept) {
        return Err(Error::field(
            "code",
            "is not the code that the server printed when it started",
        ));
    }
    let (account, owner) = accounts::create(ctx, new).await?;
    ctx.store().meta().remove(KEY).await?;
    login::start(ctx, owner, account, address).await
}
