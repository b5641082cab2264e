//! Training of the knowledge graph. One training takes in everything of a language, so it is a training like any other that is also
//! held against the limit of the graph.

use super::head;
use crate::{Caller, Ctx, definition as agents, work};
use std::collections::BTreeMap;
use store::{Copy, JobState};
use types::{Error, Result, codes, id::BotId};

/// Questions under one node at most.
pub const NODE_MAX: usize = 100;

/// Where the newest training stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The training, or the snapshot whose model is in force.
    pub id: String,
    /// Whether it is over; then whether it went well.
    pub over: Option<bool>,
    /// Last change, milliseconds UTC.
    pub at: i64,
    /// Who asked for it.
    pub by: Option<String>,
}

/// No node of the graph holds more than [`NODE_MAX`] questions.
///
/// # Errors
/// Bad input that names the node.
pub async fn check(ctx: &Ctx, caller: &Caller, bot: &BotId, language: Option<&str>) -> Result<()> {
    let agent = agents::load(ctx, &caller.account, bot, &Copy::Draft).await?;
    let tasks = agent.knowledge.iter();
    for task in tasks.filter(|task| language.is_none_or(|wanted| task.language == wanted)) {
        let mut nodes: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        for faq in &task.faqs {
            let path = faq.terms.iter().rev().map(|term| term.label.as_str());
            *nodes.entry(path.collect()).or_default() += 1;
        }
        if let Some((path, count)) = nodes.into_iter().find(|(_, count)| *count > NODE_MAX) {
            let text = format!(
                "The node {} holds {count} questions and may hold {NODE_MAX}; move some to other nodes",
                path.join(" / ")
            );
            return Err(Error::bad_input(text));
        }
    }
    Ok(())
}

/// The newest training of a language of the draft, or the model of the snapshot in force.
///
/// # Errors
/// Not found; bad input on `language`; [`codes::BOT_NOT_PUBLISHED`]; [`codes::BOT_NOT_TRAINED`] when there was none.
pub async fn standing(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
    published: bool,
) -> Result<Standing> {
    let row = agents::get(ctx, caller, bot).await?;
    let copy = match (published, row.published) {
        (false, _) => Copy::Draft,
        (true, Some(version)) => Copy::Version(version),
        (true, None) => return Err(Error::of(&codes::BOT_NOT_PUBLISHED)),
    };
    if !row.languages.iter().any(|known| known == language) {
        return Err(Error::field("language", "is not a language of the agent"));
    }
    if copy == Copy::Draft
        && let Some(job) = work::latest_train(ctx, caller, bot, language).await?
    {
        return Ok(Standing {
            id: job.new.id.to_string(),
            over: job.state.is_over().then_some(job.state == JobState::Done),
            at: job.updated_at,
            by: Some(work::author(ctx, &job).await?),
        });
    }
    let head = head(ctx, &caller.account, bot, &copy, language).await?;
    let head = head.ok_or_else(|| Error::of(&codes::BOT_NOT_TRAINED))?;
    Ok(Standing {
        id: match copy {
            Copy::Version(version) => version.to_string(),
            Copy::Draft => head.inputs.chars().take(24).collect(),
        },
        over: Some(true),
        at: head.created_at,
        by: None,
    })
}
