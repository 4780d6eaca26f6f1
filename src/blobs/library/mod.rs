//! Libraries: places with originals that are not ours, a folder or a bucket. They are only read: this room has no
//! call that writes, moves or deletes there.
//!
//! A file is named by a key below the library's place. A key comes from a listing and is checked again when it is
//! read: one that leads out of the place, by `..` or by a link, is refused.

use std::{fmt, ops::Range, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures::{TryStreamExt, stream::BoxStream};

use super::{BlobError, BlobStream, S3Bucket};
use bucket::BucketLibrary;
use folder::FolderLibrary;

mod bucket;
mod folder;
mod keys;

/// Files in one page of a listing.
const PAGE: usize = 500;

/// Where the originals of one session lie.
#[derive(Clone)]
pub enum LibraryPlace {
    Folder {
        root: PathBuf,
        /// The folder that must be there even where the session has none.
        base: PathBuf,
    },
    S3(S3Bucket),
}

impl LibraryPlace {
    /// A folder that a session is tied to.
    #[must_use]
    pub fn tied(root: PathBuf) -> Self {
        Self::Folder { base: root.clone(), root }
    }

    /// Opens it; nothing is read yet.
    ///
    /// # Errors
    /// When no client can be made for a bucket.
    pub fn open(&self) -> Result<Library, BlobError> {
        Ok(Library(match self {
            Self::Folder { root, base } => Opened::Folder(FolderLibrary::new(root.clone(), base.clone())),
            Self::S3(bucket) => Opened::Bucket(Arc::new(BucketLibrary::open(bucket)?)),
        }))
    }
}

impl fmt::Display for LibraryPlace {
    /// As it stands in rows: `file:///folder` or `s3://bucket/folder`, without keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder { root, .. } => write!(f, "file://{}", root.display()),
            Self::S3(bucket) => bucket.fmt(f),
        }
    }
}

/// An opened library. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Library(Opened);

#[derive(Clone, Debug)]
enum Opened {
    Folder(FolderLibrary),
    Bucket(Arc<BucketLibrary>),
}

/// A file in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Below the library's place, with `/` between folders.
    pub key: String,
    pub bytes: u64,
    /// Changes when the file does: the ETag, or the time of the last change and the length.
    pub stamp: String,
    /// Why it cannot be read: `library_key_unusable`, `outside_library`, `broken_link`, `not_a_file` or `unreadable`.
    pub fault: Option<&'static str>,
}

/// A file as it was listed.
#[derive(Debug, Clone)]
pub struct LibraryFile {
    pub library: Library,
    pub key: String,
    pub stamp: String,
}

impl Library {
    /// Everything in it, page by page, in no order. Ends with the first error: what comes behind it is not known.
    #[must_use]
    pub fn list(&self) -> BoxStream<'static, Result<Vec<Listed>, BlobError>> {
        match &self.0 {
            Opened::Folder(folder) => folder.list(),
            Opened::Bucket(bucket) => Arc::clone(bucket).list(),
        }
    }

    /// Whether it can be listed now.
    ///
    /// # Errors
    /// `Unavailable` when it cannot.
    pub async fn health(&self) -> Result<(), BlobError> {
        match &self.0 {
            Opened::Folder(folder) => folder.health().await,
            Opened::Bucket(bucket) => bucket.page(None, 1).await.map(|_| ()),
        }
    }

    /// One file as a listing would have it.
    ///
    /// # Errors
    /// `NotFound`, also for a key that leads out of the library, and `Unavailable`.
    pub async fn find(&self, key: &str) -> Result<Listed, BlobError> {
        if !keys::is_usable(key) {
            return Err(BlobError::NotFound);
        }
        match &self.0 {
            Opened::Folder(folder) => folder.find(key).await,
            Opened::Bucket(bucket) => bucket.find(key).await,
        }
    }

    /// A file, or a part of it, as it was listed with this stamp.
    ///
    /// # Errors
    /// `NotFound`, `Range`, and `Unavailable` when the library is away or the file has changed.
    pub async fn get_stream(
        &self,
        key: &str,
        stamp: &str,
        range: Option<Range<u64>>,
    ) -> Result<BlobStream, BlobError> {
        match &self.0 {
            Opened::Folder(folder) => folder.get_stream(key, stamp, range).await,
            Opened::Bucket(bucket) => bucket.get_stream(key, stamp, range).await,
        }
    }
}

impl LibraryFile {
    pub(super) async fn get_stream(&self, range: Option<Range<u64>>) -> Result<BlobStream, BlobError> {
        self.library.get_stream(&self.key, &self.stamp, range).await
    }

    /// The whole file, of at most `most` bytes; `None` when it is larger.
    ///
    /// # Errors
    /// As [`Library::get_stream`].
    pub async fn read(&self, most: u64) -> Result<Option<Bytes>, BlobError> {
        let BlobStream { length, mut bytes, .. } = self.get_stream(None).await?;
        if length > most {
            return Ok(None);
        }
        let mut whole = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        while let Some(piece) = bytes.try_next().await? {
            whole.extend_from_slice(&piece);
            if whole.len() as u64 > length {
                return Err(BlobError::Changed);
            }
        }
        if whole.len() as u64 != length {
            return Err(BlobError::Changed);
        }
        Ok(Some(whole.into()))
    }
}

/// The part of a file of `length` bytes that was asked for.
fn part(range: Option<Range<u64>>, length: u64) -> Result<Range<u64>, BlobError> {
    match range {
        None => Ok(0..length),
        Some(range) if range.start >= length => Err(BlobError::Range),
        Some(range) => Ok(range.start..range.end.min(length)),
    }
}
