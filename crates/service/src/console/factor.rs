//! The second factor of a sign-in: codes of an authenticator app (RFC 6238) and codes to recover with.
//!
//! What is kept is one sealed value a person, replaced only if it is still the one that was read: a code works once, whichever node
//! it is sent to.

use super::{Session, throttle};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
};
use crypt::{Place, totp};
use serde::{Deserialize, Serialize};
use store::User;
use types::{Error, Result, Secret, codes, id::UserId};

/// Codes to recover with.
const RECOVERY: usize = 10;
/// Characters of one: 50 bits.
const RECOVERY_LENGTH: usize = 10;

/// What is kept of a person's second factor.
#[derive(Serialize, Deserialize)]
struct Factor {
    /// The secret of the app.
    secret: Vec<u8>,
    /// A code was shown to work: sign-ins ask for one.
    on: bool,
    /// The step of the last code that was used.
    last_step: i64,
    /// Digests of the recovery codes that are left.
    recovery: Vec<String>,
}

/// The state of a person's second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorState {
    /// Sign-ins ask for a code.
    pub on: bool,
    /// Recovery codes left.
    pub recovery_left: usize,
}

/// What an authenticator app needs.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret in base32.
    pub secret: Secret,
    /// The same as an `otpauth` address, for a QR code.
    pub uri: Secret,
}

/// A second factor as read, with its sealed form.
struct Kept {
    factor: Factor,
    sealed: Vec<u8>,
}

fn place(user: &User) -> Place<'_> {
    Place {
        kind: "second_factor",
        account: user.account.as_str(),
        row: user.id.as_str(),
    }
}

async fn read(ctx: &Ctx, user: &User) -> Result<Option<Kept>> {
    let users = ctx.store().users();
    let Some(sealed) = users.second_factor(&user.account, &user.id).await? else {
        return Ok(None);
    };
    let plain = ctx.vault().open_sealed(&place(user), &sealed);
    let plain = plain.map_err(Error::internal)?;
    let factor = serde_json::from_slice(&plain).map_err(Error::internal)?;
    Ok(Some(Kept { factor, sealed }))
}

fn seal(ctx: &Ctx, user: &User, factor: &Factor) -> Vec<u8> {
    let plain = serde_json::to_vec(factor).expect("numbers and texts");
    ctx.vault().seal(&place(user), &plain)
}

fn changed() -> Error {
    Error::conflict("The second factor was changed meanwhile")
}

/// Whether sign-ins of the person ask for a code.
///
/// # Errors
/// When the store cannot be reached.
pub async fn state(ctx: &Ctx, session: &Session) -> Result<FactorState> {
    let kept = read(ctx, &session.user).await?;
    let on = kept.filter(|kept| kept.factor.on);
    Ok(FactorState {
        on: on.is_some(),
        recovery_left: on.map_or(0, |kept| kept.factor.recovery.len()),
    })
}

/// Begins: a fresh secret, which counts only once [`turn_on`] has seen a code of it.
///
/// # Errors
/// A conflict when the factor is on.
pub async fn begin(ctx: &Ctx, session: &Session) -> Result<Enrolment> {
    let user = &session.user;
    let kept = read(ctx, user).await?;
    if kept.as_ref().is_some_and(|kept| kept.factor.on) {
        return Err(Error::conflict(
            "The authenticator app is set up; turn it off first to take another one",
        ));
    }
    let mut secret = vec![0; totp::SECRET_BYTES];
    crypt::random::fill(&mut secret);
    let text = totp::base32(&secret);
    let factor = Factor {
        secret,
        on: false,
        last_step: 0,
        recovery: Vec::new(),
    };
    let sealed = seal(ctx, user, &factor);
    let before = kept.as_ref().map(|kept| kept.sealed.as_slice());
    let users = ctx.store().users();
    if !users
        .set_second_factor(&user.account, &user.id, before, Some(&sealed))
        .await?
    {
        return Err(changed());
    }
    let uri = format!(
        "otpauth://totp/Ombud:{}?secret={text}&issuer=Ombud&algorithm=SHA1&digits=6&period=30",
        escaped(&user.email)
    );
    Ok(Enrolment {
        secret: Secret::new(text),
        uri: Secret::new(uri),
    })
}

/// Turns the factor on when the code is one of the secret that [`begin`] gave; ends the other sign-ins of the person, and gives the
/// recovery codes, which are not shown again.
///
/// # Errors
/// Bad input on `code`; a conflict when nothing was begun or the factor is on.
pub async fn turn_on(ctx: &Ctx, session: &Session, code: &Secret) -> Result<Vec<Secret>> {
    let user = &session.user;
    throttle::attempt(ctx, "second_factor", user.id.as_str(), None).await?;
    let kept = read(ctx, user).await?.filter(|kept| !kept.factor.on);
    let mut kept = kept.ok_or_else(|| Error::conflict("Begin with the secret first"))?;
    let step = totp::step_of(&kept.factor.secret, &typed(code), ctx.now(), 0);
    let step =
        step.ok_or_else(|| Error::field("code", "is not the code that the app shows now"))?;
    let fresh = fresh_codes();
    kept.factor.on = true;
    kept.factor.last_step = step;
    kept.factor.recovery = digests(&fresh);
    replace(ctx, session, &kept, "user.second_factor_on", true).await?;
    Ok(fresh)
}

