//! Tokens signed for the person at the command line or in the console.

use crate::{
    Caller, Ctx,
    admin::{apps, keys},
    audit::{self, Change},
    gate::JTI_LIFE_MS,
};
use jose::{Algorithm, Content, Key, PrivateKey, Recipient, Wrap};
use serde_json::{Map, json};
use store::App;
use types::{Error, Result, Secret, id::ClientId};

/// A token to be made.
#[derive(Debug)]
pub struct NewToken {
    /// `sub`.
    pub subject: String,
    /// With a fresh jti.
    pub jti: bool,
    /// Life, seconds.
    pub ttl: u32,
    /// The app's private key (PEM or JWK), for algorithms with a key pair. It is used and forgotten.
    pub private_key: Option<Secret>,
}

impl Default for NewToken {
    fn default() -> Self {
        Self {
            subject: "ombud".to_owned(),
            jti: false,
            ttl: 300,
            private_key: None,
        }
    }
}

/// Signs a token with the app's secret in force, or with the private key that is handed in, and encrypts it to the platform where the
/// app enforces JWE; audited.
///
/// # Errors
/// Not found; a life of 0, of more than a day, or of more than an hour with a jti; a private key that is missing or of another kind.
pub async fn mint(ctx: &Ctx, caller: &Caller, client: &ClientId, new: &NewToken) -> Result<Secret> {
    let app = apps::find(ctx.store(), caller, client).await?;
    let longest = if new.jti { JTI_LIFE_MS / 1000 } else { 86_400 };
    if !(1..=longest).contains(&i64::from(new.ttl)) {
        return Err(Error::field(
            "ttl",
            format!("must be 1 to {longest} seconds"),
        ));
    }
    let key = signing_key(ctx, &app, new)?;
    let now = ctx.now() / 1000;
    let mut claims =
        json!({"appId": client, "sub": new.subject, "iat": now, "exp": now + i64::from(new.ttl)});
    if new.jti {
        claims["jti"] = json!(ctx.ids().uuid().to_string());
    }
    let mut token = jose::sign(&key, claims.to_string().as_bytes()).map_err(Error::internal)?;
    if app.enforce_jwe {
        token = encrypted(ctx, &token).await?;
    }
    let details =
        json!({"sub": new.subject, "jti": new.jti, "ttl": new.ttl, "encrypted": app.enforce_jwe});
    let change = Change {
        action: "token.mint",
        target: client.as_str(),
        details: Some(details),
        ..Change::default()
    };
    audit::note(ctx, ctx.store(), caller, change).await?;
    Ok(Secret::new(token))
}

fn signing_key(ctx: &Ctx, app: &App, new: &NewToken) -> Result<Key> {
    let algorithm = Algorithm::find(&app.algorithm);
    let algorithm = algorithm.ok_or_else(|| Error::internal("the app's algorithm is not known"))?;
    let wrong = |text: String| Error::field("privateKey", text);
    match (&new.private_key, app.secret.is_empty()) {
        (None, false) => {
            let secret = apps::open_secret(ctx.vault(), &app.account, &app.client_id, &app.secret)
                .map_err(Error::internal)?;
            Key::hmac(algorithm, secret.expose().as_bytes()).map_err(Error::internal)
        }
        (Some(_), false) => Err(wrong(format!(
            "must be left out: {} signs with the app's secret",
            app.algorithm
        ))),
        (None, true) => Err(wrong(format!(
            "is missing: {} signs with a key that only the app's owner has",
            app.algorithm
        ))),
        (Some(text), true) => {
            let key = PrivateKey::read(text.expose()).map_err(|e| wrong(e.to_string()))?;
            let known = app
                .public_key
                .as_deref()
                .map(jose::PublicKey::read_unchecked);
            let known = known.transpose().map_err(Error::internal)?;
            if known.is_none_or(|known| known.thumbprint() != key.public().thumbprint()) {
                return Err(wrong(
                    "is not the one that goes with the app's public key".to_owned(),
                ));
            }
            Key::signing(algorithm, &key).map_err(|e| wrong(e.to_string()))
        }
    }
}

/// The token inside an encrypted one, to the platform's RSA key in force.
async fn encrypted(ctx: &Ctx, token: &str) -> Result<String> {
    keys::ensure(ctx).await?;
    let table = ctx.gate.table(ctx).await?;
    let key = table.keys.rsa();
    let key = key.ok_or_else(|| Error::internal("the platform has no RSA key"))?;
    let mut header = Map::new();
    header.insert("kid".into(), json!(key.kid));
    header.insert("typ".into(), json!("JWT"));
    header.insert("cty".into(), json!("JWT"));
    let to = Recipient::Public(key.public.clone());
    let sealed = jose::seal(
        &to,
        Wrap::RsaOaep256,
        Content::A256Gcm,
        &header,
        token.as_bytes(),
    );
    Ok(sealed.map_err(Error::internal)?.compact())
}
