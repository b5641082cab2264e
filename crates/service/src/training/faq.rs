//! Questions put into the knowledge graph of a draft, and answers of questions changed. Nothing trains by itself.

use super::extraction::{self, Moved};
use super::knowledge::{Entry, Graph, fold, graphs, question_of};
use crate::{
    Caller, Ctx,
    definition::{self as agents, draft},
};
use definition::{Agent, Package, decode};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};
use types::{Error, Field, Result, id::BotId};

/// Longest question, characters.
pub const QUESTION_MAX: usize = 3_000;
/// Longest text of one answer, characters (ours).
pub const ANSWER_MAX: usize = 60_000;
/// Alternate questions of one question at most (ours).
pub const ALTERNATES_MAX: usize = 500;
/// Times that a change starts again because somebody else changed the draft.
const TRIES: usize = 8;

/// A text or a script, for a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// As it was sent, percent-encoded or not: it comes back the same.
    pub text: String,
    /// It is a script.
    pub script: bool,
    /// Channel, `default` for all.
    pub channel: String,
}

impl Answer {
    /// As a definition writes it.
    pub(super) fn raw(&self) -> Value {
        let kind = if self.script { "advance" } else { "basic" };
        json!({"text": self.text, "type": kind, "channel": self.channel})
    }
}

/// A question with its tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// The text; `||` in front makes an alternate a pattern.
    pub text: String,
    /// Tags, in the form of terms.
    pub tags: Vec<String>,
}

/// A question to be added.
#[derive(Debug, Clone, Default)]
pub struct NewFaq {
    /// The graph.
    pub task: String,
    /// Node.
    pub parent: String,
    /// Its label.
    pub leaf: String,
    /// Primary question.
    pub question: Question,
    /// Other ways to ask.
    pub alternates: Vec<Question>,
    /// The answer; more than one: all are sent.
    pub answers: Vec<Answer>,
    /// Other answers, of which one is picked.
    pub more: Vec<Vec<Answer>>,
    /// Runs the dialog with this `refId` instead.
    pub dialog: Option<String>,
    /// The extracted question that it comes from.
    pub extracted: Option<String>,
}

/// Adds questions to the draft, all or none.
///
/// # Errors
/// Bad input that names each wrong field; a conflict when others kept changing the draft.
pub async fn add(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
    new: Vec<NewFaq>,
) -> Result<()> {
    let new = Arc::new(new);
    for _ in 0..TRIES {
        let moved = extraction::asked(ctx, caller, bot, &new).await?;
        let (all, known, bot_id, language) = (
            Arc::clone(&new),
            moved.clone(),
            bot.clone(),
            language.to_owned(),
        );
        let ids = ctx.clone();
        let prepared = draft::prepare(ctx, caller, bot, move |package| {
            let fresh = || ids.ids().uuid().to_string();
            put(&bot_id, package, &language, &all, &known, &fresh)
        })
        .await?;
        let what = draft::Edit {
            action: "faq.add",
            details: json!({"questions": new.len()}),
        };
        let tx = ctx.store().begin().await?;
        if prepared.write(ctx, caller, &*tx, &what).await? {
            extraction::mark(ctx, &*tx, moved, &prepared.value).await?;
            return tx.commit().await;
        }
    }
    Err(Error::conflict(
        "The agent is being changed by others; try again",
    ))
}

/// What is wrong with the questions, gathered.
struct Wrong(Vec<Field>);

impl Wrong {
    fn add(&mut self, at: usize, name: &str, message: impl Into<String>) {
        self.0.push(Field {
            field: format!("faqs[{at}].{name}"),
            message: message.into(),
        });
    }
}

