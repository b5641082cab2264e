//! A knowledge graph taken out of a definition into a file, and a file put in the place of a graph.

use super::{
    faq::{ALTERNATES_MAX, ANSWER_MAX, QUESTION_MAX, list_of, written_terms},
    graph_file::{self, DEPTH_MAX, File, Row, list, texts},
    knowledge::{Graph, fold, graphs, question_of},
    utterance_file::{Faults, Format},
};
use definition::{Agent, Package, TermUsage, decode, term};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use types::{Result, id::BotId};

/// Nodes of a graph at most (ours).
const NODES_MAX: usize = 10_000;

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Questions that stand in the graph now.
    pub written: usize,
    /// Rows that said the same as an earlier one.
    pub repeated: usize,
    /// Nodes that stand in the graph now.
    pub nodes: usize,
}

/// The graph of a language as a file's content.
pub fn taken(bot: &BotId, package: &Package, language: &str) -> File {
    let definition = &package.definition;
    let mut file = File::default();
    let all = graphs(bot, package, false);
    if let Some((place, graph)) = all.iter().enumerate().find(|(_, g)| g.language == language) {
        let task = &definition["knowledgeTasks"][place];
        let row = |value: Value| Row {
            value,
            ..Row::default()
        };
        file.faqs = graph.faqs.iter().map(|faq| row(faq.raw.clone())).collect();
        let nodes = (0..graph.nodes.len()).map(|node| row(node_out(graph, task, node)));
        file.nodes = nodes.collect();
        let words = task["faqs"]["synonyms"].as_object().into_iter().flatten();
        file.synonyms = words
            .map(|(word, _)| (word.clone(), texts(&task["faqs"]["synonyms"], word)))
            .collect();
        if task["faqs"]["kgParams"]["stopWords"].is_array() {
            file.stop_words = Some(texts(&task["faqs"]["kgParams"], "stopWords"));
        }
    }
    let default = definition["defaultLanguage"].as_str().unwrap_or_default();
    let of = |group: &&Value| group["language"].as_str().unwrap_or(default) == language;
    file.traits = list(definition, "traits")
        .iter()
        .filter(of)
        .cloned()
        .collect();
    let configs = list(&definition["localeData"][language], "confidenceConfigs");
    let faq = configs.iter().find(|config| config["mode"] == "faq");
    file.bot_synonyms = faq.and_then(|config| match &config["useBotSynonyms"] {
        Value::Bool(on) => Some(*on),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    file
}

/// A node with its settings, those of the task's own list where it has them.
fn node_out(graph: &Graph, task: &Value, node: usize) -> Value {
    let path: Vec<String> = graph.path(node).into_iter().map(fold).collect();
    let listed = list(&task["faqs"], "nodes").iter().find(|one| {
        let terms = texts(one, "terms");
        terms.len() == path.len()
            && terms
                .iter()
                .rev()
                .map(|t| fold(&term(t).label))
                .eq(path.iter().cloned())
    });
    let raw = &graph.nodes[node].raw;
    let mut out = json!({"terms": written_terms(graph, node)});
    for (key, default) in [
        ("preConditions", json!([])),
        ("contextTags", json!([])),
        ("enableContext", json!(false)),
        ("termStatus", json!(true)),
    ] {
        let sources = [listed.map(|one| &one[key]), Some(&raw[key])];
        let found = sources.into_iter().flatten().find(|value| !value.is_null());
        out[key] = found.cloned().unwrap_or(default);
    }
    if raw["traitRule"]
        .as_array()
        .is_some_and(|rules| !rules.is_empty())
    {
        out["traitRule"] = raw["traitRule"].clone();
    }
    out
}

/// Puts a file in the place of the graph of a language. Nodes and questions that were there before keep their ids, and what the file
/// cannot say of them. `fresh` gives ids.
///
/// # Errors
/// Bad input with each wrong row. Nothing is changed then.
pub fn replace(
    bot: &BotId,
    package: &mut Package,
    language: &str,
    format: Format,
    file: &File,
    fresh: &dyn Fn() -> String,
) -> Result<Replaced> {
    let agent = Agent::from_package(package);
    let all = graphs(bot, package, false);
    let place = all.iter().position(|graph| graph.language == language);
    let empty = Graph::default();
    let old = place.map_or(&empty, |place| &all[place]);
    let name = agent.names.get(language, &agent.default_language);
    let name = name
        .cloned()
        .unwrap_or_else(|| "Knowledge Graph".to_owned());
    let mut work = Work {
        format,
        old,
        roots: roots(old, &name, file),
        main: old
            .nodes
            .iter()
            .find(|n| n.parent.is_none())
            .map_or(name.clone(), |n| n.label.clone()),
        dialogs: agent
            .dialogs
            .iter()
            .map(|dialog| dialog.ref_id.as_str())
            .collect(),
        faults: Faults::default(),
        nodes: Vec::new(),
        by_path: HashMap::new(),
        repeated: 0,
    };
    let (faqs, settings) = work.all(file, fresh);
    let Work {
        faults,
        nodes,
        repeated,
        ..
    } = work;
    faults.done()?;
    let done = Replaced {
        written: faqs.len(),
        repeated,
        nodes: nodes.len(),
    };
    let definition = &mut package.definition;
    let tasks = array(definition, "knowledgeTasks");
    let task = match place {
        Some(place) => &mut tasks[place],
        None => {
            tasks.push(json!({"refId": fresh(), "name": name, "language": language, "isGraph": true, "taxonomy": [],
                "faqs": {"faqs": [], "nodes": [], "synonyms": {}}}));
            let last = tasks.len() - 1;
            &mut tasks[last]
        }
    };
    task["taxonomy"] = Value::Array(nodes);
    *list_of(task) = faqs;
    task["faqs"]["nodes"] = Value::Array(settings);
    let words = file
        .synonyms
        .iter()
        .map(|(word, more)| (word.clone(), json!(more)));
    task["faqs"]["synonyms"] = Value::Object(words.collect());
    if let Some(words) = &file.stop_words {
        task["faqs"]["kgParams"] = json!({"language": language, "stopWords": words});
    }
    put_traits(definition, language, &file.traits);
    if let Some(on) = file.bot_synonyms {
        let content = &mut definition["localeData"][language];
        if !content.is_object() {
            *content = json!({});
        }
        let configs = array(content, "confidenceConfigs");
        match configs.iter_mut().find(|config| config["mode"] == "faq") {
            Some(config) => config["useBotSynonyms"] = json!(on),
            None => configs.push(json!({"mode": "faq", "useBotSynonyms": on})),
        }
    }
    Ok(done)
}

fn array<'a>(value: &'a mut Value, key: &str) -> &'a mut Vec<Value> {
    let entry = &mut value[key];
    if !entry.is_array() {
        *entry = json!([]);
    }
    entry.as_array_mut().expect("just made one")
}

