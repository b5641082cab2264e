//! The agents of the account.

use super::{body, signed::Signed};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use serde_json::{Value, json};
use service::{Ctx, console::permission::Permission, definition, training};
use std::collections::HashMap;
use store::{Agent, AgentFilter};
use types::{Error, Result, page::PageIn};

/// Rows of a page when the request does not say.
const LIMIT: u32 = 50;
/// Rows of a page at most (console.md section 2).
const LIMIT_MAX: u32 = 100;

/// Lists the agents of the account
///
/// # Errors
/// Bad input on `limit` or `cursor`.
#[utoipa::path(get, path = "", operation_id = "consoleListAgents", tag = "console", params(("q" = Option<String>, Query, description = "Part of the name"), ("limit" = Option<u32>, Query, description = "Rows, 1 to 100"), ("cursor" = Option<String>, Query, description = "`next` of the page before")), responses((status = 200, description = "A page of agents", body = Value)))]
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

/// Shows an agent
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowAgent", tag = "console", responses((status = 200, description = "The agent", body = Value)))]
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

/// Deletes an agent
///
/// # Errors
/// Not found; `if-match` names an older state.
#[utoipa::path(delete, path = "", operation_id = "consoleRemoveAgent", tag = "console", params(("if-match" = Option<String>, Header, description = "`etag` of the state that was seen")), responses((status = 204, description = "Deleted")))]
pub async fn remove(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let seen = headers.get(header::IF_MATCH);
    let seen = seen.map(|v| v.to_str().unwrap_or_default().to_owned());
    let as_seen = |agent: &Agent| {
        let Some(seen) = &seen else { return true };
        let now = tag(agent);
        let mut tags = seen.split(',').map(str::trim);
        tags.any(|tag| tag == "*" || tag == now)
    };
    definition::remove_seen(&ctx, caller, &bot, &as_seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows what the import of an agent found
///
/// # Errors
/// Not found for the agent, and for one that was not imported.
#[utoipa::path(get, path = "", operation_id = "consoleShowReport", tag = "console", responses(
    (status = 200, description = "The report", body = Value),
))]
pub async fn report(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<Value>, Problem> {
    let caller = signed.may(Permission::View)?;
    let agent = definition::get(&ctx, caller, &body::bot(&bot)?).await?;
    match agent.report.get("willRun") {
        Some(_) => Ok(Json(agent.report)),
        None => Err(Error::not_found("The agent was not imported").into()),
    }
}

/// Hands out the draft as a zip
///
/// # Errors
/// As [`definition::export`].
#[utoipa::path(get, path = "", operation_id = "consoleExportAgent", tag = "console", responses(
    (status = 200, description = "The zip", content_type = "application/zip", body = Vec<u8>),
))]
pub async fn export(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    let name = definition::get(&ctx, caller, &bot).await?.name;
    let zip = definition::export(&ctx, caller, &bot).await?;
    let kind = HeaderValue::from_static("application/zip");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, attachment(&name)),
    ];
    Ok((headers, zip))
}

/// Tells a browser to save the answer as `NAME.zip`. Names beyond plain letters go along in the encoded form of RFC 6266.
fn attachment(name: &str) -> HeaderValue {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_. ".contains(c) {
            c
        } else {
            '_'
        }
    };
    let ascii: String = name.chars().map(plain).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    let text = format!("attachment; filename=\"{ascii}.zip\"; filename*=UTF-8''{encoded}.zip");
    HeaderValue::try_from(text).expect("letters, digits and percent signs are ASCII")
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
        "stale": training::is_stale(ctx, agent).await?,
        "updatedAt": agent.updated_at,
        "dialogs": agent.dialogs,
        "intents": agent.intents,
        "faqs": agent.faqs,
    }))
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_name_cannot_break_out_of_the_header() {
        let header = attachment("Pärcel\r\nx: \"1\"/..");
        assert_eq!(
            header.to_str().expect("ASCII"),
            "attachment; filename=\"P_rcel__x_ _1__...zip\"; \
             filename*=UTF-8''P%C3%A4rcel%0D%0Ax%3A%20%221%22%2F...zip"
        );
    }
}
