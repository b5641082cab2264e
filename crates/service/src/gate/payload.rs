//! Encrypted payloads of the public API: which operations, how a request is opened, how an answer is sealed (DECISIONS section 3).

use super::{Passed, ring::KeyRing};
use crate::{admin::payload::open_shared, ctx::Ctx};
use crypt::MasterKey;
use jose::{Accept, Claims, Content, Jwe, Opener, PublicKey, Recipient, Wrap};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use store::{App, PayloadMode};
use types::{Error, Result, codes};

/// How old or early a request may be, milliseconds.
const AGE_MS: i64 = 300_000;
/// Longest nonce that is handed back, characters.
const NONCE_CAP: usize = 256;

/// The operations whose payloads can be encrypted, for platform and admin apps.
pub const OPERATIONS: &[&str] = &[
    "createUsers",
    "deleteUsers",
    "getAnalytics",
    "getCallDetailsV1",
    "getCallDetailsV1Camel",
    "getConversationDetailsBySession",
    "getLLMUsageLogs",
    "getSessions",
    "getSessionsAccount",
    "getUserInformation",
    "getUserRolesDetails",
    "updateUser",
    "updateUserAccess",
];

/// Whether an operation is one of them.
pub fn covers(operation: &str) -> bool {
    OPERATIONS.binary_search(&operation).is_ok()
}

/// The payload key of an app, ready for use.
pub struct GatePayload {
    /// Payloads in clear are refused.
    pub enforced: bool,
    /// Fingerprint of the key as it stands in the store.
    id: [u8; 32],
    to: Recipient,
    wrap: Wrap,
    kid: String,
}

impl GatePayload {
    /// Of an app in the store; none where it has no key. One that has not changed since `before` is taken over.
    ///
    /// # Errors
    /// When the key cannot be opened.
    pub(super) fn of(
        app: &App,
        vault: &MasterKey,
        before: Option<&Arc<Self>>,
    ) -> Result<Option<Arc<Self>>> {
        let Some(key) = &app.payload else {
            return Ok(None);
        };
        let id = jose::fingerprint(&key.key);
        let same = |b: &&Arc<Self>| b.id == id && b.enforced == app.enforce_payload;
        if let Some(known) = before.filter(same) {
            return Ok(Some(Arc::clone(known)));
        }
        let (to, wrap) = match key.mode {
            PayloadMode::Shared => {
                let shared = open_shared(vault, app, &key.key).map_err(Error::internal)?;
                (Recipient::Shared(shared), Wrap::A256Kw)
            }
            PayloadMode::Public => {
                let text = std::str::from_utf8(&key.key).map_err(Error::internal)?;
                let public = PublicKey::read_unchecked(text).map_err(Error::internal)?;
                let wrap = match public.kind() {
                    jose::Kind::Rsa { .. } => Wrap::RsaOaep256,
                    _ => Wrap::EcdhEsA256Kw,
                };
                (Recipient::Public(public), wrap)
            }
        };
        Ok(Some(Arc::new(Self {
            enforced: app.enforce_payload,
            id,
            to,
            wrap,
            kid: key.print.clone(),
        })))
    }

    /// Encrypts an answer to the client, in flattened JSON form.
    ///
    /// # Errors
    /// Internal, when the client's key cannot be used after all.
    pub fn seal(&self, answer: &Answer<'_>, plain: &[u8]) -> Result<String> {
        let mut header = Map::new();
        header.insert("kid".into(), json!(self.kid));
        header.insert("cty".into(), json!("application/json"));
        header.insert("sts".into(), json!(answer.status));
        header.insert("rid".into(), json!(answer.request_id));
        header.insert("iat".into(), json!(answer.now / 1000));
        if let Some(nonce) = answer.nonce {
            header.insert("nonce".into(), json!(nonce));
        }
        let sealed = jose::seal(&self.to, self.wrap, Content::A256Gcm, &header, plain);
        Ok(sealed.map_err(Error::internal)?.json())
    }
}

/// What an answer says about itself.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// HTTP status.
    pub status: u16,
    /// The `x-request-id`.
    pub request_id: &'a str,
    /// What the request asked to have back.
    pub nonce: Option<&'a str>,
    /// Milliseconds UTC.
    pub now: i64,
}

/// What a request must have been made for.
#[derive(Debug, Clone)]
pub struct Target {
    /// HTTP method.
    pub method: String,
    /// Raw path, without the query.
    pub path: String,
}

/// A request in clear.
#[derive(Debug)]
pub struct Opened {
    /// The body.
    pub body: Vec<u8>,
    /// To be handed back with the answer.
    pub nonce: Option<String>,
}

