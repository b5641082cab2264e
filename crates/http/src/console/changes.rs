//! The change log of an agent.

use super::{body, signed::Signed};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Serialize;
use serde_json::Value;
use service::{
    Ctx,
    analytics::changes::{self, Query as Asked},
    console::permission::Permission,
};
use std::collections::HashMap;
use types::{Error, Result};
use utoipa::ToSchema;

/// Rows of a page.
const ROWS: u32 = 50;

/// A change.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleChange)]
pub struct ChangeOut {
    /// Number of the entry.
    number: i64,
    /// When, milliseconds since 1970 UTC.
    at: i64,
    /// Who, by address; none when the person is gone.
    by: Option<String>,
    /// What, for instance `language.add`.
    action: String,
    /// On what.
    target: String,
    /// More about it.
    details: Option<Value>,
    /// Digest before.
    before: Option<String>,
    /// Digest after.
    after: Option<String>,
}

/// A page of changes, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleChanges)]
pub struct ChangesOut {
    /// The changes.
    items: Vec<ChangeOut>,
    /// There may be older ones.
    more: bool,
}

/// Lists the changes of an agent, the newest first
///
/// # Errors
/// Not found; bad input on `page`, `from` or `to`.
#[utoipa::path(get, path = "", operation_id = "consoleListChanges", tag = "console", params(("page" = Option<u32>, Query, description = "Number of the page, from 0"), ("from" = Option<String>, Query, description = "First day, YYYY-MM-DD"), ("to" = Option<String>, Query, description = "Last day, YYYY-MM-DD")), responses((status = 200, description = "A page of changes", body = ChangesOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<ChangesOut>, Problem> {
    let caller = signed.may(Permission::Audit)?;
    let given = |name: &str| query.get(name).filter(|text| !text.is_empty()).cloned();
    let page = match given("page").map(|text| text.parse()) {
        None => 0,
        Some(Ok(page)) => page,
        Some(Err(_)) => return Err(Error::field("page", "must be a whole number").into()),
    };
    let asked = Asked {
        page,
        limit: Some(ROWS),
        start: given("from"),
        end: given("to"),
    };
    let found = changes::list(&ctx, caller, &body::bot(&bot)?, &asked).await?;
    let more = found.len() >= ROWS as usize;
    let items = found.into_iter().map(|one| ChangeOut {
        number: one.row.number,
        at: one.row.new.at,
        by: one.by.map(|user| user.email),
        action: one.row.new.action,
        target: one.row.new.target,
        details: Some(one.row.new.details).filter(|d| !d.is_null()),
        before: one.row.new.before,
        after: one.row.new.after,
    });
    Ok(Json(ChangesOut {
        items: items.collect(),
        more,
    }))
}
