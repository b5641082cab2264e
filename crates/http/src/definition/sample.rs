//! `installSampleBot`.

use crate::{
    analytics::time::iso,
    auth::{EitherAccount, Operation, Shared},
    error::Public,
};
use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Serialize;
use service::{
    Ctx,
    console::permission::Permission,
    definition::{self, sample},
};
use std::collections::HashMap;
use store::Copy;
use types::{
    Error, Result, codes,
    id::{BotId, UserId},
};
use utoipa::ToSchema;

/// Copies a sample agent.
pub struct InstallSampleBot;

impl Operation for InstallSampleBot {
    const ID: &'static str = "installSampleBot";
}

impl Shared for InstallSampleBot {
    const PERMISSION: Permission = Permission::Agents;
}

/// Who sees an agent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SampleVisibility)]
pub struct VisibilityOut {
    /// Always `private`.
    namespace: &'static str,
    /// The people.
    namespace_ids: Vec<String>,
}

/// The copy of a sample.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SampleInstalled)]
pub struct InstalledOut {
    /// The new agent, `st-…`.
    #[serde(rename = "_id")]
    id: String,
    /// Name of the sample with the e-mail address of the owner.
    name: String,
    /// Name of the sample.
    original_name: String,
    /// Always `setup`: nothing is published yet.
    state: &'static str,
    default_language: String,
    visibility: VisibilityOut,
    /// Enabled languages.
    languages: Vec<String>,
    /// Always empty.
    screen_shots: Vec<String>,
    /// Always 0: copies are not counted.
    download_count: u32,
    /// Always empty: there are no alert tasks.
    alerts: Vec<String>,
    /// Always empty: there are no action tasks.
    actions: Vec<String>,
    /// Ids of the dialogs.
    dialogs: Vec<String>,
    /// Always empty.
    widgets: Vec<String>,
    /// Always empty.
    panels: Vec<String>,
    /// Always empty.
    forms: Vec<String>,
    /// Always empty.
    category_ids: Vec<String>,
    /// Always empty.
    class: Vec<String>,
    /// Always false.
    featured: bool,
    /// Always false.
    profile_required: bool,
    /// Always false.
    send_vcf: bool,
    /// Always true.
    #[serde(rename = "isNLEnabled")]
    is_nl_enabled: bool,
    /// Another task may take over while one runs.
    interrupts_enabled: bool,
    /// Colour of a banner.
    s_banner_color: &'static str,
    /// Colour of a banner.
    b_banner_color: &'static str,
    /// Colour of the agent.
    color: &'static str,
    /// File of the picture; empty without one.
    icon: String,
    /// Always empty.
    keywords: Vec<String>,
    /// Always empty: nobody else sees the copy yet.
    shared_by: Vec<String>,
    account_id: String,
    /// ISO-8601.
    created_on: String,
    /// The owner, `u-…`.
    created_by: String,
    /// ISO-8601.
    modified_on: String,
    /// The owner, `u-…`.
    last_modified_by: String,
    #[serde(rename = "__v")]
    version: u8,
}

/// Colour that the answer names; pages of the console choose their own.
const COLOR: &str = "#2F5BEA";

