//! `ombud health`

use crate::{cli::Global, output, wiring};
use anyhow::Context;
use clap::Args;
use serde_json::json;
use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(4);

#[derive(Debug, Args)]
pub struct Arguments {
    /// Address of the server (default: the setting http.listen)
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
}

/// Asks the server on this machine whether it is ready. For health checks of containers and supervisors.
///
/// # Errors
/// It does not answer, or it is not ready.
pub fn run(global: &Global, arguments: Arguments) -> anyhow::Result<()> {
    let listen = match arguments.listen {
        Some(listen) => listen,
        None => wiring::settings(global)?.http.listen,
    };
    let (host, port) = listen
        .rsplit_once(':')
        .with_context(|| format!("{listen:?} is not HOST:PORT"))?;
    // who listens on every address is asked on the loopback one
    let host = match host {
        "" | "0.0.0.0" | "[::]" => "localhost",
        host => host,
    };
    let status = status(&format!("{host}:{port}"))
        .with_context(|| format!("the server on {host}:{port} does not answer"))?;
    anyhow::ensure!(status == 200, "the server is not ready (status {status})");
    output::result(global, &json!({"ready": true}), |_| "ready".to_owned());
    Ok(())
}

fn status(address: &str) -> anyhow::Result<u16> {
    let mut last = None;
    for address in address.to_socket_addrs()? {
        match ask(&address) {
            Ok(status) => return Ok(status),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| anyhow::anyhow!("no such host")))
}

fn ask(address: &std::net::SocketAddr) -> anyhow::Result<u16> {
    let mut stream = TcpStream::connect_timeout(address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut line = [0u8; 12];
    stream.read_exact(&mut line)?;
    std::str::from_utf8(&line)
        .ok()
        .and_then(|line| line.strip_prefix("HTTP/1.1 "))
        .and_then(|code| code.parse().ok())
        .context("the answer is not HTTP")
}
