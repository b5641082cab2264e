//! Rows of a draft out of a file and into one. [`utterance`](super::utterance) and [`graph`](super::graph) say which rows.

use super::{Task, Wanted, add, newest_of, payload};
use crate::{
    Caller, Ctx,
    definition::{self as agents, draft, file},
    training::utterance_file::Format,
};
use async_trait::async_trait;
use definition::Package;
use jobs::{Handler, JobError, Progress};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{marker::PhantomData, sync::Arc};
use store::{Copy, Job};
use types::{
    Error, Result, codes,
    id::{BotId, FileId, JobId},
};

/// Times that an import starts again because somebody else changed the draft.
const TRIES: usize = 8;

/// The part of a draft that a file holds.
pub(super) struct Part {
    pub bot: BotId,
    /// Empty for rows that name their own.
    pub language: String,
    pub format: Format,
}

/// What an import did.
pub(super) struct Written {
    /// For the change log.
    pub details: Value,
    /// For the answer of the job, beside the agent.
    pub result: Value,
}

/// Rows of a kind.
pub(super) trait Rows: Send + Sync + 'static {
    /// Kind of the job that takes them from a file.
    const IMPORT: &'static str;
    /// Kind of the job that puts them into a file.
    const EXPORT: &'static str;
    /// The import in the change log.
    const ACTION: &'static str;
    /// Name of a file with them, without its ending.
    const FILE: &'static str;
    /// A file, read.
    type Content: Send + Sync + 'static;

    /// # Errors
    /// Bad input with each wrong row.
    fn read(format: Format, bytes: &[u8]) -> Result<Self::Content>;
    /// How many there are, in words.
    fn count(content: &Self::Content) -> String;
    /// # Errors
    /// Bad input with each wrong row; nothing is changed then.
    fn write(
        ctx: &Ctx,
        part: &Part,
        content: &Self::Content,
        package: &mut Package,
    ) -> Result<Written>;
    /// # Errors
    /// When they cannot be written down.
    fn export(part: &Part, package: &Package) -> Result<Vec<u8>>;
}

#[derive(Serialize, Deserialize)]
struct AskImport {
    file: FileId,
    format: String,
    #[serde(default)]
    language: String,
}

#[derive(Serialize, Deserialize)]
struct AskExport {
    published: bool,
    format: String,
    #[serde(default)]
    language: String,
}

fn part(bot: &BotId, format: &str, language: String) -> Part {
    Part {
        bot: bot.clone(),
        language,
        format: Format::of_name(&format!(".{format}")).unwrap_or(Format::Csv),
    }
}

