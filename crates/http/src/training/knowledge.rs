//! The knowledge graph to look at: `getKnowledgeTasks`, `getFaqs`, `getFaqsV2`.

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
    training::{
        faq_answer,
        knowledge::{self, Graph, Node, Wanted},
    },
};
use std::collections::{HashMap, HashSet};
use types::{Error, Field, Result, id::BotId};
use utoipa::{IntoParams, ToSchema};

/// Questions of a page, when no number is given and at most.
const PAGE: usize = 50;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $id:literal;)*) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Operation for $name {
            const ID: &'static str = $id;
        }
        impl Shared for $name {
            const PERMISSION: Permission = Permission::View;
        }
    )*};
}
operations! {
    /// Shows the knowledge graphs of an agent.
    GetKnowledgeTasks = "getKnowledgeTasks";
    /// Lists questions of a knowledge graph.
    GetFaqs = "getFaqs";
    /// Lists questions of a copy of an agent.
    GetFaqsV2 = "getFaqsV2";
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

/// Which questions of a graph.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqQuery {
    /// Id of the knowledge task, which tells the copy too.
    #[param(rename = "ktId", example = "b1a92971-64fc-5ba2-b53b-1845848ba6b1")]
    kt_id: String,
    /// Questions to answer; 50 when missing.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
    /// Questions to skip; 0 when missing.
    #[param(minimum = 0)]
    offset: Option<u32>,
    /// Id of a node: its questions only.
    #[param(rename = "parentId")]
    parent_id: Option<String>,
    /// And those of the nodes below it.
    withallchild: Option<bool>,
    /// `all`.
    #[param(rename = "type")]
    kind: Option<String>,
    /// Language code.
    #[param(example = "en")]
    language: String,
    /// Reference id, or a part of the display name.
    search: Option<String>,
}

/// Which questions of a copy.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqV2Query {
    /// `configured` for the draft, `published` for the copy in force; case does not count.
    #[param(example = "configured")]
    state: String,
    /// Questions to answer; 50 when missing.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
    /// Questions to skip; 0 when missing.
    #[param(minimum = 0)]
    offset: Option<u32>,
    /// Label or id of a node: its questions only.
    #[param(rename = "nodeName")]
    node_name: Option<String>,
    /// And those of the nodes below it.
    withallchild: Option<bool>,
    /// `all`.
    #[param(rename = "type")]
    kind: Option<String>,
    /// Language code.
    #[param(example = "en")]
    language: String,
    /// Reference id, or a part of the display name.
    search: Option<String>,
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

/// A page of questions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FaqPageOut {
    faqs: Vec<FaqOut>,
    /// There are more after these.
    more_available: bool,
    /// All that match.
    count: usize,
}

/// A question with its tags.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FaqQuestionOut {
    /// As it was written.
    question: String,
    /// Each with a `name`.
    #[schema(value_type = Vec<Object>)]
    tags_payload: Vec<Value>,
}

/// A question with its answers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FaqOut {
    #[serde(rename = "_id")]
    id: String,
    /// The agent.
    #[schema(value_type = String)]
    stream_id: BotId,
    conditional_resp: bool,
    question_payload: FaqQuestionOut,
    /// `message` or `dialog`.
    response_type: String,
    /// More than one: all are sent.
    answer_payload: Vec<FaqAnswerOut>,
    /// Other ways to ask.
    sub_questions: Vec<FaqQuestionOut>,
    /// Other answers, each a list of its parts.
    #[schema(value_type = Vec<Vec<Object>>)]
    sub_answers: Vec<Value>,
    /// Id of its node.
    parent: String,
    /// Label of its node.
    leafterm: String,
    /// ISO-8601, of the copy.
    created_on: String,
    created_by: String,
    /// ISO-8601, of the copy.
    modified_on: String,
    last_modified_by: String,
    /// Name of the agent.
    bot_name: String,
    knowledge_task_id: String,
    /// Milliseconds; a later question has a larger one.
    sort_id: i64,
    language: String,
    /// It is offered.
    faq_status: bool,
    edit_locked: bool,
    /// The published copy has it.
    is_published: bool,
    /// As in exports.
    ref_id: String,
    /// Of its source outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference_id: Option<String>,
    /// Display name.
    label: String,
    faq_linked_by: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faq_linked_to: Option<String>,
    /// Labels from the root to its node.
    full_path: Vec<String>,
    #[serde(rename = "__v")]
    revision: u8,
}

