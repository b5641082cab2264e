//! Knowledge graphs out of a file and into one.

use super::rows::{self, Part, Rows, Written};
use crate::{
    Caller, Ctx,
    training::{graph, graph_file, knowledge, utterance_file::Format},
};
use definition::Package;
use serde_json::json;
use store::Job;
use types::{
    Result,
    id::{BotId, FileId, JobId},
};

/// The knowledge graph of a language.
pub(super) struct Graph;

impl Rows for Graph {
    const IMPORT: &'static str = "graph_import";
    const EXPORT: &'static str = "graph_export";
    const ACTION: &'static str = "graph.import";
    const FILE: &'static str = "knowledge-graph";
    type Content = graph_file::File;

    fn read(format: Format, bytes: &[u8]) -> Result<Self::Content> {
        graph_file::read(format, bytes)
    }

    fn count(content: &Self::Content) -> String {
        format!("{} questions", content.faqs.len())
    }

    fn write(
        ctx: &Ctx,
        part: &Part,
        content: &Self::Content,
        package: &mut Package,
    ) -> Result<Written> {
        let fresh = || ctx.ids().uuid().to_string();
        let Part {
            bot,
            language,
            format,
        } = part;
        let done = graph::replace(bot, package, language, *format, content, &fresh)?;
        Ok(Written {
            details: json!({"language": language, "questions": done.written, "nodes": done.nodes}),
            result: json!({"written": done.written, "repeated": done.repeated, "nodes": done.nodes}),
        })
    }

    fn export(part: &Part, package: &Package) -> Result<Vec<u8>> {
        graph::export(&part.bot, package, &part.language, part.format)
    }
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
    rows::ask_import::<Graph>(ctx, caller, bot, language, name, file).await
}

/// Asks for the knowledge graph of a language of the draft, or of the published copy, as a file. The result names it (`fileId`).
///
/// # Errors
/// Not found; bad input on `language`; [`types::codes::BOT_NOT_PUBLISHED`].
pub async fn ask_graph_export(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    published: bool,
    language: &str,
    format: Format,
) -> Result<JobId> {
    knowledge::speaks(ctx, caller, bot, language).await?;
    rows::ask_export::<Graph>(ctx, caller, bot, published, language, format).await
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
    super::find_of(ctx, caller, bot, job, Graph::IMPORT).await
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
    rows::latest_export::<Graph>(ctx, caller, bot).await
}
