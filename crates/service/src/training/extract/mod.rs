//! Questions and answers out of files and pages. Pure functions over bytes; who fetches a page stands in [`crate::work`].

mod csv;
mod html;
mod pdf;

pub use html::{Links, Scan, answer_on, scan};

use super::{
    faq::{ANSWER_MAX, QUESTION_MAX},
    utterance_file::text_of,
};
use std::collections::HashMap;
use types::{Error, Result};

/// Bytes of a file at most.
pub const FILE_MAX: usize = 5 * 1024 * 1024;
/// Pairs of one extraction at most (ours).
pub const PAIRS_MAX: usize = 10_000;

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
}

impl Pair {
    fn new(question: impl Into<String>, answer: impl Into<String>) -> Self {
        Self {
            question: question.into(),
            answer: answer.into(),
        }
    }
}

/// Layout of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Question and answer in the first two columns.
    Csv,
    /// Headings and what stands under them.
    Pdf,
    /// A page.
    Html,
}

impl Kind {
    /// By what the bytes say of themselves, else by the name's ending. Text without a telling name is taken for CSV.
    pub fn of_file(name: &str, bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"%PDF-") {
            return Some(Self::Pdf);
        }
        let ending = name
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_lowercase());
        let untold = matches!(ending.as_deref(), None | Some("txt" | "bin" | "tmp"));
        let head = bytes.trim_ascii_start().first();
        let text = !matches!(head, None | Some(b'{' | b'[' | b'<')) && text_of(bytes).is_ok();
        (ending.as_deref() == Some("csv") || untold && text).then_some(Self::Csv)
    }

    /// By the media type of an answer.
    pub fn of_media(media: &str) -> Option<Self> {
        let media = media.split(';').next().unwrap_or_default().trim();
        match media.to_ascii_lowercase().as_str() {
            "application/pdf" => Some(Self::Pdf),
            "text/csv" => Some(Self::Csv),
            "text/html" | "application/xhtml+xml" => Some(Self::Html),
            _ => None,
        }
    }
}

/// Pairs of a CSV or PDF file.
///
/// # Errors
/// Bad input: what is wrong with the file, in a CSV each wrong line.
pub fn read(kind: Kind, bytes: &[u8]) -> Result<Vec<Pair>> {
    if bytes.len() > FILE_MAX {
        return Err(Error::field("file", "is larger than 5 MB"));
    }
    match kind {
        Kind::Csv => csv::read(bytes),
        Kind::Pdf => checked(pdf::read(bytes)?),
        Kind::Html => Err(Error::field("file", "must be a PDF or CSV file")),
    }
}

/// Drops repeated pairs and cuts nothing: what is too long is left out with the reason.
///
/// # Errors
/// Bad input when nothing was found, or too much.
pub fn checked(found: Vec<Pair>) -> Result<Vec<Pair>> {
    let mut seen: HashMap<String, ()> = HashMap::new();
    let mut all = Vec::new();
    for pair in found {
        let long = pair.question.chars().count() > QUESTION_MAX
            || pair.answer.chars().count() > ANSWER_MAX;
        let key = pair.question.to_lowercase();
        if !long && seen.insert(key, ()).is_none() {
            all.push(pair);
        }
    }
    if all.is_empty() {
        return Err(Error::field("file", "holds no questions with answers"));
    }
    if all.len() > PAIRS_MAX {
        let text = format!("holds more than {PAIRS_MAX} questions; take it in parts");
        return Err(Error::field("file", text));
    }
    Ok(all)
}

/// White space as single spaces.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
