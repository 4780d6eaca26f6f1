//! Files: originals byte for byte, and the derivatives made from them.
//!
//! A file is named by typed ids only ([`BlobKey`]), so no client's text ever becomes part of a path.
//! A write is all or nothing and on the disk before `Ok`: a killed process leaves no half a picture
//! under a key. What is still coming in lies in the [`Spool`] until it is whole. Where they lie, in a folder or
//! in a bucket of an S3-compatible store, is [`BlobPlace`]'s affair; the tests of one are the tests of both.
//!
//! # Where files are
//!
//! `blobs/` has one type over `object_store`, whose folder and bucket are two openings of it (`BlobPlace`);
//! the tests of one are the tests of both, and what only a folder can do (a hard link instead of a copy,
//! sweeping half files) is `blobs/folder.rs`.
//!
//! - **Whole or not at all.** A short file is one request. A long one goes in parts (`blobs/write.rs`), in
//!   a task of its own, so that a caller who goes away leaves no half of it behind; on failure the parts
//!   are taken back.
//! - **The store's words are not ours.** Its errors hold the names of files, which hold ids that open
//!   galleries: `blobs/error.rs` says what it knows in words of its own, by S3's codes. A missing bucket is
//!   not a missing file.
//! - **An outage is not the photo's fault.** When a job fails and the storage does not answer either, the
//!   job waits without an attempt counted. HTTP answers 503 before the first byte; after it the connection
//!   breaks and the client goes on by range.
//! - **Moving is copying** by name and length (`blobs/copy.rs`), beside both servers: a name's content
//!   never changes. What is erased meanwhile is found by `doctor`, which compares the storage's sessions
//!   with the rows.

use std::{collections::HashMap, fmt, ops::Range, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, GetResult, GetResultPayload, ObjectStore, ObjectStoreExt, PutPayload,
    local::LocalFileSystem, path::Path,
};
use tokio::sync::Semaphore;
use tokio_util::io::ReaderStream;

mod check;
mod copy;
mod error;
mod folder;
mod kept;
mod key;
mod library;
mod place;
mod s3;
mod spool;
mod write;

use crate::domain::{AttachmentId, HandoffId, PhotoId, PhotoSessionId, TicketId};
pub use copy::{Copied, Progress, copy};
pub use error::{BlobError, Trouble, lacks_descriptors};
pub use kept::{Belongs, KeptFile, kept_files, original_path};
pub use key::BlobKey;
pub use library::{Library, LibraryFile, LibraryPlace, Listed};
pub use place::BlobPlace;
pub use s3::{S3Bucket, S3Keys};
pub use spool::{Checksum, Piece, Spool, SpoolClaim, SpoolKey, Spooled, Written};

/// Of a file that is read, in memory at a time.
const PIECE: usize = 256 << 10;
/// Somebody waits for what is read: no longer than this until it begins to come.
const ANSWER: Duration = Duration::from_secs(20);

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

/// Knows which originals lie in a library rather than in the storage.
#[async_trait::async_trait]
pub trait Catalogue: fmt::Debug + Send + Sync {
    /// Where the original with this id lies; `None` where it lies in no library.
    ///
    /// # Errors
    /// When that cannot be told now.
    async fn find(
        &self,
        session: PhotoSessionId,
        original: PhotoId,
    ) -> Result<Option<LibraryFile>, BlobError>;
}

/// The file storage. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Asked for originals that are not in the storage.
    catalogue: Option<Arc<dyn Catalogue>>,
    /// The folder, where the storage is one.
    root: Option<PathBuf>,
    /// Parts of files on their way into the storage that may be in memory.
    parts: Arc<Semaphore>,
}

impl Blobs {
    /// Opens (and makes, if need be) a folder.
    ///
    /// # Errors
    /// `Source` when it cannot be made.
    pub fn open_folder(root: impl Into<PathBuf>) -> Result<Self, BlobError> {
        let root = root.into();
        std::fs::create_dir_all(&root).map_err(BlobError::Source)?;
        let store = Arc::new(LocalFileSystem::new_with_prefix(&root)?.with_fsync(true));
        let parts = Arc::new(Semaphore::new(write::PARTS));
        Ok(Self { store, catalogue: None, root: Some(root), parts })
    }

    /// Opens a bucket, which must be there; nothing is sent yet, see [`Blobs::check`].
    ///
    /// # Errors
    /// `Unavailable` when no client can be made, for want of certificates to trust for one.
    pub fn open_s3(bucket: &S3Bucket) -> Result<Self, BlobError> {
        let parts = Arc::new(Semaphore::new(write::PARTS));
        Ok(Self { store: bucket.open()?, catalogue: None, root: None, parts })
    }

