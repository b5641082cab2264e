//! Import into an agent that is there already: whole or by parts, and its shared functions.

use super::{
    draft::{self, Edit},
    file,
    import::parts,
    part::{self, Choice, Merge},
};
use crate::{Caller, Ctx, work::Task};
use definition::{Agent, Package};
use serde_json::json;
use types::{
    Error, Result,
    id::{BotId, FileId},
};

/// Times that the merge starts again because somebody changed the draft meanwhile.
const TRIES: usize = 8;
/// Files with shared functions that one import takes (ours).
const FUNCTIONS_MAX: usize = 20;
/// Longest source of shared functions, bytes (ours).
const SOURCE_MAX: usize = 4 << 20;

/// Takes the chosen parts of a package over into the draft, as the work of a job: all or nothing, on whatever the draft is by then.
///
/// # Errors
/// Not found; bad input when the package holds nothing of what was chosen; a conflict when the job is somebody else's by now, or
/// others kept changing the draft.
pub(crate) async fn merge_in(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    package: Package,
    choice: Choice,
    merge: Merge,
) -> Result<()> {
    let what = Edit {
        action: "agent.import",
        details: json!({"parts": choice.words.iter().map(|(_, word)| word).collect::<Vec<_>>()}),
    };
    let view = Agent::from_package(&package);
    let listed: Vec<_> = parts(&package, &view)
        .into_iter()
        .map(|(kind, name)| json!({"taskType": kind, "taskName": name}))
        .collect();
    for _ in 0..TRIES {
        let (package, choice, merge) = (package.clone(), choice.clone(), merge.clone());
        let prepared = draft::prepare(ctx, caller, bot, move |draft| {
            part::take(draft, package, &choice, &merge)
        })
        .await?;
        task.say(80, "Storing the draft").await;
        let tx = ctx.store().begin().await?;
        task.hold(ctx, &*tx).await?;
        if !prepared.write(ctx, caller, &*tx, &what).await? {
            continue;
        }
        let result = || {
            json!({"botId": bot, "refId": view.ref_id, "parts": listed,
                "skippedUtterances": prepared.value.utterances})
        };
        task.end(ctx, &*tx, result).await?;
        return tx.commit().await;
    }
    Err(Error::conflict(
        "The agent is being changed by others; import again",
    ))
}

/// Shared functions that were uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Functions {
    /// Name of the file.
    pub name: String,
    /// Its id.
    pub file: FileId,
}

/// Puts uploaded scripts in the place of the agent's shared functions; several become one, in their order.
///
/// # Errors
/// Not found, for the agent or a file; bad input that names the file that cannot be parsed.
pub async fn import_functions(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    wanted: &[Functions],
) -> Result<()> {
    super::get(ctx, caller, bot).await?;
    if wanted.is_empty() || wanted.len() > FUNCTIONS_MAX {
        let text = format!("must be a list of 1 to {FUNCTIONS_MAX} files");
        return Err(Error::field("body", text));
    }
    let mut sources = Vec::new();
    for each in wanted {
        let (_, bytes) = file::read(ctx, &caller.account, &each.file).await?;
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| Error::field(&each.name, "must be a text in UTF-8"))?;
        sources.push(text);
    }
    let whole = sources.join("\n");
    if whole.len() > SOURCE_MAX {
        let text = format!("must have at most {} MiB in all", SOURCE_MAX >> 20);
        return Err(Error::field("fileId", text));
    }
    let names: Vec<String> = wanted.iter().map(|each| each.name.clone()).collect();
    let checked = tokio::task::spawn_blocking(move || {
        for (name, source) in names.iter().zip(&sources) {
            script::check(source).map_err(|error| Error::field(name, error.to_string()))?;
        }
        Ok::<_, Error>(())
    });
    checked.await.map_err(Error::internal)??;
    let given = wanted[0].name.clone();
    let fits = given.to_ascii_lowercase().ends_with("botfunctions.js");
    let stem = given.trim_end_matches(".js").to_owned();
    let name = if fits {
        given
    } else {
        format!("{stem}_botfunctions.js")
    };
    let what = Edit {
        action: "agent.functions",
        details: json!({"files": wanted.len()}),
    };
    draft::edit(ctx, caller, bot, &what, move |package| {
        package.bot_functions = Some((name.clone(), whole.clone()));
        Ok(())
    })
    .await
}
