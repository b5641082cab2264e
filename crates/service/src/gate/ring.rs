//! The platform's keys in memory, and the set of their public halves that everybody may read.

use crypt::{MasterKey, Place};
use jose::{Opener, PrivateKey, PublicKey};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{KeyState, PlatformKey};
use types::{Error, Result, Secret};

/// A key pair that still opens.
pub struct RingKey {
    /// Its id.
    pub kid: String,
    /// The public half.
    pub public: PublicKey,
    /// Of the active generation.
    pub current: bool,
    opener: Opener,
    rsa: bool,
}

impl RingKey {
    /// The private half; using it costs a private-key operation, see [`super::room`].
    pub fn opener(&self) -> &Opener {
        &self.opener
    }
}

/// Every key that opens, the active generation first.
pub struct KeyRing {
    keys: Vec<Arc<RingKey>>,
    set: String,
    tag: String,
}

impl Default for KeyRing {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl KeyRing {
    /// Opens what the store holds. Keys that `before` holds already are taken over.
    ///
    /// # Errors
    /// Internal, when a private half cannot be opened: with a key missing, tokens would be refused for no reason that a client can see.
    pub fn open(rows: &[PlatformKey], vault: &MasterKey, before: &Self) -> Result<Self> {
        let mut keys = Vec::new();
        for row in rows.iter().filter(|row| row.state != KeyState::Retired) {
            let current = row.state == KeyState::Current;
            let known = before.find(&row.kid).filter(|k| k.current == current);
            let key = match known {
                Some(known) => Arc::clone(known),
                None => Arc::new(open(row, vault, current)?),
            };
            keys.push(key);
        }
        Ok(Self::of(keys))
    }

    fn of(keys: Vec<Arc<RingKey>>) -> Self {
        let list: Vec<Value> = keys.iter().map(|key| public_jwk(key)).collect();
        let set = json!({"keys": list}).to_string();
        let tag = crypt::sha256_hex(set.as_bytes())[..32].to_owned();
        Self { keys, set, tag }
    }

    /// The key with this id.
    pub fn find(&self, kid: &str) -> Option<&Arc<RingKey>> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// The RSA key of the active generation.
    pub fn rsa(&self) -> Option<&Arc<RingKey>> {
        self.keys.iter().find(|key| key.rsa)
    }

    /// Some key, where any does.
    pub fn any(&self) -> Option<&Arc<RingKey>> {
        self.keys.first()
    }

    /// The JWK set as JSON text.
    pub fn set(&self) -> &str {
        &self.set
    }

    /// Changes whenever the set does: for `ETag`.
    pub fn tag(&self) -> &str {
        &self.tag
    }
}

/// The public half as clients get it.
fn public_jwk(key: &RingKey) -> Value {
    let mut jwk = key.public.jwk();
    let wrap = if key.rsa {
        "RSA-OAEP-256"
    } else {
        "ECDH-ES+A256KW"
    };
    jwk.insert("kid".into(), json!(key.kid));
    jwk.insert("use".into(), json!("enc"));
    jwk.insert("alg".into(), json!(wrap));
    Value::Object(jwk)
}

fn open(row: &PlatformKey, vault: &MasterKey, current: bool) -> Result<RingKey> {
    let plain = vault
        .open_sealed(&place(&row.kid), &row.private)
        .map_err(Error::internal)?;
    let text = Secret::new(String::from_utf8(plain).map_err(Error::internal)?);
    let private = PrivateKey::read(text.expose()).map_err(Error::internal)?;
    Ok(RingKey {
        kid: row.kid.clone(),
        public: private.public().clone(),
        current,
        rsa: row.kind == "RSA",
        opener: Opener::Private(private),
    })
}

/// Where a private half is sealed to.
pub fn place(kid: &str) -> Place<'_> {
    Place {
        kind: "platform_key",
        account: "",
        row: kid,
    }
}
