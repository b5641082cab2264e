//! Algorithms, keys and encrypted tokens at the gate.

use crate::gate::{World, world};
use jose::{Algorithm, Content, Key, Kind, PrivateKey, Recipient, Wrap};
use serde_json::{Map, Value, json};
use service::{
    admin::{apps, keys, security, tokens},
    gate,
};
use types::{Secret, id::ClientId};

fn kind_of(algorithm: Algorithm) -> Kind {
    match algorithm {
        Algorithm::Es256 => Kind::P256,
        Algorithm::Es384 => Kind::P384,
        Algorithm::EdDsa => Kind::Ed25519,
        _ => Kind::Rsa { bits: 2048 },
    }
}

async fn add(
    w: &World,
    name: &str,
    algorithm: &str,
    public_key: Option<String>,
) -> types::Result<(ClientId, Secret)> {
    let new = apps::NewApp {
        name: name.into(),
        kind: "admin".into(),
        algorithm: algorithm.into(),
        public_key,
        ..Default::default()
    };
    let (view, secret) = apps::create(&w.ctx, &w.caller, new).await?;
    Ok((view.app.client_id, secret))
}

fn signed(key: &Key, client: &ClientId) -> String {
    let claims = json!({"appId": client, "sub": "ann"}).to_string();
    jose::sign(key, claims.as_bytes()).unwrap()
}

async fn passes(w: &World, token: &str) -> bool {
    match gate::verify(&w.ctx, Some(token), None).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code.unwrap().name, "invalid_credentials");
            false
        }
    }
}

#[tokio::test]
async fn every_algorithm_passes_with_its_own_key_and_no_other_algorithm_does() {
    let w = world(false).await;
    let mut made = Vec::new();
    for algorithm in Algorithm::ALL {
        let (key, public) = match algorithm.secret_bytes() {
            Some(_) => (None, None),
            None => {
                let key = PrivateKey::generate(kind_of(algorithm)).unwrap();
                let public = key.public().pem().unwrap();
                (Some(key), Some(public))
            }
        };
        let (client, secret) = add(&w, algorithm.name(), algorithm.name(), public)
            .await
            .unwrap();
        assert_eq!(
            secret.expose().len(),
            match algorithm.secret_bytes() {
                Some(32) => 44,
                Some(_) => 88,
                None => 0,
            }
        );
        let key = match &key {
            Some(key) => Key::signing(algorithm, key).unwrap(),
            None => Key::hmac(algorithm, secret.expose().as_bytes()).unwrap(),
        };
        made.push((client, key));
    }
    for (client, own) in &made {
        for (_, key) in &made {
            let same = key.algorithm() == own.algorithm();
            assert_eq!(
                passes(&w, &signed(key, client)).await,
                same,
                "{:?} {:?}",
                own.algorithm(),
                key.algorithm()
            );
        }
    }
}

#[tokio::test]
async fn a_public_key_is_no_secret_of_an_hmac() {
    let w = world(false).await;
    let key = PrivateKey::generate(Kind::Rsa { bits: 2048 }).unwrap();
    let pem = key.public().pem().unwrap();
    let (client, _) = add(&w, "rsa", "RS256", Some(pem.clone())).await.unwrap();
    let jwk = Value::Object(key.public().jwk()).to_string();
    for text in [pem.as_str(), pem.trim(), &jwk, ""] {
        let Ok(hmac) = Key::hmac(Algorithm::Hs256, text.as_bytes()) else {
            continue;
        };
        assert!(!passes(&w, &signed(&hmac, &client)).await);
    }
}

#[tokio::test]
async fn weak_private_and_unfit_keys_are_refused_by_field() {
    let w = world(false).await;
    let rsa = PrivateKey::generate(Kind::Rsa { bits: 2048 }).unwrap();
    let private = rsa.pem().unwrap().expose().to_owned();
    let public = rsa.public().pem().unwrap();
    for (algorithm, key, field) in [
        ("RS256", None, "publicKey"),
        ("RS256", Some(private), "publicKey"),
        ("ES256", Some(public.clone()), "publicKey"),
        ("HS256", Some(public.clone()), "publicKey"),
        ("RS256", Some("nonsense".into()), "publicKey"),
        ("RS1", Some(public.clone()), "algorithm"),
        ("none", None, "algorithm"),
        ("hs256", None, "algorithm"),
    ] {
        let error = add(&w, "x", algorithm, key).await.unwrap_err();
        assert_eq!(error.fields[0].field, field, "{algorithm}");
    }
    let patch = security::SecurityPatch {
        hardened: Some(true),
        ..Default::default()
    };
    security::set(&w.ctx, &w.caller, patch).await.unwrap();
    let error = add(&w, "x", "RS256", Some(public.clone()))
        .await
        .unwrap_err();
    assert_eq!(error.fields[0].field, "algorithm");
    add(&w, "x", "PS256", Some(public)).await.unwrap();
}

