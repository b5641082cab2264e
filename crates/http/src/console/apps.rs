//! Client apps, their secrets and links.

use super::{
    app_view::{AppOut, changer, etag, over, view},
    body::{self, Body},
    payload::PayloadIn,
    signed::Signed,
};
use crate::{
    error::Problem,
    fields::{QueryFields, both},
};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    admin::{
        apps::{self, AppKind, AppPatch, GRACE_DEFAULT_HOURS, NewApp, NewKey},
        checked_name,
    },
    console::permission::Permission,
};
use std::collections::HashMap;
use store::AppFilter;
use types::{Error, Field, Result, id::BotId};
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
    /// Accepted calls of today and the seven days before.
    calls: u64,
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
/// Bad input that names each wrong filter.
#[utoipa::path(get, path = "", operation_id = "consoleListApps", tag = "console", params(("agent" = Option<String>, Query, description = "Only apps of this agent"), ("kind" = Option<String>, Query, description = "Only apps of this kind")), responses((status = 200, description = "The apps", body = AppsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<AppsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let mut asked = QueryFields::new(&query);
    let kinds = AppKind::ALL.map(AppKind::as_str);
    let filter = AppFilter {
        kind: asked.word("kind", &kinds).map(str::to_owned),
        bot: asked.parsed("agent", "the id of an agent", BotId::parse),
    };
    asked.done()?;
    let views = apps::list(&ctx, caller, &filter).await?;
    let items = views.iter().map(|v| view(&ctx, &signed, v)).collect();
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
    let caller = signed.may(over(&new.kind, Permission::Apps))?;
    let (new, given) = read_new(new);
    if let Err(wrong) = given {
        let rest = apps::check(&ctx, caller, &new).await;
        both(Err(wrong), rest)?;
    }
    let (made, secret) = apps::create(&ctx, caller, new).await?;
    let answer = AppMade {
        app: view(&ctx, &signed, &made),
        client_secret: secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// A new app as the service takes it, and what is wrong with fields that it does not see.
fn read_new(new: Create) -> (NewApp, Result<()>) {
    let mut wrong = Vec::new();
    let bot = new.bot_id.as_deref().and_then(|text| {
        let bot = BotId::parse(text);
        if bot.is_none() {
            wrong.push(field("botId", "is not the id of an agent"));
        }
        bot
    });
    let key = PayloadIn {
        public_key: new.payload_public_key,
        symmetric_key: new.payload_symmetric_key,
        enforce: new.enforce_payload,
    };
    let payload = match key.is_given().then(|| key.read()) {
        Some(Ok(payload)) => Some(payload),
        Some(Err(_)) => {
            let text = "must be left out where payloadPublicKey is given";
            wrong.push(field("payloadSymmetricKey", text));
            None
        }
        None => None,
    };
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
    let given = match wrong.is_empty() {
        true => Ok(()),
        false => Err(Error::fields(wrong)),
    };
    (new, given)
}

fn field(name: &str, message: &str) -> Field {
    Field {
        field: name.to_owned(),
        message: message.to_owned(),
    }
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
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::View)?;
    let found = apps::get(&ctx, caller, &body::client(&client)?).await?;
    let app = view(&ctx, &signed, &found);
    Ok(([(header::ETAG, etag(&app))], Json(app)))
}

/// Changes a client app
///
/// # Errors
/// As [`apps::set`]; bad input that names each wrong field; `if-match` names an older state.
#[utoipa::path(patch, path = "", operation_id = "consoleChangeApp", tag = "console", params(("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), request_body = Patch, responses((status = 200, description = "The app", body = AppOut)))]
pub async fn change(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
    headers: HeaderMap,
    Body(patch): Body<Patch>,
) -> Result<impl IntoResponse, Problem> {
    let (caller, client) =
        changer(&ctx, &signed, &client, Permission::Apps, Some(&headers)).await?;
    let enabled = match patch.state.as_deref() {
        None => Ok(None),
        Some("enabled") => Ok(Some(true)),
        Some("disabled") => Ok(Some(false)),
        Some(_) => Err(Error::field("state", "must be enabled or disabled")),
    };
    let name = patch.name.as_deref().map(|name| checked_name("name", name));
    let enabled = both(name.transpose().map(drop), enabled)?;
    let patch = AppPatch {
        name: patch.name,
        enforce_jti: patch.enforce_jti,
        enforce_jwe: patch.enforce_jwe,
        sdk_tokens: patch.sdk_tokens,
        anonymous: patch.anonymous,
        enabled,
        seen: body::seen(&headers),
    };
    let changed = apps::set(&ctx, caller, &client, patch).await?;
    let app = view(&ctx, &signed, &changed);
    Ok(([(header::ETAG, etag(&app))], Json(app)))
}

/// Deletes a client app
///
/// # Errors
/// Not found; the proof of identity is too old; `if-match` names an older state.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveApp", tag = "console", params(("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), responses((status = 204, description = "Deleted")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let (caller, client) =
        changer(&ctx, &signed, &client, Permission::Apps, Some(&headers)).await?;
    signed.own_after_proof(&ctx)?;
    apps::remove(&ctx, caller, &client).await?;
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
#[utoipa::path(post, path = "", operation_id = "consoleSetAppKey", tag = "console", params(("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), request_body = Key, responses((status = 200, description = "The app, and its secret where one was made", body = AppMade)))]
pub async fn key(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
    headers: HeaderMap,
    Body(wish): Body<Key>,
) -> Result<Json<AppMade>, Problem> {
    let (caller, client) =
        changer(&ctx, &signed, &client, Permission::Secrets, Some(&headers)).await?;
    signed.own_after_proof(&ctx)?;
    let new = NewKey {
        algorithm: wish.algorithm,
        public_key: wish.public_key,
        grace_hours: wish.grace_hours.unwrap_or(GRACE_DEFAULT_HOURS),
    };
    let (changed, secret) = apps::set_key(&ctx, caller, &client, new).await?;
    Ok(Json(AppMade {
        app: view(&ctx, &signed, &changed),
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
    let (caller, client) = changer(&ctx, &signed, &client, Permission::Secrets, None).await?;
    let changed = apps::end_grace(&ctx, caller, &client).await?;
    Ok(Json(view(&ctx, &signed, &changed)))
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
        calls: found.calls,
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
    let (caller, client) = changer(&ctx, &signed, &client, Permission::Secrets, None).await?;
    signed.own_after_proof(&ctx)?;
    let secret = apps::reveal(&ctx, caller, &client).await?;
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
    let (caller, client) = changer(&ctx, &signed, &client, Permission::Secrets, None).await?;
    signed.own_after_proof(&ctx)?;
    let hours = wish.grace_hours.unwrap_or(GRACE_DEFAULT_HOURS);
    let secret = apps::rotate(&ctx, caller, &client, hours).await?;
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
