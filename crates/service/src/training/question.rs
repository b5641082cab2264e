//! FAQs as people edit them: a question with other ways to ask it, its answers, and its node of the graph.

use super::{
    parts::language,
    seen::{self, Seen},
};
use crate::{
    Caller, Ctx,
    definition::{
        self as agents,
        draft::{self, Edit},
    },
};
use definition::{Agent, KnowledgeTask, MessageBody, Package, Term, TermUsage};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use store::Copy;
use types::{Error, Field, Result, id::BotId};

/// Longest question, other way to ask, or tag, characters.
const TEXT_MAX: usize = 3_000;
/// Longest answer, characters (ours).
const ANSWER_MAX: usize = 20_000;
/// Other ways to ask a question at most (ours).
const ALTERNATES_MAX: usize = 500;
/// Answers that are picked from at random, at most (ours).
const ANSWERS_MAX: usize = 20;
/// Tags at most (ours).
const TAGS_MAX: usize = 100;
/// Characters of an answer that the list shows.
const SHOWN: usize = 160;

/// A node of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: String,
    /// The node above it.
    pub parent: Option<String>,
    /// `default`, `organizer` or `mandatory`: whether users must say it.
    pub usage: &'static str,
    /// Other words for it.
    pub synonyms: Vec<String>,
    /// State of the node, for [`super::node::set`].
    pub tag: String,
    /// Questions right at it.
    pub faqs: usize,
}

/// A question in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key; changes with the question and its node.
    pub key: String,
    /// The question.
    pub question: String,
    /// Its node, if that is in the graph.
    pub node: Option<String>,
    /// Labels from the root to its node.
    pub path: Vec<String>,
    /// Other ways to ask it.
    pub alternates: usize,
    /// How its first answer begins.
    pub answer: String,
    /// It is offered.
    pub enabled: bool,
}

/// The questions of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questions {
    /// The language.
    pub language: String,
    /// Enabled languages, the default first.
    pub languages: Vec<String>,
    /// The graph, parents before their children.
    pub nodes: Vec<Node>,
    /// The questions, in the order of the definition.
    pub items: Vec<Row>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its text, or source.
    pub text: String,
    /// One plain text for every channel; another one is kept as it is.
    pub plain: bool,
}

/// A question with everything about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// As in the list.
    pub row: Row,
    /// Other ways to ask; those that begin with `||` are patterns.
    pub alternates: Vec<String>,
    /// The answers, one of which is picked at random.
    pub answers: Vec<Answer>,
    /// Tags.
    pub tags: Vec<String>,
    /// The owner's own id.
    pub reference: String,
    /// Name of the dialog that it runs instead of answering.
    pub dialog: Option<String>,
    /// State of the question, for changes.
    pub tag: String,
}

/// An answer to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewAnswer {
    /// Its text.
    pub text: String,
    /// The place of an answer that is kept as it is.
    pub keep: Option<usize>,
}

/// A question to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct New {
    /// The question.
    pub question: String,
    /// Other ways to ask.
    pub alternates: Vec<String>,
    /// The answers.
    pub answers: Vec<NewAnswer>,
    /// Its node; none: where it is, or the root for a new one.
    pub node: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// The owner's own id.
    pub reference: String,
    /// It is offered.
    pub enabled: bool,
}

pub(super) fn usage(usage: TermUsage) -> &'static str {
    match usage {
        TermUsage::Default => "default",
        TermUsage::Organizer => "organizer",
        TermUsage::Mandatory => "mandatory",
    }
}

/// Labels from the root to each node.
pub(super) fn paths(task: &KnowledgeTask) -> HashMap<&str, Vec<&str>> {
    let by_id: HashMap<&str, &definition::TaxonomyNode> = task
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let path = |id: &str| {
        let (mut labels, mut at, mut seen) = (Vec::new(), Some(id), HashSet::new());
        while let Some(node) = at.and_then(|id| by_id.get(id)) {
            // a circle of parents ends where it closes
            if !seen.insert(node.id.as_str()) {
                break;
            }
            labels.push(node.label.as_str());
            at = node.parent.as_deref();
        }
        labels.reverse();
        labels
    };
    by_id.keys().map(|id| (*id, path(id))).collect()
}

/// The labels of a question's terms from the root on.
pub(super) fn labels(terms: &[Term]) -> Vec<&str> {
    terms.iter().rev().map(|term| term.label.as_str()).collect()
}

