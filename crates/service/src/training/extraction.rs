//! Extractions: questions and answers taken out of a file or a page, kept beside the agent until somebody moves them into the graph.

use super::{
    extract::Pair,
    faq::{self, Answer, NewFaq, Question},
    knowledge,
};
use crate::{Caller, Ctx, definition as agents, work};
use crypt::Place;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::{Extraction, ExtractionState, JobState, Tx};
use types::{
    Error, Field, Result,
    id::{AccountId, BotId, ExtractionId, FileId, JobId},
};

/// Extractions of an agent that are kept, the newest (ours).
pub(crate) const KEPT: i64 = 200;
/// Longest name, characters (ours).
const NAME_MAX: usize = 200;
/// Questions that are moved at once at most (ours).
const MOVED_MAX: usize = 500;

/// What is known of an extraction beside its counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// The file that is read.
    pub file: Option<FileId>,
    /// Its name.
    pub file_name: Option<String>,
    /// The page that is read.
    pub url: Option<String>,
    /// Why it failed, a line for each fault.
    pub message: Option<String>,
}

/// A pair that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Digest of the question that was made of it in the graph.
    pub moved: Option<String>,
}

/// An extraction, opened.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The row.
    pub row: Extraction,
    /// What it is called and read from.
    pub head: Head,
    /// The pairs; empty in lists.
    pub pairs: Vec<Found>,
    /// Who asked for it, as the API names people.
    pub author: String,
}

fn place<'a>(kind: &'static str, account: &'a AccountId, id: &'a ExtractionId) -> Place<'a> {
    Place {
        kind,
        account: account.as_str(),
        row: id.as_str(),
    }
}

/// Seals what is known of an extraction.
///
/// # Errors
/// Internal, when it cannot be written.
pub(crate) fn seal_head(ctx: &Ctx, row: &Extraction, head: &Head) -> Result<Vec<u8>> {
    let plain = serde_json::to_vec(head).map_err(Error::internal)?;
    let place = place("extraction", &row.account, &row.id);
    Ok(ctx.vault().seal(&place, &plain))
}

fn seal_pairs(ctx: &Ctx, row: &Extraction, pairs: &[Found]) -> Result<Vec<u8>> {
    let plain = serde_json::to_vec(pairs).map_err(Error::internal)?;
    let place = place("extraction_pairs", &row.account, &row.id);
    Ok(ctx.vault().seal(&place, &plain))
}

/// Opens what is known of an extraction.
///
/// # Errors
/// Internal, when it cannot be opened.
pub(crate) fn head(ctx: &Ctx, row: &Extraction) -> Result<Head> {
    let place = place("extraction", &row.account, &row.id);
    let plain = ctx.vault().open_sealed(&place, &row.head);
    serde_json::from_slice(&plain.map_err(Error::internal)?).map_err(Error::internal)
}

fn pairs(ctx: &Ctx, row: &Extraction) -> Result<Vec<Found>> {
    let Some(sealed) = &row.pairs else {
        return Ok(Vec::new());
    };
    let place = place("extraction_pairs", &row.account, &row.id);
    let plain = ctx.vault().open_sealed(&place, sealed);
    serde_json::from_slice(&plain.map_err(Error::internal)?).map_err(Error::internal)
}

/// Puts what was found into the row.
///
/// # Errors
/// Internal, when it cannot be written.
pub(crate) fn fill(ctx: &Ctx, row: &mut Extraction, found: Vec<Pair>) -> Result<()> {
    let own = row.id.as_str().trim_start_matches(ExtractionId::PREFIX);
    let named = found.into_iter().enumerate().map(|(n, pair)| Found {
        id: format!("kq-{own}-{n}"),
        question: pair.question,
        answer: pair.answer,
        moved: None,
    });
    let all: Vec<Found> = named.collect();
    row.found = i64::try_from(all.len()).unwrap_or(i64::MAX);
    row.pairs = Some(seal_pairs(ctx, row, &all)?);
    row.state = ExtractionState::Done;
    row.updated_at = ctx.now();
    Ok(())
}

