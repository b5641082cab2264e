//! Export of the draft as a zip.

use super::{get, stored};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
};
use store::Copy;
use types::{Error, Result, codes, id::BotId};

/// The draft as a zip. Values of secured variables are left out, as documented.
///
/// # Errors
/// Not found; internal when it cannot be opened.
pub async fn export(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Vec<u8>> {
    get(ctx, caller, bot).await?;
    let draft = ctx
        .store()
        .definitions()
        .find(&caller.account, bot, &Copy::Draft)
        .await?;
    let draft = draft.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let work = {
        let (ctx, account, bot) = (ctx.clone(), caller.account.clone(), bot.clone());
        tokio::task::spawn_blocking(move || {
            let package = stored::open(ctx.vault(), &account, &bot, &Copy::Draft, &draft)?;
            definition::to_zip(&package).map_err(Error::internal)
        })
    };
    let zip = work.await.map_err(Error::internal)??;
    let change = Change {
        action: "agent.export",
        target: bot.as_str(),
        bot: Some(bot),
        ..Change::default()
    };
    audit::note(ctx, ctx.store(), caller, change).await?;
    Ok(zip)
}
