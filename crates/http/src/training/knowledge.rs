//! The knowledge graph to look at: `getKnowledgeTasks`.

use super::{
    asked::Asked,
    raw::{on, texts},
};
use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    error::Public,
};
use axum::{
    Json,
    extract::{Query, State},
};
use serde::Serialize;
use serde_json::{Value, json};
use service::{
    Ctx,
    console::permission::Permission,
    training::knowledge::{self, Graph, Node},
};
use std::collections::{HashMap, HashSet};
use types::{Result, id::BotId};
use utoipa::{IntoParams, ToSchema};

/// Shows the knowledge graphs of an agent.
pub struct GetKnowledgeTasks;

impl Operation for GetKnowledgeTasks {
    const ID: &'static str = "getKnowledgeTasks";
}

impl Shared for GetKnowledgeTasks {
    const PERMISSION: Permission = Permission::View;
}

/// Which graphs.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct KnowledgeTaskQuery {
    /// Language code.
    #[param(example = "en")]
    language: String,
    /// `configured` (the default) for the draft, `published` for the copy in force.
    #[param(example = "configured")]
    state: Option<String>,
}

/// A knowledge graph.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KnowledgeTaskOut {
    /// Differs between draft and published copy.
    #[serde(rename = "_id")]
    id: String,
    /// ISO-8601.
    created_on: String,
    /// ISO-8601.
    modified_on: String,
    /// ISO-8601, of a published copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_on: Option<String>,
    /// `configured` or `published`.
    state: &'static str,
    /// The draft can be changed.
    editable: bool,
    /// Nodes, each after its parent.
    taxonomy: Vec<KnowledgeNodeOut>,
    /// Ids of nodes that the published copy lacks.
    nodes_to_publish: Vec<String>,
    /// Ids of nodes that the published copy has and the draft lacks.
    deleted_nodes_to_publish: Vec<String>,
    /// A root is among the nodes to publish.
    publish_root: bool,
    /// Number of the published copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// What was said when it was published.
    version_comment: Option<String>,
    /// Always `active`: there is no approval.
    admin_task_status: &'static str,
    name: String,
    description: String,
    is_graph: bool,
    visibility: VisibilityOut,
    /// The agent.
    #[schema(value_type = String)]
    stream_id: BotId,
    metadata: KnowledgeMetadataOut,
    created_by: String,
    last_modified_by: String,
    /// Name of the agent.
    bot_name: String,
    language: String,
    /// As in exports.
    ref_id: String,
    /// Of a published copy, the draft's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    #[serde(rename = "_resolve")]
    resolve: Vec<String>,
    lock: LockOut,
    /// Trait rules on nodes.
    trait_count: usize,
    faq_count: usize,
    #[serde(rename = "__v")]
    revision: u8,
}

/// Who sees a knowledge graph.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VisibilityOut {
    /// Always `private`.
    namespace: &'static str,
    namespace_ids: Vec<String>,
}

/// Whether somebody holds the graph.
#[derive(Debug, Serialize, ToSchema)]
pub struct LockOut {
    /// Always the text `false`: edits do not lock.
    islocked: &'static str,
}

/// The same nodes as a tree.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgeMetadataOut {
    /// Roots.
    taxonomy: Vec<NestedNodeOut>,
}

/// A node in a tree.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NestedNodeOut {
    node_id: String,
    label: String,
    /// Always `node`.
    class: &'static str,
    /// `l0` for a root, then `l1`, …
    level: String,
    /// Id of the node over it.
    parent: Vec<String>,
    synonyms: Vec<String>,
    /// Nodes below it, in this form.
    #[schema(no_recursion)]
    nodes: Vec<NestedNodeOut>,
}

/// A node.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KnowledgeNodeOut {
    node_id: String,
    label: String,
    /// `l0` for a root, then `l1`, …
    level: String,
    /// Id of the node over it; none for a root.
    parent: Vec<String>,
    /// Other words.
    synonyms: Vec<String>,
    is_dummy: bool,
    edit_locked: bool,
    /// Questions right under it.
    faq_count: usize,
    /// `default`, `mandatory` or `organizer`.
    term_usage: &'static str,
    term_status: bool,
    /// Context tags that must be there.
    pre_conditions: Vec<String>,
    /// Context tags that it leaves.
    context_tags: Vec<String>,
    enable_context: bool,
    /// Traits that must be found.
    trait_rule: Vec<Vec<String>>,
}