/// Asks for an extraction from a page or an uploaded file.
///
/// # Errors
/// Not found: the agent or the file; bad input that names the field.
pub async fn ask(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    language: &str,
    head: Head,
) -> Result<ExtractionId> {
    super::knowledge::speaks(ctx, caller, bot, language).await?;
    if head.name.chars().count() > NAME_MAX {
        return Err(Error::field(
            "name",
            format!("may have {NAME_MAX} characters"),
        ));
    }
    work::ask_extraction(ctx, caller, bot, language, head).await
}

/// The extractions of an agent in a language, the newest first, without their pairs.
///
/// # Errors
/// Not found; bad input on `language`.
pub async fn list(ctx: &Ctx, caller: &Caller, bot: &BotId, language: &str) -> Result<Vec<Shown>> {
    super::knowledge::speaks(ctx, caller, bot, language).await?;
    let store = ctx.store();
    let mut all = Vec::new();
    for row in store
        .extractions()
        .list(&caller.account, bot, language)
        .await?
    {
        all.push(opened(ctx, row).await?);
    }
    Ok(all)
}

async fn opened(ctx: &Ctx, mut row: Extraction) -> Result<Shown> {
    let mut head = head(ctx, &row)?;
    if row.state == ExtractionState::Pending {
        let id = JobId::trusted(row.id.as_str());
        let job = ctx.store().jobs().find(&row.account, &id).await?;
        // a job that gave up could not say so in the row
        if job.as_ref().is_none_or(|job| job.state == JobState::Failed) {
            row.state = ExtractionState::Failed;
            head.message = job.and_then(|job| job.error);
        }
    }
    Ok(Shown {
        author: work::person(ctx, &row.account, &row.created_by).await?,
        pairs: Vec::new(),
        row,
        head,
    })
}

/// An extraction with its pairs.
///
/// # Errors
/// Not found.
pub async fn get(ctx: &Ctx, caller: &Caller, bot: &BotId, id: &ExtractionId) -> Result<Shown> {
    agents::get(ctx, caller, bot).await?;
    let found = ctx.store().extractions().find(&caller.account, bot, id);
    let row = found.await?.ok_or_else(missing)?;
    let pairs = pairs(ctx, &row)?;
    let mut shown = opened(ctx, row).await?;
    shown.pairs = pairs;
    Ok(shown)
}

/// There is no such extraction.
pub fn missing() -> Error {
    Error::not_found("There is no such extraction")
}

/// Moves chosen questions of an extraction into the graph of its language, all or none; without a node, to the root. Answers how many.
///
/// # Errors
/// Not found; bad input on `questions`, each named by its place, or on `node`.
pub async fn move_in(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    id: &ExtractionId,
    chosen: &[String],
    node: &str,
) -> Result<usize> {
    if chosen.is_empty() || chosen.len() > MOVED_MAX {
        let text = format!("must name 1 to {MOVED_MAX} questions");
        return Err(Error::field("questions", text));
    }
    let one = get(ctx, caller, bot, id).await?;
    let graphs = knowledge::tasks(ctx, caller, bot, false).await?;
    let new = picked(&one, &graphs, chosen, node)?;
    let added = faq::add(ctx, caller, bot, &one.row.language, new).await;
    added.map_err(of_the_extraction)?;
    Ok(chosen.len())
}

/// The chosen questions as new ones of a node.
fn picked(
    one: &Shown,
    graphs: &[knowledge::Graph],
    chosen: &[String],
    node: &str,
) -> Result<Vec<NewFaq>> {
    let mut spoken = graphs
        .iter()
        .filter(|graph| graph.language == one.row.language && !graph.nodes.is_empty())
        .peekable();
    if spoken.peek().is_none() {
        let text = "this language has no knowledge graph yet; add a node or a question first";
        return Err(Error::field("node", text));
    }
    let place = |graph: &knowledge::Graph| match node {
        "" => Some(0),
        id => graph.node(id),
    };
    let found = spoken.find_map(|graph| Some((graph, &graph.nodes[place(graph)?])));
    let (graph, under) = found.ok_or_else(|| Error::field("node", "the graph has no such node"))?;
    let mut wrong = Vec::new();
    let mut new = Vec::new();
    for (at, id) in chosen.iter().enumerate() {
        match one.pairs.iter().find(|pair| pair.id == *id) {
            Some(pair) => new.push(question(pair, &graph.id, under)),
            None => wrong.push(Field {
                field: format!("questions[{at}]"),
                message: "the extraction has no such question".to_owned(),
            }),
        }
    }
    match wrong.is_empty() {
        true => Ok(new),
        false => Err(Error::fields(wrong)),
    }
}

