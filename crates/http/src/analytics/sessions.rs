//! `getSessions`.

use super::{
    time::iso,
    wire::{TagFilter, TagOut},
};
use crate::{
    auth::{Allowed, Operation},
    error::Public,
    valid::{Fields, Input, Valid},
};
use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use service::{
    Ctx,
    analytics::sessions::{self, Found},
};
use store::Session;
use utoipa::{IntoParams, ToSchema};

/// Lists the conversation sessions of an agent.
pub struct GetSessions;

impl Operation for GetSessions {
    const ID: &'static str = "getSessions";
}

/// What is asked for, in the body or the query string; the body wins.
#[derive(Debug, Default, ToSchema, IntoParams)]
#[schema(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct SessionsIn {
    /// Id, e-mail or enterprise id of the user.
    user_id: Option<String>,
    /// Sessions to skip.
    #[param(minimum = 0)]
    #[schema(minimum = 0)]
    skip: Option<u64>,
    /// Another word for `skip`.
    #[param(minimum = 0)]
    #[schema(minimum = 0)]
    offset: Option<u64>,
    /// Sessions in the answer at most; 100 when nothing is said, and never more.
    #[param(minimum = 0)]
    #[schema(minimum = 0)]
    limit: Option<u64>,
    /// `yyyy-mm-dd` or `yyyy-mm-ddThh:mm:ss.mmmZ`, in UTC; missing: 7 days before `dateTo`.
    date_from: Option<String>,
    /// As `dateFrom` and less than 7 days after it; missing: 7 days after `dateFrom`, or today.
    date_to: Option<String>,
    /// Filter by meta tags; in the query string as JSON text.
    #[param(value_type = Option<TagFilter>)]
    #[schema(value_type = Option<TagFilter>)]
    tags: Option<Value>,
    /// `interactive` or `non-interactive`.
    session_type: Option<String>,
    /// Ids; they switch every other filter off.
    #[param(max_items = 50)]
    #[schema(max_items = 50)]
    session_id: Option<Vec<String>>,
    /// `dropOff`, `selfService` or `agent`.
    containment_type: Option<String>,
    /// Id of a call at an outside agent desk. No session has one yet: with it the answer is an empty page.
    call_id: Option<String>,
    /// Asks for an encrypted answer.
    #[allow(dead_code, reason = "payload encryption is not there yet")]
    include_meta: Option<bool>,
}

impl Input for SessionsIn {
    fn read(ask: &mut Fields) -> Self {
        Self {
            user_id: ask.text("userId"),
            skip: ask.count("skip"),
            offset: ask.count("offset"),
            limit: ask.count("limit"),
            date_from: ask.date("dateFrom"),
            date_to: ask.date("dateTo"),
            tags: ask.object("tags"),
            session_type: ask.text("sessionType"),
            session_id: Some(ask.texts("sessionId")),
            containment_type: ask.text("containmentType"),
            call_id: ask.text("callId"),
            include_meta: Some(ask.flag("includeMeta")),
        }
    }
}

impl From<SessionsIn> for sessions::Query {
    fn from(wish: SessionsIn) -> Self {
        Self {
            user: wish.user_id,
            skip: wish.skip.or(wish.offset).unwrap_or(0),
            limit: wish.limit,
            from: wish.date_from,
            to: wish.date_to,
            tags: wish.tags,
            kind: wish.session_type,
            ids: wish.session_id.unwrap_or_default(),
            containment: wish.containment_type,
            call: wish.call_id,
        }
    }
}

/// Lists the conversation sessions of an agent
///
/// The newest start comes first.
///
/// # Errors
/// Bad input that names each wrong field.
#[utoipa::path(
    post,
    path = "",
    tag = "analytics",
    params(SessionsIn),
    request_body(content = Option<SessionsIn>, example = json!({"skip": 0, "limit": 10, "sessionType": "interactive"})),
    responses((status = 200, description = "A page of sessions", body = SessionsOut, example = json!({
        "total": 1, "moreAvailable": false, "sessions": [{
            "sessionId": "65a1f0c29d3b7e4f8a6c1d02", "botId": "st-0f8fad5b-d9cb-569f-a165-70867728950e", "channel": "ivr",
            "userId": "u-7c9e6679-7425-50de-944b-e07fc1f90ae7", "start_time": "2026-02-03T09:15:00.000Z",
            "session_lang": ["en"], "sessionType": "interactive", "isDeveloper": false, "sessionStatus": "active",
            "tags": {"userTags": [], "sessionTags": [], "altText": []},
            "noOfMessagesExchanged": 2, "noOfTasksExecuted": 1
        }]
    }))),
)]
pub async fn get_sessions(
    State(ctx): State<Ctx>,
    allowed: Allowed<GetSessions>,
    Valid(wish): Valid<SessionsIn>,
) -> Result<Json<SessionsOut>, Public> {
    let found = sessions::list(&ctx, &allowed.caller, &allowed.bot, &wish.into()).await?;
    Ok(Json(found.into()))
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionsOut {
    total: u64,
    more_available: bool,
    sessions: Vec<SessionOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invalid_sessions: Option<Vec<String>>,
}

/// One session.
#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SessionTags {
    user_tags: Vec<TagOut>,
    session_tags: Vec<TagOut>,
    #[schema(value_type = Vec<Value>)]
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
                user_tags: s.user_tags.into_iter().map(TagOut::from).collect(),
                session_tags: s.session_tags.into_iter().map(TagOut::from).collect(),
                alt_text: [],
            },
            no_of_messages_exchanged: s.messages,
            no_of_tasks_executed: s.tasks,
            containment_type: s.containment,
        }
    }
}