#[tokio::test]
async fn a_key_before_works_for_its_grace_and_a_longer_hash_makes_a_new_secret() {
    let w = world(false).await;
    let old = PrivateKey::generate(Kind::P256).unwrap();
    let new = PrivateKey::generate(Kind::P256).unwrap();
    let (client, _) = add(&w, "ec", "ES256", Some(old.public().pem().unwrap()))
        .await
        .unwrap();
    let token = |key| signed(&Key::signing(Algorithm::Es256, key).unwrap(), &client);
    let (first, second) = (token(&old), token(&new));
    let change = |key: &PrivateKey, grace_hours| apps::NewKey {
        public_key: Some(key.public().pem().unwrap()),
        grace_hours,
        ..Default::default()
    };
    let (_, secret) = apps::set_key(&w.ctx, &w.caller, &client, change(&new, 1))
        .await
        .unwrap();
    assert!(secret.is_none());
    assert!(passes(&w, &first).await && passes(&w, &second).await);
    apps::end_grace(&w.ctx, &w.caller, &client).await.unwrap();
    assert!(!passes(&w, &first).await && passes(&w, &second).await);
    apps::set_key(&w.ctx, &w.caller, &client, change(&old, 1))
        .await
        .unwrap();
    w.clock.advance(3_600_000);
    assert!(passes(&w, &first).await && !passes(&w, &second).await);
    let error = apps::set_key(&w.ctx, &w.caller, &client, change(&new, 73)).await;
    assert_eq!(error.unwrap_err().fields[0].field, "graceHours");
    let error = apps::rotate(&w.ctx, &w.caller, &client, 1)
        .await
        .unwrap_err();
    assert_eq!(error.kind, types::Kind::Conflict);

    let to = |name: &str| apps::NewKey {
        algorithm: Some(name.into()),
        grace_hours: 24,
        ..Default::default()
    };
    let before = w.token(json!({}));
    assert!(passes(&w, &before).await);
    let (_, secret) = apps::set_key(&w.ctx, &w.caller, &w.app, to("HS512"))
        .await
        .unwrap();
    let secret = secret.unwrap();
    assert_eq!(secret.expose().len(), 88);
    assert!(!passes(&w, &before).await, "the old algorithm has no grace");
    let key = Key::hmac(Algorithm::Hs512, secret.expose().as_bytes()).unwrap();
    assert!(passes(&w, &signed(&key, &w.app)).await);
    let (_, kept) = apps::set_key(&w.ctx, &w.caller, &w.app, to("HS256"))
        .await
        .unwrap();
    assert!(kept.is_none(), "a long secret serves a shorter hash");
    let key = Key::hmac(Algorithm::Hs256, secret.expose().as_bytes()).unwrap();
    assert!(passes(&w, &signed(&key, &w.app)).await);
}

/// Encrypts a token to the platform's key of a kind.
async fn encrypted(w: &World, wrap: Wrap, content: Content, inner: &str) -> String {
    let set = ctx_keys(w).await;
    let wanted = if wrap == Wrap::EcdhEsA256Kw {
        "EC"
    } else {
        "RSA"
    };
    let key = set.iter().find(|k| k["kty"] == wanted).unwrap();
    sealed(key, key["kid"].as_str().unwrap(), wrap, content, inner)
}

fn sealed(jwk: &Value, kid: &str, wrap: Wrap, content: Content, inner: &str) -> String {
    let public = json!({"kty": jwk["kty"], "n": jwk["n"], "e": jwk["e"], "crv": jwk["crv"], "x": jwk["x"], "y": jwk["y"]});
    let mut public = public.as_object().unwrap().clone();
    public.retain(|_, v| !v.is_null());
    let public = jose::PublicKey::read(&Value::Object(public).to_string()).unwrap();
    let mut header = Map::new();
    header.insert("kid".into(), json!(kid));
    header.insert("cty".into(), json!("JWT"));
    let made = jose::seal(
        &Recipient::Public(public),
        wrap,
        content,
        &header,
        inner.as_bytes(),
    );
    made.unwrap().compact()
}

