//! JSON Web Signatures, encrypted tokens and payloads, and their keys. The primitives are OpenSSL's.
//!
//! **Must not know**: apps, accounts, clocks, HTTP. Which key and which algorithms apply is the caller's decision; the
//! header's `alg` is never a choice, it is only compared (DECISIONS section 2 items 2 and 3).
//!
//! - [`Jws`] takes a signed token apart and checks it with a [`Key`]; [`sign`] makes one.
//! - [`Jwe`] does the same for encrypted ones, compact or flattened JSON, with an [`Opener`]; [`seal`] makes one for a [`Recipient`].
//! - [`PublicKey`] reads what people upload (PEM, certificate, JWK) and refuses what is weak or private; [`PrivateKey`] is made here
//!   or comes from sealed storage.
//!
//! To add a signature algorithm: a variant of [`Algorithm`] with its name, the keys that fit in [`PublicKey::fits`], and its arm
//! in [`Key::verify`] and [`Key::sign`]. To add an encryption: a variant of [`Wrap`] or [`Content`], its arms in `jwe/wrap.rs` or
//! `jwe/content.rs`, and the [`Accept`] sets that should take it. The tables in `tests/it` name each pair.
//!
//! ```
//! use jose::{Algorithm, Key};
//! let key = Key::hmac(Algorithm::Hs256, b"a secret of at least some length")?;
//! let token = jose::sign(&key, br#"{"sub":"ann"}"#)?;
//! let jws = jose::Jws::parse(&token, jose::TOKEN_CAP)?;
//! assert!(jws.verify(&key).is_ok());
//! # Ok::<(), jose::Error>(())
//! ```
//!
//! ```
//! use jose::{Accept, Content, Jwe, Kind, Opener, PrivateKey, Recipient, Wrap};
//! let ours = PrivateKey::generate(Kind::P256)?;
//! let to = Recipient::Public(ours.public().clone());
//! let sealed = jose::seal(&to, Wrap::EcdhEsA256Kw, Content::A256Gcm, &serde_json::Map::new(), b"hello").expect("seal");
//! let text = sealed.json();
//! let jwe = Jwe::read(text.as_bytes(), 10_000, &Accept::PAYLOAD).expect("read");
//! assert_eq!(jwe.open(&Opener::Private(ours)).expect("open"), b"hello");
//! # Ok::<(), jose::KeyError>(())
//! ```

mod algorithm;
mod base;
mod claims;
mod hmac;
mod jwe;
mod jws;
mod key;
mod private;
mod public;
mod shared;
mod weak;

pub use algorithm::Algorithm;
pub use claims::Claims;
pub use jwe::{Accept, Content, Jwe, Opener, Recipient, Sealed, Wrap, seal};
pub use jws::{Jws, sign};
pub use key::Key;
pub use private::PrivateKey;
pub use public::{Kind, PublicKey};
pub use shared::SharedKey;

/// Longest token that is looked at, in bytes. Longer ones are refused before any work is done on them.
pub const TOKEN_CAP: usize = 16 * 1024;
/// Longest protected header, in bytes of base64url.
pub const HEADER_CAP: usize = 8 * 1024;
/// Longest key text that is looked at, in bytes.
pub const KEY_CAP: usize = 16 * 1024;

/// Why a token or a payload is refused. Callers answer all of them alike; the variants are for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than the cap.
    #[error("token too long")]
    TooLong,
    /// Not the right number of parts of base64url without padding, or a part of the wrong length.
    #[error("token malformed")]
    Malformed,
    /// The header is not a JSON object, repeats a member, asks for `crit`, `zip` or `b64`, or lacks a parameter.
    #[error("token header refused")]
    Header,
    /// The header names another algorithm than the key's, or one that is not accepted here.
    #[error("token algorithm refused")]
    Algorithm,
    /// The signature does not fit.
    #[error("token signature wrong")]
    Signature,
    /// The payload is not a JSON object, repeats a member or is nested too deep.
    #[error("token claims refused")]
    Claims,
    /// It was not encrypted with this key, or was changed on the way.
    #[error("token cannot be decrypted")]
    Decryption,
    /// The key cannot be used.
    #[error("key refused")]
    Key,
}

/// Why a key is refused, in words for the person who uploads it. Never holds any part of the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing was given.
    #[error("The key is empty. Paste a public key in PEM form, a PEM certificate, or a JWK.")]
    Empty,
    /// Longer than [`KEY_CAP`].
    #[error("The key text is longer than 16 KiB. Paste one public key only.")]
    TooLong,
    /// Holds private material.
    #[error(
        "This is a private key. Keep it secret and use its public part: openssl pkey -in key.pem -pubout"
    )]
    Private,
    /// A private key was needed.
    #[error("This is a public key; a private key is needed here.")]
    Public,
    /// A private key under a passphrase.
    #[error(
        "The private key is protected by a passphrase. Remove it first: openssl pkey -in key.pem -out open.pem"
    )]
    Locked,
    /// More than one key or certificate.
    #[error("The text holds more than one key or certificate. Keep only the one to use.")]
    Several,
    /// A form that is not read; the text says which and what to do.
    #[error("{0}")]
    Form(&'static str),
    /// A JWK member that is missing or wrong.
    #[error("The JWK member {0:?} is missing or wrong. Export the key again with a JOSE library.")]
    Member(&'static str),
    /// Too few bits.
    #[error(
        "RSA keys need at least 2048 bits; this one has {0}. Make a new one: openssl genrsa -out key.pem 3072"
    )]
    Short(u32),
    /// Too many bits.
    #[error("RSA keys may have at most 8192 bits; this one has {0}. Use one of 3072 bits.")]
    Long(u32),
    /// Breakable whatever its size; the text says why.
    #[error(
        "The key is unsafe: {0}. Make a new one with a current tool: openssl genrsa -out key.pem 3072"
    )]
    Unsafe(&'static str),
    /// A kind of key that no algorithm here uses.
    #[error("Keys of the kind {0} are not supported. Use RSA, EC P-256, EC P-384 or Ed25519.")]
    Kind(String),
    /// Does not go with the algorithm.
    #[error("{algorithm} needs {needs}; this key is {has}.")]
    Unfit {
        /// The algorithm that was chosen.
        algorithm: &'static str,
        /// What it needs.
        needs: &'static str,
        /// What was given.
        has: String,
    },
    /// Its own `use` or `alg` says that it serves something else.
    #[error(
        "The JWK says {member:?} is {says:?}, which does not go with {algorithm}. Use a key made for it."
    )]
    Meant {
        /// `use` or `alg`.
        member: &'static str,
        /// What the member says.
        says: String,
        /// What the key was to be used for.
        algorithm: &'static str,
    },
    /// A shared key of the wrong form.
    #[error("The shared key must be 32 bytes in base64. Make one: openssl rand -base64 32")]
    Shared,
    /// OpenSSL could not make or use the key.
    #[error("The key cannot be used.")]
    Failed,
}

impl From<openssl::error::ErrorStack> for KeyError {
    fn from(_: openssl::error::ErrorStack) -> Self {
        Self::Failed
    }
}

/// SHA-256 of some bytes, to know a token or a key again without keeping it.
pub fn fingerprint(bytes: &[u8]) -> [u8; 32] {
    openssl::sha::sha256(bytes)
}