fn text_of(body: &MessageBody) -> &str {
    match body {
        MessageBody::Plain(text) | MessageBody::JavaScript(text) => text,
        MessageBody::FormButtons { text, .. } => text,
    }
}

fn row(faq: &definition::Faq, nodes: &HashMap<Vec<&str>, &str>) -> Row {
    let path = labels(&faq.terms);
    let first = faq.answers.iter().flatten().next();
    let answer = first.map_or("", |part| text_of(&part.body));
    Row {
        key: faq.key.clone(),
        question: faq.question.clone(),
        node: nodes.get(&path).map(|id| (*id).to_owned()),
        path: path.into_iter().map(str::to_owned).collect(),
        alternates: faq.alternates.len(),
        answer: answer.chars().take(SHOWN).collect(),
        enabled: faq.enabled,
    }
}

/// The questions of the draft in one language, the default one where none is named.
///
/// # Errors
/// Not found; bad input on `language`.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    asked: Option<&str>,
) -> Result<Questions> {
    let agent = agents::load(ctx, &caller.account, bot, &Copy::Draft).await?;
    let language = language(&agent, asked)?;
    let mut out = Questions {
        languages: agent.enabled_languages().map(str::to_owned).collect(),
        nodes: Vec::new(),
        items: Vec::new(),
        language,
    };
    for task in agent
        .knowledge
        .iter()
        .filter(|t| t.language == out.language)
    {
        let paths = paths(task);
        let by_path: HashMap<Vec<&str>, &str> =
            paths.iter().map(|(id, path)| (path.clone(), *id)).collect();
        let items: Vec<Row> = task.faqs.iter().map(|faq| row(faq, &by_path)).collect();
        let mut nodes: Vec<&definition::TaxonomyNode> = task.nodes.iter().collect();
        nodes.sort_by(|a, b| paths[a.id.as_str()].cmp(&paths[b.id.as_str()]));
        out.nodes.extend(nodes.into_iter().map(|node| {
            Node {
                faqs: items
                    .iter()
                    .filter(|one| one.node.as_ref() == Some(&node.id))
                    .count(),
                id: node.id.clone(),
                label: node.label.clone(),
                parent: node.parent.clone(),
                usage: usage(node.usage),
                synonyms: node.synonyms.clone(),
                tag: super::node::state(node),
            }
        }));
        out.items.extend(items);
    }
    Ok(out)
}

/// Where a question stands in a definition: its task and its place there.
fn place(package: &Package, agent: &Agent, key: &str) -> Result<(usize, usize)> {
    for (task_at, task) in agent.knowledge.iter().enumerate() {
        let Some(at) = task.faqs.iter().position(|faq| faq.key == key) else {
            continue;
        };
        let raw = &package.definition["knowledgeTasks"][task_at]["faqs"]["faqs"];
        let asked = |entry: &Value| {
            let text = entry["question"].as_str().unwrap_or_default();
            !definition::decode(text).trim().is_empty()
        };
        // the typed view leaves out what has no question
        let places = raw.as_array().into_iter().flatten().enumerate();
        let mut places = places.filter(|(_, entry)| asked(entry)).map(|(i, _)| i);
        if let Some(found) = places.nth(at) {
            return Ok((task_at, found));
        }
    }
    Err(Error::not_found("There is no such question any more"))
}

/// The variants of an answer as they are written; those without content are left out, as the typed view does.
fn variants(entry: &Value) -> Vec<Value> {
    let says = |part: &Value| {
        let text = part["text"].as_str().unwrap_or_default();
        !text.trim().is_empty() || !part["payload"].is_null()
    };
    let more = entry["alternateAnswers"].as_array().into_iter().flatten();
    let more = more.map(|one| match one {
        Value::Array(_) => one.clone(),
        single => json!([single]),
    });
    let all = std::iter::once(entry["answer"].clone()).chain(more);
    all.filter(|one| one.as_array().is_some_and(|parts| parts.iter().any(says)))
        .collect()
}

fn answer(variant: &Value) -> Answer {
    let parts = variant.as_array().map_or(&[][..], Vec::as_slice);
    let text = |part: &Value| {
        let text = part["text"].as_str().unwrap_or_default();
        definition::decode(text).into_owned()
    };
    let plain = |part: &Value| {
        let kind = part["type"].as_str().unwrap_or("basic");
        let channel = part["channel"].as_str().unwrap_or("default");
        kind == "basic" && (channel == "default" || channel.is_empty()) && part["payload"].is_null()
    };
    Answer {
        text: parts.iter().map(text).collect::<Vec<_>>().join("\n\n"),
        plain: matches!(parts, [part] if plain(part)),
    }
}