/// Groups of the file take the place of those with their names.
fn put_traits(definition: &mut Value, language: &str, groups: &[Value]) {
    if groups.is_empty() {
        return;
    }
    let default = definition["defaultLanguage"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let all = array(definition, "traits");
    for group in groups {
        let mut group = group.clone();
        group["language"] = json!(language);
        let same = |old: &&mut Value| {
            old["groupName"] == group["groupName"]
                && old["language"].as_str().unwrap_or(&default) == language
        };
        match all.iter_mut().find(same) {
            Some(old) => {
                let (Some(old), Some(new)) = (old.as_object_mut(), group.as_object()) else {
                    continue;
                };
                old.extend(new.clone());
            }
            None => all.push(group),
        }
    }
}

/// Labels that may end a path. A JSON file has the root at the end of each path; a CSV file may leave it out, unless it marks it.
fn roots(old: &Graph, name: &str, file: &File) -> HashSet<String> {
    let mut known: HashSet<String> = old
        .nodes
        .iter()
        .filter(|node| node.parent.is_none())
        .map(|node| fold(&node.label))
        .collect();
    known.extend([fold(name), fold(&old.name)]);
    known.remove("");
    let rows = file.faqs.iter().chain(&file.nodes);
    let mut last = HashSet::new();
    let mut marked = true;
    for terms in rows.map(|row| texts(&row.value, "terms")) {
        if let Some(written) = terms.last() {
            let read = term(written);
            marked &= read.usage == TermUsage::Organizer;
            last.insert(fold(&read.label));
        }
    }
    let own = !file.loose || (last.len() == 1 && marked);
    match own && known.is_disjoint(&last) {
        true => last,
        false => known,
    }
}

struct Work<'a> {
    format: Format,
    old: &'a Graph,
    roots: HashSet<String>,
    /// Label of the root that paths without one get.
    main: String,
    dialogs: HashSet<&'a str>,
    faults: Faults,
    /// The new taxonomy.
    nodes: Vec<Value>,
    by_path: HashMap<Vec<String>, usize>,
    repeated: usize,
}

