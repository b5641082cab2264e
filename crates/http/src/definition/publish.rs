//! `publishBot` and `getBotPublishStatus`.

use super::{
    Fields,
    published::{DialogOut, GroupOut, ResultOut, WrittenOut},
};
use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    error::Public,
};
use axum::{Json, body::Bytes, extract::State};
use serde::Serialize;
use service::{
    Ctx,
    console::permission::Permission,
    definition::{self, Publish},
    work,
};
use store::{Copy, Job, JobState};
use types::{
    Error, Result,
    limit::{Limit, Per},
};
use utoipa::ToSchema;

/// Publishes an agent.
pub struct PublishBot;

impl Operation for PublishBot {
    const ID: &'static str = "publishBot";
}

impl Shared for PublishBot {
    const PERMISSION: Permission = Permission::Publish;
}

/// Tells how far a publish is.
pub struct GetBotPublishStatus;

impl Operation for GetBotPublishStatus {
    const ID: &'static str = "getBotPublishStatus";
    const LIMIT: Limit = Limit {
        per: Per::Request,
        ..types::limit::DEFAULT
    };
}

impl Shared for GetBotPublishStatus {
    const PERMISSION: Permission = Permission::View;
}

/// Groups of components that a publish takes along: id, name, and what belongs to each.
const GROUPS: &[(&str, &str, &[&str])] = &[
    (
        "NL",
        "Natural Language",
        &["training", "knowledge", "smallTalk", "thresholds"],
    ),
    ("CHANNELS", "Channels", &["channels"]),
    ("EXTENSIONS", "Extensions", &["apiScopes", "botFunctions"]),
    ("SETTINGS", "Settings", &["botSettings", "botVariables"]),
];

/// How to publish.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
pub struct PublishIn {
    /// What changed.
    #[schema(min_length = 1, max_length = 2000)]
    version_comment: String,
    /// Train what is stale first; true where nothing is said.
    initiate_training: Option<bool>,
}

/// One resource that a publish takes along.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceOut {
    /// `dialog`, `NL`, `CHANNELS`, `EXTENSIONS` or `SETTINGS`.
    resource_type: &'static str,
    /// The dialog.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    /// The dialog, once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    sb_resource_id: Option<String>,
    /// `SUCCESS`: accepted.
    status: &'static str,
    /// The dialog with its state, name and comment; id, name and modules of a group.
    result: ResultOut,
}

/// A publish, as far as it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublishStatusOut {
    /// Id of the job, `ds-…`.
    #[serde(rename = "_id")]
    id: String,
    /// Always `RUN`.
    action: &'static str,
    /// Always `PUBLISH_BOT`.
    job_type: &'static str,
    /// The agent.
    stream_id: String,
    /// Version of the record.
    #[serde(rename = "__v")]
    version: u8,
    /// Jobs that this status is about.
    count_of_dock_statuses: u8,
    /// Who asked for it.
    created_by: String,
    /// 0 to 100.
    percentage_complete: i64,
    /// When it was asked for, ISO-8601.
    requested_time: String,
    /// The same.
    initiated_on: String,
    /// Last change, ISO-8601.
    last_modified_on: String,
    /// `inprogress`, `successful` or `failed`.
    status: &'static str,
    /// What is done.
    status_summary: Vec<SummaryOut>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// One resource that is done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SummaryOut {
    resource_id: &'static str,
    resource_type: &'static str,
    name: &'static str,
    status: &'static str,
}

/// Puts the draft, its models and the scopes of its apps in force.
///
/// Answers what is taken along; the publish status tells the outcome.
///
/// # Errors
/// Bad input that names each wrong field.
#[utoipa::path(
    post,
    path = "/",
    tag = "definition",
    request_body(content = PublishIn, example = json!({"versionComment": "add parcel flow", "initiateTraining": true})),
    responses((status = 200, description = "The publish waits for its turn", body = [ResourceOut], example = json!([
        {"resourceType": "dialog", "resourceId": "dg-0f8fad5b-d9cb-569f-a165-70867728950e", "sbResourceId": "dg-0f8fad5b-d9cb-569f-a165-70867728950e",
            "status": "SUCCESS", "result": {"state": "published", "approvalRequestedLanguages": [], "versionComment": "add parcel flow",
            "publishedOn": "2026-02-03T09:15:00.000Z", "name": "Track parcel", "approvedLanguages": ["en"],
            "botId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "isPublishedVersion": true, "adminTaskStatus": "active",
            "_id": "dg-0f8fad5b-d9cb-569f-a165-70867728950e", "nodes": [{"nodeId": "intent0", "type": "intent", "transitions": [{"default": "end"}]}]}},
        {"resourceType": "NL", "status": "SUCCESS", "result": {"resourceId": "NL", "resourceType": "NL", "modules": ["training"], "name": "Natural Language"}}]))),
)]
pub async fn publish(
    State(ctx): State<Ctx>,
    allowed: Either<PublishBot>,
    body: Bytes,
) -> Result<Json<Vec<ResourceOut>>, Public> {
    let (caller, bot) = (&allowed.caller, &allowed.bot);
    let ask = read(&body)?;
    let comment = ask.comment.clone();
    let (_, package) = definition::draft::open(&ctx, caller, bot).await?;
    let agent = definition::load(&ctx, &caller.account, bot, &Copy::Draft).await?;
    work::ask_publish(&ctx, caller, bot, ask)
        .await
        .map_err(named)?;
    let on = iso(ctx.now());
    let languages: Vec<String> = agent.enabled_languages().map(str::to_owned).collect();
    let dialogs = agent
        .dialogs
        .iter()
        .enumerate()
        .map(|(at, dialog)| ResourceOut {
            resource_type: "dialog",
            resource_id: Some(dialog.id.clone()),
            sb_resource_id: Some(dialog.id.clone()),
            status: "SUCCESS",
            result: ResultOut::Dialog(Box::new(DialogOut {
                state: "published",
                approval_requested_languages: Vec::new(),
                approved_languages: languages.clone(),
                version_comment: comment.clone(),
                published_on: on.clone(),
                name: agent.dialog_title(dialog, &agent.default_language),
                bot_id: bot.to_string(),
                is_published_version: true,
                admin_task_status: "active",
                written: WrittenOut::of(&package.definition["dialogs"][at]),
            })),
        });
    let groups = GROUPS.iter().map(|(id, name, modules)| ResourceOut {
        resource_type: id,
        resource_id: None,
        sb_resource_id: None,
        status: "SUCCESS",
        result: ResultOut::Group(GroupOut {
            resource_id: id,
            resource_type: id,
            modules,
            name,
        }),
    });
    Ok(Json(dialogs.chain(groups).collect()))
}

