//! A word that opens one file to whoever has it, for a while: what a download link carries.

use super::file;
use crate::Ctx;
use crypt::Place;
use serde::{Deserialize, Serialize};
use types::{
    Error, Result,
    id::{AccountId, FileId},
};

/// How long a ticket opens its file, milliseconds (ours).
pub const LIFE_MS: i64 = 3_600_000;
/// Longest ticket that is looked at, characters.
const LENGTH_MAX: usize = 1_000;
const PLACE: Place<'static> = Place {
    kind: "file_ticket",
    account: "",
    row: "",
};

#[derive(Serialize, Deserialize)]
struct Ticket {
    account: AccountId,
    file: FileId,
    until: i64,
}

/// A ticket for a file of an account, in hex digits.
///
/// # Errors
/// Internal, when it cannot be written.
pub fn issue(ctx: &Ctx, account: &AccountId, file: &FileId) -> Result<String> {
    let ticket = Ticket {
        account: account.clone(),
        file: file.clone(),
        until: ctx.now() + LIFE_MS,
    };
    let plain = serde_json::to_vec(&ticket).map_err(Error::internal)?;
    let sealed = ctx.vault().seal(&PLACE, &plain);
    Ok(sealed.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Name and content of the file that a ticket opens.
///
/// # Errors
/// Not found: no ticket of ours, its time is over, or the file is gone.
pub async fn read(ctx: &Ctx, text: &str) -> Result<(String, Vec<u8>)> {
    let missing = || Error::not_found("The link has expired; ask for it again");
    let sealed = bytes(text).ok_or_else(missing)?;
    let plain = ctx.vault().open_sealed(&PLACE, &sealed);
    let plain = plain.map_err(|_| missing())?;
    let ticket: Ticket = serde_json::from_slice(&plain).map_err(Error::internal)?;
    if ticket.until <= ctx.now() {
        return Err(missing());
    }
    let found = file::read(ctx, &ticket.account, &ticket.file).await;
    found.map_err(|error| match error.kind {
        types::Kind::NotFound => missing(),
        _ => error,
    })
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if text.len() > LENGTH_MAX || !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}
