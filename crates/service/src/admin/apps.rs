//! Client apps: the JWT apps whose tokens open the public API and the channels.

use crate::{
    Caller, Ctx,
    admin::{
        Faults, app_key, checked_name,
        payload::{self, NewPayload},
        security,
    },
    audit::{self, Change},
    training::seen::{self, Seen},
};
use crypt::{MasterKey, Place, SealError};
use jose::Algorithm;
use serde_json::json;
use store::{App, AppFilter, AuditFilter, DataKind, Families};
use types::{
    Error, Kind, Result, Secret,
    id::{AccountId, BotId, ClientId},
    page::PageIn,
};

/// Longest grace of a rotated secret, hours (DECISIONS section 2 item 7).
pub const GRACE_MAX_HOURS: u32 = 72;
/// Grace when nobody picks one, hours.
pub const GRACE_DEFAULT_HOURS: u32 = 24;
/// Days before today whose calls are told before an app is deleted (console.md section 4.4).
const CALL_DAYS: i64 = 7;
/// Apps of an account at most (ours; keeps the gate's table small).
const APPS_MAX: usize = 1000;

/// What an app is for (security.md section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppKind {
    /// The agents that it is linked to, with the scopes given there.
    Platform,
    /// The whole account, with admin scopes.
    Admin,
    /// Data tables and views.
    Data,
}

impl AppKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Platform, Self::Admin, Self::Data];

    /// The word in the store and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Admin => "admin",
            Self::Data => "data",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// An app to be made.
#[derive(Debug, Default)]
pub struct NewApp {
    /// Its name.
    pub name: String,
    /// `platform`, `admin` or `data`.
    pub kind: String,
    /// JOSE name of the one algorithm that its tokens are signed with.
    pub algorithm: String,
    /// Public key (PEM, certificate or JWK), for the algorithms with a key pair.
    pub public_key: Option<String>,
    /// Each token must carry a jti.
    pub enforce_jti: bool,
    /// Each token must be encrypted.
    pub enforce_jwe: bool,
    /// The key of encrypted payloads.
    pub payload: Option<NewPayload>,
    /// Agents to link it to; platform apps only.
    pub bots: Vec<BotId>,
}

/// What may be changed; none leaves it.
#[derive(Debug, Clone, Default)]
pub struct AppPatch {
    /// The name.
    pub name: Option<String>,
    /// Each token must carry a jti.
    pub enforce_jti: Option<bool>,
    /// Each token must be encrypted.
    pub enforce_jwe: Option<bool>,
    /// Tokens that name the app by `iss` or `kore_iss` open operations with a scope too.
    pub sdk_tokens: Option<bool>,
    /// Visitors get an access token without a signature.
    pub anonymous: Option<bool>,
    /// Switched on.
    pub enabled: Option<bool>,
    /// The state that the change was made on.
    pub seen: Seen,
}

/// Another algorithm or public key for an app.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// The algorithm; none: the one in force.
    pub algorithm: Option<String>,
    /// The public key; none: the one in force, where it goes with the algorithm.
    pub public_key: Option<String>,
    /// How long the key before still works, hours; only where the algorithm stays.
    pub grace_hours: u32,
}

/// An app with the agents that it is linked to.
#[derive(Debug, Clone)]
pub struct AppView {
    /// The app; its secret is sealed.
    pub app: App,
    /// Its agents.
    pub bots: Vec<BotId>,
    /// Tables that it may do something with; data apps only.
    pub tables: usize,
    /// Views that it may do something with; data apps only.
    pub views: usize,
}

/// What stops working when an app goes.
#[derive(Debug, Clone)]
pub struct Dependents {
    /// Agents by id and name.
    pub agents: Vec<(BotId, String)>,
    /// Scope mappings.
    pub mappings: usize,
    /// Admin scopes.
    pub admin_scopes: usize,
    /// Permissions on tables and views.
    pub data_grants: usize,
    /// Access tokens of chat clients that have not ended.
    pub access_tokens: u64,
    /// Accepted calls of today and the [`CALL_DAYS`] days before, as far as they are written down.
    pub calls: u64,
}