/// Tells how far the running or last publish is.
///
/// # Errors
/// Not found, when no publish was asked for.
#[utoipa::path(
    get,
    path = "/",
    tag = "definition",
    responses((status = 200, description = "The publish", body = PublishStatusOut, example = json!({
        "_id": "ds-0f8fad5b-d9cb-569f-a165-70867728950e", "action": "RUN", "jobType": "PUBLISH_BOT",
        "streamId": "st-718be5cc-e96a-5ff9-a973-b3f07134fc40", "__v": 0, "countOfDockStatuses": 1,
        "createdBy": "u-0f8fad5b-d9cb-569f-a165-70867728950e", "percentageComplete": 100,
        "requestedTime": "2026-02-03T09:15:00.000Z", "initiatedOn": "2026-02-03T09:15:00.000Z", "lastModifiedOn": "2026-02-03T09:15:02.000Z",
        "status": "successful", "statusSummary": [{"resourceId": "NL", "resourceType": "NL", "name": "Natural Language", "status": "SUCCESS"}]}))),
)]
pub async fn status(
    State(ctx): State<Ctx>,
    allowed: Either<GetBotPublishStatus>,
) -> Result<Json<PublishStatusOut>, Public> {
    let job = work::latest_publish(&ctx, &allowed.caller, &allowed.bot).await?;
    let job = job.ok_or_else(|| Error::not_found("No publish of this agent was asked for"))?;
    Ok(Json(shown(&ctx, &job, allowed.bot.as_str()).await?))
}

fn read(body: &[u8]) -> Result<Publish> {
    let mut fields = Fields::read(body)?;
    let comment = fields.text("versionComment", true);
    let train = fields.flag("initiateTraining", true);
    fields.done()?;
    Ok(Publish {
        comment: comment.unwrap_or_default(),
        components: Vec::new(),
        skip_training: !train,
        version: None,
    })
}

/// The field by its name on the wire.
fn named(mut error: Error) -> Error {
    for field in &mut error.fields {
        if field.field == "comment" {
            "versionComment".clone_into(&mut field.field);
        }
    }
    error
}

async fn shown(ctx: &Ctx, job: &Job, bot: &str) -> Result<PublishStatusOut> {
    let summary = |id, name| SummaryOut {
        resource_id: id,
        resource_type: id,
        name,
        status: "SUCCESS",
    };
    let mut done: Vec<SummaryOut> = Vec::new();
    if job.state == JobState::Done {
        done.extend(GROUPS.iter().map(|(id, name, _)| summary(id, name)));
        done.push(summary("AUTOVERSIONING", "Creating New Version"));
    }
    let asked = iso(job.new.created_at);
    Ok(PublishStatusOut {
        id: job.new.id.to_string(),
        action: "RUN",
        job_type: "PUBLISH_BOT",
        stream_id: bot.to_owned(),
        version: 0,
        count_of_dock_statuses: 1,
        created_by: work::author(ctx, job).await?,
        percentage_complete: job.percent,
        initiated_on: asked.clone(),
        requested_time: asked,
        last_modified_on: iso(job.updated_at),
        status: match job.state {
            JobState::Queued | JobState::Running => "inprogress",
            JobState::Done => "successful",
            JobState::Failed => "failed",
        },
        status_summary: done,
        message: job.error.clone().filter(|_| job.state == JobState::Failed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publish_trains_unless_told_otherwise_and_has_a_comment() {
        let ask = read(br#"{"versionComment": " first "}"#).expect("fine");
        assert_eq!((ask.comment.as_str(), ask.skip_training), ("first", false));
        let ask = read(br#"{"versionComment": "x", "initiateTraining": false}"#).expect("fine");
        assert!(ask.skip_training);
        let error = read(br#"{"versionComment": " ", "initiateTraining": "no"}"#).err();
        let fields = error.expect("wrong").fields;
        let named: Vec<&str> = fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(named, ["versionComment", "initiateTraining"]);
    }
}
