//! Export of a copy as a zip.

use super::{file, get, part::Choice, stored};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
    work::Task,
};
use definition::Package;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Copy;
use types::{Error, Result, codes, id::BotId};

/// Variables that an export leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// These, by name.
    pub names: Vec<String>,
    /// Every environment variable.
    pub environment: bool,
    /// Every content variable.
    pub content: bool,
}

impl Leave {
    fn apply(&self, package: &mut Package) {
        let sift = |list: Option<&mut Value>, all: bool| {
            if let Some(Value::Array(items)) = list {
                let named = |item: &Value| self.names.iter().any(|name| item["key"] == **name);
                items.retain(|item| !all && !named(item));
            }
        };
        let config = package.config.as_mut();
        sift(
            config.and_then(|c| c.get_mut("envVariables")),
            self.environment,
        );
        sift(package.definition.get_mut("contentVariables"), self.content);
    }
}

/// The draft as a zip. Values of secured variables are left out, as documented.
///
/// # Errors
/// Not found; internal when it cannot be opened.
pub async fn export(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Vec<u8>> {
    export_copy(ctx, caller, bot, &Copy::Draft).await
}

/// A copy as a zip, as [`export`].
///
/// # Errors
/// As [`export`].
pub async fn export_copy(ctx: &Ctx, caller: &Caller, bot: &BotId, copy: &Copy) -> Result<Vec<u8>> {
    get(ctx, caller, bot).await?;
    let zip = zip(ctx, caller, bot, copy, Leave::default(), Choice::default()).await?;
    audit::note(ctx, ctx.store(), caller, change(bot)).await?;
    Ok(zip)
}

/// Writes the chosen parts of a copy as a zip among the files of the account, as the work of a job.
///
/// # Errors
/// Not found; [`codes::BOT_NOT_PUBLISHED`]; a conflict when the job is somebody else's by now.
pub(crate) async fn export_in(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    published: bool,
    leave: Leave,
    choice: Choice,
) -> Result<()> {
    let agent = get(ctx, caller, bot).await?;
    let copy = match (published, agent.published) {
        (false, _) => Copy::Draft,
        (true, Some(version)) => Copy::Version(version),
        (true, None) => return Err(Error::of(&codes::BOT_NOT_PUBLISHED)),
    };
    task.say(10, &format!("Packing {}", agent.name)).await;
    let zip = zip(ctx, caller, bot, &copy, leave, choice).await?;
    task.say(80, &format!("Storing {} bytes", zip.len())).await;
    let file = file::sealed(ctx, &caller.account, &format!("{bot}.zip"), zip).await?;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    tx.files().add(&file).await?;
    audit::note(ctx, &*tx, caller, change(bot)).await?;
    let result = || json!({"botId": bot, "fileId": file.id, "bytes": file.size});
    task.end(ctx, &*tx, result).await?;
    tx.commit().await
}

fn change(bot: &BotId) -> Change<'_> {
    Change {
        action: "agent.export",
        target: bot.as_str(),
        bot: Some(bot),
        ..Change::default()
    }
}

async fn zip(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    copy: &Copy,
    leave: Leave,
    choice: Choice,
) -> Result<Vec<u8>> {
    let account = &caller.account;
    let row = ctx.store().definitions().find(account, bot, copy).await?;
    let row = row.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let (ctx, account, bot, copy) = (ctx.clone(), account.clone(), bot.clone(), copy.clone());
    let work = tokio::task::spawn_blocking(move || {
        let mut package = stored::open(ctx.vault(), &account, &bot, &copy, &row)?;
        leave.apply(&mut package);
        choice.keep(&mut package)?;
        definition::to_zip(&package).map_err(Error::internal)
    });
    work.await.map_err(Error::internal)?
}
