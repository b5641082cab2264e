//! The CSV layout of a knowledge graph: sections, each opened by a header whose first cell names it; rows leave that cell blank. Lists in
//! a cell are written as a row of CSV themselves, so that a comma in a word does no harm. Paths go from the root to the leaf.

use super::graph_file::{File, ROWS_MAX, Row, list, texts};
use super::utterance_file::{Faults, Format, plain, safe};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use types::{Error, Result};

/// Parts of an answer of a file at most (ours).
const PARTS_MAX: usize = 50;

/// A cell that holds a list.
fn list_in(cell: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(cell.as_bytes());
    let record = reader.records().next().and_then(std::result::Result::ok);
    let cells = record.iter().flat_map(|record| record.iter());
    let cells = cells.map(str::trim).filter(|cell| !cell.is_empty());
    // the blank field that ends a term is part of how terms are written
    let whole = |cell: &str| match cell.ends_with("||") {
        true => format!("{cell} "),
        false => cell.to_owned(),
    };
    cells.map(whole).collect()
}

fn list_out(items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let written = writer
        .write_record(items)
        .ok()
        .and_then(|()| writer.into_inner().ok());
    let text = written.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(|text| text.trim_end_matches('\n').to_owned())
        .unwrap_or_default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Faq,
    Node,
    Synonyms,
    Configs,
    Params,
    Traits,
}

impl Section {
    fn of(cell: &str) -> Option<Self> {
        Some(match name(cell).as_str() {
            "faq" | "faqs" => Self::Faq,
            "node" | "nodes" => Self::Node,
            "synonyms" => Self::Synonyms,
            "confidenceconfigs" => Self::Configs,
            "kgparams" => Self::Params,
            "traits" => Self::Traits,
            _ => return None,
        })
    }
}

/// A header without case and marks.
fn name(cell: &str) -> String {
    let kept = cell.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

struct Reader<'a> {
    file: File,
    faults: &'a mut Faults,
    section: Option<Section>,
    columns: HashMap<String, usize>,
    traits: Vec<(String, Value)>,
    legacy: bool,
}

pub(super) fn read(text: &str, faults: &mut Faults) -> Result<File> {
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut reader = Reader {
        file: File {
            loose: true,
            ..File::default()
        },
        faults,
        section: None,
        columns: HashMap::new(),
        traits: Vec::new(),
        legacy: false,
    };
    let mut rows = 0;
    for record in csv.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            Error::field("file", format!("is no CSV (line {line})"))
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        rows += 1;
        if rows > ROWS_MAX {
            let text = format!("has more than {ROWS_MAX} rows");
            return Err(Error::field("file", text));
        }
        let cells: Vec<&str> = record.iter().map(plain).collect();
        reader.row(usize::try_from(line).unwrap_or(0), &cells);
    }
    reader.file.traits = reader.traits.into_iter().map(|(_, group)| group).collect();
    Ok(reader.file)
}