async fn ctx_keys(w: &World) -> Vec<Value> {
    keys::ensure(&w.ctx).await.unwrap();
    let table = w.ctx.gate.table(&w.ctx).await.unwrap();
    let set: Value = serde_json::from_str(table.keys.set()).unwrap();
    set["keys"].as_array().unwrap().clone()
}

const WRAPS: [Wrap; 3] = [Wrap::RsaOaep, Wrap::RsaOaep256, Wrap::EcdhEsA256Kw];

#[tokio::test]
async fn an_encrypted_token_passes_with_every_pair_also_where_it_is_demanded() {
    let w = world(false).await;
    let patch = apps::AppPatch {
        enforce_jwe: Some(true),
        ..Default::default()
    };
    apps::set(&w.ctx, &w.caller, &w.app, patch).await.unwrap();
    let inner = w.token(json!({}));
    let error = gate::verify(&w.ctx, Some(&inner), None)
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(error.code.unwrap().name, "jwe_required");
    for wrap in WRAPS {
        for content in Content::ALL {
            let token = encrypted(&w, wrap, content, &inner).await;
            assert!(passes(&w, &token).await, "{wrap:?} {content:?}");
            assert!(passes(&w, &token).await, "from the cache");
        }
    }
    let token = encrypted(&w, Wrap::RsaOaep, Content::A128Gcm, &inner).await;
    gate::verify_channel(&w.ctx, Some(&token), Some(&w.bot), None)
        .await
        .unwrap();
}

#[tokio::test]
async fn whatever_is_wrong_with_an_encrypted_token_it_is_refused_alike() {
    let w = world(false).await;
    let set = ctx_keys(&w).await;
    let kid = set[0]["kid"].as_str().unwrap();
    let inner = w.token(json!({}));
    let (wrap, content) = (Wrap::RsaOaep256, Content::A256Gcm);
    let good = encrypted(&w, wrap, content, &inner).await;
    assert!(passes(&w, &good).await);
    let mut bad = vec![
        sealed(&set[0], "k-unknown", wrap, content, &inner),
        sealed(&set[0], kid, Wrap::Rsa1_5, content, &inner),
        sealed(&set[0], kid, wrap, content, "not a token"),
        sealed(&set[0], kid, wrap, content, &good),
        sealed(&set[0], kid, wrap, content, &w.signed("wrong", json!({}))),
        sealed(
            &set[0],
            set[1]["kid"].as_str().unwrap(),
            wrap,
            content,
            &inner,
        ),
        "a.b.c.d.e".to_owned(),
        "....".to_owned(),
    ];
    let parts: Vec<&str> = good.split('.').collect();
    for i in 0..5 {
        let mut changed: Vec<String> = parts.iter().map(|p| (*p).to_owned()).collect();
        let first = if changed[i].starts_with('A') {
            "B"
        } else {
            "A"
        };
        changed[i].replace_range(0..1, first);
        bad.push(changed.join("."));
    }
    for token in bad {
        let error = gate::verify(&w.ctx, Some(&token), Some("192.0.2.1".into()))
            .await
            .map(drop)
            .unwrap_err();
        assert_eq!(
            (error.code.unwrap().name, error.message.as_ref()),
            ("invalid_credentials", "Invalid SDK credentials")
        );
    }
}

#[tokio::test]
async fn an_address_that_sends_many_forged_tokens_waits_and_others_do_not() {
    let w = world(false).await;
    let set = ctx_keys(&w).await;
    let kid = set[0]["kid"].as_str().unwrap();
    let good = encrypted(
        &w,
        Wrap::RsaOaep,
        Content::A256Gcm,
        &w.token(json!({"a": 1})),
    )
    .await;
    let from = |address: &str| Some(address.to_owned());
    for _ in 0..50 {
        let error = gate::verify(&w.ctx, Some("a.b.c.d.e"), from("192.0.2.1"))
            .await
            .err();
        let name = error.unwrap().code.unwrap().name;
        assert_eq!(
            name, "invalid_credentials",
            "what costs nothing does not count"
        );
    }
    let mut last = None;
    for i in 0..31 {
        let token = sealed(
            &set[0],
            kid,
            Wrap::RsaOaep,
            Content::A256Gcm,
            &format!("forged {i}"),
        );
        last = gate::verify(&w.ctx, Some(&token), from("192.0.2.1"))
            .await
            .err();
    }
    let last = last.unwrap();
    assert_eq!(
        (last.code.unwrap().name, last.retry_after),
        ("rate_other", Some(60))
    );
    gate::verify(&w.ctx, Some(&good), from("192.0.2.2"))
        .await
        .unwrap();
    gate::verify(&w.ctx, Some(&good), from("192.0.2.1"))
        .await
        .expect("a token that was seen costs nothing");
    w.clock.advance(60_000);
    let other = encrypted(
        &w,
        Wrap::RsaOaep,
        Content::A256Gcm,
        &w.token(json!({"a": 2})),
    )
    .await;
    gate::verify(&w.ctx, Some(&other), from("192.0.2.1"))
        .await
        .unwrap();
}

