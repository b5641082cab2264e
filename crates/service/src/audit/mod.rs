//! Audit rows: who did what to which thing. Written in the transaction of the change, and chained.

mod chain;
pub mod csv;
mod verify;

pub use verify::{Broken, Verdict, verify};

use crate::{Caller, Ctx};
use serde_json::Value;
use store::{AuditFilter, AuditLink, AuditRow, Families, NewAuditRow};
use types::{
    Result,
    id::BotId,
    page::{Page, PageIn},
};

/// One change, without who and when.
#[derive(Debug, Clone, Default)]
pub struct Change<'a> {
    /// What, for instance `app.rotate`.
    pub action: &'static str,
    /// Id of the thing.
    pub target: &'a str,
    /// The agent it belongs to.
    pub bot: Option<&'a BotId>,
    /// Digest before.
    pub before: Option<String>,
    /// Digest after.
    pub after: Option<String>,
    /// More, an object without secrets.
    pub details: Option<Value>,
}

/// Writes a row.
///
/// # Errors
/// When the store cannot be reached.
pub async fn note(
    ctx: &Ctx,
    rows: &(impl Families + ?Sized),
    caller: &Caller,
    change: Change<'_>,
) -> Result<()> {
    let row = NewAuditRow {
        account: caller.account.clone(),
        actor: caller.actor(),
        action: change.action.to_owned(),
        target: change.target.to_owned(),
        bot: change.bot.cloned(),
        address: caller.address.clone(),
        before: change.before,
        after: change.after,
        details: change
            .details
            .unwrap_or_else(|| Value::Object(Default::default())),
        at: ctx.now(),
    };
    let key = chain::key(ctx.vault());
    rows.audit()
        .add(&row, &|number, before, row| {
            chain::seal(&key, number, before, row)
        })
        .await
}

/// A page of the account's rows, the newest first.
///
/// # Errors
/// Bad input on `cursor`; when the store cannot be reached.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    filter: &AuditFilter,
    page: &PageIn,
) -> Result<Page<AuditRow>> {
    ctx.store()
        .audit()
        .list(&caller.account, filter, page)
        .await
}

/// The end of the chain, of every account: to be kept where nobody who can write the database can change it.
///
/// # Errors
/// When the store cannot be reached.
pub async fn head(ctx: &Ctx) -> Result<AuditLink> {
    ctx.store().audit().head().await
}

/// Who the actors of some rows are, for people: address of a user, name of an app. One that is gone has no name.
///
/// # Errors
/// When the store cannot be reached.
pub async fn actor_name(ctx: &Ctx, caller: &Caller, actor: &str) -> Result<Option<String>> {
    if let Some(client) = types::id::ClientId::parse(actor) {
        let app = ctx.store().apps().find(&caller.account, &client).await?;
        return Ok(app.map(|app| app.name));
    }
    let user = types::id::UserId::trusted(actor);
    let user = ctx.store().users().find(&caller.account, &user).await?;
    Ok(user.map(|user| user.email))
}
