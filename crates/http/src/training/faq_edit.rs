//! Questions put into the knowledge graph and changed there: `addFaqsBulk`, `updateFaqs`.

use super::asked::Asked;
use crate::{
    auth::{AllowedAccount, Either, Operation, Shared},
    error::Public,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
};
use serde::Serialize;
use serde_json::{Map, Value};
use service::{
    Ctx,
    console::permission::Permission,
    training::faq::{self, Answer, Change, NewFaq, Outcome, Path, Question},
};
use std::collections::HashMap;
use types::{
    Error, Field, Kind, Result, codes,
    id::BotId,
    limit::{Limit, Per},
};
use utoipa::{IntoParams, ToSchema};

/// Changes of one request at most (ours).
const CHANGES_MAX: usize = 1_000;

/// Adds questions to a knowledge graph.
pub struct AddFaqsBulk;

impl Operation for AddFaqsBulk {
    const ID: &'static str = "addFaqsBulk";
}

impl Shared for AddFaqsBulk {
    const PERMISSION: Permission = Permission::Agents;
}

/// Changes answers and states of questions of one agent.
pub struct UpdateFaqs;

impl Operation for UpdateFaqs {
    const ID: &'static str = "updateFaqs";
}

impl Shared for UpdateFaqs {
    const PERMISSION: Permission = Permission::Agents;
}

/// The same for agents of the account.
pub struct UpdateFaqsOfAccount;

impl Operation for UpdateFaqsOfAccount {
    const ID: &'static str = "updateFaqsOfAccount";
    const LIMIT: Limit = Limit {
        per: Per::Account,
        ..types::limit::DEFAULT
    };
}

/// In which language.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqLanguageQuery {
    /// Language code.
    #[param(example = "en")]
    language: String,
}

/// Questions to be added.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqsBulkIn {
    /// All are added or none.
    #[schema(min_items = 1)]
    faqs: Vec<FaqBulkIn>,
}

/// A question to be added.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqBulkIn {
    question_payload: FaqQuestionIn,
    /// More than one: all are sent. For `dialog` without `dialogRefId` the first text names the dialog by its `refId`.
    #[schema(min_items = 1)]
    answer_payload: Vec<FaqAnswerIn>,
    /// The knowledge task of the draft.
    knowledge_task_id: String,
    /// Other ways to ask; `||` in front makes a pattern.
    sub_questions: Option<Vec<FaqQuestionIn>>,
    /// `message`, or `dialog`, which runs a dialog.
    response_type: String,
    /// `refId` of the dialog to run.
    dialog_ref_id: Option<String>,
    /// Other answers, of which one is picked: texts, answers, or lists of answers that are sent together.
    sub_answers: Option<Vec<Value>>,
    /// The agent.
    stream_id: String,
    /// Id of the node.
    parent: String,
    /// Label of the node.
    leafterm: String,
    /// Id of the extracted question that it comes from.
    qs_id: Option<String>,
}

/// A question with its tags.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqQuestionIn {
    /// At most 3,000 characters.
    question: String,
    /// Names, or objects with a `name`.
    tags_payload: Option<Vec<Value>>,
}

/// A part of an answer.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqAnswerIn {
    /// Text or script; may be percent-encoded and comes back as it was.
    text: String,
    /// `basic` for text, `advance` for a script.
    #[schema(rename = "type")]
    kind: String,
    /// `default`, or a channel such as `rtm`.
    channel: Option<String>,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaqsAddedOut {
    /// Always `success`.
    status: &'static str,
}

/// Changes of questions.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqUpdatesIn {
    /// Each counts alone.
    #[schema(min_items = 1, max_items = 1000)]
    payload: Vec<FaqUpdateIn>,
}

/// One change.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqUpdateIn {
    query: FaqUpdateQueryIn,
    update: FaqUpdateFieldsIn,
}

