//! Passkeys (WebAuthn): a sign-in of its own, the second factor of those who have no authenticator app, and a proof of identity.
//!
//! Only credentials that the authenticator itself can name and that recognise the person are made, so that a passkey is two factors
//! in one. A challenge is kept in the store until it is answered, once, on whichever node.

use super::{Session, login, throttle};
use crate::{
    Ctx,
    audit::{self, Change},
};
use crypt::webauthn::{self, Expected};
use store::{Passkey, passkey::Challenge};
use types::{Error, Kind, Result, codes};

/// A challenge is to be answered within this, milliseconds.
pub const CHALLENGE_MS: i64 = 5 * 60_000;
/// Passkeys of a person at most.
const MAX: usize = 20;
/// Longest name, characters.
const NAME_MAX: usize = 64;

/// Where the console is open, as the browser sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Scheme, host and port.
    pub origin: String,
    /// The host: what passkeys belong to.
    pub party: String,
}

impl Site {
    /// Of a request that came to `host`, with or without a port.
    ///
    /// # Errors
    /// A conflict for an address in place of a name: browsers make no passkeys there.
    pub fn of(tls: bool, host: &str) -> Result<Self> {
        let host = host.trim().to_ascii_lowercase();
        let name = host.split(':').next().unwrap_or_default();
        let is_address = host.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok();
        if name.is_empty() || is_address {
            return Err(Error::conflict(
                "Passkeys belong to a host name: open the console by its name, on the machine itself as localhost",
            ));
        }
        let scheme = if tls { "https" } else { "http" };
        Ok(Self {
            origin: format!("{scheme}://{host}"),
            party: name.to_owned(),
        })
    }
}

/// What the browser needs to make a passkey.
#[derive(Debug)]
pub struct Registration {
    /// To be signed over.
    pub challenge: String,
    /// The person's handle; says nothing about them.
    pub handle: String,
    /// Passkeys that the person has.
    pub known: Vec<String>,
}

/// A passkey as the browser made it; everything base64url.
#[derive(Debug, Clone, Default)]
pub struct NewPasskey {
    /// What the person calls it.
    pub name: String,
    /// The client data.
    pub client_data: String,
    /// The authenticator data.
    pub authenticator_data: String,
    /// The public key, DER.
    pub public_key: String,
}

/// The answer of a passkey; everything base64url.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Its id.
    pub id: String,
    /// The client data.
    pub client_data: String,
    /// The authenticator data.
    pub authenticator_data: String,
    /// The signature over both.
    pub signature: String,
}

/// A challenge for whoever signs in or proves who they are.
///
/// # Errors
/// Limited after too many of them from one address.
pub async fn challenge(ctx: &Ctx, address: Option<&str>) -> Result<String> {
    throttle::passkey(ctx, "challenge", address).await?;
    remember(ctx, None).await
}

async fn remember(ctx: &Ctx, session: Option<&Session>) -> Result<String> {
    let mut bytes = [0; 32];
    crypt::random::fill(&mut bytes);
    let challenge = webauthn::text(&bytes);
    let kept = Challenge {
        hash: crypt::sha256_hex(challenge.as_bytes()),
        user: session.map(|session| session.user.id.clone()),
        expires_at: ctx.now() + CHALLENGE_MS,
    };
    ctx.store().passkeys().add_challenge(&kept).await?;
    Ok(challenge)
}

/// Takes out the challenge that some client data answer; it must have been given to `session`, or to nobody in particular.
async fn answered(ctx: &Ctx, client_data: &[u8], session: Option<&Session>) -> Option<String> {
    let data: serde_json::Value = serde_json::from_slice(client_data).ok()?;
    let challenge = data.get("challenge")?.as_str().filter(|c| c.len() <= 64)?;
    let hash = crypt::sha256_hex(challenge.as_bytes());
    let kept = ctx.store().passkeys().take_challenge(&hash, ctx.now());
    let kept = kept.await.ok().flatten()?;
    let fits = kept.user.as_ref() == session.map(|session| &session.user.id);
    fits.then(|| challenge.to_owned())
}

/// The passkeys of the person, the oldest first.
///
/// # Errors
/// When the store cannot be reached.
pub async fn list(ctx: &Ctx, session: &Session) -> Result<Vec<Passkey>> {
    let (account, user) = (&session.account.id, &session.user.id);
    ctx.store().passkeys().list(account, user).await
}

