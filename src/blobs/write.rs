//! A long file on its way into the storage: in parts, whole or not at all.

use std::{io, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, path::Path};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

use super::BlobError;

/// Of an upload in parts. S3 wants 5 MiB at least, and some stores want all of them alike.
const PART: usize = 8 << 20;
/// Up to here a file goes in one request, of which nothing can be left over.
const WHOLE: u64 = 2 * PART as u64;
/// Parts of one file under way at the same time.
const PARTS_AT_ONCE: usize = 4;
/// Parts of all files in memory at the same time: 128 MiB.
pub(super) const PARTS: usize = 16;

/// Writes a file of `length` bytes. `parts` holds a permit for each part that may be in memory.
pub(super) async fn write(
    store: &dyn ObjectStore,
    parts: &Arc<Semaphore>,
    path: &Path,
    length: u64,
    pieces: BoxStream<'_, Result<Bytes, BlobError>>,
) -> Result<(), BlobError> {
    let mut cut = Cut { pieces, rest: Bytes::new(), left: length };
    if length <= WHOLE {
        let _held = room(parts, 2).await;
        let whole = cut.next(WHOLE as usize).await?;
        store.put(path, whole).await.map_err(|error| BlobError::unavailable(&error))?;
        return Ok(());
    }
    let upload = store.put_multipart(path).await;
    let mut upload = upload.map_err(|error| BlobError::unavailable(&error))?;
    let written = match send(&mut *upload, parts, cut).await {
        Ok(()) => upload.complete().await.map(|_| ()).map_err(|error| BlobError::unavailable(&error)),
        Err(error) => Err(error),
    };
    if written.is_err()
        && let Err(error) = upload.abort().await
    {
        let error = BlobError::unavailable(&error);
        tracing::warn!(%error, "parts of an upload that failed stay until the bucket's lifecycle rule removes them");
    }
    written
}

async fn send(
    upload: &mut dyn MultipartUpload,
    parts: &Arc<Semaphore>,
    mut cut: Cut<'_>,
) -> Result<(), BlobError> {
    let mut sending = JoinSet::new();
    let arrived = |joined: Result<object_store::Result<()>, tokio::task::JoinError>| match joined {
        Ok(sent) => sent.map_err(|error| BlobError::unavailable(&error)),
        Err(error) => Err(BlobError::Source(io::Error::other(error))),
    };
    while cut.left > 0 {
        if sending.len() >= PARTS_AT_ONCE
            && let Some(joined) = sending.join_next().await
        {
            arrived(joined)?;
        }
        let held = room(parts, 1).await;
        let part = upload.put_part(cut.next(PART).await?);
        sending.spawn(async move {
            let sent = part.await;
            drop(held);
            sent
        });
    }
    while let Some(joined) = sending.join_next().await {
        arrived(joined)?;
    }
    Ok(())
}

/// Nobody closes the semaphore.
async fn room(parts: &Arc<Semaphore>, many: u32) -> Option<OwnedSemaphorePermit> {
    Arc::clone(parts).acquire_many_owned(many).await.ok()
}

/// Cuts a stream that must hold `left` bytes more.
struct Cut<'a> {
    pieces: BoxStream<'a, Result<Bytes, BlobError>>,
    /// Of the last piece.
    rest: Bytes,
    left: u64,
}

impl Cut<'_> {
    /// The next `size` bytes, or all that are left.
    async fn next(&mut self, size: usize) -> Result<PutPayload, BlobError> {
        let mut wanted = usize::try_from(self.left).map_or(size, |left| left.min(size));
        self.left -= wanted as u64;
        let mut part = Vec::new();
        while wanted > 0 {
            if self.rest.is_empty() {
                let short = || BlobError::Source(io::ErrorKind::UnexpectedEof.into());
                self.rest = self.pieces.next().await.ok_or_else(short)??;
            }
            let taken = self.rest.split_to(self.rest.len().min(wanted));
            wanted -= taken.len();
            part.push(taken);
        }
        Ok(part.into_iter().collect())
    }
}
