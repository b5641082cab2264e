//! Client apps: the JWT apps whose tokens open the public API and the channels.

use crate::{
    Caller, Ctx,
    admin::checked_name,
    audit::{self, Change},
};
use crypt::{MasterKey, Place, SealError};
use serde_json::json;
use store::{App, AppFilter, Families};
use types::{
    Error, Kind, Result, Secret,
    id::{AccountId, BotId, ClientId},
};

/// Longest grace of a rotated secret, hours (DECISIONS section 2 item 7).
pub const GRACE_MAX_HOURS: u32 = 72;
/// Grace when nobody picks one, hours.
pub const GRACE_DEFAULT_HOURS: u32 = 24;
/// Apps of an account at most (ours; keeps the gate's table small).
const APPS_MAX: usize = 1000;

/// An app to be made.
#[derive(Debug, Clone, Default)]
pub struct NewApp {
    /// Its name.
    pub name: String,
    /// `platform`; the other kinds are not known yet.
    pub kind: String,
    /// `HS256`; the others are not known yet.
    pub algorithm: String,
    /// Each token must carry a jti.
    pub enforce_jti: bool,
    /// Agents to link it to.
    pub bots: Vec<BotId>,
}

/// What may be changed; none leaves it.
#[derive(Debug, Clone, Default)]
pub struct AppPatch {
    /// The name.
    pub name: Option<String>,
    /// Each token must carry a jti.
    pub enforce_jti: Option<bool>,
    /// Switched on.
    pub enabled: Option<bool>,
}

/// An app with the agents that it is linked to.
#[derive(Debug, Clone)]
pub struct AppView {
    /// The app; its secret is sealed.
    pub app: App,
    /// Its agents.
    pub bots: Vec<BotId>,
}

/// What stops working when an app goes.
#[derive(Debug, Clone)]
pub struct Dependents {
    /// Agents by id and name.
    pub agents: Vec<(BotId, String)>,
    /// Scope mappings.
    pub mappings: usize,
}

/// Makes an app; the secret is answered once.
///
/// # Errors
/// Bad input that names the field, a conflict on `name`, not found for an agent.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewApp) -> Result<(AppView, Secret)> {
    let name = checked_name("name", &new.name)?;
    if new.kind != "platform" {
        return Err(Error::field("kind", "must be platform"));
    }
    if new.algorithm != "HS256" {
        return Err(Error::field("algorithm", "must be HS256"));
    }
    if ctx
        .store()
        .apps()
        .list(&caller.account, &AppFilter::default())
        .await?
        .len()
        >= APPS_MAX
    {
        return Err(Error::conflict(format!(
            "An account has at most {APPS_MAX} apps"
        )));
    }
    let now = ctx.now();
    let client_id = ClientId::new(ctx.ids());
    let secret = crypt::random::secret(32);
    let app = App {
        secret: seal_secret(ctx.vault(), &caller.account, &client_id, &secret),
        client_id,
        account: caller.account.clone(),
        kind: new.kind,
        name,
        algorithm: new.algorithm,
        enforce_jti: new.enforce_jti,
        previous_secret: None,
        previous_until: None,
        enabled: true,
        created_at: now,
        updated_at: now,
        last_used_at: None,
    };
    let tx = ctx.store().begin().await?;
    tx.apps().add(&app).await.map_err(name_taken)?;
    for bot in &new.bots {
        tx.links()
            .add(&caller.account, &app.client_id, bot, now)
            .await?;
    }
    let details = json!({"name": app.name, "algorithm": app.algorithm, "enforceJti": app.enforce_jti, "bots": new.bots});
    note(
        ctx,
        &*tx,
        caller,
        "app.create",
        &app.client_id,
        None,
        details,
    )
    .await?;
    tx.commit().await?;
    Ok((
        AppView {
            app,
            bots: new.bots,
        },
        secret,
    ))
}

/// The apps of the account.
///
/// # Errors
/// When the store cannot be reached.
pub async fn list(ctx: &Ctx, caller: &Caller, filter: &AppFilter) -> Result<Vec<AppView>> {
    let mut views = Vec::new();
    for app in ctx.store().apps().list(&caller.account, filter).await? {
        views.push(view(ctx, app).await?);
    }
    Ok(views)
}

/// One app.
///
/// # Errors
/// Not found.
pub async fn get(ctx: &Ctx, caller: &Caller, client: &ClientId) -> Result<AppView> {
    let app = find(ctx.store(), caller, client).await?;
    view(ctx, app).await
}

/// Changes name, jti rule or state.
///
/// # Errors
/// Not found, bad input, a conflict on `name`.
pub async fn set(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    patch: AppPatch,
) -> Result<AppView> {
    let tx = ctx.store().begin().await?;
    let mut app = find(&*tx, caller, client).await?;
    if let Some(name) = &patch.name {
        app.name = checked_name("name", name)?;
    }
    app.enforce_jti = patch.enforce_jti.unwrap_or(app.enforce_jti);
    app.enabled = patch.enabled.unwrap_or(app.enabled);
    app.updated_at = ctx.now();
    tx.apps().set(&app).await.map_err(name_taken)?;
    let action = match patch.enabled {
        Some(true) => "app.enable",
        Some(false) => "app.disable",
        None => "app.update",
    };
    let details =
        json!({"name": patch.name, "enforceJti": patch.enforce_jti, "enabled": patch.enabled});
    note(ctx, &*tx, caller, action, client, None, details).await?;
    tx.commit().await?;
    view(ctx, app).await
}