/// Makes an app; the secret is answered once, and is empty where the app signs with a key of its own.
///
/// # Errors
/// Bad input that names the field, a conflict on `name`, not found for an agent.
pub async fn create(ctx: &Ctx, caller: &Caller, new: NewApp) -> Result<(AppView, Secret)> {
    let rules = security::get(ctx, caller).await?;
    let client_id = ClientId::new(ctx.ids());
    let checked = check_new(ctx, caller, &client_id, &new, &rules)?;
    let Checked {
        name,
        kind,
        algorithm,
        keys: (secret, public_key),
        payload,
    } = checked;
    let has = ctx
        .store()
        .apps()
        .list(&caller.account, &AppFilter::default())
        .await?;
    if has.len() >= APPS_MAX {
        return Err(Error::conflict(format!(
            "An account has at most {APPS_MAX} apps"
        )));
    }
    let app = App {
        name,
        secret: seal_secret(ctx.vault(), &caller.account, &client_id, &secret),
        client_id,
        account: caller.account.clone(),
        kind: kind.as_str().to_owned(),
        algorithm: algorithm.name().to_owned(),
        enforce_jti: new.enforce_jti || rules.hardened,
        enforce_jwe: new.enforce_jwe || rules.hardened,
        sdk_tokens: false,
        anonymous: false,
        previous_secret: None,
        public_key,
        previous_public_key: None,
        previous_until: None,
        enforce_payload: new.payload.as_ref().is_some_and(|p| p.enforce),
        payload,
        enabled: true,
        created_at: ctx.now(),
        updated_at: ctx.now(),
        last_used_at: None,
    };
    let tx = ctx.store().begin().await?;
    tx.apps().add(&app).await.map_err(name_taken)?;
    for bot in &new.bots {
        tx.links()
            .add(&caller.account, &app.client_id, bot, ctx.now())
            .await?;
    }
    let details = json!({"name": app.name, "kind": app.kind, "algorithm": app.algorithm, "enforceJti": app.enforce_jti,
        "enforceJwe": app.enforce_jwe,
        "payload": app.payload.as_ref().map(|p| p.mode.as_str()), "enforcePayload": app.enforce_payload, "bots": new.bots});
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
    let bots = new.bots;
    let (tables, views) = (0, 0);
    let made = AppView {
        app,
        bots,
        tables,
        views,
    };
    Ok((made, secret))
}

/// The fields of a payload key as those of a new app are called.
fn of_payload(mut error: Error) -> Error {
    for wrong in &mut error.fields {
        wrong.field = match wrong.field.as_str() {
            "symmetricKey" => "payloadSymmetricKey",
            _ => "payloadPublicKey",
        }
        .to_owned();
    }
    error
}

/// Looks at every field of an app that shall be made.
///
/// # Errors
/// Bad input that names each wrong field; a conflict for a data app with a payload key.
pub async fn check(ctx: &Ctx, caller: &Caller, new: &NewApp) -> Result<()> {
    let rules = security::get(ctx, caller).await?;
    check_new(ctx, caller, &ClientId::new(ctx.ids()), new, &rules).map(drop)
}

/// A new app as it can be made.
struct Checked {
    name: String,
    kind: AppKind,
    algorithm: Algorithm,
    keys: (Secret, Option<String>),
    payload: Option<store::PayloadKey>,
}

