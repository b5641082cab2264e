//! Reads and writes plain member paths such as `context.a.b[0]["c d"].length` without JavaScript.

use serde_json::{Map, Value};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// `.name` or `["name"]`.
    Name(String),
    /// `[0]`.
    At(usize),
}

/// The steps of a plain member path; `None` when the text is any other expression.
pub(crate) fn parse(text: &str) -> Option<Vec<Key>> {
    let mut rest = text.trim();
    let mut keys = Vec::new();
    let mut first = true;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let close = inside.find(']')?;
            keys.push(bracket(inside[..close].trim())?);
            rest = &inside[close + 1..];
        } else {
            rest = match (first, rest.strip_prefix("?.").or(rest.strip_prefix('.'))) {
                (true, None) => rest,
                (false, Some(after)) => after,
                _ => return None,
            };
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
                .unwrap_or(rest.len());
            if end == 0 || rest.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            keys.push(Key::Name(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        first = false;
    }
    matches!(keys.first(), Some(Key::Name(_))).then_some(keys)
}

fn bracket(inside: &str) -> Option<Key> {
    if let Ok(at) = inside.parse() {
        return Some(Key::At(at));
    }
    let quote = inside.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = inside.strip_prefix(quote)?.strip_suffix(quote)?;
    (!name.contains([quote, '\\'])).then(|| Key::Name(name.to_owned()))
}

/// The value at `keys` under `root`; `Null` for what is not there.
pub(crate) fn read(root: &Value, keys: &[Key]) -> Value {
    let mut here = root;
    for (at, key) in keys.iter().enumerate() {
        let next = match (here, key) {
            (Value::Object(map), Key::Name(name)) => map.get(name),
            (Value::Object(map), Key::At(n)) => map.get(&n.to_string()),
            (Value::Array(list), Key::At(n)) => list.get(*n),
            (Value::Array(list), Key::Name(name)) if name == "length" && at + 1 == keys.len() => {
                return Value::from(list.len());
            }
            (Value::String(text), Key::Name(name)) if name == "length" && at + 1 == keys.len() => {
                return Value::from(text.encode_utf16().count());
            }
            _ => None,
        };
        match next {
            Some(value) => here = value,
            None => return Value::Null,
        }
    }
    here.clone()
}

/// Sets the value at `keys` under `root`; makes objects on the way. `None` removes. False when the path cannot be made.
pub(crate) fn write(root: &mut Map<String, Value>, keys: &[Key], value: Option<Value>) -> bool {
    let Some((Key::Name(name), rest)) = keys.split_first() else {
        return false;
    };
    if rest.is_empty() {
        match value {
            Some(value) => root.insert(name.clone(), value),
            None => root.remove(name),
        };
        return true;
    }
    let next = root.entry(name.clone()).or_insert(Value::Null);
    write_in(next, rest, value)
}

fn write_in(here: &mut Value, keys: &[Key], value: Option<Value>) -> bool {
    if here.is_null() {
        *here = Value::Object(Map::new());
    }
    match (here, keys.split_first()) {
        (Value::Object(map), _) => write(map, keys, value),
        (Value::Array(list), Some((Key::At(at), rest))) => {
            match (list.get_mut(*at), rest.is_empty()) {
                (Some(slot), true) => {
                    *slot = value.unwrap_or(Value::Null);
                    true
                }
                (Some(slot), false) => write_in(slot, rest, value),
                (None, _) => false,
            }
        }
        _ => false,
    }
}

/// True for what counts as missing: undefined, null, the empty text, the empty list.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

/// A value as text: strings bare, objects as JSON, null empty.
pub(crate) fn display(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(n) => match n.as_f64() {
            Some(f) if f.fract() == 0.0 && f.abs() < 1e15 => format!("{f:.0}"),
            _ => n.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn plain_paths_are_read_and_others_are_left_to_javascript() {
        let root = json!({"context": {"a": {"list": [{"b c": 1}, 2], "t": "häß"}}});
        let read = |text: &str| parse(text).map(|keys| super::read(&root, &keys));
        for (path, want) in [
            ("context.a.list[1]", Some(json!(2))),
            (" context.a.list[0]['b c'] ", Some(json!(1))),
            ("context.a.list.length", Some(json!(2))),
            ("context.a.t.length", Some(json!(3))),
            ("context.no.where[3].x", Some(Value::Null)),
            ("context?.a?.t", Some(json!("häß"))),
            ("a + b", None),
            ("f(x)", None),
            ("1.5", None),
            ("context.a[i]", None),
            ("", None),
        ] {
            assert_eq!(read(path), want, "{path}");
        }
    }

    #[test]
    fn writing_makes_objects_on_the_way() {
        let mut root = Map::new();
        assert!(write(&mut root, &parse("a.b.c").unwrap(), Some(json!(1))));
        assert_eq!(Value::Object(root.clone()), json!({"a": {"b": {"c": 1}}}));
        assert!(!write(
            &mut root,
            &parse("a.b.c.d").unwrap(),
            Some(json!(1))
        ));
        assert!(write(&mut root, &parse("a.b").unwrap(), None));
        assert_eq!(Value::Object(root), json!({"a": {}}));
    }
}