impl Reader<'_> {
    fn wrong(&mut self, at: usize, name: &str, text: impl Into<String>) {
        self.faults.add(Format::Csv, at, name, text);
    }

    fn row(&mut self, at: usize, cells: &[&str]) {
        let first = cells.first().map_or("", |cell| cell.trim());
        let cell = |n: usize| cells.get(n).map_or("", |cell| cell.trim());
        if first.eq_ignore_ascii_case("faq") {
            let kind = cell(2).to_lowercase();
            if kind == "primary" || kind == "alternate" {
                self.legacy = true;
                self.old_faq(at, &kind, cell(1), cell(3), cell(4));
                return;
            }
        }
        if self.legacy && name(first) == "kgparams" {
            let words = cells.iter().skip(4).map(|word| word.trim().to_owned());
            self.file.stop_words = Some(words.filter(|word| !word.is_empty()).collect());
            return;
        }
        if !first.is_empty() {
            self.section = Section::of(first);
            if self.section.is_none() {
                self.wrong(
                    at,
                    "section",
                    format!("{first} is no section of this layout"),
                );
            }
            self.columns.clear();
            for (n, header) in cells.iter().enumerate().skip(1) {
                self.columns.entry(name(header)).or_insert(n);
            }
            return;
        }
        match self.section {
            Some(Section::Faq) => self.faq(at, cells),
            Some(Section::Node) => self.node(at, cells),
            Some(Section::Synonyms) => {
                let phrase = self.cell(cells, "phrase").trim().to_owned();
                let words = list_in(self.cell(cells, "synonyms"));
                match phrase.is_empty() || words.is_empty() {
                    true => self.wrong(at, "Synonyms", "needs a phrase and its synonyms"),
                    false => self.file.synonyms.push((phrase, words)),
                }
            }
            Some(Section::Configs) => self.config(at, cells),
            Some(Section::Params) => {
                let words = list_in(self.cell(cells, "stopwords"));
                self.file.stop_words.get_or_insert_default().extend(words);
            }
            Some(Section::Traits) => self.one_trait(at, cells),
            None => self.wrong(at, "section", "stands under no header such as Faq or Node"),
        }
    }

    fn cell<'c>(&self, cells: &[&'c str], column: &str) -> &'c str {
        let place = self.columns.get(column);
        place
            .and_then(|n| cells.get(*n))
            .copied()
            .unwrap_or_default()
    }

    fn config(&mut self, at: usize, cells: &[&str]) {
        let parameter = self.cell(cells, "parameter").trim();
        let value = self.cell(cells, "value").trim().to_lowercase();
        match (parameter, value.as_str()) {
            ("useBotSynonyms", "true") => self.file.bot_synonyms = Some(true),
            ("useBotSynonyms", "false") => self.file.bot_synonyms = Some(false),
            ("useBotSynonyms", _) => self.wrong(at, "value", "must be true or false"),
            _ => self.wrong(at, "parameter", "must be useBotSynonyms"),
        }
    }

    fn faq(&mut self, at: usize, cells: &[&str]) {
        let question = self.cell(cells, "primaryquestion").trim().to_owned();
        let other = self.cell(cells, "alternatequestion").trim().to_owned();
        let parts = self.answer(at, cells);
        let path = self.cell(cells, "path");
        let mut terms = list_in(path);
        terms.reverse();
        let tags: Vec<Value> = list_in(self.cell(cells, "tags"))
            .into_iter()
            .map(|name| json!({"name": name}))
            .collect();
        if question.is_empty() {
            let Some(last) = self.file.faqs.last_mut() else {
                self.wrong(
                    at,
                    "Primary Question",
                    "is empty, and no question stands before it",
                );
                return;
            };
            if let Answer::Dialog(_) = parts {
                self.wrong(at, "Answer", "an alternate answer cannot run a dialog");
                return;
            }
            let Answer::Parts(parts) = parts else { return };
            if other.is_empty() && parts.is_empty() {
                self.wrong(at, "Alternate Question", "is empty, and so is the answer");
                return;
            }
            if !other.is_empty() {
                let mut entry = json!({"question": other, "tags": tags});
                if !terms.is_empty() {
                    entry["terms"] = json!(terms);
                }
                push(&mut last.value, "alternateQuestions", entry);
                last.others.push(at);
            }
            if !parts.is_empty() {
                push(&mut last.value, "alternateAnswers", Value::Array(parts));
            }
            return;
        }
        if terms.is_empty() {
            self.wrong(at, "Path", "is empty");
        }
        let mut entry =
            json!({"question": question, "alternateQuestions": [], "terms": terms, "tags": tags});
        match parts {
            Answer::Wrong => return,
            Answer::Dialog(dialog) => {
                entry["responseType"] = json!("dialog");
                entry["dialogRefId"] = json!(dialog);
                entry["answer"] = json!([]);
            }
            Answer::Parts(parts) => {
                entry["responseType"] = json!("message");
                entry["answer"] = Value::Array(parts);
            }
        }
        entry["alternateAnswers"] = json!([]);
        for (key, column) in [
            ("refId", "queid"),
            ("referenceId", "referenceid"),
            ("label", "displayname"),
            ("faqLinkedTo", "faqlinkedto"),
        ] {
            let text = self.cell(cells, column).trim();
            if !text.is_empty() {
                entry[key] = json!(text);
            }
        }
        let linked = list_in(self.cell(cells, "faqlinkedby"));
        if !linked.is_empty() {
            entry["faqLinkedBy"] = json!(linked);
        }
        match self.cell(cells, "status").trim().to_lowercase().as_str() {
            "" => {}
            "enabled" => entry["faqStatus"] = json!(true),
            "disabled" => entry["faqStatus"] = json!(false),
            _ => self.wrong(at, "Status", "must be enabled or disabled"),
        }
        match self
            .cell(cells, "issoftdeleted")
            .trim()
            .to_lowercase()
            .as_str()
        {
            "" | "false" => {}
            "true" => entry["isSoftDeleted"] = json!(true),
            _ => self.wrong(at, "isSoftDeleted", "must be true or false"),
        }
        let mut row = Row {
            at,
            others: Vec::new(),
            value: entry,
        };
        if !other.is_empty() {
            push(
                &mut row.value,
                "alternateQuestions",
                json!({"question": other, "tags": []}),
            );
            row.others.push(at);
        }
        self.file.faqs.push(row);
    }

    fn answer(&mut self, at: usize, cells: &[&str]) -> Answer {
        let mut parts = Vec::new();
        let columns = (0..PARTS_MAX).map(|n| match n {
            0 => "answer".to_owned(),
            n => format!("extendedanswer{n}"),
        });
        let texts: Vec<&str> = columns.map(|column| self.cell(cells, &column)).collect();
        for (n, text) in texts
            .into_iter()
            .enumerate()
            .filter(|(_, t)| !t.trim().is_empty())
        {
            match part(text) {
                Some(Part::Dialog(dialog)) if n == 0 => return Answer::Dialog(dialog),
                Some(Part::Answer(part)) => parts.push(part),
                _ => {
                    let text = "begins with SYS_ and is none of SYS_SCRIPT; SYS_INTENT; SYS_CHANNEL_name SYS_TEXT; SYS_CHANNEL_name SYS_SCRIPT;";
                    self.wrong(at, "Answer", text);
                    return Answer::Wrong;
                }
            }
        }
        Answer::Parts(parts)
    }

    fn node(&mut self, at: usize, cells: &[&str]) {
        // rows of tags say nothing that the questions do not say
        if !self.cell(cells, "tag").trim().is_empty() {
            return;
        }
        let mut terms = list_in(self.cell(cells, "nodepath"));
        if terms.is_empty() {
            self.wrong(at, "Nodepath", "is empty");
            return;
        }
        terms.reverse();
        let mut value = json!({"terms": terms});
        let before = list_in(self.cell(cells, "precondition"));
        let after = list_in(self.cell(cells, "outputcontext"));
        let traits = list_in(self.cell(cells, "traits"));
        value["enableContext"] = json!(!before.is_empty() || !after.is_empty());
        value["preConditions"] = json!(before);
        value["contextTags"] = json!(after);
        if !traits.is_empty() {
            value["traitRule"] = json!([traits]);
        }
        match self.cell(cells, "status").trim().to_lowercase().as_str() {
            "" => {}
            "enabled" => value["termStatus"] = json!(true),
            "disabled" => value["termStatus"] = json!(false),
            _ => self.wrong(at, "Status", "must be enabled or disabled"),
        }
        self.file.nodes.push(Row {
            at,
            others: Vec::new(),
            value,
        });
    }

    fn one_trait(&mut self, at: usize, cells: &[&str]) {
        let text = |column: &str| self.cell(cells, column).trim().to_owned();
        let (group, called, line) = (text("groupname"), text("traitname"), text("trainingdata"));
        let (strategy, score) = (text("matchstrategy").to_lowercase(), text("scorethreshold"));
        if group.is_empty() || called.is_empty() {
            self.wrong(at, "GroupName", "needs the names of a group and of a trait");
            return;
        }
        if !matches!(strategy.as_str(), "" | "pattern" | "probability") {
            self.wrong(at, "matchStrategy", "must be pattern or probability");
        }
        let threshold = match score.parse::<f64>() {
            Ok(score) if (0.0..=1.0).contains(&score) => Some(score),
            _ if score.is_empty() => None,
            _ => {
                self.wrong(at, "scoreThreshold", "must be a number from 0 to 1");
                None
            }
        };
        let known = self.traits.iter().position(|(name, _)| *name == group);
        let place = known.unwrap_or_else(|| {
            let strategy = if strategy == "pattern" { "pattern" } else { "probability" };
            let value = json!({"groupName": group, "matchStrategy": strategy, "scoreThreshold": threshold.unwrap_or(0.5), "traits": {}});
            self.traits.push((group.clone(), value));
            self.traits.len() - 1
        });
        let entry = &mut self.traits[place].1["traits"][&called];
        if entry.is_null() {
            *entry = json!({"data": [], "displayName": called});
        }
        if !line.is_empty() {
            push(entry, "data", json!(line));
        }
    }

    /// A row of the layout without a header.
    fn old_faq(&mut self, at: usize, kind: &str, path: &str, question: &str, answer: &str) {
        if question.is_empty() {
            self.wrong(at, "question", "is empty");
            return;
        }
        if kind == "alternate" {
            match self.file.faqs.last_mut() {
                Some(last) => {
                    push(
                        &mut last.value,
                        "alternateQuestions",
                        json!({"question": question, "tags": []}),
                    );
                    last.others.push(at);
                }
                None => self.wrong(
                    at,
                    "question",
                    "is an alternate, and no question stands before it",
                ),
            }
            return;
        }
        let mut terms = list_in(path);
        terms.reverse();
        let answer = json!([{"text": answer, "type": "basic", "channel": "default"}]);
        self.file.faqs.push(Row {
            at,
            others: Vec::new(),
            value: json!({"question": question, "alternateQuestions": [], "terms": terms, "tags": [],
                "responseType": "message", "answer": answer, "alternateAnswers": []}),
        });
    }
}

