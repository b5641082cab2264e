//! `webhookV1` and `webhookV1Instance`: one message in, what the agent says out.

use super::error::Channel;
use crate::{auth::token, current, edge};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{Extensions, HeaderMap, StatusCode},
};
use dialog::BubbleBody;
use serde::Serialize;
use serde_json::{Value, json};
use service::{
    Ctx, gate,
    runtime::{
        inbound::Inbound,
        turn::{self, Answer},
    },
};
use std::collections::HashMap;
use types::{
    Error, codes,
    id::BotId,
    limit::{Limit, Per},
};
use utoipa::ToSchema;

/// Windows of a user on the webhook (ours; no figure is published).
pub const LIMIT: Limit = Limit {
    per: Per::User,
    minute: 60,
    hour: 1800,
};

/// A message of a user.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what service::runtime::inbound reads")]
pub struct WebhookIn {
    message: WebhookMessage,
    /// Who says it.
    from: WebhookParty,
    /// Taken, but without an effect.
    to: Option<WebhookParty>,
    session: Option<WebhookSession>,
    /// What the agent's scripts see as custom data.
    #[schema(value_type = Option<Object>)]
    custom_data: Option<Value>,
    meta_tags: Option<WebhookTags>,
    /// Tags on the message, here or in `metaTags`.
    message_level_tags: Option<Vec<WebhookTag>>,
    /// Tags on the session, here or in `metaTags`.
    session_level_tags: Option<Vec<WebhookTag>>,
    /// Tags on the user, here or in `metaTags`.
    user_level_tags: Option<Vec<WebhookTag>>,
    /// Taken, but without an effect yet: each channel has its own conversation.
    #[schema(value_type = Option<WebhookFlag>)]
    merge_identity: Option<Value>,
    /// Taken, but without an effect yet: answers are rendered for the webhook.
    preferred_channel_for_response: Option<String>,
    /// Taken, but without an effect.
    token: Option<Value>,
}

/// What is said.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what service::runtime::inbound reads")]
struct WebhookMessage {
    /// The text; it may be empty beside an attachment. Required but for an event.
    #[schema(max_length = 10000)]
    text: Option<String>,
    /// `event` for an event instead of a text.
    #[schema(rename = "type")]
    kind: Option<String>,
    /// The event: `ON_CONNECT`, the client has opened the conversation.
    val: Option<String>,
    attachments: Option<Vec<WebhookAttachment>>,
}

/// A file with a message.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what service::runtime::inbound reads")]
struct WebhookAttachment {
    url: Option<String>,
    file_url: Option<String>,
    file_id: Option<String>,
    file_name: Option<String>,
    /// For instance `image`, `video`, `audio` or `attachment`.
    file_type: Option<String>,
}

/// Somebody on a channel.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what service::runtime::inbound reads")]
struct WebhookParty {
    /// What the channel calls the user.
    #[schema(min_length = 1, max_length = 256)]
    id: String,
    user_info: Option<WebhookProfile>,
    /// Taken, but without an effect.
    group_info: Option<WebhookGroup>,
}

/// What the channel knows of the user; more fields are kept.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what service::runtime::inbound reads")]
struct WebhookProfile {
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    #[schema(rename = "user_data", value_type = Option<Object>)]
    data: Option<Value>,
}

/// A group on the channel.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what service::runtime::inbound reads")]
struct WebhookGroup {
    id: Option<String>,
    name: Option<String>,
}

/// The conversation.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what service::runtime::inbound reads")]
struct WebhookSession {
    /// The open session ends and another begins.
    new: Option<bool>,
}

/// Tags by level; a plain list counts as tags on the session.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what service::runtime::inbound reads")]
struct WebhookTags {
    message_level_tags: Option<Vec<WebhookTag>>,
    session_level_tags: Option<Vec<WebhookTag>>,
    user_level_tags: Option<Vec<WebhookTag>>,
}

/// A tag.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what service::runtime::inbound reads")]
struct WebhookTag {
    name: String,
    value: Option<Value>,
}

/// A flag, also as a text.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes what service::runtime::inbound reads")]
enum WebhookFlag {
    Flag(bool),
    Text(String),
}

/// What the agent says.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookOut {
    /// Texts and templates, in order. Always an array: clients wait for it even when the agent has nothing to say.
    text: Vec<Value>,
    /// What the channel calls the user.
    to: String,
    /// The agent.
    from: String,
    /// A task ended with this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_of_task: Option<bool>,
    /// Why: `Fulfilled`, `Interrupted`, `Canceled` …
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_task_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_task_name: Option<String>,
    /// A form to fill; missing, as forms do not run yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<WebhookForm>,
}