/// Gives the app a new secret; the old one works for `grace_hours` more.
///
/// # Errors
/// Not found; more than [`GRACE_MAX_HOURS`].
pub async fn rotate(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    grace_hours: u32,
) -> Result<Secret> {
    if grace_hours > GRACE_MAX_HOURS {
        return Err(Error::field(
            "graceHours",
            format!("must be 0 to {GRACE_MAX_HOURS}"),
        ));
    }
    let tx = ctx.store().begin().await?;
    let mut app = find(&*tx, caller, client).await?;
    let now = ctx.now();
    let secret = crypt::random::secret(32);
    let sealed = seal_secret(ctx.vault(), &app.account, client, &secret);
    let old = std::mem::replace(&mut app.secret, sealed);
    let until = now + i64::from(grace_hours) * 3_600_000;
    (app.previous_secret, app.previous_until) = match grace_hours {
        0 => (None, None),
        _ => (Some(old), Some(until)),
    };
    app.updated_at = now;
    tx.apps().set(&app).await?;
    note(
        ctx,
        &*tx,
        caller,
        "app.rotate",
        client,
        None,
        json!({"graceHours": grace_hours}),
    )
    .await?;
    tx.commit().await?;
    Ok(secret)
}

/// Shows the secret in force; audited.
///
/// # Errors
/// Not found.
pub async fn reveal(ctx: &Ctx, caller: &Caller, client: &ClientId) -> Result<Secret> {
    let app = find(ctx.store(), caller, client).await?;
    let secret =
        open_secret(ctx.vault(), &app.account, client, &app.secret).map_err(Error::internal)?;
    note(
        ctx,
        ctx.store(),
        caller,
        "app.reveal",
        client,
        None,
        json!({}),
    )
    .await?;
    Ok(secret)
}

/// Removes an app with its links and mappings.
///
/// # Errors
/// Not found.
pub async fn remove(ctx: &Ctx, caller: &Caller, client: &ClientId) -> Result<()> {
    let tx = ctx.store().begin().await?;
    let app = find(&*tx, caller, client).await?;
    tx.apps().remove(&caller.account, client).await?;
    note(
        ctx,
        &*tx,
        caller,
        "app.delete",
        client,
        None,
        json!({"name": app.name}),
    )
    .await?;
    tx.commit().await
}

/// Links an app to an agent, or unlinks it (its scope mapping there goes with the link).
///
/// # Errors
/// Not found for either.
pub async fn link(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    bot: &BotId,
    linked: bool,
) -> Result<()> {
    let tx = ctx.store().begin().await?;
    find(&*tx, caller, client).await?;
    if tx.agents().find(&caller.account, bot).await?.is_none() {
        return Err(Error::of(&types::codes::BOT_NOT_FOUND));
    }
    let action = if linked {
        tx.links()
            .add(&caller.account, client, bot, ctx.now())
            .await?;
        "app.link"
    } else {
        tx.links().remove(&caller.account, client, bot).await?;
        "app.unlink"
    };
    note(ctx, &*tx, caller, action, client, Some(bot), json!({})).await?;
    tx.commit().await
}

/// What stops working when the app goes.
///
/// # Errors
/// Not found.
pub async fn dependents(ctx: &Ctx, caller: &Caller, client: &ClientId) -> Result<Dependents> {
    let view = get(ctx, caller, client).await?;
    let mut agents = Vec::new();
    for bot in view.bots {
        if let Some(agent) = ctx.store().agents().find(&caller.account, &bot).await? {
            agents.push((bot, agent.name));
        }
    }
    let mappings = ctx
        .store()
        .mappings()
        .list_of_app(&caller.account, client)
        .await?
        .len();
    Ok(Dependents { agents, mappings })
}

/// Finds an app of the caller's account.
///
/// # Errors
/// Not found.
pub(crate) async fn find(
    rows: &(impl Families + ?Sized),
    caller: &Caller,
    client: &ClientId,
) -> Result<App> {
    let found = rows.apps().find(&caller.account, client).await?;
    found.ok_or_else(|| Error::not_found("App not found"))
}

/// Opens a sealed secret of an app.
///
/// # Errors
/// [`SealError`] when it belongs elsewhere or was changed.
pub fn open_secret(
    vault: &MasterKey,
    account: &AccountId,
    client: &ClientId,
    sealed: &[u8],
) -> Result<Secret, SealError> {
    let plain = vault.open_sealed(&place(account, client), sealed)?;
    String::from_utf8(plain)
        .map(Secret::new)
        .map_err(|_| SealError)
}

fn seal_secret(
    vault: &MasterKey,
    account: &AccountId,
    client: &ClientId,
    secret: &Secret,
) -> Vec<u8> {
    vault.seal(&place(account, client), secret.expose().as_bytes())
}

fn place<'a>(account: &'a AccountId, client: &'a ClientId) -> Place<'a> {
    Place {
        kind: "app_secret",
        account: account.as_str(),
        row: client.as_str(),
    }
}

async fn view(ctx: &Ctx, app: App) -> Result<AppView> {
    let bots = ctx
        .store()
        .links()
        .agents_of(&app.account, &app.client_id)
        .await?;
    Ok(AppView { app, bots })
}

fn name_taken(error: Error) -> Error {
    if error.kind != Kind::Conflict {
        return error;
    }
    let mut named = Error::field("name", "an app of this name exists already");
    named.kind = Kind::Conflict;
    named
}

async fn note(
    ctx: &Ctx,
    rows: &(impl Families + ?Sized),
    caller: &Caller,
    action: &'static str,
    client: &ClientId,
    bot: Option<&BotId>,
    details: serde_json::Value,
) -> Result<()> {
    let change = Change {
        action,
        target: client.as_str(),
        bot,
        details: Some(details),
        ..Change::default()
    };
    audit::note(ctx, rows, caller, change).await
}
