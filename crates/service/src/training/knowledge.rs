//! The knowledge graph of an agent as the API shows it: tasks, their nodes and their questions.
//!
//! A definition holds one graph a language. Its nodes stand in `taxonomy`, the place of a question in its `terms`, from the leaf to
//! the root. A place without a node of its own (files need none) is shown as a node with an id made of its path.

use crate::{
    Caller, Ctx,
    definition::{self as agents, draft},
};
use definition::{Agent, Faq, KnowledgeTask, Package, TermUsage, decode};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use store::Copy;
use types::{Error, Result, clock::derived, codes, id::BotId};

/// Nodes on the way from a node to its root at most: a graph that names itself as its parent ends here.
const DEPTH_MAX: usize = 64;

/// A knowledge graph in one language.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Id of this copy of it: draft and published copy have different ones.
    pub id: String,
    /// Id of the draft's.
    pub draft_id: String,
    /// It is the published copy.
    pub published: bool,
    /// Language code.
    pub language: String,
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// `refId` of the definition.
    pub ref_id: String,
    /// Nodes, each after its parent.
    pub nodes: Vec<Node>,
    /// Questions, in the order of the definition.
    pub faqs: Vec<Entry>,
    /// Trait rules on nodes.
    pub traits: usize,
    /// When this copy was made, milliseconds UTC.
    pub created_at: i64,
    /// When it was changed last, milliseconds UTC.
    pub updated_at: i64,
    /// The person behind it, as the API names people.
    pub author: String,
    /// Name of the agent.
    pub agent: String,
    /// Number and comment of the published copy.
    pub version: Option<(i64, String)>,
}

/// A node.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// `nodeId`.
    pub id: String,
    /// Label.
    pub label: String,
    /// 0 for a root.
    pub depth: usize,
    /// Parent's place among the nodes.
    pub parent: Option<usize>,
    /// Other words.
    pub synonyms: Vec<String>,
    /// Whether it must be said.
    pub usage: TermUsage,
    /// As the definition writes it; null for one that only a question names.
    pub raw: Value,
    /// Questions right under it.
    pub faqs: usize,
}

impl Node {
    /// How the term counts, as a definition writes it.
    pub fn usage_word(&self) -> &'static str {
        match self.usage {
            TermUsage::Default => "default",
            TermUsage::Organizer => "organizer",
            TermUsage::Mandatory => "mandatory",
        }
    }
}

/// A question.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Unique in the graph.
    pub id: String,
    /// Place of its node.
    pub node: Option<usize>,
    /// As the definition writes it.
    pub raw: Value,
    /// The published copy has it too.
    pub published: bool,
}

impl Graph {
    /// Labels from the root to a node.
    pub fn path(&self, node: usize) -> Vec<&str> {
        let mut path = Vec::new();
        let mut at = Some(node);
        while let Some(place) = at.filter(|_| path.len() < DEPTH_MAX) {
            path.push(self.nodes[place].label.as_str());
            at = self.nodes[place].parent;
        }
        path.reverse();
        path
    }

    /// The node with this id.
    pub fn node(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == id)
    }

    /// The node and, when `deep`, all below it.
    pub fn below(&self, start: &[usize], deep: bool) -> HashSet<usize> {
        let mut all: HashSet<usize> = start.iter().copied().collect();
        if deep {
            // parents stand before their children
            for (place, node) in self.nodes.iter().enumerate() {
                if node.parent.is_some_and(|parent| all.contains(&parent)) {
                    all.insert(place);
                }
            }
        }
        all
    }
}

/// The graphs of a definition. `published` tells which copy it is.
pub fn graphs(bot: &BotId, package: &Package, published: bool) -> Vec<Graph> {
    let agent = Agent::from_package(package);
    let raw = package.definition["knowledgeTasks"].as_array();
    let tasks = raw.into_iter().flatten().zip(&agent.knowledge).enumerate();
    tasks
        .map(|(place, (raw, task))| graph(bot, raw, task, place, published))
        .collect()
}

/// Id of the graph at this place of the draft.
pub fn draft_id(bot: &BotId, raw: &Value, place: usize) -> String {
    let own = ["_id", "refId"].into_iter();
    let own = own.filter_map(|key| raw[key].as_str().filter(|id| !id.is_empty()));
    let own = own.map(str::to_owned).next();
    own.unwrap_or_else(|| derived("kg-", &format!("graph {place} of {bot}")))
}

