//! `getSessions`.

use super::{ask::Ask, time::iso};
use crate::{
    auth::{Allowed, Operation},
    error::Public,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
};
use serde::Serialize;
use service::{
    Ctx,
    analytics::sessions::{self, Found},
};
use std::collections::HashMap;
use store::{Session, Tag};

/// Lists the conversation sessions of an agent.
pub struct GetSessions;

impl Operation for GetSessions {
    const ID: &'static str = "getSessions";
}

/// The handler.
///
/// # Errors
/// Bad input that names each wrong field.
pub async fn get_sessions(
    State(ctx): State<Ctx>,
    allowed: Allowed<GetSessions>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Result<Json<SessionsOut>, Public> {
    let mut ask = Ask::new(&body, query)?;
    let wanted = sessions::Query {
        user: ask.text("userId"),
        skip: ask.count("skip").or(ask.count("offset")).unwrap_or(0),
        limit: ask.count("limit"),
        from: ask.text("dateFrom"),
        to: ask.text("dateTo"),
        tags: ask.object("tags"),
        kind: ask.text("sessionType"),
        ids: ask.texts("sessionId"),
        containment: ask.text("containmentType"),
    };
    ask.done()?;
    let found = sessions::list(&ctx, &allowed.caller, &allowed.bot, &wanted).await?;
    Ok(Json(found.into()))
}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionsOut {
    total: u64,
    more_available: bool,
    sessions: Vec<SessionOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invalid_sessions: Option<Vec<String>>,
}

/// One session.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionOut {
    session_id: String,
    bot_id: String,
    channel: String,
    user_id: String,
    #[serde(rename = "start_time")]
    start: String,
    #[serde(rename = "end_time", skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(rename = "session_lang")]
    languages: Vec<String>,
    session_type: &'static str,
    is_developer: bool,
    session_status: &'static str,
    tags: SessionTags,
    no_of_messages_exchanged: i64,
    no_of_tasks_executed: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    containment_type: Option<String>,
}

/// Tags of a session.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionTags {
    user_tags: Vec<Tag>,
    session_tags: Vec<Tag>,
    alt_text: [(); 0],
}

impl From<Found> for SessionsOut {
    fn from(found: Found) -> Self {
        Self {
            total: found.total,
            more_available: found.more,
            sessions: found.sessions.into_iter().map(SessionOut::from).collect(),
            invalid_sessions: found.unknown,
        }
    }
}

impl From<Session> for SessionOut {
    fn from(s: Session) -> Self {
        Self {
            session_id: s.id.to_string(),
            bot_id: s.bot.to_string(),
            channel: s.channel,
            user_id: s.user.to_string(),
            start: iso(s.started_at),
            end: s.ended_at.map(iso),
            languages: s.languages,
            session_type: if s.interactive {
                "interactive"
            } else {
                "non-interactive"
            },
            is_developer: s.developer,
            session_status: if s.ended_at.is_some() {
                "closed"
            } else {
                "active"
            },
            tags: SessionTags {
                user_tags: s.user_tags,
                session_tags: s.session_tags,
                alt_text: [],
            },
            no_of_messages_exchanged: s.messages,
            no_of_tasks_executed: s.tasks,
            containment_type: s.containment,
        }
    }
}
