//! Keys that the tests share: made once a run.

use jose::{Algorithm, Content, Key, Kind, Opener, PrivateKey, Recipient, SharedKey, Wrap};
use std::sync::LazyLock;

pub static RSA: LazyLock<PrivateKey> = LazyLock::new(|| make(Kind::Rsa { bits: 2048 }));
pub static P256: LazyLock<PrivateKey> = LazyLock::new(|| make(Kind::P256));
pub static P384: LazyLock<PrivateKey> = LazyLock::new(|| make(Kind::P384));
pub static ED25519: LazyLock<PrivateKey> = LazyLock::new(|| make(Kind::Ed25519));
pub const SECRET: &str = "a secret that is long enough for each of the three hashes, of 64 bytes";

fn make(kind: Kind) -> PrivateKey {
    PrivateKey::generate(kind).unwrap()
}

/// The key pair for a signature algorithm; none for HMAC.
pub fn pair(algorithm: Algorithm) -> Option<&'static PrivateKey> {
    match algorithm {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => None,
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256 => Some(&RSA),
        Algorithm::Es256 => Some(&P256),
        Algorithm::Es384 => Some(&P384),
        Algorithm::EdDsa => Some(&ED25519),
    }
}

pub fn signing(algorithm: Algorithm) -> Key {
    match pair(algorithm) {
        None => Key::hmac(algorithm, SECRET.as_bytes()).unwrap(),
        Some(key) => Key::signing(algorithm, key).unwrap(),
    }
}

pub fn checking(algorithm: Algorithm) -> Key {
    match pair(algorithm) {
        None => Key::hmac(algorithm, SECRET.as_bytes()).unwrap(),
        Some(key) => Key::checking(algorithm, key.public()).unwrap(),
    }
}

/// A shared key of some length.
pub fn shared(length: usize) -> SharedKey {
    let bytes: Vec<u8> = (0..length).map(|i| (i * 5 + 3) as u8).collect();
    SharedKey::new(&bytes).unwrap()
}

/// Both ends of a pair of wrap and content.
pub fn ends(wrap: Wrap, content: Content) -> (Recipient, Opener) {
    match wrap {
        Wrap::RsaOaep | Wrap::RsaOaep256 | Wrap::Rsa1_5 => ends_of(&RSA),
        Wrap::EcdhEsA256Kw => ends_of(&P256),
        Wrap::Dir => both(shared(content.key_bytes())),
        Wrap::A256Kw => both(shared(32)),
    }
}

fn ends_of(key: &PrivateKey) -> (Recipient, Opener) {
    (
        Recipient::Public(key.public().clone()),
        Opener::Private(key.clone()),
    )
}

fn both(key: SharedKey) -> (Recipient, Opener) {
    (Recipient::Shared(key.clone()), Opener::Shared(key))
}
