//! Tokens and payloads that go to and come from foreign libraries: jwcrypto and PyJWT in Python, `jose` in Node.
//! `scripts/setup.sh test` installs them; without them a test prints that it was skipped.

use crate::keys::{self, SECRET, checking, ends, pair, shared, signing};
use crate::pairs::{ALL, each};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use jose::{Algorithm, Content, Jwe, Jws, PrivateKey, TOKEN_CAP, Wrap, seal, sign};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CLAIMS: &str = r#"{"sub":"ann","appId":"cs-1","n":[1,2.5,null],"text":"grüße"}"#;
/// The libraries, and whether they know encryption.
const LIBRARIES: [(&str, bool); 3] = [("jwcrypto", true), ("pyjwt", false), ("npm", true)];

/// Lets a library do some tasks, in one process.
fn ask(library: &str, mut tasks: Vec<Value>) -> Option<Vec<Value>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers");
    let (program, script) = if library == "npm" {
        if !folder.join("node_modules/jose").is_dir() {
            println!("skipped: npm jose is not installed, run scripts/setup.sh test");
            return None;
        }
        (PathBuf::from("node"), "peer.mjs")
    } else {
        let python = folder.join("../../../../.venv/bin/python");
        if !python.exists() {
            println!("skipped: .venv is missing, run scripts/setup.sh test");
            return None;
        }
        (python, "peer.py")
    };
    for task in &mut tasks {
        task["with"] = json!(library);
    }
    let mut child = Command::new(program)
        .arg(folder.join(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = serde_json::to_vec(&tasks).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), tasks.len());
    Some(answers)
}

fn oct(bytes: &[u8]) -> Value {
    json!({"kty": "oct", "k": B64.encode(bytes)})
}

fn private_jwk(key: &PrivateKey) -> Value {
    serde_json::from_str(key.jwk().unwrap().expose()).unwrap()
}

#[test]
fn signatures_of_ours_are_accepted_by_each_library() {
    for (library, _) in LIBRARIES {
        let tasks = Algorithm::ALL.map(|algorithm| {
            let token = sign(&signing(algorithm), CLAIMS.as_bytes()).unwrap();
            let (key, pem) = match pair(algorithm) {
                None => (oct(SECRET.as_bytes()), None),
                Some(key) => (
                    Value::Object(key.public().jwk()),
                    Some(key.public().pem().unwrap()),
                ),
            };
            json!({"do": "verify", "alg": algorithm.name(), "text": token, "key": key, "pem": pem})
        });
        let Some(answers) = ask(library, tasks.into()) else {
            continue;
        };
        for (algorithm, answer) in Algorithm::ALL.into_iter().zip(answers) {
            let claims: Option<Value> = answer.as_str().and_then(|a| serde_json::from_str(a).ok());
            let want: Value = serde_json::from_str(CLAIMS).unwrap();
            assert_eq!(
                claims,
                Some(want),
                "{library} {}: {answer}",
                algorithm.name()
            );
        }
    }
}

#[test]
fn signatures_of_each_library_are_accepted() {
    for (library, _) in LIBRARIES {
        let tasks = Algorithm::ALL.map(|algorithm| {
            let (key, pem) = match pair(algorithm) {
                None => (oct(SECRET.as_bytes()), None),
                Some(key) => (private_jwk(key), Some(key.pem().unwrap().expose().to_owned())),
            };
            json!({"do": "sign", "alg": algorithm.name(), "payload": CLAIMS, "key": key, "pem": pem})
        });
        let Some(answers) = ask(library, tasks.into()) else {
            continue;
        };
        for (algorithm, answer) in Algorithm::ALL.into_iter().zip(answers) {
            let name = format!("{library} {}: {answer}", algorithm.name());
            let token = answer.as_str().unwrap_or_else(|| panic!("{name}"));
            let jws = Jws::parse(token, TOKEN_CAP).unwrap();
            let claims = jws
                .verify(&checking(algorithm))
                .unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(
                Value::Object(claims.0.clone()),
                serde_json::from_str::<Value>(CLAIMS).unwrap()
            );
            assert!(
                jws.verify(&checking(Algorithm::Hs256)).is_err() || algorithm == Algorithm::Hs256
            );
        }
    }
}

