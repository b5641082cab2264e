//! Linked apps: the agents that a parent stands for (`getLinkedApps`, console.md section 7). The links are a list in the parent's
//! definition, so they are published, compared and rolled back with it. Each link keeps which state of the child it was made for.

use super::{draft, draft::Edit, get};
use crate::{
    Caller, Ctx,
    training::seen::{self, Seen},
};
use definition::Package;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Agent, AgentFilter, Copy};
use types::{
    Error, Result,
    error::Field,
    id::{BotId, VersionId},
    page::PageIn,
};

/// Where a definition keeps its links (ours: the documented layouts have no place for them).
const KEY: &str = "linkedApps";
/// Where an agent's row says in the clear which agents its draft links.
const CLEAR: &str = "linkedApps";
/// Agents that a parent links at most (ours).
const LINKS_MAX: usize = 100;
/// Agents of an account that are looked at for a list of candidates (ours).
const AGENTS_MAX: usize = 1_000;

/// A link as a definition keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    bot_id: BotId,
    /// When the child's draft was last changed, seconds since 1970.
    configured: i64,
    /// When the child's version in force was made, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    published: Option<i64>,
}

/// A linked agent that is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The child.
    pub bot: BotId,
    /// Its name.
    pub name: String,
    /// Its default language.
    pub language: String,
    /// It has a version in force.
    pub in_force: bool,
    /// State of its draft that the link was made for, seconds since 1970.
    pub configured: i64,
    /// Time of its version in force that the link was made for, seconds since 1970.
    pub published: Option<i64>,
    /// The child has changed since.
    pub behind: bool,
}

/// An agent that may be linked, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The agent.
    pub bot: BotId,
    /// Its name.
    pub name: String,
    /// Why it cannot be linked.
    pub why_not: Option<&'static str>,
}

/// The links of an agent, in both directions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// Those of the draft.
    pub configured: Vec<Linked>,
    /// Those in force.
    pub published: Vec<Linked>,
}

/// What a page needs to change the links of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The links of the draft.
    pub links: Vec<Linked>,
    /// Agents whose drafts link this one.
    pub parents: Vec<(BotId, String)>,
    /// Every other agent of the account.
    pub candidates: Vec<Candidate>,
    /// State of the links, for a change.
    pub tag: String,
}

const ITSELF: &str = "is this agent itself";
const NO_DIALOG: &str = "has no dialog";
const PARENT: &str = "links other agents itself";