/// One question of the draft.
///
/// # Errors
/// Not found.
pub async fn show(ctx: &Ctx, caller: &Caller, bot: &BotId, key: &str) -> Result<Detail> {
    let (_, package) = draft::open(ctx, caller, bot).await?;
    let key = key.to_owned();
    let work = tokio::task::spawn_blocking(move || detail(&package, &key));
    work.await.map_err(Error::internal)?
}

fn detail(package: &Package, key: &str) -> Result<Detail> {
    let agent = Agent::from_package(package);
    let (task_at, at) = place(package, &agent, key)?;
    let task = &agent.knowledge[task_at];
    let faq = task.faqs.iter().find(|faq| faq.key == key);
    let faq = faq.ok_or_else(|| Error::not_found("There is no such question any more"))?;
    let entry = &package.definition["knowledgeTasks"][task_at]["faqs"]["faqs"][at];
    let paths = paths(task);
    let by_path = paths.iter().map(|(id, path)| (path.clone(), *id)).collect();
    let dialog = faq
        .dialog_ref
        .as_deref()
        .and_then(|id| agent.dialog_by_ref(id));
    Ok(Detail {
        row: row(faq, &by_path),
        alternates: faq
            .alternates
            .iter()
            .map(|one| match one.is_pattern {
                true => format!("||{}", one.text),
                false => one.text.clone(),
            })
            .collect(),
        answers: variants(entry).iter().map(answer).collect(),
        tags: faq.tags.iter().map(|tag| tag.label.clone()).collect(),
        reference: faq.reference_id.clone(),
        dialog: dialog.map(|one| agent.dialog_title(one, &task.language)),
        tag: seen::tag(entry),
    })
}

/// What is wrong with a question, and its lists without blanks and twins.
fn checked(new: &New, runs_dialog: bool) -> Result<New> {
    let mut wrong = Vec::new();
    let mut say = |field: String, message: String| wrong.push(Field { field, message });
    let long = |text: &str, most: usize| text.chars().count() > most;
    let question = new.question.trim();
    if question.is_empty() || long(question, TEXT_MAX) {
        let text = format!("must have 1 to {TEXT_MAX} characters");
        say("question".to_owned(), text);
    }
    let mut list = |name: &str, texts: &[String], most: usize| -> Vec<String> {
        if texts.len() > most {
            say(name.to_owned(), format!("must be at most {most}"));
        }
        let mut have = HashSet::new();
        let mut out = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            let text = text.trim();
            if long(text, TEXT_MAX) {
                let message = format!("must have at most {TEXT_MAX} characters");
                say(format!("{name}[{at}]"), message);
            }
            if !text.trim_start_matches('|').trim().is_empty() && have.insert(text.to_lowercase()) {
                out.push(text.to_owned());
            }
        }
        out
    };
    let alternates = list("alternates", &new.alternates, ALTERNATES_MAX);
    let tags = list("tags", &new.tags, TAGS_MAX);
    let blank = |one: &&NewAnswer| one.keep.is_none() && one.text.trim().is_empty();
    let answers: Vec<NewAnswer> = new.answers.iter().filter(|a| !blank(a)).cloned().collect();
    if answers.is_empty() && !runs_dialog {
        say(
            "answers".to_owned(),
            "must have at least one answer".to_owned(),
        );
    }
    if answers.len() > ANSWERS_MAX {
        say(
            "answers".to_owned(),
            format!("must be at most {ANSWERS_MAX}"),
        );
    }
    for (at, one) in answers.iter().enumerate() {
        if long(&one.text, ANSWER_MAX) {
            let text = format!("must have at most {ANSWER_MAX} characters");
            say(format!("answers[{at}]"), text);
        }
    }
    if long(&new.reference, 255) {
        say(
            "reference".to_owned(),
            "must have at most 255 characters".to_owned(),
        );
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    Ok(New {
        question: question.to_owned(),
        alternates,
        answers,
        tags,
        node: new.node.clone(),
        reference: new.reference.trim().to_owned(),
        enabled: new.enabled,
    })
}

