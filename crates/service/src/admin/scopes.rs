//! Scopes of platform apps on agents: a draft, and what is in force since the last publish; scopes of admin apps, in force when
//! saved (DECISIONS section 5).

use crate::{
    Caller, Ctx,
    admin::apps::{self, AppKind},
    audit::{self, Change},
};
use serde_json::json;
use store::{Grant, Mapping};
use types::{
    Error, Field, Result, codes,
    id::{BotId, ClientId},
    scope::{self, Scope, Side},
};

/// How the draft of a mapping stands to what is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The same.
    Published,
    /// They differ.
    NotPublished,
    /// The mapping goes with the next publish.
    RemovalNotPublished,
}

impl State {
    /// The word on the console's wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::NotPublished => "not_published",
            Self::RemovalNotPublished => "removal_not_published",
        }
    }
    /// Of a mapping.
    pub fn of(mapping: &Mapping) -> Self {
        match (&mapping.draft, &mapping.published) {
            (None, _) => Self::RemovalNotPublished,
            (Some(draft), Some(published)) if same(draft, published) => Self::Published,
            _ => Self::NotPublished,
        }
    }
}

/// The scopes of a side: of the app builder, or of the admin console.
pub fn catalogue(side: Side) -> impl Iterator<Item = &'static Scope> {
    scope::ALL.iter().filter(move |s| s.side == side)
}

/// Finds scopes of a side by name, another spelling, or id.
///
/// # Errors
/// Bad input that names each unknown one with the nearest names.
pub fn parse(side: Side, names: &[String]) -> Result<Vec<&'static Scope>> {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for name in names {
        match scope::find(side, name) {
            Ok(scope) => found.push(scope),
            Err(near) => wrong.push(Field {
                field: "scopes".to_owned(),
                message: format!(
                    "{name:?} is not a scope; the nearest are: {}",
                    near.join(", ")
                ),
            }),
        }
    }
    match wrong.is_empty() {
        true => Ok(found),
        false => Err(Error::fields(wrong)),
    }
}

/// The mappings of an agent.
///
/// # Errors
/// Not found for the agent.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Vec<Mapping>> {
    agent(ctx, caller, bot).await?;
    ctx.store().mappings().list(&caller.account, bot).await
}

/// Adds scopes to the draft, or takes them away.
///
/// # Errors
/// Not found for app, agent or link; an unknown name.
pub async fn change(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    client: &ClientId,
    names: &[String],
    grant: bool,
) -> Result<Mapping> {
    let scopes = parse(Side::Platform, names)?;
    let before = ctx
        .store()
        .mappings()
        .find(&caller.account, bot, client)
        .await?;
    let mut draft = before.and_then(|m| m.draft).unwrap_or_default();
    draft.retain(|id| scopes.iter().all(|s| s.id != id));
    if grant {
        draft.extend(scopes.iter().map(|s| s.id.to_owned()));
    }
    set(ctx, caller, bot, client, &draft).await
}

/// Replaces the draft.
///
/// # Errors
/// Not found for app, agent or link; an unknown scope.
pub async fn set(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    client: &ClientId,
    names: &[String],
) -> Result<Mapping> {
    let ids = ids(Side::Platform, names)?;
    agent(ctx, caller, bot).await?;
    let tx = ctx.store().begin().await?;
    let app = apps::find(&*tx, caller, client).await?;
    apps::must_be(&app, AppKind::Platform)?;
    let mappings = tx.mappings();
    mappings
        .set_draft(
            &caller.account,
            bot,
            client,
            &ids,
            &caller.actor(),
            ctx.now(),
        )
        .await?;
    let row = mappings.find(&caller.account, bot, client).await?;
    note(
        ctx,
        &*tx,
        caller,
        "scope.set",
        Some(bot),
        client,
        json!({"draft": ids}),
    )
    .await?;
    tx.commit().await?;
    row.ok_or_else(|| Error::not_found("Scope mapping not found"))
}

/// Takes the draft away; the next publish removes the mapping.
///
/// # Errors
/// Not found.
pub async fn remove(ctx: &Ctx, caller: &Caller, bot: &BotId, client: &ClientId) -> Result<()> {
    let tx = ctx.store().begin().await?;
    let gone = tx
        .mappings()
        .remove_draft(&caller.account, bot, client, &caller.actor(), ctx.now())
        .await?;
    there(gone)?;
    note(
        ctx,
        &*tx,
        caller,
        "scope.remove",
        Some(bot),
        client,
        json!({}),
    )
    .await?;
    tx.commit().await
}

