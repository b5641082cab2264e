//! `getBots`.

use crate::{
    analytics::time::iso,
    auth::{AllowedAccount, Operation},
    error::Public,
    valid::{Fields, Input, Valid},
};
use axum::{Json, extract::State};
use serde::Serialize;
use service::{
    Ctx,
    admin::bots::{self, Listed},
};
use store::App;
use types::{
    Secret,
    limit::{Limit, Per},
};
use utoipa::{IntoParams, ToSchema};

/// Lists the agents of the account with their apps.
pub struct GetBots;

impl Operation for GetBots {
    const ID: &'static str = "getBots";
    const LIMIT: Limit = Limit {
        per: Per::Account,
        ..types::limit::DEFAULT
    };
}

/// Which part of the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BotsIn {
    /// Agents to skip.
    #[param(minimum = 0, default = 0)]
    offset: Option<u64>,
    /// Agents in the answer; 50 when nothing is said.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u64>,
}

impl Input for BotsIn {
    fn read(fields: &mut Fields) -> Self {
        let read = Self {
            offset: fields.count("offset"),
            limit: fields.count("limit"),
        };
        if read
            .limit
            .is_some_and(|limit| !(1..=bots::PAGE_MAX).contains(&limit))
        {
            fields.refuse("limit", "must be 1 to 50");
        }
        read
    }
}

/// A part of the account's agents.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BotsOut {
    /// Agents of the account.
    total: u64,
    /// Whether there are more behind this part.
    available_more: bool,
    /// By name.
    bots: Vec<BotOut>,
}

/// An agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BotOut {
    #[serde(rename = "_id")]
    id: String,
    account_id: String,
    /// `customer` or `employee`.
    purpose: String,
    created_on: String,
    /// Who made it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<String>,
    /// Always `default`.
    r#type: &'static str,
    default_language: String,
    is_deflect: bool,
    /// Always `btstreams`.
    resourceid: &'static str,
    /// `published`, or `configured` before the first publish.
    status: &'static str,
    /// File id of its picture, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    name: String,
    description: String,
    /// Universal agents that it is linked to; there are none.
    #[schema(value_type = Vec<String>)]
    is_linked_to: [(); 0],
    contains_panel_or_widget: bool,
    /// The apps linked to it.
    jwt_apps: Vec<JwtAppOut>,
}

/// An app.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct JwtAppOut {
    client_id: String,
    /// Masked, unless the account's rules show it; empty where the app signs with a key of its own.
    client_secret: String,
    jti_claim_enforced: bool,
    jwe_encryption_enforced: bool,
    created_on: String,
}

/// Lists the agents of the account with their apps.
///
/// # Errors
/// Bad input that names each wrong field.
#[utoipa::path(
    get,
    path = "",
    operation_id = "getBots",
    tag = "admin",
    params(BotsIn),
    responses((status = 200, description = "A part of the list", body = BotsOut, example = json!({
        "total": 1, "availableMore": false, "bots": [{"_id": "st-5c2f81e0-7b1d-5c0a-9a3e-2f4d6b8c0e11",
            "accountId": "64f000000000000000000004", "purpose": "customer", "createdOn": "2026-02-03T09:15:00.000Z",
            "type": "default", "defaultLanguage": "en", "isDeflect": false, "resourceid": "btstreams", "status": "published",
            "name": "Parcel Desk", "description": "Finds parcels", "isLinkedTo": [], "containsPanelOrWidget": false,
            "jwtApps": [{"clientId": "cs-5c2f81e0-7b1d-5c0a-9a3e-2f4d6b8c0e11", "clientSecret": "********",
                "jtiClaimEnforced": false, "jweEncryptionEnforced": false, "createdOn": "2026-02-03T09:15:00.000Z"}]}],
    })))
)]
pub async fn get_bots(
    State(ctx): State<Ctx>,
    allowed: AllowedAccount<GetBots>,
    Valid(wanted): Valid<BotsIn>,
) -> Result<Json<BotsOut>, Public> {
    let offset = wanted.offset.unwrap_or(0);
    let limit = wanted.limit.unwrap_or(bots::PAGE_MAX);
    let found = bots::list(&ctx, &allowed.caller, offset, limit).await?;
    let end = offset.saturating_add(found.agents.len() as u64);
    Ok(Json(BotsOut {
        total: found.total,
        available_more: end < found.total,
        bots: found.agents.into_iter().map(bot).collect(),
    }))
}

fn bot(listed: Listed) -> BotOut {
    let agent = listed.agent;
    let text = |name: &str| {
        agent
            .extra
            .get(name)
            .and_then(|v| v.as_str())
            .map(str::to_owned)
    };
    BotOut {
        id: agent.bot.to_string(),
        account_id: agent.account.to_string(),
        purpose: text("purpose").unwrap_or_else(|| "customer".to_owned()),
        created_on: iso(agent.created_at),
        created_by: text("createdBy"),
        r#type: "default",
        default_language: agent.languages.first().cloned().unwrap_or_default(),
        is_deflect: false,
        resourceid: "btstreams",
        status: if agent.published.is_some() {
            "published"
        } else {
            "configured"
        },
        icon: text("icon"),
        is_linked_to: [],
        contains_panel_or_widget: false,
        jwt_apps: listed.apps.into_iter().map(jwt_app).collect(),
        name: agent.name,
        description: agent.description,
    }
}

fn jwt_app((app, secret): (App, Secret)) -> JwtAppOut {
    JwtAppOut {
        client_id: app.client_id.to_string(),
        client_secret: secret.expose().to_owned(),
        jti_claim_enforced: app.enforce_jti,
        jwe_encryption_enforced: app.enforce_jwe,
        created_on: iso(app.created_at),
    }
}
