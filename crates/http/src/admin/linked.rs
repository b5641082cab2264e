//! `getLinkedApps`.

use crate::{
    auth::{Allowed, Operation},
    error::Public,
};
use axum::{Json, extract::State};
use serde::Serialize;
use service::{Ctx, definition};
use utoipa::ToSchema;

/// Lists the agents that a universal agent hands over to.
pub struct GetLinkedApps;

impl Operation for GetLinkedApps {
    const ID: &'static str = "getLinkedApps";
}

/// The links of an agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkedOut {
    /// `default`: the agent stands for itself. Universal agents cannot be made here.
    r#type: &'static str,
    /// As `type`.
    app_type: &'static str,
    /// Whether it is a universal agent.
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
    /// 1: active.
    status: i64,
    #[serde(rename = "isDialogGPTEnabled")]
    is_dialog_gpt_enabled: bool,
    /// Seconds since 1970.
    configured_version: i64,
    /// Seconds since 1970.
    published_version: String,
}

/// Ids of linked agents.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Links {
    linked_apps: Vec<String>,
    #[serde(rename = "isUXOUB")]
    is_universal: bool,
}

/// Lists the agents that a universal agent hands over to. No agent here is one, so its lists are empty.
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
    // an agent that went meanwhile has no links to tell of
    definition::get(&ctx, &allowed.caller, &allowed.bot).await?;
    let none = || Links {
        linked_apps: Vec::new(),
        is_universal: false,
    };
    Ok(Json(LinkedOut {
        r#type: "default",
        app_type: "default",
        is_universal: false,
        is_dialog_gpt_enabled: false,
        configured_linked_apps: Vec::new(),
        published_linked_apps: Vec::new(),
        configured: none(),
        published: none(),
    }))
}
