//! Keys as people upload them: what is read, what is refused, and what the refusal says.

use crate::keys;
use jose::{Algorithm, Key, KeyError, Kind, PrivateKey, PublicKey};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use serde_json::{Value, json};

fn spki(key: &PKey<Private>) -> String {
    String::from_utf8(key.public_key_to_pem().unwrap()).unwrap()
}

fn ec(nid: Nid) -> PKey<Private> {
    PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(nid).unwrap()).unwrap()).unwrap()
}

fn refused(text: &str) -> KeyError {
    PublicKey::read(text)
        .err()
        .unwrap_or_else(|| panic!("accepted: {text}"))
}

/// A JWK of ours with some members changed; null takes one away.
fn changed(key: &PublicKey, members: Value) -> String {
    let mut jwk = key.jwk();
    for (name, value) in members.as_object().unwrap() {
        if value.is_null() {
            jwk.remove(name);
        } else {
            jwk.insert(name.clone(), value.clone());
        }
    }
    Value::Object(jwk).to_string()
}

#[test]
fn each_kind_is_read_from_pem_and_jwk() {
    for (key, kind) in [
        (&*keys::RSA, "RSA 2048"),
        (&*keys::P256, "EC P-256"),
        (&*keys::P384, "EC P-384"),
        (&*keys::ED25519, "Ed25519"),
    ] {
        let public = key.public();
        let pem = public.pem().unwrap();
        let jwk = Value::Object(public.jwk()).to_string();
        let windows = format!(
            "\u{feff}Key of the shop\r\n{}\r\n",
            pem.replace('\n', "\r\n")
        );
        for text in [&pem, &jwk, &windows, &format!("  \n{jwk}\n")] {
            let read = PublicKey::read(text).unwrap();
            assert_eq!(read.kind().to_string(), kind);
            assert_eq!(read.thumbprint(), public.thumbprint());
            assert_eq!(PublicKey::read_unchecked(text).unwrap().jwk(), public.jwk());
        }
    }
}