fn graph(bot: &BotId, raw: &Value, task: &KnowledgeTask, place: usize, published: bool) -> Graph {
    let draft_id = draft_id(bot, raw, place);
    let mut graph = Graph {
        id: match published {
            true => derived("kg-", &format!("published {draft_id} of {bot}")),
            false => draft_id.clone(),
        },
        draft_id,
        published,
        language: task.language.clone(),
        name: task.name.clone(),
        description: raw["description"].as_str().unwrap_or_default().to_owned(),
        ref_id: task.ref_id.clone(),
        ..Graph::default()
    };
    taxonomy(&mut graph, raw, task);
    let mut known: HashMap<(Option<usize>, String), usize> = HashMap::new();
    for (place, node) in graph.nodes.iter().enumerate() {
        let key = (node.parent, fold(&node.label));
        known.entry(key).or_insert(place);
    }
    for (raw, faq) in questions(raw).zip(&task.faqs) {
        let node = place_of(&mut graph, &mut known, faq);
        if let Some(node) = node {
            graph.nodes[node].faqs += 1;
        }
        graph.faqs.push(Entry {
            id: faq.key.clone(),
            node,
            raw: raw.clone(),
            published,
        });
    }
    graph
}

/// The entries that count as questions, as the reader of definitions does.
fn questions(task: &Value) -> impl Iterator<Item = &Value> {
    let all = task["faqs"]["faqs"].as_array().into_iter().flatten();
    all.filter(|raw| !question_of(raw).trim().is_empty())
}

/// The primary question as people read it.
pub fn question_of(raw: &Value) -> String {
    decode(raw["question"].as_str().unwrap_or_default()).into_owned()
}

/// Nodes of the definition, parents first; one whose parent is missing, or comes to itself again, is a root.
fn taxonomy(graph: &mut Graph, raw: &Value, task: &KnowledgeTask) {
    let raws = raw["taxonomy"].as_array().cloned().unwrap_or_default();
    let by_id: HashMap<&str, usize> = task
        .nodes
        .iter()
        .enumerate()
        .map(|(place, node)| (node.id.as_str(), place))
        .collect();
    let mut done: HashMap<usize, usize> = HashMap::new();
    for start in 0..task.nodes.len() {
        let mut way = Vec::new();
        let mut at = Some(start);
        while let Some(place) = at.filter(|p| !done.contains_key(p) && !way.contains(p)) {
            if way.len() == DEPTH_MAX {
                break;
            }
            way.push(place);
            let parent = task.nodes[place].parent.as_deref();
            at = parent.and_then(|id| by_id.get(id)).copied();
        }
        let mut parent = at.and_then(|place| done.get(&place)).copied();
        for place in way.into_iter().rev() {
            let node = &task.nodes[place];
            graph.nodes.push(Node {
                id: node.id.clone(),
                label: node.label.clone(),
                depth: parent.map_or(0, |p| graph.nodes[p].depth + 1),
                parent,
                synonyms: node.synonyms.clone(),
                usage: node.usage,
                raw: raws.get(place).cloned().unwrap_or(Value::Null),
                faqs: 0,
            });
            let rules = graph.nodes[graph.nodes.len() - 1].raw["traitRule"].as_array();
            graph.traits += rules.map_or(0, Vec::len);
            parent = Some(graph.nodes.len() - 1);
            done.insert(place, graph.nodes.len() - 1);
        }
    }
}

/// The node of a question; made where the taxonomy has none.
fn place_of(
    graph: &mut Graph,
    known: &mut HashMap<(Option<usize>, String), usize>,
    faq: &Faq,
) -> Option<usize> {
    let mut at = None;
    for (depth, term) in faq.terms.iter().rev().take(DEPTH_MAX).enumerate() {
        let key = (at, fold(&term.label));
        let place = known.entry(key).or_insert_with(|| {
            let over = at.map_or(graph.draft_id.clone(), |p: usize| graph.nodes[p].id.clone());
            graph.nodes.push(Node {
                id: derived("", &format!("{over}/{}", fold(&term.label))),
                label: term.label.clone(),
                depth,
                parent: at,
                synonyms: term.synonyms.clone(),
                usage: term.usage,
                raw: Value::Null,
                faqs: 0,
            });
            graph.nodes.len() - 1
        });
        at = Some(*place);
    }
    at
}

