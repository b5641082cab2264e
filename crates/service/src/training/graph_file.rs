//! Files of a knowledge graph (`KnowledgeGraphFileJson`, `KnowledgeGraphFileCsv`, `KnowledgeGraphLegacyCsv` of the contract): what both
//! layouts have in common, and the JSON one. [`super::graph_csv`] has the other.

use super::utterance_file::{Faults, Format, text_of};
use serde_json::{Map, Value, json};
use types::{Error, Result};

/// Questions of a file at most (ours).
pub const FAQS_MAX: usize = 50_000;
/// Nodes and rows of a file at most (ours).
pub const ROWS_MAX: usize = 1_000_000;
/// Nodes on the way to a question at most (ours).
pub const DEPTH_MAX: usize = 20;

/// A knowledge graph as a file has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct File {
    /// Questions in the layout of JSON files; `terms` go from the leaf to the root.
    pub faqs: Vec<Row>,
    /// Nodes with their settings.
    pub nodes: Vec<Row>,
    /// Synonyms of the whole graph.
    pub synonyms: Vec<(String, Vec<String>)>,
    /// Words that do not count.
    pub stop_words: Option<Vec<String>>,
    /// Synonyms of the agent count too.
    pub bot_synonyms: Option<bool>,
    /// Groups of traits in the layout of definitions.
    pub traits: Vec<Value>,
    /// Paths may lack the root, or begin with it.
    pub loose: bool,
}

/// An entry and where it stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Line of the file (CSV), or position in its list from 1 (JSON).
    pub at: usize,
    /// Lines of its alternate questions (CSV).
    pub others: Vec<usize>,
    /// The entry.
    pub value: Value,
}

/// Reads a file whole.
///
/// # Errors
/// Bad input: the encoding, the layout, or each wrong row.
pub fn read(format: Format, bytes: &[u8]) -> Result<File> {
    let text = text_of(bytes)?;
    let mut faults = Faults::default();
    let file = match format {
        Format::Csv => super::graph_csv::read(&text, &mut faults)?,
        Format::Json => read_json(&text, &mut faults)?,
    };
    faults.done()?;
    if file.faqs.len() > FAQS_MAX {
        let text = format!("has more than {FAQS_MAX} questions");
        return Err(Error::field("file", text));
    }
    if file.faqs.is_empty() && file.nodes.is_empty() {
        return Err(Error::field("file", "holds no questions and no nodes"));
    }
    Ok(file)
}

fn read_json(text: &str, faults: &mut Faults) -> Result<File> {
    let root: Value = serde_json::from_str(text).map_err(|error| {
        let at = (error.line(), error.column());
        let text = format!("must be a JSON object (line {}, column {})", at.0, at.1);
        Error::field("file", text)
    })?;
    // an entry of `knowledgeTasks` is taken too
    let root = if root["faqs"].is_object() {
        &root["faqs"]
    } else {
        &root
    };
    let Some(faqs) = root["faqs"].as_array() else {
        return Err(Error::field(
            "file",
            "must be an object with a list of faqs",
        ));
    };
    if faqs.len() > FAQS_MAX {
        let text = format!("has more than {FAQS_MAX} questions");
        return Err(Error::field("file", text));
    }
    let mut file = File::default();
    for (n, faq) in faqs.iter().enumerate() {
        if let Some(value) = json_faq(n + 1, faq, faults) {
            file.faqs.push(Row {
                at: n + 1,
                others: Vec::new(),
                value,
            });
        }
    }
    for key in ["nodes", "unmappedpath"] {
        for (n, node) in list(root, key).iter().enumerate() {
            match node {
                Value::Object(_) if !texts(node, "terms").is_empty() => file.nodes.push(Row {
                    at: n + 1,
                    others: Vec::new(),
                    value: node.clone(),
                }),
                _ => faults.add(Format::Json, n + 1, key, "must be an object with terms"),
            }
        }
    }
    let words = root["synonyms"].as_object().into_iter().flatten();
    file.synonyms = words
        .map(|(word, _)| (word.clone(), texts(&root["synonyms"], word)))
        .collect();
    if root["kgParams"]["stopWords"].is_array() {
        file.stop_words = Some(texts(&root["kgParams"], "stopWords"));
    }
    file.traits = list(root, "traitGroups").to_vec();
    if let Some(flat) = root["traits"].as_object().filter(|all| !all.is_empty()) {
        let traits: Map<String, Value> = flat
            .iter()
            .map(|(name, lines)| (name.clone(), json!({"data": lines, "displayName": name})))
            .collect();
        file.traits.push(json!({"groupName": "Knowledge Graph", "matchStrategy": "probability", "scoreThreshold": 0.5, "traits": traits}));
    }
    Ok(file)
}

