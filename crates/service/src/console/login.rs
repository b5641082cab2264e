//! Sign-ins: a random id in a cookie, its hash in the store.

use super::{
    factor,
    passkey::{self, Answer, Site},
    permission::{self, Permission},
    throttle,
};
use crate::{
    Caller, Ctx,
    admin::{accounts, security::Security},
    audit::{self, Change},
    gate::Addresses,
};
use store::{Account, Login, User};
use tokio::sync::Semaphore;
use types::{Error, Result, Secret, codes};

/// A sign-in without a request ends after this, milliseconds (console.md section 3).
pub const IDLE_MS: i64 = 15 * 60_000;
/// A sign-in ends after this whatever happens, milliseconds (ours).
pub const LIFE_MS: i64 = 12 * 3_600_000;
/// A proof of identity counts for this long, milliseconds (console.md section 8).
pub const PROOF_MS: i64 = 15 * 60_000;
/// The end of a sign-in is moved at most this often, milliseconds.
const TOUCH_MS: i64 = 30_000;
/// Passwords hashed at a time: each takes 19 MiB and tens of milliseconds of CPU.
static HASHING: Semaphore = Semaphore::const_new(2);

/// A person with a valid sign-in.
#[derive(Debug, Clone)]
pub struct Session {
    /// The sign-in.
    pub login: Login,
    /// The person.
    pub user: User,
    /// The account.
    pub account: Account,
    /// The same as a caller of use cases.
    pub caller: Caller,
}

/// A sign-in that has just begun.
#[derive(Debug)]
pub struct SignedIn {
    /// What the cookie holds.
    pub cookie: Secret,
    /// The session.
    pub session: Session,
}

impl Session {
    /// The person may do this, and has no first password to change.
    ///
    /// # Errors
    /// [`codes::PASSWORD_CHANGE`]; forbidden.
    pub fn allow(&self, permission: Permission) -> Result<()> {
        if self.user.must_change_password {
            return Err(Error::of(&codes::PASSWORD_CHANGE));
        }
        permission::check(&self.user.role, permission)
    }

    /// The request carries the token of this sign-in.
    ///
    /// # Errors
    /// [`codes::CSRF`].
    pub fn check_csrf(&self, given: Option<&str>) -> Result<()> {
        let fits = given.is_some_and(|g| crypt::same(g.as_bytes(), self.login.csrf.as_bytes()));
        if fits {
            Ok(())
        } else {
            Err(Error::of(&codes::CSRF))
        }
    }

    /// The person has proved who they are within [`PROOF_MS`]. Signing in is such a proof.
    ///
    /// # Errors
    /// [`codes::STEP_UP`].
    pub fn check_proof(&self, now: i64) -> Result<()> {
        let at = self.login.confirmed_at.unwrap_or(self.login.created_at);
        if now - at <= PROOF_MS {
            Ok(())
        } else {
            Err(Error::of(&codes::STEP_UP))
        }
    }
}

/// Signs a person in. Every refusal before the password fits is the same, and takes the same time, whether or not the address is known.
/// `code` is one of the second factor, of those who have one.
///
/// # Errors
/// [`codes::SIGN_IN`]; limited after too many attempts; once the password fits: [`codes::PASSKEY`],
/// [`codes::SECOND_FACTOR`], [`codes::SECOND_FACTOR_WRONG`], [`codes::ADDRESS`].
pub async fn sign_in(
    ctx: &Ctx,
    email: &str,
    password: Secret,
    code: Option<Secret>,
    address: Option<String>,
) -> Result<SignedIn> {
    let email = email.trim().to_lowercase();
    throttle::attempt(ctx, "sign_in", &email, address.as_deref()).await?;
    // an address of several accounts signs in to the oldest one whose password fits
    let mut users = ctx.store().users().find_by_email(&email).await?;
    users.retain(|u| u.enabled);
    users.sort_by_key(|u| u.created_at);
    let user = checked(users, password)
        .await?
        .ok_or_else(|| Error::of(&codes::SIGN_IN))?;
    let account = ctx.store().accounts().find(&user.account).await?;
    let account = account.ok_or_else(|| Error::of(&codes::SIGN_IN))?;
    allow_address(&account, address.as_deref())?;
    factor::check(ctx, &user, code.as_ref()).await?;
    start(ctx, user, account, address).await
}

