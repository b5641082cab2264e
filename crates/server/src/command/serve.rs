//! `ombud serve`

mod chores;
mod quickstart;

use crate::{cli::Global, wiring};
use anyhow::Context;
use clap::Args;
use std::io::Write;
use tokio::net::TcpListener;

/// How many ports after the wished one are tried when it is taken.
const PORTS_TRIED: u16 = 20;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Address to serve on (default: the setting http.listen); port 0 picks a free one
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// On an empty store: load a sample agent, make an account, an owner and an app, and say how to use them
    #[arg(long)]
    quickstart: bool,
}

/// Serves until SIGTERM or Ctrl-C, then ends what runs.
///
/// # Errors
/// The address cannot be had; the store or the key cannot be used.
pub async fn run(global: &Global, arguments: Arguments) -> anyhow::Result<()> {
    let settings = wiring::settings(global)?;
    log_to_stderr(&settings.log)?;
    let ctx = wiring::context(global).await?;
    let listener = match &arguments.listen {
        Some(address) => TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?,
        None => listen_near(&settings.http.listen).await?,
    };
    let address = listener.local_addr()?;
    let chores = tokio::spawn(chores::run(ctx.clone()));
    let router = http_api::router(ctx.clone(), http_api::HttpSettings::default());
    say(&format!("ombud is listening on http://{address}"))?;
    if arguments.quickstart {
        quickstart::run(&ctx, &settings.data_dir, address).await?;
    } else if let Some(code) = service::console::setup::issue_code(&ctx).await? {
        say(&format!(
            "setup code: {}   (type it at http://{address}/setup)",
            code.expose()
        ))?;
    }
    let served = axum_serve(listener, router).await;
    chores.abort();
    served
}

async fn axum_serve(listener: TcpListener, router: axum::Router) -> anyhow::Result<()> {
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(told_to_stop())
        .await
        .context("the server stopped")
}

/// The wished address, or the next free port after it.
async fn listen_near(wished: &str) -> anyhow::Result<TcpListener> {
    let (host, port) = wished
        .rsplit_once(':')
        .with_context(|| format!("http.listen: {wished:?} is not HOST:PORT"))?;
    let port: u16 = port
        .parse()
        .with_context(|| format!("http.listen: {port:?} is not a port"))?;
    let mut last = None;
    for next in port..=port.saturating_add(PORTS_TRIED) {
        match TcpListener::bind((host, next)).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && port != 0 => {
                last = Some(error)
            }
            Err(error) => return Err(error).with_context(|| format!("cannot listen on {wished}")),
        }
    }
    let error = last.map_or_else(|| anyhow::anyhow!("no port"), anyhow::Error::from);
    Err(error).with_context(|| {
        format!(
            "no free port from {port} to {}",
            port.saturating_add(PORTS_TRIED)
        )
    })
}

/// Ends when the process is told to stop.
async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

fn log_to_stderr(filter: &str) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .context("log: not a filter such as info or info,service=debug")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    Ok(())
}

/// Prints a line at once, also into a pipe.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush().context("standard output is closed")
}