/// Which question is meant.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqUpdateQueryIn {
    /// Language code.
    language: String,
    /// Labels on the way to it, as a list or in one text with `/`, `>` or a comma between them. This or `referenceId`.
    faq_path: Option<Value>,
    /// Its reference id, or its `refId`.
    reference_id: Option<String>,
    primary_question: String,
    /// The agent, where the path of the operation has none.
    bot_id: Option<String>,
}

/// What is changed; at least one.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what the handler takes")]
pub struct FaqUpdateFieldsIn {
    /// Replaces the answer for its channel.
    primary_response: Option<FaqAnswerIn>,
    /// Replaces what is sent after the answer.
    extended_responses: Option<Vec<FaqAnswerIn>>,
    /// Replaces the other answers, of which one is picked.
    alternate_responses: Option<Vec<Value>>,
    /// Whether it is offered.
    faq_status: Option<bool>,
}

/// What became of a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaqUpdateOut {
    /// `success` or `failed`.
    status: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FaqUpdateErrorOut>>,
}

/// Why a change failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaqUpdateErrorOut {
    msg: String,
    code: u16,
}

/// A place in a body, with what is wrong gathered under its name.
struct Place<'a> {
    members: Map<String, Value>,
    name: String,
    wrong: &'a mut Vec<Field>,
}

impl<'a> Place<'a> {
    fn of(value: &Value, name: String, wrong: &'a mut Vec<Field>) -> Self {
        let members = match value {
            Value::Object(members) => members.clone(),
            _ => {
                let message = "must be an object".to_owned();
                wrong.push(Field {
                    field: name.clone(),
                    message,
                });
                Map::new()
            }
        };
        Self {
            members,
            name,
            wrong,
        }
    }

    fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.wrong.push(Field {
            field: format!("{}.{name}", self.name),
            message: message.into(),
        });
    }

    fn value(&self, name: &str) -> Option<Value> {
        self.members.get(name).filter(|v| !v.is_null()).cloned()
    }

    /// A text; an empty one counts as missing.
    fn text(&mut self, name: &str, required: bool) -> Option<String> {
        match self.value(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            None | Some(Value::String(_)) => {
                if required {
                    self.wrong(name, "is required");
                }
                None
            }
            Some(_) => {
                self.wrong(name, "must be a text");
                None
            }
        }
    }

    fn list(&mut self, name: &str, required: bool) -> Vec<Value> {
        match self.value(name) {
            Some(Value::Array(list)) if !required || !list.is_empty() => list,
            None if !required => Vec::new(),
            None | Some(Value::Array(_)) => {
                self.wrong(name, "must be a list of at least one");
                Vec::new()
            }
            Some(_) => {
                self.wrong(name, "must be a list");
                Vec::new()
            }
        }
    }

    fn under(&mut self, name: &str) -> Place<'_> {
        let value = self.value(name).unwrap_or(Value::Null);
        Place::of(&value, format!("{}.{name}", self.name), self.wrong)
    }

    /// A question under a name, or this place itself as one.
    fn question(&mut self) -> Question {
        let text = self.text("question", true).unwrap_or_default();
        let mut tags = Vec::new();
        for tag in self.list("tagsPayload", false) {
            let name = match &tag {
                Value::String(name) => Some(name.as_str()),
                other => other["name"].as_str(),
            };
            match name.map(str::trim).filter(|name| !name.is_empty()) {
                Some(name) => tags.push(name.to_owned()),
                None => self.wrong(
                    "tagsPayload",
                    "each must be a name or an object with a name",
                ),
            }
        }
        Question { text, tags }
    }

    fn answer(&mut self) -> Answer {
        // the text comes back as it was sent, so nothing is cut off
        let text = match self.value("text") {
            Some(Value::String(text)) if !text.trim().is_empty() => text,
            _ => {
                self.wrong("text", "is required");
                String::new()
            }
        };
        let kind = self
            .text("type", false)
            .unwrap_or_else(|| "basic".to_owned());
        let script = match kind.as_str() {
            "basic" | "text" => false,
            "advance" | "advanced" | "script" => true,
            _ => {
                self.wrong("type", "must be basic or advance");
                false
            }
        };
        let channel = self.text("channel", false);
        Answer {
            text,
            script,
            channel: channel.unwrap_or_else(|| "default".to_owned()),
        }
    }

    fn answers(&mut self, name: &str, required: bool) -> Vec<Answer> {
        let list = self.list(name, required);
        let at = |n: usize| format!("{}.{name}[{n}]", self.name);
        let places: Vec<String> = (0..list.len()).map(at).collect();
        let each = list.iter().zip(places);
        each.map(|(value, place)| Place::of(value, place, self.wrong).answer())
            .collect()
    }

    /// Texts, answers, or lists of answers.
    fn variants(&mut self, name: &str) -> Vec<Vec<Answer>> {
        let mut all = Vec::new();
        for (n, value) in self.list(name, false).iter().enumerate() {
            let place = format!("{}.{name}[{n}]", self.name);
            all.push(match value {
                Value::String(text) if !text.trim().is_empty() => vec![Answer {
                    text: text.clone(),
                    script: false,
                    channel: "default".to_owned(),
                }],
                Value::Array(parts) => {
                    let each = parts.iter().enumerate();
                    each.map(|(m, part)| {
                        Place::of(part, format!("{place}[{m}]"), self.wrong).answer()
                    })
                    .collect()
                }
                other => vec![Place::of(other, place, self.wrong).answer()],
            });
        }
        all.retain(|parts| !parts.is_empty());
        all
    }
}

