//! The package of an import while its job waits and runs: a sealed file in the store.

use crate::{
    Ctx,
    definition::{file, stored},
};
use definition::Package;
use jobs::JobError;
use types::{
    Error, Kind,
    id::{AccountId, FileId},
};

/// Opens the package that an import was asked for with.
///
/// # Errors
/// Fails the job for good when the file has expired; otherwise as the store says.
pub(super) async fn open(ctx: &Ctx, account: &AccountId, id: &FileId) -> Result<Package, JobError> {
    let (_, packed) = file::read(ctx, account, id)
        .await
        .map_err(|error| match error.kind {
            Kind::NotFound => JobError::Fail("The package has expired; import it again".into()),
            _ => error.into(),
        })?;
    let work = tokio::task::spawn_blocking(move || stored::unpack(&packed));
    Ok(work.await.map_err(Error::internal)??)
}

/// Removes a package that has been taken in. That it stays is no failure: it would go by itself, later.
pub(super) async fn remove(ctx: &Ctx, account: &AccountId, id: &FileId) {
    if let Err(error) = ctx.store().files().remove(account, id).await {
        tracing::warn!(%error, "package of an import not removed");
    }
}
