//! How a client app is shown, and who may do something with it.

use super::{body, signed::Signed};
use axum::http::HeaderMap;
use serde::Serialize;
use service::{
    Caller, Ctx,
    admin::apps::{self, AppKind, AppView},
    console::permission::Permission,
};
use types::{
    Result,
    id::{BotId, ClientId},
};
use utoipa::ToSchema;

/// Whether tokens of an app are accepted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ConsoleAppState)]
pub enum AppState {
    /// They are.
    Enabled,
    /// They are refused.
    Disabled,
}

/// A client app without its secrets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsoleApp)]
pub struct AppOut {
    /// Its client id.
    client_id: String,
    /// Its state, for `if-match`.
    tag: String,
    /// Its name.
    name: String,
    /// `platform`, `admin` or `data`.
    kind: String,
    /// How its tokens are signed.
    algorithm: String,
    /// RFC 7638 thumbprint of its public key, where it signs with a key pair.
    public_key_print: Option<String>,
    /// Tokens need a `jti`.
    enforce_jti: bool,
    /// Tokens need to be encrypted.
    enforce_jwe: bool,
    /// Tokens of chat clients open the API too.
    sdk_tokens: bool,
    /// Visitors without a name may come.
    anonymous: bool,
    /// Payload encryption: `off`, or its mode.
    payload: String,
    /// Fingerprint of the payload key.
    payload_print: Option<String>,
    /// When the payload key was set, milliseconds since 1970 UTC.
    payload_set_at: Option<i64>,
    /// Payloads in clear are refused.
    enforce_payload: bool,
    /// Agents that it is linked to.
    agents: Vec<String>,
    /// Tables that it may do something with; data apps only.
    data_tables: usize,
    /// Views that it may do something with; data apps only.
    data_views: usize,
    /// Whether its tokens are accepted.
    state: AppState,
    /// The person may change it and see its secret.
    mine: bool,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    /// Milliseconds since 1970 UTC.
    last_used_at: Option<i64>,
    /// Until when the secret before this one works, milliseconds since 1970 UTC.
    secret_ends_at: Option<i64>,
}

/// What a change of an app of this kind takes: apps that reach the whole account are not a developer's business.
pub(super) fn over(kind: &str, platform: Permission) -> Permission {
    match AppKind::parse(kind) {
        Some(AppKind::Admin | AppKind::Data) => Permission::Account,
        _ => platform,
    }
}

/// Who may change this app, and its id; for platform apps this takes `platform`.
///
/// # Errors
/// Forbidden; not found; the app is not any more as `if-match` says.
pub(super) async fn changer<'a>(
    ctx: &Ctx,
    signed: &'a Signed,
    client: &str,
    platform: Permission,
    headers: Option<&HeaderMap>,
) -> Result<(&'a Caller, ClientId)> {
    // whoever may change no app at all learns nothing of which there are
    if signed.may(Permission::Account).is_err() {
        signed.may(platform)?;
    }
    let caller = signed.may(Permission::View)?;
    let client = body::client(client)?;
    let app = apps::get(ctx, caller, &client).await?.app;
    signed.may(over(&app.kind, platform))?;
    let seen = headers.map(body::seen).unwrap_or_default();
    apps::unchanged(ctx, caller, &client, &seen).await?;
    Ok((caller, client))
}

/// The `etag` of an app.
pub(super) fn etag(app: &AppOut) -> String {
    format!("\"{}\"", app.tag)
}

/// An app without its secrets. The end of the old secret shows as long as that one still works.
pub(super) fn view(ctx: &Ctx, signed: &Signed, view: &AppView) -> AppOut {
    let app = &view.app;
    let payload = app.payload.as_ref();
    AppOut {
        client_id: app.client_id.to_string(),
        tag: apps::tag(app),
        mine: signed.may(over(&app.kind, Permission::Secrets)).is_ok(),
        name: app.name.clone(),
        kind: app.kind.clone(),
        algorithm: app.algorithm.clone(),
        public_key_print: apps::key_print(app),
        enforce_jti: app.enforce_jti,
        enforce_jwe: app.enforce_jwe,
        sdk_tokens: app.sdk_tokens,
        anonymous: app.anonymous,
        payload: payload.map_or("off", |p| p.mode.as_str()).to_owned(),
        payload_print: payload.map(|p| p.print.clone()),
        payload_set_at: payload.map(|p| p.set_at),
        enforce_payload: app.enforce_payload,
        data_tables: view.tables,
        data_views: view.views,
        agents: view.bots.iter().map(BotId::to_string).collect(),
        state: match app.enabled {
            true => AppState::Enabled,
            false => AppState::Disabled,
        },
        created_at: app.created_at,
        last_used_at: app.last_used_at,
        secret_ends_at: app.previous_until.filter(|until| *until > ctx.now()),
    }
}
