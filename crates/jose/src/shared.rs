//! A symmetric key that both sides hold.

use crate::KeyError;
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::zeroize::Zeroizing;

/// A symmetric key of 16, 32 or 64 bytes; wiped when dropped. It has no way to print itself.
#[derive(Clone)]
pub struct SharedKey(Zeroizing<Vec<u8>>);

impl SharedKey {
    /// Takes the bytes as they are.
    ///
    /// # Errors
    /// [`KeyError::Shared`] for any other length, and for bytes that are all the same.
    pub fn new(bytes: &[u8]) -> Result<Self, KeyError> {
        let varied = bytes.iter().any(|b| *b != bytes[0]);
        if !matches!(bytes.len(), 16 | 32 | 64) || !varied {
            return Err(KeyError::Shared);
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Reads the 32 bytes that a client supplies as base64 (DECISIONS section 3), either alphabet, white space around it ignored.
    ///
    /// # Errors
    /// [`KeyError::Shared`] for anything else.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let bytes = STANDARD
            .decode(text)
            .or_else(|_| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')));
        let bytes = Zeroizing::new(bytes.map_err(|_| KeyError::Shared)?);
        if bytes.len() == 32 {
            Self::new(&bytes)
        } else {
            Err(KeyError::Shared)
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Names the key without giving it away: the start of a hash, in base64url.
    pub fn name(&self) -> String {
        let mut named = Zeroizing::new(b"ombud shared key".to_vec());
        named.extend_from_slice(&self.0);
        crate::base::encode(&crate::fingerprint(&named)[..12])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_32_bytes_of_base64_are_read() {
        let bytes: Vec<u8> = (100..132).collect();
        let good = STANDARD.encode(&bytes);
        assert_eq!(
            SharedKey::read(&format!(" {good}\n")).expect("key").bytes(),
            bytes
        );
        assert!(SharedKey::read(&URL_SAFE_NO_PAD.encode(&bytes)).is_ok());
        for bad in [
            "",
            "a",
            "not base64!",
            &STANDARD.encode([7u8; 32]),
            &STANDARD.encode(&bytes[1..]),
        ] {
            assert_eq!(SharedKey::read(bad).err(), Some(KeyError::Shared), "{bad}");
        }
    }
}
