//! Publish: an immutable snapshot of draft, models and scope mappings (DECISIONS section 5).

use super::{get, stored};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
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
    crate::training::train_all(ctx, caller, bot).await?;
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
    let tx = ctx.store().begin().await?;
    let now = tx.agents().find(account, bot).await?;
    if now.is_none_or(|now| now.draft_digest != digest) {
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
    tx.commit().await?;
    Ok(Published {
        version: id,
        number: version.number,
    })
}
