//! Every file from one storage to another, beside whatever is at work on either.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, path::Path};

use super::{BlobError, Blobs, in_time, pieces, write};

/// Files on their way at the same time.
const COPIED_AT_ONCE: usize = 8;

/// The progress of a copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Copied {
    /// Files that the target lacked, or had with another length.
    pub copied: u64,
    /// In them.
    pub bytes: u64,
    /// Files that the target had.
    pub present: u64,
    /// Files that were deleted while this went on.
    pub gone: u64,
}

/// How far a copy is: folders (sessions, tickets, …) of all.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub folders: u64,
    pub of: u64,
    pub copied: Copied,
}

/// Copies what the target lacks, by name and length: what a name stands for never changes. Running it again goes
/// on where it stopped. Deletes nothing anywhere.
///
/// # Errors
/// [`BlobError`] of either storage; what has been copied stays.
pub async fn copy(from: &Blobs, to: &Blobs, report: impl Fn(Progress)) -> Result<Copied, BlobError> {
    let folders = folders(&*from.store).await?;
    let of = folders.len() as u64;
    let mut copied = Copied::default();
    for (done, folder) in folders.iter().enumerate() {
        report(Progress { folders: done as u64, of, copied });
        let there = lengths(&*to.store, folder).await?;
        let files = from.store.list(Some(folder)).map_err(|error| BlobError::unavailable(&error));
        copied = files
            .map_ok(|file| {
                let there = there.get(&file.location) == Some(&file.size);
                async move {
                    if there {
                        Ok(None)
                    } else {
                        one(from, to, &file).await.map(|sent| Some((sent, file.size)))
                    }
                }
            })
            .try_buffer_unordered(COPIED_AT_ONCE)
            .try_fold(copied, async |mut copied, sent| {
                match sent {
                    None => copied.present += 1,
                    Some((true, bytes)) => {
                        copied.copied += 1;
                        copied.bytes += bytes;
                    }
                    Some((false, _)) => copied.gone += 1,
                }
                report(Progress { folders: done as u64, of, copied });
                Ok(copied)
            })
            .await?;
    }
    report(Progress { folders: of, of, copied });
    Ok(copied)
}

/// `sessions/{id}`, `tickets/{id}`, …: small enough to list, and all files are in one.
async fn folders(store: &dyn ObjectStore) -> Result<Vec<Path>, BlobError> {
    let inside = async |folder: Option<Path>| {
        let listed = store.list_with_delimiter(folder.as_ref()).await;
        listed.map(|listed| listed.common_prefixes).map_err(|error| BlobError::unavailable(&error))
    };
    let kinds = inside(None).await?;
    let folders = stream::iter(kinds).then(|kind| inside(Some(kind))).try_collect::<Vec<_>>().await?;
    Ok(folders.concat())
}

async fn lengths(store: &dyn ObjectStore, folder: &Path) -> Result<HashMap<Path, u64>, BlobError> {
    let files = store.list(Some(folder)).map_ok(|file| (file.location, file.size));
    files.try_collect().await.map_err(|error| BlobError::unavailable(&error))
}

/// `false` when the file has been deleted meanwhile.
async fn one(from: &Blobs, to: &Blobs, file: &ObjectMeta) -> Result<bool, BlobError> {
    let found = match in_time(from.store.get(&file.location)).await?.map_err(BlobError::from) {
        Err(BlobError::NotFound) => return Ok(false),
        found => found?,
    };
    let length = found.meta.size;
    write::write(&*to.store, &to.parts, &file.location, length, pieces(found).await?).await?;
    Ok(true)
}