/// Writes the questions; answers the digest of each as it stands in the draft now.
fn put(
    bot: &BotId,
    package: &mut Package,
    language: &str,
    new: &[NewFaq],
    moved: &Moved,
    fresh: &dyn Fn() -> String,
) -> Result<Vec<String>> {
    let agent = Agent::from_package(package);
    let all = graphs(bot, package, false);
    let there: HashSet<String> = all
        .iter()
        .flat_map(|graph| graph.faqs.iter().map(|faq| digest(&faq.raw)))
        .collect();
    let mut wrong = Wrong(Vec::new());
    let mut seen = HashMap::new();
    let mut entries = Vec::new();
    for (at, faq) in new.iter().enumerate() {
        let place = all
            .iter()
            .position(|graph| graph.id == faq.task && graph.language == language);
        let Some(place) = place else {
            let text = "the agent has no such knowledge task in this language";
            wrong.add(at, "knowledgeTaskId", text);
            continue;
        };
        let graph = &all[place];
        let Some(node) = graph.node(&faq.parent) else {
            wrong.add(at, "parent", "the knowledge task has no such node");
            continue;
        };
        if fold(&graph.nodes[node].label) != fold(&faq.leaf) {
            let text = format!("the node is called {}", graph.nodes[node].label);
            wrong.add(at, "leafterm", text);
        }
        check(&agent, at, faq, &mut wrong);
        let key = (place, node, fold(&faq.question.text));
        let taken = graph
            .faqs
            .iter()
            .any(|old| old.node == Some(node) && fold(&question_of(&old.raw)) == key.2);
        if let Some(first) = seen.insert(key, at) {
            let text = format!("stands in faqs[{first}] already");
            wrong.add(at, "questionPayload.question", text);
        } else if taken {
            let text = "the node has this question already";
            wrong.add(at, "questionPayload.question", text);
        }
        if let Some(id) = &faq.extracted {
            match moved.find(id) {
                None => wrong.add(at, "qsId", "the agent has no such extracted question"),
                Some(Some(was)) if there.contains(was) => {
                    wrong.add(at, "qsId", "was added to the graph already");
                }
                Some(_) => {}
            }
        }
        entries.push((place, raw(graph, node, faq, fresh)));
    }
    if !wrong.0.is_empty() {
        return Err(Error::fields(wrong.0));
    }
    let digests = entries.iter().map(|(_, entry)| digest(entry)).collect();
    for (place, entry) in entries {
        list_of(&mut package.definition["knowledgeTasks"][place]).push(entry);
    }
    Ok(digests)
}

/// The questions of a graph, made when there are none.
pub(super) fn list_of(task: &mut Value) -> &mut Vec<Value> {
    if !task["faqs"].is_object() {
        task["faqs"] = json!({"faqs": [], "nodes": [], "synonyms": {}});
    }
    let list = &mut task["faqs"]["faqs"];
    if !list.is_array() {
        *list = json!([]);
    }
    list.as_array_mut().expect("just made one")
}

fn check(agent: &Agent, at: usize, faq: &NewFaq, wrong: &mut Wrong) {
    let long = |text: &str, most: usize| text.chars().count() > most;
    if faq.question.text.starts_with("||") {
        let text = "must be a question; patterns go to subQuestions";
        wrong.add(at, "questionPayload.question", text);
    }
    if long(&faq.question.text, QUESTION_MAX) {
        let text = format!("may have {QUESTION_MAX} characters");
        wrong.add(at, "questionPayload.question", text);
    }
    if faq.alternates.len() > ALTERNATES_MAX {
        let text = format!("may be {ALTERNATES_MAX} questions");
        wrong.add(at, "subQuestions", text);
    }
    let mut said = HashSet::from([fold(&faq.question.text)]);
    for (n, other) in faq.alternates.iter().enumerate() {
        let name = format!("subQuestions[{n}].question");
        if long(&other.text, QUESTION_MAX) {
            wrong.add(at, &name, format!("may have {QUESTION_MAX} characters"));
        }
        if !said.insert(fold(&other.text)) {
            wrong.add(at, &name, "stands there twice");
        }
    }
    for (n, answer) in faq.answers.iter().enumerate() {
        if long(&answer.text, ANSWER_MAX) {
            let text = format!("may have {ANSWER_MAX} characters");
            wrong.add(at, &format!("answerPayload[{n}].text"), text);
        }
    }
    if let Some(dialog) = &faq.dialog
        && !agent.dialogs.iter().any(|known| known.ref_id == *dialog)
    {
        wrong.add(at, "dialogRefId", "the agent has no such dialog");
    }
}

/// The question as a definition writes it.
fn raw(graph: &Graph, node: usize, faq: &NewFaq, fresh: &dyn Fn() -> String) -> Value {
    let terms = terms(graph, node);
    let tags = |question: &Question| -> Value {
        question
            .tags
            .iter()
            .map(|tag| json!({"name": tag}))
            .collect()
    };
    let others: Vec<Value> = faq
        .alternates
        .iter()
        .map(|other| json!({"question": other.text, "terms": terms, "tags": tags(other)}))
        .collect();
    let list = |all: &[Answer]| -> Value { all.iter().map(Answer::raw).collect() };
    let mut entry = json!({
        "question": faq.question.text,
        "alternateQuestions": others,
        "terms": terms,
        "tags": tags(&faq.question),
        "refId": fresh(),
        "faqStatus": true,
        "label": faq.question.text,
        "responseType": if faq.dialog.is_some() { "dialog" } else { "message" },
        "answer": list(&faq.answers),
        "alternateAnswers": faq.more.iter().map(|all| list(all)).collect::<Vec<_>>(),
    });
    if let Some(dialog) = &faq.dialog {
        entry["dialogRefId"] = json!(dialog);
    }
    entry
}

