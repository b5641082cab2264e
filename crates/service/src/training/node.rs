//! Nodes of a knowledge graph: added, changed, moved and removed, with the paths of the questions below them.

use super::{
    parts::language,
    question::{labels, paths, terms, usage},
    seen::{self, Seen},
};
use crate::{
    Caller, Ctx,
    definition::draft::{self, Edit},
};
use definition::{Agent, KnowledgeTask, Package, TaxonomyNode, decode, encode_if_needed};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use types::{Error, Field, Result, id::BotId};

/// Nodes of a graph at most (ours).
const NODES_MAX: usize = 5_000;
/// Nodes from a root down at most (ours).
const DEPTH_MAX: usize = 32;
/// Longest label or synonym, characters (ours).
const LABEL_MAX: usize = 200;
/// Synonyms of a node at most (ours).
const SYNONYMS_MAX: usize = 100;

/// A node to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct New {
    /// Its label.
    pub label: String,
    /// The node above it; none: where it is, or the root for a new one.
    pub parent: Option<String>,
    /// `default`, `organizer` or `mandatory`; empty: `default`.
    pub usage: String,
    /// Other words for it.
    pub synonyms: Vec<String>,
}

/// State of a node, for [`set`].
pub fn state(node: &TaxonomyNode) -> String {
    seen::tag(&json!([
        node.label,
        node.parent,
        usage(node.usage),
        node.synonyms
    ]))
}

/// Adds a node to the graph of a language; answers its id.
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
    let what = Edit {
        action: "graph.add",
        details: json!({"language": asked}),
    };
    let (inner, asked) = (ctx.clone(), asked.map(str::to_owned));
    draft::edit(ctx, caller, bot, &what, move |package| {
        let fresh = || inner.ids().uuid().to_string();
        add_to(package, asked.as_deref(), &new, &fresh)
    })
    .await
}

fn add_to(
    package: &mut Package,
    asked: Option<&str>,
    new: &New,
    fresh: &dyn Fn() -> String,
) -> Result<String> {
    let new = checked(new)?;
    let agent = Agent::from_package(package);
    let language = language(&agent, asked)?;
    let at = agent.knowledge.iter().position(|t| t.language == language);
    let nodes = at.map_or(&[][..], |at| &agent.knowledge[at].nodes);
    if nodes.len() >= NODES_MAX {
        let text = format!("a graph has at most {NODES_MAX} nodes");
        return Err(Error::field("label", text));
    }
    let root = nodes.iter().find(|node| node.parent.is_none());
    let parent = new.parent.clone().or(root.map(|node| node.id.clone()));
    check_place(nodes, None, parent.as_deref(), &new.label)?;
    let id = fresh();
    let mut node = json!({"nodeId": id, "traitRule": [], "termStatus": true, "preConditions": [], "contextTags": []});
    lay(&mut node, &new, parent.as_deref());
    let name = agent.name(&language).to_owned();
    let tasks = list_mut(&mut package.definition, "knowledgeTasks");
    let task = match at {
        Some(at) => &mut tasks[at],
        None => {
            tasks.push(
                json!({"refId": fresh(), "name": name, "language": language, "isGraph": true,
                "taxonomy": [], "faqs": {"faqs": [], "nodes": [], "synonyms": {}}}),
            );
            tasks.last_mut().expect("it was pushed")
        }
    };
    list_mut(task, "taxonomy").push(node);
    levels(task);
    Ok(id)
}

/// Changes a node, if it is still as it was seen: its words, its weight, or its place. The questions below it go along.
///
/// # Errors
/// Not found; bad input that names each wrong field; somebody else was faster.
pub async fn set(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    id: &str,
    new: New,
    seen: Seen,
) -> Result<()> {
    let what = Edit {
        action: "graph.change",
        details: json!({}),
    };
    let id = id.to_owned();
    draft::edit(ctx, caller, bot, &what, move |package| {
        change_in(package, &id, &new, &seen)
    })
    .await
}

fn change_in(package: &mut Package, id: &str, new: &New, seen: &Seen) -> Result<()> {
    let new = checked(new)?;
    let agent = Agent::from_package(package);
    let (at, node) = find(&agent, id)?;
    seen.check(&state(node))?;
    let nodes = &agent.knowledge[at].nodes;
    let parent = new.parent.clone().or(node.parent.clone());
    if node.parent.is_none() && parent.is_some() {
        let text = "cannot be changed: the root stays at the top";
        return Err(Error::field("parent", text));
    }
    check_place(nodes, Some(id), parent.as_deref(), &new.label)?;
    let owners = owners(&agent.knowledge[at]);
    let task = &mut package.definition["knowledgeTasks"][at];
    let all = list_mut(task, "taxonomy").iter_mut();
    for node in all.filter(|one| one["nodeId"] == *id) {
        lay(node, &new, parent.as_deref());
    }
    levels(task);
    rewrite(package, at, &owners)
}