fn json_faq(at: usize, faq: &Value, faults: &mut Faults) -> Option<Value> {
    let mut wrong = |name: &str, text: &str| faults.add(Format::Json, at, name, text);
    let Value::Object(members) = faq else {
        wrong("entry", "must be an object");
        return None;
    };
    let mut faq = members.clone();
    let mut good = true;
    let mut check = |fits: bool, name: &str, text: &str| {
        if !fits {
            wrong(name, text);
            good = false;
        }
    };
    check(
        faq.get("question").is_some_and(Value::is_string),
        "question",
        "must be a text",
    );
    let terms = faq.get("terms").and_then(Value::as_array);
    let all_texts = terms.is_some_and(|t| !t.is_empty() && t.iter().all(Value::is_string));
    check(
        all_texts,
        "terms",
        "must be the path as a list of texts, the root last",
    );
    let others = match faq.get("alternateQuestions") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(others)) => others.clone(),
        Some(_) => {
            check(false, "alternateQuestions", "must be a list");
            Vec::new()
        }
    };
    let mut kept = Vec::new();
    for other in others {
        match &other {
            Value::String(text) => kept.push(json!({"question": text, "tags": []})),
            Value::Object(_) if other["question"].is_string() => kept.push(other),
            _ => check(false, "alternateQuestions", "each must have a question"),
        }
    }
    let answer = match faq.get("answer") {
        Some(Value::String(text)) => json!([{"text": text, "type": "basic", "channel": "default"}]),
        Some(Value::Array(parts)) if parts.iter().all(Value::is_object) => json!(parts),
        None | Some(Value::Null) => json!([]),
        Some(_) => {
            check(false, "answer", "must be a text or a list of answers");
            json!([])
        }
    };
    faq.insert("alternateQuestions".to_owned(), Value::Array(kept));
    faq.insert("answer".to_owned(), answer);
    good.then_some(Value::Object(faq))
}

/// The members of a list; none when it is missing.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// The texts of a list; none when it is missing.
pub(super) fn texts(value: &Value, key: &str) -> Vec<String> {
    let all = list(value, key).iter().filter_map(Value::as_str);
    all.map(str::trim)
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Writes a file.
///
/// # Errors
/// Internal, when it cannot be written.
pub fn write(format: Format, language: &str, file: &File) -> Result<Vec<u8>> {
    if format == Format::Csv {
        return super::graph_csv::write(language, file);
    }
    let synonyms: Map<String, Value> = file
        .synonyms
        .iter()
        .map(|(word, more)| (word.clone(), json!(more)))
        .collect();
    let values = |rows: &[Row]| -> Vec<Value> { rows.iter().map(|r| r.value.clone()).collect() };
    let mut params = json!({"language": language});
    if let Some(words) = &file.stop_words {
        params["stopWords"] = json!(words);
    }
    let out = json!({
        "faqs": values(&file.faqs),
        "synonyms": synonyms,
        "nodes": values(&file.nodes),
        "unmappedpath": [],
        "traitGroups": file.traits,
        "kgParams": params,
    });
    serde_json::to_vec_pretty(&out).map_err(Error::internal)
}
