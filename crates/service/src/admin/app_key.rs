//! Algorithms, secrets and public keys of apps.

use crate::admin::security::Security;
use jose::{Algorithm, PublicKey};
use types::{Error, Result, Secret};

/// The algorithm that somebody chose for an app.
///
/// # Errors
/// Bad input on `algorithm`.
pub(super) fn algorithm(name: &str, rules: &Security) -> Result<Algorithm> {
    let offered = || {
        Algorithm::ALL
            .into_iter()
            .filter(|a| !rules.hardened || !is_legacy(*a))
    };
    let found = Algorithm::find(name).filter(|found| offered().any(|a| a == *found));
    found.ok_or_else(|| {
        let names: Vec<&str> = offered().map(Algorithm::name).collect();
        Error::field("algorithm", format!("must be one of {}", names.join(", ")))
    })
}

/// What the hardened profile does not take: the old padding of RSA signatures. PS256 works with the same keys.
fn is_legacy(algorithm: Algorithm) -> bool {
    matches!(
        algorithm,
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512
    )
}

/// The algorithm of an app in the store.
///
/// # Errors
/// Internal, when a later version wrote one that is not known.
pub(super) fn stored(name: &str) -> Result<Algorithm> {
    Algorithm::find(name).ok_or_else(|| Error::internal("the app's algorithm is not known"))
}

/// A fresh secret, or the checked public key as JWK text; the other one is empty.
///
/// # Errors
/// Bad input on `publicKey`: missing, given though the algorithm has a secret, weak, private, or of another kind.
pub(super) fn make(
    algorithm: Algorithm,
    public_key: Option<&str>,
) -> Result<(Secret, Option<String>)> {
    let wrong = |text: String| Error::field("publicKey", text);
    match (algorithm.secret_bytes(), public_key) {
        (Some(bytes), None) => Ok((crypt::random::secret(bytes), None)),
        (Some(_), Some(_)) => Err(wrong(format!(
            "must be left out: {} signs with a secret, which is made here",
            algorithm.name()
        ))),
        (None, None) => Err(wrong(format!(
            "is missing: {} needs a public key in PEM form, a PEM certificate, or a JWK",
            algorithm.name()
        ))),
        (None, Some(text)) => {
            let key = PublicKey::read(text).map_err(|e| wrong(e.to_string()))?;
            key.fits(algorithm).map_err(|e| wrong(e.to_string()))?;
            let jwk = serde_json::Value::Object(key.jwk());
            Ok((Secret::new(""), Some(jwk.to_string())))
        }
    }
}
