//! Versions: snapshots that never change. A publish makes one and puts it in force; a person can make one, compare two, put an
//! earlier one in force again, or take it back into the draft.

use super::{
    compare::{self, Comparison},
    draft::{self, Edit},
    get, mix, stored,
};
use crate::{
    Caller, Ctx,
    audit::{self, Change},
    training,
    work::Task,
};
use serde_json::json;
use store::{Copy, Definition, Families, Model, NewVersion, Version};
use types::{
    Error, Result, codes,
    id::{AccountId, BotId, VersionId},
};

/// Versions that are kept of publishes, and as many of people (console.md section 7). Those in force or in use do not count as surplus.
pub const KEPT: usize = 20;
/// Longest name, characters (ours).
const NAME_MAX: usize = 100;
/// Longest description, characters (ours).
const DESCRIPTION_MAX: usize = 2_000;

/// A version and whether it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The row.
    pub version: Version,
    /// It answers on the channels.
    pub in_force: bool,
}

/// What of an agent a comparison looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The draft.
    Draft,
    /// A version, by its number.
    Number(i64),
}

/// The versions of an agent, the newest first.
///
/// # Errors
/// Not found.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Vec<Listed>> {
    let agent = get(ctx, caller, bot).await?;
    let all = ctx.store().versions().list(&caller.account, bot).await?;
    let listed = |version: Version| Listed {
        in_force: agent.published.as_ref() == Some(&version.new.id),
        version,
    };
    Ok(all.into_iter().map(listed).collect())
}

/// One version.
///
/// # Errors
/// Not found.
pub async fn find(ctx: &Ctx, caller: &Caller, bot: &BotId, number: i64) -> Result<Listed> {
    let agent = get(ctx, caller, bot).await?;
    let versions = ctx.store().versions();
    let version = versions.numbered(&caller.account, bot, number).await?;
    let version = version.ok_or_else(|| missing(number))?;
    Ok(Listed {
        in_force: agent.published.as_ref() == Some(&version.new.id),
        version,
    })
}

fn missing(number: i64) -> Error {
    Error::not_found(format!(
        "The agent has no version {number}; list its versions"
    ))
}

/// The copy of an agent that one side of a comparison means.
///
/// # Errors
/// Not found.
pub async fn copy(ctx: &Ctx, caller: &Caller, bot: &BotId, side: Side) -> Result<Copy> {
    match side {
        Side::Draft => get(ctx, caller, bot).await.map(|_| Copy::Draft),
        Side::Number(number) => {
            let found = find(ctx, caller, bot, number).await?;
            Ok(Copy::Version(found.version.new.id))
        }
    }
}

/// What differs from one copy to another.
///
/// # Errors
/// Not found.
pub async fn compare(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    from: Side,
    to: Side,
) -> Result<Comparison> {
    let mut packages = Vec::new();
    for side in [from, to] {
        let copy = copy(ctx, caller, bot, side).await?;
        packages.push(draft::open_copy(ctx, caller, bot, &copy).await?);
    }
    let work = tokio::task::spawn_blocking(move || compare::compare(&packages[0], &packages[1]));
    work.await.map_err(Error::internal)
}