/// A form to fill.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WebhookForm {
    #[schema(value_type = Object)]
    form_def: Value,
    form_initialization: WebhookFormValues,
}

/// What the fields of a form hold at first.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WebhookFormValues {
    #[schema(value_type = Object)]
    value_map: Value,
}

/// Takes a message of a user
///
/// Version 1 of the webhook, synchronous: the answer carries what the agent says.
///
/// # Errors
/// The texts of the channel paths: a token or body that is not accepted, an agent that is not published, a full window, no
/// answer within 15 seconds.
#[utoipa::path(
    post,
    path = "",
    tag = "webhook",
    request_body(content = WebhookIn, example = json!({
        "session": {"new": true}, "message": {"text": "hello"}, "from": {"id": "ann", "userInfo": {"firstName": "Ann"}}, "to": {"id": "desk"}
    })),
    responses((status = 200, description = "What the agent says", body = WebhookOut, example = json!({
        "text": ["Hello, this is the parcel desk."], "to": "ann", "from": "st-0f8fad5b-d9cb-569f-a165-70867728950e"
    }))),
)]
pub async fn message(
    State(ctx): State<Ctx>,
    Path(path): Path<HashMap<String, String>>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<WebhookOut>, Channel> {
    let bot = path.get("botId").map(|text| text.trim_start_matches(':'));
    let bot = bot.and_then(BotId::parse);
    let address = edge::address(&extensions);
    let guest = gate::verify_channel(&ctx, token(&headers), bot.as_ref(), address).await?;
    let bot = bot.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let unreadable = || Error::of(&codes::CHANNEL_PAYLOAD);
    let body = body.map_err(|e| match e.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::of(&codes::BODY_LONG),
        _ => unreadable().because(e),
    })?;
    let body: Value = serde_json::from_slice(&body).map_err(|e| unreadable().because(e))?;
    let inbound = Inbound::read(&body)?;
    let user = format!("{bot}\u{1f}{}", inbound.identity);
    current::counted(gate::hit(&ctx, "webhookV1", &LIMIT, &user).await?);
    guest.speaks_for(&ctx, &inbound.identity).await?;
    let instance = path.get("instanceId").map(String::as_str);
    let to = inbound.identity.clone();
    let answer = turn::webhook(&ctx, &guest.caller, &bot, instance, inbound).await?;
    Ok(Json(wire(answer, to, &bot)))
}

/// The answer of version 1.
fn wire(answer: Answer, to: String, bot: &BotId) -> WebhookOut {
    let texts = answer.outcome.messages.into_iter().map(|m| match m.body {
        BubbleBody::Text(text) => json!(text),
        BubbleBody::Template(value) => value,
    });
    let end = answer.outcome.end_of_task;
    WebhookOut {
        text: texts.collect(),
        to,
        from: bot.to_string(),
        end_of_task: end.as_ref().map(|_| true),
        end_reason: end.as_ref().map(|e| e.reason.wire().to_owned()),
        completed_task_id: end.as_ref().map(|e| e.task_id.clone()),
        completed_task_name: end.map(|e| e.task_name),
        form: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialog::{Bubble, EndOfTask, EndReason, Outcome};
    use types::id::SessionId;

    #[test]
    fn texts_and_templates_come_in_order_and_the_end_only_when_there_is_one() {
        let bubble = |body| Bubble {
            body,
            dialog_id: String::new(),
            component: String::new(),
        };
        let template = json!({"type": "template", "payload": {"template_type": "button"}});
        let answer = Answer {
            session: SessionId::trusted("0"),
            outcome: Outcome::default(),
        };
        let bot = BotId::trusted("st-1");
        let wire =
            |answer: Answer| serde_json::to_value(wire(answer, "ann".into(), &bot)).expect("json");
        let silent = json!({"text": [], "to": "ann", "from": "st-1"});
        assert_eq!(wire(answer), silent);
        let mut answer = Answer {
            session: SessionId::trusted("0"),
            outcome: Outcome::default(),
        };
        answer.outcome.messages = vec![
            bubble(BubbleBody::Text("hello".into())),
            bubble(BubbleBody::Template(template.clone())),
        ];
        answer.outcome.end_of_task = Some(EndOfTask {
            reason: EndReason::Fulfilled,
            task_id: "dg-1".into(),
            task_name: "Greet".into(),
        });
        assert_eq!(
            wire(answer),
            json!({"text": ["hello", template], "to": "ann", "from": "st-1", "endOfTask": true, "endReason": "Fulfilled",
                "completedTaskId": "dg-1", "completedTaskName": "Greet"})
        );
    }
}
