//! Follows the chain from its first row to its head.

use super::chain;
use crate::Ctx;
use store::{AuditLink, AuditRow};
use types::Result;

/// Rows read at a time.
const PAGE: u32 = 1_000;

/// What became of a check.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Every row is as it was written; this is the head.
    Whole(AuditLink),
    /// The first place where it is not.
    Broken(Box<Broken>),
}

/// A broken place.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// Its number in the chain; none for a row that has no place in it.
    pub number: Option<i64>,
    /// The row, when there is one.
    pub row: Option<AuditRow>,
    /// What is wrong.
    pub why: &'static str,
}

impl Broken {
    fn at(number: i64, row: Option<AuditRow>, why: &'static str) -> Verdict {
        Verdict::Broken(Box::new(Self {
            number: Some(number),
            row,
            why,
        }))
    }
}

/// Checks every row. `kept` is a head that was printed earlier and kept elsewhere: the chain must still hold it.
///
/// # Errors
/// When the store cannot be reached.
pub async fn verify(ctx: &Ctx, kept: Option<&AuditLink>) -> Result<Verdict> {
    let key = chain::key(ctx.vault());
    // rows that are added meanwhile come after it
    let head = ctx.store().audit().head().await?;
    let mut last = AuditLink {
        number: 0,
        mac: Vec::new(),
    };
    while last.number < head.number {
        let rows = ctx.store().audit().chain(last.number, PAGE).await?;
        let next = last.number + 1;
        if rows.is_empty() {
            return Ok(Broken::at(next, None, "the row is missing"));
        }
        for row in rows {
            let next = last.number + 1;
            let Some(link) = row.link.clone() else {
                return Ok(Broken::at(next, Some(row), "the row has no seal"));
            };
            if link.number != next {
                return Ok(Broken::at(next, None, "the row is missing"));
            }
            if !crypt::same(&chain::seal(&key, next, &last.mac, &row.new), &link.mac) {
                let why = "the row, or its seal, is not as it was written";
                return Ok(Broken::at(next, Some(row), why));
            }
            if kept.is_some_and(|kept| kept.number == next && kept.mac != link.mac) {
                let why = "the row is not the one whose head was kept";
                return Ok(Broken::at(next, Some(row), why));
            }
            last = link;
            if last.number == head.number {
                break;
            }
        }
    }
    if last != head {
        let why = "the head does not fit the last row";
        return Ok(Broken::at(head.number, None, why));
    }
    if let Some(kept) = kept.filter(|kept| kept.number > head.number) {
        let why = "the chain ends before the head that was kept";
        return Ok(Broken::at(kept.number, None, why));
    }
    if let Some(row) = ctx.store().audit().loose().await? {
        return Ok(Verdict::Broken(Box::new(Broken {
            number: None,
            row: Some(row),
            why: "the row has no place in the chain",
        })));
    }
    Ok(Verdict::Whole(head))
}
