//! Utterances out of a file and into one.

use super::rows::{self, Part, Rows, Written};
use crate::{
    Caller, Ctx, definition as agents,
    training::{
        utterance,
        utterance_file::{self, Format, Row},
    },
};
use definition::Package;
use serde_json::json;
use store::Job;
use types::{
    Result,
    id::{BotId, FileId, JobId},
};

/// The utterances of every language; each row names its own.
pub(super) struct Utterances;

impl Rows for Utterances {
    const IMPORT: &'static str = "utterance_import";
    const EXPORT: &'static str = "utterance_export";
    const ACTION: &'static str = "utterance.import";
    const FILE: &'static str = "utterances";
    type Content = Vec<Row>;

    fn read(format: Format, bytes: &[u8]) -> Result<Self::Content> {
        utterance_file::read(format, bytes)
    }

    fn count(content: &Self::Content) -> String {
        format!("{} utterances", content.len())
    }

    fn write(
        ctx: &Ctx,
        part: &Part,
        content: &Self::Content,
        package: &mut Package,
    ) -> Result<Written> {
        let fresh = || ctx.ids().hex24();
        let done = utterance::replace(package, part.format, content, &fresh)?;
        let said = json!({"written": done.written, "repeated": done.repeated});
        Ok(Written {
            details: said.clone(),
            result: said,
        })
    }

    fn export(part: &Part, package: &Package) -> Result<Vec<u8>> {
        utterance::export(package, part.format)
    }
}

/// Asks for an import of the utterances of an uploaded file. It does not train.
///
/// # Errors
/// Not found: the agent, or the file; bad input on `fileName`.
pub async fn ask_utterance_import(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    name: &str,
    file: FileId,
) -> Result<JobId> {
    agents::get(ctx, caller, bot).await?;
    rows::ask_import::<Utterances>(ctx, caller, bot, "", name, file).await
}

/// Asks for an export of the utterances of the draft, or of the published copy. The result names the file (`fileId`).
///
/// # Errors
/// Not found; [`types::codes::BOT_NOT_PUBLISHED`].
pub async fn ask_utterance_export(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    published: bool,
    format: Format,
) -> Result<JobId> {
    rows::ask_export::<Utterances>(ctx, caller, bot, published, "", format).await
}

/// An import of utterances of this agent.
///
/// # Errors
/// Not found, for another kind of job and another agent's too.
pub async fn find_utterance_import(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    job: &JobId,
) -> Result<Job> {
    super::find_of(ctx, caller, bot, job, Utterances::IMPORT).await
}

/// The newest export of utterances of the agent with its layout (`csv` or `json`), running or over.
///
/// # Errors
/// When the store cannot be reached.
pub async fn latest_utterance_export(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
) -> Result<Option<(Job, String)>> {
    rows::latest_export::<Utterances>(ctx, caller, bot).await
}
