//! A first start is told from one whose rows are missing.

use std::path::Path;

use super::OpenError;
use crate::{
    blobs::{Blobs, Spool},
    config::Settings,
    store::Store,
};

/// The embedded database's file.
pub(super) fn database_file(directory: &Path) -> std::path::PathBuf {
    directory.join("pixora.db")
}

/// Refuses to make a new database beside files that another one knows: whoever went on with it would take every
/// file for nobody's. Asked before the file is made, so that nothing is in the way of the one that belongs there.
///
/// # Errors
/// [`OpenError::DatabaseMissing`].
pub(super) async fn before_a_new_database(
    settings: &Settings,
    blobs: &Blobs,
    spool: &Spool,
) -> Result<(), OpenError> {
    let is_there = settings.database.is_some() || database_file(&settings.data_dir).exists();
    if is_there { Ok(()) } else { without_files(blobs, spool).await }
}

/// The same for a database that is there and empty. Gives the installation its name at its first start.
///
/// # Errors
/// [`OpenError::DatabaseMissing`].
pub(super) async fn recognise(store: &Store, blobs: &Blobs, spool: &Spool) -> Result<(), OpenError> {
    if store.installation().await?.is_some() {
        return Ok(());
    }
    if store.is_empty().await? {
        without_files(blobs, spool).await?;
    }
    match store.begin_installation().await {
        // An installation of an earlier version gets its name when there is room.
        Err(error) if error.is_full() => Ok(()),
        named => Ok(named.map(drop)?),
    }
}

async fn without_files(blobs: &Blobs, spool: &Spool) -> Result<(), OpenError> {
    let none = blobs.is_empty().await? && spool.files().await?.is_empty();
    if none { Ok(()) } else { Err(OpenError::DatabaseMissing) }
}
