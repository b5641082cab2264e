//! `deleteConversations` and `getConversationDeletionJob`.

use crate::{
    analytics::time::iso,
    auth::{Either, Operation, Shared},
    error::Public,
    fields::Fields,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Serialize;
use service::{
    Ctx,
    analytics::window,
    console::permission::Permission,
    work::{self, Erased, ErasedCounts},
};
use std::collections::{HashMap, HashSet};
use store::JobState;
use types::{
    Error, Result,
    id::{JobId, UserId},
};
use utoipa::ToSchema;

/// Conversations that one request names, at most.
const IDS_MAX: usize = 100;
/// Attempts of a job.
const ATTEMPTS: i64 = 3;

/// Deletes conversations.
pub struct DeleteConversations;

impl Operation for DeleteConversations {
    const ID: &'static str = "deleteConversations";
}

impl Shared for DeleteConversations {
    const PERMISSION: Permission = Permission::Agents;
}

/// Tells how far a deletion is.
pub struct GetConversationDeletionJob;

impl Operation for GetConversationDeletionJob {
    const ID: &'static str = "getConversationDeletionJob";
}

impl Shared for GetConversationDeletionJob {
    const PERMISSION: Permission = Permission::View;
}

/// Which conversations: by their ids, or of one user. With ids the rest does not count.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes what `read` takes")]
pub struct ConversationDeletionIn {
    /// Ids of conversation sessions, 1 to 100.
    conversation_ids: Option<Vec<String>>,
    /// Id of the user, `u-…`.
    c_id: Option<String>,
    /// First day, `yyyy-mm-dd` or an ISO time; without it from the first conversation on.
    start_date: Option<String>,
    /// Last day, taken along; without it today. Not in the future.
    end_date: Option<String>,
}

/// A deletion that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationDeletionOut {
    /// Always `queued`.
    status: &'static str,
    /// `cdj-…`.
    job_id: String,
    /// What happens next.
    message: &'static str,
    /// ISO-8601.
    submitted_at: String,
}

/// What a deletion came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationDeletionResultOut {
    /// Conversations that were asked for, or found.
    total_conversations: u64,
    /// Those that were looked at.
    processed_count: u64,
    /// Records of them, more than one each.
    deleted_count: u64,
    /// Those that could not be deleted.
    failed_count: u64,
    /// Those that are none of the agent's.
    skipped_count: u64,
    /// Attempts that are left.
    retries_remaining: i64,
}

/// Where a deletion stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationDeletionJobOut {
    /// `cdj-…`.
    job_id: String,
    /// `queued`, `inprogress`, `completed` or `failed`.
    status: &'static str,
    /// `conversationIds` or `cId`.
    request_type: &'static str,
    /// ISO-8601.
    submitted_at: String,
    /// ISO-8601.
    scheduled_at: String,
    /// ISO-8601, once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    /// ISO-8601, once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
    /// Once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<ConversationDeletionResultOut>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Deletes conversations, as a job.