/// Adds to a list of an entry.
fn push(entry: &mut Value, key: &str, value: Value) {
    if let Some(list) = entry[key].as_array_mut() {
        list.push(value);
    }
}

enum Answer {
    Parts(Vec<Value>),
    Dialog(String),
    Wrong,
}

enum Part {
    Answer(Value),
    Dialog(String),
}

/// What a cell of an answer says; none when it is written wrongly.
fn part(cell: &str) -> Option<Part> {
    let written = cell.trim();
    if !written.starts_with("SYS_") {
        let value = json!({"text": cell, "type": "basic", "channel": "default"});
        return Some(Part::Answer(value));
    }
    if let Some(rest) = written.strip_prefix("SYS_INTENT") {
        let dialog = rest.trim_start_matches([';', ' ']).trim();
        return (!dialog.is_empty()).then(|| Part::Dialog(dialog.to_owned()));
    }
    let (channel, rest) = match written.strip_prefix("SYS_CHANNEL_") {
        Some(rest) => rest.split_once(' ')?,
        None => ("default", written),
    };
    let (kind, text) = rest.split_once(';')?;
    let kind = match kind.trim() {
        "SYS_TEXT" => "basic",
        "SYS_SCRIPT" => "advance",
        _ => return None,
    };
    let text = text.strip_prefix(' ').unwrap_or(text);
    (!channel.is_empty())
        .then(|| Part::Answer(json!({"text": text, "type": kind, "channel": channel})))
}

