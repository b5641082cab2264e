//! Publish: an immutable snapshot of draft, models and scope mappings (DECISIONS section 5).

use super::{
    get, mix,
    version::{self, Snapshot},
};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
    work::Task,
};
use serde_json::json;
use store::NewVersion;
use types::{
    Error, Result,
    id::{BotId, VersionId},
};

pub use super::mix::EXTENSIONS;

/// What to publish.
#[derive(Debug, Clone, Default)]
pub struct Publish {
    /// What the person says about it.
    pub comment: String,
    /// Components, as [`mix`] has them; empty means everything. The others keep their copy of the version in force; where there is
    /// none, the whole definition goes. Scope mappings go along with everything or with [`EXTENSIONS`].
    pub components: Vec<String>,
    /// Take the models as they are, also when they are stale or missing. A mix of draft and version in force has models of its
    /// own, and does not look at this.
    pub skip_training: bool,
    /// Put this version in force again, instead of a new one of the draft; the rest, the comment aside, does not count then.
    pub version: Option<i64>,
}

/// What a publish made.
#[derive(Debug, Clone)]
pub struct Published {
    /// The snapshot.
    pub version: VersionId,
    /// Its number.
    pub number: i64,
}

/// Trains what is stale, then puts a snapshot in force in one transaction.
///
/// # Errors
/// Not found; bad input on `components`, also when they do not fit what stays in force; a conflict when the draft, or what is in
/// force, changed meanwhile.
pub async fn publish(ctx: &Ctx, caller: &Caller, bot: &BotId, ask: &Publish) -> Result<Published> {
    publish_in(&Task::alone(), ctx, caller, bot, ask).await
}

/// [`publish`] as the work of a job.
///
/// # Errors
/// As [`publish`]; a conflict when the job is somebody else's by now.
pub(crate) async fn publish_in(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    ask: &Publish,
) -> Result<Published> {
    if let Some(number) = ask.version {
        let again = version::put_in_force(task, ctx, caller, bot, number, &ask.comment).await?;
        return Ok(Published {
            version: again.new.id,
            number,
        });
    }
    mix::check(&ask.components)?;
    let agent = get(ctx, caller, bot).await?;
    let account = &caller.account;
    let in_part = !mix::is_everything(&ask.components);
    let snapshot = match agent.published.as_ref().filter(|_| in_part) {
        Some(base) => {
            Snapshot::mixed(&task.part(0, 75), ctx, caller, bot, base, &ask.components).await?
        }
        None => {
            if !ask.skip_training {
                crate::training::train_all_in(&task.part(0, 70), ctx, caller, bot).await?;
            }
            task.say(75, "Making the snapshot").await;
            Snapshot::of_draft(ctx, caller, bot).await?
        }
    };
    if agent.draft_digest != snapshot.draft() {
        return Err(Error::conflict(
            "The agent changed while it was published; publish again",
        ));
    }
    task.say(90, "Putting the snapshot in force").await;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    if in_part {
        let now = tx.agents().hold(account, bot).await?;
        if now.is_none_or(|now| now.published != agent.published) {
            return Err(Error::conflict(
                "Another version was put in force meanwhile; publish again",
            ));
        }
    }
    let row = NewVersion {
        comment: ask.comment.clone(),
        components: ask.components.clone(),
        ..snapshot.row(ctx, caller, bot)
    };
    let version = snapshot.write(ctx, &*tx, caller, row).await?;
    let (id, digest) = (version.new.id.clone(), version.new.digest.clone());
    if ask.components.is_empty() || ask.components.iter().any(|c| c == EXTENSIONS) {
        tx.mappings().publish(account, bot).await?;
    }
    tx.agents()
        .set_published(account, bot, &id, ctx.now())
        .await?;
    let change = Change {
        action: "agent.publish",
        target: bot.as_str(),
        bot: Some(bot),
        after: Some(digest),
        details: Some(json!({"version": id, "components": ask.components})),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    let result = || json!({"botId": bot, "version": id, "number": version.number});
    task.end(ctx, &*tx, result).await?;
    tx.commit().await?;
    Ok(Published {
        version: id,
        number: version.number,
    })
}