/// Removes a mapping at once, draft and published.
///
/// # Errors
/// Not found.
pub async fn revoke(ctx: &Ctx, caller: &Caller, bot: &BotId, client: &ClientId) -> Result<()> {
    let tx = ctx.store().begin().await?;
    let gone = tx.mappings().revoke(&caller.account, bot, client).await?;
    there(gone)?;
    note(
        ctx,
        &*tx,
        caller,
        "scope.revoke",
        Some(bot),
        client,
        json!({}),
    )
    .await?;
    tx.commit().await
}

/// The admin scopes of the account's apps.
///
/// # Errors
/// When the store cannot be reached.
pub async fn list_admin(ctx: &Ctx, caller: &Caller) -> Result<Vec<Grant>> {
    ctx.store().grants().list(&caller.account).await
}

/// Adds admin scopes, or takes them away; in force at once.
///
/// # Errors
/// Not found for the app; the app is no admin app; an unknown name.
pub async fn change_admin(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    names: &[String],
    grant: bool,
) -> Result<Grant> {
    let scopes = parse(Side::Admin, names)?;
    let before = ctx.store().grants().find(&caller.account, client).await?;
    let mut wanted = before.map(|g| g.scopes).unwrap_or_default();
    wanted.retain(|id| scopes.iter().all(|s| s.id != id));
    if grant {
        wanted.extend(scopes.iter().map(|s| s.id.to_owned()));
    }
    set_admin(ctx, caller, client, &wanted).await
}

/// Replaces the admin scopes of an app; in force at once.
///
/// # Errors
/// Not found for the app; the app is no admin app; an unknown scope.
pub async fn set_admin(
    ctx: &Ctx,
    caller: &Caller,
    client: &ClientId,
    names: &[String],
) -> Result<Grant> {
    let scopes = ids(Side::Admin, names)?;
    let tx = ctx.store().begin().await?;
    let app = apps::find(&*tx, caller, client).await?;
    apps::must_be(&app, AppKind::Admin)?;
    let grant = Grant {
        account: caller.account.clone(),
        client: client.clone(),
        scopes,
        changed_by: caller.actor(),
        changed_at: ctx.now(),
    };
    tx.grants().set(&grant).await?;
    let details = json!({"scopes": grant.scopes});
    note(ctx, &*tx, caller, "admin_scope.set", None, client, details).await?;
    tx.commit().await?;
    Ok(grant)
}

/// Takes all admin scopes of an app away, at once.
///
/// # Errors
/// Not found.
pub async fn remove_admin(ctx: &Ctx, caller: &Caller, client: &ClientId) -> Result<()> {
    let tx = ctx.store().begin().await?;
    let gone = tx.grants().remove(&caller.account, client).await?;
    there(gone)?;
    note(
        ctx,
        &*tx,
        caller,
        "admin_scope.remove",
        None,
        client,
        json!({}),
    )
    .await?;
    tx.commit().await
}

/// Refuses to remove what is not there, before anything is noted.
fn there(gone: bool) -> Result<()> {
    gone.then_some(())
        .ok_or_else(|| Error::not_found("Scope mapping not found"))
}

/// The ids of scopes, each once.
fn ids(side: Side, names: &[String]) -> Result<Vec<String>> {
    let found = parse(side, names)?;
    let mut ids: Vec<String> = found.iter().map(|s| s.id.to_owned()).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

async fn agent(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<()> {
    let found = ctx.store().agents().find(&caller.account, bot).await?;
    found
        .map(|_| ())
        .ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))
}

fn same(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|id| b.contains(id))
}

async fn note(
    ctx: &Ctx,
    tx: &dyn store::Tx,
    caller: &Caller,
    action: &'static str,
    bot: Option<&BotId>,
    client: &ClientId,
    details: serde_json::Value,
) -> Result<()> {
    let change = Change {
        action,
        target: client.as_str(),
        bot,
        details: Some(details),
        ..Change::default()
    };
    audit::note(ctx, tx, caller, change).await
}
