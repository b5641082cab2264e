//! `getMessages` and `postMessages`.

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
use serde_json::{Value, json};
use service::{
    Caller, Ctx,
    analytics::messages::{self, Found},
};
use std::collections::HashMap;
use store::{Direction, Message};
use types::{Error, id::BotId};

/// Lists messages, filters in the query string.
pub struct GetMessages;
/// Lists messages, filters in the body or the query string.
pub struct PostMessages;

impl Operation for GetMessages {
    const ID: &'static str = "getMessages";
}
impl Operation for PostMessages {
    const ID: &'static str = "postMessages";
}

/// The handler of `GET`.
///
/// # Errors
/// Bad input that names each wrong field; `userId` is required.
pub async fn get_messages(
    State(ctx): State<Ctx>,
    allowed: Allowed<GetMessages>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Public> {
    if !query.contains_key("userId") {
        return Err(Error::field("userId", "is required").into());
    }
    list(&ctx, &allowed.caller, &allowed.bot, Ask::new(b"", query)?).await
}

/// The handler of `POST`.
///
/// # Errors
/// Bad input that names each wrong field.
pub async fn post_messages(
    State(ctx): State<Ctx>,
    allowed: Allowed<PostMessages>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Result<Json<Value>, Public> {
    list(&ctx, &allowed.caller, &allowed.bot, Ask::new(&body, query)?).await
}

async fn list(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    mut ask: Ask,
) -> Result<Json<Value>, Public> {
    let wanted = messages::Query {
        user: ask.text("userId"),
        skip: ask.count("skip").or(ask.count("offset")).unwrap_or(0),
        limit: ask.count("limit"),
        from: ask.text("dateFrom"),
        to: ask.text("dateTo"),
        channel: ask.text("channelType"),
        sessions: ask.texts("sessionId"),
        forward: ask.flag("forward"),
        message: ask.text("msgId"),
        direction: ask.number("direction"),
        tags: ask.object("tags"),
    };
    let extras = Extras {
        trace: ask.flag("includeTraceId"),
        latency: ask.flag("includeLatency"),
    };
    ask.done()?;
    let found = messages::list(ctx, caller, bot, &wanted).await?;
    Ok(Json(answer(&found, extras)))
}

/// What is added to the messages on demand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras {
    /// `traceId` of incoming messages.
    pub trace: bool,
    /// `latency` of outgoing messages.
    pub latency: bool,
}

/// The answer.
pub fn answer(found: &Found, extras: Extras) -> Value {
    let messages: Vec<Value> = found.messages.iter().map(|m| message(m, extras)).collect();
    json!({"total": found.total, "moreAvailable": found.more, "messages": messages})
}

fn message(m: &Message, extras: Extras) -> Value {
    let at = iso(m.created_at);
    let mut out = json!({
        "_id": m.id,
        "botId": m.bot,
        "accountId": m.account,
        "type": m.direction.as_str(),
        "status": m.status,
        "createdBy": m.user,
        "lmodifiedBy": m.user,
        "createdOn": at,
        "lmodifiedOn": at,
        "timestampValue": m.created_at,
        "sessionId": m.session,
        "chnl": m.channel,
        "lang": m.language,
        "isBB": u8::from(m.builder),
        "isD": u8::from(m.developer),
        "ms": m.source,
        "components": m.components,
        "channels": m.channels,
        "tags": {"messageTags": m.tags},
    });
    if let (true, Direction::Incoming, Some(trace)) = (extras.trace, m.direction, &m.trace) {
        out["traceId"] = json!(trace);
    }
    if let (true, Direction::Outgoing, Some(latency)) = (extras.latency, m.direction, &m.latency) {
        out["latency"] = latency.clone();
    }
    out
}