    /// The same storage, with originals that lie in libraries.
    #[must_use]
    pub fn with_catalogue(self, catalogue: Arc<dyn Catalogue>) -> Self {
        Self { catalogue: Some(catalogue), ..self }
    }

    /// Where an original that is not in the storage lies, if it lies in a library.
    async fn in_library(&self, key: BlobKey) -> Result<Option<LibraryFile>, BlobError> {
        match (&self.catalogue, key) {
            (Some(catalogue), BlobKey::Original { session, photo }) => catalogue.find(session, photo).await,
            _ => Ok(None),
        }
    }

    /// Whether more photos may come in; a bucket is as large as it is.
    ///
    /// # Errors
    /// [`BlobError::is_full`] when they may not.
    pub fn room(&self) -> Result<(), BlobError> {
        self.root.as_deref().map_or(Ok(()), spool::room).map_err(BlobError::Source)
    }

    /// Writes a file whole, replacing what was there. `Ok` means durable.
    pub async fn put(&self, key: BlobKey, bytes: impl Into<Bytes>) -> Result<(), BlobError> {
        let written = self.store.put(&key.path(), PutPayload::from(bytes.into())).await;
        written.map(|_| ()).map_err(|error| BlobError::unavailable(&error))
    }

    /// Makes a complete local file, which must not change any more, the one under `key`. It stays where it is;
    /// on the same file system no byte is copied. Doing it again changes nothing.
    pub async fn adopt(&self, key: BlobKey, file: PathBuf) -> Result<(), BlobError> {
        if let Some(root) = &self.root {
            let (file, target) = (file.clone(), root.join(key.path().as_ref()));
            let linked = tokio::task::spawn_blocking(move || folder::link(&file, &target)).await;
            if linked.is_ok_and(|linked| linked.is_ok()) {
                return Ok(());
            }
        }
        // Another file system, or no folder at all. A task of its own: whoever asked may go away, and nobody
        // would clear away half an upload.
        let (store, parts) = (Arc::clone(&self.store), Arc::clone(&self.parts));
        let written = tokio::spawn(async move {
            let file = tokio::fs::File::open(file).await.map_err(BlobError::Source)?;
            let length = file.metadata().await.map_err(BlobError::Source)?.len();
            let pieces = ReaderStream::with_capacity(file, PIECE).map_err(BlobError::Source).boxed();
            write::write(&*store, &parts, &key.path(), length, pieces).await
        });
        written.await.unwrap_or_else(|error| Err(BlobError::Source(std::io::Error::other(error))))
    }

    pub async fn get(&self, key: BlobKey) -> Result<Bytes, BlobError> {
        match in_time(self.store.get(&key.path())).await?.map_err(BlobError::from) {
            Err(BlobError::NotFound) => {
                let file = self.in_library(key).await?.ok_or(BlobError::NotFound)?;
                file.read(u64::MAX).await?.ok_or(BlobError::NotFound)
            }
            found => Ok(found?.bytes().await?),
        }
    }

