//! Client apps, their secrets and links.

use super::{
    body::{self, Body},
    payload::PayloadIn,
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    admin::apps::{self, AppPatch, AppView, GRACE_DEFAULT_HOURS, NewApp, NewKey},
    console::permission::Permission,
};
use std::collections::HashMap;
use store::AppFilter;
use types::{Error, Result, id::BotId};
use utoipa::ToSchema;

/// Body of `POST /apps`. What is missing counts as empty, so that the refusal names the field.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(as = AppCreate)]
pub struct Create {
    name: String,
    kind: String,
    algorithm: String,
    public_key: Option<String>,
    enforce_jti: bool,
    enforce_jwe: bool,
    payload_public_key: Option<String>,
    payload_symmetric_key: Option<String>,
    enforce_payload: Option<bool>,
    bot_id: Option<String>,
}

/// Body of `PATCH /apps/{clientId}`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AppPatch)]
pub struct Patch {
    name: Option<String>,
    enforce_jti: Option<bool>,
    enforce_jwe: Option<bool>,
    sdk_tokens: Option<bool>,
    anonymous: Option<bool>,
    state: Option<String>,
}

/// Body of `POST /apps/{clientId}/secret/rotate`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SecretRotate)]
pub struct Rotate {
    grace_hours: Option<u32>,
}

/// Whether tokens of an app are accepted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ConsoleAppState)]
pub enum AppState {
    /// They are.
    Enabled,
    /// They are refused.
    Disabled,
}

/// A client app without its secrets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleApp)]
pub struct AppOut {
    /// Its client id.
    client_id: String,
    /// Its name.
    name: String,
    /// `platform`, `admin` or `data`.
    kind: String,
    /// How its tokens are signed.
    algorithm: String,
    /// RFC 7638 thumbprint of its public key, where it signs with a key pair.
    public_key_print: Option<String>,
    /// Tokens need a `jti`.
    enforce_jti: bool,
    /// Tokens need to be encrypted.
    enforce_jwe: bool,
    /// Tokens of chat clients open the API too.
    sdk_tokens: bool,
    /// Visitors without a name may come.
    anonymous: bool,
    /// Payload encryption: `off`, or its mode.
    payload: String,
    /// Fingerprint of the payload key.
    payload_print: Option<String>,
    /// When the payload key was set, milliseconds since 1970 UTC.
    payload_set_at: Option<i64>,
    /// Payloads in clear are refused.
    enforce_payload: bool,
    /// Agents that it is linked to.
    agents: Vec<String>,
    /// Tables that it may do something with; data apps only.
    data_tables: usize,
    /// Views that it may do something with; data apps only.
    data_views: usize,
    /// Whether its tokens are accepted.
    state: AppState,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    /// Milliseconds since 1970 UTC.
    last_used_at: Option<i64>,
    /// Until when the secret before this one works, milliseconds since 1970 UTC.
    secret_ends_at: Option<i64>,
}

/// Client apps.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleApps)]
pub struct AppsOut {
    /// The apps.
    items: Vec<AppOut>,
}

/// An app that was made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleAppMade)]
pub struct AppMade {
    /// The app.
    app: AppOut,
    /// Its secret; empty where the app signs with a key of its own.
    client_secret: String,
}

/// A client secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleSecret)]
pub struct SecretOut {
    /// The secret.
    secret: String,
}

/// What stops working when an app goes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleDependents)]
pub struct DependentsOut {
    /// Linked agents.
    agents: Vec<DependentAgent>,
    /// Scope mappings.
    mappings: usize,
    /// Admin scopes.
    admin_scopes: usize,
    /// Permissions on tables and views.
    data_grants: usize,
    /// Access tokens of chat clients that have not ended.
    access_tokens: u64,
}

/// A linked agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleDependentAgent)]
pub struct DependentAgent {
    /// Its id.
    bot_id: String,
    /// Its name.
    name: String,
}

/// Lists the client apps
///
/// # Errors
/// Bad input on `agent`.
#[utoipa::path(get, path = "", operation_id = "consoleListApps", tag = "console", params(("agent" = Option<String>, Query, description = "Only apps of this agent"), ("kind" = Option<String>, Query, description = "Only apps of this kind")), responses((status = 200, description = "The apps", body = AppsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<AppsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let given = |name: &str| query.get(name).filter(|t| !t.is_empty());
    let bot = given("agent").map(|text| {
        BotId::parse(text).ok_or_else(|| Error::field("agent", "is not the id of an agent"))
    });
    let filter = AppFilter {
        kind: given("kind").cloned(),
        bot: bot.transpose()?,
    };
    let views = apps::list(&ctx, caller, &filter).await?;
    let items = views.iter().map(|v| view(&ctx, v)).collect();
    Ok(Json(AppsOut { items }))
}

