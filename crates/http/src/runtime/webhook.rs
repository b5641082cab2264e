//! `webhookV1` and `webhookV1Instance`: one message in, what the agent says out.

use super::error::Channel;
use crate::auth::token;
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::HeaderMap,
};
use dialog::BubbleBody;
use serde_json::{Map, Value, json};
use service::{
    Ctx, gate,
    runtime::{
        inbound::Inbound,
        turn::{self, Answer},
    },
};
use std::collections::HashMap;
use types::{Error, codes, id::BotId, limit::DEFAULT};

/// The handler of both paths.
///
/// # Errors
/// The texts of the channel paths: a token or body that is not accepted, an agent that is not published, a full window, no
/// answer within 15 seconds.
pub async fn message(
    State(ctx): State<Ctx>,
    Path(path): Path<HashMap<String, String>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Channel> {
    let bot = path.get("botId").and_then(|text| BotId::parse(text));
    let bot = bot.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let caller = gate::verify_channel(&ctx, token(&headers), &bot, None).await?;
    let unreadable = || Error::of(&codes::CHANNEL_PAYLOAD);
    let body = body.map_err(|e| unreadable().because(e))?;
    let body: Value = serde_json::from_slice(&body).map_err(|e| unreadable().because(e))?;
    let inbound = Inbound::read(&body)?;
    let user = format!("{bot}\u{1f}{}", inbound.identity);
    gate::hit(&ctx, "webhookV1", &DEFAULT, &user).await?;
    let instance = path.get("instanceId").map(String::as_str);
    let answer = turn::webhook(&ctx, &caller, &bot, instance, inbound).await?;
    Ok(Json(wire(&answer)))
}

/// The answer of version 1. `text` is always an array: clients wait for it even when the agent has nothing to say.
fn wire(answer: &Answer) -> Value {
    let texts = answer.outcome.messages.iter().map(|m| match &m.body {
        BubbleBody::Text(text) => json!(text),
        BubbleBody::Template(value) => value.clone(),
    });
    let mut out = Map::new();
    out.insert("text".into(), texts.collect());
    if let Some(end) = &answer.outcome.end_of_task {
        out.insert("endOfTask".into(), json!(true));
        out.insert("endReason".into(), json!(end.reason.wire()));
        out.insert("completedTaskId".into(), json!(end.task_id));
        out.insert("completedTaskName".into(), json!(end.task_name));
    }
    Value::Object(out)
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
        let mut answer = Answer {
            session: SessionId::trusted("0"),
            outcome: Outcome::default(),
        };
        assert_eq!(wire(&answer), json!({"text": []}));
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
            wire(&answer),
            json!({"text": ["hello", template], "endOfTask": true, "endReason": "Fulfilled",
                "completedTaskId": "dg-1", "completedTaskName": "Greet"})
        );
    }
}