/// Copies a sample agent into the account of the caller.
///
/// The id of the path is that of the sample, the copy has its own. The owner of the copy is the person of the header `userId`, else who
/// asks, else the owner of the account.
///
/// # Errors
/// No such sample; another account; a person who is not of the account.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    params(("sampleBotId" = String, Path, description = "Id of the sample, `st-…`"), ("AccountId" = Option<String>, Header, description = "The account, which must be that of the caller"),
        ("userId" = Option<String>, Header, description = "Owner of the copy, `u-…`"),
        ("bot-language" = Option<String>, Header, description = "Taken, but without an effect: a copy has the languages of its sample")),
    responses((status = 200, description = "The copy", body = InstalledOut, example = json!({
        "_id": "st-0f8fad5b-d9cb-569f-a165-70867728950e", "name": "Parcel Desk_ann@example.com", "originalName": "Parcel Desk",
        "state": "setup", "defaultLanguage": "en", "visibility": {"namespace": "private", "namespaceIds": ["u-0f8fad5b-d9cb-569f-a165-70867728950e"]},
        "languages": ["en"], "screenShots": [], "downloadCount": 0, "alerts": [], "actions": [],
        "dialogs": ["dg-0f8fad5b-d9cb-569f-a165-70867728950e"], "widgets": [], "panels": [], "forms": [], "categoryIds": [], "class": [],
        "featured": false, "profileRequired": false, "sendVcf": false, "isNLEnabled": true, "interruptsEnabled": true,
        "sBannerColor": "#2F5BEA", "bBannerColor": "#2F5BEA", "color": "#2F5BEA", "icon": "", "keywords": [], "sharedBy": [],
        "accountId": "64f000000000000000000004", "createdOn": "2026-02-03T09:15:00.000Z", "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
        "modifiedOn": "2026-02-03T09:15:00.000Z", "lastModifiedBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "__v": 0}))),
)]
pub async fn install(
    State(ctx): State<Ctx>,
    allowed: EitherAccount<InstallSampleBot>,
    Path(path): Path<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<InstalledOut>, Public> {
    Ok(Json(made(&ctx, &allowed, &path, &headers).await?))
}

/// Copies a sample agent, as older clients ask for it.
///
/// # Errors
/// As the POST.
#[utoipa::path(
    get,
    path = "/",
    operation_id = "installSampleBotOld",
    tag = "definition",
    params(("sampleBotId" = String, Path, description = "Id of the sample, `st-…`"), ("AccountId" = Option<String>, Header, description = "The account, which must be that of the caller"),
        ("userId" = Option<String>, Header, description = "Owner of the copy, `u-…`")),
    responses((status = 200, description = "The copy", body = InstalledOut, example = json!({
        "_id": "st-0f8fad5b-d9cb-569f-a165-70867728950e", "name": "Parcel Desk_ann@example.com", "originalName": "Parcel Desk",
        "state": "setup", "defaultLanguage": "en", "visibility": {"namespace": "private", "namespaceIds": ["u-0f8fad5b-d9cb-569f-a165-70867728950e"]},
        "languages": ["en"], "screenShots": [], "downloadCount": 0, "alerts": [], "actions": [],
        "dialogs": ["dg-0f8fad5b-d9cb-569f-a165-70867728950e"], "widgets": [], "panels": [], "forms": [], "categoryIds": [], "class": [],
        "featured": false, "profileRequired": false, "sendVcf": false, "isNLEnabled": true, "interruptsEnabled": true,
        "sBannerColor": "#2F5BEA", "bBannerColor": "#2F5BEA", "color": "#2F5BEA", "icon": "", "keywords": [], "sharedBy": [],
        "accountId": "64f000000000000000000004", "createdOn": "2026-02-03T09:15:00.000Z", "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
        "modifiedOn": "2026-02-03T09:15:00.000Z", "lastModifiedBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "__v": 0}))),
)]
pub async fn install_old(
    State(ctx): State<Ctx>,
    allowed: EitherAccount<InstallSampleBot>,
    Path(path): Path<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<InstalledOut>, Public> {
    Ok(Json(made(&ctx, &allowed, &path, &headers).await?))
}

async fn made(
    ctx: &Ctx,
    allowed: &EitherAccount<InstallSampleBot>,
    path: &HashMap<String, String>,
    headers: &HeaderMap,
) -> Result<InstalledOut> {
    let caller = &allowed.caller;
    let id = path.get("sampleBotId").map(|id| id.trim_start_matches(':'));
    let id = id.and_then(BotId::parse);
    let id = id.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let header = |name: &str| {
        let text = headers.get(name).and_then(|v| v.to_str().ok());
        text.map(str::trim).filter(|text| !text.is_empty())
    };
    if header("accountid").is_some_and(|account| account != caller.account.as_str()) {
        return Err(Error::not_found("There is no such account"));
    }
    let missing = || Error::not_found("There is no such person in the account");
    let owner = header("userid").map(|id| UserId::parse(id).ok_or_else(missing));
    let done = sample::install(ctx, caller, &id, owner.transpose()?.as_ref()).await?;
    let bot = &done.made.bot;
    let row = definition::get(ctx, caller, bot).await?;
    let agent = definition::load(ctx, &caller.account, bot, &Copy::Draft).await?;
    let owner = done.owner.id.to_string();
    Ok(InstalledOut {
        id: bot.to_string(),
        name: row.name,
        original_name: done.original,
        state: "setup",
        default_language: agent.default_language.clone(),
        visibility: VisibilityOut {
            namespace: "private",
            namespace_ids: vec![owner.clone()],
        },
        languages: row.languages,
        screen_shots: Vec::new(),
        download_count: 0,
        alerts: Vec::new(),
        actions: Vec::new(),
        dialogs: agent.dialogs.iter().map(|d| d.id.clone()).collect(),
        widgets: Vec::new(),
        panels: Vec::new(),
        forms: Vec::new(),
        category_ids: Vec::new(),
        class: Vec::new(),
        featured: false,
        profile_required: false,
        send_vcf: false,
        is_nl_enabled: true,
        interrupts_enabled: true,
        s_banner_color: COLOR,
        b_banner_color: COLOR,
        color: COLOR,
        icon: String::new(),
        keywords: Vec::new(),
        shared_by: Vec::new(),
        account_id: row.account.to_string(),
        created_on: iso(row.created_at),
        created_by: owner.clone(),
        modified_on: iso(row.updated_at),
        last_modified_by: owner,
        version: 0,
    })
}