/// The place of a node as terms, from the node to the root. What a question of the node says already is taken over.
pub(super) fn terms(graph: &Graph, node: usize) -> Vec<Value> {
    let written = graph.faqs.iter().find(|faq| faq.node == Some(node));
    if let Some(terms) = written.and_then(|faq| faq.raw["terms"].as_array()) {
        return terms.clone();
    }
    written_terms(graph, node)
}

/// The place of a node as terms, from the node to the root, made of the nodes alone.
pub(super) fn written_terms(graph: &Graph, node: usize) -> Vec<Value> {
    let mut terms = Vec::new();
    let mut at = Some(node);
    while let Some(place) = at {
        let node = &graph.nodes[place];
        let mark = match node.usage {
            definition::TermUsage::Default => "",
            definition::TermUsage::Organizer => "!!",
            definition::TermUsage::Mandatory => "**",
        };
        let words = match node.synonyms.is_empty() {
            true => String::new(),
            false => format!("/{}/", node.synonyms.join("/")),
        };
        terms.push(json!(format!("{mark}{}|| || {words}", node.label)));
        at = node.parent;
    }
    terms
}

/// Tells whether a question is still the one that was added.
fn digest(raw: &Value) -> String {
    crypt::sha256_hex(raw.to_string().as_bytes())
}

/// A change of one question.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Language code.
    pub language: String,
    /// Labels on the way to it, from the root.
    pub path: Option<Path>,
    /// Its own id or that of its outside source.
    pub reference: Option<String>,
    /// Primary question.
    pub question: String,
    /// The new answer.
    pub answer: Option<Answer>,
    /// What is sent after the answer.
    pub extended: Option<Vec<Answer>>,
    /// Other answers, of which one is picked.
    pub alternates: Option<Vec<Vec<Answer>>>,
    /// Whether it is offered.
    pub enabled: Option<bool>,
}

/// Where a question stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    /// Labels one by one.
    Labels(Vec<String>),
    /// In one text, with `/`, `>` or a comma between them.
    Text(String),
}

impl Path {
    /// With or without the root.
    fn is(&self, path: &[&str]) -> bool {
        let fits = |path: &[&str]| match self {
            Self::Labels(labels) => {
                labels.len() == path.len()
                    && labels.iter().zip(path).all(|(a, b)| fold(a) == fold(b))
            }
            Self::Text(text) => ["/", ">", ","].iter().any(|mark| {
                let plain = |labels: &mut dyn Iterator<Item = &str>| {
                    labels.map(fold).collect::<Vec<_>>().join(mark)
                };
                plain(&mut text.split(mark)) == plain(&mut path.iter().flat_map(|l| l.split(mark)))
            }),
        };
        !path.is_empty() && (fits(path) || path.len() > 1 && fits(&path[1..]))
    }
}

/// What became of a change: nothing, or why it failed.
pub type Outcome = std::result::Result<(), String>;

/// Changes answers and states of questions of the draft; each change counts alone.
///
/// # Errors
/// Not found; a conflict when others kept changing the draft.
pub async fn update(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    changes: Vec<Change>,
) -> Result<Vec<Outcome>> {
    let what = draft::Edit {
        action: "faq.update",
        details: json!({"questions": changes.len()}),
    };
    let bot_id = bot.clone();
    draft::edit(ctx, caller, bot, &what, move |package| {
        let all = graphs(&bot_id, package, false);
        let each = changes.iter().map(|change| {
            let (task, place) = find(&all, change)?;
            let entry = all[task].faqs[place].raw.clone();
            let list = list_of(&mut package.definition["knowledgeTasks"][task]);
            let mut same = list
                .iter_mut()
                .filter(|raw| !question_of(raw).trim().is_empty());
            match same.nth(place) {
                // an earlier change of this question may have come first, so what is written is changed, not what was read
                Some(raw) if question_of(raw) == question_of(&entry) => {
                    apply(raw, change);
                    Ok(())
                }
                _ => Err("The question has moved; try again".to_owned()),
            }
        });
        Ok(each.collect())
    })
    .await
}