impl Work<'_> {
    fn wrong(&mut self, at: usize, name: &str, text: impl Into<String>) {
        self.faults.add(self.format, at, name, text);
    }

    /// The questions and the settings of nodes, as a definition has them.
    fn all(&mut self, file: &File, fresh: &dyn Fn() -> String) -> (Vec<Value>, Vec<Value>) {
        let mut faqs = Vec::new();
        let mut seen: HashMap<(Vec<String>, String), (usize, usize)> = HashMap::new();
        let mut primary: HashMap<(Vec<String>, String), (usize, Value)> = HashMap::new();
        for (n, row) in file.faqs.iter().enumerate() {
            let Some((terms, path)) = self.path(row, &row.value, file.loose, fresh) else {
                continue;
            };
            let question = fold(&question_of(&row.value));
            let said = json!([
                row.value["answer"],
                row.value["dialogRefId"],
                row.value["alternateQuestions"],
                row.value["alternateAnswers"]
            ]);
            match primary.get(&(path.clone(), question.clone())) {
                Some((_, before)) if *before == said => {
                    self.repeated += 1;
                    continue;
                }
                Some((first, _)) => {
                    let text = format!(
                        "stands in the same node in {} {first} with other content; keep one",
                        self.unit()
                    );
                    self.wrong(row.at, "question", text);
                    continue;
                }
                None => {
                    primary.insert((path.clone(), question.clone()), (row.at, said));
                }
            }
            if let Some((first, _)) = seen
                .insert((path.clone(), question), (row.at, n))
                .filter(|f| f.1 != n)
            {
                let text = format!(
                    "is an alternate of another question in {} {first}; keep one",
                    self.unit()
                );
                self.wrong(row.at, "question", text);
            }
            faqs.push(self.faq(row, n, &terms, &path, &mut seen, fresh));
        }
        let mut settings = Vec::new();
        for row in &file.nodes {
            let Some((terms, path)) = self.path(row, &row.value, file.loose, fresh) else {
                continue;
            };
            let node = self.by_path[&path];
            let mut own = json!({"terms": terms.iter().map(|t| term(t).label).collect::<Vec<_>>()});
            for key in [
                "preConditions",
                "contextTags",
                "enableContext",
                "termStatus",
            ] {
                let value = &row.value[key];
                if !value.is_null() {
                    self.nodes[node][key] = value.clone();
                    own[key] = value.clone();
                }
            }
            if row.value["traitRule"].is_array() {
                self.nodes[node]["traitRule"] = row.value["traitRule"].clone();
            }
            settings.push(own);
        }
        if self.nodes.len() > NODES_MAX {
            let text = format!("the graph would have more than {NODES_MAX} nodes");
            self.wrong(1, "file", text);
        }
        (faqs, settings)
    }

    fn unit(&self) -> &'static str {
        match self.format {
            Format::Csv => "line",
            Format::Json => "entry",
        }
    }

    /// The terms of an entry from the leaf to the root, completed, and the labels on the way from the root; its nodes are made.
    fn path(
        &mut self,
        row: &Row,
        entry: &Value,
        loose: bool,
        fresh: &dyn Fn() -> String,
    ) -> Option<(Vec<String>, Vec<String>)> {
        let mut terms = raw_terms(entry);
        let root = |written: Option<&String>| {
            written.is_some_and(|t| self.roots.contains(&fold(&term(t).label)))
        };
        if loose && !root(terms.last()) {
            // a path that was written from the leaf to the root, or without the root
            if terms.len() > 1 && root(terms.first()) {
                terms.reverse();
            } else {
                terms.push(format!("!!{}|| || ", self.main));
            }
        }
        if terms.len() > DEPTH_MAX {
            self.wrong(row.at, "Path", format!("may have {DEPTH_MAX} nodes"));
            return None;
        }
        let mut path: Vec<String> = Vec::new();
        let mut parent: Option<usize> = None;
        for written in terms.iter().rev() {
            let read = term(written);
            if read.label.is_empty() {
                self.wrong(row.at, "Path", "holds a node without a name");
                return None;
            }
            path.push(fold(&read.label));
            let place = match self.by_path.get(&path) {
                Some(place) => *place,
                None => {
                    let node = self.node(&path, &read.label, parent, fresh);
                    self.nodes.push(node);
                    self.by_path.insert(path.clone(), self.nodes.len() - 1);
                    self.nodes.len() - 1
                }
            };
            let usage = match read.usage {
                TermUsage::Default => None,
                TermUsage::Organizer => Some("organizer"),
                TermUsage::Mandatory => Some("mandatory"),
            };
            let node = &mut self.nodes[place];
            if let Some(usage) = usage.filter(|_| node["termUsage"] == "default") {
                node["termUsage"] = json!(usage);
            }
            let known = texts(node, "synonyms");
            let more = read.synonyms.iter().filter(|word| !known.contains(word));
            let more: Vec<Value> = more.map(|word| json!(word)).collect();
            array(node, "synonyms").extend(more);
            parent = Some(place);
        }
        Some((terms, path))
    }

    /// A node at a path: the one that was there, with usage and synonyms to be said anew, or a new one.
    fn node(
        &self,
        path: &[String],
        label: &str,
        parent: Option<usize>,
        fresh: &dyn Fn() -> String,
    ) -> Value {
        let same = |place: &usize| {
            let labels = self.old.path(*place);
            labels.len() == path.len() && labels.iter().zip(path).all(|(a, b)| fold(a) == *b)
        };
        let depth = path.len() - 1;
        let candidates = 0..self.old.nodes.len();
        let known = candidates
            .filter(|n| self.old.nodes[*n].depth == depth)
            .find(same);
        let (mut node, id) = match known.map(|place| &self.old.nodes[place]) {
            Some(old) if old.raw.is_object() => (old.raw.clone(), old.id.clone()),
            Some(old) => (json!({}), old.id.clone()),
            None => (json!({}), fresh()),
        };
        node["nodeId"] = json!(id);
        node["label"] = json!(label);
        node["level"] = json!(format!("l{depth}"));
        let parent = parent.map(|place| self.nodes[place]["nodeId"].clone());
        node["parent"] = Value::Array(parent.into_iter().collect());
        node["synonyms"] = json!([]);
        // a root need not be said, unless somebody wants it said
        let old = known.map(|place| self.old.nodes[place].usage_word());
        node["termUsage"] = json!(match depth {
            0 => old.unwrap_or("organizer"),
            _ => "default",
        });
        if node["termStatus"].is_null() {
            node["termStatus"] = json!(true);
        }
        node
    }

    fn faq(
        &mut self,
        row: &Row,
        place: usize,
        terms: &[String],
        path: &[String],
        seen: &mut HashMap<(Vec<String>, String), (usize, usize)>,
        fresh: &dyn Fn() -> String,
    ) -> Value {
        let faq = &row.value;
        let question = question_of(faq);
        let length = question.trim().chars().count();
        if length == 0 {
            self.wrong(row.at, "question", "is empty");
        } else if length > QUESTION_MAX {
            let text = format!("has {length} characters; {QUESTION_MAX} are allowed");
            self.wrong(row.at, "question", text);
        }
        self.answers(row);
        let mut others = Vec::new();
        let all = list(faq, "alternateQuestions");
        if all.len() > ALTERNATES_MAX {
            let text = format!("there are {}; {ALTERNATES_MAX} are allowed", all.len());
            self.wrong(row.at, "alternateQuestions", text);
        }
        for (n, other) in all.iter().enumerate() {
            let at = row.others.get(n).copied().unwrap_or(row.at);
            let text = decode(other["question"].as_str().unwrap_or_default()).into_owned();
            let length = text.chars().count();
            if length > QUESTION_MAX {
                let text = format!("has {length} characters; {QUESTION_MAX} are allowed");
                self.wrong(at, "alternateQuestions", text);
            }
            let key = (path.to_vec(), fold(&text));
            match seen.get(&key) {
                Some((_, own)) if *own == place => {
                    self.repeated += 1;
                    continue;
                }
                Some((first, _)) => {
                    let text = format!(
                        "stands under another question of the node in {} {first}; keep one",
                        self.unit()
                    );
                    self.wrong(at, "alternateQuestions", text);
                    continue;
                }
                None => {
                    seen.insert(key, (at, place));
                }
            }
            let mut other = other.clone();
            if !other["terms"].is_array() {
                other["terms"] = json!(terms);
            }
            others.push(other);
        }
        let mut out = self.kept(faq);
        if let Some(members) = faq.as_object() {
            out.extend(members.clone());
        }
        out.insert("terms".to_owned(), json!(terms));
        out.insert("alternateQuestions".to_owned(), Value::Array(others));
        if out
            .get("refId")
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            out.insert("refId".to_owned(), json!(fresh()));
        }
        for (key, default) in [
            ("faqStatus", json!(true)),
            ("label", json!(question)),
            ("responseType", json!("message")),
            ("tags", json!([])),
            ("alternateAnswers", json!([])),
        ] {
            if out.get(key).is_none_or(Value::is_null) {
                out.insert(key.to_owned(), default);
            }
        }
        Value::Object(out)
    }

    /// What the graph knows of the question, by the id that the file names.
    fn kept(&self, faq: &Value) -> Map<String, Value> {
        let Some(id) = faq["refId"].as_str().filter(|id| !id.is_empty()) else {
            return Map::new();
        };
        let question = fold(&question_of(faq));
        let same: Vec<&Value> = self
            .old
            .faqs
            .iter()
            .map(|old| &old.raw)
            .filter(|raw| raw["refId"] == id)
            .collect();
        let exact = same.iter().find(|raw| fold(&question_of(raw)) == question);
        let found = exact.or(same.first().filter(|_| same.len() == 1));
        found
            .and_then(|raw| raw.as_object().cloned())
            .unwrap_or_default()
    }

    fn answers(&mut self, row: &Row) {
        let faq = &row.value;
        let runs = faq["responseType"] == "dialog";
        let dialog = faq["dialogRefId"].as_str().unwrap_or_default();
        if !matches!(
            faq["responseType"].as_str(),
            None | Some("message" | "dialog")
        ) {
            self.wrong(row.at, "responseType", "must be message or dialog");
        }
        if runs && !self.dialogs.contains(dialog) {
            let text = format!("the agent has no dialog {dialog}");
            self.wrong(row.at, "dialogRefId", text);
        }
        let parts = list(faq, "answer");
        if !runs
            && parts
                .iter()
                .all(|part| part["text"].as_str().is_none_or(|t| t.trim().is_empty()))
        {
            self.wrong(row.at, "answer", "is empty");
        }
        let more = list(faq, "alternateAnswers").iter();
        let more = more.flat_map(|one| {
            one.as_array()
                .map_or(std::slice::from_ref(one), Vec::as_slice)
        });
        let long = parts.iter().chain(more).any(|part| {
            part["text"]
                .as_str()
                .is_some_and(|text| text.chars().count() > ANSWER_MAX)
        });
        if long {
            self.wrong(
                row.at,
                "answer",
                format!("may have {ANSWER_MAX} characters"),
            );
        }
    }
}

