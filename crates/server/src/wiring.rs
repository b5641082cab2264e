//! Puts the parts together: settings, store, key, context. The only place that picks back ends.

use crate::{
    cli::Global,
    shared::{self, Shared, explained},
};
use anyhow::Context;
use service::{Caller, Ctx, Parts, runtime::outbound};
use settings::Settings;
use std::{io::IsTerminal, sync::Arc};
use store::Meta;
use store_sql::SqlStore;
use types::{RandomIds, Secret, SystemClock};

/// Name of the check value of the master key among the store's single values.
const KEY_CHECK: &str = "master_key_check";

/// The settings in force.
///
/// # Errors
/// A key that is unknown or wrong, named.
pub fn settings(global: &Global) -> anyhow::Result<Settings> {
    Ok(settings::load(global.config.as_deref(), std::env::vars())?)
}

/// Sends the log to standard error; in colours on a terminal only, so that files and collectors get plain lines.
///
/// # Errors
/// Not a filter.
pub fn log_to_stderr(filter: &str) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .context("log: not a filter such as info or info,service=debug")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .init();
    Ok(())
}

/// How this process works on jobs.
pub fn job_settings(settings: &Settings) -> jobs::Settings {
    jobs::Settings {
        slots: usize::from(settings.jobs.workers),
        lease: i64::from(settings.jobs.lease_seconds) * 1_000,
        ..jobs::Settings::default()
    }
}

/// The settings of the HTTP side.
pub fn http(settings: &Settings) -> http_api::HttpSettings {
    http_api::HttpSettings {
        trusted_proxies: settings.http.trusted_proxies.clone(),
        timeout: std::time::Duration::from_secs(settings.http.timeout_seconds.into()),
        ..Default::default()
    }
}

/// Opens the database that the settings name, and brings it up to date.
///
/// # Errors
/// The database cannot be reached, or the folder cannot be written.
pub async fn open_store(settings: &Settings) -> anyhow::Result<SqlStore> {
    let store = match &settings.database_url {
        Some(url) => SqlStore::connect(url, Some(&settings.data_dir)).await,
        None => SqlStore::in_dir(&settings.data_dir).await,
    };
    store.map_err(|error| explained(error, "the database cannot be opened"))
}

/// Everything that a command works with.
///
/// # Errors
/// As [`open_store`]; a master key that is missing or belongs to another store.
pub async fn context(global: &Global) -> anyhow::Result<Ctx> {
    let settings = settings(global)?;
    let store = Arc::new(open_store(&settings).await?);
    let shared = shared::alone(&store).await?;
    assemble(&settings, store, shared).await
}

/// Everything that a server works with: as [`context`], and what it shares with other nodes.
///
/// # Errors
/// As [`context`]; an address of Redis that cannot be read.
pub async fn serving(settings: &Settings) -> anyhow::Result<Ctx> {
    let store = Arc::new(open_store(settings).await?);
    let shared = shared::serving(settings, &store).await?;
    assemble(settings, store, shared).await
}

async fn assemble(
    settings: &Settings,
    store: Arc<SqlStore>,
    shared: Shared,
) -> anyhow::Result<Ctx> {
    let vault = open_key(settings, &store).await?;
    let reach = match settings.outbound {
        settings::Outbound::Public => outbound::Reach::Public,
        settings::Outbound::Any => outbound::Reach::Any,
        settings::Outbound::Off => outbound::Reach::Off,
    };
    let ctx = Ctx::new(Parts {
        store,
        jti: shared.jti,
        windows: shared.windows,
        locks: shared.locks,
        vault: Arc::new(vault),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        outbound: outbound::Outbound::new(reach),
        settings: service::Settings {
            rate_limit_factor: settings.rate_limit_factor,
            allow_rsa1_5: settings.jose.allow_rsa1_5,
            model_bytes: settings.model_memory_mb.saturating_mul(1 << 20),
            ..service::Settings::default()
        },
    });
    ctx.models
        .encoder
        .look_at(service::training::encoder::file(&settings.data_dir));
    Ok(ctx)
}

/// The context, and a caller of the command line on the account that `--account` names.
///
/// # Errors
/// As [`context`]; no such account, or none at all.
pub async fn caller(global: &Global) -> anyhow::Result<(Ctx, Caller)> {
    let ctx = context(global).await?;
    let account = service::admin::accounts::pick(&ctx, global.account.as_deref()).await?;
    Ok((ctx, Caller::cli(account.id)))
}

/// Finds the master key and checks that it fits the store. Of two processes that start on an empty store at once one
/// writes the check value; the other finds it and checks again.
async fn open_key(settings: &Settings, store: &SqlStore) -> anyhow::Result<crypt::MasterKey> {
    let meta: &dyn Meta = store::Families::meta(store);
    let variable = settings.master_key.as_deref().map(Secret::new);
    let file = settings.data_dir.join("master.key");
    loop {
        let check = meta
            .find(KEY_CHECK)
            .await
            .map_err(|error| explained(error, "the database cannot be read"))?;
        let opened = crypt::MasterKey::open(variable.as_ref(), &file, check.as_deref())?;
        let Some(new_check) = opened.new_check else {
            return Ok(opened.key);
        };
        if meta
            .put_new(KEY_CHECK, &new_check)
            .await
            .map_err(|error| explained(error, "the database cannot be written"))?
        {
            return Ok(opened.key);
        }
    }
}

/// Reads a client id from the command line.
///
/// # Errors
/// Not the shape of one.
pub fn client_id(text: &str) -> anyhow::Result<types::id::ClientId> {
    types::id::ClientId::parse(text)
        .with_context(|| format!("{text:?} is not a client id (cs-…); see: ombud app list"))
}

/// Finds an agent by id, or by a name that is unique.
///
/// # Errors
/// No such agent, or several of that name.
pub async fn bot_id(ctx: &Ctx, caller: &Caller, text: &str) -> anyhow::Result<types::id::BotId> {
    let agents = ctx.store().agents();
    if let Some(bot) = types::id::BotId::parse(text)
        && agents.find(&caller.account, &bot).await?.is_some()
    {
        return Ok(bot);
    }
    let filter = store::AgentFilter {
        name: Some(text.to_owned()),
        ..Default::default()
    };
    let page = types::page::PageIn {
        limit: 2,
        cursor: None,
    };
    let mut found = agents.list(&caller.account, &filter, &page).await?.items;
    match found.len() {
        1 => Ok(found.remove(0).bot),
        0 => anyhow::bail!("there is no agent {text:?}"),
        _ => anyhow::bail!("several agents are named {text:?}; give the id of one"),
    }
}
