//! Encrypted texts that are refused before any key is touched, and those whose refusal must not tell why.

use crate::keys;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use jose::{Accept, Content, Error, Jwe, Opener, PublicKey, Recipient, Wrap, seal};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::symm::{Cipher, encrypt_aead};
use serde_json::{Map, Value, json};

/// A token with this header, made with the right keys, so that nothing but the header can be wrong.
fn with_header(header: &str) -> String {
    with_parts(header, &[1; 16], Cipher::aes_128_gcm(), Wrap::RsaOaep)
}

fn with_parts(header: &str, cek: &[u8], cipher: Cipher, wrap: Wrap) -> String {
    let header = B64.encode(header);
    let sent = rsa_encrypt(cek, wrap);
    let mut tag = [0; 16];
    let sealed = encrypt_aead(
        cipher,
        cek,
        Some(&[2; 12]),
        header.as_bytes(),
        b"text",
        &mut tag,
    )
    .unwrap();
    let parts = [sent, vec![2; 12], sealed, tag.to_vec()].map(|p| B64.encode(p));
    format!("{header}.{}", parts.join("."))
}

fn rsa_encrypt(plain: &[u8], wrap: Wrap) -> Vec<u8> {
    let key =
        openssl::pkey::PKey::public_key_from_pem(keys::RSA.public().pem().unwrap().as_bytes())
            .unwrap();
    let mut ctx = PkeyCtx::new(&key).unwrap();
    ctx.encrypt_init().unwrap();
    ctx.set_rsa_padding(match wrap {
        Wrap::Rsa1_5 => Padding::PKCS1,
        Wrap::Dir => Padding::NONE,
        _ => Padding::PKCS1_OAEP,
    })
    .unwrap();
    let mut sent = Vec::new();
    ctx.encrypt_to_vec(plain, &mut sent).unwrap();
    sent
}

fn opened(text: &str, accept: Accept) -> Result<Vec<u8>, Error> {
    Jwe::read(text.as_bytes(), 16_000, &accept)?.open(&Opener::Private(keys::RSA.clone()))
}