/// Looks at every field of a new app.
fn check_new(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    new: &NewApp,
    rules: &security::Security,
) -> Result<Checked> {
    let mut faults = Faults::default();
    let name = faults.take(checked_name("name", &new.name))?;
    let kind = AppKind::parse(&new.kind);
    if kind.is_none() {
        faults.say("kind", "must be platform, admin or data");
    }
    if kind.is_some_and(|kind| kind != AppKind::Platform) && !new.bots.is_empty() {
        faults.say("bots", "only platform apps are linked to agents");
    }
    let algorithm = faults.take(app_key::algorithm(&new.algorithm, rules))?;
    // without an algorithm nothing can be said about the key
    let keys = match algorithm {
        Some(algorithm) => faults.take(app_key::make(algorithm, new.public_key.as_deref()))?,
        None => None,
    };
    let payload = match &new.payload {
        Some(_) if kind == Some(AppKind::Data) => return Err(payload::none_for_data()),
        Some(given) => {
            let read = payload::read(ctx, &caller.account, client, &given.key);
            faults.take(read.map_err(of_payload))?.map(Some)
        }
        None => Some(None),
    };
    match (name, kind, algorithm, keys, payload) {
        (Some(name), Some(kind), Some(algorithm), Some(keys), Some(payload)) => {
            faults.done()?;
            Ok(Checked {
                name,
                kind,
                algorithm,
                keys,
                payload,
            })
        }
        _ => {
            faults.done()?;
            Err(Error::internal("a fault of a new app was not noted"))
        }
    }
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

/// Changes name, rules for tokens, or state.
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
    same(ctx, caller, &app, &patch.seen).await?;
    if let Some(name) = &patch.name {
        app.name = checked_name("name", name)?;
    }
    let put = |to: &mut bool, from: Option<bool>| *to = from.unwrap_or(*to);
    put(&mut app.enforce_jti, patch.enforce_jti);
    put(&mut app.enforce_jwe, patch.enforce_jwe);
    put(&mut app.sdk_tokens, patch.sdk_tokens);
    put(&mut app.anonymous, patch.anonymous);
    put(&mut app.enabled, patch.enabled);
    if patch.sdk_tokens == Some(true) || patch.anonymous == Some(true) {
        must_be(&app, AppKind::Platform)?;
    }
    app.updated_at = ctx.now();
    tx.apps().set(&app).await.map_err(name_taken)?;
    let action = match patch.enabled {
        Some(true) => "app.enable",
        Some(false) => "app.disable",
        None => "app.update",
    };
    let details = json!({"name": patch.name, "enforceJti": patch.enforce_jti, "enforceJwe": patch.enforce_jwe,
        "sdkTokens": patch.sdk_tokens, "anonymous": patch.anonymous, "enabled": patch.enabled});
    note(ctx, &*tx, caller, action, client, None, details).await?;
    tx.commit().await?;
    view(ctx, app).await
}

