//! What was done in the account.

use super::signed::Signed;
use crate::{error::Problem, fields::QueryFields};
use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use serde_json::{Value, json};
use service::{Caller, Ctx, audit, console::permission::Permission};
use std::collections::HashMap;
use store::{AuditFilter, AuditRow};
use types::{Result, id::BotId, page::PageIn};

/// Rows of a page when the request does not say, and at most.
const LIMIT: u32 = 50;
const LIMIT_MAX: u32 = 100;
/// Rows read at a time for an export.
const EXPORT_PAGE: u32 = 500;
/// Bytes of a filter at most: ids and actions are shorter.
const TEXT_CAP: usize = 200;

/// Lists what was done in the account, the newest first
///
/// # Errors
/// Forbidden; bad input that names each wrong filter.
#[utoipa::path(get, path = "", operation_id = "consoleListAudit", tag = "console", params(("actor" = Option<String>, Query, description = "Id of a user or app, or `cli`"), ("action" = Option<String>, Query, description = "For instance `app.rotate`"), ("target" = Option<String>, Query, description = "Id of the thing"), ("botId" = Option<String>, Query, description = "The agent it belongs to"), ("from" = Option<String>, Query, description = "At or after, RFC 3339"), ("to" = Option<String>, Query, description = "Before, RFC 3339"), ("limit" = Option<u32>, Query, description = "Rows, 1 to 100"), ("cursor" = Option<String>, Query, description = "`next` of the page before")), responses((status = 200, description = "A page of rows", body = Value)))]
pub async fn list(
    State(ctx): State<Ctx>,
    signed: Signed,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Problem> {
    let caller = signed.may(Permission::Audit)?;
    let mut asked = QueryFields::new(&query);
    let filter = filter(&mut asked);
    let page = PageIn {
        limit: asked.number("limit", 1, Some(LIMIT_MAX)).unwrap_or(LIMIT),
        cursor: asked.text("cursor").map(str::to_owned),
    };
    asked.done()?;
    let page = audit::list(&ctx, caller, &filter, &page).await?;
    let mut names = Names::new(&ctx, caller);
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        items.push(view(row, names.of(&row.new.actor).await?));
    }
    Ok(Json(json!({"items": items, "next": page.next})))
}

/// Gives the same rows as CSV, all of them
///
/// # Errors
/// Forbidden; bad input that names each wrong filter.
#[utoipa::path(get, path = "", operation_id = "consoleExportAudit", tag = "console", params(("actor" = Option<String>, Query, description = "Id of a user or app, or `cli`"), ("action" = Option<String>, Query, description = "For instance `app.rotate`"), ("target" = Option<String>, Query, description = "Id of the thing"), ("botId" = Option<String>, Query, description = "The agent it belongs to"), ("from" = Option<String>, Query, description = "At or after, RFC 3339"), ("to" = Option<String>, Query, description = "Before, RFC 3339")), responses((status = 200, description = "The rows", body = String, content_type = "text/csv")))]
pub async fn export(
    State(ctx): State<Ctx>,
    signed: Signed,
    Query(query): Query<HashMap<String, String>>,
) -> Result<impl IntoResponse, Problem> {
    let caller = signed.may(Permission::Audit)?.clone();
    let mut asked = QueryFields::new(&query);
    let filter = filter(&mut asked);
    asked.done()?;
    let head = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"audit.csv\""),
        ),
    ];
    Ok((head, Body::from_stream(lines(ctx, caller, filter))))
}

/// Where an export stands.
enum Step {
    Head,
    Page(Option<String>),
    Done,
}

/// The lines, a page at a time: an export takes no more memory than one page.
fn lines(
    ctx: Ctx,
    caller: Caller,
    filter: AuditFilter,
) -> impl futures::Stream<Item = Result<Bytes>> + Send {
    futures::stream::try_unfold(Step::Head, move |step| {
        let (ctx, caller, filter) = (ctx.clone(), caller.clone(), filter.clone());
        async move {
            let cursor = match step {
                Step::Head => {
                    let head = Bytes::from_static(audit::csv::HEADER.as_bytes());
                    return Ok(Some((head, Step::Page(None))));
                }
                Step::Page(cursor) => cursor,
                Step::Done => return Ok(None),
            };
            let page = PageIn {
                limit: EXPORT_PAGE,
                cursor,
            };
            let page = audit::list(&ctx, &caller, &filter, &page).await?;
            let mut names = Names::new(&ctx, &caller);
            let mut text = String::new();
            for row in &page.items {
                let name = names.of(&row.new.actor).await?;
                text.push_str(&audit::csv::line(row, &time(row.new.at), name.as_deref()));
            }
            let next = page.next.map_or(Step::Done, |next| Step::Page(Some(next)));
            Ok(Some((Bytes::from(text), next)))
        }
    })
}

/// Names of actors, each looked up once.
struct Names<'a> {
    ctx: &'a Ctx,
    caller: &'a Caller,
    known: HashMap<String, Option<String>>,
}

impl<'a> Names<'a> {
    fn new(ctx: &'a Ctx, caller: &'a Caller) -> Self {
        Self {
            ctx,
            caller,
            known: HashMap::new(),
        }
    }
    async fn of(&mut self, actor: &str) -> Result<Option<String>> {
        if let Some(name) = self.known.get(actor) {
            return Ok(name.clone());
        }
        let name = audit::actor_name(self.ctx, self.caller, actor).await?;
        self.known.insert(actor.to_owned(), name.clone());
        Ok(name)
    }
}

fn view(row: &AuditRow, name: Option<String>) -> Value {
    let new = &row.new;
    json!({
        "number": row.number, "at": time(new.at), "actor": new.actor, "actorName": name, "action": new.action,
        "target": new.target, "botId": new.bot, "address": new.address, "before": new.before, "after": new.after,
        "details": new.details,
    })
}

fn filter(asked: &mut QueryFields<'_>) -> AuditFilter {
    let mut text = |name: &str| {
        let what = format!("at most {TEXT_CAP} bytes long");
        let short = |text: &str| (text.len() <= TEXT_CAP).then(|| text.to_owned());
        asked.parsed(name, &what, short)
    };
    let (actor, action, target) = (text("actor"), text("action"), text("target"));
    let mut moment = |name: &str| {
        let what = "a time such as 2026-11-24T00:00:00Z";
        let read = |text: &str| text.parse::<jiff::Timestamp>().ok();
        let at = asked.parsed(name, what, read);
        at.map(jiff::Timestamp::as_millisecond)
    };
    let (from, to) = (moment("from"), moment("to"));
    AuditFilter {
        bot: asked.parsed("botId", "the id of an agent", BotId::parse),
        actor,
        action,
        target,
        from,
        to,
    }
}

fn time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}
