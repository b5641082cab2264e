//! `getMessages` and `postMessages`.

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
    Caller, Ctx,
    analytics::messages::{self, Found},
};
use store::{Direction, Message};
use types::{Error, id::BotId};
use utoipa::{IntoParams, ToSchema};

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

/// What is asked for, in the body or the query string; the body wins.
#[derive(Debug, Default, ToSchema, IntoParams)]
#[schema(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct MessagesIn {
    /// Id, e-mail or enterprise id of the user; `GET` needs it, or `callId`.
    user_id: Option<String>,
    /// Messages to skip.
    #[param(minimum = 0)]
    #[schema(minimum = 0)]
    skip: Option<u64>,
    /// Another word for `skip`.
    #[param(minimum = 0)]
    #[schema(minimum = 0)]
    offset: Option<u64>,
    /// Messages in the answer at most; 100 when nothing is said, and never more.
    #[param(minimum = 0)]
    #[schema(minimum = 0)]
    limit: Option<u64>,
    /// `yyyy-mm-dd` or `yyyy-mm-ddThh:mm:ss.mmmZ`, in UTC; missing: 7 days before `dateTo`.
    date_from: Option<String>,
    /// As `dateFrom` and less than 7 days after it; missing: 7 days after `dateFrom`, or today.
    date_to: Option<String>,
    /// Code of the channel; `rtm` when none is named. An unknown code finds nothing.
    #[param(example = "ivr")]
    channel_type: Option<String>,
    /// Ids of sessions.
    session_id: Option<Vec<String>>,
    /// Id of a call at an outside agent desk. No message has one yet: with it the answer is an empty page.
    call_id: Option<String>,
    /// The oldest first.
    forward: Option<bool>,
    /// Start from this message; not together with dates.
    msg_id: Option<String>,
    /// With `msgId`: below 0 backward, 0 both ways, above 0 forward.
    direction: Option<f64>,
    /// Adds `traceId` to what users said.
    include_trace_id: Option<bool>,
    /// Adds `latency` to what the agent said.
    include_latency: Option<bool>,
    /// Taken, but without an effect: it belongs to version 2.
    #[allow(dead_code, reason = "taken, without an effect")]
    include_secure_form: Option<bool>,
    /// Fills `author` of what human agents said; none speaks yet.
    #[allow(dead_code, reason = "taken, without an effect yet")]
    get_agents_info: Option<bool>,
    /// Filter by meta tags; in the query string as JSON text.
    #[param(value_type = Option<TagFilter>)]
    #[schema(value_type = Option<TagFilter>)]
    tags: Option<Value>,
}

impl Input for MessagesIn {
    fn read(ask: &mut Fields) -> Self {
        Self {
            user_id: ask.text("userId").or_else(|| ask.header("userId")),
            skip: ask.count("skip"),
            offset: ask.count("offset"),
            limit: ask.count("limit"),
            date_from: ask.date("dateFrom"),
            date_to: ask.date("dateTo"),
            channel_type: ask.text("channelType"),
            session_id: Some(ask.texts("sessionId")),
            call_id: ask.text("callId"),
            forward: Some(ask.flag("forward")),
            msg_id: ask.text("msgId"),
            direction: ask.number("direction"),
            include_trace_id: Some(ask.flag("includeTraceId")),
            include_latency: Some(ask.flag("includeLatency")),
            include_secure_form: Some(ask.flag("includeSecureForm")),
            get_agents_info: Some(ask.flag("getAgentsInfo")),
            tags: ask.object("tags"),
        }
    }
}

impl MessagesIn {
    fn extras(&self) -> Extras {
        Extras {
            trace: self.include_trace_id.unwrap_or_default(),
            latency: self.include_latency.unwrap_or_default(),
        }
    }
}

impl From<MessagesIn> for messages::Query {
    fn from(wish: MessagesIn) -> Self {
        Self {
            user: wish.user_id,
            skip: wish.skip.or(wish.offset).unwrap_or(0),
            limit: wish.limit,
            from: wish.date_from,
            to: wish.date_to,
            channel: wish.channel_type,
            sessions: wish.session_id.unwrap_or_default(),
            forward: wish.forward.unwrap_or_default(),
            message: wish.msg_id,
            direction: wish.direction,
            tags: wish.tags,
            call: wish.call_id,
        }
    }
}