fn part_out(part: &Value) -> String {
    let text = part["text"].as_str().unwrap_or_default();
    let channel = part["channel"].as_str().unwrap_or("default");
    let script = !matches!(part["type"].as_str(), None | Some("basic"));
    match (channel, script) {
        ("default", false) if !text.trim_start().starts_with("SYS_") => text.to_owned(),
        ("default", true) => format!("SYS_SCRIPT; {text}"),
        (channel, false) => format!("SYS_CHANNEL_{channel} SYS_TEXT; {text}"),
        (channel, true) => format!("SYS_CHANNEL_{channel} SYS_SCRIPT; {text}"),
    }
}

/// Rows of any length, each cell such that no spreadsheet runs it.
struct Writer(csv::Writer<Vec<u8>>);

impl Writer {
    fn row(&mut self, cells: &[String]) -> Result<()> {
        let safe: Vec<String> = cells.iter().map(|cell| safe(cell)).collect();
        self.0.write_record(&safe).map_err(Error::internal)
    }

    fn header(&mut self, cells: &[&str]) -> Result<()> {
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        self.row(&cells)
    }
}

/// Terms from the root to the leaf.
fn path_out(value: &Value) -> String {
    let mut terms = texts(value, "terms");
    terms.reverse();
    list_out(&terms)
}