#[test]
fn private_material_is_refused() {
    for key in [&*keys::RSA, &*keys::P256, &*keys::P384, &*keys::ED25519] {
        let public = key.public().pem().unwrap();
        let private = key.pem().unwrap();
        for text in [
            private.expose().to_owned(),
            key.jwk().unwrap().expose().to_owned(),
            format!("{public}{}", private.expose()),
            format!("{}{public}", private.expose()),
        ] {
            let error = refused(&text);
            assert_eq!(error, KeyError::Private);
            assert!(
                error
                    .to_string()
                    .contains("openssl pkey -in key.pem -pubout")
            );
        }
    }
    let rsa = Rsa::generate(2048).unwrap();
    let pkcs1 = String::from_utf8(rsa.private_key_to_pem().unwrap()).unwrap();
    assert_eq!(refused(&pkcs1), KeyError::Private);
    for member in ["d", "p", "k", "oth"] {
        let text = changed(keys::RSA.public(), json!({member: "AQAB"}));
        assert_eq!(refused(&text), KeyError::Private, "{member}");
    }
    assert_eq!(refused(r#"{"kty":"oct","k":"AAAA"}"#), KeyError::Private);
}

#[test]
fn sizes_out_of_bounds_are_refused() {
    for bits in [512, 1024, 2040] {
        let key = PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap();
        assert_eq!(refused(&spki(&key)), KeyError::Short(bits));
    }
    assert_eq!(
        PrivateKey::generate(Kind::Rsa { bits: 1024 }).err(),
        Some(KeyError::Short(1024))
    );
    assert_eq!(
        PrivateKey::generate(Kind::Rsa { bits: 9000 }).err(),
        Some(KeyError::Long(9000))
    );
    let mut huge = BigNum::new().unwrap();
    huge.set_bit(8192).unwrap();
    huge.set_bit(0).unwrap();
    let huge = Rsa::from_public_components(huge, BigNum::from_u32(65537).unwrap()).unwrap();
    let pem = String::from_utf8(huge.public_key_to_pem().unwrap()).unwrap();
    assert_eq!(refused(&pem), KeyError::Long(8193));
    assert_eq!(refused(&"x".repeat(20_000)), KeyError::TooLong);
    assert_eq!(refused(" \n"), KeyError::Empty);
}

#[test]
fn nonsense_in_an_rsa_key_is_refused() {
    let good = keys::RSA.public();
    let n = good.jwk()["n"].as_str().unwrap().to_owned();
    // a product of small primes that is long enough
    let mut product = BigNum::from_u32(3).unwrap();
    while product.num_bits() < 2048 {
        product.mul_word(4_294_967_291).unwrap();
    }
    let pem = |n: BigNum, e: u32| {
        let key = Rsa::from_public_components(n, BigNum::from_u32(e).unwrap()).unwrap();
        String::from_utf8(key.public_key_to_pem().unwrap()).unwrap()
    };
    assert!(matches!(refused(&pem(product, 65537)), KeyError::Unsafe(_)));
    for e in ["AQ", "Ag", "BA", "AAAA", "AQAAAAAAAAAB"] {
        let error = refused(&changed(good, json!({"e": e})));
        assert!(matches!(error, KeyError::Unsafe(_)), "{e}: {error}");
    }
    let even = format!("{}A", &n[..n.len() - 1]);
    let error = refused(&changed(good, json!({"n": even})));
    assert!(
        matches!(error, KeyError::Unsafe(_) | KeyError::Member("n")),
        "{error}"
    );
    for e in ["", "AQAB=", "AQ AB", "!"] {
        assert!(
            PublicKey::read(&changed(good, json!({"e": e}))).is_err(),
            "{e}"
        );
    }
}

#[test]
fn other_kinds_of_keys_are_named() {
    for (key, name) in [
        (ec(Nid::SECP521R1), "secp521r1"),
        (ec(Nid::SECP256K1), "secp256k1"),
        (PKey::generate_x25519().unwrap(), "X25519"),
        (PKey::generate_ed448().unwrap(), "ED448"),
    ] {
        let error = refused(&spki(&key)).to_string();
        assert!(error.contains(name) && error.contains("P-256"), "{error}");
    }
    let p256 = keys::P256.public();
    for (members, name) in [
        (json!({"crv": "P-521"}), "EC P-521"),
        (json!({"crv": "secp256k1"}), "EC secp256k1"),
        (json!({"kty": "OKP", "crv": "X25519"}), "X25519"),
        (json!({"kty": "AKP"}), "AKP"),
    ] {
        assert_eq!(
            refused(&changed(p256, members)),
            KeyError::Kind(name.to_owned())
        );
    }
}

#[test]
fn points_off_the_curve_are_refused() {
    let p256 = keys::P256.public();
    let x = p256.jwk()["x"].clone();
    assert!(matches!(
        refused(&changed(p256, json!({"y": x}))),
        KeyError::Unsafe(_)
    ));
    let zero = "A".repeat(43);
    assert!(matches!(
        refused(&changed(p256, json!({"x": zero, "y": zero}))),
        KeyError::Unsafe(_)
    ));
    assert_eq!(
        refused(&changed(p256, json!({"x": "AAAA"}))),
        KeyError::Member("x")
    );
    assert_eq!(
        refused(&changed(p256, json!({"y": null}))),
        KeyError::Member("y")
    );
    assert_eq!(
        refused(&changed(p256, json!({"y": 5}))),
        KeyError::Member("y")
    );
    let ed = keys::ED25519.public();
    assert!(matches!(
        refused(&changed(ed, json!({"x": zero}))),
        KeyError::Unsafe(_)
    ));
    let one = format!("AQ{}", "A".repeat(41));
    assert!(matches!(
        refused(&changed(ed, json!({"x": one}))),
        KeyError::Unsafe(_)
    ));
}

#[test]
fn an_explicit_curve_is_refused_or_taken_for_the_named_one() {
    let mut group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    group.set_asn1_flag(openssl::ec::Asn1Flag::EXPLICIT_CURVE);
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    if let Ok(read) = PublicKey::read(&spki(&key)) {
        let named = PublicKey::read(&read.pem().unwrap()).unwrap();
        assert_eq!(named.kind(), Kind::P256);
        assert!(
            read.pem().unwrap().len() < 200,
            "the curve's own numbers are left out"
        );
    }
}

#[test]
fn forms_that_are_not_read_are_explained() {
    let pem = keys::P256.public().pem().unwrap();
    let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    for (text, hint) in [
        (
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@here".to_owned(),
            "ssh-keygen -e -m pkcs8",
        ),
        (block("RSA PUBLIC KEY"), "openssl rsa -RSAPublicKey_in"),
        (block("CERTIFICATE REQUEST"), "openssl req"),
        (block("PUBLIC KEY"), "damaged"),
        (block("CERTIFICATE"), "damaged"),
        (block("PGP SIGNATURE"), "BEGIN PUBLIC KEY"),
        ("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE".to_owned(), "PEM"),
        (format!("{pem}{pem}"), "more than one"),
        (r#"{"keys":[]}"#.to_owned(), "JWK Set"),
        (r#"{"kty":"RSA","kty":"EC"}"#.to_owned(), "once"),
        ("{".to_owned(), "JSON"),
        ("{}".to_owned(), "kty"),
        (r#"{"kty":"RSA","n":"AQAB"}"#.to_owned(), "\"e\""),
    ] {
        let error = refused(&text).to_string();
        assert!(error.contains(hint), "{text}: {error}");
    }
}

#[test]
fn a_key_serves_its_own_algorithms_only() {
    for (key, fits, encrypts) in [
        (&*keys::RSA, &["RS256", "RS384", "RS512", "PS256"][..], true),
        (&*keys::P256, &["ES256"], true),
        (&*keys::P384, &["ES384"], false),
        (&*keys::ED25519, &["EdDSA"], false),
    ] {
        for algorithm in Algorithm::ALL {
            let made = Key::checking(algorithm, key.public());
            assert_eq!(
                made.is_ok(),
                fits.contains(&algorithm.name()),
                "{}",
                algorithm.name()
            );
            if let Err(error) = made {
                let error = error.to_string();
                assert!(
                    error.contains(algorithm.name()) && error.contains("needs"),
                    "{error}"
                );
            }
        }
        assert_eq!(key.public().fits_encryption().is_ok(), encrypts);
    }
    assert_eq!(
        Key::hmac(Algorithm::Rs256, b"secret").err(),
        Some(jose::Error::Key)
    );
    assert_eq!(
        Key::hmac(Algorithm::Hs256, b"").err(),
        Some(jose::Error::Key)
    );
}

#[test]
fn a_jwk_is_used_for_what_it_says() {
    let rsa = keys::RSA.public();
    for (members, signs, encrypts) in [
        (json!({"use": "sig"}), true, false),
        (json!({"use": "enc"}), false, true),
        (json!({"alg": "RS256"}), true, false),
        (json!({"alg": "RS512"}), false, false),
        (json!({"alg": "RSA-OAEP-256", "use": "enc"}), false, true),
        (json!({"kid": "k", "key_ops": ["verify"]}), true, true),
    ] {
        let key = PublicKey::read(&changed(rsa, members.clone())).unwrap();
        assert_eq!(key.fits(Algorithm::Rs256).is_ok(), signs, "{members}");
        assert_eq!(key.fits_encryption().is_ok(), encrypts, "{members}");
    }
    assert_eq!(
        refused(&changed(rsa, json!({"use": 1}))),
        KeyError::Member("use")
    );
}

#[test]
fn private_keys_are_read_again_and_mixed_up_ones_refused() {
    for (key, other) in [
        (&*keys::RSA, Kind::Rsa { bits: 2048 }),
        (&*keys::P256, Kind::P256),
        (&*keys::ED25519, Kind::Ed25519),
    ] {
        let other = PrivateKey::generate(other).unwrap();
        let jwk: Value = serde_json::from_str(key.jwk().unwrap().expose()).unwrap();
        let foreign: Value = serde_json::from_str(other.jwk().unwrap().expose()).unwrap();
        assert!(PrivateKey::read(&jwk.to_string()).is_ok());
        for member in jwk
            .as_object()
            .unwrap()
            .keys()
            .filter(|m| !["kty", "crv", "e"].contains(&m.as_str()))
        {
            let mut mixed = jwk.clone();
            mixed[member] = foreign[member].clone();
            assert!(PrivateKey::read(&mixed.to_string()).is_err(), "{member}");
            mixed.as_object_mut().unwrap().remove(member);
            assert!(
                PrivateKey::read(&mixed.to_string()).is_err(),
                "without {member}"
            );
        }
        assert_eq!(
            PrivateKey::read(&key.public().pem().unwrap()).err(),
            Some(KeyError::Public)
        );
        assert_eq!(
            PrivateKey::read(&Value::Object(key.public().jwk()).to_string()).err(),
            Some(KeyError::Public)
        );
    }
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    let locked = key
        .private_key_to_pem_pkcs8_passphrase(cipher, b"open sesame")
        .unwrap();
    assert_eq!(
        PrivateKey::read(std::str::from_utf8(&locked).unwrap()).err(),
        Some(KeyError::Locked)
    );
    let plain = String::from_utf8(key.rsa().unwrap().private_key_to_pem().unwrap()).unwrap();
    assert!(PrivateKey::read(&plain).is_ok());
    let sec1 = ec(Nid::X9_62_PRIME256V1)
        .ec_key()
        .unwrap()
        .private_key_to_pem()
        .unwrap();
    assert!(PrivateKey::read(std::str::from_utf8(&sec1).unwrap()).is_ok());
}

#[test]
fn a_private_pem_whose_halves_differ_is_refused() {
    // found by the fuzzer: one bit of the private half of the example of RFC 7517, the public half as it was
    let pem = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg870MB6gfuTJ4HuUn
UvYMyJpr5eUZNP4Bk43bVdj3eAGhRANCAAQwoEJM0hwpRIOKLXXJKzfnbqINnwCJ
OjtO7oo8Cq/sPuBLZekkVtmIi1Kzeb371R7oae8fD8ZbZllpW2zOCBcj
-----END PRIVATE KEY-----";
    assert_eq!(PrivateKey::read(pem).err(), Some(KeyError::Member("d")));
    assert!(PrivateKey::read(&pem.replace("HuUn", "HtUn")).is_ok());
}

#[test]
fn no_refusal_repeats_what_was_uploaded() {
    let secret = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ";
    for text in [
        format!("-----BEGIN PUBLIC KEY-----\n{secret}\n-----END PUBLIC KEY-----"),
        secret.to_owned(),
        format!(r#"{{"kty":"RSA","n":"{secret}","e":"{secret}"}}"#),
        format!(r#"{{"kty":"RSA","d":"{secret}"}}"#),
    ] {
        let error = format!("{0} {0:?}", refused(&text));
        assert!(!error.contains(&secret[..12]), "{error}");
    }
}
