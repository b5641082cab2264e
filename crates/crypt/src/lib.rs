//! Secrets at rest, password hashes and random secrets. Everything stands on OpenSSL and argon2.
//!
//! **Must not know**: the store, HTTP, what the sealed bytes mean.
//!
//! - [`MasterKey::open`] finds the installation's key; [`MasterKey::seal`] and [`MasterKey::open_sealed`] protect a value and bind it to its
//!   place ([`Place`]), so that a value moved to another row, kind or account does not open (DECISIONS section 4).
//! - [`password`] hashes and checks passwords. It costs tens of milliseconds of CPU: call it on a blocking thread.
//! - [`random`] makes client secrets and one-time codes; [`same`] compares without telling how far two texts agree.

mod master;
pub mod password;
pub mod random;
mod seal;

pub use master::{KeyError, MasterKey, Opened};
pub use seal::{Place, SealError};

/// Compares two byte strings in a time that depends on their lengths only.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && openssl::memcmp::eq(a, b)
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
    fn digest_is_the_known_one() {
        assert_eq!(
            super::sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