/// A part of an answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FaqAnswerOut {
    /// As it was written, percent-encoded or not.
    text: String,
    /// `basic` for text, `advance` for a script.
    #[serde(rename = "type")]
    kind: String,
    channel: String,
    #[serde(rename = "_id")]
    id: String,
    #[schema(value_type = String)]
    stream_id: BotId,
    created_by: String,
    /// As JavaScript prints a date.
    created_on: String,
    l_mod_by: String,
    /// As JavaScript prints a date.
    l_mod: String,
}

fn text(raw: &Value, key: &str) -> String {
    raw[key].as_str().unwrap_or_default().to_owned()
}

fn texts(raw: &Value, key: &str) -> Vec<String> {
    let list = raw[key].as_array().into_iter().flatten();
    list.filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

fn on(raw: &Value, key: &str, default: bool) -> bool {
    match &raw[key] {
        Value::Bool(flag) => *flag,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => default,
    }
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

/// Parameters of a query, so that every wrong one is named; an empty one counts as missing.
pub(super) struct Asked<'a> {
    query: &'a HashMap<String, String>,
    wrong: Vec<Field>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(query: &'a HashMap<String, String>) -> Self {
        Self {
            query,
            wrong: Vec::new(),
        }
    }

    fn wrong(&mut self, name: &str, message: String) {
        self.wrong.push(Field {
            field: name.to_owned(),
            message,
        });
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = self.query.get(name).map(|text| text.trim());
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub(super) fn required(&mut self, name: &str) -> String {
        let text = self.text(name);
        if text.is_none() {
            self.wrong(name, "is required".to_owned());
        }
        text.unwrap_or_default()
    }

    pub(super) fn number(
        &mut self,
        name: &str,
        least: usize,
        most: usize,
        default: usize,
    ) -> usize {
        let Some(text) = self.text(name) else {
            return default;
        };
        match text.parse().ok().filter(|n| (least..=most).contains(n)) {
            Some(number) => number,
            None => {
                let range = match most {
                    usize::MAX => format!("must be a whole number from {least}"),
                    most => format!("must be a whole number from {least} to {most}"),
                };
                self.wrong(name, range);
                default
            }
        }
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.text(name).map(|text| text.to_lowercase()).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                self.wrong(name, "must be true or false".to_owned());
                false
            }
        }
    }

    /// `state`: whether the published copy is meant.
    pub(super) fn published(&mut self, default: Option<&str>) -> bool {
        let state = self.text("state").or_else(|| default.map(str::to_owned));
        match state.map(|text| text.to_lowercase()).as_deref() {
            Some("configured") => false,
            Some("published") => true,
            Some(_) => {
                self.wrong("state", "must be configured or published".to_owned());
                false
            }
            None => {
                self.wrong("state", "is required".to_owned());
                false
            }
        }
    }

    fn wanted(&mut self, node: &str) -> Wanted {
        if self.text("type").is_some_and(|kind| kind != "all") {
            self.wrong("type", "must be all".to_owned());
        }
        Wanted {
            language: self.required("language"),
            node: self.text(node),
            by_label: false,
            deep: self.flag("withallchild"),
            search: self.text("search"),
            offset: self.number("offset", 0, usize::MAX, 0),
            limit: self.number("limit", 1, PAGE, PAGE),
        }
    }

    pub(super) fn done(self) -> Result<()> {
        match self.wrong.is_empty() {
            true => Ok(()),
            false => Err(Error::fields(self.wrong)),
        }
    }
}

