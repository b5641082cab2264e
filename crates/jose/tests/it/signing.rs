//! Signatures: each algorithm, pinned by the caller.

use crate::keys::{self, checking, signing};
use jose::{Algorithm, Error, Jws, Key, TOKEN_CAP, sign};
use proptest::prelude::*;

#[test]
fn each_algorithm_accepts_its_own_signature_only() {
    for algorithm in Algorithm::ALL {
        let token = sign(&signing(algorithm), br#"{"sub":"ann"}"#).unwrap();
        let jws = Jws::parse(&token, TOKEN_CAP).unwrap();
        for other in Algorithm::ALL {
            let checked = jws
                .verify(&checking(other))
                .map(|c| c.text("sub").unwrap().unwrap().to_owned());
            let want = if other == algorithm {
                Ok("ann".to_owned())
            } else {
                Err(Error::Algorithm)
            };
            assert_eq!(checked, want, "{} under {}", algorithm.name(), other.name());
        }
        assert_eq!(Algorithm::find(algorithm.name()), Some(algorithm));
    }
    assert_eq!(Algorithm::find("none"), None);
    assert_eq!(Algorithm::find("rs256"), None);
}

#[test]
fn a_public_key_as_hmac_secret_opens_nothing() {
    let pem = keys::RSA.public().pem().unwrap();
    let forger = Key::hmac(Algorithm::Hs256, pem.as_bytes()).unwrap();
    let token = sign(&forger, br#"{"sub":"ann"}"#).unwrap();
    let jws = Jws::parse(&token, TOKEN_CAP).unwrap();
    assert_eq!(
        jws.verify(&checking(Algorithm::Rs256)),
        Err(Error::Algorithm)
    );
}

#[test]
fn a_checking_key_cannot_sign() {
    for algorithm in Algorithm::ALL.into_iter().filter(|a| !a.is_hmac()) {
        assert_eq!(sign(&checking(algorithm), b"{}"), Err(Error::Key));
    }
}

#[test]
fn each_signature_of_another_key_is_refused() {
    for algorithm in Algorithm::ALL {
        let key = match keys::pair(algorithm) {
            None => Key::hmac(algorithm, b"another secret").unwrap(),
            Some(pair) => {
                let other = jose::PrivateKey::generate(pair.public().kind()).unwrap();
                Key::signing(algorithm, &other).unwrap()
            }
        };
        let token = sign(&key, b"{}").unwrap();
        let jws = Jws::parse(&token, TOKEN_CAP).unwrap();
        assert_eq!(
            jws.verify(&checking(algorithm)),
            Err(Error::Signature),
            "{}",
            algorithm.name()
        );
    }
}

fn accepted(token: &[u8], key: &Key) -> bool {
    let Ok(text) = std::str::from_utf8(token) else {
        return false;
    };
    Jws::parse(text, TOKEN_CAP).is_ok_and(|jws| jws.verify(key).is_ok())
}

#[test]
fn each_bit_flipped_in_a_token_is_refused() {
    for algorithm in Algorithm::ALL {
        let key = checking(algorithm);
        let token = sign(&signing(algorithm), br#"{"sub":"ann","n":1}"#)
            .unwrap()
            .into_bytes();
        assert!(accepted(&token, &key));
        for bit in 0..token.len() * 8 {
            let mut changed = token.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!accepted(&changed, &key), "{} bit {bit}", algorithm.name());
        }
    }
}

#[test]
fn odd_spellings_of_base64url_are_refused() {
    for algorithm in Algorithm::ALL {
        let key = checking(algorithm);
        // payloads of three lengths, so that each number of left-over bits occurs
        for claims in [r#"{"a":1}"#, r#"{"a":12}"#, r#"{"a":123}"#] {
            let token = sign(&signing(algorithm), claims.as_bytes()).unwrap();
            for odd in odd_spellings(&token) {
                assert!(
                    !accepted(odd.as_bytes(), &key),
                    "{}: {odd}",
                    algorithm.name()
                );
            }
        }
    }
}

/// Each part with padding, white space, the other alphabet, a cut or added letter, and other bits behind its last byte.
pub fn odd_spellings(token: &str) -> Vec<String> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let parts: Vec<&str> = token.split('.').collect();
    let mut odd = vec![
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{token}."),
    ];
    for (at, part) in parts.iter().enumerate() {
        let mut add = |changed: String| {
            let mut parts: Vec<String> = parts.iter().map(|p| (*p).to_owned()).collect();
            parts[at] = changed;
            odd.push(parts.join("."));
        };
        for end in ["=", "==", " ", "\n", "\r\n", "\t", "A", "\0"] {
            add(format!("{part}{end}"));
        }
        if part.is_empty() {
            continue;
        }
        add(format!("{}\n{}", &part[..1], &part[1..]));
        add(part[..part.len() - 1].to_owned());
        let last = LETTERS.find(&part[part.len() - 1..]).unwrap();
        let spare = match part.len() % 4 {
            2 => 16,
            3 => 4,
            _ => 1,
        };
        for bits in 1..spare {
            let other = &LETTERS[last + bits..=last + bits];
            add(format!("{}{other}", &part[..part.len() - 1]));
        }
        if let Some(found) = part.find(['-', '_']) {
            let mut changed = (*part).to_owned();
            changed.replace_range(
                found..=found,
                if &part[found..=found] == "-" {
                    "+"
                } else {
                    "/"
                },
            );
            add(changed);
        }
    }
    odd
}

proptest! {
    #[test]
    fn any_two_bits_flipped_are_refused(a in 0usize..4000, b in 0usize..4000, at in 0usize..10) {
        let algorithm = Algorithm::ALL[at];
        let mut token = sign(&signing(algorithm), br#"{"sub":"somebody"}"#).unwrap().into_bytes();
        let bits = token.len() * 8;
        prop_assume!(a % bits != b % bits);
        for bit in [a % bits, b % bits] {
            token[bit / 8] ^= 1 << (bit % 8);
        }
        prop_assert!(!accepted(&token, &checking(algorithm)));
    }
}