/// Makes a client app
///
/// # Errors
/// As [`apps::create`].
#[utoipa::path(post, path = "", operation_id = "consoleCreateApp", tag = "console", request_body = Create, responses((status = 201, description = "The app and its secret", body = AppMade)))]
pub async fn create(
    State(ctx): State<Ctx>,
    signed: Signed,
    Body(new): Body<Create>,
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::Apps)?;
    let bot = new.bot_id.as_deref().map(body::bot).transpose()?;
    let key = PayloadIn {
        public_key: new.payload_public_key,
        symmetric_key: new.payload_symmetric_key,
        enforce: new.enforce_payload,
    };
    let payload = key.is_given().then(|| key.read()).transpose()?;
    let new = NewApp {
        name: new.name,
        kind: new.kind,
        algorithm: new.algorithm,
        public_key: new.public_key,
        enforce_jti: new.enforce_jti,
        enforce_jwe: new.enforce_jwe,
        payload,
        bots: bot.into_iter().collect(),
    };
    let (made, secret) = apps::create(&ctx, caller, new).await?;
    let answer = AppMade {
        app: view(&ctx, &made),
        client_secret: secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Shows a client app
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowApp", tag = "console", responses((status = 200, description = "The app", body = AppOut)))]
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
) -> Result<Json<AppOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = apps::get(&ctx, caller, &body::client(&client)?).await?;
    Ok(Json(view(&ctx, &found)))
}

/// Changes a client app
///
/// # Errors
/// As [`apps::set`]; bad input on `state`.
#[utoipa::path(patch, path = "", operation_id = "consoleChangeApp", tag = "console", request_body = Patch, responses((status = 200, description = "The app", body = AppOut)))]
pub async fn change(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
    Body(patch): Body<Patch>,
) -> Result<Json<AppOut>, Problem> {
    let caller = signed.may(Permission::Apps)?;
    let enabled = match patch.state.as_deref() {
        None => None,
        Some("enabled") => Some(true),
        Some("disabled") => Some(false),
        Some(_) => return Err(Error::field("state", "must be enabled or disabled").into()),
    };
    let patch = AppPatch {
        name: patch.name,
        enforce_jti: patch.enforce_jti,
        enforce_jwe: patch.enforce_jwe,
        sdk_tokens: patch.sdk_tokens,
        anonymous: patch.anonymous,
        enabled,
    };
    let changed = apps::set(&ctx, caller, &body::client(&client)?, patch).await?;
    Ok(Json(view(&ctx, &changed)))
}

/// Deletes a client app
///
/// # Errors
/// Not found; the proof of identity is too old.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveApp", tag = "console", responses((status = 204, description = "Deleted")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may_after_proof(&ctx, Permission::Apps)?;
    apps::remove(&ctx, caller, &body::client(&client)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Body of `POST /apps/{clientId}/key`.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(as = AppKey)]
pub struct Key {
    algorithm: Option<String>,
    public_key: Option<String>,
    grace_hours: Option<u32>,
}

/// Gives a client app another algorithm or public key
///
/// # Errors
/// As [`apps::set_key`]; the proof of identity is too old.
#[utoipa::path(post, path = "", operation_id = "consoleSetAppKey", tag = "console", request_body = Key, responses((status = 200, description = "The app, and its secret where one was made", body = AppMade)))]
pub async fn key(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
    Body(wish): Body<Key>,
) -> Result<Json<AppMade>, Problem> {
    let caller = signed.may_after_proof(&ctx, Permission::Secrets)?;
    let new = NewKey {
        algorithm: wish.algorithm,
        public_key: wish.public_key,
        grace_hours: wish.grace_hours.unwrap_or(GRACE_DEFAULT_HOURS),
    };
    let (changed, secret) = apps::set_key(&ctx, caller, &body::client(&client)?, new).await?;
    Ok(Json(AppMade {
        app: view(&ctx, &changed),
        client_secret: secret.map_or_else(String::new, |s| s.expose().to_owned()),
    }))
}

/// Ends the grace of an app's previous secret or key
///
/// # Errors
/// As [`apps::end_grace`].
#[utoipa::path(post, path = "", operation_id = "consoleEndGrace", tag = "console", responses((status = 200, description = "The app", body = AppOut)))]
pub async fn end_grace(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
) -> Result<Json<AppOut>, Problem> {
    let caller = signed.may(Permission::Secrets)?;
    let changed = apps::end_grace(&ctx, caller, &body::client(&client)?).await?;
    Ok(Json(view(&ctx, &changed)))
}

