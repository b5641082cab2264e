//! Turns texts, scripts and templates into messages.

use crate::failure::Failure;
use crate::scene::Extras;
use crate::turn::Turn;
use crate::{BubbleBody, path};
use definition::{AnswerPart, ChannelMessage, MessageBody};
use rand::Rng;
use script::Kind;
use serde_json::{Value, json};

impl<'a> Turn<'a> {
    /// Fills the placeholders of a text. Values of `content` may hold placeholders themselves: those are filled once more.
    pub(crate) fn render(&mut self, text: &str) -> String {
        self.fill(text, true)
    }

    fn fill(&mut self, text: &str, nested: bool) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            let Some(close) = end_of_placeholder(&rest[open + 2..]) else {
                break;
            };
            out.push_str(&rest[..open]);
            let expression = rest[open + 2..open + 2 + close].trim().to_owned();
            let value = if expression.is_empty() {
                Value::Null
            } else {
                self.evaluate(&expression)
            };
            let shown = path::display(&value);
            if nested && expression.starts_with("content") && shown.contains("{{") {
                out.push_str(&self.fill(&shown, false));
            } else {
                out.push_str(&shown);
            }
            rest = &rest[open + 2 + close + 2..];
        }
        out.push_str(rest);
        out
    }

    /// Fills the placeholders of every text inside a value.
    pub(crate) fn render_value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.render(text)),
            Value::Array(list) => {
                Value::Array(list.iter().map(|item| self.render_value(item)).collect())
            }
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(key, item)| (key.clone(), self.render_value(item)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// The wording for this channel and language; one of several at random, or the `at`-th when `at` is set.
    pub(crate) fn wording<'m>(
        &mut self,
        messages: &'m [ChannelMessage],
        at: Option<usize>,
    ) -> Option<&'m MessageBody> {
        let exact: Vec<_> = messages
            .iter()
            .filter(|m| m.channel == self.input.channel)
            .collect();
        let list = if exact.is_empty() {
            messages.iter().filter(|m| m.channel == "default").collect()
        } else {
            exact
        };
        let list = if list.is_empty() {
            messages.iter().collect()
        } else {
            list
        };
        let at = match (list.len(), at) {
            (0, _) => return None,
            (n, Some(at)) => at.min(n - 1),
            (n, None) => self.rng.random_range(0..n),
        };
        list[at]
            .text
            .get(&self.language, &self.engine.agent.default_language)
    }

    /// Sends one of the wordings. False: there was nothing to send.
    pub(crate) fn say_one_of(
        &mut self,
        messages: &[ChannelMessage],
        at: Option<usize>,
    ) -> Result<bool, Failure> {
        match self.wording(messages, at) {
            Some(body) => self.say_body(body, &Extras::default()),
            None => Ok(false),
        }
    }

    pub(crate) fn say_body(
        &mut self,
        body: &MessageBody,
        extras: &Extras,
    ) -> Result<bool, Failure> {
        match self.body(body, extras)? {
            Some(body) => {
                self.say(body);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// What a wording comes to; `None` when it is empty.
    pub(crate) fn body(
        &mut self,
        body: &MessageBody,
        extras: &Extras,
    ) -> Result<Option<BubbleBody>, Failure> {
        match body {
            MessageBody::Plain(text) => Ok(body_of(&self.render(text))),
            MessageBody::JavaScript(source) => {
                let ran = self.run_script(source, Kind::Message, extras)?;
                Ok(body_of(&ran.printed.concat()))
            }
            MessageBody::FormButtons { payload, .. } => {
                let payload = self.render_value(payload);
                Ok(Some(BubbleBody::Template(
                    json!({"type": "template", "payload": payload}),
                )))
            }
        }
    }

    pub(crate) fn say_printed(&mut self, printed: &[String]) {
        if let Some(body) = body_of(&printed.concat()) {
            self.say(body);
        }
    }

    /// Sends every part of an answer that is meant for this channel.
    pub(crate) fn say_parts(&mut self, parts: &[AnswerPart]) -> Result<bool, Failure> {
        let exact: Vec<_> = parts
            .iter()
            .filter(|part| part.channel == self.input.channel)
            .collect();
        let parts = if exact.is_empty() {
            parts.iter().filter(|p| p.channel == "default").collect()
        } else {
            exact
        };
        let mut said = false;
        for part in parts {
            said |= self.say_body(&part.body, &Extras::default())?;
        }
        Ok(said)
    }
}

/// Text, or a structure when the whole text is one.
fn body_of(text: &str) -> Option<BubbleBody> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    if trimmed.starts_with('{')
        && let Ok(value @ Value::Object(_)) = serde_json::from_str::<Value>(trimmed)
    {
        return Some(BubbleBody::Template(value));
    }
    Some(BubbleBody::Text(text.to_owned()))
}

/// Where the `}}` of a placeholder is, past strings and nested braces.
fn end_of_placeholder(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut quote, mut at) = (0usize, None, 0);
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, c @ (b'"' | b'\'' | b'`')) => quote = Some(c),
            (None, b'{') => depth += 1,
            (None, b'}') if depth == 0 && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (None, b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    text.find("}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_end_past_strings_and_braces() {
        for (text, want) in [
            ("a}}", Some("a")),
            ("f({a: {b: 1}})}} x", Some("f({a: {b: 1}})")),
            ("'}}' + a}}", Some("'}}' + a")),
            ("it's}}", Some("it's")),
            ("a", None),
        ] {
            assert_eq!(
                end_of_placeholder(text).map(|at| &text[..at]),
                want,
                "{text}"
            );
        }
    }

    #[test]
    fn a_printed_object_is_a_template_and_anything_else_text() {
        assert!(matches!(
            body_of(r#" {"type":"template"}"#),
            Some(BubbleBody::Template(_))
        ));
        assert_eq!(body_of("[1]"), Some(BubbleBody::Text("[1]".into())));
        assert_eq!(body_of("{broken"), Some(BubbleBody::Text("{broken".into())));
        assert_eq!(body_of(" \n"), None);
    }
}
