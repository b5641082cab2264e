//! The examples of RFC 7515, 7516, 7517, 7520, 7638 and 8037, in `rfc.json`. Those of RFC 7518 and 3394 stand beside the code.

use crate::pairs::ALL;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use jose::{Accept, Algorithm, Jwe, Jws, Key, Opener, PrivateKey, PublicKey, SharedKey, TOKEN_CAP};
use serde_json::Value;
use std::sync::LazyLock;

static RFC: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("rfc.json")).unwrap());

fn examples(kind: &str) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let list = RFC[kind].as_array().unwrap();
    list.iter().map(|e| (text(e, "source"), e))
}

fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of[member].as_str().unwrap()
}

/// The bytes of a symmetric key.
fn oct(key: &Value) -> Option<Vec<u8>> {
    key["k"].as_str().map(|k| B64.decode(k).unwrap())
}

#[test]
fn signatures_of_the_rfcs_are_accepted() {
    for (source, example) in examples("signatures") {
        let algorithm = Algorithm::find(text(example, "alg")).unwrap();
        let (signing, checking) = match oct(&example["key"]) {
            Some(secret) => (
                Key::hmac(algorithm, &secret).unwrap(),
                Key::hmac(algorithm, &secret).unwrap(),
            ),
            None => {
                let key = PrivateKey::read(&example["key"].to_string()).unwrap();
                (
                    Key::signing(algorithm, &key).unwrap(),
                    Key::checking(algorithm, key.public()).unwrap(),
                )
            }
        };
        let token = text(example, "token");
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = B64.decode(signature).unwrap();
        assert_eq!(
            checking.verify(input.as_bytes(), &signature),
            Ok(()),
            "{source}"
        );
        let made = signing.sign(input.as_bytes()).unwrap();
        match algorithm {
            Algorithm::Es256 => assert_eq!(checking.verify(input.as_bytes(), &made), Ok(())),
            _ => assert_eq!(made, signature, "{source}"),
        }
        // the payloads of RFC 7520 and 8037 are prose, which is no token
        let parsed = Jws::parse(token, TOKEN_CAP).and_then(|j| j.verify(&checking).cloned());
        assert_eq!(parsed.is_ok(), source.starts_with("RFC 7515"), "{source}");
    }
}

#[test]
fn encrypted_texts_of_the_rfcs_are_opened() {
    for (source, example) in examples("encrypted") {
        let key = match oct(&example["key"]) {
            Some(bytes) => Opener::Shared(SharedKey::new(&bytes).unwrap()),
            None => Opener::Private(PrivateKey::read(&example["key"].to_string()).unwrap()),
        };
        let jwe = Jwe::read(text(example, "text").as_bytes(), 16_000, &ALL).unwrap();
        let opened = jwe.open(&key).unwrap_or_else(|e| panic!("{source}: {e}"));
        assert_eq!(
            String::from_utf8(opened).unwrap(),
            text(example, "plain"),
            "{source}"
        );
    }
}

#[test]
fn what_the_rfcs_show_beyond_our_rules_is_refused() {
    for (source, example) in examples("refused") {
        let read = Jwe::read(text(example, "text").as_bytes(), 16_000, &ALL);
        assert!(read.is_err(), "{source}");
    }
    // RFC 7515 A.5: a token without a signature
    let token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
    let jws = Jws::parse(token, TOKEN_CAP).unwrap();
    for algorithm in Algorithm::ALL {
        assert!(jws.verify(&crate::keys::checking(algorithm)).is_err());
    }
    // the old wrap of RFC 7516 A.2 needs the server's permission
    let (_, old) = examples("encrypted")
        .find(|e| e.0 == "RFC 7516 A.2")
        .unwrap();
    let allowed = |accept| Jwe::read(text(old, "text").as_bytes(), 16_000, &accept).is_ok();
    assert!(allowed(Accept::TOKEN_WITH_RSA1_5) && !allowed(Accept::TOKEN));
}

#[test]
fn thumbprints_of_the_rfcs_come_out() {
    for (source, example) in examples("thumbprints") {
        let key = PublicKey::read(&example["key"].to_string()).unwrap();
        assert_eq!(key.thumbprint(), text(example, "thumbprint"), "{source}");
    }
}

#[test]
fn keys_of_the_rfcs_are_read_and_written_again() {
    for (source, example) in examples("public") {
        let key = PublicKey::read(&example["key"].to_string()).unwrap();
        for (member, value) in key.jwk() {
            assert_eq!(value, example["key"][&member], "{source} {member}");
        }
        assert_eq!(
            PublicKey::read(&key.pem().unwrap()).unwrap().jwk(),
            key.jwk()
        );
    }
    for (source, example) in examples("private") {
        let jwk = &example["key"];
        assert!(
            PublicKey::read(&jwk.to_string()).is_err(),
            "{source} is private"
        );
        let key = PrivateKey::read(&jwk.to_string()).unwrap();
        let written: Value = serde_json::from_str(key.jwk().unwrap().expose()).unwrap();
        for (member, value) in written.as_object().unwrap() {
            assert_eq!(value, &jwk[member], "{source} {member}");
        }
        let pem = PrivateKey::read(key.pem().unwrap().expose()).unwrap();
        assert_eq!(
            pem.jwk().unwrap().expose(),
            key.jwk().unwrap().expose(),
            "{source}"
        );
    }
}

#[test]
fn the_certificate_of_rfc_7517_gives_its_key() {
    let jwk = &RFC["certificate"]["key"];
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\r\n");
    for line in jwk["x5c"][0].as_str().unwrap().as_bytes().chunks(64) {
        pem.push_str(std::str::from_utf8(line).unwrap());
        pem.push_str("\r\n");
    }
    pem.push_str("-----END CERTIFICATE-----\r\n");
    let key = PublicKey::read(&pem).unwrap();
    assert_eq!(key.jwk()["n"], jwk["n"]);
    assert_eq!(
        key.thumbprint(),
        PublicKey::read(&jwk.to_string()).unwrap().thumbprint()
    );
}