/// The terms of a node, from it to the root, as definitions write them.
pub(super) fn terms(task: &KnowledgeTask, node: &str) -> Result<Value> {
    let mut out = Vec::new();
    let mut at = Some(node);
    while let Some(id) = at {
        let found = task.nodes.iter().find(|one| one.id == id);
        let Some(found) = found.filter(|_| out.len() <= task.nodes.len()) else {
            break;
        };
        let mark = match found.usage {
            TermUsage::Organizer => "!!",
            TermUsage::Mandatory => "**",
            TermUsage::Default => "",
        };
        let others = match found.synonyms.is_empty() {
            true => String::new(),
            false => format!("/{}/", found.synonyms.join("/")),
        };
        out.push(json!(format!("{mark}{}|| || {others}", found.label)));
        at = found.parent.as_deref();
    }
    match out.is_empty() {
        true => Err(Error::field("node", "is not a node of the graph")),
        false => Ok(Value::Array(out)),
    }
}

fn alternates(old: &Value, texts: &[String], terms: &Value) -> Value {
    let old = old.as_array().map_or(&[][..], Vec::as_slice);
    let plain = |text: &str| text.trim_start_matches("||").trim().to_lowercase();
    let written = |entry: &Value| {
        let text = entry.as_str().or_else(|| entry["question"].as_str());
        definition::decode(text.unwrap_or_default())
            .trim()
            .to_owned()
    };
    let one = |text: &String| {
        let same = |entry: &&Value| {
            let there = written(entry);
            plain(&there) == plain(text) && there.starts_with("||") == text.starts_with("||")
        };
        let mut entry = match old.iter().find(same) {
            Some(known) if known.is_object() => known.clone(),
            _ => json!({"question": definition::encode_if_needed(text), "tags": []}),
        };
        entry["terms"] = terms.clone();
        entry
    };
    texts.iter().map(one).collect()
}

/// Lays a checked question over an entry.
fn lay(entry: &mut Value, new: &New, terms: Value) {
    let old = variants(entry);
    let one = |new: &NewAnswer| {
        let kept = new.keep.and_then(|at| old.get(at)).cloned();
        kept.unwrap_or_else(|| {
            let text = definition::encode_if_needed(new.text.trim());
            json!([{"text": text, "type": "basic", "channel": "default"}])
        })
    };
    let mut answers: Vec<Value> = new.answers.iter().map(one).collect();
    if !answers.is_empty() {
        entry["answer"] = answers.remove(0);
        entry["alternateAnswers"] = Value::Array(answers);
    }
    entry["question"] = definition::encode_if_needed(&new.question).into();
    entry["label"] = entry["question"].clone();
    entry["alternateQuestions"] = alternates(&entry["alternateQuestions"], &new.alternates, &terms);
    entry["terms"] = terms;
    let known = entry["tags"].as_array().cloned().unwrap_or_default();
    let named = |tag: &Value, name: &str| {
        let text = tag.as_str().or_else(|| tag["name"].as_str());
        text.is_some_and(|text| {
            text.trim_start_matches(['!', '*'])
                .split("||")
                .next()
                .is_some_and(|t| t.trim() == name)
        })
    };
    let tag = |name: &String| {
        let same = known.iter().find(|tag| named(tag, name)).cloned();
        same.unwrap_or_else(|| json!({"name": name}))
    };
    entry["tags"] = new.tags.iter().map(tag).collect();
    if !new.reference.is_empty() || entry["referenceId"].is_string() {
        entry["referenceId"] = new.reference.clone().into();
    }
    entry["faqStatus"] = new.enabled.into();
}

/// The key of the question at a place after a change.
fn key_at(package: &Package, task: usize, at: usize) -> Result<String> {
    let agent = Agent::from_package(package);
    let entry = &package.definition["knowledgeTasks"][task]["faqs"]["faqs"];
    let raw = entry.as_array().map_or(&[][..], Vec::as_slice);
    let asked = |e: &&Value| !e["question"].as_str().unwrap_or_default().trim().is_empty();
    let before = raw.iter().take(at).filter(asked).count();
    let found = agent.knowledge.get(task).and_then(|t| t.faqs.get(before));
    found
        .map(|faq| faq.key.clone())
        .ok_or_else(|| Error::internal("a question that was just written"))
}

fn twin(task: &KnowledgeTask, question: &str, terms: &Value, but: Option<&str>) -> Result<()> {
    let depth = terms.as_array().map_or(0, Vec::len);
    let same = |faq: &&definition::Faq| {
        Some(faq.key.as_str()) != but
            && faq.question.trim().eq_ignore_ascii_case(question)
            && faq.terms.len() == depth
    };
    match task.faqs.iter().find(same) {
        Some(_) => Err(Error::field("question", "stands in the graph already")),
        None => Ok(()),
    }
}

