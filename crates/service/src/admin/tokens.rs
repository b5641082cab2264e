//! Tokens signed for the person at the command line or in the console.

use crate::{
    Caller, Ctx,
    admin::apps,
    audit::{self, Change},
    gate::JTI_LIFE_MS,
};
use jose::{Algorithm, Key};
use serde_json::json;
use types::{Error, Result, Secret, id::ClientId};

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// `sub`.
    pub subject: String,
    /// With a fresh jti.
    pub jti: bool,
    /// Life, seconds.
    pub ttl: u32,
}

impl Default for NewToken {
    fn default() -> Self {
        Self {
            subject: "ombud".to_owned(),
            jti: false,
            ttl: 300,
        }
    }
}

/// Signs a token with the app's secret in force; audited.
///
/// # Errors
/// Not found; a life of 0, of more than a day, or of more than an hour with a jti.
pub async fn mint(ctx: &Ctx, caller: &Caller, client: &ClientId, new: &NewToken) -> Result<Secret> {
    let app = apps::find(ctx.store(), caller, client).await?;
    let longest = if new.jti { JTI_LIFE_MS / 1000 } else { 86_400 };
    if !(1..=longest).contains(&i64::from(new.ttl)) {
        return Err(Error::field(
            "ttl",
            format!("must be 1 to {longest} seconds"),
        ));
    }
    let algorithm = Algorithm::find(&app.algorithm).filter(|_| !app.secret.is_empty());
    let algorithm = algorithm
        .ok_or_else(|| Error::conflict("The app signs with a key that only its owner has"))?;
    let secret = apps::open_secret(ctx.vault(), &app.account, client, &app.secret)
        .map_err(Error::internal)?;
    let key = Key::hmac(algorithm, secret.expose().as_bytes()).map_err(Error::internal)?;
    let now = ctx.now() / 1000;
    let mut claims =
        json!({"appId": client, "sub": new.subject, "iat": now, "exp": now + i64::from(new.ttl)});
    if new.jti {
        claims["jti"] = json!(ctx.ids().uuid().to_string());
    }
    let token = jose::sign(&key, claims.to_string().as_bytes()).map_err(Error::internal)?;
    let details = json!({"sub": new.subject, "jti": new.jti, "ttl": new.ttl});
    audit::note(
        ctx,
        ctx.store(),
        caller,
        Change {
            action: "token.mint",
            target: client.as_str(),
            details: Some(details),
            ..Change::default()
        },
    )
    .await?;
    Ok(Secret::new(token))
}
