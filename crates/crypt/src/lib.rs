//! Secrets at rest, password hashes and random secrets. Everything stands on OpenSSL and argon2.
//!
//! **Must not know**: the store, HTTP, what the sealed bytes mean.
//!
//! - [`MasterKey::open`] finds the installation's key; [`MasterKey::seal`] and [`MasterKey::open_sealed`] protect a value and bind it to its
//!   place ([`Place`]), so that a value moved to another row, kind or account does not open (DECISIONS section 4).
//! - [`password`] hashes and checks passwords. It costs tens of milliseconds of CPU: call it on a blocking thread.
//! - [`totp`] knows the codes of authenticator apps.
//! - [`webauthn`] checks what passkeys answer.
//! - [`random`] makes client secrets and one-time codes; [`same`] compares without telling how far two texts agree.

mod master;
pub mod password;
pub mod random;
mod seal;
pub mod totp;
pub mod webauthn;

pub use master::{KeyError, MasterKey, Opened};
pub use seal::{Place, SealError};

/// Compares two byte strings in a time that depends on their lengths only.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && openssl::memcmp::eq(a, b)
}

/// HMAC-SHA-256 of some bytes.
///
/// # Panics
/// When OpenSSL has no memory left.
pub fn mac(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    let key = openssl::pkey::PKey::hmac(key).expect("any bytes are a key");
    let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &key)
        .expect("HMAC-SHA-256 is always there");
    let mut out = [0; 32];
    signer
        .sign_oneshot(&mut out, bytes)
        .expect("a MAC of 32 bytes fits");
    out
}

/// SHA-256 of some bytes as 64 hex digits: digests of definitions, hashes of cookie values.
pub fn sha256_hex(bytes: &[u8]) -> String {
    openssl::sha::sha256(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            use std::fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    #[test]
    fn same_is_equality() {
        assert!(super::same(b"abc", b"abc"));
        assert!(!super::same(b"abc", b"abd"));
        assert!(!super::same(b"abc", b"ab"));
        assert!(super::same(b"", b""));
    }

    #[test]
    fn mac_is_the_known_one() {
        // RFC 4231, case 2
        let mac = super::mac(b"Jefe", b"what do ya want for nothing?");
        let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn derived_keys_differ_by_purpose_and_by_key() {
        let (one, two) = (super::MasterKey::generate(), super::MasterKey::generate());
        assert_eq!(one.derive("a"), one.derive("a"));
        assert_ne!(one.derive("a"), one.derive("b"));
        assert_ne!(one.derive("a"), two.derive("a"));
    }

    #[test]
    fn digest_is_the_known_one() {
        assert_eq!(
            super::sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
