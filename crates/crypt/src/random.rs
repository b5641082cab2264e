//! Random secrets from OpenSSL.

use base64::{Engine, engine::general_purpose::STANDARD};
use types::Secret;

/// Fills `out` with bytes fit for keys.
pub fn fill(out: &mut [u8]) {
    openssl::rand::rand_bytes(out).expect("the random generator has been seeded by the system");
}

/// `bytes` random bytes in base64: 32 for the secret of HS256 (44 characters), 64 for HS384 and HS512 (88).
pub fn secret(bytes: usize) -> Secret {
    let mut raw = vec![0u8; bytes];
    fill(&mut raw);
    Secret::new(STANDARD.encode(raw))
}

/// `bytes` random bytes as hex digits: cookie values, CSRF tokens.
pub fn hex(bytes: usize) -> String {
    let mut raw = vec![0u8; bytes];
    fill(&mut raw);
    raw.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A text of `length` characters that people can read and type (no 0, O, 1, I, L): first passwords, one-time codes.
/// Each character holds nearly 5 bits.
pub fn readable(length: usize) -> Secret {
    const LETTERS: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    let mut text = String::with_capacity(length);
    let mut byte = [0u8; 1];
    while text.len() < length {
        fill(&mut byte);
        // bytes from 248 on would make the first letters likelier
        if byte[0] < 248 {
            text.push(char::from(LETTERS[usize::from(byte[0]) % LETTERS.len()]));
        }
    }
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn secrets_have_the_documented_lengths() {
        assert_eq!(super::secret(32).expose().len(), 44);
        assert_eq!(super::secret(64).expose().len(), 88);
        assert_eq!(super::hex(16).len(), 32);
        assert_eq!(super::readable(20).expose().len(), 20);
    }

    #[test]
    fn no_two_are_alike() {
        assert_ne!(super::secret(32).expose(), super::secret(32).expose());
        assert_ne!(super::readable(20).expose(), super::readable(20).expose());
    }
}