/// Removes a node, if it is still as it was seen. Its questions and the nodes below it go to the node above.
///
/// # Errors
/// Not found; a conflict for a root; somebody else was faster.
pub async fn remove(ctx: &Ctx, caller: &Caller, bot: &BotId, id: &str, seen: Seen) -> Result<()> {
    let what = Edit {
        action: "graph.remove",
        details: json!({}),
    };
    let id = id.to_owned();
    draft::edit(ctx, caller, bot, &what, move |package| {
        remove_from(package, &id, &seen)
    })
    .await
}

fn remove_from(package: &mut Package, id: &str, seen: &Seen) -> Result<()> {
    let agent = Agent::from_package(package);
    let (at, node) = find(&agent, id)?;
    seen.check(&state(node))?;
    let Some(parent) = node.parent.clone() else {
        return Err(Error::conflict("The root of a graph cannot be removed"));
    };
    let nodes = &agent.knowledge[at].nodes;
    let beside: HashSet<String> = nodes
        .iter()
        .filter(|one| one.parent.as_ref() == Some(&parent) && one.id != id)
        .map(|one| one.label.to_lowercase())
        .collect();
    let below = nodes.iter().filter(|one| one.parent.as_deref() == Some(id));
    if let Some(twin) = below
        .into_iter()
        .find(|one| beside.contains(&one.label.to_lowercase()))
    {
        let text = format!("{} stands in the node above too; rename one", twin.label);
        return Err(Error::conflict(text));
    }
    let mut owners = owners(&agent.knowledge[at]);
    for owner in owners.values_mut().filter(|owner| owner.as_str() == id) {
        owner.clone_from(&parent);
    }
    let task = &mut package.definition["knowledgeTasks"][at];
    let all = list_mut(task, "taxonomy");
    all.retain(|one| one["nodeId"] != *id);
    let children = all.iter_mut().filter(|one| is_below(one, id));
    for child in children {
        child["parent"] = json!([parent]);
    }
    levels(task);
    rewrite(package, at, &owners)
}

fn is_below(node: &Value, id: &str) -> bool {
    let parents = node["parent"].as_array().into_iter().flatten();
    parents.clone().any(|one| one == id) || node["parent"] == *id
}

fn find<'a>(agent: &'a Agent, id: &str) -> Result<(usize, &'a TaxonomyNode)> {
    let all = agent.knowledge.iter().enumerate();
    let mut all = all.flat_map(|(at, task)| task.nodes.iter().map(move |node| (at, node)));
    all.find(|(_, node)| node.id == id)
        .ok_or_else(|| Error::not_found("There is no such node any more"))
}

/// Whether a node may stand under a parent: it is there, is not below the node, has no child of that name, and is not too deep.
fn check_place(
    nodes: &[TaxonomyNode],
    id: Option<&str>,
    parent: Option<&str>,
    label: &str,
) -> Result<()> {
    let by_id: HashMap<&str, &TaxonomyNode> =
        nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut at = parent;
    let mut depth = 0;
    while let Some(one) = at {
        let Some(node) = by_id.get(one) else {
            return Err(Error::field("parent", "is not a node of the graph"));
        };
        if Some(one) == id {
            let text = "must not be the node itself, nor one below it";
            return Err(Error::field("parent", text));
        }
        depth += 1;
        if depth >= DEPTH_MAX {
            let text = format!("a graph has at most {DEPTH_MAX} levels");
            return Err(Error::field("parent", text));
        }
        at = node.parent.as_deref();
    }
    let twin = nodes.iter().any(|node| {
        node.parent.as_deref() == parent
            && Some(node.id.as_str()) != id
            && node.label.to_lowercase() == label.to_lowercase()
    });
    match twin {
        true => Err(Error::field("label", "stands beside it already")),
        false => Ok(()),
    }
}

/// The node of each question that has one, by the question's place in the definition.
fn owners(task: &KnowledgeTask) -> HashMap<usize, String> {
    let paths = paths(task);
    let by_path: HashMap<Vec<&str>, &str> =
        paths.iter().map(|(id, path)| (path.clone(), *id)).collect();
    let all = task.faqs.iter().enumerate();
    let own = all.filter_map(|(at, faq)| {
        let node = by_path.get(&labels(&faq.terms))?;
        Some((at, (*node).to_owned()))
    });
    own.collect()
}

