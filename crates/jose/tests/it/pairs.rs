//! Encryption: each pair of wrap and content.

use crate::keys::{self, ends, shared};
use crate::signing::odd_spellings;
use jose::{Accept, Content, Error, Jwe, KeyError, Opener, Recipient, Wrap, seal};
use proptest::prelude::*;
use serde_json::{Map, json};

/// Everything that the crate can open.
pub const ALL: Accept = Accept {
    wraps: &Wrap::ALL,
    contents: &Content::ALL,
    jwt: false,
};
const CAP: usize = 1 << 20;

pub fn each() -> impl Iterator<Item = (Wrap, Content)> {
    Wrap::ALL
        .into_iter()
        .flat_map(|w| Content::ALL.into_iter().map(move |c| (w, c)))
}

fn open(text: &[u8], key: &Opener) -> Result<Vec<u8>, Error> {
    Jwe::read(text, CAP, &ALL)?.open(key)
}

#[test]
fn each_pair_opens_what_it_sealed_in_both_forms() {
    for (wrap, content) in each() {
        let (to, key) = ends(wrap, content);
        for plain in [&b""[..], b"x", b"sixteen bytes ..", &[7; 5000]] {
            let mut extra = Map::new();
            extra.insert("kid".into(), json!("k1"));
            extra.insert("other".into(), json!({"unknown": [1, 2]}));
            let sealed = seal(&to, wrap, content, &extra, plain).unwrap();
            for text in [sealed.compact(), sealed.json()] {
                let jwe = Jwe::read(text.as_bytes(), CAP, &ALL).unwrap();
                assert_eq!(
                    (jwe.wrap(), jwe.content(), jwe.kid()),
                    (wrap, content, Some("k1"))
                );
                let name = format!("{} {}", wrap.name(), content.name());
                assert_eq!(jwe.open(&key).as_deref(), Ok(plain), "{name}");
            }
        }
    }
}

#[test]
fn two_sealings_share_no_part_but_the_header() {
    for (wrap, content) in each() {
        let (to, _) = ends(wrap, content);
        let make = || {
            seal(&to, wrap, content, &Map::new(), b"the same text")
                .unwrap()
                .compact()
        };
        let (one, two) = (make(), make());
        for (at, (a, b)) in one.split('.').zip(two.split('.')).enumerate().skip(1) {
            assert!(
                a != b || (at == 1 && wrap == Wrap::Dir),
                "{} part {at}",
                wrap.name()
            );
        }
    }
}

#[test]
fn each_bit_flipped_in_an_encrypted_text_is_refused() {
    for (wrap, content) in each() {
        let (to, key) = ends(wrap, content);
        let sealed = seal(&to, wrap, content, &Map::new(), b"some text").unwrap();
        // RSA is slow: every seventh bit there, so that each position in a byte has its turn
        let rsa = matches!(wrap, Wrap::RsaOaep | Wrap::RsaOaep256 | Wrap::Rsa1_5);
        let step = if rsa { 7 } else { 1 };
        for text in [sealed.compact(), sealed.json()] {
            assert!(open(text.as_bytes(), &key).is_ok());
            for bit in (0..text.len() * 8).step_by(step) {
                let mut changed = text.clone().into_bytes();
                changed[bit / 8] ^= 1 << (bit % 8);
                let name = format!("{} {} bit {bit}", wrap.name(), content.name());
                assert!(open(&changed, &key).is_err(), "{name}");
            }
        }
    }
}

#[test]
fn odd_spellings_of_an_encrypted_text_are_refused() {
    for (wrap, content) in each() {
        let (to, key) = ends(wrap, content);
        for plain in ["a", "ab", "abc"] {
            let text = seal(&to, wrap, content, &Map::new(), plain.as_bytes())
                .unwrap()
                .compact();
            for odd in odd_spellings(&text) {
                assert!(
                    open(odd.as_bytes(), &key).is_err(),
                    "{} {}: {odd}",
                    wrap.name(),
                    content.name()
                );
            }
        }
    }
}

#[test]
fn keys_of_another_sort_or_size_are_refused() {
    for (wrap, content) in each() {
        let (to, key) = ends(wrap, content);
        let text = seal(&to, wrap, content, &Map::new(), b"some text")
            .unwrap()
            .compact();
        let others = [
            Opener::Private(keys::RSA.clone()),
            Opener::Private(keys::P256.clone()),
            Opener::Private(keys::P384.clone()),
            Opener::Private(keys::ED25519.clone()),
            Opener::Shared(shared(16)),
            Opener::Shared(shared(32)),
            Opener::Shared(shared(64)),
        ];
        let opened = others
            .iter()
            .filter(|k| open(text.as_bytes(), k).is_ok())
            .count();
        assert_eq!(opened, 1, "{} {}", wrap.name(), content.name());
        assert!(open(text.as_bytes(), &key).is_ok());
        for other in &others {
            if let Err(error) = open(text.as_bytes(), other) {
                assert_eq!(error, Error::Decryption);
            }
        }
        let sealed = |to: &Recipient| seal(to, wrap, content, &Map::new(), b"").err();
        let wrong = match &to {
            Recipient::Public(_) => sealed(&Recipient::Shared(shared(32))),
            Recipient::Shared(_) => sealed(&Recipient::Public(keys::P256.public().clone())),
        };
        assert!(matches!(wrong, Some(KeyError::Unfit { .. })));
    }
    let short = Recipient::Shared(shared(16));
    for content in [
        Content::A128CbcHs256,
        Content::A256CbcHs512,
        Content::A256Gcm,
    ] {
        assert!(seal(&short, Wrap::Dir, content, &Map::new(), b"").is_err());
        assert!(seal(&short, Wrap::A256Kw, content, &Map::new(), b"").is_err());
    }
}

proptest! {
    #[test]
    fn any_change_to_the_parts_is_refused(at in 0usize..24, part in 0usize..5, byte in 0usize..10_000, with in 1u8..=255) {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
        let (wrap, content) = each().nth(at).unwrap();
        let (to, key) = ends(wrap, content);
        let text = seal(&to, wrap, content, &Map::new(), b"some text").unwrap().compact();
        let mut parts: Vec<Vec<u8>> = text.split('.').map(|p| B64.decode(p).unwrap()).collect();
        prop_assume!(!parts[part].is_empty());
        let byte = byte % parts[part].len();
        parts[part][byte] ^= with;
        let text: Vec<String> = parts.iter().map(|p| B64.encode(p)).collect();
        prop_assert!(open(text.join(".").as_bytes(), &key).is_err());
    }

    #[test]
    fn any_text_is_answered_without_a_panic(text in "\\PC{0,300}|[A-Za-z0-9._-]{0,400}|\\{\"[a-z_\":{},.A-Z0-9]{0,200}") {
        let key = Opener::Private(keys::P256.clone());
        let _ = open(text.as_bytes(), &key);
    }
}
