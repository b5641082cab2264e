//! The agents that an agent stands for.

use super::{
    body::{self, Body},
    signed::Signed,
};
use crate::{analytics::time::iso, error::Problem};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use service::{
    Ctx,
    console::permission::Permission,
    definition::link::{self, Candidate, Linked},
};
use utoipa::ToSchema;

/// A linked agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleLinkedApp)]
pub struct LinkedOut {
    /// The agent.
    bot_id: String,
    /// Its name.
    name: String,
    /// Its default language.
    language: String,
    /// It has a version in force.
    published: bool,
    /// State of its draft that the link was made for, ISO-8601.
    configured_at: String,
    /// The same of its version in force; missing when it had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<String>,
    /// It has changed since.
    behind: bool,
}

/// An agent whose draft links this one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleParentApp)]
pub struct ParentOut {
    /// The agent.
    bot_id: String,
    /// Its name.
    name: String,
}

/// Another agent of the account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleLinkCandidate)]
pub struct CandidateOut {
    /// The agent.
    bot_id: String,
    /// Its name.
    name: String,
    /// Why it cannot be linked; missing when it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<&'static str>,
}

/// The links of an agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleLinkedApps)]
pub struct LinksOut {
    /// Agents that the draft links.
    items: Vec<LinkedOut>,
    /// Agents whose drafts link this one; with one of them this agent can link none.
    parents: Vec<ParentOut>,
    /// Every other agent of the account.
    candidates: Vec<CandidateOut>,
    /// State of the links, for `if-match`.
    tag: String,
}

/// The agents to be linked.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(as = ConsoleLinkedAppsIn)]
pub struct LinksIn {
    /// Ids of agents, in the order in which they are shown; up to 100.
    linked_apps: Vec<String>,
}

fn linked(one: Linked) -> LinkedOut {
    LinkedOut {
        bot_id: one.bot.to_string(),
        name: one.name,
        language: one.language,
        published: one.in_force,
        configured_at: iso(one.configured * 1_000),
        published_at: one.published.map(|at| iso(at * 1_000)),
        behind: one.behind,
    }
}

fn candidate(one: Candidate) -> CandidateOut {
    CandidateOut {
        bot_id: one.bot.to_string(),
        name: one.name,
        why_not: one.why_not,
    }
}

/// Shows the agents that an agent links, those that link it, and those that can be linked
///
/// # Errors
/// Not found.
#[utoipa::path(get, path = "", operation_id = "consoleShowLinkedApps", tag = "console", responses((status = 200, description = "The links", body = LinksOut)))]
pub async fn show(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<Json<LinksOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let choice = link::choice(&ctx, caller, &body::bot(&bot)?).await?;
    let parents = choice.parents.into_iter().map(|(bot, name)| ParentOut {
        bot_id: bot.to_string(),
        name,
    });
    Ok(Json(LinksOut {
        items: choice.links.into_iter().map(linked).collect(),
        parents: parents.collect(),
        candidates: choice.candidates.into_iter().map(candidate).collect(),
        tag: choice.tag,
    }))
}

/// Links exactly these agents; in force with the next publish
///
/// # Errors
/// Not found; bad input that names each wrong entry; another agent links this one; `if-match` names an older state.
#[utoipa::path(put, path = "", operation_id = "consoleSetLinkedApps", tag = "console", params(("if-match" = Option<String>, Header, description = "`tag` of the state that was seen")), request_body = LinksIn, responses((status = 204, description = "Linked")))]
pub async fn set(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    headers: HeaderMap,
    Body(ask): Body<LinksIn>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    let (bot, seen) = (body::bot(&bot)?, body::seen(&headers));
    link::set(&ctx, caller, &bot, &ask.linked_apps, seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes every link one for the present state of its agent
///
/// # Errors
/// Not found.
#[utoipa::path(post, path = "", operation_id = "consoleSyncLinkedApps", tag = "console", responses((status = 204, description = "Done")))]
pub async fn sync(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
) -> Result<StatusCode, Problem> {
    let caller = signed.may(Permission::Agents)?;
    link::sync(&ctx, caller, &body::bot(&bot)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
