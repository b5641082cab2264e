//! The agents of the account.

use super::{body, signed::Signed};
use crate::{error::Problem, fields::QueryFields};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use service::{Ctx, console::permission::Permission, definition, training};
use std::collections::HashMap;
use store::{Agent, AgentFilter};
use types::{Error, Result, page::PageIn};
use utoipa::ToSchema;

/// Rows of a page when the request does not say.
const LIMIT: u32 = 50;
/// Rows of a page at most (console.md section 2).
const LIMIT_MAX: u32 = 100;

/// Where an agent stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ConsoleAgentState)]
pub enum AgentState {
    /// Nothing is in force.
    Draft,
    /// A snapshot is in force.
    Published,
}

/// An agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleAgent)]
pub struct AgentOut {
    /// Its id.
    bot_id: String,
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// Enabled languages, the default first.
    languages: Vec<String>,
    /// Where it stands.
    state: AgentState,
    /// A language at least has a model.
    trained: bool,
    /// A training now would give another model.
    stale: bool,
    /// Each edit is trained in the background.
    auto_train: bool,
    /// Milliseconds since 1970 UTC.
    updated_at: i64,
    /// Dialogs of the draft.
    dialogs: i64,
    /// Intents of the draft.
    intents: i64,
    /// FAQs of the draft.
    faqs: i64,
}

/// A page of agents.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsoleAgents)]
pub struct AgentsOut {
    /// The agents, by name.
    items: Vec<AgentOut>,
    /// `cursor` of the next page; none at the end.
    next: Option<String>,
}

/// What an import found.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleReport)]
pub struct ReportOut {
    /// Nodes that run.
    will_run: Vec<ReportKind>,
    /// Nodes that are kept but do not run yet.
    kept: Vec<ReportKept>,
    /// References to nothing.
    broken: Vec<ReportBroken>,
    /// Places of strings that look like live secrets.
    secrets: Vec<ReportSecret>,
    /// Everything else worth knowing.
    warnings: Vec<String>,
}

/// A kind of node that runs.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ConsoleReportKind)]
pub struct ReportKind {
    /// The kind.
    kind: String,
    /// How many.
    count: u64,
}

/// A kind of node that does not run yet.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ConsoleReportKept)]
pub struct ReportKept {
    /// The kind.
    kind: String,
    /// How many.
    count: u64,
    /// Where.
    nodes: Vec<String>,
}

/// A reference to nothing.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ConsoleReportBroken)]
pub struct ReportBroken {
    /// Where it stands.
    r#where: String,
    /// What is missing.
    what: String,
}

/// A string that looks like a live secret.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ConsoleReportSecret)]
pub struct ReportSecret {
    /// Where it stands.
    r#where: String,
    /// What it looks like.
    kind: String,
}

/// Lists the agents of the account
///
/// # Errors
/// Bad input on `limit` or `cursor`.
#[utoipa::path(get, path = "", operation_id = "consoleListAgents", tag = "console", params(("q" = Option<String>, Query, description = "Part of the name"), ("limit" = Option<u32>, Query, description = "Rows, 1 to 100"), ("cursor" = Option<String>, Query, description = "`next` of the page before")), responses((status = 200, description = "A page of agents", body = AgentsOut)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<AgentsOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let mut fields = QueryFields::new(&query);
    let given = |fields: &QueryFields<'_>, name: &str| fields.text(name).map(str::to_owned);
    let limit = fields.number("limit", 1, Some(LIMIT_MAX)).unwrap_or(LIMIT);
    let (text, cursor) = (given(&fields, "q"), given(&fields, "cursor"));
    fields.done()?;
    let filter = AgentFilter { text, name: None };
    let page = PageIn { limit, cursor };
    let agents = ctx.store().agents();
    let page = agents.list(&caller.account, &filter, &page).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for agent in &page.items {
        items.push(view(&ctx, agent).await?);
    }
    let next = page.next;
    Ok(Json(AgentsOut { items, next }))
}

/// Shows an agent
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowAgent", tag = "console", responses((status = 200, description = "The agent", body = AgentOut)))]
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
    (status = 200, description = "The report", body = ReportOut),
))]
pub async fn report(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<ReportOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let agent = definition::get(&ctx, caller, &body::bot(&bot)?).await?;
    if agent.report.get("willRun").is_none() {
        return Err(Error::not_found("The agent was not imported").into());
    }
    let report = serde_json::from_value(agent.report);
    Ok(Json(report.map_err(Error::internal)?))
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
        (header::CONTENT_DISPOSITION, attachment(&name, "zip")),
    ];
    Ok((headers, zip))
}

/// Tells a browser to save the answer as `NAME.ENDING`. Names beyond plain letters go along in the encoded form of RFC 6266.
pub(super) fn attachment(name: &str, ending: &str) -> HeaderValue {
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
    let text =
        format!("attachment; filename=\"{ascii}.{ending}\"; filename*=UTF-8''{encoded}.{ending}");
    HeaderValue::try_from(text).expect("letters, digits and percent signs are ASCII")
}

/// Body of `PUT /agents/{botId}/auto-train`.
#[derive(Deserialize, ToSchema)]
#[schema(as = ConsoleAutoTrainIn)]
pub struct AutoTrainIn {
    /// Train each edit in the background.
    enabled: bool,
}

/// Switches training in the background on or off
///
/// # Errors
/// Not found.
#[utoipa::path(put, path = "", operation_id = "consoleSetAutoTrain", tag = "console", request_body = AutoTrainIn, responses((status = 200, description = "The agent", body = AgentOut)))]
pub async fn set_auto_train(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    body::Body(ask): body::Body<AutoTrainIn>,
) -> Result<Json<AgentOut>, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let bot = body::bot(&bot)?;
    training::auto::set(&ctx, caller, &bot, ask.enabled).await?;
    let agent = definition::get(&ctx, caller, &bot).await?;
    Ok(Json(view(&ctx, &agent).await?))
}

fn tag(agent: &Agent) -> String {
    format!("\"{}-{}\"", agent.draft_digest, agent.updated_at)
}

async fn view(ctx: &Ctx, agent: &Agent) -> Result<AgentOut> {
    Ok(AgentOut {
        bot_id: agent.bot.to_string(),
        name: agent.name.clone(),
        description: agent.description.clone(),
        languages: agent.languages.clone(),
        state: match agent.published {
            Some(_) => AgentState::Published,
            None => AgentState::Draft,
        },
        trained: !agent.trained.is_empty(),
        stale: training::is_stale(ctx, agent).await?,
        auto_train: training::auto::is_on(agent),
        updated_at: agent.updated_at,
        dialogs: agent.dialogs,
        intents: agent.intents,
        faqs: agent.faqs,
    })
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_name_cannot_break_out_of_the_header() {
        let header = attachment("Pärcel\r\nx: \"1\"/..", "zip");
        assert_eq!(
            header.to_str().expect("ASCII"),
            "attachment; filename=\"P_rcel__x_ _1__...zip\"; \
             filename*=UTF-8''P%C3%A4rcel%0D%0Ax%3A%20%221%22%2F...zip"
        );
    }
}
