//! `ombud serve`

mod chores;
mod connections;
mod quickstart;

use crate::{
    cli::Global,
    output::at_once as say,
    stop,
    wiring::{self, log_to_stderr},
};
use anyhow::Context;
use clap::Args;
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
    /// Leave jobs to other processes (see: ombud worker)
    #[arg(long)]
    no_worker: bool,
}

/// Serves until SIGTERM or Ctrl-C, then ends what runs.
///
/// # Errors
/// The address cannot be had; the store or the key cannot be used.
pub async fn run(global: &Global, arguments: Arguments) -> anyhow::Result<()> {
    let settings = wiring::settings(global)?;
    log_to_stderr(&settings.log)?;
    let ctx = wiring::serving(&settings).await?;
    service::admin::keys::ensure(&ctx).await?;
    let listener = match &arguments.listen {
        Some(address) => TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?,
        None => listen_near(&settings.http.listen).await?,
    };
    let address = listener.local_addr()?;
    let chores = tokio::spawn(chores::run(ctx.clone()));
    let router = http_api::router(ctx.clone(), wiring::http(&settings));
    say(&format!("ombud is listening on http://{address}"))?;
    if arguments.quickstart {
        quickstart::run(&ctx, &settings.data_dir, address).await?;
    } else if let Some(code) = service::console::setup::issue_code(&ctx).await? {
        say(&format!(
            "setup code: {}   (type it at http://{address}/setup)",
            code.expose()
        ))?;
    }
    if let Err(error) = service::work::retrain_outdated(&ctx).await {
        tracing::error!(%error, "agents of an older engine not queued for training");
    }
    let told = stop::told();
    let work = (!arguments.no_worker).then(|| {
        let (ctx, told) = (ctx.clone(), told.clone());
        let settings = wiring::job_settings(&settings);
        tokio::spawn(async move { service::work::serve(&ctx, settings, told).await })
    });
    let patience = wiring::http(&settings).timeout;
    connections::serve(listener, router, stop::come(told), patience).await;
    chores.abort();
    if let Some(work) = work {
        stop::ended(work).await;
    }
    Ok(())
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
