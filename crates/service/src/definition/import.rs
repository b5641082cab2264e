//! Import as a new agent.

use super::stored;
use crate::{
    Caller, Ctx,
    admin::checked_name,
    audit::{self, Change},
};
use definition::{ComponentKind, ImportReport, Package};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Agent, Copy};
use types::{Error, Result, id::BotId};

/// What an import made.
#[derive(Debug)]
pub struct Imported {
    /// The new agent.
    pub bot: BotId,
    /// Its name.
    pub name: String,
    /// What runs, what is kept, what is broken.
    pub report: ImportReport,
}

/// Makes a new agent of a package. Ids inside the definition stay; the agent's own id, and stream ids equal to it,
/// become a fresh one (DECISIONS section 9). One transaction: all or nothing.
///
/// # Errors
/// Bad input on `name`; when the store cannot be reached.
pub async fn import(
    ctx: &Ctx,
    caller: &Caller,
    package: Package,
    name: Option<String>,
) -> Result<Imported> {
    let name = name.map(|name| checked_name("name", &name)).transpose()?;
    let bot = BotId::new(ctx.ids());
    let work = {
        let (ctx, caller, bot) = (ctx.clone(), caller.clone(), bot.clone());
        tokio::task::spawn_blocking(move || prepare(&ctx, &caller, bot, package, name))
    };
    let (agent, sealed, report) = work.await.map_err(Error::internal)??;
    let tx = ctx.store().begin().await?;
    tx.agents().add(&agent).await?;
    tx.definitions()
        .put(&caller.account, &bot, &Copy::Draft, &sealed)
        .await?;
    let change = Change {
        action: "agent.import",
        target: bot.as_str(),
        bot: Some(&bot),
        after: Some(sealed.digest.clone()),
        details: Some(json!({"name": agent.name})),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await?;
    Ok(Imported {
        bot,
        name: agent.name,
        report,
    })
}

/// The CPU part: new id, typed view, report, seal.
fn prepare(
    ctx: &Ctx,
    caller: &Caller,
    bot: BotId,
    mut package: Package,
    name: Option<String>,
) -> Result<(Agent, store::Definition, ImportReport)> {
    if let Some(old) = package.definition.get("_id").and_then(Value::as_str) {
        let old = old.to_owned();
        definition::rebrand(&mut package.definition, &old, bot.as_str());
    } else if let Some(members) = package.definition.as_object_mut() {
        members.insert("_id".to_owned(), json!(bot));
    }
    let view = definition::Agent::from_package(&package);
    let report = super::report(&package, &view);
    let sealed = stored::seal(ctx.vault(), &caller.account, &bot, &Copy::Draft, package)?;
    let language = &view.default_language;
    let given = view.name(language);
    let name = name.unwrap_or_else(|| {
        if given.trim().is_empty() {
            "Imported agent".to_owned()
        } else {
            given.trim().to_owned()
        }
    });
    let now = ctx.now();
    let intents = view
        .components
        .iter()
        .filter(|c| matches!(c.kind, ComponentKind::Intent(_)))
        .count();
    let agent = Agent {
        bot,
        account: caller.account.clone(),
        name,
        description: view
            .descriptions
            .get(language, language)
            .cloned()
            .unwrap_or_default(),
        languages: view.enabled_languages().map(str::to_owned).collect(),
        draft_digest: sealed.digest.clone(),
        trained: BTreeMap::new(),
        published: None,
        dialogs: count(view.dialogs.len()),
        intents: count(intents),
        faqs: count(view.knowledge.iter().map(|task| task.faqs.len()).sum()),
        report: serde_json::to_value(&report).map_err(Error::internal)?,
        extra: json!({}),
        created_at: now,
        updated_at: now,
    };
    Ok((agent, sealed, report))
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
