//! AES-256-GCM around a value, bound to its place.
//!
//! Layout: one byte 1 (version), 12 bytes nonce, the ciphertext, 16 bytes tag.

use crate::MasterKey;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};

const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;

/// Where a sealed value belongs. Only the same place opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// What it is, for instance `app_secret`.
    pub kind: &'a str,
    /// The account's id; empty for values of the installation.
    pub account: &'a str,
    /// Id of the row.
    pub row: &'a str,
}

/// The value does not open: changed, of another place, or of another key. Which of these is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value cannot be opened")]
pub struct SealError;

impl MasterKey {
    /// Seals a value for a place. The result is 29 bytes longer.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0u8; NONCE];
        crate::random::fill(&mut nonce);
        let mut tag = [0u8; TAG];
        let cipher = encrypt_aead(
            Cipher::aes_256_gcm(),
            self.bytes(),
            Some(&nonce),
            &bound(place),
            plain,
            &mut tag,
        )
        .expect("AES-256-GCM takes any input with a key and a nonce of these lengths");
        let mut out = Vec::with_capacity(1 + NONCE + cipher.len() + TAG);
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&cipher);
        out.extend_from_slice(&tag);
        out
    }

    /// Opens what [`MasterKey::seal`] made for the same place.
    ///
    /// # Errors
    /// [`SealError`] for everything else.
    pub fn open_sealed(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let rest = sealed.strip_prefix(&[VERSION]).ok_or(SealError)?;
        let (nonce, rest) = rest.split_at_checked(NONCE).ok_or(SealError)?;
        let (cipher, tag) = rest
            .split_at_checked(rest.len().checked_sub(TAG).ok_or(SealError)?)
            .ok_or(SealError)?;
        decrypt_aead(
            Cipher::aes_256_gcm(),
            self.bytes(),
            Some(nonce),
            &bound(place),
            cipher,
            tag,
        )
        .map_err(|_| SealError)
    }
}

/// The place as bytes: each part with its length before it, so that no two places read the same.
fn bound(place: &Place<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for part in [place.kind, place.account, place.row] {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLACE: Place<'static> = Place {
        kind: "app_secret",
        account: "a",
        row: "cs-1",
    };

    #[test]
    fn another_place_or_key_does_not_open() {
        let key = MasterKey::generate();
        let sealed = key.seal(&PLACE, b"secret");
        for other in [
            Place {
                kind: "definition",
                ..PLACE
            },
            Place {
                account: "b",
                ..PLACE
            },
            Place {
                row: "cs-2",
                ..PLACE
            },
            Place {
                kind: "app_secreta",
                account: "",
                ..PLACE
            },
        ] {
            assert_eq!(
                key.open_sealed(&other, &sealed),
                Err(SealError),
                "{other:?}"
            );
        }
        assert_eq!(
            MasterKey::generate().open_sealed(&PLACE, &sealed),
            Err(SealError)
        );
        assert_eq!(
            key.open_sealed(&PLACE, &sealed).as_deref(),
            Ok(&b"secret"[..])
        );
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_noticed() {
        let key = MasterKey::generate();
        let sealed = key.seal(&PLACE, b"secret");
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert_eq!(key.open_sealed(&PLACE, &bad), Err(SealError), "byte {i}");
            assert_eq!(
                key.open_sealed(&PLACE, &sealed[..i]),
                Err(SealError),
                "cut at {i}"
            );
        }
    }

    #[test]
    fn the_same_value_never_looks_the_same() {
        let key = MasterKey::generate();
        assert_ne!(key.seal(&PLACE, b"secret"), key.seal(&PLACE, b"secret"));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(plain in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let key = MasterKey::generate();
            let sealed = key.seal(&PLACE, &plain);
            prop_assert_eq!(sealed.len(), plain.len() + 29);
            prop_assert_eq!(key.open_sealed(&PLACE, &sealed), Ok(plain));
        }

        #[test]
        fn foreign_bytes_never_open(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(MasterKey::generate().open_sealed(&PLACE, &bytes), Err(SealError));
        }
    }
}
