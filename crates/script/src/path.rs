use serde_json::Value;

use crate::{Globals, StoreName};

/// What the resolver says about an expression.
#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    /// Its value.
    Value(Value),
    /// It is `undefined`.
    Nothing,
    /// JavaScript would throw: something in the middle of the path is missing.
    Broken,
    /// Not a plain path: the sandbox has to say.
    NotPlain,
}

/// Follows a plain path such as `context.entities.city`, `env.KEY` or `context.list[0]["name"]` without an engine.
pub(crate) fn resolve(expression: &str, globals: &Globals) -> Found {
    for (prefix, map) in [("content.", &globals.content), ("env.", &globals.env)] {
        // a key with a dash or a dot in it is meant as a key, whatever JavaScript would make of it
        if let Some(value) = expression.strip_prefix(prefix).and_then(|key| map.get(key)) {
            return Found::Value(value.clone());
        }
    }
    let Some(steps) = parse(expression) else {
        return Found::NotPlain;
    };
    let Some((root, steps)) = steps.split_first() else {
        return Found::NotPlain;
    };
    match root.name.as_str() {
        "context" => in_context(steps, globals),
        "env" => in_map(steps, &globals.env),
        "content" => in_map(steps, &globals.content),
        _ => Found::NotPlain,
    }
}

fn in_map(steps: &[Step], map: &serde_json::Map<String, Value>) -> Found {
    match steps.split_first() {
        None => Found::Value(Value::Object(map.clone())),
        Some((first, steps)) => follow(map.get(&first.name), steps),
    }
}

fn in_context(steps: &[Step], globals: &Globals) -> Found {
    let [session, store, rest @ ..] = steps else {
        // the whole context, or the whole session, has the stores in it
        return match steps {
            [first] if first.name != "session" => follow(globals.context.get(&first.name), &[]),
            _ => Found::NotPlain,
        };
    };
    if session.name != "session" {
        return follow(globals.context.get(&session.name), &steps[1..]);
    }
    if store.name == "UserContext" {
        return match rest {
            [] => Found::NotPlain,
            rest => follow(Some(&globals.stores.user_context), rest).or_nothing(globals),
        };
    }
    let Some(name) = StoreName::parse(&store.name) else {
        return follow(
            globals
                .context
                .get("session")
                .and_then(|session| session.get(&store.name)),
            rest,
        );
    };
    let Some((key, rest)) = rest.split_first() else {
        return Found::NotPlain;
    };
    let stored = globals
        .stores
        .get(name)
        .get(&key.name)
        .filter(|stored| !stored.is_expired(globals.now_ms));
    follow(stored.map(|stored| &stored.value), rest)
}

impl Found {
    /// A user without a profile has an empty one.
    fn or_nothing(self, globals: &Globals) -> Found {
        if globals.stores.user_context.is_object() {
            self
        } else {
            Found::Nothing
        }
    }
}

fn follow(start: Option<&Value>, steps: &[Step]) -> Found {
    let mut at = start;
    for step in steps {
        at = match at {
            None | Some(Value::Null) if step.optional => return Found::Nothing,
            None | Some(Value::Null) => return Found::Broken,
            Some(Value::Object(map)) => map.get(&step.name),
            Some(Value::Array(list)) => match step.name.parse::<usize>() {
                Ok(index) => list.get(index),
                Err(_) => return Found::NotPlain,
            },
            // members of texts and numbers are JavaScript's business
            Some(_) => return Found::NotPlain,
        };
    }
    at.map_or(Found::Nothing, |value| Found::Value(value.clone()))
}

#[derive(Debug, PartialEq)]
struct Step {
    name: String,
    optional: bool,
}

/// The steps of a plain path; `None` if it is anything else.
fn parse(expression: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = expression.trim();
    let mut optional = false;
    loop {
        let name;
        if let Some(inner) = rest.strip_prefix('[') {
            (name, rest) = index(inner)?;
        } else {
            (name, rest) = identifier(rest)?;
        }
        steps.push(Step { name, optional });
        if rest.is_empty() {
            return Some(steps);
        }
        optional = rest.starts_with("?.");
        if let Some(after) = rest.strip_prefix("?.").or_else(|| rest.strip_prefix('.')) {
            if !optional && after.starts_with('[') {
                return None;
            }
            rest = after;
        } else if !rest.starts_with('[') {
            return None;
        }
    }
}

fn identifier(text: &str) -> Option<(String, &str)> {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let first = name.chars().next()?;
    (!first.is_numeric()).then(|| (name.to_owned(), rest))
}

/// `0]` or `"key"]`, after the bracket.
fn index(text: &str) -> Option<(String, &str)> {
    let (inside, rest) = text.split_once(']')?;
    let inside = inside.trim();
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| inside.strip_prefix(quote)?.strip_suffix(quote));
    let plain = match quoted {
        Some(key) => !key.contains(['"', '\'', '\\']),
        None => {
            !inside.is_empty()
                && inside.bytes().all(|b| b.is_ascii_digit())
                && (inside == "0" || !inside.starts_with('0'))
        }
    };
    plain.then(|| (quoted.unwrap_or(inside).to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn globals() -> Globals {
        let mut globals = Globals {
            context: json!({"a": {"b": [10, {"c d": "x"}]}, "none": null, "name": "Ann", "session": {"opts": {"userId": "u-1"}}}),
            now_ms: 1_000,
            ..Globals::default()
        };
        globals
            .stores
            .bot_user_session
            .insert("k".into(), json!({"n": 1}).into());
        let old = crate::Stored {
            value: json!(1),
            expires_at_ms: Some(1_000),
        };
        globals.stores.bot_context.insert("old".into(), old);
        globals
    }

    #[test]
    fn a_plain_path_is_followed() {
        let globals = globals();
        let value = |expression: &str| resolve(expression, &globals);
        assert_eq!(value("context.a.b[0]"), Found::Value(json!(10)));
        assert_eq!(value("context.a.b[1]['c d']"), Found::Value(json!("x")));
        assert_eq!(
            value("context['a'].b[\"1\"]"),
            Found::Value(json!({"c d": "x"}))
        );
        assert_eq!(
            value("context.session.BotUserSession.k.n"),
            Found::Value(json!(1))
        );
        assert_eq!(
            value("context.session.opts.userId"),
            Found::Value(json!("u-1"))
        );
    }

    #[test]
    fn a_missing_end_is_nothing_and_a_missing_middle_is_an_error() {
        let globals = globals();
        let value = |expression: &str| resolve(expression, &globals);
        assert_eq!(value("context.x"), Found::Nothing);
        assert_eq!(value("context.x.y"), Found::Broken);
        assert_eq!(value("context.none.y"), Found::Broken);
        assert_eq!(value("context.x?.y.z"), Found::Nothing);
        assert_eq!(
            value("context.session.BotContext.old"),
            Found::Nothing,
            "past its time"
        );
        assert_eq!(value("context.session.UserContext.emailId"), Found::Nothing);
    }

    #[test]
    fn anything_else_is_left_to_the_engine() {
        let globals = globals();
        for expression in [
            "context.a.b.length",
            "context.name.length",
            "1 + 1",
            "context.a-b",
            "f()",
            "context",
            "other.x",
            "context.a.",
            "context[i]",
            "",
        ] {
            assert_eq!(
                resolve(expression, &globals),
                Found::NotPlain,
                "{expression}"
            );
        }
    }
}
