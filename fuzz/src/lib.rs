//! What the fuzz targets share: fixed keys, so that a text found by one run is judged alike by the next, and the first texts.

use jose::{
    Accept, Algorithm, Content, Key, Opener, PrivateKey, PublicKey, Recipient, SharedKey, Wrap,
    seal, sign,
};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// The only plaintext that was ever sealed for the keys here.
pub const PLAIN: &[u8] = br#"{"sub":"ann"}"#;
/// Longest text that is looked at.
pub const CAP: usize = 8 * 1024;
/// Everything that the crate can open.
pub const ALL: Accept = Accept {
    wraps: &Wrap::ALL,
    contents: &Content::ALL,
    jwt: false,
};

/// The example key of RFC 7517 appendix A.2.
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#;

/// The key of the signed tokens.
pub static SECRET: LazyLock<Key> = LazyLock::new(|| {
    Key::hmac(Algorithm::Hs256, b"the secret of the fuzz targets").expect("not empty")
});
/// The key pair of the encrypted ones.
pub static PAIR: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::read(P256).expect("the key of the RFC"));

/// The tokens that are signed with [`SECRET`].
pub static TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let claims: [&[u8]; 3] = [
        PLAIN,
        b"{}",
        br#"{"a":{"b":[1,2.5,null]},"exp":1764000000}"#,
    ];
    let make = |claims: &[u8]| sign(&SECRET, claims).expect("an HMAC key signs");
    claims.into_iter().map(make).collect()
});

fn shared(length: u8) -> SharedKey {
    let bytes: Vec<u8> = (0..length).collect();
    SharedKey::new(&bytes).expect("a good length")
}

/// The keys that [`sealed`] texts open with.
pub static OPENERS: LazyLock<Vec<Opener>> = LazyLock::new(|| {
    let mut all: Vec<Opener> = [16, 32, 64].map(shared).map(Opener::Shared).into();
    all.push(Opener::Private(PAIR.clone()));
    all
});

/// Encrypted texts to begin with, compact or flattened JSON.
pub fn sealed(json_form: bool) -> Vec<String> {
    let mut texts = Vec::new();
    for content in Content::ALL {
        let length = u8::try_from(content.key_bytes()).expect("at most 64");
        for (wrap, to) in [
            (Wrap::Dir, Recipient::Shared(shared(length))),
            (Wrap::A256Kw, Recipient::Shared(shared(32))),
            (Wrap::EcdhEsA256Kw, Recipient::Public(PAIR.public().clone())),
        ] {
            let extra = Map::from_iter([
                ("kid".to_owned(), json!("k")),
                ("cty".to_owned(), json!("JWT")),
            ]);
            let sealed = seal(&to, wrap, content, &extra, PLAIN).expect("the keys fit");
            texts.push(if json_form {
                sealed.json()
            } else {
                sealed.compact()
            });
        }
    }
    texts
}

/// Keys to begin with.
pub fn keys() -> Vec<String> {
    let public = PAIR.public();
    let jwk = Value::Object(public.jwk()).to_string();
    let pem = public.pem().expect("pem");
    let private = PAIR.pem().expect("pem");
    vec![P256.to_owned(), jwk, pem, private.expose().to_owned()]
}

/// Opens a text with each key: what opens at all holds the one plaintext that was sealed.
pub fn open_with_each(jwe: &jose::Jwe<'_>) {
    for key in OPENERS.iter() {
        if let Ok(plain) = jwe.open(key) {
            assert_eq!(plain, PLAIN, "opened what nobody has sealed");
        }
    }
}

/// Holds a public key against itself, written and read again.
pub fn write_and_read(key: &PublicKey) {
    let pem = PublicKey::read_unchecked(&key.pem().expect("pem")).expect("our own PEM");
    let jwk =
        PublicKey::read_unchecked(&Value::Object(key.jwk()).to_string()).expect("our own JWK");
    assert_eq!(pem.thumbprint(), key.thumbprint());
    assert_eq!(jwk.thumbprint(), key.thumbprint());
}