/// The graph and the place in it of the question that is meant.
fn find(all: &[Graph], change: &Change) -> std::result::Result<(usize, usize), String> {
    let question = fold(&decode(&change.question));
    let fits = |graph: &Graph, faq: &Entry| {
        let path = || faq.node.map_or(Vec::new(), |node| graph.path(node));
        let same = |id: &str| {
            ["referenceId", "refId"]
                .iter()
                .any(|key| faq.raw[key] == id)
        };
        fold(&question_of(&faq.raw)) == question
            && change.path.as_ref().is_none_or(|wanted| wanted.is(&path()))
            && change.reference.as_deref().is_none_or(same)
    };
    let mut found = Vec::new();
    for (task, graph) in all.iter().enumerate() {
        if graph.language == change.language {
            let places = graph.faqs.iter().enumerate();
            found.extend(
                places
                    .filter(|(_, f)| fits(graph, f))
                    .map(|(at, _)| (task, at)),
            );
        }
    }
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err("There is no such question in this language".to_owned()),
        more => Err(format!(
            "{} questions fit; name the path and the reference id",
            more.len()
        )),
    }
}

fn apply(raw: &mut Value, change: &Change) {
    let parts = raw["answer"].as_array().cloned().unwrap_or_default();
    let mut parts = match &raw["answer"] {
        Value::String(text) => vec![json!({"text": text, "type": "basic", "channel": "default"})],
        _ => parts,
    };
    if let Some(answer) = &change.answer {
        let channel = |part: &Value| part["channel"].as_str().unwrap_or("default").to_owned();
        let same = parts
            .iter()
            .position(|part| channel(part) == answer.channel);
        match same {
            Some(at) => parts[at] = answer.raw(),
            None if parts.is_empty() || answer.channel != "default" => parts.push(answer.raw()),
            None => parts.insert(0, answer.raw()),
        }
        raw["responseType"] = json!("message");
    }
    if let Some(extended) = &change.extended {
        parts.truncate(1);
        parts.extend(extended.iter().map(Answer::raw));
    }
    if change.answer.is_some() || change.extended.is_some() {
        raw["answer"] = Value::Array(parts);
    }
    if let Some(alternates) = &change.alternates {
        let list = |all: &Vec<Answer>| all.iter().map(Answer::raw).collect::<Value>();
        raw["alternateAnswers"] = alternates.iter().map(list).collect();
    }
    if let Some(enabled) = change.enabled {
        raw["faqStatus"] = json!(enabled);
    }
}

/// Changes of several agents, each agent in one edit. Answers come in the order of the changes.
///
/// # Errors
/// Not found for an agent that the account does not have, before anything is changed.
pub async fn update_many(
    ctx: &Ctx,
    caller: &Caller,
    changes: Vec<(BotId, Change)>,
) -> Result<Vec<Outcome>> {
    let mut by_bot: BTreeMap<BotId, Vec<(usize, Change)>> = BTreeMap::new();
    let count = changes.len();
    for (at, (bot, change)) in changes.into_iter().enumerate() {
        by_bot.entry(bot).or_default().push((at, change));
    }
    for bot in by_bot.keys() {
        agents::get(ctx, caller, bot).await?;
    }
    let mut out = vec![Ok(()); count];
    for (bot, changes) in by_bot {
        let (places, changes): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
        let told = update(ctx, caller, &bot, changes).await?;
        for (place, one) in places.into_iter().zip(told) {
            out[place] = one;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_in_several_ways_with_and_without_its_root() {
        let path = ["Desk", "Prices", "Abroad"];
        for text in [
            "Desk/Prices/Abroad",
            "prices > abroad",
            "Desk, Prices, Abroad",
        ] {
            assert!(Path::Text(text.into()).is(&path), "{text}");
        }
        assert!(Path::Labels(vec!["Prices".into(), "Abroad".into()]).is(&path));
        assert!(!Path::Text("Abroad".into()).is(&path));
        assert!(!Path::Text(String::new()).is(&["Desk"]));
    }

    #[test]
    fn an_answer_replaces_that_of_its_channel_and_leaves_the_others() {
        let mut raw = json!({"answer": [{"text": "a", "type": "basic", "channel": "default"}, {"text": "b", "type": "basic", "channel": "rtm"}], "faqStatus": true});
        let answer = |text: &str, channel: &str| Answer {
            text: text.into(),
            script: false,
            channel: channel.into(),
        };
        let change = Change {
            answer: Some(answer("c", "rtm")),
            enabled: Some(false),
            ..Change::default()
        };
        apply(&mut raw, &change);
        assert_eq!(raw["answer"][0]["text"], "a");
        assert_eq!(raw["answer"][1]["text"], "c");
        assert_eq!(raw["faqStatus"], false);
        let change = Change {
            extended: Some(vec![answer("more", "default")]),
            alternates: Some(vec![vec![answer("x", "default")]]),
            ..Change::default()
        };
        apply(&mut raw, &change);
        assert_eq!(raw["answer"].as_array().map(Vec::len), Some(2));
        assert_eq!(raw["answer"][1]["text"], "more");
        assert_eq!(raw["alternateAnswers"][0][0]["text"], "x");
    }
}
