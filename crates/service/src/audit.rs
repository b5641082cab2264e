//! Audit rows: who did what to which thing. Written in the transaction of the change.

use crate::{Caller, Ctx};
use serde_json::Value;
use store::{Families, NewAuditRow};
use types::{Result, id::BotId};

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
    rows.audit().add(&row).await
}