/// Begins to add a passkey.
///
/// # Errors
/// A conflict when the person has as many as there may be.
pub async fn begin(ctx: &Ctx, session: &Session) -> Result<Registration> {
    let known = list(ctx, session).await?;
    if known.len() >= MAX {
        return Err(Error::conflict(format!(
            "A person has at most {MAX} passkeys; remove one first"
        )));
    }
    Ok(Registration {
        challenge: remember(ctx, Some(session)).await?,
        handle: webauthn::text(session.user.id.as_str().as_bytes()),
        known: known.into_iter().map(|passkey| passkey.id).collect(),
    })
}

/// Adds the passkey that the browser made. With the first one the person's other sign-ins end.
///
/// # Errors
/// Bad input on `name` or `passkey`; a conflict for one that is known.
pub async fn add(ctx: &Ctx, session: &Session, site: &Site, new: NewPasskey) -> Result<Passkey> {
    let name = checked_name(&new.name);
    let wrong = || {
        Error::field(
            "passkey",
            "was not made for this page, or too long ago: try again",
        )
    };
    let parts = [&new.client_data, &new.authenticator_data, &new.public_key];
    let parts = parts.map(|part| webauthn::part(part));
    // looked at before the challenge is spent, so that a wrong name alone can be mended
    let readable = match parts.iter().all(Option::is_some) {
        true => Ok(()),
        false => Err(wrong()),
    };
    let name = named_too(name, readable)?;
    let [client_data, authenticator, key] = parts;
    let client_data = client_data.ok_or_else(wrong)?;
    let challenge = answered(ctx, &client_data, Some(session)).await;
    let expected = Expected {
        origin: &site.origin,
        party: &site.party,
        challenge: &challenge.ok_or_else(wrong)?,
    };
    let authenticator = authenticator.ok_or_else(wrong)?;
    let key = key.ok_or_else(wrong)?;
    let made = webauthn::register(&expected, &client_data, &authenticator, &key);
    let made = made.map_err(|reason| {
        tracing::info!(%reason, "a passkey was not added");
        wrong()
    })?;
    let passkey = Passkey {
        id: webauthn::text(&made.id),
        account: session.account.id.clone(),
        user: session.user.id.clone(),
        name,
        party: site.party.clone(),
        public_key: key,
        counter: i64::from(made.counter),
        created_at: ctx.now(),
        last_used_at: None,
    };
    let tx = ctx.store().begin().await?;
    let first = tx
        .passkeys()
        .list(&passkey.account, &passkey.user)
        .await?
        .is_empty();
    tx.passkeys().add(&passkey).await?;
    if first {
        tx.logins()
            .remove_of_user(&passkey.account, &passkey.user, Some(&session.login.hash))
            .await?;
    }
    note(ctx, &*tx, session, "user.passkey_added", &passkey.name).await?;
    tx.commit().await?;
    Ok(passkey)
}

/// Gives a passkey of the person another name.
///
/// # Errors
/// Bad input on `name`; not found.
pub async fn rename(ctx: &Ctx, session: &Session, id: &str, name: &str) -> Result<()> {
    let name = checked_name(name)?;
    let (account, user) = (&session.account.id, &session.user.id);
    let tx = ctx.store().begin().await?;
    if !tx.passkeys().rename(account, user, id, &name).await? {
        return Err(unknown());
    }
    note(ctx, &*tx, session, "user.passkey_renamed", &name).await?;
    tx.commit().await
}

/// Removes a passkey of the person.
///
/// # Errors
/// Not found.
pub async fn remove(ctx: &Ctx, session: &Session, id: &str) -> Result<()> {
    let (account, user) = (&session.account.id, &session.user.id);
    let tx = ctx.store().begin().await?;
    let all = tx.passkeys().list(account, user).await?;
    let gone = all.into_iter().find(|passkey| passkey.id == id);
    let gone = gone.ok_or_else(unknown)?;
    tx.passkeys().remove(account, user, id).await?;
    note(ctx, &*tx, session, "user.passkey_removed", &gone.name).await?;
    tx.commit().await
}

