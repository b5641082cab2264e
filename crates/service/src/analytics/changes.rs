//! Changes of an agent, from the audit rows about it (`getChangeLogs`).

use super::window;
use crate::{Caller, Ctx, audit, definition};
use store::{AuditFilter, AuditRow, User};
use types::{
    Error, Field, Result,
    id::{BotId, UserId},
    page::PageIn,
};

/// Rows of a page at most, and when nothing is asked for.
pub const ROWS: u32 = 50;
/// Pages that can be asked for (ours).
pub const PAGES: u32 = 1_000;

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

impl Query {
    /// Whether it can be answered.
    ///
    /// # Errors
    /// Bad input that names each of `offset`, `limit`, `startDate` and `endDate` that is wrong.
    pub fn check(&self) -> Result<()> {
        let mut wrong = Vec::new();
        let mut refuse = |field: &str, message: String| {
            let field = field.to_owned();
            wrong.push(Field { field, message });
        };
        if self.limit.is_some_and(|limit| !(1..=ROWS).contains(&limit)) {
            refuse("limit", format!("must be from 1 to {ROWS}"));
        }
        if self.page > PAGES {
            refuse("offset", format!("must be at most {PAGES}"));
        }
        for days in [
            window::days(self.start.as_deref(), None),
            window::days(None, self.end.as_deref()),
        ] {
            if let Err(error) = days {
                wrong.extend(error.fields);
            }
        }
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(Error::fields(wrong)),
        }
    }
}

/// What an action did, as a sentence for people. An action without one of its own is told by its words.
pub fn sentence(action: &str) -> String {
    let known = match action {
        "agent.import" => "Imported the agent",
        "agent.merge" => "Imported a definition into the agent",
        "agent.train" => "Trained the agent",
        "agent.publish" => "Published the agent",
        "agent.export" => "Exported the agent",
        "agent.delete" => "Deleted the agent",
        "agent.functions" => "Imported bot functions",
        "app.link" => "Linked an app to the agent",
        "app.unlink" => "Unlinked an app from the agent",
        "batch.import" => "Imported a batch test suite",
        "batch.delete" => "Deleted a batch test suite",
        "batch.run" => "Ran a batch test suite",
        "language.add" => "Added a language",
        "language.update" => "Changed a language",
        "language.default" => "Changed the default language",
        "nlp.update" => "Changed the NLP settings",
        "scope.grant" => "Granted scopes to an app",
        "scope.revoke" => "Revoked scopes of an app",
        "token.mint" => "Made a token for an app",
        "utterance.import" => "Imported utterances",
        "utterance.export" => "Exported utterances",
        "variable.import" => "Imported variables",
        _ => {
            let words = action.replace(['.', '_'], " ");
            let mut letters = words.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            return first.chain(letters).collect();
        }
    };
    known.to_owned()
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
    query.check()?;
    let limit = query.limit.unwrap_or(ROWS);
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