/// Lists questions of a knowledge graph, of all of it or of a node.
///
/// # Errors
/// Bad input that names each wrong parameter; no such knowledge task.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(FaqQuery),
    responses((status = 200, description = "The questions", body = FaqPageOut, example = json!({"faqs": [{
        "_id": "faq-0a1b2c3d4e5f60718293a4b5c6d7e8f9", "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "conditionalResp": false,
        "questionPayload": {"question": "Is my parcel insured", "tagsPayload": []}, "responseType": "message",
        "answerPayload": [{"text": "Every parcel is insured up to 500 euros.", "type": "basic", "channel": "default",
        "_id": "ans-718be5cc-e96a-5ff9-a973-b3f07134fc40.0a1b2c3d4e5f60718293a4b5c6d7e8f9.0", "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "createdOn": "Tue Feb 03 2026 09:15:00 GMT+0000 (Coordinated Universal Time)",
        "lModBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "lMod": "Tue Feb 03 2026 09:15:00 GMT+0000 (Coordinated Universal Time)"}],
        "subQuestions": [{"question": "what does the insurance cover", "tagsPayload": []}], "subAnswers": [],
        "parent": "d35734c6-1437-5d50-9091-2dacad695cb8", "leafterm": "Parcel Desk", "createdOn": "2026-02-03T09:15:00.000Z",
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "modifiedOn": "2026-02-03T09:15:00.000Z",
        "lastModifiedBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "botName": "Parcel Desk",
        "knowledgeTaskId": "b1a92971-64fc-5ba2-b53b-1845848ba6b1", "sortId": 1770110100, "language": "en", "faqStatus": true,
        "editLocked": false, "isPublished": false, "refId": "13be1c73-b19c-5d85-848b-c636e4e52895", "label": "Is my parcel insured",
        "faqLinkedBy": [], "fullPath": ["Parcel Desk"], "__v": 0}], "moreAvailable": true, "count": 8}))),
)]
pub async fn faqs(
    State(ctx): State<Ctx>,
    allowed: Either<GetFaqs>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<FaqPageOut>, Public> {
    let mut asked = Asked::new(&query);
    let task = asked.required("ktId");
    let wanted = asked.wanted("parentId");
    asked.done()?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let page = knowledge::list(&ctx, caller, bot, &task, &wanted).await?;
    Ok(Json(page_out(bot, &page, &wanted)?))
}

/// Lists questions of a copy of an agent, of all of it or of a node.
///
/// # Errors
/// Bad input that names each wrong parameter; the agent is not published.
#[utoipa::path(
    get,
    path = "/",
    tag = "training",
    params(FaqV2Query),
    responses((status = 200, description = "The questions", body = FaqPageOut, example = json!({"faqs": [], "moreAvailable": false, "count": 0}))),
)]
pub async fn faqs_v2(
    State(ctx): State<Ctx>,
    allowed: Either<GetFaqsV2>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<FaqPageOut>, Public> {
    let mut asked = Asked::new(&query);
    let published = asked.published(None);
    let mut wanted = asked.wanted("nodeName");
    wanted.by_label = true;
    asked.done()?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let page = knowledge::list_of_copy(&ctx, caller, bot, published, &wanted).await?;
    Ok(Json(page_out(bot, &page, &wanted)?))
}

fn page_out(bot: &BotId, page: &knowledge::Page, wanted: &Wanted) -> Result<FaqPageOut> {
    let shown = page.faqs.len();
    let faqs = page
        .faqs
        .iter()
        .map(|place| faq_out(bot, &page.graph, *place));
    Ok(FaqPageOut {
        faqs: faqs.collect::<Result<_>>()?,
        more_available: shown > 0 && wanted.offset.saturating_add(shown) < page.count,
        count: page.count,
    })
}

fn question_out(raw: &Value) -> FaqQuestionOut {
    let tags = raw["tags"].as_array().into_iter().flatten();
    let tag = |tag: &Value| match tag {
        Value::String(name) => json!({"name": name}),
        other => other.clone(),
    };
    FaqQuestionOut {
        question: match raw {
            Value::String(text) => text.clone(),
            raw => text(raw, "question"),
        },
        tags_payload: tags.map(tag).collect(),
    }
}

fn faq_out(bot: &BotId, graph: &Graph, place: usize) -> Result<FaqOut> {
    let faq = &graph.faqs[place];
    let raw = &faq.raw;
    let node = faq.node.map(|node| &graph.nodes[node]);
    let list = |key: &str| raw[key].as_array().cloned().unwrap_or_default();
    let given = |key: &str| Some(text(raw, key)).filter(|text| !text.is_empty());
    let path = faq.node.map_or(Vec::new(), |node| graph.path(node));
    Ok(FaqOut {
        id: faq.id.clone(),
        stream_id: bot.clone(),
        conditional_resp: on(raw, "conditionalResp", false),
        question_payload: question_out(raw),
        response_type: given("responseType").unwrap_or_else(|| "message".to_owned()),
        answer_payload: answers_out(bot, graph, place)?,
        sub_questions: list("alternateQuestions")
            .iter()
            .map(question_out)
            .collect(),
        sub_answers: list("alternateAnswers")
            .into_iter()
            .map(|one| if one.is_array() { one } else { json!([one]) })
            .collect(),
        parent: node.map(|node| node.id.clone()).unwrap_or_default(),
        leafterm: node.map(|node| node.label.clone()).unwrap_or_default(),
        created_on: iso(graph.created_at),
        created_by: graph.author.clone(),
        modified_on: iso(graph.updated_at),
        last_modified_by: graph.author.clone(),
        bot_name: graph.agent.clone(),
        knowledge_task_id: graph.id.clone(),
        sort_id: graph.created_at + i64::try_from(place).unwrap_or(0),
        language: graph.language.clone(),
        faq_status: on(raw, "faqStatus", true),
        edit_locked: on(raw, "editLocked", false),
        is_published: faq.published,
        ref_id: text(raw, "refId"),
        reference_id: given("referenceId"),
        label: given("label").unwrap_or_else(|| text(raw, "question")),
        faq_linked_by: texts(raw, "faqLinkedBy"),
        faq_linked_to: given("faqLinkedTo"),
        full_path: path.into_iter().map(str::to_owned).collect(),
        revision: 0,
    })
}

fn answers_out(bot: &BotId, graph: &Graph, place: usize) -> Result<Vec<FaqAnswerOut>> {
    let faq = &graph.faqs[place];
    let parts = match &faq.raw["answer"] {
        Value::Array(parts) => parts.clone(),
        Value::String(text) => vec![json!({"text": text})],
        _ => Vec::new(),
    };
    let or = |raw: &Value, key: &str, default: &str| {
        let given = Some(text(raw, key)).filter(|text| !text.is_empty());
        given.unwrap_or_else(|| default.to_owned())
    };
    let (made, changed) = (
        script_date(graph.created_at)?,
        script_date(graph.updated_at)?,
    );
    let part = |(n, raw): (usize, &Value)| FaqAnswerOut {
        text: text(raw, "text"),
        kind: or(raw, "type", "basic"),
        channel: or(raw, "channel", "default"),
        id: faq_answer::id(bot, &faq.id, n),
        stream_id: bot.clone(),
        created_by: graph.author.clone(),
        created_on: made.clone(),
        l_mod_by: graph.author.clone(),
        l_mod: changed.clone(),
    };
    Ok(parts.iter().enumerate().map(part).collect())
}

/// A time as `new Date()` prints it in UTC.
fn script_date(ms: i64) -> Result<String> {
    let time = jiff::Timestamp::from_millisecond(ms).map_err(Error::internal)?;
    let text = time.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)");
    Ok(text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_answers_look_as_scripts_print_them() {
        let text = script_date(1_770_110_100_000).expect("a time");
        assert_eq!(
            text,
            "Tue Feb 03 2026 09:15:00 GMT+0000 (Coordinated Universal Time)"
        );
    }

    #[test]
    fn every_wrong_parameter_is_named_and_an_empty_one_is_missing() {
        let query = HashMap::from(
            [
                ("limit", "51"),
                ("offset", "-1"),
                ("withallchild", "maybe"),
                ("type", "one"),
                ("parentId", ""),
                ("state", "PUBLISHED"),
            ]
            .map(|(k, v)| (k.to_owned(), v.to_owned())),
        );
        let mut asked = Asked::new(&query);
        assert!(asked.published(None));
        assert_eq!(asked.wanted("parentId").node, None);
        let fields = asked.done().expect_err("wrong").fields;
        let named: Vec<_> = fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            named,
            ["type", "language", "withallchild", "offset", "limit"]
        );
    }
}
