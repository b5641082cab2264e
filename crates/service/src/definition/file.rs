//! Files between two requests: uploads that wait for an import, packages that wait for their job, exports that wait to be fetched.

use crate::{Caller, Ctx};
use crypt::Place;
use store::File;
use types::{
    Error, Result,
    id::{AccountId, FileId},
};

/// Longest name that is kept, characters.
const NAME_MAX: usize = 255;

/// What an upload is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// Its id.
    pub id: FileId,
    /// SHA-256 of the content, hex digits.
    pub hash: String,
}

/// Keeps a file for [`crate::Settings::file_life_ms`].
///
/// # Errors
/// Bad input on `file` when it is empty; when the store cannot be reached.
pub async fn upload(ctx: &Ctx, caller: &Caller, name: &str, bytes: Vec<u8>) -> Result<Uploaded> {
    if bytes.is_empty() {
        return Err(Error::field("file", "is empty"));
    }
    let hash = crypt::sha256_hex(&bytes);
    let file = sealed(ctx, &caller.account, name, bytes).await?;
    ctx.store().files().add(&file).await?;
    Ok(Uploaded { id: file.id, hash })
}

/// Name and content of a file.
///
/// # Errors
/// Not found: unknown, expired, or another account's.
pub async fn read(ctx: &Ctx, account: &AccountId, id: &FileId) -> Result<(String, Vec<u8>)> {
    let file = ctx.store().files().find(account, id, ctx.now()).await?;
    let file = file.ok_or_else(|| Error::not_found("Invalid file id"))?;
    let ctx = ctx.clone();
    let work = tokio::task::spawn_blocking(move || {
        let place = place(&file.account, &file.id);
        let bytes = ctx.vault().open_sealed(&place, &file.sealed);
        Ok((file.name, bytes.map_err(Error::internal)?))
    });
    work.await.map_err(Error::internal)?
}

/// A row for a file that is not stored yet.
pub(crate) async fn sealed(
    ctx: &Ctx,
    account: &AccountId,
    name: &str,
    bytes: Vec<u8>,
) -> Result<File> {
    let (id, now) = (FileId::new(ctx.ids()), ctx.now());
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let work = {
        let (ctx, account, id) = (ctx.clone(), account.clone(), id.clone());
        tokio::task::spawn_blocking(move || ctx.vault().seal(&place(&account, &id), &bytes))
    };
    Ok(File {
        sealed: work.await.map_err(Error::internal)?,
        id,
        account: account.clone(),
        name: name.chars().take(NAME_MAX).collect(),
        size,
        created_at: now,
        expires_at: now + ctx.parts.settings.file_life_ms,
    })
}

fn place<'a>(account: &'a AccountId, id: &'a FileId) -> Place<'a> {
    Place {
        kind: "file",
        account: account.as_str(),
        row: id.as_str(),
    }
}