/// Writes the paths of questions anew, after nodes changed.
fn rewrite(package: &mut Package, at: usize, owners: &HashMap<usize, String>) -> Result<()> {
    let agent = Agent::from_package(package);
    let task = &agent.knowledge[at];
    let mut known: HashMap<&str, Value> = HashMap::new();
    let graph = &mut package.definition["knowledgeTasks"][at]["faqs"];
    let all = list_mut(graph, "faqs").iter_mut();
    // the typed view leaves out what has no question
    let asked = all.filter(|entry| {
        let text = entry["question"].as_str().unwrap_or_default();
        !decode(text).trim().is_empty()
    });
    for (number, entry) in asked.enumerate() {
        let Some(node) = owners.get(&number) else {
            continue;
        };
        if !known.contains_key(node.as_str()) {
            known.insert(node, terms(task, node)?);
        }
        let terms = &known[node.as_str()];
        if entry["terms"] == *terms {
            continue;
        }
        entry["terms"] = terms.clone();
        let others = entry.get_mut("alternateQuestions");
        let others = others.and_then(Value::as_array_mut).into_iter().flatten();
        for other in others.filter(|other| other.is_object()) {
            other["terms"] = terms.clone();
        }
    }
    Ok(())
}

fn lay(node: &mut Value, new: &New, parent: Option<&str>) {
    node["label"] = encode_if_needed(&new.label).into();
    node["parent"] = parent.into_iter().collect();
    node["termUsage"] = new.usage.clone().into();
    node["synonyms"] = new
        .synonyms
        .iter()
        .map(|one| encode_if_needed(one))
        .collect();
}

/// Writes how deep each node stands.
fn levels(task: &mut Value) {
    let all = list_mut(task, "taxonomy");
    let id = |node: &Value| node["nodeId"].as_str().unwrap_or_default().to_owned();
    let parents: HashMap<String, String> = all
        .iter()
        .filter_map(|node| Some((id(node), node["parent"][0].as_str()?.to_owned())))
        .collect();
    for node in all {
        let (mut depth, mut at) = (0, id(node));
        while let Some(parent) = parents.get(&at) {
            depth += 1;
            if depth > parents.len() {
                break;
            }
            at.clone_from(parent);
        }
        node["level"] = json!(format!("l{depth}"));
    }
}

fn list_mut<'a>(parent: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    if !parent[name].is_array() {
        parent[name] = json!([]);
    }
    parent[name].as_array_mut().expect("it was made a list")
}

