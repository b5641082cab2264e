//! The questions of a knowledge graph, to look at: `getFaqs`, `getFaqsV2`.

use super::{
    asked::Asked,
    raw::{on, text, texts},
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
    training::{
        faq_answer,
        knowledge::{self, Graph, Wanted},
    },
};
use std::collections::HashMap;
use types::{Error, Result, id::BotId};
use utoipa::{IntoParams, ToSchema};

/// Questions of a page, when no number is given and at most.
const PAGE: usize = 50;

/// Lists questions of a knowledge graph.
pub struct GetFaqs;

impl Operation for GetFaqs {
    const ID: &'static str = "getFaqs";
}

impl Shared for GetFaqs {
    const PERMISSION: Permission = Permission::View;
}

/// Lists questions of a copy of an agent.
pub struct GetFaqsV2;

impl Operation for GetFaqsV2 {
    const ID: &'static str = "getFaqsV2";
}

impl Shared for GetFaqsV2 {
    const PERMISSION: Permission = Permission::View;
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
    let wanted = wanted(&mut asked, "parentId");
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
    let mut wanted = wanted(&mut asked, "nodeName");
    wanted.by_label = true;
    asked.done()?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let page = knowledge::list_of_copy(&ctx, caller, bot, published, &wanted).await?;
    Ok(Json(page_out(bot, &page, &wanted)?))
}

/// Which questions a request asks for. `node` is the parameter that names a node.
fn wanted(asked: &mut Asked<'_>, node: &str) -> Wanted {
    if asked.text("type").is_some_and(|kind| kind != "all") {
        asked.wrong("type", "must be all".to_owned());
    }
    Wanted {
        language: asked.required("language"),
        node: asked.text(node),
        by_label: false,
        deep: asked.flag("withallchild"),
        search: asked.text("search"),
        offset: asked.number("offset", 0, usize::MAX, 0),
        limit: asked.number("limit", 1, PAGE, PAGE),
    }
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
        assert_eq!(wanted(&mut asked, "parentId").node, None);
        let fields = asked.done().expect_err("wrong").fields;
        let named: Vec<_> = fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            named,
            ["type", "language", "withallchild", "offset", "limit"]
        );
    }
}
