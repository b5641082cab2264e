//! The peers: Fastify, and nlp.js behind it, when Node.js and their packages are there (`make bench` installs them).

use crate::load;
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A running peer.
pub struct Peer {
    child: Child,
    pub url: String,
    pub token: String,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Fastify with a fixed answer; `None` when it cannot be started.
pub fn fastify() -> Option<Peer> {
    spawn("fastify.js", &[])
}

/// nlp.js trained with the lines of a set; `None` when it cannot be started. Prints how long the training took and
/// how often the best-scoring intent is right.
pub fn nlpjs(set: &str) -> Option<Peer> {
    let folder = load::data().join(set);
    let file = |name: &str| folder.join(name).display().to_string();
    spawn("nlpjs.js", &[file("train.jsonl"), file("test.jsonl")])
}

fn spawn(script: &str, arguments: &[String]) -> Option<Peer> {
    const SECRET: &str = "bench-secret-of-thirty-two-bytes!";
    let mut child = Command::new("node")
        .args([script, SECRET])
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let output = BufReader::new(child.stdout.take()?);
    let mut url = None;
    for line in output.lines().map_while(Result::ok) {
        if let Some(found) = line.strip_prefix("listening on ") {
            url = Some(found.to_owned());
            break;
        }
        if line.starts_with("trained in ") {
            println!("| {script}: {line} | | | |");
        }
    }
    let key = jose::Key::hmac(jose::Algorithm::Hs256, SECRET.as_bytes()).ok()?;
    let token = jose::sign(&key, br#"{"sub":"bench","exp":4102444800}"#).ok()?;
    let Some(url) = url else {
        let _ = child.kill();
        let _ = child.wait();
        return None;
    };
    Some(Peer { child, url, token })
}
