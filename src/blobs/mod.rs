//! Files: originals byte for byte, and the derivatives made from them.
//!
//! A file is named by typed ids only ([`BlobKey`]), so no client's text ever becomes part of a path.
//! A write is all or nothing and on the disk before `Ok`: a killed process leaves no half a picture
//! under a key. What is still coming in lies in the [`Spool`] until it is whole.

use std::{
    io::{self, ErrorKind, SeekFrom},
    ops::Range,
    path::PathBuf,
    sync::Arc,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, GetResultPayload, ObjectStore, ObjectStoreExt, PutPayload, buffered::BufWriter,
    local::LocalFileSystem, path::Path,
};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

mod kept;
mod key;
mod spool;

use crate::domain::{AttachmentId, HandoffId, PhotoId, PhotoSessionId, TicketId};
pub use kept::{Belongs, KeptFile, kept_files, original_path};
pub use key::BlobKey;
pub use spool::{Checksum, Piece, Spool, SpoolKey, Spooled, Written};

#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("there is no such file")]
    NotFound,
    /// The asked range starts behind the end of the file.
    #[error("the range lies outside the file")]
    Range,
    #[error("the file storage is not available")]
    Unavailable(#[source] object_store::Error),
    /// A local file outside the storage could not be read.
    #[error("the file cannot be read")]
    Source(#[source] std::io::Error),
}

impl BlobError {
    /// Whether there is no room left, so that trying again later may help.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let mut causes = std::iter::successors(Some(self as &dyn std::error::Error), |error| error.source());
        causes.any(|cause| {
            let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
            matches!(kind, Some(std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded))
        })
    }

    /// Stable name of the failure, for logs and problem documents.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "file_not_found",
            Self::Range => "range_not_satisfiable",
            Self::Unavailable(_) => "storage_unavailable",
            Self::Source(_) => "file_unreadable",
        }
    }
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            other => Self::Unavailable(other),
        }
    }
}

/// Of a file that is sent, in memory at a time.
const PIECE: usize = 256 << 10;

/// A file on its way to a client.
pub struct BlobStream {
    /// Of the whole file, in bytes.
    pub length: u64,
    /// The part that `bytes` holds.
    pub range: Range<u64>,
    /// Changes when the file does; without quotes.
    pub etag: Option<String>,
    pub bytes: BoxStream<'static, Result<Bytes, BlobError>>,
}

/// The file storage. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// The folder, where the storage is one.
    root: Option<PathBuf>,
}

