//! The account's agents with their apps, for the API.

use crate::{
    Caller, Ctx,
    admin::{apps, security},
    audit::{self, Change},
};
use serde_json::json;
use store::{Agent, App, AppFilter};
use types::{Error, Result, Secret};

/// Agents of a part at most.
pub const PAGE_MAX: u64 = 50;
/// What stands for a secret that is not shown; it does not tell the secret's length.
const MASK: &str = "********";

/// A part of the list.
pub struct Bots {
    /// Agents of the account.
    pub total: u64,
    /// By name.
    pub agents: Vec<Listed>,
}

/// An agent and the apps linked to it, each with its secret: masked, unless the account's rules show it; empty where it has none.
pub struct Listed {
    /// The agent.
    pub agent: Agent,
    /// Its apps.
    pub apps: Vec<(App, Secret)>,
}

/// Lists agents from `offset` on, `limit` at most. Secrets in clear are audited.
///
/// # Errors
/// When the store cannot be reached.
pub async fn list(ctx: &Ctx, caller: &Caller, offset: u64, limit: u64) -> Result<Bots> {
    let rules = security::get(ctx, caller).await?;
    let limit = limit.min(PAGE_MAX);
    let (agents, total) = ctx
        .store()
        .agents()
        .part(&caller.account, offset, limit)
        .await?;
    let mut listed = Vec::new();
    let mut shown = 0;
    for agent in agents {
        let filter = AppFilter {
            bot: Some(agent.bot.clone()),
            ..AppFilter::default()
        };
        let mut apps = Vec::new();
        for app in ctx.store().apps().list(&caller.account, &filter).await? {
            let secret = match (app.secret.is_empty(), rules.reveal_secrets) {
                (true, _) => Secret::new(""),
                (false, false) => Secret::new(MASK),
                (false, true) => {
                    shown += 1;
                    apps::open_secret(ctx.vault(), &app.account, &app.client_id, &app.secret)
                        .map_err(Error::internal)?
                }
            };
            apps.push((app, secret));
        }
        listed.push(Listed { agent, apps });
    }
    if shown > 0 {
        let change = Change {
            action: "app.reveal",
            target: caller.account.as_str(),
            details: Some(json!({"by": "getBots", "secrets": shown})),
            ..Change::default()
        };
        audit::note(ctx, ctx.store(), caller, change).await?;
    }
    Ok(Bots {
        total,
        agents: listed,
    })
}
