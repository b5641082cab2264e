//! Changes to the draft: opened, changed as plain JSON, sealed again, and written only if nobody was faster.

use super::{get, link, stored};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
    training, work,
};
use definition::{ComponentKind, ImportReport, Package};
use serde_json::Value;
use std::sync::Arc;
use store::{Agent, Copy, Definition, Tx};
use types::{Error, Result, codes, id::BotId};

/// Times that an edit starts again because somebody else's came first.
const TRIES: usize = 8;

/// What an edit is called in the audit log, which is the agent's change log too.
#[derive(Debug, Clone)]
pub struct Edit {
    /// For instance `language.add`.
    pub action: &'static str,
    /// More, an object without secrets and without words of users.
    pub details: Value,
}

/// An edit that is worked out and not yet written.
pub struct Prepared<T> {
    agent: Agent,
    before: String,
    sealed: Option<Definition>,
    /// What the change answered.
    pub value: T,
}

/// Opens the draft of an agent to read it.
///
/// # Errors
/// Not found, for another account's agent too; internal when it cannot be opened.
pub async fn open(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<(Agent, Package)> {
    let agent = get(ctx, caller, bot).await?;
    Ok((agent, open_copy(ctx, caller, bot, &Copy::Draft).await?))
}

/// Opens a copy of an agent to read it.
///
/// # Errors
/// As [`open`].
pub async fn open_copy(ctx: &Ctx, caller: &Caller, bot: &BotId, copy: &Copy) -> Result<Package> {
    let definitions = ctx.store().definitions();
    let row = definitions.find(&caller.account, bot, copy).await?;
    let row = row.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let (ctx, account, bot, copy) = (
        ctx.clone(),
        caller.account.clone(),
        bot.clone(),
        copy.clone(),
    );
    let work =
        tokio::task::spawn_blocking(move || stored::open(ctx.vault(), &account, &bot, &copy, &row));
    work.await.map_err(Error::internal)?
}

/// Changes the draft of an agent and writes it in one transaction with its row in the change log. A change that leaves the draft
/// as it was writes nothing. `change` may run several times and must only work on what it is given.
///
/// # Errors
/// What `change` answers; not found; a conflict when others kept changing the draft meanwhile.
pub async fn edit<T: Send + 'static>(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    what: &Edit,
    change: impl Fn(&mut Package) -> Result<T> + Send + Sync + 'static,
) -> Result<T> {
    let change = Arc::new(change);
    for _ in 0..TRIES {
        let change = Arc::clone(&change);
        let prepared = prepare(ctx, caller, bot, move |package| change(package)).await?;
        let tx = ctx.store().begin().await?;
        if prepared.write(ctx, caller, &*tx, what).await? {
            tx.commit().await?;
            return Ok(prepared.value);
        }
    }
    Err(Error::conflict(
        "The agent is being changed by others; try again",
    ))
}

/// The first half of [`edit`], for jobs that write in a transaction of their own.
///
/// # Errors
/// As [`edit`].
pub async fn prepare<T: Send + 'static>(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    change: impl FnOnce(&mut Package) -> Result<T> + Send + 'static,
) -> Result<Prepared<T>> {
    let (mut agent, mut package) = open(ctx, caller, bot).await?;
    let (ctx, caller, bot) = (ctx.clone(), caller.clone(), bot.clone());
    let work = tokio::task::spawn_blocking(move || {
        let value = change(&mut package)?;
        let view = definition::Agent::from_package(&package);
        let report = super::report(&package, &view);
        link::describe(&mut agent.extra, &package.definition);
        let sealed = stored::seal(ctx.vault(), &caller.account, &bot, &Copy::Draft, package)?;
        let before = std::mem::replace(&mut agent.draft_digest, sealed.digest.clone());
        describe(&mut agent, &view, &report)?;
        agent.updated_at = ctx.now();
        let sealed = (before != agent.draft_digest).then_some(sealed);
        Ok(Prepared {
            agent,
            before,
            sealed,
            value,
        })
    });
    work.await.map_err(Error::internal)?
}

impl<T> Prepared<T> {
    /// Writes the edit; false when the draft is no longer the one that was read, and nothing was written.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn write(
        &self,
        ctx: &Ctx,
        caller: &Caller,
        tx: &dyn Tx,
        what: &Edit,
    ) -> Result<bool> {
        let Some(sealed) = &self.sealed else {
            return Ok(true);
        };
        if !tx.agents().set_draft(&self.agent, &self.before).await? {
            return Ok(false);
        }
        let bot = &self.agent.bot;
        tx.definitions()
            .put(&caller.account, bot, &Copy::Draft, sealed)
            .await?;
        let change = Change {
            action: what.action,
            target: bot.as_str(),
            bot: Some(bot),
            before: Some(self.before.clone()),
            after: Some(sealed.digest.clone()),
            details: Some(what.details.clone()),
        };
        audit::note(ctx, tx, caller, change).await?;
        if training::auto::asks(&self.agent)
            && let Some(job) = work::retraining(ctx, caller, bot).await?
        {
            tx.jobs().add(&job).await?;
        }
        Ok(true)
    }
}

/// The facts about a draft that stand in the clear.
///
/// # Errors
/// Internal, when the report cannot be written.
pub(super) fn describe(
    agent: &mut Agent,
    view: &definition::Agent,
    report: &ImportReport,
) -> Result<()> {
    let language = &view.default_language;
    let intents = view
        .components
        .iter()
        .filter(|c| matches!(c.kind, ComponentKind::Intent(_)))
        .count();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    agent.description = view
        .descriptions
        .get(language, language)
        .cloned()
        .unwrap_or_default();
    agent.languages = view.enabled_languages().map(str::to_owned).collect();
    agent.dialogs = count(view.dialogs.len());
    agent.intents = count(intents);
    agent.faqs = count(view.knowledge.iter().map(|task| task.faqs.len()).sum());
    agent.report = serde_json::to_value(report).map_err(Error::internal)?;
    Ok(())
}