#[tokio::test]
async fn keys_before_a_rotation_open_until_they_are_retired() {
    let w = world(false).await;
    let first = ctx_keys(&w).await;
    assert_eq!(first.len(), 2);
    for key in &first {
        assert!(key.get("d").is_none() && key["use"] == "enc");
    }
    let old = encrypted(&w, Wrap::RsaOaep, Content::A256Gcm, &w.token(json!({}))).await;
    let kid = first[0]["kid"].as_str().unwrap();
    let error = keys::retire(&w.ctx, &w.caller, kid).await.unwrap_err();
    assert_eq!(error.kind, types::Kind::Conflict, "it is in use");
    keys::rotate(&w.ctx, &w.caller).await.unwrap();
    let second = ctx_keys(&w).await;
    assert_eq!(second.len(), 4);
    assert!(
        second[..2].iter().all(|k| !first.contains(k)),
        "the new ones come first"
    );
    assert!(passes(&w, &old).await);
    keys::retire(&w.ctx, &w.caller, kid).await.unwrap();
    assert_eq!(ctx_keys(&w).await.len(), 3);
    assert!(!passes(&w, &old).await, "also not from the cache");
    let error = keys::retire(&w.ctx, &w.caller, kid).await.unwrap_err();
    assert_eq!(error.kind, types::Kind::Conflict);
    let error = keys::retire(&w.ctx, &w.caller, "k-unknown")
        .await
        .unwrap_err();
    assert_eq!(error.kind, types::Kind::NotFound);
    let rows = keys::list(&w.ctx).await.unwrap();
    let gone = rows.iter().find(|k| k.kid == kid).unwrap();
    assert!(gone.private.is_empty());
}

#[tokio::test]
async fn two_that_start_at_once_make_one_generation() {
    let w = world(false).await;
    let (a, b) = tokio::join!(keys::ensure(&w.ctx), keys::ensure(&w.ctx));
    a.and(b).unwrap();
    assert_eq!(keys::list(&w.ctx).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_minted_token_passes_also_encrypted_and_with_a_private_key() {
    let w = world(false).await;
    let new = tokens::NewToken::default();
    let plain = tokens::mint(&w.ctx, &w.caller, &w.app, &new).await.unwrap();
    assert!(passes(&w, plain.expose()).await);
    let patch = apps::AppPatch {
        enforce_jwe: Some(true),
        ..Default::default()
    };
    apps::set(&w.ctx, &w.caller, &w.app, patch).await.unwrap();
    let token = tokens::mint(&w.ctx, &w.caller, &w.app, &new).await.unwrap();
    assert_eq!(token.expose().split('.').count(), 5);
    assert!(passes(&w, token.expose()).await);

    let key = PrivateKey::generate(Kind::Ed25519).unwrap();
    let (client, _) = add(&w, "ed", "EdDSA", Some(key.public().pem().unwrap()))
        .await
        .unwrap();
    let with = |key: &PrivateKey| tokens::NewToken {
        private_key: Some(key.pem().unwrap()),
        ..Default::default()
    };
    let token = tokens::mint(&w.ctx, &w.caller, &client, &with(&key))
        .await
        .unwrap();
    assert!(passes(&w, token.expose()).await);
    let other = PrivateKey::generate(Kind::Ed25519).unwrap();
    for wrong in [new, with(&other)] {
        let error = tokens::mint(&w.ctx, &w.caller, &client, &wrong)
            .await
            .unwrap_err();
        assert_eq!(error.fields[0].field, "privateKey");
    }
}
