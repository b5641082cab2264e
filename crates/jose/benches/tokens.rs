//! Tokens and payloads against the bare OpenSSL operations, in one run. Run with `cargo bench -p jose --bench tokens`.
//!
//! Each table measures its rows in turn, round by round, so that a busy machine touches all alike; figures are medians.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use jose::{
    Accept, Algorithm, Content, Jwe, Jws, Key, Kind, Opener, PrivateKey, Recipient, SharedKey,
    TOKEN_CAP, Wrap, seal, sign,
};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Padding;
use openssl::sign::Verifier;
use serde_json::Map;
use std::hint::black_box;
use std::time::Instant;

const CLAIMS: &str = r#"{"appId":"cs-7b0f0a52-9e3c-5d11-8a43-0f1e2d3c4b5a","sub":"ann@example.com","iat":1764000000,"exp":1764003600,"jti":"0b6c8f3e-2f0a-4f0e-9a61-6f0c6c1f9a77"}"#;

type Row<'a> = (String, Box<dyn FnMut() + 'a>);

/// Median microseconds of each row.
fn measure(rows: &mut [Row<'_>], rounds: usize) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(rounds); rows.len()];
    for round in 0..rounds + rounds / 10 {
        for at in 0..rows.len() {
            // each round begins with another row: what comes first, or falls on a chore of OpenSSL, is each in its turn
            let at = (at + round) % rows.len();
            let start = Instant::now();
            rows[at].1();
            let took = start.elapsed();
            // the first tenth warms up
            if round >= rounds / 10 {
                times[at].push(took.as_secs_f64() * 1e6);
            }
        }
    }
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    times.into_iter().map(median).collect()
}

fn main() {
    let rsa = PrivateKey::generate(Kind::Rsa { bits: 3072 }).expect("key");
    let small = PrivateKey::generate(Kind::Rsa { bits: 2048 }).expect("key");
    let p256 = PrivateKey::generate(Kind::P256).expect("key");
    let p384 = PrivateKey::generate(Kind::P384).expect("key");
    let ed = PrivateKey::generate(Kind::Ed25519).expect("key");
    signatures(&small, &p256, &p384, &ed);
    opening(&rsa, &small, &p256);
    sealing(&rsa, &p256);
    refusals(&rsa, Wrap::RsaOaep256);
    refusals(&rsa, Wrap::Rsa1_5);
}

fn public(key: &PrivateKey) -> PKey<Public> {
    let pem = key.public().pem().expect("pem");
    PKey::public_key_from_pem(pem.as_bytes()).expect("key")
}

fn private(key: &PrivateKey) -> PKey<Private> {
    let pem = key.pem().expect("pem");
    PKey::private_key_from_pem(pem.expose().as_bytes()).expect("key")
}

fn signatures(rsa: &PrivateKey, p256: &PrivateKey, p384: &PrivateKey, ed: &PrivateKey) {
    println!(
        "\n## Checking a token of {} bytes of claims\n",
        CLAIMS.len()
    );
    println!(
        "| algorithm | take apart and check µs | OpenSSL's operation alone µs | difference µs |"
    );
    println!("|---|---|---|---|");
    for algorithm in Algorithm::ALL {
        let pair = match algorithm {
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => None,
            Algorithm::Es256 => Some(p256),
            Algorithm::Es384 => Some(p384),
            Algorithm::EdDsa => Some(ed),
            _ => Some(rsa),
        };
        let (signing, checking) = match pair {
            None => {
                let make = || Key::hmac(algorithm, &[b'x'; 88]).expect("key");
                (make(), make())
            }
            Some(pair) => (
                Key::signing(algorithm, pair).expect("key"),
                Key::checking(algorithm, pair.public()).expect("key"),
            ),
        };
        let token = sign(&signing, CLAIMS.as_bytes()).expect("token");
        let ours: Row<'_> = (
            "ours".into(),
            Box::new(|| {
                let jws = Jws::parse(&token, TOKEN_CAP).expect("parse");
                black_box(jws.verify(&checking).expect("verify"));
            }),
        );
        let mut rows = vec![ours];
        let raw = pair.and_then(|pair| raw_check(algorithm, pair, &token));
        rows.extend(raw.map(|raw| ("raw".to_owned(), raw)));
        let times = measure(&mut rows, if pair.is_none() { 20_000 } else { 2000 });
        let name = algorithm.name();
        match times.get(1) {
            Some(raw) => println!(
                "| {name} | {:.1} | {raw:.1} | {:.1} |",
                times[0],
                times[0] - raw
            ),
            None => println!("| {name} | {:.2} | – | – |", times[0]),
        }
    }
}