/// Lists messages, filters in the query string
///
/// The newest come first.
///
/// # Errors
/// Bad input that names each wrong field; `userId` is required.
#[utoipa::path(
    get,
    path = "",
    tag = "analytics",
    params(MessagesIn, ("userId" = Option<String>, Header, description = "The user, where the query names none", example = "ann")),
    responses((status = 200, description = "A page of messages", body = MessagesOut, example = json!({
        "total": 1, "moreAvailable": false, "messages": [{
            "_id": "ms-0f8fad5b-d9cb-569f-a165-70867728950e", "botId": "st-0f8fad5b-d9cb-569f-a165-70867728950e",
            "accountId": "65a1f0c29d3b7e4f8a6c1d02", "type": "incoming", "status": "received",
            "createdBy": "u-7c9e6679-7425-50de-944b-e07fc1f90ae7", "lmodifiedBy": "u-7c9e6679-7425-50de-944b-e07fc1f90ae7",
            "createdOn": "2026-02-03T09:15:00.000Z", "lmodifiedOn": "2026-02-03T09:15:00.000Z", "timestampValue": 1770110100000_i64,
            "sessionId": "65a1f0c29d3b7e4f8a6c1d02", "chnl": "ivr", "lang": "en", "isBB": 0, "isD": 0, "ms": 1,
            "resourceid": "messagestore",
            "components": [{"cT": "text", "data": {"text": "hello"}}],
            "channels": [{"type": "ivr", "channelUId": "ann"}], "tags": {"messageTags": []}
        }]
    }))),
)]
pub async fn get_messages(
    State(ctx): State<Ctx>,
    allowed: Allowed<GetMessages>,
    Valid(wish): Valid<MessagesIn>,
) -> Result<Json<MessagesOut>, Public> {
    if wish.user_id.is_none() && wish.call_id.is_none() {
        return Err(Error::field("userId", "is required").into());
    }
    list(&ctx, &allowed.caller, &allowed.bot, wish).await
}

/// Lists messages, filters in the body
///
/// The newest come first.
///
/// # Errors
/// Bad input that names each wrong field.
#[utoipa::path(
    post,
    path = "",
    tag = "analytics",
    params(MessagesIn, ("userId" = Option<String>, Header, description = "The user, where nothing else names one")),
    request_body(content = Option<MessagesIn>, example = json!({"limit": 10, "channelType": "ivr", "includeTraceId": true})),
    responses((status = 200, description = "A page of messages", body = MessagesOut, example = json!({
        "total": 1, "moreAvailable": false, "messages": [{
            "_id": "ms-0f8fad5b-d9cb-569f-a165-70867728950e", "botId": "st-0f8fad5b-d9cb-569f-a165-70867728950e",
            "accountId": "65a1f0c29d3b7e4f8a6c1d02", "type": "incoming", "status": "received",
            "createdBy": "u-7c9e6679-7425-50de-944b-e07fc1f90ae7", "lmodifiedBy": "u-7c9e6679-7425-50de-944b-e07fc1f90ae7",
            "createdOn": "2026-02-03T09:15:00.000Z", "lmodifiedOn": "2026-02-03T09:15:00.000Z", "timestampValue": 1770110100000_i64,
            "sessionId": "65a1f0c29d3b7e4f8a6c1d02", "chnl": "ivr", "lang": "en", "isBB": 0, "isD": 0, "ms": 1,
            "resourceid": "messagestore",
            "components": [{"cT": "text", "data": {"text": "hello"}}],
            "channels": [{"type": "ivr", "channelUId": "ann"}], "tags": {"messageTags": []}
        }]
    }))),
)]
pub async fn post_messages(
    State(ctx): State<Ctx>,
    allowed: Allowed<PostMessages>,
    Valid(wish): Valid<MessagesIn>,
) -> Result<Json<MessagesOut>, Public> {
    list(&ctx, &allowed.caller, &allowed.bot, wish).await
}

async fn list(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    wish: MessagesIn,
) -> Result<Json<MessagesOut>, Public> {
    let extras = wish.extras();
    let found = messages::list(ctx, caller, bot, &wish.into()).await?;
    Ok(Json(answer(found, extras)))
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
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessagesOut {
    /// Messages that fit in all.
    total: u64,
    /// There are more behind this page.
    more_available: bool,
    /// The page.
    messages: Vec<MessageOut>,
    /// Address of the agent's picture; missing, as none is served yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
}

/// One message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageOut {
    #[serde(rename = "_id")]
    id: String,
    bot_id: String,
    account_id: String,
    /// `incoming` or `outgoing`.
    #[serde(rename = "type")]
    direction: &'static str,
    /// Processing state, for instance `received` or `delivered`.
    status: String,
    /// The user.
    created_by: String,
    lmodified_by: String,
    created_on: String,
    lmodified_on: String,
    /// Milliseconds since 1970.
    timestamp_value: i64,
    session_id: String,
    /// Code of the channel.
    chnl: String,
    lang: String,
    /// 1 when begun in the builder.
    #[serde(rename = "isBB")]
    builder: u8,
    /// 1 when begun by a developer.
    #[serde(rename = "isD")]
    developer: u8,
    /// Source: 0 alert task, 1 text, 2 action task, 3 other.
    ms: i64,
    /// Always `messagestore`.
    resourceid: &'static str,
    /// Parts of the message.
    #[schema(value_type = Vec<ComponentOut>)]
    components: Value,
    /// Where it came from or went.
    #[schema(value_type = Vec<ChannelOut>)]
    channels: Value,
    tags: MessageTags,
    /// Of an incoming message, on demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    /// Of an outgoing message, on demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<LatencyOut>)]
    latency: Option<Value>,
    #[serde(flatten)]
    silent: Silent,
}

