//! The clients of `docs/guides/encrypted-payloads.md`, as they stand there, against a running server.

use crate::binary::{Installation, root};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A block of the guide: its info string is `language name`.
fn block(name: &str) -> String {
    let guide =
        std::fs::read_to_string(root().join("docs/guides/encrypted-payloads.md")).expect("guide");
    let start = format!(" {name}\n");
    let text = guide.split("```").find_map(|part| {
        let (info, text) = part.split_once('\n')?;
        format!("{info}\n")
            .ends_with(&start)
            .then(|| text.to_owned())
    });
    text.unwrap_or_else(|| panic!("the guide has no block {name}"))
}

/// Whether a program is there; without it the test says that it was skipped, and fails on the build machine.
fn there(found: bool, what: &str) -> bool {
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "{what} is missing: run `make setup-test`"
        );
        eprintln!("skipped: {what} is missing, `make setup-test` installs it");
    }
    found
}

fn succeeds(command: &mut Command) -> Output {
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output
}

/// Makes keys with the commands of the guide, in `folder`.
fn shell(folder: &Path, script: &str) {
    succeeds(
        Command::new("sh")
            .args(["-euc", script])
            .current_dir(folder),
    );
}

/// How a client is started, and the keys that it uses: what the app gets, and what the client keeps.
struct Client {
    program: PathBuf,
    file: &'static str,
    public: (&'static str, &'static str),
    shared: &'static str,
}

/// Calls `getSessions` in both arrangements; good and bad requests come back encrypted.
async fn calls(client: &Client, prepare: impl Fn(&Path)) {
    let here = Installation::new();
    here.setup("Acme");
    let bot = here.sample_agent();
    let folder = here.scratch("client");
    std::fs::create_dir(&folder).expect("folder");
    std::fs::write(folder.join(client.file), block(client.file)).expect("client");
    shell(&folder, "openssl rand -base64 32 > shared-key.txt");
    prepare(&folder);
    let mut apps = Vec::new();
    for (option, given, kept) in [
        ("--payload-key", client.public.0, client.public.1),
        ("--payload-secret-file", "shared-key.txt", client.shared),
    ] {
        let given = folder.join(given).display().to_string();
        let name = format!("Reports {option}");
        let app = here.json(&[
            "app", "create", "--kind", "platform", "--name", &name, "--bot", &bot, option, &given,
        ]);
        let id = app["clientId"].as_str().expect("clientId").to_owned();
        here.json(&[
            "scope",
            "grant",
            "--app",
            &id,
            "--bot",
            &bot,
            "Bot Sessions",
        ]);
        apps.push((id, kept));
    }
    here.json(&["agent", "publish", &bot]);
    let server = here.serve(&[]);
    let path = format!("/api/public/bot/{bot}/getSessions");
    for (app, kept) in apps {
        let token = here.token(&app);
        let run = |app: &str, body: &str| {
            Command::new(&client.program)
                .args([client.file, &path, body])
                .current_dir(&folder)
                .envs([
                    ("OMBUD_URL", server.url.as_str()),
                    ("OMBUD_APP", app),
                    ("OMBUD_TOKEN", &token),
                    ("OMBUD_KEY", kept),
                ])
                .output()
                .expect("the client starts")
        };
        let answered = |app: &str, body: &str| -> (String, Value) {
            let output = run(app, body);
            let said = String::from_utf8(output.stdout).expect("utf-8");
            assert!(
                output.status.success(),
                "{said} {}",
                String::from_utf8_lossy(&output.stderr)
            );
            let (status, body) = said.trim().split_once(' ').expect("status and body");
            (status.to_owned(), serde_json::from_str(body).expect("json"))
        };
        let (status, body) = answered(&app, r#"{"limit": 10}"#);
        assert_eq!(status, "200", "{body}");
        assert!(body["sessions"].is_array(), "{body}");
        // refused by the operation, and encrypted all the same
        let (status, body) = answered(&app, r#"{"limit": "ten"}"#);
        assert_eq!(status, "400", "{body}");
        assert!(
            body["errors"][0]["msg"]
                .as_str()
                .expect("msg")
                .contains("limit"),
            "{body}"
        );
        // refused by the layer: another app's id in the header
        let (status, body) = answered("cs-11111111-1111-5111-8111-111111111111", "{}");
        assert_eq!(
            (status.as_str(), body["errors"][0]["code"].as_u64()),
            ("400", Some(4006)),
            "{body}"
        );
        // in clear: refused, and the refusal cannot be read in clear either
        let (status, body) = server
            .post(&path, ("auth", &token), &serde_json::json!({"limit": 10}))
            .await;
        assert_eq!(status, 400, "{body}");
        assert!(
            body["ciphertext"].is_string() && body["errors"].is_null(),
            "{body}"
        );
    }
}

const RSA: &str = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out client-key.pem
    openssl pkey -in client-key.pem -pubout -out client-public.pem";
const EC: &str =
    "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out client-key.pem
    openssl pkey -in client-key.pem -pubout -out client-public.pem";

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_of_the_guide_calls_with_both_arrangements() {
    let program = root().join(".venv/bin/python");
    if !there(program.exists(), "jwcrypto") {
        return;
    }
    let program = std::path::absolute(program).expect("path");
    let client = Client {
        program,
        file: "client.py",
        public: ("client-public.pem", "client-key.pem"),
        shared: "shared-key.txt",
    };
    for keys in [RSA, EC] {
        calls(&client, |folder| shell(folder, keys)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_client_of_the_guide_calls_with_both_arrangements() {
    let modules = root().join("crates/jose/tests/peers/node_modules");
    if !there(modules.join("jose").exists(), "npm jose") {
        return;
    }
    let modules = modules.canonicalize().expect("path");
    let client = Client {
        program: "node".into(),
        file: "client.mjs",
        public: ("client-public.pem", "client-key.pem"),
        shared: "shared-key.txt",
    };
    for keys in [RSA, EC] {
        calls(&client, |folder| {
            std::os::unix::fs::symlink(&modules, folder.join("node_modules")).expect("link");
            shell(folder, keys);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_client_of_the_guide_calls_with_both_arrangements() {
    let found = ["jose", "jq", "curl"].iter().all(|program| {
        let found = Command::new("sh")
            .args(["-c", &format!("command -v {program}")])
            .output();
        found.is_ok_and(|o| o.status.success())
    });
    if !there(found, "one of jose, jq and curl") {
        return;
    }
    let client = Client {
        program: "sh".into(),
        file: "client.sh",
        public: ("client-public.jwk", "client-key.jwk"),
        shared: "shared-key.jwk",
    };
    let keys = r#"jose jwk gen -i '{"kty": "EC", "crv": "P-256"}' -o client-key.jwk
        jose jwk pub -i client-key.jwk -o client-public.jwk
        jq -n --arg k "$(tr '+/' '-_' < shared-key.txt | tr -d '=\n')" '{kty: "oct", k: $k}' > shared-key.jwk"#;
    calls(&client, |folder| shell(folder, keys)).await;
}