/// The links of an agent that are configured and those in force. Children that were deleted are left out.
///
/// # Errors
/// Not found.
pub async fn links(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Links> {
    let (agent, package) = draft::open(ctx, caller, bot).await?;
    let configured = shown(ctx, caller, read(&package)).await?;
    let published = match agent.published {
        None => Vec::new(),
        Some(version) => {
            let copy = Copy::Version(version);
            let package = draft::open_copy(ctx, caller, bot, &copy).await?;
            shown(ctx, caller, read(&package)).await?
        }
    };
    Ok(Links {
        configured,
        published,
    })
}

/// What can be linked to an agent, what is, and who links it.
///
/// # Errors
/// Not found.
pub async fn choice(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<Choice> {
    let (_, package) = draft::open(ctx, caller, bot).await?;
    let own = read(&package);
    let all = agents(ctx, caller).await?;
    let parents = all.iter().filter(|agent| children(agent).contains(bot));
    let others = all.iter().filter(|agent| agent.bot != *bot);
    Ok(Choice {
        parents: parents
            .map(|agent| (agent.bot.clone(), agent.name.clone()))
            .collect(),
        candidates: others
            .map(|agent| Candidate {
                bot: agent.bot.clone(),
                name: agent.name.clone(),
                why_not: why_not(agent, bot),
            })
            .collect(),
        tag: tag(&package),
        links: shown(ctx, caller, own).await?,
    })
}

/// Links exactly these agents. Links that stay keep the state that they were made for.
///
/// # Errors
/// Not found; bad input that names each wrong entry of `linkedApps`; a conflict when another agent links this one, or when somebody
/// else was faster.
pub async fn set(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    children: &[String],
    seen: Seen,
) -> Result<()> {
    get(ctx, caller, bot).await?;
    let wanted = checked(ctx, caller, bot, children).await?;
    let mut fresh = BTreeMap::new();
    for agent in &wanted {
        fresh.insert(agent.bot.clone(), made_for(ctx, caller, agent).await?);
    }
    let what = Edit {
        action: "links.set",
        details: json!({"linkedApps": wanted.iter().map(|agent| &agent.bot).collect::<Vec<_>>()}),
    };
    let order: Vec<BotId> = wanted.into_iter().map(|agent| agent.bot).collect();
    draft::edit(ctx, caller, bot, &what, move |package| {
        seen.check(&tag(package))?;
        let kept = read(package);
        let link = |bot: &BotId| {
            let old = kept.iter().find(|link| link.bot_id == *bot);
            old.or_else(|| fresh.get(bot)).cloned()
        };
        write(package, order.iter().filter_map(link).collect())
    })
    .await
}

/// Makes every link one for the present state of its child, and drops links whose child is gone.
///
/// # Errors
/// Not found.
pub async fn sync(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<()> {
    let (_, package) = draft::open(ctx, caller, bot).await?;
    let mut fresh = BTreeMap::new();
    for link in read(&package) {
        let agents = ctx.store().agents();
        if let Some(child) = agents.find(&caller.account, &link.bot_id).await? {
            fresh.insert(link.bot_id, made_for(ctx, caller, &child).await?);
        }
    }
    let what = Edit {
        action: "links.sync",
        details: json!({"linkedApps": fresh.len()}),
    };
    draft::edit(ctx, caller, bot, &what, move |package| {
        let links = read(package).into_iter();
        let links = links.filter_map(|link| fresh.get(&link.bot_id).cloned());
        write(package, links.collect())
    })
    .await
}

/// Notes in an agent's row which agents its draft links, so that children find their parents without opening every definition.
pub(super) fn describe(extra: &mut Value, definition: &Value) {
    let links: Vec<BotId> = entries(definition).map(|link| link.bot_id).collect();
    if !extra.is_object() {
        *extra = json!({});
    }
    if let Some(extra) = extra.as_object_mut() {
        extra.remove(CLEAR);
        if !links.is_empty() {
            extra.insert(CLEAR.to_owned(), json!(links));
        }
    }
}

fn entries(definition: &Value) -> impl Iterator<Item = Link> {
    let all = definition.get(KEY).and_then(Value::as_array);
    let all = all.into_iter().flatten().take(LINKS_MAX);
    all.filter_map(|entry| Link::deserialize(entry).ok())
}

fn read(package: &Package) -> Vec<Link> {
    entries(&package.definition).collect()
}

fn write(package: &mut Package, links: Vec<Link>) -> Result<()> {
    let none = links.is_empty();
    let links = serde_json::to_value(links).map_err(Error::internal)?;
    match package.definition.as_object_mut() {
        Some(definition) if none => drop(definition.remove(KEY)),
        Some(definition) => drop(definition.insert(KEY.to_owned(), links)),
        None => {}
    }
    Ok(())
}

fn tag(package: &Package) -> String {
    seen::tag(package.definition.get(KEY).unwrap_or(&Value::Null))
}

fn children(agent: &Agent) -> BTreeSet<BotId> {
    let all = agent.extra.get(CLEAR).and_then(Value::as_array);
    let all = all.into_iter().flatten().filter_map(Value::as_str);
    all.filter_map(BotId::parse).collect()
}

fn why_not(agent: &Agent, parent: &BotId) -> Option<&'static str> {
    if agent.bot == *parent {
        Some(ITSELF)
    } else if agent.dialogs == 0 {
        Some(NO_DIALOG)
    } else if !children(agent).is_empty() {
        Some(PARENT)
    } else {
        None
    }
}

async fn agents(ctx: &Ctx, caller: &Caller) -> Result<Vec<Agent>> {
    let mut all = Vec::new();
    let mut page = PageIn {
        limit: 100,
        cursor: None,
    };
    loop {
        let filter = AgentFilter::default();
        let part = ctx.store().agents().list(&caller.account, &filter, &page);
        let part = part.await?;
        all.extend(part.items);
        match part.next {
            Some(next) if all.len() < AGENTS_MAX => page.cursor = Some(next),
            _ => return Ok(all),
        }
    }
}

async fn checked(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    children: &[String],
) -> Result<Vec<Agent>> {
    if children.len() > LINKS_MAX {
        let text = format!("names more than {LINKS_MAX} agents");
        return Err(Error::field("linkedApps", text));
    }
    let (mut wanted, mut wrong) = (Vec::<Agent>::new(), Vec::new());
    for (at, child) in children.iter().enumerate() {
        let found = match BotId::parse(child) {
            Some(child) => ctx.store().agents().find(&caller.account, &child).await?,
            None => None,
        };
        let why_not = match &found {
            None => Some("is not an agent of this account"),
            Some(agent) if wanted.iter().any(|one| one.bot == agent.bot) => Some("is named twice"),
            Some(agent) => why_not(agent, bot),
        };
        match (found, why_not) {
            (Some(agent), None) => wanted.push(agent),
            (_, why) => wrong.push(Field {
                field: format!("linkedApps[{at}]"),
                message: why.unwrap_or_default().into(),
            }),
        }
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let all = agents(ctx, caller).await?;
    let parent = all.iter().find(|agent| self::children(agent).contains(bot));
    match parent {
        Some(parent) if !wanted.is_empty() => Err(Error::conflict(format!(
            "{} links this agent; an agent that is linked cannot link others",
            parent.name
        ))),
        _ => Ok(wanted),
    }
}

async fn in_force(ctx: &Ctx, caller: &Caller, agent: &Agent) -> Result<Option<i64>> {
    let Some(version) = &agent.published else {
        return Ok(None);
    };
    let version: &VersionId = version;
    let versions = ctx.store().versions();
    let found = versions.find(&caller.account, &agent.bot, version).await?;
    Ok(found.map(|version| version.new.created_at / 1_000))
}

async fn made_for(ctx: &Ctx, caller: &Caller, child: &Agent) -> Result<Link> {
    Ok(Link {
        bot_id: child.bot.clone(),
        configured: child.updated_at / 1_000,
        published: in_force(ctx, caller, child).await?,
    })
}

async fn shown(ctx: &Ctx, caller: &Caller, links: Vec<Link>) -> Result<Vec<Linked>> {
    let mut all = Vec::new();
    for link in links {
        let found = ctx.store().agents().find(&caller.account, &link.bot_id);
        let Some(child) = found.await? else { continue };
        let now = made_for(ctx, caller, &child).await?;
        all.push(Linked {
            behind: now != link,
            in_force: child.published.is_some(),
            language: child.languages.first().cloned().unwrap_or_default(),
            bot: child.bot,
            name: child.name,
            configured: link.configured,
            published: link.published,
        });
    }
    Ok(all)
}