/// Labels are compared without case.
pub(super) fn fold(label: &str) -> String {
    label.trim().to_lowercase()
}

/// The graphs of a copy of an agent.
///
/// # Errors
/// Not found; [`codes::BOT_NOT_PUBLISHED`].
pub async fn tasks(ctx: &Ctx, caller: &Caller, bot: &BotId, published: bool) -> Result<Vec<Graph>> {
    let row = agents::get(ctx, caller, bot).await?;
    let in_force = match &row.published {
        Some(version) => {
            let copy = Copy::Version(version.clone());
            Some(agents::load(ctx, &caller.account, bot, &copy).await?)
        }
        None => None,
    };
    let (mut at, mut number) = ((row.created_at, row.updated_at), None);
    let copy = match (published, row.published) {
        (false, _) => Copy::Draft,
        (true, None) => return Err(Error::of(&codes::BOT_NOT_PUBLISHED)),
        (true, Some(id)) => {
            let version = ctx.store().versions().find(&caller.account, bot, &id);
            if let Some(version) = version.await? {
                at = (version.new.created_at, version.new.created_at);
                number = Some((version.number, version.new.comment));
            }
            Copy::Version(id)
        }
    };
    let author = crate::work::person(ctx, &caller.account, "").await?;
    let package = draft::open_copy(ctx, caller, bot, &copy).await?;
    let bot = bot.clone();
    let work = tokio::task::spawn_blocking(move || {
        let mut all = graphs(&bot, &package, published);
        let keys: HashSet<&str> = in_force
            .iter()
            .flat_map(|agent| &agent.knowledge)
            .flat_map(|task| task.faqs.iter().map(|faq| faq.key.as_str()))
            .collect();
        for graph in &mut all {
            (graph.created_at, graph.updated_at) = at;
            graph.author.clone_from(&author);
            graph.agent.clone_from(&row.name);
            graph.version.clone_from(&number);
            for faq in &mut graph.faqs {
                faq.published = keys.contains(faq.id.as_str());
            }
        }
        all
    });
    work.await.map_err(Error::internal)
}

/// Which questions are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Language code.
    pub language: String,
    /// Of these nodes only: an id, or where `by_label` says so a label.
    pub node: Option<String>,
    /// `node` may be a label too.
    pub by_label: bool,
    /// And of all nodes below them.
    pub deep: bool,
    /// Reference id, or a part of the display name.
    pub search: Option<String>,
    /// Questions to skip.
    pub offset: usize,
    /// Questions to answer.
    pub limit: usize,
}

/// A part of the questions of a graph.
#[derive(Debug, Clone)]
pub struct Page {
    /// The graph.
    pub graph: Graph,
    /// Places of the questions in it.
    pub faqs: Vec<usize>,
    /// All that match.
    pub count: usize,
}

/// Questions of the graph with this id, draft or published.
///
/// # Errors
/// Not found: no such graph in this language; bad input on `parentId`.
pub async fn list(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    task: &str,
    wanted: &Wanted,
) -> Result<Page> {
    let fits = |graph: &Graph| graph.id == task && graph.language == wanted.language;
    let draft = tasks(ctx, caller, bot, false).await?;
    let mut found = draft.into_iter().find(&fits);
    if found.is_none() && agents::get(ctx, caller, bot).await?.published.is_some() {
        let all = tasks(ctx, caller, bot, true).await?;
        found = all.into_iter().find(&fits);
    }
    let missing = || Error::not_found("There is no such knowledge task in this language");
    page(found.ok_or_else(missing)?, wanted, "parentId")
}

/// Questions of a copy of the agent in a language; an agent without a graph in it has none.
///
/// # Errors
/// Not found; [`codes::BOT_NOT_PUBLISHED`]; bad input on `language` or `nodeName`.
pub async fn list_of_copy(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    published: bool,
    wanted: &Wanted,
) -> Result<Page> {
    let all = tasks(ctx, caller, bot, published).await?;
    speaks(ctx, caller, bot, &wanted.language).await?;
    let mut all = all.into_iter();
    let found = all.find(|graph| graph.language == wanted.language);
    page(found.unwrap_or_default(), wanted, "nodeName")
}