/// The list under a name of a body.
fn list_of(body: &[u8], name: &str) -> Result<Vec<Value>> {
    let fields = crate::fields::Fields::read(body)?;
    match fields.value(name) {
        Some(Value::Array(list)) if !list.is_empty() => Ok(list),
        _ => Err(Error::field(name, "must be a list of at least one")),
    }
}

/// Puts questions into the knowledge graph of the draft, all or none. It does not train.
///
/// # Errors
/// Bad input that names each wrong field: an unknown task or node, a question that the node has already, an extracted question that
/// was added before.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    params(FaqLanguageQuery),
    request_body(content = FaqsBulkIn, example = json!({"faqs": [{
        "questionPayload": {"question": "Do you sell stamps", "tagsPayload": [{"name": "stamps"}]},
        "answerPayload": [{"text": "Yes, at every counter.", "type": "basic", "channel": "default"}],
        "knowledgeTaskId": "b1a92971-64fc-5ba2-b53b-1845848ba6b1", "subQuestions": [{"question": "where can I buy stamps"}],
        "responseType": "message", "subAnswers": [], "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40",
        "parent": "d35734c6-1437-5d50-9091-2dacad695cb8", "leafterm": "Parcel Desk"}]})),
    responses((status = 200, description = "They stand in the draft", body = FaqsAddedOut, example = json!({"status": "success"}))),
)]
pub async fn add(
    State(ctx): State<Ctx>,
    allowed: Either<AddFaqsBulk>,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Result<Json<FaqsAddedOut>, Public> {
    let mut asked = Asked::new(&query);
    let language = asked.required("language");
    asked.done()?;
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let new = read_new(&body, bot)?;
    faq::add(&ctx, caller, bot, &language, new).await?;
    Ok(Json(FaqsAddedOut { status: "success" }))
}

fn read_new(body: &[u8], bot: &BotId) -> Result<Vec<NewFaq>> {
    let list = list_of(body, "faqs")?;
    // an agent that is not this one answers as every foreign agent does
    let foreign = |faq: &Value| {
        faq["streamId"]
            .as_str()
            .is_some_and(|id| id.trim() != bot.as_str())
    };
    if list.iter().any(foreign) {
        return Err(Error::of(&codes::BOT_NOT_FOUND));
    }
    let mut wrong = Vec::new();
    let new = list.iter().enumerate();
    let new = new
        .map(|(n, value)| new_faq(value, n, &mut wrong))
        .collect();
    match wrong.is_empty() {
        true => Ok(new),
        false => Err(Error::fields(wrong)),
    }
}

fn new_faq(value: &Value, at: usize, wrong: &mut Vec<Field>) -> NewFaq {
    let mut place = Place::of(value, format!("faqs[{at}]"), wrong);
    place.text("streamId", true);
    let question = place.under("questionPayload").question();
    let answers = place.answers("answerPayload", true);
    let runs = match place.text("responseType", true).as_deref() {
        Some("dialog") => true,
        None | Some("message") => false,
        Some(_) => {
            place.wrong("responseType", "must be message or dialog");
            false
        }
    };
    let named = place.text("dialogRefId", false);
    let named = named.or_else(|| answers.first().map(|answer| answer.text.trim().to_owned()));
    let others = place.list("subQuestions", false);
    let mut alternates = Vec::new();
    for (n, other) in others.iter().enumerate() {
        let name = format!("faqs[{at}].subQuestions[{n}]");
        alternates.push(Place::of(other, name, place.wrong).question());
    }
    NewFaq {
        task: place.text("knowledgeTaskId", true).unwrap_or_default(),
        parent: place.text("parent", true).unwrap_or_default(),
        leaf: place.text("leafterm", true).unwrap_or_default(),
        question,
        alternates,
        more: place.variants("subAnswers"),
        dialog: named.filter(|_| runs),
        answers: if runs { Vec::new() } else { answers },
        extracted: place.text("qsId", false),
    }
}

/// Changes answers and states of questions of the draft. Each change counts alone; it does not train.
///
/// # Errors
/// Bad input when the body is no list of changes. What is wrong with one change stands in its result.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    request_body(content = FaqUpdatesIn, example = json!({"payload": [{
        "query": {"language": "en", "faqPath": "Parcel Desk", "primaryQuestion": "Is my parcel insured"},
        "update": {"primaryResponse": {"text": "Up to 750 euros.", "type": "basic", "channel": "default"}, "faqStatus": true}}]})),
    responses((status = 200, description = "The results, in the order of the changes", body = Vec<FaqUpdateOut>, example = json!([{"status": "success"}]))),
)]
pub async fn update(
    State(ctx): State<Ctx>,
    allowed: Either<UpdateFaqs>,
    body: Bytes,
) -> Result<Json<Vec<FaqUpdateOut>>, Public> {
    let read = read_changes(&body, Some(&allowed.bot))?;
    changed(&ctx, &allowed.caller, read).await
}