/// Replaces the recovery codes.
///
/// # Errors
/// A conflict when the factor is off.
pub async fn renew_recovery(ctx: &Ctx, session: &Session) -> Result<Vec<Secret>> {
    let kept = read(ctx, &session.user).await?;
    let mut kept = kept.filter(|kept| kept.factor.on).ok_or_else(off)?;
    let fresh = fresh_codes();
    kept.factor.recovery = digests(&fresh);
    replace(ctx, session, &kept, "user.recovery_codes", false).await?;
    Ok(fresh)
}

/// Turns the factor off.
///
/// # Errors
/// A conflict when it is off.
pub async fn turn_off(ctx: &Ctx, session: &Session) -> Result<()> {
    let user = &session.user;
    let kept = read(ctx, user).await?.ok_or_else(off)?;
    let tx = ctx.store().begin().await?;
    let done = tx
        .users()
        .set_second_factor(&user.account, &user.id, Some(&kept.sealed), None)
        .await?;
    if !done {
        return Err(changed());
    }
    note(ctx, &*tx, session, "user.second_factor_off").await?;
    tx.commit().await
}

/// Takes authenticator app and passkeys of somebody in the caller's account away and ends their sign-ins: for people who have lost it. Gives their id.
///
/// # Errors
/// Not found; a conflict when there is none.
pub async fn reset(ctx: &Ctx, caller: &Caller, email: &str) -> Result<UserId> {
    let email = email.trim().to_lowercase();
    let people = ctx.store().users().list(&caller.account).await?;
    let user = people
        .into_iter()
        .find(|user| user.email.to_lowercase() == email)
        .ok_or_else(|| Error::not_found("There is nobody with this address in the account"))?;
    let kept = read(ctx, &user).await?;
    let tx = ctx.store().begin().await?;
    let passkeys = tx
        .passkeys()
        .remove_of_user(&user.account, &user.id)
        .await?;
    if let Some(kept) = &kept {
        let done = tx
            .users()
            .set_second_factor(&user.account, &user.id, Some(&kept.sealed), None)
            .await?;
        if !done {
            return Err(changed());
        }
    } else if passkeys == 0 {
        return Err(off());
    }
    tx.logins()
        .remove_of_user(&user.account, &user.id, None)
        .await?;
    let change = Change {
        action: "user.second_factor_reset",
        target: user.id.as_str(),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await?;
    Ok(user.id)
}

fn off() -> Error {
    Error::conflict("The authenticator app is not set up")
}

async fn replace(
    ctx: &Ctx,
    session: &Session,
    kept: &Kept,
    action: &'static str,
    end_others: bool,
) -> Result<()> {
    let user = &session.user;
    let sealed = seal(ctx, user, &kept.factor);
    let tx = ctx.store().begin().await?;
    let done = tx
        .users()
        .set_second_factor(&user.account, &user.id, Some(&kept.sealed), Some(&sealed))
        .await?;
    if !done {
        return Err(changed());
    }
    if end_others {
        tx.logins()
            .remove_of_user(&user.account, &user.id, Some(&session.login.hash))
            .await?;
    }
    note(ctx, &*tx, session, action).await?;
    tx.commit().await
}

async fn note(
    ctx: &Ctx,
    tx: &dyn store::Tx,
    session: &Session,
    action: &'static str,
) -> Result<()> {
    let change = Change {
        action,
        target: session.user.id.as_str(),
        ..Change::default()
    };
    audit::note(ctx, tx, &session.caller, change).await
}

/// Checks and uses up a code of somebody whose password was right. A person without a second factor needs none; who has passkeys only
/// signs in with one of them.
///
/// # Errors
/// [`codes::PASSKEY`]; [`codes::SECOND_FACTOR`] without a code, [`codes::SECOND_FACTOR_WRONG`] with a wrong or used one.
pub(super) async fn check(ctx: &Ctx, user: &User, code: Option<&Secret>) -> Result<()> {
    let Some(kept) = read(ctx, user).await?.filter(|kept| kept.factor.on) else {
        let passkeys = ctx.store().passkeys().list(&user.account, &user.id);
        return match passkeys.await?.is_empty() {
            true => Ok(()),
            false => Err(Error::of(&codes::PASSKEY)),
        };
    };
    let code = code.filter(|code| !code.expose().trim().is_empty());
    let code = code.ok_or_else(|| Error::of(&codes::SECOND_FACTOR))?;
    throttle::attempt(ctx, "second_factor", user.id.as_str(), None).await?;
    spend(ctx, user, kept, code).await
}

/// The same as a proof of identity: only with a second factor that is on.
///
/// # Errors
/// Bad input on `code`.
pub(super) async fn prove(ctx: &Ctx, user: &User, code: &Secret) -> Result<()> {
    let wrong = || Error::field("code", "is not a code of this person");
    let kept = read(ctx, user).await?.filter(|kept| kept.factor.on);
    let kept = kept.ok_or_else(wrong)?;
    throttle::attempt(ctx, "second_factor", user.id.as_str(), None).await?;
    match spend(ctx, user, kept, code).await {
        Err(error) if error.code == Some(&codes::SECOND_FACTOR_WRONG) => Err(wrong()),
        other => other,
    }
}

async fn spend(ctx: &Ctx, user: &User, mut kept: Kept, code: &Secret) -> Result<()> {
    let wrong = || Error::of(&codes::SECOND_FACTOR_WRONG);
    let given = typed(code);
    let factor = &mut kept.factor;
    let digest = crypt::sha256_hex(given.as_bytes());
    let recovery = factor
        .recovery
        .iter()
        .position(|kept| crypt::same(kept.as_bytes(), digest.as_bytes()));
    if let Some(at) = recovery {
        factor.recovery.remove(at);
    } else {
        let step = totp::step_of(&factor.secret, &given, ctx.now(), factor.last_step);
        factor.last_step = step.ok_or_else(wrong)?;
    }
    let sealed = seal(ctx, user, factor);
    let users = ctx.store().users();
    let used = users
        .set_second_factor(&user.account, &user.id, Some(&kept.sealed), Some(&sealed))
        .await?;
    if used { Ok(()) } else { Err(wrong()) }
}

/// A code as typed, without spaces and hyphens.
fn typed(code: &Secret) -> String {
    let text = code.expose().chars().take(64);
    text.filter(|c| !c.is_whitespace() && *c != '-')
        .collect::<String>()
        .to_ascii_uppercase()
}

fn fresh_codes() -> Vec<Secret> {
    (0..RECOVERY)
        .map(|_| {
            let code = crypt::random::readable(RECOVERY_LENGTH);
            let (one, two) = code.expose().split_at(RECOVERY_LENGTH / 2);
            Secret::new(format!("{one}-{two}"))
        })
        .collect()
}

fn digests(codes: &[Secret]) -> Vec<String> {
    codes
        .iter()
        .map(|code| crypt::sha256_hex(typed(code).as_bytes()))
        .collect()
}

/// A text inside an address: everything but letters, digits and `-._~` as `%XX`.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                use std::fmt::Write;
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

/// A sign-in of the person, for the list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInView {
    /// Names it; says nothing about the cookie.
    pub id: String,
    /// The one that asks.
    pub current: bool,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// Last request, milliseconds UTC.
    pub seen_at: i64,
    /// End, milliseconds UTC.
    pub expires_at: i64,
}

