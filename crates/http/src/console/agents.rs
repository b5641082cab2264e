//! The agents of the account.

use super::{body, signed::Signed};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use serde_json::{Value, json};
use service::{Ctx, console::permission::Permission, definition, training};
use std::collections::HashMap;
use store::{Agent, AgentFilter, Copy};
use types::{
    Error, Kind, Result,
    codes::{Code, Wire},
    page::PageIn,
};

/// Rows of a page when the request does not say.
const LIMIT: u32 = 50;
/// Rows of a page at most (console.md section 2).
const LIMIT_MAX: u32 = 100;

/// The caller saw an older state than the one in force.
static STALE: Code = Code {
    name: "changed_meanwhile",
    kind: Kind::Conflict,
    status: 412,
    wire: Wire::Number(412),
    text: "The agent was changed meanwhile",
};

/// `GET /agents`
///
/// # Errors
/// Bad input on `limit` or `cursor`.
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Problem> {
    let caller = signed.may(Permission::View)?;
    let given = |name: &str| query.get(name).filter(|t| !t.is_empty()).cloned();
    let limit = match given("limit").map(|t| t.parse()) {
        None => LIMIT,
        Some(Ok(limit @ 1..=LIMIT_MAX)) => limit,
        Some(_) => return Err(Error::field("limit", format!("must be 1 to {LIMIT_MAX}")).into()),
    };
    let filter = AgentFilter {
        text: given("q"),
        name: None,
    };
    let page = PageIn {
        limit,
        cursor: given("cursor"),
    };
    let agents = ctx.store().agents();
    let page = agents.list(&caller.account, &filter, &page).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for agent in &page.items {
        items.push(view(&ctx, agent).await?);
    }
    Ok(Json(json!({"items": items, "next": page.next})))
}

/// `GET /agents/{botId}`
///
/// # Errors
/// Not found.
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::View)?;
    let agent = definition::get(&ctx, caller, &body::bot(&bot)?).await?;
    let tag = [(header::ETAG, tag(&agent))];
    Ok((tag, Json(view(&ctx, &agent).await?)))
}

/// `DELETE /agents/{botId}`
///
/// # Errors
/// Not found; `if-match` names an older state.
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let agent = definition::get(&ctx, caller, &bot).await?;
    if let Some(seen) = headers.get(header::IF_MATCH) {
        let (seen, now) = (seen.to_str().unwrap_or_default(), tag(&agent));
        if !seen
            .split(',')
            .any(|s| matches!(s.trim(), "*") || s.trim() == now)
        {
            return Err(Error::of(&STALE).into());
        }
    }
    definition::remove(&ctx, caller, &bot).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn tag(agent: &Agent) -> String {
    format!("\"{}-{}\"", agent.draft_digest, agent.updated_at)
}

async fn view(ctx: &Ctx, agent: &Agent) -> Result<Value> {
    let state = if agent.published.is_some() {
        "published"
    } else {
        "draft"
    };
    Ok(json!({
        "botId": agent.bot,
        "name": agent.name,
        "description": agent.description,
        "languages": agent.languages,
        "state": state,
        "trained": !agent.trained.is_empty(),
        "stale": stale(ctx, agent).await?,
        "updatedAt": agent.updated_at,
        "dialogs": agent.dialogs,
        "intents": agent.intents,
        "faqs": agent.faqs,
    }))
}

/// Whether a trained agent would be trained anew now: a language has other inputs than its model, or no model.
async fn stale(ctx: &Ctx, agent: &Agent) -> Result<bool> {
    if agent.trained.is_empty() {
        return Ok(false);
    }
    let loaded = definition::load(ctx, &agent.account, &agent.bot, &Copy::Draft).await?;
    let trained = agent.trained.clone();
    let work = move || {
        loaded.enabled_languages().any(|language| {
            let inputs = training::digest(&training::corpus(&loaded, language));
            trained.get(language) != Some(&inputs)
        })
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::internal)
}
