//! Tokens made by other people's libraries.

use crate::binary::{Installation, root};
use std::process::Command;

/// Signs with PyJWT and with jwcrypto; `None` where the test packages are not installed.
fn signed_by_peers(client: &str, secret: &str) -> Option<Vec<(&'static str, String)>> {
    let python = root().join(".venv/bin/python");
    if !python.exists() {
        assert!(
            std::env::var_os("CI").is_none(),
            "the token libraries are not installed: run `make setup-test`"
        );
        eprintln!("skipped: the token libraries are not installed, `make setup-test` does it");
        return None;
    }
    let program = r#"
import sys, time, jwt, json
from jwcrypto import jwk, jws
from jwcrypto.common import base64url_encode
client, secret = sys.argv[1:]
claims = {"sub": "1234567890", "appId": client}
print(jwt.encode(claims, secret, algorithm="HS256"))
print(jwt.encode({**claims, "iat": int(time.time()), "exp": int(time.time()) + 300}, secret, algorithm="HS256"))
key = jwk.JWK(kty="oct", k=base64url_encode(secret))
token = jws.JWS(json.dumps(claims))
token.add_signature(key, None, json.dumps({"alg": "HS256", "typ": "JWT"}), None)
print(token.serialize(compact=True))
print(jwt.encode(claims, "wrong" + secret, algorithm="HS256"))
"#;
    let output = Command::new(python)
        .args(["-c", program, client, secret])
        .output()
        .expect("python");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let names = [
        "PyJWT, the documented recipe",
        "PyJWT with times",
        "jwcrypto",
        "a wrong secret",
    ];
    Some(
        names
            .into_iter()
            .zip(
                String::from_utf8(output.stdout)
                    .expect("utf-8")
                    .lines()
                    .map(str::to_owned),
            )
            .collect(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_other_libraries_are_accepted_and_wrong_ones_refused() {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.sample_agent();
    let (client, secret) = here.app(&bot, &["Intent and Entity Detection"]);
    let Some(tokens) = signed_by_peers(&client, &secret) else {
        return;
    };
    let server = here.serve(&[]);
    for (name, token) in tokens {
        let (status, body) = server.find_intent(&bot, &token, "where is my parcel").await;
        let expected = if name == "a wrong secret" { 401 } else { 200 };
        assert_eq!(status, expected, "{name}: {body}");
    }
}
