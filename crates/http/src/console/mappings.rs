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
use serde::{Deserialize, Serialize};
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

/// A scope.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleScope)]
pub struct ScopeOut {
    /// Its id.
    id: &'static str,
    /// Its documented name.
    name: &'static str,
    /// The group that it is listed in.
    group: &'static str,
    /// What it lets an app do.
    description: &'static str,
    /// Operations that ask for it.
    operations: &'static [&'static str],
}

/// Scopes in their documented order.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleScopes)]
pub struct ScopesOut {
    /// The scopes.
    items: Vec<ScopeOut>,
}

/// How the draft of a mapping stands to what is in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConsoleMappingState)]
pub enum MappingState {
    /// The same.
    Published,
    /// They differ.
    NotPublished,
    /// The mapping goes with the next publish.
    RemovalNotPublished,
}

/// What an app may do on an agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleMapping)]
pub struct MappingOut {
    /// The app.
    client_id: String,
    /// Its name.
    app_name: String,
    /// Scopes of the draft.
    draft: Vec<String>,
    /// Scopes in force.
    published: Vec<String>,
    /// How the two stand.
    state: MappingState,
    /// Who changed the draft last.
    changed_by: String,
    /// When, milliseconds since 1970 UTC.
    changed_at: i64,
}

/// What apps may do on an agent.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleMappings)]
pub struct MappingsOut {
    /// The mappings.
    items: Vec<MappingOut>,
}

/// Lists the scopes that can be given
///
/// # Errors
/// Bad input on `side`.
#[utoipa::path(get, path = "", operation_id = "consoleListScopes", tag = "console", params(("side" = Option<String>, Query, description = "Only `platform`")), responses((status = 200, description = "The scopes", body = ScopesOut)))]
pub async fn catalogue(
    signed: Signed,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<ScopesOut>, Problem> {
    signed.may(Permission::View)?;
    let side = match query.get("side").map(String::as_str) {
        None | Some("platform") => Side::Platform,
        Some("admin") => Side::Admin,
        Some(_) => return Err(Error::field("side", "must be platform or admin").into()),
    };
    let item = |scope: &'static types::scope::Scope| ScopeOut {
        id: scope.id,
        name: scope.name,
        group: scope.group,
        description: describe(scope),
        operations: scope.operations,
    };
    let items = scopes::catalogue(side).map(item).collect();
    Ok(Json(ScopesOut { items }))
}

/// Lists what apps may do on an agent
///
/// # Errors
/// Not found for the agent.
#[utoipa::path(get, path = "", operation_id = "consoleListMappings", tag = "console", responses((status = 200, description = "The mappings", body = MappingsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<MappingsOut>, Problem> {
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
    let items = known.collect();
    Ok(Json(MappingsOut { items }))
}

/// Sets the draft of what an app may do on an agent
///
/// # Errors
/// As [`scopes::set`].
#[utoipa::path(put, path = "", operation_id = "consoleSetMapping", tag = "console", request_body = Scopes, responses((status = 200, description = "The mapping", body = MappingOut)))]
pub async fn set(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path((bot, client)): Path<(String, String)>,
    Body(wish): Body<Scopes>,
) -> Result<Json<MappingOut>, Problem> {
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

fn view(mapping: &Mapping, app: &str, people: &People) -> MappingOut {
    MappingOut {
        client_id: mapping.client.to_string(),
        app_name: app.to_owned(),
        draft: mapping.draft.clone().unwrap_or_default(),
        published: mapping.published.clone().unwrap_or_default(),
        state: match Stand::of(mapping) {
            Stand::Published => MappingState::Published,
            Stand::NotPublished => MappingState::NotPublished,
            Stand::RemovalNotPublished => MappingState::RemovalNotPublished,
        },
        changed_by: people.name(&mapping.changed_by).to_owned(),
        changed_at: mapping.changed_at,
    }
}
