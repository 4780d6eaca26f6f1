//! Taking a photo in: everything that must be true before we say "stored".

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use chrono::Utc;
use sha2::{Digest, Sha256};

use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    domain::{PhotoId, PhotoSessionId},
    imaging::{self, ImageError},
    jobs::Jobs,
    store::{NewPhoto, Received, Store, StoreError},
};

/// Largest original, in bytes.
pub const MAX_BYTES: u64 = 100_000_000;

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The file itself is the reason; sending it again will not help.
    #[error("{0}")]
    Picture(#[from] ImageError),
    #[error("the file is larger than {} MB", MAX_BYTES / 1_000_000)]
    TooLarge,
    #[error("the file cannot be read: {0}")]
    Unreadable(std::io::Error),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReceiveError {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Picture(error) => error.code(),
            Self::TooLarge => "too_large",
            Self::Unreadable(_) => "unreadable",
            Self::Blob(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    /// Whether the file is to blame, so that the rest of a batch goes on.
    #[must_use]
    pub fn is_rejection(&self) -> bool {
        matches!(self, Self::Picture(_) | Self::TooLarge | Self::Unreadable(_))
    }
}

/// What the file's header and bytes say, read before anything is stored.
struct Inspected {
    sha256: String,
    bytes: Vec<u8>,
    header: imaging::Header,
}

/// Stores photos and queues their processing.
#[derive(Clone)]
pub struct Receiver {
    store: Store,
    blobs: Blobs,
    jobs: Jobs,
}

impl Receiver {
    #[must_use]
    pub fn new(store: Store, blobs: Blobs, jobs: Jobs) -> Self {
        Self { store, blobs, jobs }
    }

    /// Takes in a local file. `Ok` means durable: the original, its row and its job survive `kill -9`.
    ///
    /// # Errors
    /// [`ReceiveError`]; nothing of the file is kept then.
    pub async fn receive_file(
        &self,
        session: PhotoSessionId,
        path: PathBuf,
    ) -> Result<Received, ReceiveError> {
        let file = path.clone();
        let inspected = tokio::task::spawn_blocking(move || inspect(&file))
            .await
            .map_err(|error| ReceiveError::Unreadable(std::io::Error::other(error)))??;
        if let Some(known) = self.store.photos().find_by_hash(session, &inspected.sha256).await? {
            return Ok(Received::Duplicate(known));
        }
        let filename =
            path.file_name().map_or_else(|| "photo".into(), |name| name.to_string_lossy()).into_owned();
        let photo = PhotoId::generate();
        let original = BlobKey::original(session, photo);
        // The bytes that were hashed, not the file again: it may change under us.
        let size = inspected.bytes.len() as u64;
        self.blobs.put(original, inspected.bytes).await?;
        // The row makes the file count; a crash before it leaves an orphan that `doctor` removes.
        let row = NewPhoto {
            id: photo,
            photo_session_id: session,
            filename,
            sha256: inspected.sha256,
            bytes: size,
            media_type: inspected.header.format.media_type().to_owned(),
            width: inspected.header.width,
            height: inspected.header.height,
        };
        let received = self.store.photos().receive(&row, Utc::now()).await;
        match &received {
            Ok(Received::Stored(_)) => self.jobs.wake(),
            // Lost a race against the same bytes, or the row failed: the copy is nobody's.
            Ok(Received::Duplicate(_)) | Err(_) => self.blobs.delete(original).await?,
        }
        Ok(received?)
    }
}

/// Reads and hashes the file; at most [`MAX_BYTES`] in memory.
fn inspect(path: &Path) -> Result<Inspected, ReceiveError> {
    let file = std::fs::File::open(path).map_err(ReceiveError::Unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(ReceiveError::Unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ReceiveError::TooLarge);
    }
    let header = imaging::probe(&bytes)?;
    Ok(Inspected { sha256: hex::encode(Sha256::digest(&bytes)), bytes, header })
}
