//! The catalogue of scopes, and what apps may do on an agent.

use super::{
    body::{self, Body},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};
use service::{
    Ctx,
    admin::{
        apps,
        scopes::{self, State as Stand},
    },
    console::{describe::describe, permission::Permission},
};
use std::collections::HashMap;
use store::{AppFilter, Mapping};
use types::{Error, Result, id::ClientId};

/// Body of `PUT /agents/{botId}/scope-mappings/{clientId}`.
#[derive(Deserialize)]
pub struct Scopes {
    scopes: Vec<String>,
}

/// `GET /scopes`
///
/// # Errors
/// Bad input on `side`.
pub async fn catalogue(
    signed: Signed,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Problem> {
    signed.may(Permission::View)?;
    if query.get("side").is_some_and(|side| side != "platform") {
        return Err(Error::field("side", "must be platform").into());
    }
    let item = |scope: &'static types::scope::Scope| {
        json!({
            "id": scope.id, "name": scope.name, "group": scope.group,
            "description": describe(scope), "operations": scope.operations,
        })
    };
    let items: Vec<Value> = scopes::catalogue().map(item).collect();
    Ok(Json(json!({"items": items})))
}

/// `GET /agents/{botId}/scope-mappings`
///
/// # Errors
/// Not found for the agent.
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<Value>, Problem> {
    let caller = signed.may(Permission::View)?;
    let bot = body::bot(&bot)?;
    let mappings = scopes::list(&ctx, caller, &bot).await?;
    let filter = AppFilter {
        kind: None,
        bot: Some(bot),
    };
    let apps = ctx.store().apps().list(&caller.account, &filter).await?;
    let names: HashMap<ClientId, String> =
        apps.into_iter().map(|a| (a.client_id, a.name)).collect();
    // an app that was unlinked between the two questions has taken its mapping along
    let known = mappings
        .iter()
        .filter_map(|m| Some(view(m, names.get(&m.client)?)));
    let items: Vec<Value> = known.collect();
    Ok(Json(json!({"items": items})))
}

/// `PUT /agents/{botId}/scope-mappings/{clientId}`
///
/// # Errors
/// As [`scopes::set`].
pub async fn set(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, client)): Path<(String, String)>,
    Body(wish): Body<Scopes>,
) -> Result<Json<Value>, Problem> {
    let caller = signed.may(Permission::Apps)?;
    let (bot, client) = (body::bot(&bot)?, body::client(&client)?);
    let mapping = scopes::set(&ctx, caller, &bot, &client, &wish.scopes).await?;
    let app = apps::get(&ctx, caller, &client).await?.app;
    Ok(Json(view(&mapping, &app.name)))
}

/// `DELETE /agents/{botId}/scope-mappings/{clientId}`: the draft goes; the next publish removes what is in force.
///
/// # Errors
/// Not found.
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, client)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Apps)?;
    let (bot, client) = (body::bot(&bot)?, body::client(&client)?);
    scopes::remove(&ctx, caller, &bot, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /agents/{botId}/scope-mappings/{clientId}/revoke`: everything goes at once.
///
/// # Errors
/// Not found.
pub async fn revoke(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, client)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Apps)?;
    let (bot, client) = (body::bot(&bot)?, body::client(&client)?);
    scopes::revoke(&ctx, caller, &bot, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(mapping: &Mapping, app: &str) -> Value {
    json!({
        "clientId": mapping.client,
        "appName": app,
        "draft": mapping.draft.as_deref().unwrap_or_default(),
        "published": mapping.published.as_deref().unwrap_or_default(),
        "state": Stand::of(mapping).as_str(),
        "changedBy": mapping.changed_by,
        "changedAt": mapping.changed_at,
    })
}
