//! The whole text of one answer, for a page that shows more than a message did.

use super::knowledge::graphs;
use crate::{
    Caller, Ctx,
    definition::{self as agents, draft},
};
use definition::decode;
use store::Copy;
use types::{Error, Result, id::BotId};

/// An answer with its question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The text.
    pub text: String,
    /// The primary question.
    pub question: String,
}

/// The id of a part of the answer of a question: it names agent, question and part.
pub fn id(bot: &BotId, faq: &str, part: usize) -> String {
    let bot = bot.as_str().trim_start_matches(BotId::PREFIX);
    format!("ans-{bot}.{}.{part}", faq.trim_start_matches("faq-"))
}

/// The answer with this id, in the published copy or, where that does not have it, in the draft.
///
/// # Errors
/// Not found, also for an agent that the caller does not reach.
pub async fn whole(ctx: &Ctx, caller: &Caller, id: &str) -> Result<Whole> {
    let missing = || Error::not_found("There is no such answer");
    let (bot, faq, part) = read(id).ok_or_else(missing)?;
    if !reaches(ctx, caller, &bot).await? {
        return Err(missing());
    }
    let row = agents::get(ctx, caller, &bot)
        .await
        .map_err(|_| missing())?;
    let copies = row.published.map(Copy::Version).into_iter();
    for copy in copies.chain([Copy::Draft]) {
        let package = draft::open_copy(ctx, caller, &bot, &copy).await?;
        let all = graphs(&bot, &package, false);
        let mut faqs = all.iter().flat_map(|graph| &graph.faqs);
        let Some(found) = faqs.find(|entry| entry.id == faq) else {
            continue;
        };
        let text = match &found.raw["answer"] {
            serde_json::Value::String(text) if part == 0 => Some(text.as_str()),
            parts => parts[part]["text"].as_str(),
        };
        return Ok(Whole {
            text: decode(text.ok_or_else(missing)?).into_owned(),
            question: super::knowledge::question_of(&found.raw),
        });
    }
    Err(missing())
}

fn read(id: &str) -> Option<(BotId, String, usize)> {
    let mut parts = id.strip_prefix("ans-")?.split('.');
    let (bot, faq, part) = (parts.next()?, parts.next()?, parts.next()?);
    let bot = BotId::parse(&format!("{}{bot}", BotId::PREFIX))?;
    parts.next().is_none().then_some(())?;
    Some((bot, format!("faq-{faq}"), part.parse().ok()?))
}

/// A platform app reaches the agents that it is linked to, everybody else those of the account.
async fn reaches(ctx: &Ctx, caller: &Caller, bot: &BotId) -> Result<bool> {
    let Some(client) = &caller.app else {
        return Ok(true);
    };
    let app = ctx.store().apps().find(&caller.account, client).await?;
    match app.is_some_and(|app| app.kind == "admin") {
        true => Ok(true),
        false => {
            ctx.store()
                .links()
                .exists(&caller.account, client, bot)
                .await
        }
    }
}