/// Changes answers and states of questions of agents of the account; each change names its agent.
///
/// # Errors
/// Bad input when the body is no list of changes; an agent that the account does not have.
#[utoipa::path(
    post,
    path = "/",
    tag = "training",
    request_body(content = FaqUpdatesIn, example = json!({"payload": [{
        "query": {"language": "en", "faqPath": ["Parcel Desk"], "primaryQuestion": "Is my parcel insured", "botId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40"},
        "update": {"faqStatus": true}}]})),
    responses((status = 200, description = "The results, in the order of the changes", body = Vec<FaqUpdateOut>, example = json!([{"status": "success"}]))),
)]
pub async fn update_account(
    State(ctx): State<Ctx>,
    allowed: AllowedAccount<UpdateFaqsOfAccount>,
    body: Bytes,
) -> Result<Json<Vec<FaqUpdateOut>>, Public> {
    let read = read_changes(&body, None)?;
    changed(&ctx, &allowed.caller, read).await
}

/// A change, or what is wrong with it.
type Read = std::result::Result<(BotId, Change), Vec<Field>>;

fn read_changes(body: &[u8], bot: Option<&BotId>) -> Result<Vec<Read>> {
    let list = list_of(body, "payload")?;
    if list.len() > CHANGES_MAX {
        let text = format!("may hold {CHANGES_MAX} changes; send them in parts");
        return Err(Error::field("payload", text));
    }
    let each = list.iter().enumerate();
    each.map(|(n, value)| {
        let mut wrong = Vec::new();
        let named = value["query"]["botId"].as_str().map(str::trim);
        let named = named.filter(|id| !id.is_empty());
        let id = match (bot, named) {
            (Some(bot), None) => Some(bot.clone()),
            (Some(bot), Some(id)) => Some(bot.clone()).filter(|own| own.as_str() == id),
            (None, named) => match named {
                Some(id) => BotId::parse(id),
                None => {
                    wrong.push(Field {
                        field: format!("payload[{n}].query.botId"),
                        message: "is required".to_owned(),
                    });
                    Some(BotId::trusted(""))
                }
            },
        };
        let id = id.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
        let change = change(value, n, &mut wrong);
        Ok(match wrong.is_empty() {
            true => Ok((id, change)),
            false => Err(wrong),
        })
    })
    .collect()
}

