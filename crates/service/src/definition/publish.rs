//! Publish: an immutable snapshot of draft, models and scope mappings (DECISIONS section 5).

use super::{get, stored};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
    work::Task,
};
use serde_json::json;
use store::{Copy, Model, NewVersion};
use types::{
    Error, Kind, Result,
    id::{BotId, VersionId},
};

/// The component whose publish puts scope mappings in force.
pub const EXTENSIONS: &str = "EXTENSIONS";

/// What to publish.
#[derive(Debug, Clone, Default)]
pub struct Publish {
    /// What the person says about it.
    pub comment: String,
    /// Components; empty means everything. Definition and models are always those of the draft; scope mappings go along
    /// with everything or with [`EXTENSIONS`].
    pub components: Vec<String>,
    /// Take the models as they are, also when they are stale or missing.
    pub skip_training: bool,
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
/// Not found; a conflict when the draft changed meanwhile.
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
    let before = get(ctx, caller, bot).await?.draft_digest;
    if !ask.skip_training {
        crate::training::train_all_in(&task.part(0, 70), ctx, caller, bot).await?;
    }
    task.say(75, "Making the snapshot").await;
    let agent = get(ctx, caller, bot).await?;
    let account = &caller.account;
    let draft = ctx
        .store()
        .definitions()
        .find(account, bot, &Copy::Draft)
        .await?
        .ok_or_else(|| Error::new(Kind::NotFound, "The agent has no definition"))?;
    let id = VersionId::new(ctx.ids());
    let copy = Copy::Version(id.clone());
    let digest = draft.digest.clone();
    let sealed = {
        let (ctx, account, bot, copy) = (ctx.clone(), account.clone(), bot.clone(), copy.clone());
        let work = tokio::task::spawn_blocking(move || {
            let package = stored::open(ctx.vault(), &account, &bot, &Copy::Draft, &draft)?;
            stored::seal(ctx.vault(), &account, &bot, &copy, package)
        });
        work.await.map_err(Error::internal)??
    };
    let mut models = Vec::new();
    for language in &agent.languages {
        let model = ctx
            .store()
            .models()
            .find(account, bot, language, &Copy::Draft)
            .await?;
        models.extend(model);
    }
    task.say(90, "Putting the snapshot in force").await;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    let now = tx.agents().find(account, bot).await?;
    if before != digest || now.is_none_or(|now| now.draft_digest != digest) {
        return Err(Error::conflict(
            "The agent changed while it was published; publish again",
        ));
    }
    let version = NewVersion {
        id: id.clone(),
        account: account.clone(),
        bot: bot.clone(),
        digest: digest.clone(),
        comment: ask.comment.clone(),
        components: ask.components.clone(),
        created_by: caller.actor(),
        created_at: ctx.now(),
    };
    let version = tx.versions().add(&version).await?;
    tx.definitions().put(account, bot, &copy, &sealed).await?;
    for mut model in models {
        model.head.copy = copy.clone();
        model.head.created_at = ctx.now();
        tx.models().put(&Model { ..model }).await?;
    }
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
