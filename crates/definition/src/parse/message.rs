//! Prompts and messages.

use super::value::{embedded, list, localized, object, raw, scalar, some_text, text};
use crate::text::decode;
use crate::{AnswerPart, ChannelMessage, MessageBody};
use serde_json::Value;

/// A list of `{channel, localeData}` items. Items without any text are left out.
pub(crate) fn messages(value: &Value, key: &str) -> Vec<ChannelMessage> {
    let read = |item: &Value| {
        let text = localized(item, body);
        (!text.is_empty()).then(|| ChannelMessage {
            channel: channel(item),
            text,
        })
    };
    list(value, key).iter().filter_map(read).collect()
}

/// Flat `{text, type, channel}` items, as FAQs and small talk write them.
pub(crate) fn answer_parts(items: &[Value]) -> Vec<AnswerPart> {
    items
        .iter()
        .filter_map(|item| {
            Some(AnswerPart {
                channel: channel(item),
                body: body(item)?,
            })
        })
        .collect()
}

/// One wording: `basic` is text, `uxmap` and `advance` are JavaScript.
fn body(content: &Value) -> Option<MessageBody> {
    let payload = embedded(content, "payload");
    if payload.get("template_type").is_some() {
        let text = some_text(content, "text").unwrap_or_else(|| text(&payload, "text"));
        return Some(MessageBody::FormButtons {
            text,
            payload: decoded(&payload),
        });
    }
    let text = some_text(content, "text")?;
    match raw(content, "type").as_str() {
        "uxmap" | "advance" | "javascript" => Some(MessageBody::JavaScript(text)),
        _ => Some(MessageBody::Plain(text)),
    }
}

/// Text of a standard response: JavaScript when it is wrapped in `<% %>`.
pub(crate) fn ux_map(value: &Value) -> Option<MessageBody> {
    let map =
        some_text(object(value, "botUXMap"), "uXMap").or_else(|| some_text(value, "uXMap"))?;
    let trimmed = map.trim();
    match trimmed
        .strip_prefix("<%")
        .and_then(|inner| inner.strip_suffix("%>"))
    {
        Some(script) => Some(MessageBody::JavaScript(script.trim().to_owned())),
        None => Some(MessageBody::Plain(trimmed.to_owned())),
    }
}

pub(crate) fn channel(item: &Value) -> String {
    let name = scalar(object(item, "channel"));
    if name.is_empty() {
        "default".to_owned()
    } else {
        name
    }
}

/// The value with every string in it decoded.
fn decoded(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(decode(text).into_owned()),
        Value::Array(items) => Value::Array(items.iter().map(decoded).collect()),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, item)| (key.clone(), decoded(item)))
                .collect(),
        ),
        other => other.clone(),
    }
}