fn name_of(hash: &str) -> String {
    let mut name = crypt::sha256_hex(hash.as_bytes());
    name.truncate(24);
    name
}

/// The person's sign-ins, the latest first.
///
/// # Errors
/// When the store cannot be reached.
pub async fn sign_ins(ctx: &Ctx, session: &Session) -> Result<Vec<SignInView>> {
    let (account, user) = (&session.account.id, &session.user.id);
    let logins = ctx.store().logins();
    let all = logins.list_of_user(account, user, ctx.now()).await?;
    let views = all.into_iter().map(|login| SignInView {
        id: name_of(&login.hash),
        current: login.hash == session.login.hash,
        created_at: login.created_at,
        seen_at: login.seen_at,
        expires_at: login.expires_at,
    });
    Ok(views.collect())
}

/// Ends one of the person's sign-ins.
///
/// # Errors
/// Not found.
pub async fn end(ctx: &Ctx, session: &Session, id: &str) -> Result<()> {
    let (account, user) = (&session.account.id, &session.user.id);
    let logins = ctx.store().logins();
    let all = logins.list_of_user(account, user, ctx.now()).await?;
    let login = all.iter().find(|login| name_of(&login.hash) == id);
    let login = login.ok_or_else(|| Error::not_found("There is no such session"))?;
    logins.remove(&login.hash).await.map(drop)
}

/// Ends every sign-in of the person, this one included.
///
/// # Errors
/// When the store cannot be reached.
pub async fn end_all(ctx: &Ctx, session: &Session) -> Result<u64> {
    let (account, user) = (&session.account.id, &session.user.id);
    let tx = ctx.store().begin().await?;
    let ended = tx.logins().remove_of_user(account, user, None).await?;
    note(ctx, &*tx, session, "session.end_all").await?;
    tx.commit().await?;
    Ok(ended)
}