/// Opens an encrypted request body of an app that has a payload key.
///
/// # Errors
/// [`codes::PAYLOAD_BROKEN`], whatever is wrong with it; unavailable when too many wait for the platform's keys.
pub async fn open(
    ctx: &Ctx,
    passed: &Passed,
    body: bytes::Bytes,
    target: &Target,
) -> Result<Opened> {
    let app = passed.app().ok_or_else(|| Error::of(&codes::CREDENTIALS))?;
    let payload = app.payload.as_ref();
    let payload = payload.ok_or_else(|| Error::of(&codes::PAYLOAD_KEY))?;
    let (plain, header) = match &payload.to {
        Recipient::Shared(key) => take_apart(&body, &Opener::Shared(key.clone()))?,
        Recipient::Public(_) => {
            let table = Arc::clone(&passed.table);
            let work = move || open_private(&body, &table.keys);
            ctx.gate.room.run(work).await??
        }
    };
    check(&header, app.client.as_str(), target, ctx.now())?;
    let nonce = header.text("nonce").map_err(broken)?;
    if nonce.is_some_and(|n| n.chars().count() > NONCE_CAP) {
        return Err(Error::of(&codes::PAYLOAD_BROKEN));
    }
    Ok(Opened {
        body: plain,
        nonce: nonce.map(str::to_owned),
    })
}

fn broken(why: jose::Error) -> Error {
    tracing::debug!(%why, "payload refused");
    Error::of(&codes::PAYLOAD_BROKEN).because(why)
}

fn take_apart(body: &[u8], opener: &Opener) -> Result<(Vec<u8>, Claims)> {
    let jwe = Jwe::read(body, usize::MAX, &Accept::SHARED).map_err(broken)?;
    let plain = jwe.open(opener).map_err(broken)?;
    Ok((plain, jwe.header().clone()))
}

fn open_private(body: &[u8], ring: &KeyRing) -> Result<(Vec<u8>, Claims)> {
    let jwe = Jwe::read(body, usize::MAX, &Accept::PAYLOAD).map_err(broken)?;
    let key = jwe.kid().and_then(|kid| ring.find(kid));
    let key = key.ok_or_else(|| broken(jose::Error::Key))?;
    let plain = jwe.open(key.opener()).map_err(broken)?;
    Ok((plain, jwe.header().clone()))
}

/// The header must say that the request was made by this app, for this place, about now.
fn check(header: &Claims, client: &str, target: &Target, now: i64) -> Result<()> {
    let says = |name: &str, text: &str| header.text(name) == Ok(Some(text));
    let iat = header.get("iat").and_then(Value::as_f64);
    let iat = iat.map(|iat| if iat > 1e11 { iat } else { iat * 1000.0 });
    let about_now = iat.is_some_and(|iat| (iat - now as f64).abs() <= AGE_MS as f64);
    let fits = says("appId", client)
        && says("htm", &target.method)
        && says("htu", &target.path)
        && about_now;
    fits.then_some(())
        .ok_or_else(|| broken(jose::Error::Header))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_no_operation_twice() {
        assert!(OPERATIONS.is_sorted_by(|a, b| a < b));
        assert!(covers("getSessions") && covers("updateUserAccess"));
        assert!(!covers("findIntent"));
    }

    #[test]
    fn a_request_counts_for_its_app_its_place_and_its_time_only() {
        let target = Target {
            method: "POST".into(),
            path: "/a".into(),
        };
        let header = json!({"appId": "cs-1", "htm": "POST", "htu": "/a", "iat": 1_800_000_000});
        let now = 1_800_000_000_000;
        let fits = |name: &str, value: Value| {
            let mut header = header.clone();
            header[name] = value;
            let header: Claims = serde_json::from_value(header).expect("claims");
            check(&header, "cs-1", &target, now).is_ok()
        };
        assert!(fits("x", json!(1)));
        assert!(fits("iat", json!(1_800_000_300)));
        assert!(fits("iat", json!(1_799_999_700_000_i64)));
        for (name, value) in [
            ("appId", json!("cs-2")),
            ("htm", json!("post")),
            ("htm", json!("GET")),
            ("htu", json!("/a?b")),
            ("htu", json!(7)),
            ("iat", json!(1_800_000_301)),
            ("iat", json!(1_799_999_699)),
            ("iat", json!("1800000000")),
            ("iat", Value::Null),
        ] {
            assert!(!fits(name, value.clone()), "{name} {value}");
        }
    }
}