/// Asks that the rows of an uploaded file are taken. The agent and the language have been checked.
///
/// # Errors
/// Not found: the file; bad input on `fileName`.
pub(super) async fn ask_import<R: Rows>(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
    name: &str,
    file: FileId,
) -> Result<JobId> {
    let format = Format::of_name(name);
    let format = format.ok_or_else(|| Error::field("fileName", "must end in .csv or .json"))?;
    let found = ctx.store().files().find(&caller.account, &file, ctx.now());
    if found.await?.is_none() {
        return Err(Error::not_found("Invalid file id"));
    }
    let wanted = Wanted {
        id: JobId::with_prefix("bir-", ctx.ids()),
        kind: R::IMPORT,
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

/// Asks for the rows of the draft, or of the published copy, as a file. The result names it (`fileId`).
///
/// # Errors
/// Not found; [`codes::BOT_NOT_PUBLISHED`].
pub(super) async fn ask_export<R: Rows>(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    published: bool,
    language: &str,
    format: Format,
) -> Result<JobId> {
    copy(ctx, caller, bot, published).await?;
    let wanted = Wanted {
        id: JobId::with_prefix("ds-", ctx.ids()),
        kind: R::EXPORT,
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

/// The newest export of the agent with its layout (`csv` or `json`), running or over.
///
/// # Errors
/// When the store cannot be reached.
pub(super) async fn latest_export<R: Rows>(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
) -> Result<Option<(Job, String)>> {
    let newest = newest_of(ctx, caller, bot, R::EXPORT, 1).await?;
    let Some(job) = newest.into_iter().next() else {
        return Ok(None);
    };
    let format = payload::open::<AskExport>(ctx, &job)?.1.format;
    Ok(Some((job, format)))
}

async fn copy(ctx: &Ctx, caller: &Caller, bot: &BotId, published: bool) -> Result<Copy> {
    let agent = agents::get(ctx, caller, bot).await?;
    match (published, agent.published) {
        (false, _) => Ok(Copy::Draft),
        (true, Some(version)) => Ok(Copy::Version(version)),
        (true, None) => Err(Error::of(&codes::BOT_NOT_PUBLISHED)),
    }
}

/// Takes rows from a file.
pub(super) struct Import<R>(PhantomData<R>);

/// Puts rows into a file.
pub(super) struct Export<R>(PhantomData<R>);

impl<R> Default for Import<R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<R> Default for Export<R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

#[async_trait]
impl<R: Rows> Handler<Ctx> for Import<R> {
    fn kind(&self) -> &'static str {
        R::IMPORT
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<AskImport>(ctx, job)?;
        let bot = super::agent_of(job)?;
        import::<R>(&Task::of(progress), ctx, &caller, bot, ask)
            .await
            .map_err(super::explained)?;
        Ok(Value::Null)
    }
}

async fn import<R: Rows>(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    ask: AskImport,
) -> Result<()> {
    task.say(5, "Reading the file").await;
    let (_, bytes) = file::read(ctx, &caller.account, &ask.file).await?;
    let part = Arc::new(part(bot, &ask.format, ask.language));
    let format = part.format;
    let read = tokio::task::spawn_blocking(move || R::read(format, &bytes));
    let content = Arc::new(read.await.map_err(Error::internal)??);
    for _ in 0..TRIES {
        task.say(40, &format!("Writing {}", R::count(&content)))
            .await;
        let inner = (ctx.clone(), Arc::clone(&part), Arc::clone(&content));
        let prepared = draft::prepare(ctx, caller, bot, move |package| {
            R::write(&inner.0, &inner.1, &inner.2, package)
        })
        .await?;
        let mut result = prepared.value.result.clone();
        result["botId"] = json!(bot);
        let what = draft::Edit {
            action: R::ACTION,
            details: prepared.value.details.clone(),
        };
        let tx = ctx.store().begin().await?;
        task.hold(ctx, &*tx).await?;
        if prepared.write(ctx, caller, &*tx, &what).await? {
            task.end(ctx, &*tx, || result).await?;
            return tx.commit().await;
        }
    }
    Err(Error::conflict("The agent is being changed by others"))
}

#[async_trait]
impl<R: Rows> Handler<Ctx> for Export<R> {
    fn kind(&self) -> &'static str {
        R::EXPORT
    }

    async fn run(&self, ctx: &Ctx, job: &Job, progress: &Progress) -> Result<Value, JobError> {
        let (caller, ask) = payload::open::<AskExport>(ctx, job)?;
        let bot = super::agent_of(job)?;
        export::<R>(&Task::of(progress), ctx, &caller, bot, ask).await?;
        Ok(Value::Null)
    }
}

async fn export<R: Rows>(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    ask: AskExport,
) -> Result<()> {
    let copy = copy(ctx, caller, bot, ask.published).await?;
    task.say(10, "Writing the file").await;
    let package = draft::open_copy(ctx, caller, bot, &copy).await?;
    let name = format!("{}.{}", R::FILE, ask.format);
    let part = part(bot, &ask.format, ask.language);
    let bytes = tokio::task::spawn_blocking(move || R::export(&part, &package)).await;
    let bytes = bytes.map_err(Error::internal)??;
    let kept = file::sealed(ctx, &caller.account, &name, bytes).await?;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    tx.files().add(&kept).await?;
    task.end(ctx, &*tx, || json!({"botId": bot, "fileId": kept.id}))
        .await?;
    tx.commit().await
}