    /// A file, or a part of it, as a stream. A range that ends behind the file's end is cut to it.
    pub async fn get_stream(&self, key: BlobKey, range: Option<Range<u64>>) -> Result<BlobStream, BlobError> {
        let options = GetOptions { range: range.clone().map(GetRange::Bounded), ..GetOptions::default() };
        let found = match in_time(self.store.get_opts(&key.path(), options)).await? {
            Err(object_store::Error::NotFound { .. }) => {
                let file = self.in_library(key).await?.ok_or(BlobError::NotFound)?;
                return file.get_stream(range).await;
            }
            // There is no error kind for this: ask for the length to tell.
            Err(error) => match range {
                Some(range) if in_time(self.store.head(&key.path())).await??.size <= range.start => {
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
            bytes: pieces(found).await?,
        })
    }

    /// The length of one file; `None` when there is none.
    pub async fn length(&self, key: BlobKey) -> Result<Option<u64>, BlobError> {
        match in_time(self.store.head(&key.path())).await?.map_err(BlobError::from) {
            Ok(file) => Ok(Some(file.size)),
            Err(BlobError::NotFound) => match self.in_library(key).await? {
                Some(file) => match file.get_stream(None).await {
                    Ok(found) => Ok(Some(found.length)),
                    Err(BlobError::NotFound) => Ok(None),
                    Err(error) => Err(error),
                },
                None => Ok(None),
            },
            Err(error) => Err(error),
        }
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

    /// Files of a photo, original and derivatives, that are still there.
    pub async fn count_photo(&self, session: PhotoSessionId, photo: PhotoId) -> Result<u64, BlobError> {
        let folder = key::derivatives_of(session, photo);
        let derivatives = self.store.list(Some(&folder)).try_fold(0, async |n, _| Ok(n + 1)).await?;
        match self.store.head(&BlobKey::Original { session, photo }.path()).await {
            Ok(_) => Ok(derivatives + 1),
            Err(object_store::Error::NotFound { .. }) => Ok(derivatives),
            Err(error) => Err(error.into()),
        }
    }

    /// Names of the derivatives of a photo and of their copies: [`BlobKey::name`].
    pub async fn made_of(&self, session: PhotoSessionId, photo: PhotoId) -> Result<Vec<String>, BlobError> {
        let folder = key::derivatives_of(session, photo);
        let files: Vec<_> = self.store.list(Some(&folder)).try_collect().await?;
        Ok(files.iter().filter_map(|file| Some(file.location.filename()?.to_owned())).collect())
    }

    /// Photos of a session that have an original; those without a row are left over from a crash
    /// between writing the file and writing the row.
    pub async fn originals(&self, session: PhotoSessionId) -> Result<Vec<PhotoId>, BlobError> {
        let files: Vec<_> = self.store.list(Some(&key::originals_of(session))).try_collect().await?;
        Ok(files.iter().filter_map(|file| file.location.filename()?.parse().ok()).collect())
    }

    /// The length of each file of a session, by its photo and its own name: [`BlobKey::name`].
    pub async fn lengths(
        &self,
        session: PhotoSessionId,
    ) -> Result<HashMap<(PhotoId, String), u64>, BlobError> {
        let named = |file: &object_store::ObjectMeta| {
            let mut parts = file.location.parts().skip(2);
            let (folder, photo) = (parts.next()?, parts.next()?);
            let photo: PhotoId = photo.as_ref().parse().ok()?;
            let name = match folder.as_ref() {
                "originals" => BlobKey::original(session, photo).name(),
                _ => parts.next()?.as_ref().to_owned(),
            };
            Some(((photo, name), file.size))
        };
        let files: Vec<_> = self.store.list(Some(&key::session(session))).try_collect().await?;
        Ok(files.iter().filter_map(named).collect())
    }

    /// Photos of a session that have derivatives.
    pub async fn derived(&self, session: PhotoSessionId) -> Result<Vec<PhotoId>, BlobError> {
        let folder = key::session(session).join("derivatives");
        let folders = self.store.list_with_delimiter(Some(&folder)).await?.common_prefixes;
        Ok(folders.iter().filter_map(|folder| folder.filename()?.parse().ok()).collect())
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

    /// Sessions that have files; not all have rows, where a move or a back-up brought back what had been erased.
    pub async fn sessions(&self) -> Result<Vec<PhotoSessionId>, BlobError> {
        let folders = self.store.list_with_delimiter(Some(&key::sessions())).await?.common_prefixes;
        Ok(folders.iter().filter_map(|folder| folder.filename()?.parse().ok()).collect())
    }

    /// Whether the storage holds nothing that belongs to anybody: the mark of nodes and what a check writes aside.
    pub async fn is_empty(&self) -> Result<bool, BlobError> {
        let aside = |path: &Path| {
            let first = path.parts().next().map(|part| part.as_ref().to_owned());
            matches!(first.as_deref(), Some("installation" | "check"))
        };
        let mut files = self.store.list(None);
        while let Some(file) =
            in_time(files.try_next()).await?.map_err(|error| BlobError::unavailable(&error))?
        {
            if !aside(&file.location) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Counts the files of a session that are not whole, left by a process that was killed while it wrote
    /// them (or being written now), and deletes them when told to. No listing shows them. A bucket hides them
    /// from us: its lifecycle rule removes them, see `docs/OPERATIONS.md`.
    pub async fn unfinished(&self, session: PhotoSessionId, delete: bool) -> Result<u64, BlobError> {
        let Some(root) = &self.root else { return Ok(0) };
        let folder = root.join(key::session(session).as_ref());
        let done = tokio::task::spawn_blocking(move || folder::unfinished(&folder, delete)).await;
        done.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(BlobError::Source)
    }

    /// Answers quickly whether the storage can be reached.
    pub async fn health(&self) -> Result<(), BlobError> {
        match &self.root {
            Some(root) => tokio::fs::metadata(root).await.map(|_| ()).map_err(BlobError::Source),
            None => Ok(in_time(self.store.list_with_delimiter(None)).await?.map(|_| ())?),
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

async fn pieces(found: GetResult) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
    match found.payload {
        GetResultPayload::File(file, _) => folder::in_large_pieces(file, found.range).await,
        GetResultPayload::Stream(stream) => Ok(stream.map_err(BlobError::from).boxed()),
    }
}

/// Gives up where the storage does not begin to answer.
async fn in_time<T>(work: impl Future<Output = T>) -> Result<T, BlobError> {
    tokio::time::timeout(ANSWER, work).await.map_err(|_| BlobError::late())
}