/// Gives the app a new secret; the old one works for `grace_hours` more.
///
/// # Errors
/// Not found; more than [`GRACE_MAX_HOURS`]; a conflict where the app signs with a key of its own.
pub async fn rotate(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    grace_hours: u32,
) -> Result<Secret> {
    check_grace(grace_hours)?;
    let tx = ctx.store().begin().await?;
    let mut app = find(&*tx, caller, client).await?;
    let algorithm = app_key::stored(&app.algorithm)?;
    if app.secret.is_empty() {
        return Err(no_secret());
    }
    let (secret, _) = app_key::make(algorithm, None)?;
    let sealed = seal_secret(ctx.vault(), &app.account, client, &secret);
    let old = std::mem::replace(&mut app.secret, sealed);
    (app.previous_secret, app.previous_until) = match grace_hours {
        0 => (None, None),
        hours => (Some(old), Some(grace_end(ctx, hours))),
    };
    app.updated_at = ctx.now();
    tx.apps().set(&app).await?;
    if grace_hours == 0 {
        // nothing that the old secret opened stays open
        tx.accesses()
            .revoke_of_app(&app.account, client, None)
            .await?;
    }
    let details = json!({"graceHours": grace_hours});
    note(ctx, &*tx, caller, "app.rotate", client, None, details).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Ends the grace of the previous secret or key at once.
///
/// # Errors
/// Not found; a conflict when nothing is in its grace.
pub async fn end_grace(ctx: &Ctx, caller: &Caller, client: &ClientId) -> Result<AppView> {
    let tx = ctx.store().begin().await?;
    let mut app = find(&*tx, caller, client).await?;
    if app.previous_until.is_none_or(|until| until <= ctx.now()) {
        return Err(Error::conflict("No earlier secret or key works any more"));
    }
    (
        app.previous_secret,
        app.previous_public_key,
        app.previous_until,
    ) = (None, None, None);
    app.updated_at = ctx.now();
    tx.apps().set(&app).await?;
    note(ctx, &*tx, caller, "app.end_grace", client, None, json!({})).await?;
    tx.commit().await?;
    view(ctx, app).await
}

/// Gives the app another algorithm or public key. A change from a shorter hash to a longer one, and one from a key pair to a
/// secret, makes a new secret, which is answered once. Keys before work on for the grace only while the algorithm stays: no other
/// algorithm is accepted.
///
/// # Errors
/// Not found; bad input on `algorithm`, `publicKey` or `graceHours`.
pub async fn set_key(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    new: NewKey,
) -> Result<(AppView, Option<Secret>)> {
    let rules = security::get(ctx, caller).await?;
    let tx = ctx.store().begin().await?;
    let mut app = find(&*tx, caller, client).await?;
    let before = app_key::stored(&app.algorithm)?;
    let old_key = app.public_key.clone();
    let mut faults = Faults::default();
    faults.take(check_grace(new.grace_hours))?;
    let algorithm = match &new.algorithm {
        Some(name) if *name != app.algorithm => faults.take(app_key::algorithm(name, &rules))?,
        _ => Some(before),
    };
    let key = new.public_key.as_deref();
    let secret = match algorithm {
        Some(to) => faults.take(change_key(ctx, &mut app, before, to, key))?,
        None => None,
    };
    faults.done()?;
    let (algorithm, secret) = (algorithm.unwrap_or(before), secret.flatten());
    if algorithm != before {
        (
            app.previous_secret,
            app.previous_public_key,
            app.previous_until,
        ) = (None, None, None);
    } else if app.public_key != old_key {
        app.previous_public_key = old_key.filter(|_| new.grace_hours > 0);
        app.previous_until = app
            .previous_public_key
            .as_ref()
            .map(|_| grace_end(ctx, new.grace_hours));
    }
    app.updated_at = ctx.now();
    tx.apps().set(&app).await?;
    let details = json!({"algorithm": app.algorithm, "newKey": new.public_key.is_some(), "newSecret": secret.is_some(),
        "graceHours": new.grace_hours});
    note(ctx, &*tx, caller, "app.key", client, None, details).await?;
    tx.commit().await?;
    Ok((view(ctx, app).await?, secret))
}

/// Puts algorithm, public key and secret of the record right; answers a secret that was made.
fn change_key(
    ctx: &Ctx,
    app: &mut App,
    before: Algorithm,
    algorithm: Algorithm,
    public_key: Option<&str>,
) -> Result<Option<Secret>> {
    app.algorithm = algorithm.name().to_owned();
    if !algorithm.is_hmac() {
        let given = public_key.or(app.public_key.as_deref());
        app.public_key = app_key::make(algorithm, given)?.1;
        app.secret = Vec::new();
        return Ok(None);
    }
    let long_enough = before.is_hmac() && before.secret_bytes() >= algorithm.secret_bytes();
    if public_key.is_none() && long_enough {
        return Ok(None);
    }
    let (secret, _) = app_key::make(algorithm, public_key)?;
    app.public_key = None;
    app.secret = seal_secret(ctx.vault(), &app.account, &app.client_id, &secret);
    Ok(Some(secret))
}

/// A short name of an app's state, without what changes by its use.
pub fn tag(app: &App) -> String {
    let payload = app.payload.as_ref().map(|p| (&p.print, p.set_at));
    seen::tag(&json!([
        app.name,
        app.algorithm,
        app.enforce_jti,
        app.enforce_jwe,
        app.sdk_tokens,
        app.anonymous,
        app.enabled,
        app.enforce_payload,
        app.public_key,
        payload,
        app.previous_until,
        app.updated_at,
    ]))
}

/// The app is still as somebody saw it.
///
/// # Errors
/// Not found; [`types::codes::AGENT_CHANGED`] with who changed it and when.
pub async fn unchanged(ctx: &Ctx, caller: &Caller, client: &ClientId, seen: &Seen) -> Result<()> {
    let app = find(ctx.store(), caller, client).await?;
    same(ctx, caller, &app, seen).await
}

async fn same(ctx: &Ctx, caller: &Caller, app: &App, seen: &Seen) -> Result<()> {
    let Err(refused) = seen.check(&tag(app)) else {
        return Ok(());
    };
    let filter = AuditFilter {
        target: Some(app.client_id.to_string()),
        ..AuditFilter::default()
    };
    let page = PageIn {
        limit: 1,
        cursor: None,
    };
    let rows = audit::list(ctx, caller, &filter, &page).await?.items;
    let actor = rows.first().map_or("cli", |row| row.new.actor.as_str());
    let name = audit::actor_name(ctx, caller, actor).await?;
    let by = name.as_deref().unwrap_or("the command line");
    let at = types::clock::iso(app.updated_at);
    let message = format!("The app was changed by {by} at {at}");
    Err(Error {
        message: message.into(),
        ..refused
    })
}

/// RFC 7638 thumbprint of the app's public key.
pub fn key_print(app: &App) -> Option<String> {
    let key = jose::PublicKey::read_unchecked(app.public_key.as_deref()?);
    key.ok().map(|key| key.thumbprint())
}

/// The day of a moment, days since 1970 UTC.
pub(crate) fn day(ms: i64) -> i64 {
    ms.div_euclid(86_400_000)
}

fn check_grace(hours: u32) -> Result<()> {
    if hours > GRACE_MAX_HOURS {
        let text = format!("must be 0 to {GRACE_MAX_HOURS}");
        return Err(Error::field("graceHours", text));
    }
    Ok(())
}

fn grace_end(ctx: &Ctx, hours: u32) -> i64 {
    ctx.now() + i64::from(hours) * 3_600_000
}

fn no_secret() -> Error {
    Error::conflict("The app has no secret: it signs with a key that only its owner has")
}

/// Shows the secret in force; audited.
///
/// # Errors
/// Not found; a conflict where the app has none.
pub async fn reveal(ctx: &Ctx, caller: &Caller, client: &ClientId) -> Result<Secret> {
    let app = find(ctx.store(), caller, client).await?;
    if app.secret.is_empty() {
        return Err(no_secret());
    }
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

/// Removes an app with its links, mappings and access tokens; answers what went with it.
///
/// # Errors
/// Not found.
pub async fn remove(ctx: &Ctx, caller: &Caller, client: &ClientId) -> Result<Dependents> {
    let gone = dependents(ctx, caller, client).await?;
    let tx = ctx.store().begin().await?;
    let app = find(&*tx, caller, client).await?;
    tx.apps().remove(&caller.account, client).await?;
    let details = json!({"name": app.name, "agents": gone.agents.len(), "mappings": gone.mappings,
        "adminScopes": gone.admin_scopes, "accessTokens": gone.access_tokens});
    note(ctx, &*tx, caller, "app.delete", client, None, details).await?;
    tx.commit().await?;
    Ok(gone)
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
    let app = find(&*tx, caller, client).await?;
    must_be(&app, AppKind::Platform)?;
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
    let store = ctx.store();
    let mappings = store
        .mappings()
        .list_of_app(&caller.account, client)
        .await?;
    let grant = store.grants().find(&caller.account, client).await?;
    Ok(Dependents {
        agents,
        mappings: mappings.len(),
        admin_scopes: grant.map_or(0, |g| g.scopes.len()),
        data_grants: store
            .data_grants()
            .list(&caller.account, client)
            .await?
            .len(),
        access_tokens: store
            .accesses()
            .count(&caller.account, client, ctx.now())
            .await?,
        calls: store
            .apps()
            .calls(&caller.account, client, day(ctx.now()) - CALL_DAYS)
            .await?,
    })
}

/// The app is of this kind.
///
/// # Errors
/// A conflict that says what the app is.
pub(crate) fn must_be(app: &App, kind: AppKind) -> Result<()> {
    if app.kind == kind.as_str() {
        return Ok(());
    }
    let (is, must) = (&app.kind, kind.as_str());
    Err(Error::conflict(format!(
        "This is an app of the kind {is}; it must be of the kind {must}"
    )))
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
    if secret.expose().is_empty() {
        return Vec::new();
    }
    vault.seal(&place(account, client), secret.expose().as_bytes())
}

fn place<'a>(account: &'a AccountId, client: &'a ClientId) -> Place<'a> {
    Place {
        kind: "app_secret",
        account: account.as_str(),
        row: client.as_str(),
    }
}

pub(super) async fn view(ctx: &Ctx, app: App) -> Result<AppView> {
    let bots = ctx
        .store()
        .links()
        .agents_of(&app.account, &app.client_id)
        .await?;
    let grants = match app.kind == AppKind::Data.as_str() {
        true => {
            let grants = ctx.store().data_grants();
            grants.list(&app.account, &app.client_id).await?
        }
        false => Vec::new(),
    };
    let count = |kind| grants.iter().filter(|grant| grant.kind == kind).count();
    Ok(AppView {
        tables: count(DataKind::Table),
        views: count(DataKind::View),
        app,
        bots,
    })
}

fn name_taken(error: Error) -> Error {
    if error.kind != Kind::Conflict {
        return error;
    }
    let mut named = Error::field("name", "an app of this name exists already");
    named.kind = Kind::Conflict;
    named
}

pub(super) async fn note(
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