/// The pairs that a library knows: npm jose has left RSA1_5 out for good.
fn known(library: &str) -> impl Iterator<Item = (Wrap, Content)> {
    each().filter(move |(wrap, _)| library != "npm" || *wrap != Wrap::Rsa1_5)
}

fn jwk_of(wrap: Wrap, content: Content, private: bool) -> Value {
    let key = match wrap {
        Wrap::Dir => {
            return oct(&(0..content.key_bytes())
                .map(|i| (i * 5 + 3) as u8)
                .collect::<Vec<_>>());
        }
        Wrap::A256Kw => return oct(&(0..32).map(|i| i * 5 + 3).collect::<Vec<u8>>()),
        Wrap::EcdhEsA256Kw => &*keys::P256,
        _ => &*keys::RSA,
    };
    if private {
        private_jwk(key)
    } else {
        Value::Object(key.public().jwk())
    }
}

#[test]
fn each_pair_of_ours_is_opened_by_each_library() {
    for (library, _) in LIBRARIES.into_iter().filter(|l| l.1) {
        let mut tasks = Vec::new();
        for (wrap, content) in known(library) {
            let sealed = seal(
                &ends(wrap, content).0,
                wrap,
                content,
                &Map::new(),
                CLAIMS.as_bytes(),
            )
            .unwrap();
            for text in [sealed.compact(), sealed.json()] {
                let key = jwk_of(wrap, content, true);
                tasks.push(json!({"do": "decrypt", "alg": wrap.name(), "enc": content.name(), "text": text, "key": key}));
            }
        }
        let Some(answers) = ask(library, tasks.clone()) else {
            continue;
        };
        for (task, answer) in tasks.iter().zip(answers) {
            assert_eq!(
                answer,
                json!(CLAIMS),
                "{library} {} {}",
                task["alg"],
                task["enc"]
            );
        }
    }
}

#[test]
fn each_pair_of_each_library_is_opened() {
    for (library, _) in LIBRARIES.into_iter().filter(|l| l.1) {
        let mut tasks = Vec::new();
        let mut pairs = Vec::new();
        for (wrap, content) in known(library) {
            for form in ["compact", "json"] {
                let key = jwk_of(wrap, content, false);
                tasks.push(
                    json!({"do": "encrypt", "alg": wrap.name(), "enc": content.name(), "form": form,
                    "payload": CLAIMS, "key": key}),
                );
                pairs.push((wrap, content, form));
            }
        }
        let Some(answers) = ask(library, tasks) else {
            continue;
        };
        for ((wrap, content, form), answer) in pairs.into_iter().zip(answers) {
            let name = format!(
                "{library} {} {} {form}: {answer}",
                wrap.name(),
                content.name()
            );
            let text = answer.as_str().unwrap_or_else(|| panic!("{name}"));
            assert_eq!(text.starts_with('{'), form == "json", "{name}");
            let jwe =
                Jwe::read(text.as_bytes(), 10_000, &ALL).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(
                (jwe.wrap(), jwe.content(), jwe.kid()),
                (wrap, content, Some("peer"))
            );
            let opened = jwe
                .open(&ends(wrap, content).1)
                .unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(opened, CLAIMS.as_bytes(), "{name}");
        }
    }
}

#[test]
fn thumbprints_are_those_of_each_library() {
    let all = [&*keys::RSA, &*keys::P256, &*keys::P384, &*keys::ED25519];
    for (library, _) in LIBRARIES.into_iter().filter(|l| l.1) {
        let tasks = all.map(|key| json!({"do": "thumbprint", "key": key.public().jwk()}));
        let Some(answers) = ask(library, tasks.into()) else {
            continue;
        };
        for (key, answer) in all.iter().zip(answers) {
            assert_eq!(answer, json!(key.public().thumbprint()), "{library}");
        }
    }
    assert_ne!(shared(32).name(), shared(64).name());
}
