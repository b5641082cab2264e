//! `ombud app`

use crate::{cli::Global, output, wiring};
use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use service::admin::{
    apps::{self, AppPatch, AppView, GRACE_DEFAULT_HOURS, NewApp, NewKey},
    payload::{NewPayload, PayloadText},
};
use service::runtime::access;
use std::path::{Path, PathBuf};
use types::Secret;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an app; its secret is printed once
    Create(Create),
    /// List the apps of the account
    List,
    /// Show one app
    Show {
        /// Client id
        id: String,
        /// Print the client secret too; the look is audited
        #[arg(long)]
        secret: bool,
    },
    /// Switch an app on
    Enable {
        /// Client id
        id: String,
    },
    /// Switch an app off, at once
    Disable {
        /// Client id
        id: String,
    },
    /// Give an app a new secret and print it
    Rotate {
        /// Client id
        id: String,
        /// How long the old secret still works (0 to 72)
        #[arg(long, value_name = "HOURS", default_value_t = GRACE_DEFAULT_HOURS)]
        grace: u32,
    },
    /// Give an app another algorithm or public key; a secret that is made is printed
    Key {
        /// Client id
        id: String,
        /// The algorithm (default: the one in force)
        #[arg(long, value_name = "NAME")]
        algorithm: Option<String>,
        /// The public key: PEM, PEM certificate or JWK
        #[arg(long, value_name = "FILE")]
        public_key: Option<PathBuf>,
        /// How long the key before still works where the algorithm stays (0 to 72)
        #[arg(long, value_name = "HOURS", default_value_t = GRACE_DEFAULT_HOURS)]
        grace: u32,
    },
    /// Change what an app asks of tokens; what is not given stays
    Set(Set),
    /// End the access tokens that chat clients got through an app
    RevokeTokens {
        /// Client id
        id: String,
        /// Only those of this visitor (the sub of the JWT)
        #[arg(long, value_name = "IDENTITY")]
        visitor: Option<String>,
    },
    /// Remove an app with its links and scopes
    Delete {
        /// Client id
        id: String,
    },
}

#[derive(Debug, Args)]
pub struct Create {
    /// Kind of app
    #[arg(long)]
    kind: Kind,
    /// Name, unique in the account
    #[arg(long)]
    name: String,
    /// Agent to link the app to: id or unique name; may be given several times
    #[arg(long = "bot", value_name = "BOT")]
    bots: Vec<String>,
    /// Algorithm that tokens are signed with: HS256, HS384, HS512, RS256, RS384, RS512, PS256, ES256, ES384 or EdDSA
    #[arg(long, value_name = "NAME", default_value = "HS256")]
    algorithm: String,
    /// Public key of an algorithm with a key pair: PEM, PEM certificate or JWK
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// Refuse tokens without a jti
    #[arg(long)]
    enforce_jti: bool,
    /// Refuse tokens that are not encrypted
    #[arg(long)]
    enforce_jwe: bool,
    /// Public key that answers are encrypted to: PEM, PEM certificate or JWK, RSA of 2048 bits or more, or EC P-256
    #[arg(long, value_name = "FILE", conflicts_with = "payload_secret_file")]
    payload_key: Option<PathBuf>,
    /// Shared key of payloads: a file with 32 bytes in base64
    #[arg(long, value_name = "FILE")]
    payload_secret_file: Option<PathBuf>,
    /// Keep the payload key, but take payloads in clear too
    #[arg(long)]
    no_enforce_payload: bool,
}

#[derive(Debug, Args)]
pub struct Set {
    /// Client id
    id: String,
    /// Refuse tokens without a jti
    #[arg(long, value_name = "true|false")]
    enforce_jti: Option<bool>,
    /// Refuse tokens that are not encrypted
    #[arg(long, value_name = "true|false")]
    enforce_jwe: Option<bool>,
    /// Tokens that name the app by iss or kore_iss open operations with a scope too
    #[arg(long, value_name = "true|false")]
    sdk_tokens: Option<bool>,
    /// Visitors get an access token without a signature
    #[arg(long, value_name = "true|false")]
    anonymous: Option<bool>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// App of one or more agents
    Platform,
    /// App of the whole account
    Admin,
    /// App of data tables
    Data,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Admin => "admin",
            Self::Data => "data",
        }
    }
}

/// Reads a key file; what it holds is never printed.
pub(super) fn key_text(path: Option<&Path>) -> anyhow::Result<Option<String>> {
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path);
        text.with_context(|| format!("{} cannot be read", path.display()))
    };
    path.map(read).transpose()
}

/// The payload key of a new app, enforced unless told otherwise.
fn payload(create: &Create) -> anyhow::Result<Option<NewPayload>> {
    let public = key_text(create.payload_key.as_deref())?.map(PayloadText::Public);
    let shared = key_text(create.payload_secret_file.as_deref())?;
    let key = public.or(shared.map(|text| PayloadText::Shared(Secret::new(text))));
    let enforce = !create.no_enforce_payload;
    Ok(key.map(|key| NewPayload { key, enforce }))
}

