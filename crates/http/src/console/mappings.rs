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
    console::{
        describe::describe,
        people::{People, people},
        permission::Permission,
    },
};
use std::collections::HashMap;
use store::{AppFilter, Mapping};
use types::{Error, Result, id::ClientId, scope::Side};
use utoipa::ToSchema;

/// Body of `PUT /agents/{botId}/scope-mappings/{clientId}`.
#[derive(Deserialize, ToSchema)]
pub struct Scopes {
    scopes: Vec<String>,
}

/// Lists the scopes that can be given
///
/// # Errors
/// Bad input on `side`.
#[utoipa::path(get, path = "", operation_id = "consoleListScopes", tag = "console", params(("side" = Option<String>, Query, description = "Only `platform`")), responses((status = 200, description = "The scopes", body = Value)))]
pub async fn catalogue(
    signed: Signed,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Problem> {
    signed.may(Permission::View)?;
    let side = match query.get("side").map(String::as_str) {
        None | Some("platform") => Side::Platform,
        Some("admin") => Side::Admin,
        Some(_) => return Err(Error::field("side", "must be platform or admin").into()),
    };
    let item = |scope: &'static types::scope::Scope| {
        json!({
            "id": scope.id, "name": scope.name, "group": scope.group,
            "description": describe(scope), "operations": scope.operations,
        })
    };
    let items: Vec<Value> = scopes::catalogue(side).map(item).collect();
    Ok(Json(json!({"items": items})))
}

/// Lists what apps may do on an agent
///
/// # Errors
/// Not found for the agent.
#[utoipa::path(get, path = "", operation_id = "consoleListMappings", tag = "console", responses((status = 200, description = "The mappings", body = Value)))]
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
    let people = people(&ctx, caller).await?;
    // an app that was unlinked between the two questions has taken its mapping along
    let known = mappings
        .iter()
        .filter_map(|m| Some(view(m, names.get(&m.client)?, &people)));
    let items: Vec<Value> = known.collect();
    Ok(Json(json!({"items": items})))
}

/// Sets the draft of what an app may do on an agent
///
/// # Errors
/// As [`scopes::set`].
#[utoipa::path(put, path = "", operation_id = "consoleSetMapping", tag = "console", request_body = Scopes, responses((status = 200, description = "The mapping", body = Value)))]
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
    let people = people(&ctx, caller).await?;
    Ok(Json(view(&mapping, &app.name, &people)))
}

/// Takes the draft of what an app may do away
///
/// The draft goes; the next publish removes what is in force.
///
/// # Errors
/// Not found.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveMapping", tag = "console", responses((status = 204, description = "Taken away; the next publish removes what is in force")))]
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

/// Takes everything that an app may do away at once
///
/// Everything goes at once.
///
/// # Errors
/// Not found.
#[utoipa::path(post, path = "", operation_id = "consoleRevokeMapping", tag = "console", responses((status = 204, description = "Taken away")))]
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

fn view(mapping: &Mapping, app: &str, people: &People) -> Value {
    json!({
        "clientId": mapping.client,
        "appName": app,
        "draft": mapping.draft.as_deref().unwrap_or_default(),
        "published": mapping.published.as_deref().unwrap_or_default(),
        "state": Stand::of(mapping).as_str(),
        "changedBy": people.name(&mapping.changed_by),
        "changedAt": mapping.changed_at,
    })
}