fn change(value: &Value, at: usize, wrong: &mut Vec<Field>) -> Change {
    let mut whole = Place::of(value, format!("payload[{at}]"), wrong);
    let mut change = Change::default();
    let mut query = whole.under("query");
    change.language = query.text("language", true).unwrap_or_default();
    change.question = query.text("primaryQuestion", true).unwrap_or_default();
    change.reference = query.text("referenceId", false);
    change.path = match query.value("faqPath") {
        None => None,
        Some(Value::String(text)) => Some(text).filter(|t| !t.trim().is_empty()).map(Path::Text),
        Some(Value::Array(labels)) if labels.iter().all(Value::is_string) => {
            let labels = labels.iter().filter_map(Value::as_str).map(str::to_owned);
            Some(Path::Labels(labels.collect()))
        }
        Some(_) => {
            query.wrong("faqPath", "must be a text or a list of labels");
            None
        }
    };
    if change.path.is_none() && change.reference.is_none() {
        query.wrong("faqPath", "is required where there is no referenceId");
    }
    let mut update = whole.under("update");
    if update.value("primaryResponse").is_some() {
        change.answer = Some(update.under("primaryResponse").answer());
    }
    if update.value("extendedResponses").is_some() {
        change.extended = Some(update.answers("extendedResponses", false));
    }
    if update.value("alternateResponses").is_some() {
        change.alternates = Some(update.variants("alternateResponses"));
    }
    change.enabled = match update.value("faqStatus") {
        Some(Value::Bool(on)) => Some(on),
        None => None,
        Some(_) => {
            update.wrong("faqStatus", "must be true or false");
            None
        }
    };
    let some = change.answer.is_some() || change.extended.is_some();
    if !some && change.alternates.is_none() && change.enabled.is_none() {
        let names = "needs primaryResponse, extendedResponses, alternateResponses or faqStatus";
        whole.wrong("update", names);
    }
    change
}

async fn changed(
    ctx: &Ctx,
    caller: &service::Caller,
    read: Vec<Read>,
) -> Result<Json<Vec<FaqUpdateOut>>, Public> {
    let mut out: Vec<Option<FaqUpdateOut>> = Vec::with_capacity(read.len());
    let mut good = Vec::new();
    for one in read {
        match one {
            Ok(change) => {
                good.push(change);
                out.push(None);
            }
            Err(wrong) => {
                let texts = wrong
                    .into_iter()
                    .map(|f| format!("{}: {}", f.field, f.message));
                out.push(Some(failed(texts.collect())));
            }
        }
    }
    let told = match faq::update_many(ctx, caller, good).await {
        Err(error) if error.kind == Kind::NotFound => return Err(error.into()),
        told => told?,
    };
    let mut told = told.into_iter();
    let all = out.into_iter().map(|one| match one {
        Some(failed) => failed,
        None => result(told.next().unwrap_or(Ok(()))),
    });
    Ok(Json(all.collect()))
}

fn result(outcome: Outcome) -> FaqUpdateOut {
    match outcome {
        Ok(()) => FaqUpdateOut {
            status: "success",
            errors: None,
        },
        Err(text) => failed(vec![text]),
    }
}

fn failed(texts: Vec<String>) -> FaqUpdateOut {
    let each = texts.into_iter();
    FaqUpdateOut {
        status: "failed",
        errors: Some(
            each.map(|msg| FaqUpdateErrorOut { msg, code: 400 })
                .collect(),
        ),
    }
}