fn question(pair: &Found, task: &str, node: &knowledge::Node) -> NewFaq {
    NewFaq {
        task: task.to_owned(),
        parent: node.id.clone(),
        leaf: node.label.clone(),
        question: Question {
            text: pair.question.clone(),
            ..Question::default()
        },
        answers: vec![Answer {
            text: pair.answer.clone(),
            script: false,
            channel: "default".to_owned(),
        }],
        extracted: Some(pair.id.clone()),
        ..NewFaq::default()
    }
}

/// What is wrong with a question, said of its place among the chosen ones.
fn of_the_extraction(error: Error) -> Error {
    if error.fields.is_empty() {
        return error;
    }
    let place = |field: &str| {
        let inside = field.strip_prefix("faqs[")?.split_once(']')?.0;
        Some(format!("questions[{inside}]"))
    };
    let fields = error.fields.into_iter().map(|one| Field {
        field: place(&one.field).unwrap_or(one.field),
        message: one.message.replace("faqs[", "questions["),
    });
    Error::fields(fields.collect())
}

/// Extracted questions that are about to be moved into the graph.
#[derive(Debug, Clone, Default)]
pub(super) struct Moved {
    rows: Vec<(Extraction, Vec<Found>)>,
    /// Of each question of the request: extraction and place in it.
    places: Vec<Option<(usize, usize)>>,
    known: HashMap<String, Option<String>>,
}

impl Moved {
    /// Whether there is an extracted question of this id; then the digest of what was made of it last.
    pub(super) fn find(&self, id: &str) -> Option<Option<&String>> {
        self.known.get(id).map(Option::as_ref)
    }
}

/// Looks up the extracted questions that new ones come from.
pub(super) async fn asked(
    ctx: &Ctx,
    caller: &Caller,
    bot: &BotId,
    new: &[NewFaq],
) -> Result<Moved> {
    let mut moved = Moved::default();
    let mut at: HashMap<ExtractionId, Option<usize>> = HashMap::new();
    for faq in new {
        let asked = faq.extracted.as_deref();
        let id = asked.and_then(extraction_of);
        let (Some(asked), Some(id)) = (asked, id) else {
            moved.places.push(None);
            continue;
        };
        if !at.contains_key(&id) {
            let found = ctx.store().extractions().find(&caller.account, bot, &id);
            let place = match found.await? {
                Some(row) => {
                    let pairs = pairs(ctx, &row)?;
                    moved.rows.push((row, pairs));
                    Some(moved.rows.len() - 1)
                }
                None => None,
            };
            at.insert(id.clone(), place);
        }
        let place = at[&id].and_then(|row| {
            let pairs = &moved.rows[row].1;
            Some((row, pairs.iter().position(|pair| pair.id == asked)?))
        });
        if let Some((row, pair)) = place {
            let was = moved.rows[row].1[pair].moved.clone();
            moved.known.insert(asked.to_owned(), was);
        }
        moved.places.push(place);
    }
    Ok(moved)
}

/// `kq-<uuid>-<place>` belongs to `ke-<uuid>`.
fn extraction_of(question: &str) -> Option<ExtractionId> {
    let (own, _) = question.strip_prefix("kq-")?.rsplit_once('-')?;
    ExtractionId::parse(&format!("{}{own}", ExtractionId::PREFIX))
}

/// Remembers what was made of each extracted question.
pub(super) async fn mark(
    ctx: &Ctx,
    tx: &dyn Tx,
    mut moved: Moved,
    digests: &[String],
) -> Result<()> {
    for (place, digest) in moved.places.iter().zip(digests) {
        if let Some((row, pair)) = place {
            moved.rows[*row].1[*pair].moved = Some(digest.clone());
        }
    }
    for (row, pairs) in &mut moved.rows {
        let added = pairs.iter().filter(|pair| pair.moved.is_some()).count();
        row.added = i64::try_from(added).unwrap_or(i64::MAX);
        row.pairs = Some(seal_pairs(ctx, row, pairs)?);
        row.updated_at = ctx.now();
        tx.extractions().set(row).await?;
    }
    Ok(())
}
