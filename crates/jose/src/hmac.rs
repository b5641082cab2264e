//! HMAC over OpenSSL's SHA-2. The two padded key blocks are hashed once a key, so that a short token costs two blocks less and no
//! look-up of an algorithm by name.

use openssl::sha::{Sha256, Sha384, Sha512, sha256, sha384, sha512};

/// The hash below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// A key with both its pads taken in.
#[derive(Clone)]
pub struct Hmac {
    inner: State,
    outer: State,
}

/// A finished code: at most 64 bytes.
pub struct Tag {
    bytes: [u8; 64],
    length: usize,
}

impl Tag {
    fn new(from: &[u8]) -> Self {
        let mut bytes = [0; 64];
        bytes[..from.len()].copy_from_slice(from);
        Self {
            bytes,
            length: from.len(),
        }
    }
}

impl std::ops::Deref for Tag {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

#[derive(Clone)]
enum State {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl State {
    fn new(hash: Hash) -> Self {
        match hash {
            Hash::Sha256 => Self::Sha256(Sha256::new()),
            Hash::Sha384 => Self::Sha384(Sha384::new()),
            Hash::Sha512 => Self::Sha512(Sha512::new()),
        }
    }
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(s) => s.update(bytes),
            Self::Sha384(s) => s.update(bytes),
            Self::Sha512(s) => s.update(bytes),
        }
    }
    fn finish(self) -> Tag {
        match self {
            Self::Sha256(s) => Tag::new(&s.finish()),
            Self::Sha384(s) => Tag::new(&s.finish()),
            Self::Sha512(s) => Tag::new(&s.finish()),
        }
    }
}

impl Hmac {
    pub fn new(hash: Hash, key: &[u8]) -> Self {
        let (width, short) = match hash {
            Hash::Sha256 => (64, (key.len() > 64).then(|| sha256(key).to_vec())),
            Hash::Sha384 => (128, (key.len() > 128).then(|| sha384(key).to_vec())),
            Hash::Sha512 => (128, (key.len() > 128).then(|| sha512(key).to_vec())),
        };
        let key = short.as_deref().unwrap_or(key);
        let state = |pad: u8| {
            let mut block = secrecy::zeroize::Zeroizing::new([pad; 128]);
            for (to, from) in block.iter_mut().zip(key) {
                *to ^= from;
            }
            let mut state = State::new(hash);
            state.update(&block[..width]);
            state
        };
        Self {
            inner: state(0x36),
            outer: state(0x5c),
        }
    }

    /// The code of all parts, one behind the other.
    pub fn tag(&self, parts: &[&[u8]]) -> Tag {
        let mut inner = self.inner.clone();
        for part in parts {
            inner.update(part);
        }
        let mut outer = self.outer.clone();
        outer.update(&inner.finish());
        outer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::{hash::MessageDigest, pkey::PKey, sign::Signer};

    #[test]
    fn codes_are_those_of_openssl_for_keys_shorter_and_longer_than_a_block() {
        for (hash, digest) in [
            (Hash::Sha256, MessageDigest::sha256()),
            (Hash::Sha384, MessageDigest::sha384()),
            (Hash::Sha512, MessageDigest::sha512()),
        ] {
            for size in [1, 20, 44, 63, 64, 65, 127, 128, 129, 300] {
                let key: Vec<u8> = (0..size).map(|i| (i * 7 + 1) as u8).collect();
                let pkey = PKey::hmac(&key).expect("key");
                let mut signer = Signer::new(digest, &pkey).expect("signer");
                let want = signer.sign_oneshot_to_vec(b"one two three").expect("sign");
                let made = Hmac::new(hash, &key).tag(&[b"one ", b"", b"two three"]);
                assert_eq!(*made, want[..], "{hash:?} with {size} bytes");
            }
        }
    }
}
