//! A pattern tried on a text, with the synonyms and concepts of the draft; no training is needed.

use super::{corpus, intent::language};
use crate::{Caller, Ctx, definition as agents};
use nlu::pattern::{self, Explained};
use store::Copy;
use types::{Error, Field, Result, id::BotId};

/// Longest pattern, characters (ours).
const PATTERN_MAX: usize = 1_000;
/// Longest text, characters.
const TEXT_MAX: usize = 3_000;

/// Tries a pattern on a text, in the default language where none is named.
///
/// # Errors
/// Not found; bad input that names each wrong field.
pub async fn test(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    asked: Option<&str>,
    (pattern, text): (&str, &str),
) -> Result<Explained> {
    let mut wrong = Vec::new();
    for (field, given, most) in [("pattern", pattern, PATTERN_MAX), ("text", text, TEXT_MAX)] {
        if given.trim().is_empty() || given.chars().count() > most {
            wrong.push(Field {
                field: field.to_owned(),
                message: format!("must have 1 to {most} characters"),
            });
        }
    }
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    let agent = agents::load(ctx, &caller.account, bot, &Copy::Draft).await?;
    let language = language(&agent, asked)?;
    let (pattern, text) = (pattern.to_owned(), text.to_owned());
    let work = tokio::task::spawn_blocking(move || {
        // FAQs mark their patterns so
        let bare = pattern.trim().trim_start_matches("||");
        pattern::explain(&corpus(&agent, &language), bare, &text)
    });
    work.await.map_err(Error::internal)
}