/// Shows the knowledge graphs of an agent in a language with their nodes.
///
/// # Errors
/// Bad input on `language` or `state`; the agent is not published.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(KnowledgeTaskQuery),
    responses((status = 200, description = "The knowledge graphs; none when the language has none", body = Vec<KnowledgeTaskOut>, example = json!([{
        "_id": "b1a92971-64fc-5ba2-b53b-1845848ba6b1", "createdOn": "2026-02-03T09:15:00.000Z", "modifiedOn": "2026-02-03T09:15:00.000Z",
        "state": "configured", "editable": true, "taxonomy": [{"nodeId": "d35734c6-1437-5d50-9091-2dacad695cb8", "label": "Parcel Desk", "level": "l0",
        "parent": [], "synonyms": [], "isDummy": false, "editLocked": false, "faqCount": 8, "termUsage": "organizer", "termStatus": true,
        "preConditions": [], "contextTags": [], "enableContext": false, "traitRule": []}], "nodesToPublish": [], "deletedNodesToPublish": [],
        "publishRoot": false, "versionComment": null, "adminTaskStatus": "active", "name": "Parcel Desk", "description": "", "isGraph": true,
        "visibility": {"namespace": "private", "namespaceIds": []}, "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
        "metadata": {"taxonomy": [{"nodeId": "d35734c6-1437-5d50-9091-2dacad695cb8", "label": "Parcel Desk", "class": "node", "level": "l0",
        "parent": [], "synonyms": [], "nodes": []}]}, "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e",
        "lastModifiedBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "botName": "Parcel Desk", "language": "en",
        "refId": "b1a92971-64fc-5ba2-b53b-1845848ba6b1", "_resolve": [], "lock": {"islocked": "false"}, "traitCount": 0, "faqCount": 8, "__v": 0}]))),
)]
pub async fn tasks(
    State(ctx): State<Ctx>,
    allowed: Either<GetKnowledgeTasks>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Vec<KnowledgeTaskOut>>, Public> {
    let mut asked = Asked::new(&query);
    let language = asked.required("language");
    let published = asked.published(Some("configured"));
    asked.done()?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    knowledge::speaks(&ctx, caller, bot, &language).await?;
    let mut graphs = knowledge::tasks(&ctx, caller, bot, published).await?;
    graphs.retain(|graph| graph.language == language);
    let row = service::definition::get(&ctx, caller, bot).await?;
    let other = match row.published.is_some() && !published {
        true => knowledge::tasks(&ctx, caller, bot, true).await?,
        false => Vec::new(),
    };
    let out = graphs.iter().map(|graph| {
        let before = other.iter().find(|o| o.draft_id == graph.draft_id);
        task_out(bot, graph, before)
    });
    Ok(Json(out.collect()))
}

fn task_out(bot: &BotId, graph: &Graph, published: Option<&Graph>) -> KnowledgeTaskOut {
    let ids = |graph: &Graph| -> HashSet<String> {
        graph.nodes.iter().map(|node| node.id.clone()).collect()
    };
    let (own, theirs) = (ids(graph), published.map(&ids).unwrap_or_default());
    let new = |node: &&Node| !graph.published && !theirs.contains(&node.id);
    let gone = published.into_iter().flat_map(|graph| &graph.nodes);
    KnowledgeTaskOut {
        id: graph.id.clone(),
        created_on: iso(graph.created_at),
        modified_on: iso(graph.updated_at),
        published_on: graph.published.then(|| iso(graph.updated_at)),
        state: if graph.published {
            "published"
        } else {
            "configured"
        },
        editable: !graph.published,
        taxonomy: (0..graph.nodes.len()).map(|n| node_out(graph, n)).collect(),
        nodes_to_publish: graph
            .nodes
            .iter()
            .filter(new)
            .map(|n| n.id.clone())
            .collect(),
        deleted_nodes_to_publish: gone
            .filter(|node| !own.contains(&node.id))
            .map(|node| node.id.clone())
            .collect(),
        publish_root: graph.nodes.iter().filter(new).any(|n| n.parent.is_none()),
        version: graph.version.as_ref().map(|(number, _)| number.to_string()),
        version_comment: graph.version.as_ref().map(|(_, comment)| comment.clone()),
        admin_task_status: "active",
        name: graph.name.clone(),
        description: graph.description.clone(),
        is_graph: true,
        visibility: VisibilityOut {
            namespace: "private",
            namespace_ids: Vec::new(),
        },
        stream_id: bot.clone(),
        metadata: KnowledgeMetadataOut {
            taxonomy: nested(graph),
        },
        created_by: graph.author.clone(),
        last_modified_by: graph.author.clone(),
        bot_name: graph.agent.clone(),
        language: graph.language.clone(),
        ref_id: graph.ref_id.clone(),
        parent_id: graph.published.then(|| graph.draft_id.clone()),
        resolve: Vec::new(),
        lock: LockOut { islocked: "false" },
        trait_count: graph.traits,
        faq_count: graph.faqs.len(),
        revision: 0,
    }
}

fn parent_of(graph: &Graph, node: &Node) -> Vec<String> {
    let parent = node.parent.map(|parent| graph.nodes[parent].id.clone());
    parent.into_iter().collect()
}

fn node_out(graph: &Graph, place: usize) -> KnowledgeNodeOut {
    let node = &graph.nodes[place];
    let rules = node.raw["traitRule"].as_array().into_iter().flatten();
    let rule = |rule: &Value| texts(&json!({"rule": rule}), "rule");
    KnowledgeNodeOut {
        node_id: node.id.clone(),
        label: node.label.clone(),
        level: format!("l{}", node.depth),
        parent: parent_of(graph, node),
        synonyms: node.synonyms.clone(),
        is_dummy: on(&node.raw, "isDummy", false),
        edit_locked: on(&node.raw, "editLocked", false),
        faq_count: node.faqs,
        term_usage: node.usage_word(),
        term_status: on(&node.raw, "termStatus", true),
        pre_conditions: texts(&node.raw, "preConditions"),
        context_tags: texts(&node.raw, "contextTags"),
        enable_context: on(&node.raw, "enableContext", false),
        trait_rule: rules.map(rule).collect(),
    }
}

/// The nodes as trees: parents stand before their children, so children are hung up from the end.
fn nested(graph: &Graph) -> Vec<NestedNodeOut> {
    let mut below: Vec<Vec<NestedNodeOut>> = graph.nodes.iter().map(|_| Vec::new()).collect();
    let mut roots = Vec::new();
    for (place, node) in graph.nodes.iter().enumerate().rev() {
        let mut nodes = std::mem::take(&mut below[place]);
        nodes.reverse();
        let out = NestedNodeOut {
            node_id: node.id.clone(),
            label: node.label.clone(),
            class: "node",
            level: format!("l{}", node.depth),
            parent: parent_of(graph, node),
            synonyms: node.synonyms.clone(),
            nodes,
        };
        match node.parent {
            Some(parent) => below[parent].push(out),
            None => roots.push(out),
        }
    }
    roots.reverse();
    roots
}
