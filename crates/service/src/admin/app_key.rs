//! Algorithms, secrets and public keys of apps.

use crate::admin::security::Security;
use jose::Algorithm;
use types::{Error, Result, Secret};

/// The algorithm that somebody chose for an app.
///
/// # Errors
/// Bad input on `algorithm`.
pub(super) fn algorithm(name: &str, _rules: &Security) -> Result<Algorithm> {
    Algorithm::find(name).ok_or_else(|| Error::field("algorithm", "must be HS256"))
}

/// The algorithm of an app in the store.
///
/// # Errors
/// Internal, when a later version wrote one that is not known.
pub(super) fn stored(name: &str) -> Result<Algorithm> {
    Algorithm::find(name).ok_or_else(|| Error::internal("the app's algorithm is not known"))
}

/// Whether both sides share a secret.
pub(super) fn is_secret(algorithm: Algorithm) -> bool {
    secret_bytes(algorithm).is_some()
}

/// Bytes that a secret of this algorithm is made of.
pub(super) fn secret_bytes(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::Hs256 => Some(32),
    }
}

/// A fresh secret, or the checked public key as JWK text; the other one is empty.
///
/// # Errors
/// Bad input on `publicKey`: missing, given though the algorithm has a secret, weak, private, or of another kind.
pub(super) fn make(
    algorithm: Algorithm,
    public_key: Option<&str>,
) -> Result<(Secret, Option<String>)> {
    let Some(bytes) = secret_bytes(algorithm) else {
        return Err(Error::field("publicKey", "is missing"));
    };
    if public_key.is_some() {
        let text = format!("{} needs no public key: a secret is made", algorithm.name());
        return Err(Error::field("publicKey", text));
    }
    Ok((crypt::random::secret(bytes), None))
}