fn tags_out(value: &Value) -> String {
    let name = |tag: &Value| match tag {
        Value::String(name) => name.clone(),
        other => other["name"].as_str().unwrap_or_default().to_owned(),
    };
    let all: Vec<String> = list(value, "tags").iter().map(name).collect();
    list_out(&all)
}

pub(super) fn write(language: &str, file: &File) -> Result<Vec<u8>> {
    let mut out = Writer(
        csv::WriterBuilder::new()
            .flexible(true)
            .from_writer(Vec::new()),
    );
    write_faqs(&mut out, file)?;
    if !file.nodes.is_empty() {
        write_nodes(&mut out, file)?;
    }
    if !file.synonyms.is_empty() {
        out.header(&["Synonyms", "Phrase", "Synonyms"])?;
        for (word, more) in &file.synonyms {
            out.row(&[String::new(), word.clone(), list_out(more)])?;
        }
    }
    if let Some(on) = file.bot_synonyms {
        out.header(&["confidenceConfigs", "parameter", "value"])?;
        out.row(&[String::new(), "useBotSynonyms".to_owned(), on.to_string()])?;
    }
    if let Some(words) = file.stop_words.as_ref().filter(|words| !words.is_empty()) {
        out.header(&["KG Params", "lang", "stopwords"])?;
        out.row(&[String::new(), language.to_owned(), list_out(words)])?;
    }
    if !file.traits.is_empty() {
        write_traits(&mut out, language, &file.traits)?;
    }
    let bytes = out.0.into_inner();
    bytes.map_err(|error| Error::internal(error.to_string()))
}

fn parts_of(value: &Value) -> Vec<String> {
    let parts = match value {
        Value::Array(parts) => parts.iter().map(part_out).collect(),
        Value::String(text) => vec![text.clone()],
        part @ Value::Object(_) => vec![part_out(part)],
        _ => Vec::new(),
    };
    parts.into_iter().take(PARTS_MAX).collect()
}