/// Terms as they are written, blank ones aside.
fn raw_terms(entry: &Value) -> Vec<String> {
    let all = list(entry, "terms").iter().filter_map(Value::as_str);
    all.filter(|t| !t.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

/// The graph of a language as a file.
///
/// # Errors
/// Internal, when it cannot be written.
pub fn export(bot: &BotId, package: &Package, language: &str, format: Format) -> Result<Vec<u8>> {
    graph_file::write(format, language, &taken(bot, package, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOT: &str = "st-718be5cc-e96a-5ff9-a973-b3f07134fc40";

    fn package() -> Package {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
        definition::read_path(&path).expect("reads")
    }

    fn import(package: &mut Package, format: Format, bytes: &[u8]) -> Result<Replaced> {
        let file = graph_file::read(format, bytes)?;
        let count = std::cell::Cell::new(0);
        let fresh = || {
            count.set(count.get() + 1);
            format!("fresh-{}", count.get())
        };
        replace(&BotId::trusted(BOT), package, "en", format, &file, &fresh)
    }

    fn told(package: &mut Package, csv: &str) -> Vec<String> {
        let before = package.clone();
        let fields = import(package, Format::Csv, csv.as_bytes())
            .expect_err("wrong")
            .fields;
        assert_eq!(*package, before, "nothing is changed");
        fields
            .into_iter()
            .map(|f| format!("{}: {}", f.field, f.message))
            .collect()
    }

    #[test]
    fn both_layouts_bring_back_what_was_taken_out() {
        let bot = BotId::trusted(BOT);
        let mut source = package();
        source.definition["knowledgeTasks"][0]["taxonomy"] = json!([
            {"nodeId": "n0", "label": "Parcel Desk", "level": "l0", "parent": [], "synonyms": [], "termUsage": "organizer", "termStatus": true},
            {"nodeId": "n1", "label": "Prices, fees", "level": "l1", "parent": ["n0"], "synonyms": ["cost"], "termUsage": "mandatory", "termStatus": true,
             "preConditions": ["known"], "contextTags": [], "enableContext": true, "traitRule": [["Angry"]]},
            {"nodeId": "n2", "label": "Empty", "level": "l2", "parent": ["n1"], "synonyms": [], "termUsage": "default", "termStatus": false}]);
        let first = &mut source.definition["knowledgeTasks"][0]["faqs"]["faqs"][0];
        first["terms"] = json!(["**Prices, fees|| || /cost/", "!!Parcel Desk|| || "]);
        first["faqStatus"] = json!(false);
        first["answer"] = json!([{"text": "=1+1", "type": "basic", "channel": "default"}, {"text": "print(1)", "type": "advance", "channel": "rtm"}]);
        first["alternateAnswers"] =
            json!([[{"text": "other", "type": "basic", "channel": "default"}]]);
        first["alternateQuestions"][0]["terms"] = first["terms"].clone();
        source.definition["knowledgeTasks"][0]["faqs"]["synonyms"] =
            json!({"parcel": ["package", "box, large"]});
        source.definition["traits"] = json!([{"groupName": "Mood", "matchStrategy": "probability", "scoreThreshold": 0.4, "language": "en",
            "traits": {"Angry": {"data": ["this is bad"], "displayName": "Angry"}}}]);
        for format in [Format::Json, Format::Csv] {
            let bytes = export(&bot, &source, "en", format).expect("writes");
            let mut target = source.clone();
            let done = import(&mut target, format, &bytes).expect("imports");
            assert_eq!(
                (done.written, done.repeated, done.nodes),
                (8, 0, 3),
                "{format:?}"
            );
            let (was, is) = (
                &source.definition["knowledgeTasks"][0],
                &target.definition["knowledgeTasks"][0],
            );
            assert_eq!(was["faqs"]["faqs"], is["faqs"]["faqs"], "{format:?}");
            assert_eq!(
                was["faqs"]["synonyms"], is["faqs"]["synonyms"],
                "{format:?}"
            );
            assert_eq!(
                source.definition["traits"], target.definition["traits"],
                "{format:?}"
            );
            let again = taken(&bot, &target, "en");
            assert_eq!(again, taken(&bot, &source, "en"), "{format:?}");
            // into an agent without a graph
            let mut target = package();
            target.definition["knowledgeTasks"] = json!([]);
            import(&mut target, format, &bytes).expect("imports");
            let mut there = taken(&bot, &target, "en");
            let mut here = taken(&bot, &source, "en");
            if format == Format::Csv {
                for row in there.faqs.iter_mut().chain(&mut here.faqs) {
                    row.value
                        .as_object_mut()
                        .expect("object")
                        .remove("faqStatus");
                }
            }
            let texts = |file: &File| {
                file.faqs
                    .iter()
                    .map(|f| question_of(&f.value))
                    .collect::<Vec<_>>()
            };
            assert_eq!(texts(&there), texts(&here), "{format:?}");
            assert_eq!(there.nodes, here.nodes, "{format:?}");
            assert_eq!(there.synonyms, here.synonyms, "{format:?}");
        }
    }

    #[test]
    fn paths_may_lack_the_root_or_go_either_way() {
        let mut package = package();
        let csv = "Faq,Que ID,Path,Primary Question,Alternate Question,Tags,Answer\n,,Prices,one?,,,1\n,,\"Parcel Desk,Prices\",two?,,,2\n\
            ,,\"Prices,Parcel Desk\",three?,,,3\n,,\"**Abroad,Prices,Parcel Desk\",four?,,,4\n";
        let done = import(&mut package, Format::Csv, csv.as_bytes()).expect("imports");
        assert_eq!((done.written, done.nodes), (4, 3));
        let graph = graphs(&BotId::trusted(BOT), &package, false).remove(0);
        let paths: Vec<_> = graph
            .faqs
            .iter()
            .map(|f| graph.path(f.node.expect("a node")))
            .collect();
        assert_eq!(paths[0], ["Parcel Desk", "Prices"]);
        assert!(paths[..3].windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(paths[3], ["Parcel Desk", "Prices", "Abroad"]);
        assert_eq!(
            graph.nodes[0].id, "d35734c6-1437-5d50-9091-2dacad695cb8",
            "the root is the one that was there"
        );
    }

    #[test]
    fn duplicates_and_contradictions_are_told_apart() {
        let mut package = package();
        let head = "Faq,Path,Primary Question,Alternate Question,Answer\n";
        let csv = format!("{head},A,one?,,1\n,A,One?,,1\n,B,one?,,2\n");
        let done = import(&mut package, Format::Csv, csv.as_bytes()).expect("imports");
        assert_eq!(
            (done.written, done.repeated),
            (2, 1),
            "another node may ask the same"
        );
        let csv = format!(
            "{head},A,one?,,1\n,,,uno?,\n,,,UNO?,\n,A,one?,,2\n,A,two?,,2\n,,,uno?,\n,A,uno?,,3\n,A,three?,,\n,A,four?,,SYS_INTENT; nobody\n,A,{},,x\n",
            "x".repeat(3_001)
        );
        assert_eq!(
            told(&mut package, &csv),
            [
                "line 5, question: stands in the same node in line 2 with other content; keep one",
                "line 7, alternateQuestions: stands under another question of the node in line 3; keep one",
                "line 8, question: is an alternate of another question in line 3; keep one",
                "line 9, answer: is empty",
                "line 10, dialogRefId: the agent has no dialog nobody",
                "line 11, question: has 3001 characters; 3000 are allowed",
            ]
        );
    }

    #[test]
    fn a_real_export_goes_through_both_layouts() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/agents/travel-assistance");
        if !path.exists() {
            println!("skipped: {} is missing", path.display());
            return;
        }
        let bot = BotId::trusted(BOT);
        let source = definition::read_path(&path).expect("reads");
        for format in [Format::Json, Format::Csv] {
            let bytes = export(&bot, &source, "en", format).expect("writes");
            let mut target = source.clone();
            let done = import(&mut target, format, &bytes).expect("imports");
            assert_eq!(done.written, 6);
            let faqs =
                |package: &Package| package.definition["knowledgeTasks"][0]["faqs"]["faqs"].clone();
            assert_eq!(faqs(&source), faqs(&target), "{format:?}");
        }
    }
}
