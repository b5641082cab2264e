//! Scopes of admin apps; they act as soon as they are saved.

use super::{
    body::{self, Body},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    admin::{
        apps::{self, AppKind},
        scopes,
    },
    console::permission::Permission,
};
use std::collections::HashMap;
use store::{AppFilter, Grant};
use types::{Result, id::ClientId};
use utoipa::ToSchema;

/// Body of `PUT /account/scope-mappings/{clientId}`.
#[derive(Deserialize, ToSchema)]
#[schema(as = AdminScopes)]
pub struct AdminScopes {
    scopes: Vec<String>,
}

/// The scopes of the account's admin apps.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleAdminScopesList)]
pub struct GrantsOut {
    /// An entry an app.
    items: Vec<GrantOut>,
}

/// The scopes of an admin app, in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleAdminScopes)]
pub struct GrantOut {
    /// The app.
    client_id: String,
    /// Its name.
    app_name: String,
    /// Ids of its scopes.
    scopes: Vec<String>,
    /// Who changed them last.
    changed_by: String,
    /// Milliseconds since 1970 UTC.
    changed_at: i64,
}

/// Lists the scopes of admin apps
///
/// # Errors
/// When the store cannot be reached.
#[utoipa::path(get, path = "", operation_id = "consoleListAdminScopes", tag = "console", responses((status = 200, description = "The mappings", body = GrantsOut)))]
pub async fn list(State(ctx): State<Ctx>, signed: Signed) -> Result<Json<GrantsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let filter = AppFilter {
        kind: Some(AppKind::Admin.as_str().to_owned()),
        bot: None,
    };
    let apps = ctx.store().apps().list(&caller.account, &filter).await?;
    let names: HashMap<ClientId, String> =
        apps.into_iter().map(|a| (a.client_id, a.name)).collect();
    let grants = scopes::list_admin(&ctx, caller).await?;
    let items = grants
        .iter()
        .filter_map(|g| Some(view(g, names.get(&g.client)?)));
    Ok(Json(GrantsOut {
        items: items.collect(),
    }))
}

/// Replaces the scopes of an admin app
///
/// # Errors
/// As [`scopes::set_admin`].
#[utoipa::path(put, path = "", operation_id = "consoleSetAdminScopes", tag = "console", request_body = AdminScopes, responses((status = 200, description = "The mapping, in force now", body = GrantOut)))]
pub async fn set(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
    Body(wish): Body<AdminScopes>,
) -> Result<Json<GrantOut>, Problem> {
    let caller = signed.may(Permission::Account)?;
    let client = body::client(&client)?;
    let grant = scopes::set_admin(&ctx, caller, &client, &wish.scopes).await?;
    let app = apps::get(&ctx, caller, &client).await?.app;
    Ok(Json(view(&grant, &app.name)))
}

/// Takes all scopes of an admin app away
///
/// # Errors
/// Not found.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveAdminScopes", tag = "console", responses((status = 204, description = "Removed")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Account)?;
    scopes::remove_admin(&ctx, caller, &body::client(&client)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(grant: &Grant, app: &str) -> GrantOut {
    GrantOut {
        client_id: grant.client.to_string(),
        app_name: app.to_owned(),
        scopes: grant.scopes.clone(),
        changed_by: grant.changed_by.clone(),
        changed_at: grant.changed_at,
    }
}
