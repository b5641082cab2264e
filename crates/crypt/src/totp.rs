//! Codes of authenticator apps (RFC 6238): six digits, a new one each 30 seconds, HMAC-SHA-1, as these apps expect.

use openssl::{hash::MessageDigest, pkey::PKey, sign::Signer};

/// Length of a step in milliseconds.
pub const STEP_MS: i64 = 30_000;
/// Bytes of a secret (RFC 4226 section 4).
pub const SECRET_BYTES: usize = 20;
/// Steps before and after the present one whose codes count too: clocks of telephones differ.
const DRIFT: i64 = 1;

/// The code of a step.
///
/// # Panics
/// When OpenSSL has no memory left.
pub fn code(secret: &[u8], step: i64) -> String {
    let key = PKey::hmac(secret).expect("any bytes are a key");
    let mut signer = Signer::new(MessageDigest::sha1(), &key).expect("HMAC-SHA-1 is always there");
    let mut mac = [0u8; 20];
    signer
        .sign_oneshot(&mut mac, &step.to_be_bytes())
        .expect("a MAC of 20 bytes fits");
    let at = usize::from(mac[19] & 15);
    let four = [mac[at] & 0x7f, mac[at + 1], mac[at + 2], mac[at + 3]];
    format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
}

/// The step whose code this is, of those around `now` (milliseconds UTC) that lie after `last`. A code that was used has no step any more.
pub fn step_of(secret: &[u8], given: &str, now: i64, last: i64) -> Option<i64> {
    let present = now.div_euclid(STEP_MS);
    let mut found = None;
    for step in present - DRIFT..=present + DRIFT {
        let fits = crate::same(code(secret, step).as_bytes(), given.as_bytes());
        if fits && step > last && found.is_none() {
            found = Some(step);
        }
    }
    found
}

/// Bytes in base32 without padding, as authenticator apps read secrets.
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(LETTERS[(held << (5 - bits) & 31) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, seconds * 1000 / STEP_MS), wanted, "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_around_its_time_and_once() {
        let step = 37_037_036;
        let now = step * STEP_MS + 5;
        let given = code(SECRET, step);
        assert_eq!(step_of(SECRET, &given, now, 0), Some(step));
        assert_eq!(step_of(SECRET, &given, now + STEP_MS, 0), Some(step));
        assert_eq!(step_of(SECRET, &given, now - STEP_MS, 0), Some(step));
        assert_eq!(step_of(SECRET, &given, now + 2 * STEP_MS, 0), None);
        assert_eq!(step_of(SECRET, &given, now, step), None);
        assert_eq!(step_of(SECRET, &code(SECRET, step - 1), now, step), None);
        assert_eq!(step_of(SECRET, "", now, 0), None);
        assert_eq!(step_of(b"another", &given, now, 0), None);
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (bytes, wanted) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), wanted);
        }
    }
}
