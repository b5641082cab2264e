//! `enc`: authenticated encryption of the content (RFC 7518 section 5).

use crate::Error;
use crate::hmac::{Hash, Hmac, Tag};
use openssl::error::ErrorStack;
use openssl::memcmp;
use openssl::symm::{Cipher, decrypt, decrypt_aead, encrypt, encrypt_aead};

/// How the content is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// AES-128 in CBC mode with HMAC SHA-256.
    A128CbcHs256,
    /// AES-256 in CBC mode with HMAC SHA-512.
    A256CbcHs512,
    /// AES-128 in Galois/Counter mode.
    A128Gcm,
    /// AES-256 in Galois/Counter mode.
    A256Gcm,
}

impl Content {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::A128CbcHs256,
        Self::A256CbcHs512,
        Self::A128Gcm,
        Self::A256Gcm,
    ];

    /// The `enc` of the header.
    pub fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// Finds one by its exact name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }

    /// Length of the content key in bytes.
    pub fn key_bytes(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A128CbcHs256 | Self::A256Gcm => 32,
            Self::A256CbcHs512 => 64,
        }
    }

    pub(super) fn iv_bytes(self) -> usize {
        match self {
            Self::A128CbcHs256 | Self::A256CbcHs512 => 16,
            Self::A128Gcm | Self::A256Gcm => 12,
        }
    }

    pub(super) fn tag_bytes(self) -> usize {
        match self {
            Self::A256CbcHs512 => 32,
            _ => 16,
        }
    }

    /// Whether a ciphertext can have this length.
    pub(super) fn takes(self, length: usize) -> bool {
        match self {
            Self::A128CbcHs256 | Self::A256CbcHs512 => length > 0 && length.is_multiple_of(16),
            Self::A128Gcm | Self::A256Gcm => true,
        }
    }

    /// The hash of the CBC modes, none for the Galois ones.
    fn hash(self) -> Option<Hash> {
        match self {
            Self::A128CbcHs256 => Some(Hash::Sha256),
            Self::A256CbcHs512 => Some(Hash::Sha512),
            Self::A128Gcm | Self::A256Gcm => None,
        }
    }

    fn cipher(self) -> Cipher {
        match self {
            Self::A128CbcHs256 => Cipher::aes_128_cbc(),
            Self::A256CbcHs512 => Cipher::aes_256_cbc(),
            Self::A128Gcm => Cipher::aes_128_gcm(),
            Self::A256Gcm => Cipher::aes_256_gcm(),
        }
    }

    /// Checks the tag, then decrypts.
    pub(super) fn open(
        self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let plain = match self.hash() {
            None => decrypt_aead(self.cipher(), cek, Some(iv), aad, ciphertext, tag),
            Some(hash) => {
                let (mac, key) = cek.split_at(cek.len() / 2);
                let made = code(hash, mac, aad, iv, ciphertext);
                let made = &made[..self.tag_bytes()];
                if made.len() != tag.len() || !memcmp::eq(made, tag) {
                    return Err(Error::Decryption);
                }
                decrypt(self.cipher(), key, Some(iv), ciphertext)
            }
        };
        plain.map_err(|_| Error::Decryption)
    }

    /// Encrypts; ciphertext and tag.
    pub(super) fn seal(
        self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        plain: &[u8],
    ) -> Result<(Vec<u8>, Vec<u8>), ErrorStack> {
        match self.hash() {
            None => {
                let mut tag = vec![0; self.tag_bytes()];
                let sealed = encrypt_aead(self.cipher(), cek, Some(iv), aad, plain, &mut tag)?;
                Ok((sealed, tag))
            }
            Some(hash) => {
                let (mac, key) = cek.split_at(cek.len() / 2);
                let sealed = encrypt(self.cipher(), key, Some(iv), plain)?;
                let made = code(hash, mac, aad, iv, &sealed);
                let tag = made[..self.tag_bytes()].to_vec();
                Ok((sealed, tag))
            }
        }
    }
}

/// The code over everything that the CBC modes protect, the bits of the associated data at its end.
fn code(hash: Hash, key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> Tag {
    let bits = (aad.len() as u64 * 8).to_be_bytes();
    Hmac::new(hash, key).tag(&[aad, iv, ciphertext, &bits])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pair = |p: &[u8]| u8::from_str_radix(std::str::from_utf8(p).expect("text"), 16);
        digits.chunks(2).map(|p| pair(p).expect("digits")).collect()
    }

    /// RFC 7518 appendix B.1 and B.3: the same text and header, their tags and the ends of their ciphertexts.
    #[test]
    fn the_cbc_examples_of_rfc_7518_come_out() {
        let text = b"A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience";
        let aad = b"The second principle of Auguste Kerckhoffs";
        let iv = hex("1af38c2dc2b96ffdd86694092341bc04");
        for (content, tag, start) in [
            (
                Content::A128CbcHs256,
                "652c3fa36b0a7c5b3219fab3a30bc1c4",
                "c80edfa32ddf39d5ef00c0b468834279",
            ),
            (
                Content::A256CbcHs512,
                "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5",
                "4affaaadb78c31c5da4b1b590d10ffbd",
            ),
        ] {
            let key: Vec<u8> = (0..content.key_bytes()).map(|i| i as u8).collect();
            let (sealed, made) = content.seal(&key, &iv, aad, text).expect("seal");
            assert_eq!(made, hex(tag), "{}", content.name());
            assert_eq!(sealed[..16], hex(start), "{}", content.name());
            assert_eq!(
                content.open(&key, &iv, aad, &sealed, &made).expect("open"),
                text
            );
        }
    }

    #[test]
    fn a_changed_tag_is_refused_before_the_padding_is_looked_at() {
        let content = Content::A128CbcHs256;
        let (key, iv) = ([1; 32], [2; 16]);
        let (mut sealed, tag) = content
            .seal(&key, &iv, b"h", b"some content")
            .expect("seal");
        *sealed.last_mut().expect("byte") ^= 1;
        assert_eq!(
            content.open(&key, &iv, b"h", &sealed, &tag),
            Err(Error::Decryption)
        );
    }
}
