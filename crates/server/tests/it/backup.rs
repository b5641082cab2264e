//! A copy of a running store, restored elsewhere.

use crate::binary::Installation;
use serde_json::json;
use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

/// A token with a jti.
fn token(app: &str, secret: &str, jti: &str) -> String {
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({"appId": app, "sub": "ann", "jti": jti, "iat": now, "exp": now + 900});
    let key = jose::Key::hmac(jose::Algorithm::Hs256, secret.as_bytes()).expect("a key");
    jose::sign(&key, claims.to_string().as_bytes()).expect("signed")
}

/// The key is nowhere in the file, neither as bytes nor as text.
fn without_key(copy: &Path, key_file: &Path) {
    let text = std::fs::read_to_string(key_file).expect("the key");
    let text = text.trim();
    let bytes = std::fs::read(copy).expect("the copy");
    let script = "import base64,sys; print(base64.b64decode(sys.argv[1]).hex())";
    let hex = Command::new("python3").args(["-c", script, text]).output();
    let hex = String::from_utf8(hex.expect("python3").stdout).expect("hex");
    let raw: Vec<u8> = (0..64)
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex"))
        .collect();
    for needle in [text.as_bytes(), hex.trim().as_bytes(), &raw] {
        assert!(needle.len() >= 32);
        assert!(!bytes.windows(needle.len()).any(|part| part == needle));
    }
}

/// Copies a running, busy installation and gives the copy with an app, its secret and a token that was used before.
async fn copied(here: &Installation) -> (std::path::PathBuf, String, String, String, String) {
    let (bot, (app, secret)) = tokio::task::block_in_place(|| {
        here.setup("Acme");
        let bot = here.sample_agent();
        let app = here.app(&bot, &["Intent and Entity Detection"]);
        (bot, app)
    });
    let server = tokio::task::block_in_place(|| here.serve(&[]));
    let used = token(&app, &secret, "used");
    assert_eq!(server.find_intent(&bot, &used, "hello").await.0, 200);
    let copy = here.scratch("copy");
    let name = copy.display().to_string();
    let (done, busy) = (AtomicBool::new(false), AtomicBool::new(false));
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for i in 0.. {
                    let app = format!("Busy {i}");
                    here.json(&["app", "create", "--kind", "platform", "--name", &app]);
                    busy.store(true, Ordering::SeqCst);
                    if done.load(Ordering::SeqCst) {
                        break;
                    }
                }
            });
            while !busy.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            let made = here.run(&["backup", &name]);
            done.store(true, Ordering::SeqCst);
            let said = String::from_utf8_lossy(&made.stderr).into_owned();
            assert!(made.status.success(), "{said}");
        });
        let error = here.fails(&["backup", &name]);
        assert!(error.contains("exists"), "{error}");
    });
    let mode = std::fs::metadata(&copy)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(server.find_intent(&bot, &used, "hello").await.0, 401);
    without_key(&copy, &here.file("master.key"));
    (copy, bot, app, secret, used)
}

/// What the restored installation knows, and what it refuses.
async fn works(there: &Installation, bot: &str, app: &str, secret: &str, used: &str) {
    tokio::task::block_in_place(|| {
        assert_eq!(there.json(&["audit", "verify"])["whole"], true);
        let apps = there.json(&["app", "list"]).to_string();
        assert!(apps.contains(app) && apps.contains("Busy 0"), "{apps}");
    });
    let server = tokio::task::block_in_place(|| there.serve(&[]));
    let plain = tokio::task::block_in_place(|| there.token(app));
    assert_eq!(server.find_intent(bot, &plain, "hello").await.0, 200);
    let before = token(app, secret, "made-before-the-start");
    for token in [used, &before] {
        let (status, body) = server.find_intent(bot, token, "hello").await;
        assert_eq!(status, 401, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_running_store_is_whole_keyless_and_restores() {
    let here = Installation::new();
    let (copy, bot, app, secret, used) = copied(&here).await;
    let there = Installation::new();
    std::fs::create_dir_all(there.file("")).expect("a folder");
    std::fs::copy(&copy, there.file("ombud.db")).expect("copied");
    let error = tokio::task::block_in_place(|| there.fails(&["audit", "verify"]));
    assert!(error.contains("key"), "{error}");
    std::fs::copy(here.file("master.key"), there.file("master.key")).expect("copied");
    works(&there, &bot, &app, &secret, &used).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_running_postgresql_is_whole_keyless_and_restores() {
    let (Some(from), Some(to)) = (testkit::postgres(), testkit::postgres()) else {
        return;
    };
    let here = Installation::new().with("OMBUD_DATABASE_URL", &from);
    let (copy, bot, app, secret, used) = copied(&here).await;
    let restored = Command::new("psql")
        .args([
            "--set",
            "ON_ERROR_STOP=1",
            "--single-transaction",
            "--quiet",
            "--file",
        ])
        .args([copy.as_os_str(), to.as_ref()])
        .output()
        .expect("psql");
    let said = String::from_utf8_lossy(&restored.stderr).into_owned();
    assert!(restored.status.success(), "{said}");
    let there = Installation::new().with("OMBUD_DATABASE_URL", &to);
    std::fs::create_dir_all(there.file("")).expect("a folder");
    std::fs::copy(here.file("master.key"), there.file("master.key")).expect("copied");
    works(&there, &bot, &app, &secret, &used).await;
}

#[test]
fn the_audit_commands_list_verify_and_print_the_head() {
    let here = Installation::new();
    here.setup("Acme");
    here.json(&["app", "create", "--kind", "platform", "--name", "One"]);
    let rows = here.json(&["audit", "list", "--action", "app.create"]);
    assert_eq!(rows["rows"].as_array().expect("rows").len(), 1, "{rows}");
    assert_eq!(rows["rows"][0]["actor"], "cli");
    let none = here.json(&["audit", "list", "--from", "2999-01-01T00:00:00Z"]);
    assert_eq!(none["rows"].as_array().expect("rows").len(), 0);
    let head = here.run(&["audit", "head"]);
    let head = String::from_utf8(head.stdout).expect("text");
    let head = head.trim();
    here.json(&["app", "create", "--kind", "platform", "--name", "Two"]);
    assert_eq!(
        here.json(&["audit", "verify", "--head", head])["whole"],
        true
    );
    let (number, seal) = head.split_once(':').expect("number and seal");
    let other = format!("{number}:{}", "0".repeat(seal.len()));
    let error = here.fails(&["audit", "verify", "--head", &other]);
    assert!(error.contains(&format!("row {number}")), "{error}");
    let error = here.fails(&["audit", "verify", "--head", "x"]);
    assert!(error.contains("NUMBER:SEAL"), "{error}");
}

#[test]
fn health_asks_the_server_on_this_machine() {
    let here = Installation::new();
    here.setup("Acme");
    let server = here.serve(&[]);
    let address = server.url.trim_start_matches("http://").to_owned();
    let said = here.json(&["health", "--listen", &address]);
    assert_eq!(said["ready"], true);
    server.kill();
    here.fails(&["health", "--listen", &address]);
}
