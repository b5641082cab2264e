//! Import as a new agent.

use super::{link, stored};
use crate::{
    Caller, Ctx,
    admin::checked_name,
    audit::{self, Change},
    work::Task,
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
    /// Its reference id, the same in every copy of it.
    pub ref_id: String,
    /// What was taken in, part by part: kind (as the API names it) and name.
    pub parts: Vec<(&'static str, String)>,
    /// What runs, what is kept, what is broken.
    pub report: ImportReport,
}

impl Imported {
    /// The result of the job.
    fn result(&self) -> Value {
        let parts = self
            .parts
            .iter()
            .map(|(kind, name)| json!({"taskType": kind, "taskName": name}));
        json!({
            "botId": self.bot,
            "name": self.name,
            "refId": self.ref_id,
            "parts": parts.collect::<Vec<_>>(),
            "report": self.report,
        })
    }
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
    import_in(&Task::alone(), ctx, caller, package, name).await
}

/// [`import`] as the work of a job.
///
/// # Errors
/// As [`import`]; a conflict when the job is somebody else's by now.
pub(crate) async fn import_in(
    task: &Task<'_>,
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
    let (agent, sealed, imported) = work.await.map_err(Error::internal)??;
    task.say(80, &format!("Storing {}", agent.name)).await;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
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
    task.end(ctx, &*tx, || imported.result()).await?;
    tx.commit().await?;
    Ok(imported)
}

/// The CPU part: new id, typed view, report, seal.
fn prepare(
    ctx: &Ctx,
    caller: &Caller,
    bot: BotId,
    mut package: Package,
    name: Option<String>,
) -> Result<(Agent, store::Definition, Imported)> {
    if let Some(old) = package.definition.get("_id").and_then(Value::as_str) {
        let old = old.to_owned();
        definition::rebrand(&mut package.definition, &old, bot.as_str());
    } else if let Some(members) = package.definition.as_object_mut() {
        members.insert("_id".to_owned(), json!(bot));
    }
    let view = definition::Agent::from_package(&package);
    let report = super::report(&package, &view);
    let parts = parts(&package, &view);
    let mut extra = json!({});
    link::describe(&mut extra, &package.definition);
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
    let imported = Imported {
        bot: bot.clone(),
        name: name.clone(),
        ref_id: view.ref_id.clone(),
        parts,
        report,
    };
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
        report: serde_json::to_value(&imported.report).map_err(Error::internal)?,
        extra,
        created_at: now,
        updated_at: now,
    };
    Ok((agent, sealed, imported))
}

/// What a package holds, in the order in which the API lists it.
pub(super) fn parts(package: &Package, view: &definition::Agent) -> Vec<(&'static str, String)> {
    let language = &view.default_language;
    let name = view.name(language).to_owned();
    let mut parts = vec![("Bot Definition", name.clone())];
    parts.extend(
        package
            .bot_functions
            .iter()
            .map(|(file, _)| ("BotFunctions", file.clone())),
    );
    let titles = view
        .dialogs
        .iter()
        .map(|dialog| view.dialog_title(dialog, language));
    parts.extend(titles.map(|title| ("Dialog", title)));
    if !view.knowledge.is_empty() {
        parts.push(("KnowledgeTasks", name.clone()));
    }
    if !view.nlu.sentences.is_empty() {
        parts.push(("Utterences", name.clone()));
    }
    parts.push(("importBot", name));
    parts
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
