//! Sessions of an agent (`getSessions`).

use super::{tags, window};
use crate::{Caller, Ctx};
use serde_json::Value;
use std::collections::HashSet;
use store::{Session, SessionFilter};
use types::{
    Error, Result,
    id::{BotId, SessionId},
};

/// Ids in one query at most.
const IDS: usize = 50;
/// Rows in one answer at most, and when nothing is asked for (ours; samples use 100).
const ROWS: u64 = 100;
/// With ids, tags are given for sessions of so many days only.
const TAG_DAYS: i64 = 14;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Our id of the user, e-mail or enterprise id.
    pub user: Option<String>,
    /// Rows to skip.
    pub skip: u64,
    /// Rows at most.
    pub limit: Option<u64>,
    /// `dateFrom`.
    pub from: Option<String>,
    /// `dateTo`.
    pub to: Option<String>,
    /// Meta-tag filter.
    pub tags: Option<Value>,
    /// `interactive` or `non-interactive`.
    pub kind: Option<String>,
    /// Ids; when there are some, every other filter is off.
    pub ids: Vec<String>,
    /// `dropOff`, `selfService` (also `selfservice`) or `agent`.
    pub containment: Option<String>,
    /// Id of a call at an outside agent desk; no session has one yet, so nothing fits.
    pub call: Option<String>,
}

/// A page of sessions.
#[derive(Debug)]
pub struct Found {
    /// How many fit in all.
    pub total: u64,
    /// There are more behind this page.
    pub more: bool,
    /// The page, the newest start first.
    pub sessions: Vec<Session>,
    /// Ids that were asked for and are not there; only for a query with ids.
    pub unknown: Option<Vec<String>>,
}

/// Lists sessions.
///
/// # Errors
/// Bad input that names the field.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: &BotId, query: &Query) -> Result<Found> {
    if !query.ids.is_empty() {
        return by_id(ctx, caller, bot, &query.ids).await;
    }
    let window = window::read(query.from.as_deref(), query.to.as_deref(), ctx.now())?;
    if query.call.is_some() {
        return Ok(Found {
            total: 0,
            more: false,
            sessions: Vec::new(),
            unknown: None,
        });
    }
    let filter = SessionFilter {
        bots: vec![bot.clone()],
        user: query.user.clone(),
        from: Some(window.from),
        to: Some(window.to),
        interactive: interactive(query.kind.as_deref())?,
        containment: containment(query.containment.as_deref())?,
        tags: tags::read(query.tags.as_ref())?,
        skip: query.skip,
        limit: query.limit.unwrap_or(ROWS).min(ROWS),
        ..SessionFilter::default()
    };
    let (sessions, total) = ctx
        .store()
        .sessions()
        .list(&caller.account, &filter)
        .await?;
    Ok(Found {
        more: query.skip.saturating_add(sessions.len() as u64) < total,
        total,
        sessions,
        unknown: None,
    })
}

async fn by_id(ctx: &Ctx, caller: &Caller, bot: &BotId, wanted: &[String]) -> Result<Found> {
    if wanted.len() > IDS {
        return Err(Error::field(
            "sessionId",
            format!("must hold at most {IDS} ids"),
        ));
    }
    let ids: HashSet<SessionId> = wanted
        .iter()
        .filter_map(|id| SessionId::parse(id))
        .collect();
    let mut sessions = Vec::new();
    if !ids.is_empty() {
        let filter = SessionFilter {
            bots: vec![bot.clone()],
            ids: ids.into_iter().collect(),
            limit: IDS as u64,
            ..SessionFilter::default()
        };
        sessions = ctx
            .store()
            .sessions()
            .list(&caller.account, &filter)
            .await?
            .0;
    }
    let oldest = ctx.now() - TAG_DAYS * window::DAY;
    for session in sessions.iter_mut().filter(|s| s.started_at < oldest) {
        session.user_tags.clear();
        session.session_tags.clear();
    }
    let known: HashSet<&str> = sessions.iter().map(|s| s.id.as_str()).collect();
    let mut told = HashSet::new();
    let unknown = wanted
        .iter()
        .filter(|id| !known.contains(id.as_str()) && told.insert(id.as_str()))
        .cloned()
        .collect();
    Ok(Found {
        total: sessions.len() as u64,
        more: false,
        unknown: Some(unknown),
        sessions,
    })
}

fn interactive(word: Option<&str>) -> Result<Option<bool>> {
    match word {
        None => Ok(None),
        Some("interactive") => Ok(Some(true)),
        Some("non-interactive") => Ok(Some(false)),
        Some(_) => Err(Error::field(
            "sessionType",
            "must be interactive or non-interactive",
        )),
    }
}

fn containment(word: Option<&str>) -> Result<Option<String>> {
    match word {
        None => Ok(None),
        Some("selfservice") => Ok(Some("selfService".to_owned())),
        Some(known @ ("dropOff" | "selfService" | "agent")) => Ok(Some(known.to_owned())),
        Some(_) => Err(Error::field(
            "containmentType",
            "must be dropOff, selfService or agent",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_outside_the_contract_name_their_field() {
        assert_eq!(
            interactive(Some("non-interactive")).expect("word"),
            Some(false)
        );
        assert_eq!(
            containment(Some("selfservice")).expect("word").as_deref(),
            Some("selfService")
        );
        assert_eq!(
            interactive(Some("both")).expect_err("word").fields[0].field,
            "sessionType"
        );
        assert_eq!(
            containment(Some("none")).expect_err("word").fields[0].field,
            "containmentType"
        );
    }
}
