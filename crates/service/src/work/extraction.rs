//! Questions and answers out of a file or a page.

use super::{Task, Wanted, payload, prepare};
use crate::{
    Caller, Ctx, definition as agents,
    definition::file,
    runtime::outbound::Call,
    training::{
        extract::{self, Kind, Pair, Scan},
        extraction::{self, Head},
    },
};
use async_trait::async_trait;
use jobs::{Handler, JobError, Progress};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use store::{Extraction, ExtractionState, Job};
use types::{
    Error, Kind as Class, Result,
    id::{BotId, ExtractionId, JobId},
};

const KIND: &str = "extraction";
/// Time for one page.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Serialize, Deserialize)]
struct Ask {
    id: ExtractionId,
}

/// Asks for an extraction. The result stands in its own row.
///
/// # Errors
/// Not found: the agent or the file; bad input on `fileUrl` or `fileId`.
pub(crate) async fn ask_extraction(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
    mut head: Head,
) -> Result<ExtractionId> {
    agents::get(ctx, caller, bot).await?;
    if let Some(url) = &head.url {
        let read = Url::parse(url).ok();
        let fits = read.is_some_and(|url| matches!(url.scheme(), "http" | "https"));
        if !fits || url.len() > 2_048 {
            let text = "must be an http or https address of at most 2048 characters";
            return Err(Error::field("fileUrl", text));
        }
    }
    if let Some(id) = &head.file {
        let (name, bytes) = file::read(ctx, &caller.account, id).await?;
        if Kind::of_file(&name, &bytes).is_none() {
            return Err(Error::field("fileId", "must be a PDF or CSV file"));
        }
        if bytes.len() > extract::FILE_MAX {
            return Err(Error::field("fileId", "is larger than 5 MB"));
        }
        head.file_name = Some(name);
    }
    let wanted = Wanted {
        id: JobId::with_prefix(ExtractionId::PREFIX, ctx.ids()),
        kind: KIND,
        bot: Some(bot),
        file: None,
    };
    let id = ExtractionId::trusted(wanted.id.as_str());
    let job = prepare(ctx, caller, &wanted, &Ask { id: id.clone() }).await?;
    let now = ctx.now();
    let mut row = Extraction {
        id: id.clone(),
        account: caller.account.clone(),
        bot: bot.clone(),
        language: language.to_owned(),
        state: ExtractionState::Pending,
        found: 0,
        added: 0,
        head: Vec::new(),
        pairs: None,
        created_by: caller.actor(),
        created_at: now,
        updated_at: now,
    };
    row.head = extraction::seal_head(ctx, &row, &head)?;
    let tx = ctx.store().begin().await?;
    tx.extractions().add(&row).await?;
    tx.extractions()
        .prune(&caller.account, bot, extraction::KEPT)
        .await?;
    tx.jobs().add(&job).await?;
    let change = crate::audit::Change {
        action: "extraction.add",
        target: id.as_str(),
        bot: Some(bot),
        details: Some(json!({"language": language})),
        ..Default::default()
    };
    crate::audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await?;
    ctx.job_added.notify_one();
    Ok(id)
}

pub(super) struct Extract;

#[async_trait]
impl Handler<Ctx> for Extract {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<Ask>(ctx, job)?;
        let bot = super::agent_of(job)?;
        let task = Task::of(progress);
        let found = ctx
            .store()
            .extractions()
            .find(&caller.account, bot, &ask.id);
        let Some(mut row) = found.await? else {
            return Ok(json!({"deleted": true}));
        };
        let mut head = extraction::head(ctx, &row)?;
        match pairs(&task, ctx, &row, &head).await {
            Ok(found) => extraction::fill(ctx, &mut row, found)?,
            Err(error) if matches!(error.kind, Class::BadInput | Class::NotFound) => {
                head.message = Some(super::in_one_text(&error));
                row.head = extraction::seal_head(ctx, &row, &head)?;
                row.state = ExtractionState::Failed;
                row.updated_at = ctx.now();
            }
            Err(error) => return Err(error.into()),
        }
        let tx = ctx.store().begin().await?;
        task.hold(ctx, &*tx).await?;
        tx.extractions().set(&row).await?;
        let result = json!({"botId": bot, "extraction": row.id, "found": row.found});
        task.end(ctx, &*tx, || result).await?;
        tx.commit().await?;
        Ok(Value::Null)
    }
}

async fn pairs(task: &Task<'_>, ctx: &Ctx, row: &Extraction, head: &Head) -> Result<Vec<Pair>> {
    task.say(5, "Reading the source").await;
    if let Some(id) = &head.file {
        let (name, bytes) = file::read(ctx, &row.account, id).await?;
        let kind = Kind::of_file(&name, &bytes);
        let kind = kind.ok_or_else(|| Error::field("file", "must be a PDF or CSV file"))?;
        return apart(move || extract::read(kind, &bytes)).await;
    }
    let wrong = || Error::field("fileUrl", "must be an address");
    let url = head.url.as_deref().and_then(|url| Url::parse(url).ok());
    let url = url.ok_or_else(wrong)?;
    let (kind, bytes) = fetch(ctx, &url).await?;
    if kind != Kind::Html {
        return apart(move || extract::read(kind, &bytes)).await;
    }
    let links = {
        let url = url.clone();
        match apart(move || extract::scan(&url, &bytes)).await? {
            Scan::Pairs(pairs) => return extract::checked(pairs),
            Scan::Linked(links) => links,
        }
    };
    let (mut all, count) = (Vec::new(), links.len());
    for (n, (question, url)) in links.into_iter().enumerate() {
        let percent = i64::try_from(10 + 85 * n / count).unwrap_or(10);
        task.say(percent, &format!("{n} of {count} pages")).await;
        // one page that is gone does not spoil the others
        let Ok((Kind::Html, bytes)) = fetch(ctx, &url).await else {
            continue;
        };
        all.extend(apart(move || extract::answer_on(&bytes, &question)).await?);
    }
    extract::checked(all)
}

/// Reads off the async threads; a reader that breaks down over a file says so and nothing else.
async fn apart<T: Send + 'static>(read: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|_| Err(Error::field("file", "cannot be read")))
}

/// A page, held to the addresses that calls of agents may go to.
async fn fetch(ctx: &Ctx, url: &Url) -> Result<(Kind, Vec<u8>)> {
    let call = Call {
        method: "GET".to_owned(),
        url: url.to_string(),
        headers: vec![(
            "accept".to_owned(),
            "text/html, application/pdf, text/csv".to_owned(),
        )],
        body: None,
        timeout: Some(TIMEOUT),
    };
    let failed = |text: String| Error::field("fileUrl", text);
    let answer = ctx.parts.outbound.send(call).await;
    let answer = answer.map_err(|error| failed(format!("cannot be fetched: {error}")))?;
    if answer.status != 200 {
        return Err(failed(format!("answered with status {}", answer.status)));
    }
    let media = answer
        .headers
        .iter()
        .find(|(name, _)| name == "content-type");
    let kind = match media {
        Some((_, media)) => Kind::of_media(media),
        None if answer.body.starts_with(b"%PDF-") => Some(Kind::Pdf),
        None => Some(Kind::Html),
    };
    let kind = kind.ok_or_else(|| failed("is no page, PDF or CSV file".to_owned()))?;
    Ok((kind, answer.body.to_vec()))
}
