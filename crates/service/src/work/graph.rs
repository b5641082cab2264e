//! Knowledge graphs out of a file and into one.

use super::{Task, Wanted, add, newest_of, payload};
use crate::{
    Caller, Ctx,
    definition::{self as agents, draft, file},
    training::{graph, graph_file, knowledge, utterance_file::Format},
};
use async_trait::async_trait;
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Copy, Job};
use types::{
    Error, Result, codes,
    id::{BotId, FileId, JobId},
};

const IMPORT: &str = "graph_import";
const EXPORT: &str = "graph_export";
/// Times that an import starts again because somebody else changed the draft.
const TRIES: usize = 8;

#[derive(Serialize, Deserialize)]
struct AskImport {
    file: FileId,
    format: String,
    language: String,
}

#[derive(Serialize, Deserialize)]
struct AskExport {
    published: bool,
    format: String,
    language: String,
}

/// Asks that an uploaded file takes the place of the knowledge graph of a language. It does not train.
///
/// # Errors
/// Not found: the agent, or the file; bad input on `fileName` or `language`.
pub async fn ask_graph_import(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
    name: &str,
    file: FileId,
) -> Result<JobId> {
    knowledge::speaks(ctx, caller, bot, language).await?;
    let format = Format::of_name(name);
    let format = format.ok_or_else(|| Error::field("fileName", "must end in .csv or .json"))?;
    let found = ctx.store().files().find(&caller.account, &file, ctx.now());
    if found.await?.is_none() {
        return Err(Error::not_found("Invalid file id"));
    }
    let wanted = Wanted {
        id: JobId::with_prefix("bir-", ctx.ids()),
        kind: IMPORT,
        bot: Some(bot),
        file: None,
    };
    let ask = AskImport {
        file,
        format: format.as_str().to_owned(),
        language: language.to_owned(),
    };
    add(ctx, caller, wanted, &ask).await
}

/// Asks for the knowledge graph of a language of the draft, or of the published copy, as a file. The result names it (`fileId`).
///
/// # Errors
/// Not found; bad input on `language`; [`codes::BOT_NOT_PUBLISHED`].
pub async fn ask_graph_export(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    published: bool,
    language: &str,
    format: Format,
) -> Result<JobId> {
    knowledge::speaks(ctx, caller, bot, language).await?;
    if published && agents::get(ctx, caller, bot).await?.published.is_none() {
        return Err(Error::of(&codes::BOT_NOT_PUBLISHED));
    }
    let wanted = Wanted {
        id: JobId::with_prefix("ds-", ctx.ids()),
        kind: EXPORT,
        bot: Some(bot),
        file: None,
    };
    let ask = AskExport {
        published,
        format: format.as_str().to_owned(),
        language: language.to_owned(),
    };
    add(ctx, caller, wanted, &ask).await
}

/// An import of a knowledge graph of this agent.
///
/// # Errors
/// Not found, for another kind of job and another agent's too.
pub async fn find_graph_import(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    job: &JobId,
) -> Result<Job> {
    super::find_of(ctx, caller, bot, job, IMPORT).await
}

/// The newest export of a knowledge graph of the agent with its layout (`csv` or `json`), running or over.
///
/// # Errors
/// When the store cannot be reached.
pub async fn latest_graph_export(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
) -> Result<Option<(Job, String)>> {
    let newest = newest_of(ctx, caller, bot, EXPORT, 1).await?;
    let Some(job) = newest.into_iter().next() else {
        return Ok(None);
    };
    let format = payload::open::<AskExport>(ctx, &job)?.1.format;
    Ok(Some((job, format)))
}

pub(super) struct Import;

#[async_trait]
impl Handler<Ctx> for Import {
    fn kind(&self) -> &'static str {
        IMPORT
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<AskImport>(ctx, job)?;
        let bot = super::agent_of(job)?;
        import(&Task::of(progress), ctx, &caller, bot, ask)
            .await
            .map_err(super::explained)?;
        Ok(Value::Null)
    }
}

async fn import(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    ask: AskImport,
) -> Result<()> {
    task.say(5, "Reading the file").await;
    let (_, bytes) = file::read(ctx, &caller.account, &ask.file).await?;
    let format = Format::of_name(&format!(".{}", ask.format)).unwrap_or(Format::Csv);
    let read = tokio::task::spawn_blocking(move || graph_file::read(format, &bytes));
    let content = Arc::new(read.await.map_err(Error::internal)??);
    for _ in 0..TRIES {
        task.say(40, &format!("Writing {} questions", content.faqs.len()))
            .await;
        let (inner, content) = (ctx.clone(), Arc::clone(&content));
        let (own, language) = (bot.clone(), ask.language.clone());
        let prepared = draft::prepare(ctx, caller, bot, move |package| {
            let fresh = || inner.ids().uuid().to_string();
            graph::replace(&own, package, &language, format, &content, &fresh)
        })
        .await?;
        let done = prepared.value;
        let details =
            json!({"language": ask.language, "questions": done.written, "nodes": done.nodes});
        let what = draft::Edit {
            action: "graph.import",
            details,
        };
        let tx = ctx.store().begin().await?;
        task.hold(ctx, &*tx).await?;
        if prepared.write(ctx, caller, &*tx, &what).await? {
            let result = json!({"botId": bot, "written": done.written, "repeated": done.repeated, "nodes": done.nodes});
            task.end(ctx, &*tx, || result).await?;
            return tx.commit().await;
        }
    }
    Err(Error::conflict("The agent is being changed by others"))
}

pub(super) struct Export;

#[async_trait]
impl Handler<Ctx> for Export {
    fn kind(&self) -> &'static str {
        EXPORT
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<AskExport>(ctx, job)?;
        let bot = super::agent_of(job)?;
        export(&Task::of(progress), ctx, &caller, bot, ask).await?;
        Ok(Value::Null)
    }
}

async fn export(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    ask: AskExport,
) -> Result<()> {
    let agent = agents::get(ctx, caller, bot).await?;
    let copy = match (ask.published, agent.published) {
        (false, _) => Copy::Draft,
        (true, Some(version)) => Copy::Version(version),
        (true, None) => return Err(Error::of(&codes::BOT_NOT_PUBLISHED)),
    };
    task.say(10, "Writing the file").await;
    let package = draft::open_copy(ctx, caller, bot, &copy).await?;
    let format = Format::of_name(&format!(".{}", ask.format)).unwrap_or(Format::Csv);
    let (own, language) = (bot.clone(), ask.language.clone());
    let write = move || graph::export(&own, &package, &language, format);
    let bytes = tokio::task::spawn_blocking(write).await;
    let bytes = bytes.map_err(Error::internal)??;
    let name = format!("knowledge-graph.{}", ask.format);
    let kept = file::sealed(ctx, &caller.account, &name, bytes).await?;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    tx.files().add(&kept).await?;
    task.end(ctx, &*tx, || json!({"botId": bot, "fileId": kept.id}))
        .await?;
    tx.commit().await
}
