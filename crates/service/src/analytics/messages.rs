//! Messages of an agent (`getMessages`, `postMessages`).

use super::{tags, window};
use crate::{Caller, Ctx};
use serde_json::Value;
use store::{Around, Message, MessageFilter};
use types::{
    Error, Result,
    id::{BotId, MessageId, SessionId},
};

/// Rows in one answer at most, and when nothing is asked for.
pub const ROWS: u64 = 100;
/// The channel that is meant when none is named.
const DEFAULT_CHANNEL: &str = "rtm";

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
    /// `channelType`.
    pub channel: Option<String>,
    /// Session ids.
    pub sessions: Vec<String>,
    /// The oldest first.
    pub forward: bool,
    /// Start from this message.
    pub message: Option<String>,
    /// With `message`: below 0 backward, 0 both ways, above 0 forward.
    pub direction: Option<f64>,
    /// Meta-tag filter.
    pub tags: Option<Value>,
    /// Id of a call at an outside agent desk; no message has one yet, so nothing fits.
    pub call: Option<String>,
}

/// A page of messages.
#[derive(Debug)]
pub struct Found {
    /// How many fit in all.
    pub total: u64,
    /// There are more behind this page.
    pub more: bool,
    /// The page.
    pub messages: Vec<Message>,
}

/// Lists messages. A query for sessions or from a message has no default window (ours: what was named should be found).
///
/// # Errors
/// Bad input that names the field.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: &BotId, query: &Query) -> Result<Found> {
    let Some(filter) = filter(bot, query, ctx.now())? else {
        return Ok(Found {
            total: 0,
            more: false,
            messages: Vec::new(),
        });
    };
    let (messages, total) = ctx
        .store()
        .messages()
        .list(&caller.account, &filter)
        .await?;
    Ok(Found {
        more: filter.skip.saturating_add(messages.len() as u64) < total,
        total,
        messages,
    })
}

/// The filter; none when nothing can fit, because no id that was named has the shape of one.
fn filter(bot: &BotId, query: &Query, now: i64) -> Result<Option<MessageFilter>> {
    let dated = query.from.is_some() || query.to.is_some();
    if query.message.is_some() && dated {
        return Err(Error::field(
            "msgId",
            "cannot be combined with dateFrom or dateTo",
        ));
    }
    let windowed = dated || (query.message.is_none() && query.sessions.is_empty());
    let window = windowed
        .then(|| window::read(query.from.as_deref(), query.to.as_deref(), now))
        .transpose()?;
    if query.call.is_some() {
        return Ok(None);
    }
    let sessions: Vec<SessionId> = query
        .sessions
        .iter()
        .filter_map(|s| SessionId::parse(s))
        .collect();
    let around = query
        .message
        .as_deref()
        .map(|id| MessageId::parse(id).map(|id| (id, around(query.direction))));
    if matches!(around, Some(None)) || (sessions.is_empty() && !query.sessions.is_empty()) {
        return Ok(None);
    }
    let around = around.flatten();
    Ok(Some(MessageFilter {
        bots: vec![bot.clone()],
        user: query.user.clone(),
        channel: Some(
            query
                .channel
                .clone()
                .unwrap_or_else(|| DEFAULT_CHANNEL.to_owned()),
        ),
        sessions,
        from: window.map(|w| w.from),
        to: window.map(|w| w.to),
        direction: None,
        // Going on from a message means the message itself comes first.
        forward: query.forward || matches!(around, Some((_, Around::After))),
        around,
        tags: tags::read(query.tags.as_ref())?,
        skip: query.skip,
        limit: query.limit.unwrap_or(ROWS).min(ROWS),
    }))
}

fn around(direction: Option<f64>) -> Around {
    match direction.unwrap_or(1.0) {
        d if d < 0.0 => Around::Before,
        d if d > 0.0 => Around::After,
        _ => Around::Both,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bot() -> BotId {
        BotId::trusted("st-1")
    }

    #[test]
    fn the_channel_is_rtm_unless_named() {
        let filter = filter(&bot(), &Query::default(), 0)
            .expect("filter")
            .expect("some");
        assert_eq!(filter.channel.as_deref(), Some("rtm"));
        assert_eq!((filter.limit, filter.from.is_some()), (ROWS, true));
    }

    #[test]
    fn the_page_is_capped_at_100() {
        let query = Query {
            limit: Some(10_000),
            ..Query::default()
        };
        assert_eq!(
            filter(&bot(), &query, 0)
                .expect("filter")
                .expect("some")
                .limit,
            100
        );
    }

    #[test]
    fn a_message_and_dates_exclude_each_other() {
        let query = Query {
            message: Some("ms-1".into()),
            from: Some("2026-02-03".into()),
            ..Query::default()
        };
        assert_eq!(
            filter(&bot(), &query, 0).expect_err("both").fields[0].field,
            "msgId"
        );
    }

    #[test]
    fn the_direction_from_a_message_is_forward_by_default() {
        let query = Query {
            message: Some("ms-1".into()),
            ..Query::default()
        };
        let filter = filter(&bot(), &query, 0).expect("filter").expect("some");
        assert_eq!(filter.around.map(|a| a.1), Some(Around::After));
        assert!(filter.forward && filter.from.is_none());
        assert_eq!(around(Some(-1.0)), Around::Before);
        assert_eq!(around(Some(0.0)), Around::Both);
    }

    #[test]
    fn ids_of_a_foreign_shape_find_nothing() {
        let query = Query {
            sessions: vec!["x".into()],
            ..Query::default()
        };
        assert!(filter(&bot(), &query, 0).expect("filter").is_none());
        let query = Query {
            message: Some("7".into()),
            ..Query::default()
        };
        assert!(filter(&bot(), &query, 0).expect("filter").is_none());
    }
}
