//! Scripts of agents that people published. Skipped where they are not at hand.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use script::{Sandbox, check};
use serde_json::{Value, json};

use crate::globals;

/// Percent-decoding as the definition format has it; `None` for a raw text.
fn decoded(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let pair = [bytes.next()?, bytes.next()?];
                out.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
            }
            byte if plain(byte) => out.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(out).ok()
}

/// Scripts and JavaScript messages, wherever they are.
fn scripts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| scripts(value, found)),
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) => {
                        let text = decoded(text).unwrap_or_else(|| text.clone());
                        let named =
                            matches!(key.as_str(), "script" | "preProcessor" | "postProcessor");
                        if named || text.contains("print(") {
                            found.insert(text);
                        }
                    }
                    other => scripts(other, found),
                }
            }
        }
        _ => {}
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found)
        } else {
            found.push(path)
        }
    }
}

/// Every JSON document at hand.
fn definitions() -> Vec<Value> {
    let mut found = Vec::new();
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/agents"),
        &mut found,
    );
    if found.is_empty() {
        println!("skipped: no agents at hand");
    }
    found.retain(|path| path.extension().is_some_and(|end| end == "json"));
    found
        .iter()
        .filter_map(|path| serde_json::from_slice(&fs::read(path).unwrap()).ok())
        .collect()
}

#[test]
fn published_scripts_parse() {
    let definitions = definitions();
    let mut found = BTreeSet::new();
    for value in &definitions {
        scripts(value, &mut found);
    }
    // stands for "no script" in the events of a new agent
    found.remove(".");
    let bad: Vec<String> = found
        .iter()
        .filter_map(|text| check(text).err().map(|error| format!("{error}: {text}")))
        .collect();
    assert!(
        bad.is_empty(),
        "{} of {}: {}",
        bad.len(),
        found.len(),
        bad.join("\n---\n")
    );
    assert!(
        definitions.is_empty() || found.len() > 40,
        "{} scripts found",
        found.len()
    );
}

#[test]
fn published_placeholders_are_expressions() {
    let mut texts = BTreeSet::new();
    for value in definitions() {
        templates(&value, &mut texts);
    }
    let mut bad = Vec::new();
    for text in &texts {
        let rendered = Sandbox::default().render(text, &globals(json!({})), None);
        bad.extend(
            rendered
                .logs
                .into_iter()
                .filter(|line| line.contains("syntax error")),
        );
    }
    assert!(bad.is_empty(), "{} of {}: {bad:#?}", bad.len(), texts.len());
}

/// Texts with placeholders in them.
fn templates(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| templates(value, found)),
        Value::Object(map) => map.values().for_each(|value| templates(value, found)),
        Value::String(text) => {
            let text = decoded(text).unwrap_or_else(|| text.clone());
            if text.contains("{{") {
                found.insert(text);
            }
        }
        _ => {}
    }
}