/// Signs in whoever the passkey belongs to.
///
/// # Errors
/// [`codes::PASSKEY_WRONG`] for every answer that does not count; limited after too many attempts; [`codes::ADDRESS`].
pub async fn sign_in(
    ctx: &Ctx,
    site: &Site,
    answer: Answer,
    address: Option<String>,
) -> Result<login::SignedIn> {
    throttle::passkey(ctx, "sign_in", address.as_deref()).await?;
    let wrong = || Error::of(&codes::PASSKEY_WRONG);
    let passkey = used(ctx, site, &answer).await?;
    let (account, user) = (&passkey.account, &passkey.user);
    let user = ctx.store().users().find(account, user).await?;
    let user = user.filter(|user| user.enabled).ok_or_else(wrong)?;
    let account = ctx.store().accounts().find(account).await?;
    login::start(ctx, user, account.ok_or_else(wrong)?, address).await
}

/// The passkey proves that the person of the session is there.
///
/// # Errors
/// Bad input on `passkey`; limited after too many attempts.
pub(super) async fn prove(
    ctx: &Ctx,
    session: &Session,
    site: &Site,
    answer: &Answer,
) -> Result<()> {
    throttle::passkey(ctx, "proof", Some(session.user.id.as_str())).await?;
    let wrong = || Error::field("passkey", "is not one of this person");
    match used(ctx, site, answer).await {
        Ok(passkey) if passkey.user == session.user.id => Ok(()),
        Err(error) if error.kind == Kind::Unavailable => Err(error),
        _ => Err(wrong()),
    }
}

/// The passkey whose answer this is. A counter that does not go up is that of a copy.
async fn used(ctx: &Ctx, site: &Site, answer: &Answer) -> Result<Passkey> {
    let wrong = || Error::of(&codes::PASSKEY_WRONG);
    let client_data = webauthn::part(&answer.client_data).ok_or_else(wrong)?;
    let challenge = answered(ctx, &client_data, None).await.ok_or_else(wrong)?;
    let authenticator = webauthn::part(&answer.authenticator_data).ok_or_else(wrong)?;
    let signature = webauthn::part(&answer.signature).ok_or_else(wrong)?;
    let store = ctx.store().passkeys();
    let passkey = store.find_any(&answer.id).await?;
    let passkey = passkey
        .filter(|passkey| passkey.party == site.party)
        .ok_or_else(wrong)?;
    let expected = Expected {
        origin: &site.origin,
        party: &site.party,
        challenge: &challenge,
    };
    let key = &passkey.public_key;
    let counter = webauthn::assert(&expected, &client_data, &authenticator, &signature, key);
    let counter = counter.map_err(|reason| {
        tracing::info!(%reason, "the answer of a passkey was refused");
        wrong()
    })?;
    let counter = i64::from(counter);
    if (counter > 0 || passkey.counter > 0) && counter <= passkey.counter {
        tracing::warn!(user = %passkey.user, "a passkey counts backwards: it may have been copied");
        return Err(wrong());
    }
    let account = &passkey.account;
    let noted = store.used(account, &passkey.id, passkey.counter, counter, ctx.now());
    if noted.await? {
        Ok(passkey)
    } else {
        Err(wrong())
    }
}

fn unknown() -> Error {
    Error::not_found("There is no such passkey")
}

/// The name, when the rest is fine too; else everything that is wrong.
fn named_too(name: Result<String>, rest: Result<()>) -> Result<String> {
    match (name, rest) {
        (Err(mut name), Err(rest)) => {
            name.fields.extend(rest.fields);
            Err(name)
        }
        (name, rest) => rest.and(name),
    }
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let fits =
        (1..=NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits {
        return Ok(name.to_owned());
    }
    let text = format!("must have 1 to {NAME_MAX} characters and no control characters");
    Err(Error::field("name", text))
}

async fn note(
    ctx: &Ctx,
    tx: &dyn store::Tx,
    session: &Session,
    action: &'static str,
    name: &str,
) -> Result<()> {
    let change = Change {
        action,
        target: session.user.id.as_str(),
        details: Some(serde_json::json!({"name": name})),
        ..Change::default()
    };
    audit::note(ctx, tx, &session.caller, change).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_a_name() {
        let site = Site::of(true, "Ombud.Example").expect("a name");
        assert_eq!(site.origin, "https://ombud.example");
        let site = Site::of(false, "localhost:7878").expect("a name");
        assert_eq!(site.origin, "http://localhost:7878");
        assert_eq!(site.party, "localhost");
        for host in ["127.0.0.1:7878", "[::1]:7878", "", ":80"] {
            assert!(Site::of(false, host).is_err(), "{host}");
        }
    }
}
