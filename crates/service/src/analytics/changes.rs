//! Changes of an agent, from the audit rows about it (`getChangeLogs`).

use super::window;
use crate::{Caller, Ctx, audit, definition};
use store::{AuditFilter, AuditRow, User};
use types::{
    Error, Result,
    id::{BotId, UserId},
    page::PageIn,
};

/// Rows of a page at most, and when nothing is asked for.
const ROWS: u32 = 50;
/// Pages that can be asked for (ours).
const PAGES: u32 = 1_000;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Number of the page, from 0.
    pub page: u32,
    /// Rows at most.
    pub limit: Option<u32>,
    /// `startDate`, a day; the creation of the agent when there is none.
    pub start: Option<String>,
    /// `endDate`, a day that is taken along.
    pub end: Option<String>,
}

/// A change and who made it: for an app or the command line, the owner of the account.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The row.
    pub row: AuditRow,
    /// The person, if still there.
    pub by: Option<User>,
}

/// A page of the changes of an agent, the newest first.
///
/// # Errors
/// Not found; bad input on `offset`, `limit`, `startDate` or `endDate`.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: &BotId, query: &Query) -> Result<Vec<Changed>> {
    let agent = definition::get(ctx, caller, bot).await?;
    let limit = query.limit.unwrap_or(ROWS);
    if !(1..=ROWS).contains(&limit) {
        return Err(Error::field("limit", format!("must be from 1 to {ROWS}")));
    }
    if query.page > PAGES {
        return Err(Error::field("offset", format!("must be at most {PAGES}")));
    }
    let (from, to) = window::days(query.start.as_deref(), query.end.as_deref())?;
    let filter = AuditFilter {
        bot: Some(bot.clone()),
        from: Some(from.unwrap_or(agent.created_at)),
        to,
        ..AuditFilter::default()
    };
    let mut cursor = None;
    let mut rows = Vec::new();
    for at in 0..=query.page {
        let part = PageIn {
            limit,
            cursor: cursor.take(),
        };
        let page = audit::list(ctx, caller, &filter, &part).await?;
        cursor = page.next;
        if at == query.page {
            rows = page.items;
        } else if cursor.is_none() {
            break;
        }
    }
    let people = ctx.store().users().list(&caller.account).await?;
    let owner = people
        .iter()
        .filter(|user| user.role == "owner")
        .min_by_key(|user| user.created_at);
    let by = |row: &AuditRow| {
        let actor = &row.new.actor;
        if actor.starts_with(UserId::PREFIX) {
            return people
                .iter()
                .find(|user| user.id.as_str() == actor)
                .cloned();
        }
        owner.cloned()
    };
    Ok(rows
        .into_iter()
        .map(|row| Changed { by: by(&row), row })
        .collect())
}