/// Fields of the model that no message of this server has: they belong to parts that are not there.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Silent {
    #[serde(skip_serializing_if = "Option::is_none")]
    org_id: Option<String>,
    /// Older name of `chnl`.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "sT")]
    st: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "cluster_id")]
    cluster: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "__v")]
    version: Option<i64>,
    /// The human agent who spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<Value>,
}

/// Tags of a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageTags {
    message_tags: Vec<TagOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_tags: Option<Vec<TagOut>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_tags: Option<Vec<TagOut>>,
}

/// Part of a message.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what service::runtime keeps")]
struct ComponentOut {
    #[schema(rename = "_id")]
    id: Option<String>,
    /// Kind of the part, for instance `text`.
    #[schema(rename = "cT")]
    kind: String,
    data: ComponentData,
    thumbnails: Option<Vec<Thumbnail>>,
}

/// Content of a part.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what service::runtime keeps")]
struct ComponentData {
    text: Option<String>,
}

/// Small picture of an attachment.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what service::runtime keeps")]
struct Thumbnail {
    #[schema(rename = "_id")]
    id: Option<String>,
    width: Option<f64>,
    height: Option<f64>,
    size: Option<f64>,
    url: Option<String>,
}

/// Where a message came from or went.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what service::runtime keeps")]
struct ChannelOut {
    #[schema(rename = "type")]
    kind: String,
    /// Identity that the channel gives.
    #[schema(rename = "channelUId")]
    identity: Option<String>,
    /// The same, as the platform keeps it.
    #[schema(value_type = Option<Object>)]
    handle: Option<Value>,
    from: Option<String>,
    to: Option<String>,
}

/// Times of a spoken turn, milliseconds.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what service::runtime keeps")]
struct LatencyOut {
    /// From the end of the user's speech to the beginning of the agent's.
    total_ms: Option<f64>,
    asr: Option<AsrOut>,
    bot: Option<BotTimeOut>,
    tts: Option<TtsOut>,
}

/// Recognition of speech.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what service::runtime keeps")]
struct AsrOut {
    duration_ms: Option<f64>,
    provider: Option<String>,
    /// 0 to 1.
    confidence_score: Option<f64>,
}

/// Work of the agent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what service::runtime keeps")]
struct BotTimeOut {
    duration_ms: Option<f64>,
}

/// Making of speech.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what service::runtime keeps")]
struct TtsOut {
    duration_ms: Option<f64>,
    provider: Option<String>,
    utterance_length_chars: Option<u64>,
    audio_length_ms: Option<f64>,
    streaming_enabled: Option<bool>,
    first_byte_ms: Option<f64>,
}

fn answer(found: Found, extras: Extras) -> MessagesOut {
    let messages = found.messages.into_iter();
    MessagesOut {
        total: found.total,
        more_available: found.more,
        messages: messages.map(|m| message(m, extras)).collect(),
        icon: None,
    }
}

fn message(m: Message, extras: Extras) -> MessageOut {
    let at = iso(m.created_at);
    let incoming = m.direction == Direction::Incoming;
    MessageOut {
        id: m.id.to_string(),
        bot_id: m.bot.to_string(),
        account_id: m.account.to_string(),
        direction: m.direction.as_str(),
        status: m.status,
        created_by: m.user.to_string(),
        lmodified_by: m.user.to_string(),
        created_on: at.clone(),
        lmodified_on: at,
        timestamp_value: m.created_at,
        session_id: m.session.to_string(),
        chnl: m.channel,
        lang: m.language,
        builder: u8::from(m.builder),
        developer: u8::from(m.developer),
        ms: m.source,
        resourceid: "messagestore",
        components: m.components,
        channels: m.channels,
        tags: MessageTags {
            message_tags: m.tags.into_iter().map(TagOut::from).collect(),
            user_tags: None,
            session_tags: None,
        },
        trace_id: m.trace.filter(|_| extras.trace && incoming),
        latency: m.latency.filter(|_| extras.latency && !incoming),
        silent: Silent::default(),
    }
}