/// What is wrong with a node; its synonyms without blanks and twins.
fn checked(new: &New) -> Result<New> {
    let mut wrong = Vec::new();
    let mut say = |field: String, message: String| wrong.push(Field { field, message });
    let fits = |text: &str| {
        text.chars().count() <= LABEL_MAX
            && !text.chars().any(char::is_control)
            && !text.contains('|')
            && !text.starts_with(['*', '!'])
    };
    // definitions write a path of terms with these marks
    let rule = format!(
        "must be one line of at most {LABEL_MAX} characters without |, and not begin with * or !"
    );
    let label = new.label.trim();
    if label.is_empty() {
        say("label".to_owned(), "must not be empty".to_owned());
    } else if !fits(label) {
        say("label".to_owned(), rule.clone());
    }
    let usage = match new.usage.as_str() {
        "" => "default",
        known => known,
    };
    if !["default", "organizer", "mandatory"].contains(&usage) {
        let text = "must be default, organizer or mandatory";
        say("usage".to_owned(), text.to_owned());
    }
    if new.synonyms.len() > SYNONYMS_MAX {
        let text = format!("must be at most {SYNONYMS_MAX}");
        say("synonyms".to_owned(), text);
    }
    let mut have = HashSet::new();
    let mut synonyms = Vec::new();
    for (at, one) in new.synonyms.iter().enumerate() {
        let one = one.trim();
        if !fits(one) || one.contains('/') {
            say(format!("synonyms[{at}]"), format!("{rule}, nor have a /"));
        }
        if !one.is_empty() && have.insert(one.to_lowercase()) {
            synonyms.push(one.to_owned());
        }
    }
    match wrong.is_empty() {
        true => Ok(New {
            label: label.to_owned(),
            usage: usage.to_owned(),
            synonyms,
            parent: new.parent.clone(),
        }),
        false => Err(Error::fields(wrong)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use types::Kind;

    fn package() -> Package {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/parcel-desk");
        definition::read_path(&path).expect("reads")
    }

    fn new(label: &str) -> New {
        New {
            label: label.to_owned(),
            ..New::default()
        }
    }

    fn put(package: &mut Package, label: &str, parent: Option<&str>) -> String {
        let count = Cell::new(0);
        let fresh = || {
            count.set(count.get() + 1);
            format!("{label}-{}", count.get())
        };
        let mut one = new(label);
        one.parent = parent.map(str::to_owned);
        add_to(package, None, &one, &fresh).expect("adds")
    }

    /// Puts the first question of the sample under a node.
    fn below(package: &mut Package, node: &str) {
        let agent = Agent::from_package(package);
        let terms = terms(&agent.knowledge[0], node).expect("a node");
        package.definition["knowledgeTasks"][0]["faqs"]["faqs"][0]["terms"] = terms;
    }

    fn path(package: &Package) -> Vec<String> {
        let agent = Agent::from_package(package);
        let faq = &agent.knowledge[0].faqs[0];
        labels(&faq.terms).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn questions_go_along_when_a_node_is_renamed_or_moved() {
        let mut package = package();
        let prices = put(&mut package, "Prices", None);
        let abroad = put(&mut package, "Abroad", Some(&prices));
        let other = put(&mut package, "Other", None);
        below(&mut package, &abroad);
        assert_eq!(path(&package), ["Parcel Desk", "Prices", "Abroad"]);
        let any = Seen::default();
        let mut renamed = new("Fees");
        renamed.usage = "mandatory".to_owned();
        renamed.synonyms = vec!["cost".to_owned(), "Cost".to_owned()];
        change_in(&mut package, &prices, &renamed, &any).expect("renames");
        assert_eq!(path(&package), ["Parcel Desk", "Fees", "Abroad"]);
        let raw = &package.definition["knowledgeTasks"][0]["faqs"]["faqs"][0];
        assert_eq!(raw["terms"][1], "**Fees|| || /cost/");
        assert_eq!(raw["alternateQuestions"][0]["terms"], raw["terms"]);
        let mut moved = new("Abroad");
        moved.parent = Some(other);
        change_in(&mut package, &abroad, &moved, &any).expect("moves");
        assert_eq!(path(&package), ["Parcel Desk", "Other", "Abroad"]);
    }

    #[test]
    fn what_a_removed_node_held_goes_to_the_node_above() {
        let mut package = package();
        let prices = put(&mut package, "Prices", None);
        let abroad = put(&mut package, "Abroad", Some(&prices));
        below(&mut package, &abroad);
        remove_from(&mut package, &prices, &Seen::default()).expect("removes");
        assert_eq!(path(&package), ["Parcel Desk", "Abroad"]);
        remove_from(&mut package, &abroad, &Seen::default()).expect("removes");
        assert_eq!(path(&package), ["Parcel Desk"]);
        let root = Agent::from_package(&package).knowledge[0].nodes[0]
            .id
            .clone();
        let error = remove_from(&mut package, &root, &Seen::default()).expect_err("root");
        assert_eq!(error.kind, Kind::Conflict);
    }

    #[test]
    fn a_node_stands_neither_below_itself_nor_beside_its_twin_and_is_changed_only_as_seen() {
        let mut package = package();
        let prices = put(&mut package, "Prices", None);
        let abroad = put(&mut package, "Abroad", Some(&prices));
        let mut circle = new("Prices");
        circle.parent = Some(abroad.clone());
        let any = Seen::default();
        let field = |result: Result<()>| result.expect_err("wrong").fields[0].field.clone();
        assert_eq!(
            field(change_in(&mut package, &prices, &circle, &any)),
            "parent"
        );
        circle.parent = Some("nobody".to_owned());
        assert_eq!(
            field(change_in(&mut package, &prices, &circle, &any)),
            "parent"
        );
        let mut twin = new("prices");
        twin.parent = Agent::from_package(&package).knowledge[0].nodes[0]
            .id
            .clone()
            .into();
        assert_eq!(
            field(change_in(&mut package, &abroad, &twin, &any)),
            "label"
        );
        assert_eq!(
            field(change_in(&mut package, &abroad, &new("a|b"), &any)),
            "label"
        );
        let old = Seen(Some("old".to_owned()));
        let late = change_in(&mut package, &abroad, &new("Far"), &old);
        assert_eq!(late.expect_err("late").kind, Kind::Conflict);
    }
}