/// Adds a question to the draft; answers its key. A language without a graph gets one.
///
/// # Errors
/// Not found; bad input that names each wrong field.
pub async fn add(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    asked: Option<&str>,
    new: New,
) -> Result<String> {
    let new = checked(&new, false)?;
    let what = Edit {
        action: "faq.add",
        details: json!({"language": asked}),
    };
    let (inner, asked) = (ctx.clone(), asked.map(str::to_owned));
    draft::edit(ctx, caller, bot, &what, move |package| {
        add_to(package, asked.as_deref(), &new, &|| {
            inner.ids().uuid().to_string()
        })
    })
    .await
}

fn add_to(
    package: &mut Package,
    asked: Option<&str>,
    new: &New,
    fresh: &dyn Fn() -> String,
) -> Result<String> {
    let agent = Agent::from_package(package);
    let language = language(&agent, asked)?;
    if !package.definition["knowledgeTasks"].is_array() {
        package.definition["knowledgeTasks"] = json!([]);
    }
    let known = agent
        .knowledge
        .iter()
        .position(|task| task.language == language);
    let task_at = known.unwrap_or(agent.knowledge.len());
    if known.is_none() {
        let name = agent.name(&language).to_owned();
        let root = json!({"nodeId": fresh(), "label": name, "parent": [], "synonyms": [], "termUsage": "organizer"});
        let task = json!({"refId": fresh(), "name": name, "language": language, "isGraph": true,
            "taxonomy": [root], "faqs": {"faqs": [], "nodes": [], "synonyms": {}}});
        if let Some(all) = package.definition["knowledgeTasks"].as_array_mut() {
            all.push(task);
        }
    }
    let agent = Agent::from_package(package);
    let task = agent
        .knowledge
        .get(task_at)
        .ok_or_else(|| Error::internal("a graph that was just made"))?;
    let root = task.nodes.iter().find(|node| node.parent.is_none());
    let terms = match (&new.node, root) {
        (Some(node), _) => terms(task, node)?,
        (None, Some(root)) => terms(task, &root.id)?,
        (None, None) => json!([]),
    };
    twin(task, &new.question, &terms, None)?;
    let mut entry = json!({"refId": fresh(), "responseType": "message", "alternateAnswers": [], "alternateQuestions": [], "tags": []});
    lay(&mut entry, new, terms);
    let graph = &mut package.definition["knowledgeTasks"][task_at]["faqs"];
    if !graph["faqs"].is_array() {
        graph["faqs"] = json!([]);
    }
    let all = graph["faqs"].as_array_mut().expect("it was made a list");
    all.push(entry);
    let at = all.len() - 1;
    key_at(package, task_at, at)
}

/// Changes a question, if it is still as it was seen; answers its key, which is another one when question or node changed.
///
/// # Errors
/// Not found; bad input that names each wrong field; somebody else was faster.
pub async fn change(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    key: &str,
    new: New,
    seen: Seen,
) -> Result<String> {
    let what = Edit {
        action: "faq.change",
        details: json!({}),
    };
    let key = key.to_owned();
    draft::edit(ctx, caller, bot, &what, move |package| {
        change_in(package, &key, &new, &seen)
    })
    .await
}

fn change_in(package: &mut Package, key: &str, new: &New, seen: &Seen) -> Result<String> {
    let agent = Agent::from_package(package);
    let (task_at, at) = place(package, &agent, key)?;
    let task = &agent.knowledge[task_at];
    let faq = task.faqs.iter().find(|faq| faq.key == key);
    let new = checked(new, faq.is_some_and(|faq| faq.dialog_ref.is_some()))?;
    let entry = &mut package.definition["knowledgeTasks"][task_at]["faqs"]["faqs"][at];
    seen.check(&seen::tag(entry))?;
    let old = faq.map(|faq| labels(&faq.terms)).unwrap_or_default();
    let terms = match &new.node {
        Some(node) if paths(task).get(node.as_str()) != Some(&old) => terms(task, node)?,
        _ => entry["terms"].clone(),
    };
    twin(task, &new.question, &terms, Some(key))?;
    lay(entry, &new, terms);
    key_at(package, task_at, at)
}