/// The first of these whose password it is.
async fn checked(users: Vec<User>, password: Secret) -> Result<Option<User>> {
    let _room = HASHING.acquire().await.map_err(Error::internal)?;
    let work = move || {
        if users.is_empty() {
            crypt::password::verify(&password, None);
        }
        users
            .into_iter()
            .find(|u| crypt::password::verify(&password, Some(&u.password_hash)))
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::internal)
}

/// Begins a sign-in for somebody who has proved who they are.
pub(super) async fn start(
    ctx: &Ctx,
    user: User,
    account: Account,
    address: Option<String>,
) -> Result<SignedIn> {
    allow_address(&account, address.as_deref())?;
    let cookie = Secret::new(crypt::random::hex(32));
    let now = ctx.now();
    let login = Login {
        hash: crypt::sha256_hex(cookie.expose().as_bytes()),
        csrf: crypt::random::hex(24),
        account: account.id.clone(),
        user: user.id.clone(),
        created_at: now,
        seen_at: now,
        confirmed_at: None,
        expires_at: now + IDLE_MS,
    };
    let caller = Caller::console(account.id.clone(), user.id.clone(), address);
    let tx = ctx.store().begin().await?;
    tx.logins().add(&login).await?;
    let change = Change {
        action: "session.start",
        target: user.id.as_str(),
        ..Change::default()
    };
    audit::note(ctx, &*tx, &caller, change).await?;
    tx.commit().await?;
    Ok(SignedIn {
        cookie,
        session: Session {
            login,
            user,
            account,
            caller,
        },
    })
}

/// An account that restricts the console lets no unknown address in, at each request.
fn allow_address(account: &Account, address: Option<&str>) -> Result<()> {
    let rules = Security::of(account)?;
    if !rules.restrict {
        return Ok(());
    }
    let list = Addresses::parse(&rules.addresses)?;
    if address.is_some_and(|a| list.allow(a)) {
        return Ok(());
    }
    Err(Error::of(&codes::ADDRESS))
}

/// The session of a cookie.
///
/// # Errors
/// [`codes::NO_SESSION`] for every cookie that does not hold; [`codes::ADDRESS`].
pub async fn find(ctx: &Ctx, cookie: Option<&str>, address: Option<String>) -> Result<Session> {
    let nobody = || Error::of(&codes::NO_SESSION);
    let cookie = cookie.filter(|c| c.len() == 64).ok_or_else(nobody)?;
    let now = ctx.now();
    let hash = crypt::sha256_hex(cookie.as_bytes());
    let login = ctx
        .store()
        .logins()
        .find(&hash, now)
        .await?
        .ok_or_else(nobody)?;
    let user = ctx
        .store()
        .users()
        .find(&login.account, &login.user)
        .await?;
    let user = user.filter(|u| u.enabled).ok_or_else(nobody)?;
    let account = ctx
        .store()
        .accounts()
        .find(&login.account)
        .await?
        .ok_or_else(nobody)?;
    allow_address(&account, address.as_deref())?;
    if now - login.seen_at >= TOUCH_MS {
        let end = (now + IDLE_MS).min(login.created_at + LIFE_MS);
        ctx.store().logins().touch(&hash, now, end).await?;
    }
    let caller = Caller::console(account.id.clone(), user.id.clone(), address);
    Ok(Session {
        login,
        user,
        account,
        caller,
    })
}

/// Ends a sign-in.
///
/// # Errors
/// When the store cannot be reached.
pub async fn sign_out(ctx: &Ctx, session: &Session) -> Result<()> {
    ctx.store()
        .logins()
        .remove(&session.login.hash)
        .await
        .map(|_| ())
}

/// What proves who somebody is.
#[derive(Debug)]
pub enum Proof {
    /// The password.
    Password(Secret),
    /// A code of the second factor.
    Code(Secret),
    /// The answer of a passkey.
    Passkey(Site, Answer),
}

