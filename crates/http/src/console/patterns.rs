//! The pattern tester.

use super::{
    body::{self, Body},
    signed::Signed,
};
use crate::error::Problem;
use axum::{
    Json,
    extract::{Path, State},
};
use nlu::pattern::{Ask, Explained};
use serde::{Deserialize, Serialize};
use service::{Ctx, console::permission::Permission, training::pattern};
use utoipa::ToSchema;

/// What is to be tried.
#[derive(Deserialize, Default, ToSchema)]
#[serde(default)]
#[schema(as = ConsolePatternIn)]
pub struct PatternIn {
    /// The pattern, up to 1,000 characters.
    pattern: String,
    /// The text, up to 3,000 characters.
    text: String,
    /// Language code; the default one when missing.
    language: Option<String>,
}

/// A part of a pattern.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsolePatternPart)]
pub struct PartOut {
    /// As it was read.
    text: String,
    /// What it asks for: `word`, `exact`, `phrase`, `group`, `oneOf`, `optional`, `anyOrder`, `concept`, `start`, `end`, `wild`,
    /// `wildUpTo`, `notLater`, `notNext` or `unknown`, a concept that is not there.
    ask: &'static str,
    /// Of `wildUpTo`: how many words.
    count: Option<usize>,
    /// Of a choice: some of what fits it.
    choices: Vec<String>,
    /// It fits, after the parts before it.
    fits: bool,
}

/// How a pattern fits a text.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsolePatternTest)]
pub struct TestOut {
    /// The whole pattern fits.
    fits: bool,
    /// It asks for a word; a pattern that does not is never looked at.
    asks: bool,
    /// First UTF-16 unit of what it fits, or of what its first parts fit.
    start: Option<usize>,
    /// The unit after the last.
    end: Option<usize>,
    /// Its parts in order.
    parts: Vec<PartOut>,
}

fn word(ask: Ask) -> (&'static str, Option<usize>) {
    match ask {
        Ask::Word => ("word", None),
        Ask::Exact => ("exact", None),
        Ask::Phrase => ("phrase", None),
        Ask::Group => ("group", None),
        Ask::OneOf => ("oneOf", None),
        Ask::Optional => ("optional", None),
        Ask::AnyOrder => ("anyOrder", None),
        Ask::Concept => ("concept", None),
        Ask::Start => ("start", None),
        Ask::End => ("end", None),
        Ask::Wild => ("wild", None),
        Ask::WildUpTo(count) => ("wildUpTo", Some(count)),
        Ask::NotLater => ("notLater", None),
        Ask::NotNext => ("notNext", None),
        Ask::Unknown => ("unknown", None),
    }
}

fn view(made: Explained, text: &str) -> TestOut {
    let units = |byte: usize| text.get(..byte).map(|head| head.encode_utf16().count());
    let reached = made.reached;
    let (start, end) = made.span.unzip();
    let fits = made.fits();
    let parts = made.parts.into_iter().enumerate().map(|(at, part)| {
        let (ask, count) = word(part.ask);
        PartOut {
            text: part.text,
            choices: part.choices,
            fits: at < reached,
            ask,
            count,
        }
    });
    TestOut {
        parts: parts.collect(),
        fits,
        asks: made.asks,
        start: start.and_then(units),
        end: end.and_then(units),
    }
}

/// Tries a pattern on a text
///
/// The draft's synonyms and concepts count; no training is needed.
///
/// # Errors
/// Not found; bad input on `pattern`, `text` or `language`.
#[utoipa::path(post, path = "", operation_id = "consoleTestPattern", tag = "console", request_body = PatternIn, responses((status = 200, description = "How it fits", body = TestOut)))]
pub async fn test(
    State(ctx): State<Ctx>,
    signed: Signed,
    Path(bot): Path<String>,
    Body(ask): Body<PatternIn>,
) -> Result<Json<TestOut>, Problem> {
    let caller = signed.may(Permission::View)?;
    let bot = body::bot(&bot)?;
    let language = ask.language.as_deref().filter(|code| !code.is_empty());
    let given = (ask.pattern.as_str(), ask.text.as_str());
    let made = pattern::test(&ctx, caller, &bot, language, given).await?;
    Ok(Json(view(made, &ask.text)))
}