/// Makes a version of the draft and its models; nothing is put in force.
///
/// # Errors
/// Not found; bad input on `name` or `description`; a conflict when the draft changed meanwhile.
pub async fn create(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    name: &str,
    description: &str,
) -> Result<Version> {
    let long = |text: &str, most: usize| text.chars().count() > most;
    let name = name.trim();
    if name.is_empty() || long(name, NAME_MAX) {
        let text = format!("must have 1 to {NAME_MAX} characters");
        return Err(Error::field("name", text));
    }
    if long(description, DESCRIPTION_MAX) {
        let text = format!("must have at most {DESCRIPTION_MAX} characters");
        return Err(Error::field("description", text));
    }
    let snapshot = Snapshot::of_draft(ctx, caller, bot).await?;
    let tx = ctx.store().begin().await?;
    let version = NewVersion {
        name: name.to_owned(),
        by_hand: true,
        comment: description.to_owned(),
        ..snapshot.row(ctx, caller, bot)
    };
    let version = snapshot.write(ctx, &*tx, caller, version).await?;
    let change = Change {
        action: "version.create",
        target: version.new.id.as_str(),
        bot: Some(bot),
        after: Some(version.new.digest.clone()),
        details: Some(json!({"number": version.number, "name": name})),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await?;
    Ok(version)
}

/// Removes a version that a person made.
///
/// # Errors
/// Not found; a conflict for the version in force, for one of a publish, and for one on which a conversation goes on.
pub async fn remove(ctx: &Ctx, caller: &Caller, bot: &BotId, number: i64) -> Result<()> {
    let account = &caller.account;
    let tx = ctx.store().begin().await?;
    let agent = tx.agents().hold(account, bot).await?;
    let agent = agent.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let version = tx.versions().numbered(account, bot, number).await?;
    let version = version.ok_or_else(|| missing(number))?;
    let id = &version.new.id;
    if !version.new.by_hand {
        return Err(Error::conflict(format!(
            "Version {number} was made by a publish and cannot be deleted"
        )));
    }
    if agent.published.as_ref() == Some(id) {
        return Err(Error::conflict(format!(
            "Version {number} is in force; publish another one first"
        )));
    }
    if tx.versions().in_use(account, bot).await?.contains(id) {
        return Err(Error::conflict(format!(
            "A conversation goes on on version {number}; try again when it is over"
        )));
    }
    tx.versions().remove(account, bot, id).await?;
    let change = Change {
        action: "version.delete",
        target: id.as_str(),
        bot: Some(bot),
        before: Some(version.new.digest.clone()),
        details: Some(json!({"number": number, "name": version.new.name})),
        ..Change::default()
    };
    audit::note(ctx, &*tx, caller, change).await?;
    tx.commit().await
}

/// Puts a version in the place of the draft. What is in force stays as it is.
///
/// # Errors
/// Not found; a conflict when others kept changing the draft meanwhile.
pub async fn restore(ctx: &Ctx, caller: &Caller, bot: &BotId, number: i64) -> Result<Version> {
    let version = find(ctx, caller, bot, number).await?.version;
    let copy = Copy::Version(version.new.id.clone());
    let package = draft::open_copy(ctx, caller, bot, &copy).await?;
    let what = Edit {
        action: "version.restore",
        details: json!({"number": number, "version": version.new.id}),
    };
    draft::edit(ctx, caller, bot, &what, move |draft| {
        *draft = package.clone();
        Ok(())
    })
    .await?;
    Ok(version)
}

/// Puts an earlier version in force again, as the work of a job: first its models are made anew where this program cannot use
/// them, then one transaction swaps it in. The draft and the scopes of apps stay as they are: an old version must not bring back a
/// scope that was taken away since.
///
/// # Errors
/// Not found; a conflict when the job is somebody else's by now.
pub(crate) async fn put_in_force(
    task: &Task<'_>,
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    number: i64,
    comment: &str,
) -> Result<Version> {
    let account = &caller.account;
    let found = find(ctx, caller, bot, number).await?;
    let id = found.version.new.id.clone();
    let copy = Copy::Version(id.clone());
    training::make_ready(&task.part(0, 80), ctx, account, bot, &copy).await?;
    task.say(85, &format!("Putting version {number} in force"))
        .await;
    let tx = ctx.store().begin().await?;
    task.hold(ctx, &*tx).await?;
    // held, so that nobody removes the version between the look and the swap
    let agent = tx.agents().hold(account, bot).await?;
    let agent = agent.ok_or_else(|| Error::of(&codes::BOT_NOT_FOUND))?;
    let still = tx.versions().find(account, bot, &id).await?;
    let version = still.ok_or_else(|| missing(number))?;
    tx.agents()
        .set_published(account, bot, &id, ctx.now())
        .await?;
    let change = Change {
        action: "agent.publish",
        target: bot.as_str(),
        bot: Some(bot),
        before: agent.published.map(|version| version.to_string()),
        after: Some(version.new.digest.clone()),
        details: Some(json!({"version": id, "number": number, "again": true, "comment": comment})),
    };
    audit::note(ctx, &*tx, caller, change).await?;
    let result = || json!({"botId": bot, "version": id, "number": number});
    task.end(ctx, &*tx, result).await?;
    tx.commit().await?;
    Ok(version)
}

/// The draft as it is at one moment, sealed for its new place.
pub(super) struct Snapshot {
    id: VersionId,
    copy: Copy,
    /// Digest of the draft.
    draft: String,
    sealed: Definition,
    models: Vec<Model>,
}

impl Snapshot {
    /// Reads the draft and its models.
    ///
    /// # Errors
    /// Not found; internal when it cannot be opened.
    pub(super) async fn of_draft(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Self> {
        let agent = get(ctx, caller, bot).await?;
        let account = &caller.account;
        let store = ctx.store();
        let draft = store.definitions().find(account, bot, &Copy::Draft).await?;
        let draft = draft.ok_or_else(|| Error::not_found("The agent has no definition"))?;
        let id = VersionId::new(ctx.ids());
        let copy = Copy::Version(id.clone());
        let sealed = {
            let (ctx, account, bot, copy) =
                (ctx.clone(), account.clone(), bot.clone(), copy.clone());
            let work = tokio::task::spawn_blocking(move || {
                let package = stored::open(ctx.vault(), &account, &bot, &Copy::Draft, &draft)?;
                stored::seal(ctx.vault(), &account, &bot, &copy, package)
            });
            work.await.map_err(Error::internal)??
        };
        let mut models = Vec::new();
        for language in &agent.languages {
            let model = store.models().find(account, bot, language, &Copy::Draft);
            models.extend(model.await?);
        }
        Ok(Self {
            id,
            copy,
            draft: sealed.digest.clone(),
            sealed,
            models,
        })
    }

    /// The draft in what is ticked and the version in force in the rest, with models of exactly that: those of the draft or of a
    /// version that were made of the same input, or new ones.
    ///
    /// # Errors
    /// Not found; bad input when the two do not fit together; internal when one cannot be opened.
    pub(super) async fn mixed(
        task: &Task<'_>,
        ctx: &Ctx,
        caller: &Caller,
        bot: &BotId,
        in_force: &VersionId,
        ticked: &[String],
    ) -> Result<Self> {
        let account = &caller.account;
        let (agent, draft) = draft::open(ctx, caller, bot).await?;
        let published = Copy::Version(in_force.clone());
        let published = draft::open_copy(ctx, caller, bot, &published).await?;
        let id = VersionId::new(ctx.ids());
        let copy = Copy::Version(id.clone());
        let (view, sealed) = {
            let (ctx, account, bot, copy) =
                (ctx.clone(), account.clone(), bot.clone(), copy.clone());
            let ticked = ticked.to_vec();
            let work = tokio::task::spawn_blocking(move || {
                let package = mix::mix(&draft, &published, &ticked)?;
                let view = definition::Agent::from_package(&package);
                let sealed = stored::seal(ctx.vault(), &account, &bot, &copy, package)?;
                Ok::<_, Error>((view, sealed))
            });
            work.await.map_err(Error::internal)??
        };
        let models = training::models_of(task, ctx, account, bot, &copy, &view).await?;
        Ok(Self {
            id,
            copy,
            draft: agent.draft_digest,
            sealed,
            models,
        })
    }

    /// Digest of the draft that was read.
    pub(super) fn draft(&self) -> &str {
        &self.draft
    }

    /// The row of a publish; who makes one by hand changes what differs.
    pub(super) fn row(&self, ctx: &Ctx, caller: &Caller, bot: &BotId) -> NewVersion {
        NewVersion {
            id: self.id.clone(),
            account: caller.account.clone(),
            bot: bot.clone(),
            name: String::new(),
            by_hand: false,
            digest: self.sealed.digest.clone(),
            comment: String::new(),
            components: Vec::new(),
            created_by: caller.actor(),
            created_at: ctx.now(),
        }
    }

    /// Writes the snapshot if the draft still is what was read, and forgets the surplus of its sort.
    ///
    /// # Errors
    /// A conflict when the draft changed meanwhile.
    pub(super) async fn write(
        &self,
        ctx: &Ctx,
        tx: &dyn store::Tx,
        caller: &Caller,
        version: NewVersion,
    ) -> Result<Version> {
        let (account, bot) = (&caller.account, version.bot.clone());
        let now = tx.agents().find(account, &bot).await?;
        if now.is_none_or(|now| now.draft_digest != self.draft) {
            return Err(Error::conflict(
                "The agent changed while a version of it was made; try again",
            ));
        }
        let version = tx.versions().add(&version).await?;
        tx.definitions()
            .put(account, &bot, &self.copy, &self.sealed)
            .await?;
        for model in &self.models {
            let mut model = model.clone();
            model.head.copy = self.copy.clone();
            model.head.created_at = ctx.now();
            tx.models().put(&model).await?;
        }
        forget_surplus(tx, account, &bot, version.new.by_hand).await?;
        Ok(version)
    }
}

/// Forgets the oldest versions of one sort beyond [`KEPT`], but never one that is in force or on which a conversation goes on.
async fn forget_surplus(
    tx: &dyn Families,
    account: &AccountId,
    bot: &BotId,
    by_hand: bool,
) -> Result<()> {
    let all = tx.versions().list(account, bot).await?;
    let sort = all.iter().filter(|v| v.new.by_hand == by_hand);
    let surplus: Vec<_> = sort.skip(KEPT).map(|v| v.new.id.clone()).collect();
    if surplus.is_empty() {
        return Ok(());
    }
    let in_use = tx.versions().in_use(account, bot).await?;
    let agent = tx.agents().find(account, bot).await?;
    let in_force = agent.and_then(|agent| agent.published);
    for id in surplus {
        if in_force.as_ref() != Some(&id) && !in_use.contains(&id) {
            tx.versions().remove(account, bot, &id).await?;
        }
    }
    Ok(())
}