/// Proves again who the person is.
///
/// # Errors
/// Bad input on `password`, `code` or `passkey`; limited after too many attempts.
pub async fn confirm(ctx: &Ctx, session: &Session, proof: Proof) -> Result<()> {
    match proof {
        Proof::Password(password) => proved(ctx, session, "password", password).await?,
        Proof::Code(code) => factor::prove(ctx, &session.user, &code).await?,
        Proof::Passkey(site, answer) => passkey::prove(ctx, session, &site, &answer).await?,
    }
    ctx.store()
        .logins()
        .confirm(&session.login.hash, ctx.now())
        .await
}

/// Changes the password and ends every other sign-in of the person.
///
/// # Errors
/// Bad input on `current` or `next`; limited after too many attempts.
pub async fn change_password(
    ctx: &Ctx,
    session: &Session,
    current: Secret,
    next: Secret,
) -> Result<()> {
    let named = |mut error: Error| {
        for field in &mut error.fields {
            field.field = "next".to_owned();
        }
        error
    };
    accounts::check_password(&next).map_err(named)?;
    if crypt::same(current.expose().as_bytes(), next.expose().as_bytes()) {
        return Err(Error::field(
            "next",
            "must differ from the current password",
        ));
    }
    proved(ctx, session, "current", current).await?;
    let room = HASHING.acquire().await.map_err(Error::internal)?;
    let hash = tokio::task::spawn_blocking(move || crypt::password::hash(&next))
        .await
        .map_err(Error::internal)?;
    drop(room);
    let (account, user) = (&session.account.id, &session.user.id);
    let tx = ctx.store().begin().await?;
    tx.users()
        .set_password(account, user, &hash, false, ctx.now())
        .await?;
    tx.logins()
        .remove_of_user(account, user, Some(&session.login.hash))
        .await?;
    let change = Change {
        action: "user.password",
        target: user.as_str(),
        ..Change::default()
    };
    audit::note(ctx, &*tx, &session.caller, change).await?;
    tx.commit().await
}

async fn proved(ctx: &Ctx, session: &Session, field: &str, password: Secret) -> Result<()> {
    let address = session.caller.address.as_deref();
    throttle::attempt(ctx, "proof", session.user.id.as_str(), address).await?;
    match checked(vec![session.user.clone()], password).await? {
        Some(_) => Ok(()),
        None => Err(Error::field(field, "is not the password of this person")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::id::{AccountId, UserId};

    fn session(must_change: bool, confirmed_at: Option<i64>) -> Session {
        let (account, user) = (AccountId::trusted("a"), UserId::trusted("u-1"));
        Session {
            login: Login {
                hash: "h".into(),
                csrf: "token".into(),
                account: account.clone(),
                user: user.clone(),
                created_at: 0,
                seen_at: 0,
                confirmed_at,
                expires_at: IDLE_MS,
            },
            user: User {
                id: user.clone(),
                account: account.clone(),
                email: "ann@example.com".into(),
                name: "Ann".into(),
                password_hash: String::new(),
                must_change_password: must_change,
                role: "owner".into(),
                enabled: true,
                created_at: 0,
                updated_at: 0,
            },
            account: Account {
                id: account.clone(),
                name: "Acme".into(),
                settings: serde_json::json!({}),
                created_at: 0,
                updated_at: 0,
            },
            caller: Caller::console(account, user, None),
        }
    }

    #[test]
    fn a_first_password_is_changed_before_anything_else() {
        let code = session(true, None)
            .allow(Permission::View)
            .expect_err("first")
            .code;
        assert_eq!(code, Some(&codes::PASSWORD_CHANGE));
        assert!(session(false, None).allow(Permission::Secrets).is_ok());
    }

    #[test]
    fn a_change_needs_the_token_of_this_sign_in() {
        let session = session(false, None);
        assert!(session.check_csrf(Some("token")).is_ok());
        for wrong in [None, Some(""), Some("tokens"), Some("other")] {
            assert_eq!(
                session.check_csrf(wrong).expect_err("wrong").code,
                Some(&codes::CSRF)
            );
        }
    }

    #[test]
    fn a_proof_counts_for_15_minutes() {
        assert!(session(false, None).check_proof(PROOF_MS).is_ok());
        let late = session(false, None)
            .check_proof(PROOF_MS + 1)
            .expect_err("late");
        assert_eq!(late.code, Some(&codes::STEP_UP));
        assert!(
            session(false, Some(PROOF_MS))
                .check_proof(2 * PROOF_MS)
                .is_ok()
        );
    }
}
