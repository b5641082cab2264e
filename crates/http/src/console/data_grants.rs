//! What data apps may do with tables and views.

use super::{
    body::{self, Body},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    admin::data_grants::{self, Wish},
    console::permission::Permission,
};
use store::DataGrant;
use types::Result;
use utoipa::ToSchema;

/// Body of `PUT /apps/{clientId}/data-grants`: the permissions that change.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleDataGrantsIn)]
pub struct GrantsIn {
    items: Vec<GrantIn>,
}

/// A permission as it shall be; without any of the three it goes.
#[derive(Deserialize, Serialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsoleDataGrantIn)]
pub struct GrantIn {
    /// `table`, `view` or `definitions`.
    kind: String,
    /// Name of the table or view; empty for definitions.
    name: String,
    /// Read rows; of definitions: export them.
    read: bool,
    /// Add and change rows; of definitions: import them.
    write: bool,
    /// Delete rows.
    delete: bool,
}

/// What an app may do.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleDataGrants)]
pub struct GrantsOut {
    /// A permission a thing.
    items: Vec<GrantOut>,
}

/// A permission.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleDataGrant)]
pub struct GrantOut {
    /// `table`, `view` or `definitions`.
    kind: &'static str,
    /// Name of the table or view; empty for definitions.
    name: String,
    /// Read rows; of definitions: export them.
    read: bool,
    /// Add and change rows; of definitions: import them.
    write: bool,
    /// Delete rows.
    delete: bool,
    /// Who changed it last.
    changed_by: String,
    /// Milliseconds since 1970 UTC.
    changed_at: i64,
}

fn view(grants: Vec<DataGrant>) -> Json<GrantsOut> {
    let items = grants.into_iter().map(|grant| GrantOut {
        kind: grant.kind.as_str(),
        name: grant.name,
        read: grant.read,
        write: grant.write,
        delete: grant.delete,
        changed_by: grant.changed_by,
        changed_at: grant.changed_at,
    });
    Json(GrantsOut {
        items: items.collect(),
    })
}

/// Lists what a data app may do
///
/// # Errors
/// As [`data_grants::list`].
#[utoipa::path(get, path = "", operation_id = "consoleListDataGrants", tag = "console", responses((status = 200, description = "The permissions", body = GrantsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
) -> Result<Json<GrantsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let grants = data_grants::list(&ctx, caller, &body::client(&client)?).await?;
    Ok(view(grants))
}

/// Changes what a data app may do; in force at once
///
/// # Errors
/// As [`data_grants::set`].
#[utoipa::path(put, path = "", operation_id = "consoleSetDataGrants", tag = "console", request_body = GrantsIn, responses((status = 200, description = "The permissions", body = GrantsOut)))]
pub async fn set(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(client): Path<String>,
    Body(wish): Body<GrantsIn>,
) -> Result<Json<GrantsOut>, Problem> {
    let caller = signed.may(Permission::Account)?;
    let wishes = wish.items.into_iter().map(|item| Wish {
        kind: item.kind,
        name: item.name,
        read: item.read,
        write: item.write,
        delete: item.delete,
    });
    let grants = data_grants::set(&ctx, caller, &body::client(&client)?, wishes.collect()).await?;
    Ok(view(grants))
}