/// The agent has the language.
///
/// # Errors
/// Not found; bad input on `language`.
pub async fn speaks(ctx: &Ctx, caller: &Caller, bot: &BotId, language: &str) -> Result<()> {
    let row = agents::get(ctx, caller, bot).await?;
    if row.languages.iter().any(|known| known == language) {
        return Ok(());
    }
    Err(Error::field("language", "is not a language of the agent"))
}

fn page(graph: Graph, wanted: &Wanted, field: &'static str) -> Result<Page> {
    let nodes = match &wanted.node {
        None => None,
        Some(name) => {
            let label = fold(name);
            let fits =
                |node: &Node| node.id == *name || wanted.by_label && fold(&node.label) == label;
            let places: Vec<usize> = (0..graph.nodes.len())
                .filter(|place| fits(&graph.nodes[*place]))
                .collect();
            if places.is_empty() {
                return Err(Error::field(field, "the graph has no such node"));
            }
            Some(graph.below(&places, wanted.deep))
        }
    };
    let search = wanted.search.as_deref().map(fold);
    let fits = |faq: &Entry| {
        let inside = nodes
            .as_ref()
            .is_none_or(|nodes| faq.node.is_some_and(|node| nodes.contains(&node)));
        inside
            && search
                .as_deref()
                .is_none_or(|search| is_called(&faq.raw, search))
    };
    let all: Vec<usize> = (0..graph.faqs.len())
        .filter(|place| fits(&graph.faqs[*place]))
        .collect();
    let count = all.len();
    let faqs = all.into_iter().skip(wanted.offset).take(wanted.limit);
    let faqs = faqs.collect();
    Ok(Page { graph, faqs, count })
}

fn is_called(raw: &Value, search: &str) -> bool {
    let text = |key: &str| fold(&decode(raw[key].as_str().unwrap_or_default()));
    let label = Some(text("label")).filter(|label| !label.is_empty());
    text("referenceId") == search
        || text("refId") == search
        || label.unwrap_or_else(|| text("question")).contains(search)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(task: Value) -> Graph {
        let package = Package {
            definition: json!({"defaultLanguage": "en", "supportedLanguages": ["en"], "knowledgeTasks": [task]}),
            ..Package::default()
        };
        graphs(&BotId::trusted("st-1"), &package, false).remove(0)
    }

    #[test]
    fn a_place_without_a_node_gets_one_whose_id_stays() {
        let task = json!({"refId": "r", "language": "en", "taxonomy": [{"nodeId": "n0", "label": "Root", "parent": []}],
            "faqs": {"faqs": [{"question": "a", "terms": ["Leaf/sheet", "!!Mid", "Root"]}, {"question": "b", "terms": ["root"]}, {"question": " "}]}});
        let graph = read(task.clone());
        let labels: Vec<_> = graph
            .nodes
            .iter()
            .map(|n| (n.label.as_str(), n.depth, n.faqs))
            .collect();
        assert_eq!(labels, [("Root", 0, 1), ("Mid", 1, 0), ("Leaf", 2, 1)]);
        assert_eq!(graph.path(2), ["Root", "Mid", "Leaf"]);
        assert_eq!(graph.below(&[0], true).len(), 3);
        assert_eq!((graph.faqs.len(), graph.faqs[0].node), (2, Some(2)));
        let again = read(task);
        assert_eq!(graph.nodes[2].id, again.nodes[2].id);
    }

    #[test]
    fn nodes_that_are_their_own_parents_end_the_way() {
        let task = json!({"language": "en", "taxonomy": [{"nodeId": "a", "label": "A", "parent": ["b"]}, {"nodeId": "b", "label": "B", "parent": ["a"]},
            {"nodeId": "c", "label": "C", "parent": ["gone"]}], "faqs": {"faqs": []}});
        let graph = read(task);
        assert_eq!(graph.nodes.len(), 3);
        assert!(graph.nodes.iter().all(|n| n.depth < 2));
    }
}