impl Blobs {
    /// Opens (and makes, if need be) a folder.
    pub fn open_folder(root: impl Into<PathBuf>) -> Result<Self, BlobError> {
        let root = root.into();
        std::fs::create_dir_all(&root).map_err(BlobError::Source)?;
        let store = LocalFileSystem::new_with_prefix(&root)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), root: Some(root) })
    }

    /// Writes a file whole, replacing what was there.
    pub async fn put(&self, key: BlobKey, bytes: impl Into<Bytes>) -> Result<(), BlobError> {
        self.store.put(&key.path(), PutPayload::from(bytes.into())).await?;
        Ok(())
    }

    /// Makes a complete local file, which must not change any more, the one under `key`. It stays where it is;
    /// on the same file system no byte is copied. Doing it again changes nothing.
    pub async fn adopt(&self, key: BlobKey, file: PathBuf) -> Result<(), BlobError> {
        if let Some(root) = &self.root {
            let (file, target) = (file.clone(), root.join(key.path().as_ref()));
            let linked = tokio::task::spawn_blocking(move || link(&file, &target)).await;
            if linked.is_ok_and(|linked| linked.is_ok()) {
                return Ok(());
            }
        }
        // Another file system, or no folder at all: in pieces, whole or not at all.
        let mut source = tokio::fs::File::open(file).await.map_err(BlobError::Source)?;
        let mut target = BufWriter::new(Arc::clone(&self.store), key.path());
        let copied = async {
            tokio::io::copy(&mut source, &mut target).await?;
            tokio::io::AsyncWriteExt::shutdown(&mut target).await
        };
        copied.await.map_err(BlobError::Source)
    }

    pub async fn get(&self, key: BlobKey) -> Result<Bytes, BlobError> {
        Ok(self.store.get(&key.path()).await?.bytes().await?)
    }

    /// A file, or a part of it, as a stream. A range that ends behind the file's end is cut to it.
    pub async fn get_stream(&self, key: BlobKey, range: Option<Range<u64>>) -> Result<BlobStream, BlobError> {
        let options = GetOptions { range: range.clone().map(GetRange::Bounded), ..GetOptions::default() };
        let found = match self.store.get_opts(&key.path(), options).await {
            Err(object_store::Error::NotFound { .. }) => return Err(BlobError::NotFound),
            // The local store has no error kind of its own for this: ask for the length to tell.
            Err(error) => match range {
                Some(range) if self.store.head(&key.path()).await?.size <= range.start => {
                    return Err(BlobError::Range);
                }
                _ => return Err(error.into()),
            },
            Ok(found) => found,
        };
        Ok(BlobStream {
            length: found.meta.size,
            range: found.range.clone(),
            etag: found.meta.e_tag.as_deref().map(|etag| etag.trim_matches('"').to_owned()),
            bytes: match found.payload {
                GetResultPayload::File(file, _) => in_large_pieces(file, found.range).await?,
                GetResultPayload::Stream(stream) => stream.map_err(BlobError::from).boxed(),
            },
        })
    }

    /// Deletes one file; no error when there is none.
    pub async fn delete(&self, key: BlobKey) -> Result<(), BlobError> {
        match self.store.delete(&key.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a photo's original and derivatives; returns how many files there were.
    pub async fn delete_photo(&self, session: PhotoSessionId, photo: PhotoId) -> Result<u64, BlobError> {
        let derivatives = self.delete_under(key::derivatives_of(session, photo)).await?;
        let original = BlobKey::Original { session, photo };
        let there = match self.store.head(&original.path()).await {
            Ok(_) => 1,
            Err(object_store::Error::NotFound { .. }) => 0,
            Err(error) => return Err(error.into()),
        };
        self.delete(original).await?;
        Ok(derivatives + there)
    }

    /// Deletes every file of a session; returns how many there were.
    pub async fn delete_session(&self, session: PhotoSessionId) -> Result<u64, BlobError> {
        self.delete_under(key::session(session)).await
    }

    /// Files of a session, originals and derivatives, that are still there.
    pub async fn count_session(&self, session: PhotoSessionId) -> Result<u64, BlobError> {
        Ok(self.store.list(Some(&key::session(session))).try_fold(0, async |n, _| Ok(n + 1)).await?)
    }

    /// Photos of a session that have an original; those without a row are left over from a crash
    /// between writing the file and writing the row.
    pub async fn originals(&self, session: PhotoSessionId) -> Result<Vec<PhotoId>, BlobError> {
        let files: Vec<_> = self.store.list(Some(&key::originals_of(session))).try_collect().await?;
        Ok(files.iter().filter_map(|file| file.location.filename()?.parse().ok()).collect())
    }

    /// Every file that came with a ticket, and when it was written.
    pub async fn attachments(&self) -> Result<Vec<(TicketId, AttachmentId, DateTime<Utc>)>, BlobError> {
        let files: Vec<_> = self.store.list(Some(&key::tickets())).try_collect().await?;
        let named = |file: &object_store::ObjectMeta| {
            let mut parts = file.location.parts().skip(1);
            let (ticket, attachment) = (parts.next()?, parts.next()?);
            Some((ticket.as_ref().parse().ok()?, attachment.as_ref().parse().ok()?, file.last_modified))
        };
        Ok(files.iter().filter_map(named).collect())
    }

    /// Deletes everything that came with a ticket; returns how many files there were.
    pub async fn delete_ticket(&self, ticket: TicketId) -> Result<u64, BlobError> {
        self.delete_under(key::attachments_of(ticket)).await
    }

    /// Deletes every picture of a hand-off; returns how many there were.
    pub async fn delete_handoff(&self, handoff: HandoffId) -> Result<u64, BlobError> {
        self.delete_under(key::handoff_folder(handoff)).await
    }

    /// Hand-offs that have files, or had some in a process that was killed.
    pub async fn handoffs(&self) -> Result<Vec<HandoffId>, BlobError> {
        let folders = self.store.list_with_delimiter(Some(&key::handoffs())).await?.common_prefixes;
        Ok(folders.iter().filter_map(|folder| folder.filename()?.parse().ok()).collect())
    }

    /// Counts the files of a session that are not whole, left by a process that was killed while it wrote
    /// them (or being written now), and deletes them when told to. No listing shows them.
    pub async fn unfinished(&self, session: PhotoSessionId, delete: bool) -> Result<u64, BlobError> {
        let Some(root) = &self.root else { return Ok(0) };
        let folder = root.join(key::session(session).as_ref());
        let work = move || {
            let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
            let mut unfinished = 0;
            for file in files.filter(|file| is_staged(&file.file_name().to_string_lossy())) {
                unfinished += 1;
                if delete {
                    std::fs::remove_file(file.path())?;
                }
            }
            Ok(unfinished)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(BlobError::Source)
    }

    /// Answers quickly whether the storage can be reached.
    pub async fn health(&self) -> Result<(), BlobError> {
        match &self.root {
            Some(root) => tokio::fs::metadata(root).await.map(|_| ()).map_err(BlobError::Source),
            None => Ok(self.store.list_with_delimiter(None).await.map(|_| ())?),
        }
    }

    async fn delete_under(&self, prefix: Path) -> Result<u64, BlobError> {
        let files = self.store.list(Some(&prefix)).map_ok(|file| file.location).boxed();
        let deleted = self.store.delete_stream(files).try_fold(0, async |n, _| Ok(n + 1)).await?;
        if let Some(root) = &self.root {
            // The listing hides files that were being written when a process was killed: they go too.
            let folder = root.join(prefix.as_ref());
            match tokio::fs::remove_dir_all(folder).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(BlobError::Source(error));
                }
                _ => {}
            }
        }
        Ok(deleted)
    }
}

/// `object_store` reads a local file 8 KiB at a time, each on another thread: too slow for gigabytes.
async fn in_large_pieces(
    file: std::fs::File,
    range: Range<u64>,
) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
    let mut file = tokio::fs::File::from_std(file);
    file.seek(SeekFrom::Start(range.start)).await.map_err(BlobError::Source)?;
    let part = file.take(range.end - range.start);
    Ok(ReaderStream::with_capacity(part, PIECE).map_err(BlobError::Source).boxed())
}

fn link(file: &std::path::Path, target: &std::path::Path) -> io::Result<()> {
    let folder = target.parent().unwrap_or(target);
    if !folder.exists() {
        std::fs::create_dir_all(folder)?;
        // The session's folder may be as new as this one.
        spool::sync_folder_of(folder)?;
        folder.parent().map_or(Ok(()), spool::sync_folder_of)?;
    }
    match std::fs::hard_link(file, target) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    spool::sync_folder_of(target)
}

/// `object_store` writes `name` as `name#1` and renames it when it is whole.
fn is_staged(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|digit| digit.is_ascii_digit()))
}
