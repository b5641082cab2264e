//! The body of a webhook message, version 1 (runtime.md section 12).

use crate::Visitor;
use dialog::InputKind;
use serde_json::{Map, Value};
use store::{ConversationKey, Tag, TagLevel};
use types::{Error, Result, codes};

/// Longest text of a message, in characters (ours; no figure is published).
pub const TEXT_CAP: usize = 10_000;
/// Longest `from.id`, in bytes (ours).
const IDENTITY_CAP: usize = 256;

/// What a channel hands in.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    /// A text, or the event that the client has opened the conversation (`message.type` `event`, `message.val` `ON_CONNECT`).
    pub kind: InputKind,
    /// `message.text`; empty for an event.
    pub text: String,
    /// `from.id`: what the channel calls the user.
    pub identity: String,
    /// `from.userInfo`.
    pub profile: Map<String, Value>,
    /// `session.new`: the open session ends and another begins.
    pub new_session: bool,
    /// `customData`.
    pub custom_data: Value,
    /// `metaTags`, with the level of each.
    pub tags: Vec<(TagLevel, Tag)>,
}

impl Inbound {
    /// Reads a body. Unknown fields are ignored, as clients send ballast.
    ///
    /// # Errors
    /// [`codes::CHANNEL_PAYLOAD`]; the precise cause goes to the log only.
    pub fn read(body: &Value) -> Result<Self> {
        let (kind, text) = said(&body["message"])?;
        let identity = body["from"]["id"]
            .as_str()
            .filter(|id| !id.trim().is_empty() && id.len() <= IDENTITY_CAP)
            .ok_or_else(|| refused("from.id is missing or too long"))?;
        let new_session = match &body["session"]["new"] {
            Value::Null => false,
            Value::Bool(new) => *new,
            _ => return Err(refused("session.new is no boolean")),
        };
        Ok(Self {
            kind,
            text: text.to_owned(),
            identity: identity.to_owned(),
            profile: body["from"]["userInfo"]
                .as_object()
                .cloned()
                .unwrap_or_default(),
            new_session,
            custom_data: body["customData"].clone(),
            tags: [&body["metaTags"], body]
                .into_iter()
                .flat_map(tags)
                .collect(),
        })
    }

    /// An event of the platform's own in a conversation.
    pub(super) fn event(kind: InputKind, key: &ConversationKey) -> Self {
        Self {
            kind,
            text: String::new(),
            identity: key.identity.clone(),
            profile: Map::new(),
            new_session: false,
            custom_data: Value::Null,
            tags: Vec::new(),
        }
    }

    /// The token may speak for this user: its `userIdentity`, when there is one, is `from.id`.
    ///
    /// # Errors
    /// [`codes::CHANNEL_TOKEN`].
    pub fn check_visitor(&self, visitor: &Visitor) -> Result<()> {
        match &visitor.identity {
            Some(identity) if *identity != self.identity => {
                Err(Error::of(&codes::CHANNEL_TOKEN).because("userIdentity is not from.id"))
            }
            _ => Ok(()),
        }
    }
}

/// What the message is, and its text.
fn said(message: &Value) -> Result<(InputKind, &str)> {
    if message["type"] == "event" {
        return match message["val"].as_str() {
            Some("ON_CONNECT") => Ok((InputKind::Connect, "")),
            _ => Err(refused("message.val is no event of this channel")),
        };
    }
    let text = message["text"]
        .as_str()
        .ok_or_else(|| refused("message.text is no text"))?;
    if text.chars().count() > TEXT_CAP {
        return Err(refused("message.text is too long"));
    }
    let attached = message["attachments"]
        .as_array()
        .is_some_and(|a| !a.is_empty());
    if text.trim().is_empty() && !attached {
        return Err(refused("message.text is empty"));
    }
    Ok((InputKind::Text, text))
}

fn refused(why: &'static str) -> Error {
    Error::of(&codes::CHANNEL_PAYLOAD).because(why)
}