fn write_faqs(out: &mut Writer, file: &File) -> Result<()> {
    let values = || file.faqs.iter().map(|row| &row.value);
    let most = values()
        .flat_map(|faq| std::iter::once(&faq["answer"]).chain(list(faq, "alternateAnswers")))
        .map(|answer| parts_of(answer).len())
        .max();
    let extended = most.unwrap_or(0).saturating_sub(1).max(2);
    let linked = values().any(|faq| {
        faq["faqLinkedTo"].is_string()
            || !texts(faq, "faqLinkedBy").is_empty()
            || faq["isSoftDeleted"] == true
    });
    let disabled = values().any(|faq| faq["faqStatus"] == false);
    let mut header: Vec<String> = [
        "Faq",
        "Que ID",
        "Path",
        "Primary Question",
        "Alternate Question",
        "Tags",
        "Answer",
    ]
    .map(str::to_owned)
    .to_vec();
    header.extend((1..=extended).map(|n| format!("Extended Answer-{n}")));
    header.extend(["ReferenceId", "Display Name"].map(str::to_owned));
    if linked {
        header.extend(["faqLinkedTo", "faqLinkedBy", "isSoftDeleted"].map(str::to_owned));
    }
    if disabled {
        header.push("Status".to_owned());
    }
    out.row(&header)?;
    let answers = |value: &Value| {
        let mut parts = parts_of(value);
        parts.resize(extended + 1, String::new());
        parts
    };
    for faq in values() {
        let text = |key: &str| faq[key].as_str().unwrap_or_default().to_owned();
        let mut row = vec![
            String::new(),
            text("refId"),
            path_out(faq),
            text("question"),
        ];
        row.extend([String::new(), tags_out(faq)]);
        match faq["dialogRefId"]
            .as_str()
            .filter(|_| faq["responseType"] == "dialog")
        {
            Some(dialog) => {
                row.push(format!("SYS_INTENT; {dialog}"));
                row.extend(vec![String::new(); extended]);
            }
            None => row.extend(answers(&faq["answer"])),
        }
        row.extend([text("referenceId"), text("label")]);
        if linked {
            row.extend([text("faqLinkedTo"), list_out(&texts(faq, "faqLinkedBy"))]);
            row.push((faq["isSoftDeleted"] == true).to_string());
        }
        if disabled {
            let on = faq["faqStatus"] != false;
            row.push(if on { "enabled" } else { "disabled" }.to_owned());
        }
        out.row(&row)?;
        for other in list(faq, "alternateQuestions") {
            let question = other["question"]
                .as_str()
                .or(other.as_str())
                .unwrap_or_default();
            let own = texts(other, "terms");
            let path = match own.is_empty() || own == texts(faq, "terms") {
                true => String::new(),
                false => path_out(other),
            };
            let mut row = vec![String::new(), String::new(), path, String::new()];
            row.extend([question.to_owned(), tags_out(other)]);
            out.row(&row)?;
        }
        for more in list(faq, "alternateAnswers") {
            let mut row = vec![String::new(); 6];
            row.extend(answers(more));
            out.row(&row)?;
        }
    }
    Ok(())
}

fn write_nodes(out: &mut Writer, file: &File) -> Result<()> {
    let disabled = file
        .nodes
        .iter()
        .any(|row| row.value["termStatus"] == false);
    let mut header = vec![
        "Node",
        "Que ID",
        "Nodepath",
        "Tag",
        "Precondition",
        "outputcontext",
        "Traits",
    ];
    if disabled {
        header.push("Status");
    }
    out.header(&header)?;
    for node in file.nodes.iter().map(|row| &row.value) {
        let rules = list(node, "traitRule").first();
        let traits = rules.map(|rule| texts(&json!({"rule": rule}), "rule"));
        let mut row = vec![String::new(), String::new(), path_out(node), String::new()];
        row.push(list_out(&texts(node, "preConditions")));
        row.push(list_out(&texts(node, "contextTags")));
        row.push(list_out(&traits.unwrap_or_default()));
        if disabled {
            let on = node["termStatus"] != false;
            row.push(if on { "enabled" } else { "disabled" }.to_owned());
        }
        out.row(&row)?;
    }
    Ok(())
}