///
/// Sessions, messages, lines of the debug log and what the agent remembers between two messages go; one entry with the number of the job
/// stays in the change log.
///
/// # Errors
/// Bad input that names each wrong field.
#[utoipa::path(
    post,
    path = "/",
    tag = "analytics",
    request_body(content = ConversationDeletionIn, example = json!({"cId": "u-11111111-2222-5333-8444-555555555555",
        "startDate": "2026-01-01", "endDate": "2026-01-31"})),
    responses((status = 202, description = "The job waits for its turn", body = ConversationDeletionOut, example = json!({
        "status": "queued", "jobId": "cdj-0f8fad5b-d9cb-569f-a165-70867728950e",
        "message": "The deletion is queued. The change log tells when it is done.", "submittedAt": "2026-02-03T09:15:00.000Z"}))),
)]
pub async fn delete(
    State(ctx): State<Ctx>,
    allowed: Either<DeleteConversations>,
    body: Bytes,
) -> Result<(StatusCode, Json<ConversationDeletionOut>), Public> {
    let what = read(&body, ctx.now())?;
    let job = work::ask_erase(&ctx, &allowed.caller, &allowed.bot, what).await?;
    let job = work::find(&ctx, &allowed.caller, &job).await?;
    let answer = ConversationDeletionOut {
        status: "queued",
        job_id: job.new.id.to_string(),
        message: "The deletion is queued. The change log tells when it is done.",
        submitted_at: iso(job.new.created_at),
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

fn read(body: &[u8], now: i64) -> Result<Erased> {
    let mut fields = Fields::read(body)?;
    let none = |fields: &Fields, name: &str| fields.value(name).is_none_or(|v| v.is_null());
    if !none(&fields, "conversationIds") {
        let ids = fields.texts("conversationIds");
        if ids.is_empty() || ids.len() > IDS_MAX {
            let text = format!("must be a list of 1 to {IDS_MAX} ids");
            if fields.wrong.is_empty() {
                fields.wrong("conversationIds", text);
            }
        }
        fields.done()?;
        // an id that is named twice is one conversation
        let mut seen = HashSet::new();
        let ids = ids.into_iter().map(|id| id.trim().to_owned());
        return Ok(Erased::Ids(
            ids.filter(|id| seen.insert(id.clone())).collect(),
        ));
    }
    let user = fields.text("cId", false);
    match &user {
        None => fields.wrong("conversationIds", "is required, or cId"),
        Some(id) if UserId::parse(id).is_none() => {
            fields.wrong("cId", "must be the id of a user, u-…");
        }
        Some(_) => {}
    }
    let (start, end) = (
        fields.text("startDate", false),
        fields.text("endDate", false),
    );
    let window = match window::days(start.as_deref(), end.as_deref()) {
        Ok(window) => window,
        Err(error) => {
            fields.wrong.extend(error.fields);
            (None, None)
        }
    };
    let (from, to) = window;
    let tomorrow = (now.div_euclid(window::DAY) + 1) * window::DAY;
    if to.is_some_and(|to| to > tomorrow) {
        fields.wrong("endDate", "must not lie in the future");
    }
    if from.is_some_and(|from| to.unwrap_or(tomorrow) <= from) {
        fields.wrong("startDate", "must not lie after endDate");
    }
    fields.done()?;
    Ok(Erased::User {
        user: user.unwrap_or_default(),
        from,
        to,
    })
}

/// Tells how far the deletion of conversations is.
///
/// # Errors
/// No such job of the agent.
#[utoipa::path(
    get,
    path = "/",
    tag = "analytics",
    params(("jobId" = String, Path, description = "As the request was answered, `cdj-…`")),
    responses((status = 200, description = "The job", body = ConversationDeletionJobOut, example = json!({
        "jobId": "cdj-0f8fad5b-d9cb-569f-a165-70867728950e", "status": "completed", "requestType": "cId",
        "submittedAt": "2026-02-03T09:15:00.000Z", "scheduledAt": "2026-02-03T09:15:00.000Z", "startedAt": "2026-02-03T09:15:00.000Z",
        "completedAt": "2026-02-03T09:15:01.000Z", "result": {"totalConversations": 2, "processedCount": 2, "deletedCount": 14,
            "failedCount": 0, "skippedCount": 0, "retriesRemaining": 3}}))),
)]
pub async fn status(
    State(ctx): State<Ctx>,
    allowed: Either<GetConversationDeletionJob>,
    Path(path): Path<HashMap<String, String>>,
) -> Result<Json<ConversationDeletionJobOut>, Public> {
    let id = path.get("jobId").and_then(|id| JobId::parse(id));
    let id = id.ok_or_else(|| Error::not_found("There is no such job"))?;
    let (job, what) = work::find_erase(&ctx, &allowed.caller, &allowed.bot, &id).await?;
    let over = job.state.is_over();
    let counts = job.result.filter(|_| job.state == JobState::Done);
    let counts = counts.map(serde_json::from_value::<ErasedCounts>);
    let counts = counts.transpose().map_err(Error::internal)?;
    Ok(Json(ConversationDeletionJobOut {
        job_id: job.new.id.to_string(),
        status: match job.state {
            JobState::Queued => "queued",
            JobState::Running => "inprogress",
            JobState::Done => "completed",
            JobState::Failed => "failed",
        },
        request_type: what.word(),
        submitted_at: iso(job.new.created_at),
        scheduled_at: iso(job.new.run_at),
        started_at: over.then(|| iso(job.new.run_at)),
        completed_at: over.then(|| iso(job.updated_at)),
        result: counts.map(|sum| ConversationDeletionResultOut {
            total_conversations: sum.total_conversations,
            processed_count: sum.processed_count,
            deleted_count: sum.deleted_count,
            failed_count: sum.failed_count,
            skipped_count: sum.skipped_count,
            retries_remaining: (ATTEMPTS + 1 - job.attempts).clamp(0, ATTEMPTS),
        }),
        error: job.error.filter(|_| job.state == JobState::Failed),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// 2026-02-03, nine o'clock.
    const NOW: i64 = 1_770_076_800_000 + 9 * 3_600_000;

    fn wrong(body: &Value) -> Vec<String> {
        let error = read(body.to_string().as_bytes(), NOW).expect_err("wrong");
        error.fields.into_iter().map(|f| f.field).collect()
    }

    #[test]
    fn ids_win_over_dates_and_are_at_most_a_hundred() {
        let body = json!({"conversationIds": ["a", " a", "b"], "cId": "x", "endDate": "never"});
        let read = read(body.to_string().as_bytes(), NOW).expect("ids");
        assert_eq!(read, Erased::Ids(vec!["a".into(), "b".into()]));
        let many: Vec<String> = (0..=IDS_MAX).map(|n| n.to_string()).collect();
        for ids in [json!([]), json!(many), json!([1]), json!("a")] {
            assert_eq!(wrong(&json!({"conversationIds": ids})), ["conversationIds"]);
        }
    }

    #[test]
    fn days_are_taken_along_and_none_lies_in_the_future() {
        let user = "u-11111111-2222-5333-8444-555555555555";
        let body = json!({"cId": user, "startDate": "2026-02-03", "endDate": "2026-02-03"});
        let Erased::User { from, to, .. } = read(body.to_string().as_bytes(), NOW).expect("days")
        else {
            panic!("a user");
        };
        assert_eq!(
            (from, to),
            (
                Some(1_770_076_800_000),
                Some(1_770_076_800_000 + 86_400_000)
            )
        );
        assert_eq!(wrong(&json!({})), ["conversationIds"]);
        assert_eq!(wrong(&json!({"cId": "ann"})), ["cId"]);
        assert_eq!(
            wrong(&json!({"cId": user, "endDate": "2026-02-04"})),
            ["endDate"]
        );
        assert_eq!(
            wrong(&json!({"cId": user, "startDate": "2026-02-02", "endDate": "2026-02-01"})),
            ["startDate"]
        );
    }
}
