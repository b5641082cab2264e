//! Fastify as the peer, when Node.js and its packages are there (`make bench` installs them).

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

/// Starts it; `None` when it cannot be.
pub fn spawn() -> Option<Peer> {
    const SECRET: &str = "bench-secret-of-thirty-two-bytes!";
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/fastify");
    let mut child = Command::new("node")
        .args(["server.js", SECRET])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take()?)
        .read_line(&mut line)
        .ok()?;
    let key = jose::Key::hmac(jose::Algorithm::Hs256, SECRET.as_bytes()).ok()?;
    let token = jose::sign(&key, br#"{"sub":"bench","exp":4102444800}"#).ok()?;
    match line.trim().strip_prefix("listening on ") {
        Some(url) => Some(Peer {
            child,
            url: url.to_owned(),
            token,
        }),
        None => {
            let _ = child.kill();
            None
        }
    }
}