/// OpenSSL's own check of the same signature, everything decoded beforehand.
fn raw_check(algorithm: Algorithm, pair: &PrivateKey, token: &str) -> Option<Box<dyn FnMut()>> {
    let (digest, half) = match algorithm {
        Algorithm::Rs256 => (Some(MessageDigest::sha256()), None),
        Algorithm::Rs384 => (Some(MessageDigest::sha384()), None),
        Algorithm::Rs512 => (Some(MessageDigest::sha512()), None),
        Algorithm::Es256 => (Some(MessageDigest::sha256()), Some(32)),
        Algorithm::Es384 => (Some(MessageDigest::sha384()), Some(48)),
        Algorithm::EdDsa => (None, None),
        _ => return None,
    };
    let key = public(pair);
    let (input, signature) = token.rsplit_once('.')?;
    let input = input.as_bytes().to_vec();
    let mut signature = B64.decode(signature).ok()?;
    if let Some(half) = half {
        let number = |bytes: &[u8]| openssl::bn::BigNum::from_slice(bytes).expect("number");
        let pair = EcdsaSig::from_private_components(
            number(&signature[..half]),
            number(&signature[half..]),
        );
        signature = pair.and_then(|p| p.to_der()).ok()?;
    }
    Some(Box::new(move || {
        let mut verifier = match digest {
            Some(digest) => Verifier::new(digest, &key),
            None => Verifier::new_without_digest(&key),
        }
        .expect("verifier");
        assert!(verifier.verify_oneshot(&signature, &input).expect("verify"));
    }))
}

fn opening(rsa: &PrivateKey, small: &PrivateKey, p256: &PrivateKey) {
    let signing = Key::hmac(Algorithm::Hs256, &[b'x'; 44]).expect("key");
    let token = sign(&signing, CLAIMS.as_bytes()).expect("token");
    println!("\n## Opening an encrypted token (A256GCM around HS256)\n");
    println!("| key | take apart and open µs | OpenSSL's private operation alone µs | ratio |");
    println!("|---|---|---|---|");
    for (name, key, wrap) in [
        ("RSA-OAEP, RSA 2048", small, Wrap::RsaOaep),
        ("RSA-OAEP-256, RSA 2048", small, Wrap::RsaOaep256),
        ("RSA-OAEP, RSA 3072", rsa, Wrap::RsaOaep),
        ("RSA-OAEP-256, RSA 3072", rsa, Wrap::RsaOaep256),
        ("ECDH-ES+A256KW, P-256", p256, Wrap::EcdhEsA256Kw),
    ] {
        let to = Recipient::Public(key.public().clone());
        let text = seal(&to, wrap, Content::A256Gcm, &Map::new(), token.as_bytes()).expect("seal");
        let text = text.compact();
        let opener = Opener::Private(key.clone());
        let raw = private(key);
        let sent = B64
            .decode(text.split('.').nth(1).expect("part"))
            .expect("base64");
        let other = PrivateKey::generate(Kind::P256).expect("key");
        let peer = public(&other);
        let mut rows: Vec<Row<'_>> = vec![
            (
                "ours".into(),
                Box::new(|| {
                    let jwe = Jwe::parse(&text, TOKEN_CAP, &Accept::TOKEN).expect("parse");
                    black_box(jwe.open(&opener).expect("open"));
                }),
            ),
            (
                "raw".into(),
                Box::new(|| match raw.rsa() {
                    Ok(rsa) => {
                        let mut plain = vec![0; rsa.size() as usize];
                        rsa.private_decrypt(&sent, &mut plain, Padding::NONE)
                            .expect("decrypt");
                        black_box(plain);
                    }
                    Err(_) => {
                        let mut deriver = openssl::derive::Deriver::new(&raw).expect("deriver");
                        deriver.set_peer(&peer).expect("peer");
                        black_box(deriver.derive_to_vec().expect("secret"));
                    }
                }),
            ),
        ];
        let times = measure(&mut rows, 1000);
        println!(
            "| {name} | {:.1} | {:.1} | {:.2} |",
            times[0],
            times[1],
            times[0] / times[1]
        );
    }
}