/// The three lists, which stand in `metaTags` or beside it; a plain list, which a sample of the documentation shows, counts as tags on the session (ours).
fn tags(meta: &Value) -> Vec<(TagLevel, Tag)> {
    let lists = [
        (TagLevel::Message, &meta["messageLevelTags"]),
        (TagLevel::Session, &meta["sessionLevelTags"]),
        (TagLevel::User, &meta["userLevelTags"]),
        (TagLevel::Session, meta),
    ];
    let mut read = Vec::new();
    for (level, list) in lists {
        for tag in list.as_array().into_iter().flatten() {
            if let Some(name) = tag["name"].as_str().filter(|n| !n.is_empty()) {
                let (name, value) = (name.to_owned(), tag["value"].clone());
                read.push((level, Tag { name, value }));
            }
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body() -> Value {
        json!({"message": {"text": "hello"}, "from": {"id": "user-1"}, "to": {"id": "x"}})
    }

    #[test]
    fn the_shortest_body_is_enough_and_ballast_is_ignored() {
        let mut body = body();
        body["token"] = json!({});
        body["session"] = json!({"new": true});
        let read = Inbound::read(&body).expect("body");
        assert_eq!(
            (read.text.as_str(), read.identity.as_str()),
            ("hello", "user-1")
        );
        assert!(read.new_session);
    }

    #[test]
    fn a_body_without_text_or_user_is_refused() {
        for broken in [
            json!(null),
            json!([]),
            json!({}),
            json!({"message": {"text": "x"}}),
            json!({"from": {"id": "u"}}),
            json!({"message": "x", "from": {"id": "u"}}),
            json!({"message": {"text": 7}, "from": {"id": "u"}}),
            json!({"message": {"text": "  "}, "from": {"id": "u"}}),
            json!({"message": {"text": "x"}, "from": {"id": " "}}),
            json!({"message": {"text": "x"}, "from": {"id": 7}}),
            json!({"message": {"text": "x"}, "from": {"id": "u"}, "session": {"new": "yes"}}),
            json!({"message": {"text": "x".repeat(TEXT_CAP + 1)}, "from": {"id": "u"}}),
        ] {
            let error = Inbound::read(&broken).expect_err("broken");
            assert_eq!(error.code, Some(&codes::CHANNEL_PAYLOAD));
        }
    }

    #[test]
    fn an_attachment_may_come_without_text() {
        let mut body = body();
        body["message"] = json!({"text": "", "attachments": [{"fileName": "a.png"}]});
        assert!(Inbound::read(&body).is_ok());
    }

    #[test]
    fn tags_are_read_from_the_lists_and_from_a_plain_one() {
        let mut body = body();
        body["metaTags"] = json!({"userLevelTags": [{"name": "tier", "value": 1}], "messageLevelTags": [{"value": 2}]});
        let read = Inbound::read(&body).expect("body").tags;
        assert_eq!(read.len(), 1);
        assert_eq!(
            (read[0].0, read[0].1.text().as_str()),
            (TagLevel::User, "1")
        );
        body["metaTags"] = json!([{"name": "plan", "value": "gold"}]);
        assert_eq!(
            Inbound::read(&body).expect("body").tags[0].0,
            TagLevel::Session
        );
    }

    #[test]
    fn a_token_for_one_user_does_not_speak_for_another() {
        let read = Inbound::read(&body()).expect("body");
        let visitor = |id: Option<&str>| Visitor {
            identity: id.map(str::to_owned),
            ..Visitor::default()
        };
        assert!(read.check_visitor(&visitor(None)).is_ok());
        assert!(read.check_visitor(&visitor(Some("user-1"))).is_ok());
        let error = read
            .check_visitor(&visitor(Some("user-2")))
            .expect_err("other");
        assert_eq!(error.code, Some(&codes::CHANNEL_TOKEN));
    }
}