/// Runs the command.
///
/// # Errors
/// No such app or agent; a name that is taken.
pub async fn run(global: &Global, command: Command) -> anyhow::Result<()> {
    let (ctx, caller) = wiring::caller(global).await?;
    match command {
        Command::Create(create) => {
            let mut bots = Vec::new();
            for bot in &create.bots {
                bots.push(wiring::bot_id(&ctx, &caller, bot).await?);
            }
            let payload = payload(&create)?;
            let new = NewApp {
                payload,
                name: create.name,
                kind: create.kind.word().into(),
                algorithm: create.algorithm,
                public_key: key_text(create.public_key.as_deref())?,
                enforce_jti: create.enforce_jti,
                enforce_jwe: create.enforce_jwe,
                bots,
            };
            let (view, secret) = apps::create(&ctx, &caller, new).await?;
            output::result(global, &shown(&view, Some(&secret)), lines);
        }
        Command::List => {
            let views = apps::list(&ctx, &caller, &Default::default()).await?;
            let rows: Vec<Value> = views.iter().map(|view| shown(view, None)).collect();
            output::result(global, &json!({"apps": rows}), |_| {
                views.iter().map(row).collect()
            });
        }
        Command::Show { id, secret } => {
            let id = wiring::client_id(&id)?;
            let view = apps::get(&ctx, &caller, &id).await?;
            let secret = if secret {
                Some(apps::reveal(&ctx, &caller, &id).await?)
            } else {
                None
            };
            output::result(global, &shown(&view, secret.as_ref()), lines);
        }
        Command::Enable { id } => switch(global, &ctx, &caller, &id, true).await?,
        Command::Disable { id } => switch(global, &ctx, &caller, &id, false).await?,
        Command::Rotate { id, grace } => {
            let id = wiring::client_id(&id)?;
            let secret = apps::rotate(&ctx, &caller, &id, grace).await?;
            let view = apps::get(&ctx, &caller, &id).await?;
            output::result(global, &shown(&view, Some(&secret)), |_| {
                secret.expose().to_owned()
            });
        }
        Command::Key {
            id,
            algorithm,
            public_key,
            grace,
        } => {
            let id = wiring::client_id(&id)?;
            let new = NewKey {
                algorithm,
                public_key: key_text(public_key.as_deref())?,
                grace_hours: grace,
            };
            let (view, secret) = apps::set_key(&ctx, &caller, &id, new).await?;
            output::result(global, &shown(&view, secret.as_ref()), lines);
        }
        Command::Set(set) => {
            let id = wiring::client_id(&set.id)?;
            let patch = AppPatch {
                enforce_jti: set.enforce_jti,
                enforce_jwe: set.enforce_jwe,
                sdk_tokens: set.sdk_tokens,
                anonymous: set.anonymous,
                ..AppPatch::default()
            };
            let view = apps::set(&ctx, &caller, &id, patch).await?;
            output::result(global, &shown(&view, None), lines);
        }
        Command::RevokeTokens { id, visitor } => {
            let id = wiring::client_id(&id)?;
            let ended = access::revoke(&ctx, &caller, &id, visitor.as_deref()).await?;
            let value = json!({"clientId": id, "ended": ended});
            output::result(global, &value, |_| format!("{ended} access tokens ended"));
        }
        Command::Delete { id } => {
            let id = wiring::client_id(&id)?;
            let gone = apps::remove(&ctx, &caller, &id).await?;
            let value = json!({"clientId": id, "deleted": true, "agents": gone.agents.len(), "mappings": gone.mappings,
                "adminScopes": gone.admin_scopes, "accessTokens": gone.access_tokens});
            output::result(global, &value, |_| {
                let (agents, mappings) = (gone.agents.len(), gone.mappings);
                format!(
                    "{id} deleted, with {agents} links to agents, {mappings} scope mappings, {} admin scopes and {} access tokens",
                    gone.admin_scopes, gone.access_tokens
                )
            });
        }
    }
    Ok(())
}

async fn switch(
    global: &Global,
    ctx: &service::Ctx,
    caller: &service::Caller,
    id: &str,
    enabled: bool,
) -> anyhow::Result<()> {
    let id = wiring::client_id(id)?;
    let view = apps::set(
        ctx,
        caller,
        &id,
        AppPatch {
            enabled: Some(enabled),
            ..AppPatch::default()
        },
    )
    .await?;
    output::result(global, &shown(&view, None), lines);
    Ok(())
}

/// The app as JSON; the secret only where it was asked for.
fn shown(view: &AppView, secret: Option<&Secret>) -> Value {
    let app = &view.app;
    let mut value = json!({
        "clientId": app.client_id,
        "name": app.name,
        "kind": app.kind,
        "algorithm": app.algorithm,
        "enforceJti": app.enforce_jti,
        "enforceJwe": app.enforce_jwe,
        "payload": app.payload.as_ref().map_or("off", |p| p.mode.as_str()),
        "enforcePayload": app.enforce_payload,
        "sdkTokens": app.sdk_tokens,
        "anonymous": app.anonymous,
        "state": if app.enabled { "enabled" } else { "disabled" },
        "bots": view.bots,
    });
    if let Some(secret) = secret.filter(|s| !s.expose().is_empty()) {
        value["clientSecret"] = json!(secret.expose());
    }
    value
}

/// One line a member.
fn lines(value: &Value) -> String {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(key, value)| {
            format!(
                "{key}: {}\n",
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            )
        })
        .collect()
}

/// One line an app.
fn row(view: &AppView) -> String {
    let state = if view.app.enabled {
        "enabled"
    } else {
        "disabled"
    };
    format!("{}  {state}  {}\n", view.app.client_id, view.app.name)
}