fn sealing(rsa: &PrivateKey, p256: &PrivateKey) {
    let plain = "An answer of some length, as a list of sessions has it. ".repeat(1830);
    println!(
        "\n## Sealing an answer of {} bytes as flattened JSON, A256GCM\n",
        plain.len()
    );
    println!("| alg | µs |\n|---|---|");
    let shared = SharedKey::new(&(0..32).collect::<Vec<u8>>()).expect("key");
    let mut rows: Vec<Row<'_>> = [
        (Wrap::RsaOaep256, Recipient::Public(rsa.public().clone())),
        (Wrap::EcdhEsA256Kw, Recipient::Public(p256.public().clone())),
        (Wrap::A256Kw, Recipient::Shared(shared)),
    ]
    .into_iter()
    .map(|(wrap, to)| -> Row<'_> {
        let plain = plain.as_bytes();
        let run = move || {
            let sealed = seal(&to, wrap, Content::A256Gcm, &Map::new(), plain).expect("seal");
            black_box(sealed.json());
        };
        (wrap.name().to_owned(), Box::new(run))
    })
    .collect();
    let times = measure(&mut rows, 2000);
    for (row, time) in rows.iter().zip(times) {
        println!("| {} | {time:.0} |", row.0);
    }
}

/// How long each way of failing takes. Nothing in the times may tell what was wrong with the encrypted key.
fn refusals(key: &PrivateKey, wrap: Wrap) {
    let to = Recipient::Public(key.public().clone());
    let make = |to: &Recipient| {
        let text = seal(to, wrap, Content::A256Gcm, &Map::new(), CLAIMS.as_bytes()).expect("seal");
        text.compact()
            .split('.')
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let good = make(&to);
    let with = |part: usize, change: &dyn Fn(&mut Vec<u8>)| {
        let mut parts = good.clone();
        let mut bytes = B64.decode(&parts[part]).expect("base64");
        change(&mut bytes);
        parts[part] = B64.encode(bytes);
        parts.join(".")
    };
    let other = PrivateKey::generate(key.public().kind()).expect("key");
    let foreign = make(&Recipient::Public(other.public().clone()));
    let mut swapped = good.clone();
    swapped[1] = make(&to)[1].clone();
    let short = {
        let raw = public(key).rsa().expect("rsa");
        let padding = if wrap == Wrap::Rsa1_5 {
            Padding::PKCS1
        } else {
            Padding::PKCS1_OAEP
        };
        let mut sent = vec![0; raw.size() as usize];
        raw.public_encrypt(&[1; 16], &mut sent, padding)
            .expect("encrypt");
        with(1, &|b| b.clone_from(&sent))
    };
    let cases = [
        ("tag changed", with(4, &|b| b[0] ^= 1)),
        ("content changed", with(3, &|b| b[0] ^= 1)),
        ("encrypted key changed", with(1, &|b| b[200] ^= 1)),
        ("encrypted key of another token", swapped.join(".")),
        ("content key too short", short),
        ("made for another key", foreign.join(".")),
        (
            "encrypted key above the modulus",
            with(1, &|b| b.fill(0xff)),
        ),
        ("encrypted key of one byte", with(1, &|b| b.truncate(1))),
    ];
    let accept = Accept {
        wraps: &Wrap::ALL,
        ..Accept::TOKEN
    };
    let opener = Opener::Private(key.clone());
    let mut rows: Vec<Row<'_>> = cases
        .iter()
        .map(|(name, text)| -> Row<'_> {
            let run = || {
                let jwe = Jwe::parse(text, TOKEN_CAP, &accept).expect("parse");
                assert!(black_box(jwe.open(&opener)).is_err());
            };
            ((*name).to_owned(), Box::new(run))
        })
        .collect();
    println!(
        "\n## Refusing a token, {}, RSA 3072, A256GCM\n",
        wrap.name()
    );
    println!("| what is wrong | µs |\n|---|---|");
    let times = measure(&mut rows, 2000);
    for (row, time) in rows.iter().zip(&times) {
        println!("| {} | {time:.1} |", row.0);
    }
    let least = times.iter().copied().fold(f64::INFINITY, f64::min);
    let most = times.iter().copied().fold(0.0, f64::max);
    println!("\nSlowest to fastest: {:.3}", most / least);
}