fn write_traits(out: &mut Writer, language: &str, groups: &[Value]) -> Result<()> {
    out.header(&[
        "Traits",
        "lang",
        "GroupName",
        "matchStrategy",
        "scoreThreshold",
        "TraitName",
        "Training data",
    ])?;
    for group in groups {
        let text = |key: &str| group[key].as_str().unwrap_or_default().to_owned();
        let score = group["scoreThreshold"]
            .as_f64()
            .map_or(String::new(), |score| score.to_string());
        let none = Map::new();
        for (name, content) in group["traits"].as_object().unwrap_or(&none) {
            let name = content["displayName"]
                .as_str()
                .filter(|n| !n.is_empty())
                .unwrap_or(name);
            let mut lines = texts(content, "data");
            if lines.is_empty() {
                lines.push(String::new());
            }
            for line in lines {
                out.row(&[
                    String::new(),
                    language.to_owned(),
                    text("groupName"),
                    text("matchStrategy"),
                    score.clone(),
                    name.to_owned(),
                    line,
                ])?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::graph_file;

    fn told(csv: &str) -> Vec<String> {
        let fields = graph_file::read(Format::Csv, csv.as_bytes())
            .expect_err("wrong")
            .fields;
        fields
            .into_iter()
            .map(|f| format!("{}: {}", f.field, f.message))
            .collect()
    }

    #[test]
    fn sections_are_read_with_all_their_columns() {
        let csv = "\u{feff}Faq,Que ID,Path,Primary Question,Alternate Question,Tags,Answer,Extended Answer-1,Extended Answer-2,ReferenceId,Display Name\n\
            ,q1,\"!!Desk,**price,\"\"a, b\"\"\",How much?,,\"cost,fee\",Ten euros,And more,,R-1,Prices\n\
            ,,,,what does it cost,cost,,,,,\n,,,,,,SYS_CHANNEL_rtm SYS_SCRIPT; print(1),,,,\n\
            ,,!!Desk,Book it,,,SYS_INTENT; dialog-1,,,,\n\
            Node,Que ID,Nodepath,Tag,Precondition,outputcontext,Traits\n,,\"!!Desk,**price\",,\"one,two\",out,Angry\n,,Desk,tag,x,,\n\
            Synonyms,Phrase,Synonyms\n,price,\"cost, fee\"\nconfidenceConfigs,parameter,value\n,useBotSynonyms,true\n\
            KG Params,lang,stopwords\n,en,\"the,a\"\nTraits,lang,GroupName,matchStrategy,scoreThreshold,TraitName,Training data\n\
            ,en,Mood,probability,0.4,Angry,this is bad\n,en,Mood,probability,0.4,Angry,\"=awful, really\"\n";
        let file = graph_file::read(Format::Csv, csv.as_bytes()).expect("reads");
        let first = &file.faqs[0].value;
        assert_eq!(first["terms"], json!(["a, b", "**price", "!!Desk"]));
        assert_eq!(first["tags"], json!([{"name": "cost"}, {"name": "fee"}]));
        assert_eq!(first["answer"][1]["text"], "And more");
        assert_eq!(
            (&first["referenceId"], &first["label"], &first["refId"]),
            (&json!("R-1"), &json!("Prices"), &json!("q1"))
        );
        assert_eq!(
            first["alternateQuestions"],
            json!([{"question": "what does it cost", "tags": [{"name": "cost"}]}])
        );
        assert_eq!(
            first["alternateAnswers"],
            json!([[{"text": "print(1)", "type": "advance", "channel": "rtm"}]])
        );
        assert_eq!(file.faqs[1].value["dialogRefId"], "dialog-1");
        assert_eq!(file.nodes.len(), 1);
        assert_eq!(file.nodes[0].value["traitRule"], json!([["Angry"]]));
        assert_eq!(
            file.synonyms,
            [(
                "price".to_owned(),
                vec!["cost".to_owned(), "fee".to_owned()]
            )]
        );
        assert_eq!(
            (file.bot_synonyms, file.stop_words.as_ref().map(Vec::len)),
            (Some(true), Some(2))
        );
        assert_eq!(
            file.traits[0]["traits"]["Angry"]["data"][1],
            "=awful, really"
        );
    }

    #[test]
    fn what_is_written_is_read_again_and_holds_no_formula() {
        let faq = json!({"question": "=1+1?", "alternateQuestions": [{"question": "-x", "tags": [{"name": "+t"}]}, {"question": "|| a * b", "tags": []}],
            "terms": ["**-leaf|| || /=a/b/", "!!Desk|| || "], "tags": [{"name": "@tag"}], "responseType": "message",
            "answer": [{"text": "=cmd|' /C calc'!A0", "type": "basic", "channel": "default"}, {"text": "SYS_TEXT is a word\nof ours", "type": "basic", "channel": "default"},
                {"text": "print(\"a\")", "type": "advance", "channel": "rtm"}, {"text": "four", "type": "basic", "channel": "default"}],
            "alternateAnswers": [[{"text": "+1", "type": "basic", "channel": "default"}]], "refId": "q", "label": "'quoted", "faqStatus": false});
        let row = |value: Value| Row {
            value,
            ..Row::default()
        };
        let mut file = File {
            faqs: vec![row(faq)],
            nodes: vec![row(
                json!({"terms": ["a,b", "!!Desk"], "enableContext": true, "preConditions": ["x"], "contextTags": [], "termStatus": false}),
            )],
            synonyms: vec![("a".into(), vec!["b, c".into(), "d".into()])],
            stop_words: Some(vec!["the".into()]),
            bot_synonyms: Some(false),
            traits: vec![
                json!({"groupName": "M", "matchStrategy": "pattern", "scoreThreshold": 0.5, "traits": {"T": {"data": ["=x"], "displayName": "T"}}}),
            ],
            loose: true,
        };
        let bytes = write("en", &file).expect("writes");
        for record in csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(bytes.as_slice())
            .records()
        {
            let record = record.expect("reads");
            assert!(
                !record
                    .iter()
                    .any(|cell| cell.starts_with(['=', '+', '-', '@'])),
                "{record:?}"
            );
        }
        let mut back = graph_file::read(Format::Csv, &bytes).expect("reads");
        for row in back.faqs.iter_mut().chain(&mut back.nodes) {
            (row.at, row.others) = (0, Vec::new());
        }
        assert_eq!(back.faqs[0].value["answer"], file.faqs[0].value["answer"]);
        for key in [
            "alternateQuestions",
            "terms",
            "tags",
            "alternateAnswers",
            "question",
            "label",
            "faqStatus",
        ] {
            assert_eq!(back.faqs[0].value[key], file.faqs[0].value[key], "{key}");
        }
        file.faqs.clear();
        back.faqs.clear();
        assert_eq!(back, file);
    }

    #[test]
    fn the_layout_without_headers_is_read() {
        let csv = "faq,,primary,Where?,Here\nfaq,,alternate,In which place?,\nkgParams,,,,the,a\n";
        let file = graph_file::read(Format::Csv, csv.as_bytes()).expect("reads");
        assert_eq!(
            file.faqs[0].value["alternateQuestions"][0]["question"],
            "In which place?"
        );
        assert_eq!(file.faqs[0].others, [2]);
        assert_eq!(
            file.stop_words,
            Some(vec!["the".to_owned(), "a".to_owned()])
        );
    }

    #[test]
    fn each_wrong_row_is_named_with_its_line() {
        let csv = "Faq,Path,Primary Question,Alternate Question,Answer,Status\n,,,x,y\n,,q,,a\n,A,q,,SYS_OTHER; x\n,A,q2,,a,perhaps\nOther,x\n,z\n\
            confidenceConfigs,parameter,value\n,speed,1\nTraits,GroupName,TraitName,scoreThreshold\n,G,,2\n,G,T,2\n";
        assert_eq!(
            told(csv)
                .iter()
                .map(|line| line.split(':').next().unwrap_or(""))
                .collect::<Vec<_>>(),
            [
                "line 2, Primary Question",
                "line 3, Path",
                "line 4, Answer",
                "line 5, Status",
                "line 6, section",
                "line 7, section",
                "line 9, parameter",
                "line 11, GroupName",
                "line 12, scoreThreshold"
            ]
        );
        assert!(told("")[0].contains("no questions"));
    }
}
