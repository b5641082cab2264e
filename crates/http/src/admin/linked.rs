//! `getLinkedApps`.

use crate::{
    auth::{Allowed, Operation},
    error::Public,
};
use axum::{Json, extract::State};
use serde::Serialize;
use service::{
    Ctx,
    definition::link::{self, Linked},
};
use utoipa::ToSchema;

/// Lists the agents that an agent stands for.
pub struct GetLinkedApps;

impl Operation for GetLinkedApps {
    const ID: &'static str = "getLinkedApps";
}

/// The links of an agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkedOut {
    /// `unified` for an agent that links others, else `default`.
    r#type: &'static str,
    /// As `type`.
    app_type: &'static str,
    /// Whether its draft links others.
    #[serde(rename = "isUXOUB")]
    is_universal: bool,
    #[serde(rename = "isDialogGPTEnabled")]
    is_dialog_gpt_enabled: bool,
    /// Links in the draft.
    configured_linked_apps: Vec<LinkedApp>,
    /// Links in force.
    published_linked_apps: Vec<LinkedApp>,
    #[serde(rename = "uxoUBConfigured")]
    configured: Links,
    #[serde(rename = "uxoUBPublished")]
    published: Links,
}

/// A linked agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LinkedApp {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    default_language: String,
    app_type: String,
    r#type: String,
    /// 1: it has a version in force; else 0.
    status: i64,
    #[serde(rename = "isDialogGPTEnabled")]
    is_dialog_gpt_enabled: bool,
    /// State of its draft that the link was made for, seconds since 1970.
    configured_version: i64,
    /// The same of its version in force, as text; missing while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_version: Option<String>,
}

/// Ids of linked agents.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Links {
    linked_apps: Vec<String>,
    #[serde(rename = "isUXOUB")]
    is_universal: bool,
}

fn linked(one: &Linked) -> LinkedApp {
    LinkedApp {
        id: one.bot.to_string(),
        name: one.name.clone(),
        default_language: one.language.clone(),
        app_type: kind(true).to_owned(),
        r#type: kind(false).to_owned(),
        status: i64::from(one.in_force),
        is_dialog_gpt_enabled: false,
        configured_version: one.configured,
        published_version: one.published.map(|at| at.to_string()),
    }
}

fn ids(all: &[Linked]) -> Links {
    Links {
        linked_apps: all.iter().map(|one| one.bot.to_string()).collect(),
        is_universal: !all.is_empty(),
    }
}

fn kind(universal: bool) -> &'static str {
    if universal { "unified" } else { "default" }
}

/// Lists the agents that an agent stands for: those of its draft, and those in force. An agent that was deleted is left out.
///
/// # Errors
/// The refusals of the gate.
#[utoipa::path(
    get,
    path = "",
    operation_id = "getLinkedApps",
    tag = "botDefinition",
    params(
        ("language" = Option<String>, Query, description = "Code of a language; taken, but without an effect, as all of these"),
        ("bot-language" = Option<String>, Header, description = "Code of a language"),
        ("state" = Option<String>, Header, description = "State of the work, such as `configured`"),
        ("app-language" = Option<String>, Header, description = "Code of a language"),
        ("client-app" = Option<String>, Header, description = "The calling application, such as `unified`"),
        ("X-TimeZone" = Option<String>, Header, description = "Time zone"),
        ("X-Timezone-Offset" = Option<i64>, Header, description = "Minutes from UTC"),
    ),
    responses((status = 200, description = "The links", body = LinkedOut, example = json!({
        "type": "default", "appType": "default", "isUXOUB": false, "isDialogGPTEnabled": false,
        "configuredLinkedApps": [], "publishedLinkedApps": [],
        "uxoUBConfigured": {"linkedApps": [], "isUXOUB": false}, "uxoUBPublished": {"linkedApps": [], "isUXOUB": false},
    })))
)]
pub async fn linked_apps(
    State(ctx): State<Ctx>,
    allowed: Allowed<GetLinkedApps>,
) -> Result<Json<LinkedOut>, Public> {
    let links = link::links(&ctx, &allowed.caller, &allowed.bot).await?;
    let universal = !links.configured.is_empty();
    Ok(Json(LinkedOut {
        r#type: kind(universal),
        app_type: kind(universal),
        is_universal: universal,
        is_dialog_gpt_enabled: false,
        configured_linked_apps: links.configured.iter().map(linked).collect(),
        published_linked_apps: links.published.iter().map(linked).collect(),
        configured: ids(&links.configured),
        published: ids(&links.published),
    }))
}