/// Removes a question, if it is still as it was seen.
///
/// # Errors
/// Not found; somebody else was faster.
pub async fn remove(ctx: &Ctx, caller: &Caller, bot: &BotId, key: &str, seen: Seen) -> Result<()> {
    let what = Edit {
        action: "faq.remove",
        details: json!({}),
    };
    let key = key.to_owned();
    draft::edit(ctx, caller, bot, &what, move |package| {
        let agent = Agent::from_package(package);
        let (task_at, at) = place(package, &agent, &key)?;
        let all = &mut package.definition["knowledgeTasks"][task_at]["faqs"]["faqs"];
        seen.check(&seen::tag(&all[at]))?;
        if let Some(all) = all.as_array_mut() {
            all.remove(at);
        }
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Kind;

    fn package() -> Package {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
        definition::read_path(&path).expect("reads")
    }

    fn new(question: &str) -> New {
        New {
            question: question.to_owned(),
            alternates: vec![
                "another way".to_owned(),
                "|| drone * parcel".to_owned(),
                "Another way".to_owned(),
            ],
            answers: vec![NewAnswer {
                text: "No, by van.".to_owned(),
                keep: None,
            }],
            tags: vec!["drone".to_owned()],
            enabled: true,
            ..New::default()
        }
    }

    fn put(package: &mut Package, language: Option<&str>, new: &New) -> Result<String> {
        add_to(package, language, &checked(new, false)?, &fresh)
    }

    fn fresh() -> String {
        "fresh".to_owned()
    }

    #[test]
    fn a_question_is_read_back_as_it_was_written_and_changed_only_as_it_was_seen() {
        let mut package = package();
        let key = put(&mut package, None, &new(" Do you fly drones ")).expect("adds");
        let shown = detail(&package, &key).expect("shows");
        assert_eq!(shown.row.question, "Do you fly drones");
        assert_eq!(shown.alternates, ["another way", "||drone * parcel"]);
        assert_eq!(shown.tags, ["drone"]);
        assert_eq!(shown.row.path, ["Parcel Desk"]);
        let plain = Answer {
            text: "No, by van.".to_owned(),
            plain: true,
        };
        assert_eq!(shown.answers, [plain]);
        let twice = put(&mut package, None, &new("do you fly DRONES"));
        assert_eq!(twice.expect_err("twin").fields[0].field, "question");
        let seen = Seen(Some(shown.tag));
        let mut other = new("Do you use drones");
        other.enabled = false;
        let moved = change_in(&mut package, &key, &other, &seen).expect("changes");
        assert_ne!(moved, key);
        assert!(!detail(&package, &moved).expect("shows").row.enabled);
        let late = change_in(&mut package, &moved, &other, &seen).expect_err("late");
        assert_eq!(late.kind, Kind::Conflict);
    }

    #[test]
    fn an_answer_that_is_more_than_text_is_kept_as_it_is() {
        let mut package = package();
        let key = put(&mut package, None, &new("Do you fly drones")).expect("adds");
        let agent = Agent::from_package(&package);
        let (task, at) = place(&package, &agent, &key).expect("there");
        let script = json!([{"text": "print(1)", "type": "advance", "channel": "default"}]);
        let entry = &mut package.definition["knowledgeTasks"][task]["faqs"]["faqs"][at];
        entry["alternateAnswers"] = json!([script]);
        let mut other = new("Do you fly drones");
        other.answers = vec![
            NewAnswer {
                text: "x".to_owned(),
                keep: Some(1),
            },
            NewAnswer {
                text: "Never.".to_owned(),
                keep: None,
            },
        ];
        let key = change_in(&mut package, &key, &other, &Seen::default()).expect("changes");
        let entry = &package.definition["knowledgeTasks"][task]["faqs"]["faqs"][at];
        assert_eq!(entry["answer"], script);
        let plain: Vec<bool> = detail(&package, &key)
            .expect("shows")
            .answers
            .iter()
            .map(|a| a.plain)
            .collect();
        assert_eq!(plain, [false, true]);
    }

    #[test]
    fn a_language_without_a_graph_gets_one_and_wrong_fields_are_named() {
        let mut package = package();
        put(&mut package, Some("es"), &new("Hay drones")).expect("adds");
        let agent = Agent::from_package(&package);
        assert_eq!(
            agent
                .knowledge
                .iter()
                .filter(|t| t.language == "es")
                .count(),
            1
        );
        let mut bad = new(" ");
        bad.answers.clear();
        let error = checked(&bad, false).expect_err("wrong");
        let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["question", "answers"]);
        let mut lost = new("Anything");
        lost.node = Some("nowhere".to_owned());
        let error = add_to(&mut package, None, &lost, &fresh).expect_err("wrong");
        assert_eq!(error.fields[0].field, "node");
    }
}