#[test]
fn headers_are_taken_or_refused_by_the_rules() {
    let rest = r#""alg":"RSA-OAEP","enc":"A128GCM""#;
    for (members, want) in [
        ("", None),
        (r#","kid":"k","typ":"JWT","cty":"JWT""#, None),
        (r#","typ":"jwt""#, None),
        (
            r#","unknown":{"a":[1]},"jku":"https://evil.example","x5u":1,"p2c":99999999"#,
            None,
        ),
        (r#","typ":"JWE""#, Some(Error::Header)),
        (r#","cty":"text/plain""#, Some(Error::Header)),
        (r#","typ":1"#, Some(Error::Header)),
        (r#","kid":1"#, Some(Error::Header)),
        (r#","crit":["exp"],"exp":1"#, Some(Error::Header)),
        (r#","crit":[]"#, Some(Error::Header)),
        (r#","zip":"DEF""#, Some(Error::Header)),
        (r#","zip":null"#, Some(Error::Header)),
        (r#","b64":true"#, Some(Error::Header)),
        (r#","alg":"RSA-OAEP""#, Some(Error::Header)),
        (r#","a":{"b":1,"b":1}"#, Some(Error::Header)),
    ] {
        let text = with_header(&format!("{{{rest}{members}}}"));
        assert_eq!(opened(&text, Accept::TOKEN).err(), want, "{members}");
    }
    for (header, want) in [
        ("[]", Error::Header),
        ("", Error::Header),
        (r#"{"alg":"RSA-OAEP"}"#, Error::Header),
        (r#"{"enc":"A128GCM"}"#, Error::Header),
        (r#"{"alg":1,"enc":"A128GCM"}"#, Error::Header),
        (r#"{"alg":"rsa-oaep","enc":"A128GCM"}"#, Error::Algorithm),
        (
            r#"{"alg":"RSA-OAEP-512","enc":"A128GCM"}"#,
            Error::Algorithm,
        ),
        (r#"{"alg":"none","enc":"A128GCM"}"#, Error::Algorithm),
        (r#"{"alg":"dir","enc":"A128GCM"}"#, Error::Algorithm),
        (r#"{"alg":"RSA1_5","enc":"A128GCM"}"#, Error::Algorithm),
        (r#"{"alg":"RSA-OAEP","enc":"A192GCM"}"#, Error::Algorithm),
        (r#"{"alg":"ECDH-ES+A256KW","enc":"A128GCM"}"#, Error::Header),
    ] {
        assert_eq!(
            opened(&with_header(header), Accept::TOKEN).err(),
            Some(want),
            "{header}"
        );
    }
    let long = format!(r#"{{{rest},"x":"{}"}}"#, "x".repeat(7000));
    assert_eq!(
        opened(&with_header(&long), Accept::TOKEN).err(),
        Some(Error::TooLong)
    );
}

#[test]
fn ephemeral_keys_that_are_no_point_of_p256_are_refused() {
    let to = Recipient::Public(keys::P256.public().clone());
    let good = seal(
        &to,
        Wrap::EcdhEsA256Kw,
        Content::A256Gcm,
        &Map::new(),
        b"text",
    )
    .unwrap()
    .compact();
    let (header, rest) = good.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&B64.decode(header).unwrap()).unwrap();
    let p384 = Value::Object(keys::P384.public().jwk());
    let zero = "A".repeat(43);
    for (member, value) in [
        ("epk", Value::Null),
        ("epk", json!("text")),
        ("epk", p384),
        (
            "epk",
            json!({"kty": "EC", "crv": "P-256", "x": zero, "y": zero}),
        ),
        (
            "epk",
            json!({"kty": "EC", "crv": "P-256", "x": header["epk"]["x"], "y": header["epk"]["x"]}),
        ),
        (
            "epk",
            json!({"kty": "EC", "crv": "P-256", "x": header["epk"]["x"]}),
        ),
        ("epk", json!({"kty": "OKP", "crv": "X25519", "x": zero})),
        ("apu", json!(1)),
        ("apv", json!("a=")),
    ] {
        let mut changed = header.clone();
        changed[member] = value;
        let text = format!("{}.{rest}", B64.encode(changed.to_string()));
        let error = Jwe::read(text.as_bytes(), 16_000, &Accept::PAYLOAD).err();
        assert_eq!(error, Some(Error::Header), "{changed}");
    }
}

#[test]
fn json_members_are_taken_or_refused_by_the_rules() {
    let (to, key) = keys::ends(Wrap::Dir, Content::A256Gcm);
    let text = seal(&to, Wrap::Dir, Content::A256Gcm, &Map::new(), b"text")
        .unwrap()
        .json();
    let good: Value = serde_json::from_str(&text).unwrap();
    let read = |text: &str| Jwe::read(text.as_bytes(), 16_000, &Accept::SHARED)?.open(&key);
    assert!(read(&text).is_ok());
    assert!(read(&format!(" \n{text}\n")).is_ok());
    for (member, value) in [("encrypted_key", json!("")), ("encrypted_key", Value::Null)] {
        let mut changed = good.clone();
        changed[member] = value;
        assert!(read(&changed.to_string()).is_ok(), "{changed}");
    }
    for (member, value) in [
        ("unprotected", json!({})),
        ("header", json!({"kid": "k"})),
        ("aad", json!("")),
        ("recipients", json!([])),
        ("other", json!(1)),
        ("encrypted_key", json!("AAAA")),
        ("iv", json!("")),
        ("tag", Value::Null),
        ("protected", json!("")),
        ("ciphertext", json!(["a"])),
    ] {
        let mut changed = good.clone();
        changed[member] = value;
        assert!(read(&changed.to_string()).is_err(), "{changed}");
    }
    for member in ["protected", "iv", "ciphertext", "tag"] {
        let mut changed = good.clone();
        changed.as_object_mut().unwrap().remove(member);
        assert!(read(&changed.to_string()).is_err(), "without {member}");
        let twice = format!(
            "{},{}:{}}}",
            &text[..text.len() - 1],
            json!(member),
            good[member]
        );
        assert!(read(&twice).is_err(), "{member} twice");
    }
    assert!(read(&format!("{text}{text}")).is_err());
    assert!(read(&format!("[{text}]")).is_err());
}

#[test]
fn lengths_are_checked_against_the_algorithms() {
    let (to, key) = keys::ends(Wrap::A256Kw, Content::A128CbcHs256);
    let seal = |wrap, content, to: &Recipient| {
        seal(to, wrap, content, &Map::new(), b"text")
            .unwrap()
            .compact()
    };
    let good = seal(Wrap::A256Kw, Content::A128CbcHs256, &to);
    let accept = Accept {
        wraps: &Wrap::ALL,
        ..Accept::TOKEN
    };
    for (part, lengths) in [
        (1, vec![0, 8, 39, 41, 48]),
        (2, vec![0, 12, 15, 17]),
        (3, vec![0, 15, 17]),
        (4, vec![0, 8, 15, 17, 32]),
    ] {
        for length in lengths {
            let mut parts: Vec<&str> = good.split('.').collect();
            let other = B64.encode(vec![7; length]);
            parts[part] = &other;
            let error = Jwe::parse(&parts.join("."), 16_000, &accept).err();
            assert_eq!(
                error,
                Some(Error::Malformed),
                "part {part} of {length} bytes"
            );
        }
    }
    assert!(
        Jwe::parse(&good, good.len(), &accept)
            .unwrap()
            .open(&key)
            .is_ok()
    );
    assert_eq!(
        Jwe::parse(&good, good.len() - 1, &accept).err(),
        Some(Error::TooLong)
    );
    assert_eq!(
        Jwe::read(&[b'a'; 17_000], 16_000, &accept).err(),
        Some(Error::TooLong)
    );
    assert_eq!(
        Jwe::read(b"\xff.\xff", 16_000, &accept).err(),
        Some(Error::Malformed)
    );
    for text in ["", ".", "....", "a.b.c.d.e", &format!("{good}.AAAA")] {
        assert!(Jwe::parse(text, 16_000, &accept).is_err(), "{text}");
    }
}

#[test]
fn each_failure_of_opening_is_the_same() {
    let header = |wrap: Wrap| format!(r#"{{"alg":"{}","enc":"A128GCM"}}"#, wrap.name());
    let accept = Accept::TOKEN_WITH_RSA1_5;
    for wrap in [Wrap::RsaOaep, Wrap::RsaOaep256, Wrap::Rsa1_5] {
        let modulus = B64
            .decode(keys::RSA.public().jwk()["n"].as_str().unwrap())
            .unwrap();
        let mut bad = vec![
            rsa_encrypt(&[1; 15], wrap),
            rsa_encrypt(&[1; 17], wrap),
            rsa_encrypt(&[1; 32], wrap),
            vec![0; 256],
            vec![0xff; 256],
            modulus,
            vec![1; 255],
            vec![1; 257],
            vec![1; 1],
        ];
        // a block that begins otherwise, has a zero too early, or none where it belongs
        for (at, byte) in [(0, 1), (1, 1), (2, 0), (100, 0), (256 - 17, 5)] {
            let mut block = vec![0x77; 256];
            (block[0], block[1], block[256 - 17]) = (0, 2, 0);
            block[at] = byte;
            bad.push(rsa_encrypt(&block, Wrap::Dir));
        }
        for sent in bad {
            let good = with_parts(&header(wrap), &[1; 16], Cipher::aes_128_gcm(), wrap);
            let mut parts: Vec<&str> = good.split('.').collect();
            let sent = B64.encode(sent);
            parts[1] = &sent;
            assert_eq!(
                opened(&parts.join("."), accept).err(),
                Some(Error::Decryption),
                "{}",
                wrap.name()
            );
        }
    }
    let good = with_parts(
        &header(Wrap::Rsa1_5),
        &[1; 16],
        Cipher::aes_128_gcm(),
        Wrap::Rsa1_5,
    );
    assert_eq!(opened(&good, accept).as_deref(), Ok(&b"text"[..]));
    // the key of this block is right and everything in front of it too
    let mut block = vec![0x77; 256];
    (block[0], block[1], block[256 - 17]) = (0, 2, 0);
    block[256 - 16..].copy_from_slice(&[1; 16]);
    let mut parts: Vec<&str> = good.split('.').collect();
    let sent = B64.encode(rsa_encrypt(&block, Wrap::Dir));
    parts[1] = &sent;
    assert_eq!(
        opened(&parts.join("."), accept).as_deref(),
        Ok(&b"text"[..])
    );
}

#[test]
fn parameters_that_seal_sets_cannot_be_given() {
    let (to, _) = keys::ends(Wrap::Dir, Content::A256Gcm);
    for name in ["alg", "enc", "epk", "zip", "crit"] {
        let extra = Map::from_iter([(name.to_owned(), json!("x"))]);
        assert!(
            seal(&to, Wrap::Dir, Content::A256Gcm, &extra, b"").is_err(),
            "{name}"
        );
    }
}

#[test]
fn what_each_door_accepts_is_what_the_rules_say() {
    let names = |accept: Accept| -> (Vec<&str>, Vec<&str>) {
        (
            accept.wraps.iter().map(|w| w.name()).collect(),
            accept.contents.iter().map(|c| c.name()).collect(),
        )
    };
    let all = ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"];
    assert_eq!(
        names(Accept::TOKEN),
        (
            vec!["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES+A256KW"],
            all.to_vec()
        )
    );
    assert_eq!(
        names(Accept::PAYLOAD),
        (vec!["RSA-OAEP-256", "ECDH-ES+A256KW"], vec!["A256GCM"])
    );
    assert_eq!(
        names(Accept::SHARED),
        (vec!["dir", "A256KW"], vec!["A256GCM"])
    );
    assert!(PublicKey::read("").is_err());
}