/// Shows what depends on a client app
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowDependents", tag = "console", responses((status = 200, description = "Agents and mappings", body = DependentsOut)))]
pub async fn dependents(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
) -> Result<Json<DependentsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = apps::dependents(&ctx, caller, &body::client(&client)?).await?;
    let agent = |(bot, name): (BotId, String)| DependentAgent {
        bot_id: bot.to_string(),
        name,
    };
    Ok(Json(DependentsOut {
        agents: found.agents.into_iter().map(agent).collect(),
        mappings: found.mappings,
        admin_scopes: found.admin_scopes,
        data_grants: found.data_grants,
        access_tokens: found.access_tokens,
    }))
}

/// Shows the secret of a client app
///
/// # Errors
/// Not found; the proof of identity is too old.
#[utoipa::path(post, path = "", operation_id = "consoleRevealSecret", tag = "console", responses((status = 200, description = "The secret", body = SecretOut)))]
pub async fn reveal(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
) -> Result<Json<SecretOut>, Problem> {
    let caller = signed.may_after_proof(&ctx, Permission::Secrets)?;
    let secret = apps::reveal(&ctx, caller, &body::client(&client)?).await?;
    let secret = secret.expose().to_owned();
    Ok(Json(SecretOut { secret }))
}

/// Gives a client app a new secret
///
/// # Errors
/// As [`apps::rotate`]; the proof of identity is too old.
#[utoipa::path(post, path = "", operation_id = "consoleRotateSecret", tag = "console", request_body = Rotate, responses((status = 200, description = "The new secret", body = SecretOut)))]
pub async fn rotate(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
    Body(wish): Body<Rotate>,
) -> Result<Json<SecretOut>, Problem> {
    let caller = signed.may_after_proof(&ctx, Permission::Secrets)?;
    let hours = wish.grace_hours.unwrap_or(GRACE_DEFAULT_HOURS);
    let secret = apps::rotate(&ctx, caller, &body::client(&client)?, hours).await?;
    let secret = secret.expose().to_owned();
    Ok(Json(SecretOut { secret }))
}

/// Links an agent to a client app
///
/// # Errors
/// Not found for either.
#[utoipa::path(put, path = "", operation_id = "consoleLinkAgent", tag = "console", responses((status = 204, description = "Linked")))]
pub async fn link(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((client, bot)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    set_link(&ctx, &signed, &client, &bot, true).await
}

/// Takes the link of an agent to a client app away
///
/// # Errors
/// Not found for either.
#[utoipa::path(delete, path = "", operation_id = "consoleUnlinkAgent", tag = "console", responses((status = 204, description = "Taken away")))]
pub async fn unlink(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((client, bot)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    set_link(&ctx, &signed, &client, &bot, false).await
}

async fn set_link(
    ctx: &Ctx,
    signed: &Signed,
    client: &str,
    bot: &str,
    linked: bool,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Apps)?;
    let (client, bot) = (body::client(client)?, body::bot(bot)?);
    apps::link(ctx, caller, &client, &bot, linked).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An app without its secrets. The end of the old secret shows as long as that one still works.
pub(super) fn view(ctx: &Ctx, view: &AppView) -> AppOut {
    let app = &view.app;
    let payload = app.payload.as_ref();
    AppOut {
        client_id: app.client_id.to_string(),
        name: app.name.clone(),
        kind: app.kind.clone(),
        algorithm: app.algorithm.clone(),
        public_key_print: apps::key_print(app),
        enforce_jti: app.enforce_jti,
        enforce_jwe: app.enforce_jwe,
        sdk_tokens: app.sdk_tokens,
        anonymous: app.anonymous,
        payload: payload.map_or("off", |p| p.mode.as_str()).to_owned(),
        payload_print: payload.map(|p| p.print.clone()),
        payload_set_at: payload.map(|p| p.set_at),
        enforce_payload: app.enforce_payload,
        data_tables: view.tables,
        data_views: view.views,
        agents: view.bots.iter().map(BotId::to_string).collect(),
        state: match app.enabled {
            true => AppState::Enabled,
            false => AppState::Disabled,
        },
        created_at: app.created_at,
        last_used_at: app.last_used_at,
        secret_ends_at: app.previous_until.filter(|until| *until > ctx.now()),
    }
}
