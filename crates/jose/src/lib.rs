//! JSON Web Signatures in compact form: read, check, make. The primitives are OpenSSL's.
//!
//! **Must not know**: apps, accounts, clocks, HTTP. Which key and which algorithm apply is the caller's decision; the
//! header's `alg` is never a choice, it is only compared (DECISIONS section 2 item 3).
//!
//! To add an algorithm: a variant of [`Algorithm`] with its name, a way to make its [`Key`], and its arm in
//! [`Key::verify`] and [`Key::sign`].
//!
//! ```
//! use jose::{Algorithm, Key};
//! let key = Key::hmac(Algorithm::Hs256, b"a secret of at least some length")?;
//! let token = jose::sign(&key, br#"{"sub":"ann"}"#)?;
//! let jws = jose::Jws::parse(&token, jose::TOKEN_CAP)?;
//! assert!(jws.verify(&key).is_ok());
//! # Ok::<(), jose::Error>(())
//! ```

mod claims;
mod jws;
mod key;

pub use claims::Claims;
pub use jws::{Jws, sign};
pub use key::{Algorithm, Key};

/// Longest token that is looked at, in bytes. Longer ones are refused before any work is done on them.
pub const TOKEN_CAP: usize = 16 * 1024;

/// Why a token is refused. Callers answer all of them alike; the variants are for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than the cap.
    #[error("token too long")]
    TooLong,
    /// Not three parts of base64url without padding.
    #[error("token malformed")]
    Malformed,
    /// The header is not a JSON object, repeats a member, or asks for `crit`, `zip` or `b64`.
    #[error("token header refused")]
    Header,
    /// The header names another algorithm than the key's.
    #[error("token algorithm refused")]
    Algorithm,
    /// The signature does not fit.
    #[error("token signature wrong")]
    Signature,
    /// The payload is not a JSON object or repeats a member.
    #[error("token claims refused")]
    Claims,
    /// The key cannot be used.
    #[error("key refused")]
    Key,
}

/// SHA-256 of some bytes, to know a token or a key again without keeping it.
pub fn fingerprint(bytes: &[u8]) -> [u8; 32] {
    openssl::sha::sha256(bytes)
}
