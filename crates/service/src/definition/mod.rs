//! Agents as definitions: import, snapshots, publish, export, delete. A definition is taken whole or not at all.

pub mod compare;
pub mod draft;
mod export;
pub mod file;
mod import;
pub mod language;
pub mod link;
mod load;
mod merge;
mod mix;
pub mod part;
mod publish;
mod remove;
mod report;
pub mod sample;
pub(crate) mod stored;
pub mod ticket;
pub mod variable;
pub mod version;

pub(crate) use export::export_in;
pub use export::{Leave, export, export_copy};
pub(crate) use import::import_in;
pub use import::{Imported, import};
pub use load::{AgentCache, load};
pub(crate) use merge::merge_in;
pub use merge::{Functions, import_functions};
pub use mix::check as check_components;
pub(crate) use publish::publish_in;
pub use publish::{EXTENSIONS, Publish, Published, publish};
pub use remove::{remove, remove_seen};
pub use report::report;

use crate::{Caller, Ctx};
use store::Agent;
use types::{Error, Result, codes, id::BotId};

/// The agent's row.
///
/// # Errors
/// Not found, for another account's agent too.
pub async fn get(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Agent> {
    let found = ctx.store().agents().find(&caller.account, bot).await?;
    found.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))
}
