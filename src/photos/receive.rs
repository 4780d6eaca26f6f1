//! Taking a photo in: everything that must be true before we say "stored".

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    blobs::{self, BlobError, BlobKey, Blobs},
    domain::{Clock, PhotoId, PhotoSessionId, PhotoState, PhotoWords},
    events::{Event, Events},
    imaging::{self, Header, ImageError, Written},
    jobs::Jobs,
    store::{InLibrary, KnownFile, NewPhoto, NewSidecar, Received, Rejection, SetAside, Store, StoreError},
};

/// Largest original, in bytes.
pub const MAX_BYTES: u64 = 100_000_000;
/// Of files whose headers are being checked at the same time, in KiB: 256 MiB, however many come at once.
const READING_KIB: usize = 256 << 10;

/// The code of a sidecar that says nothing.
const SIDECAR_UNREADABLE: &str = "sidecar_unreadable";

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The file itself is the reason; sending it again will not help.
    #[error("{0}")]
    Picture(#[from] ImageError),
    #[error("the file is larger than {} MB", MAX_BYTES / 1_000_000)]
    TooLarge,
    #[error("the file is not the one whose checksum was promised")]
    ChecksumMismatch,
    #[error("the sidecar holds no XMP that can be read")]
    SidecarUnreadable,
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
            Self::ChecksumMismatch => "checksum_mismatch",
            Self::SidecarUnreadable => SIDECAR_UNREADABLE,
            Self::Unreadable(_) => "unreadable",
            Self::Blob(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    /// Whether it may pass by itself: database or storage are busy, full or away.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Store(error) => matches!(error, StoreError::Unavailable(_)),
            Self::Blob(error) => error.is_full() || matches!(error, BlobError::Unavailable(_)),
            Self::Picture(_)
            | Self::TooLarge
            | Self::ChecksumMismatch
            | Self::SidecarUnreadable
            | Self::Unreadable(_) => false,
        }
    }

    /// Whether the file is to blame, so that the rest of a batch goes on.
    #[must_use]
    pub fn is_rejection(&self) -> bool {
        match self {
            Self::Picture(_) | Self::TooLarge | Self::ChecksumMismatch | Self::SidecarUnreadable => true,
            Self::Unreadable(error) => !blobs::lacks_descriptors(error),
            Self::Blob(_) | Self::Store(_) => false,
        }
    }
}

/// The data of a received photo besides its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    pub session: PhotoSessionId,
    /// The id of the photo. The same id on a second try stores nothing twice.
    pub photo: PhotoId,
    pub filename: String,
    pub guest_id: Option<String>,
    pub begins_selected: bool,
    /// It is to take the place of the photo of its name.
    pub replaces: bool,
    /// As the sender knows it; lower-case hex.
    pub sha256: Option<String>,
}

/// The properties of a file, read before anything is stored.
struct Inspected {
    sha256: String,
    crc32: u32,
    bytes: Vec<u8>,
    content: Result<Content, ReceiveError>,
}

/// The kind of a received file.
enum Content {
    Picture(Box<Header>),
    Sidecar(Box<Written>),
}

/// Stores photos and queues their processing.
#[derive(Clone)]
pub struct Receiver {
    store: Store,
    blobs: Blobs,
    jobs: Jobs,
    reading: Arc<Semaphore>,
    events: Events,
    /// Local files take the places of photos of their names.
    replaces: bool,
    clock: Clock,
}

impl Receiver {
    #[must_use]
    pub fn new(store: Store, blobs: Blobs, jobs: Jobs, events: Events, clock: Clock) -> Self {
        let reading = Arc::new(Semaphore::new(READING_KIB));
        Self { store, blobs, jobs, events, clock, reading, replaces: false }
    }

    /// The same, for local files that take the places of photos of their names, or not.
    #[must_use]
    pub fn replacing(self, replaces: bool) -> Self {
        Self { replaces, ..self }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
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
        self.blobs.room()?;
        let inspected = self.inspect(path.clone(), &path).await?;
        let filename =
            path.file_name().map_or_else(|| "photo".into(), |name| name.to_string_lossy()).into_owned();
        self.take(session, filename, inspected).await
    }

    /// Takes in a picture that is in memory, under this name. `Ok` means durable.
    ///
    /// # Errors
    /// [`ReceiveError`]; nothing of the file is kept then.
    pub(super) async fn receive_bytes(
        &self,
        session: PhotoSessionId,
        filename: String,
        bytes: Bytes,
    ) -> Result<Received, ReceiveError> {
        self.blobs.room()?;
        let is_sidecar = is_sidecar(&filename);
        let inspected = tokio::task::spawn_blocking(move || inspected(bytes.into(), is_sidecar)).await;
        let inspected = inspected.map_err(|error| ReceiveError::Unreadable(std::io::Error::other(error)))?;
        self.take(session, filename, inspected).await
    }

    async fn take(
        &self,
        session: PhotoSessionId,
        filename: String,
        Inspected { sha256, crc32, bytes, content }: Inspected,
    ) -> Result<Received, ReceiveError> {
        let header = match content? {
            Content::Picture(header) => header,
            Content::Sidecar(written) => return self.describe(session, filename, sha256, *written).await,
        };
        if let Some(known) = self.known(session, &sha256).await? {
            if !self.is_set_aside(known.photo).await? {
                return Ok(Received::Duplicate(known.photo));
            }
            // The missing or damaged original is restored now.
            self.blobs.put(BlobKey::original(session, known.file), bytes).await?;
            return self.go_on(session, known.photo).await;
        }
        let photo = PhotoId::generate();
        let (guest_id, replaces) = (None, self.replaces);
        let incoming =
            Incoming { session, photo, filename, guest_id, begins_selected: true, replaces, sha256: None };
        let original = BlobKey::original(session, photo);
        // The bytes that were hashed, not the file again: it may change under us.
        let row = row(&incoming, sha256, crc32, bytes.len() as u64, &header);
        self.blobs.put(original, bytes).await?;
        // The row makes the file count; a crash before it leaves an orphan that `doctor` removes.
        let received = self.store.photos().receive(&row, self.now()).await;
        match &received {
            Ok(Received::Stored(stored)) => self.announce(session, photo, *stored).await?,
            Ok(Received::Sidecar) => {}
            // Lost a race against the same bytes, or the row failed: the copy is nobody's.
            Ok(Received::Duplicate(_)) | Err(_) => self.blobs.delete(original).await?,
        }
        Ok(received?)
    }

    /// Takes in a complete file of the spool, which stays there for the caller to remove. `Ok` means durable;
    /// after a crash at any point the same call does the rest. A rejection is recorded.
    ///
    /// # Errors
    /// [`ReceiveError`]; the file is to be kept for another try unless it is a rejection.
    pub async fn receive_spooled(
        &self,
        incoming: &Incoming,
        path: PathBuf,
    ) -> Result<Received, ReceiveError> {
        let &Incoming { session, photo, .. } = incoming;
        // The file is ours: if it cannot be read, nobody sent a bad one.
        let inspected =
            self.inspect(path.clone(), Path::new(&incoming.filename)).await.map_err(|error| match error {
                ReceiveError::Unreadable(error) => BlobError::Source(error).into(),
                other => other,
            })?;
        let Inspected { sha256, crc32, bytes, content } = inspected;
        let size = bytes.len() as u64;
        drop(bytes);
        let content = match &incoming.sha256 {
            Some(promised) if *promised != sha256 => Err(ReceiveError::ChecksumMismatch),
            _ => content,
        };
        let header = match content {
            Ok(Content::Picture(header)) => header,
            Ok(Content::Sidecar(written)) => {
                return self.describe(session, incoming.filename.clone(), sha256, *written).await;
            }
            Err(error) => {
                let hash = incoming.sha256.clone().unwrap_or(sha256);
                self.reject(session, &incoming.filename, Some(hash), size, error.code()).await?;
                return Err(error);
            }
        };
        let known = self.known(session, &sha256).await?;
        let received = match known {
            Some(known) if self.is_set_aside(known.photo).await? => {
                self.blobs.adopt(BlobKey::original(session, known.file), path).await?;
                return self.go_on(session, known.photo).await;
            }
            // Stored by an earlier try that did not live to say so.
            Some(known) if known.file == photo => return Ok(Received::Stored(known.photo)),
            Some(known) => Received::Duplicate(known.photo),
            None => {
                self.blobs.adopt(BlobKey::original(session, photo), path).await?;
                self.store.photos().receive(&row(incoming, sha256, crc32, size, &header), self.now()).await?
            }
        };
        match received {
            Received::Sidecar => {}
            Received::Duplicate(_) => self.blobs.delete(BlobKey::original(session, photo)).await?,
            Received::Stored(stored) => self.announce(session, photo, stored).await?,
        }
        Ok(received)
    }

    /// Takes in a file that stays in its library. `Ok` means that its row, its job and its place are durable; `None`
    /// that nothing came of it, see [`PhotoRows::receive_in_library`](crate::store::PhotoRows::receive_in_library).
    ///
    /// # Errors
    /// [`ReceiveError`]; a rejection is recorded.
    pub(super) async fn receive_in_library(
        &self,
        incoming: &Incoming,
        file: &InLibrary,
        bytes: Bytes,
    ) -> Result<Option<Received>, ReceiveError> {
        let (session, size) = (incoming.session, bytes.len() as u64);
        let looked = tokio::task::spawn_blocking(move || inspected(bytes.into(), false)).await;
        let Inspected { sha256, crc32, content, .. } =
            looked.map_err(|error| ReceiveError::Unreadable(std::io::Error::other(error)))?;
        let header = match content {
            Ok(Content::Picture(header)) => header,
            Ok(Content::Sidecar(_)) => return Ok(None),
            Err(error) => {
                self.reject(session, &incoming.filename, Some(sha256), size, error.code()).await?;
                return Err(error);
            }
        };
        let new = row(incoming, sha256, crc32, size, &header);
        let received = self.store.photos().receive_in_library(&new, file, self.now()).await?;
        match received {
            Some(Received::Stored(photo)) => self.announce(session, incoming.photo, photo).await?,
            Some(Received::Duplicate(photo)) if self.is_set_aside(photo).await? => {
                self.go_on(session, photo).await?;
            }
            _ => {}
        }
        Ok(received)
    }

    /// Keeps what a sidecar says, and tells who watches which photos it has changed.
    async fn describe(
        &self,
        session: PhotoSessionId,
        filename: String,
        sha256: String,
        written: Written,
    ) -> Result<Received, ReceiveError> {
        let Written { taken, rating, label, keywords, caption, creator, copyright } = written;
        let new = NewSidecar {
            session,
            filename,
            sha256,
            taken_at: taken.map(|taken| taken.local),
            rating,
            label,
            words: PhotoWords { keywords, caption, creator, copyright, animated: false },
        };
        for photo in self.store.sidecars().receive(&new, self.now()).await? {
            self.changed(session, photo).await?;
        }
        Ok(Received::Sidecar)
    }

    /// A file has come, as this photo or as a file of it: the worker and those who watch hear of it.
    async fn announce(
        &self,
        session: PhotoSessionId,
        file: PhotoId,
        photo: PhotoId,
    ) -> Result<(), StoreError> {
        self.jobs.wake();
        if photo == file {
            self.events.publish(session, Event::Counts);
            return Ok(());
        }
        self.changed(session, photo).await
    }

    /// Those who watch hear that a photo has changed that was there before.
    async fn changed(&self, session: PhotoSessionId, photo: PhotoId) -> Result<(), StoreError> {
        self.events.publish(session, Event::Counts);
        if let Some(photo) = self.store.photos().get(photo).await?
            && photo.state == PhotoState::Ready
        {
            self.events.publish(session, Event::photo(&photo));
        }
        Ok(())
    }

    /// The stored file with these bytes. Its photo leaves the bin: whoever sends a file wants it in the gallery.
    async fn known(&self, session: PhotoSessionId, sha256: &str) -> Result<Option<KnownFile>, StoreError> {
        let known = self.store.photos().find_by_hash(session, sha256).await?;
        let Some(known) = known.filter(|known| known.is_in_bin) else { return Ok(known) };
        let taken = self.store.photos().restore(session, &[known.photo], DateTime::<Utc>::MIN_UTC).await?;
        if taken.is_empty() {
            // It has been erased meanwhile.
            return Ok(None);
        }
        self.changed(session, known.photo).await?;
        Ok(Some(known))
    }

    async fn is_set_aside(&self, photo: PhotoId) -> Result<bool, StoreError> {
        Ok(self.store.photos().get(photo).await?.is_some_and(|photo| photo.is_set_aside()))
    }

    /// A photo that had failed by our fault is sent again: it is stored, and its processing goes on.
    async fn go_on(&self, session: PhotoSessionId, photo: PhotoId) -> Result<Received, ReceiveError> {
        self.store.photos().retry(SetAside::Photos(&[photo]), self.now()).await?;
        self.jobs.wake();
        self.events.publish(session, Event::Counts);
        Ok(Received::Stored(photo))
    }

    /// Records that a file was sent and not taken; `sha256` is `None` where it was refused unread.
    ///
    /// # Errors
    /// When the row cannot be written.
    pub async fn reject(
        &self,
        session: PhotoSessionId,
        filename: &str,
        sha256: Option<String>,
        bytes: u64,
        code: &str,
    ) -> Result<(), StoreError> {
        let (filename, code) = (filename.to_owned(), code.to_owned());
        let rejection =
            Rejection { id: Uuid::now_v7(), is_photo: false, filename, sha256, bytes, code, at: self.now() };
        self.store.uploads().reject(session, &rejection).await
    }

    async fn inspect(&self, path: PathBuf, name: &Path) -> Result<Inspected, ReceiveError> {
        let is_sidecar = is_sidecar(&name.to_string_lossy());
        let size = tokio::fs::metadata(&path).await.map_err(ReceiveError::Unreadable)?.len();
        let kib = u32::try_from(size.min(MAX_BYTES).div_ceil(1024)).unwrap_or(u32::MAX);
        // Nobody closes the semaphore.
        let _held = self.reading.acquire_many(kib).await;
        tokio::task::spawn_blocking(move || inspect(&path, is_sidecar))
            .await
            .map_err(|error| ReceiveError::Unreadable(std::io::Error::other(error)))?
    }
}

fn row(incoming: &Incoming, sha256: String, crc32: u32, bytes: u64, header: &Header) -> NewPhoto {
    let (width, height) = header.upright_size();
    NewPhoto {
        id: incoming.photo,
        photo_session_id: incoming.session,
        guest_id: incoming.guest_id.clone(),
        is_selected: incoming.begins_selected,
        filename: incoming.filename.clone(),
        sha256,
        bytes,
        media_type: header.format.media_type().to_owned(),
        width,
        height,
        taken_at: header.taken_at,
        camera: header.facts.camera.clone(),
        crc32: Some(crc32),
        header: serde_json::to_string(header).ok(),
        replaces: incoming.replaces,
    }
}

/// Whether a file of this name is about a picture, and none.
#[must_use]
pub fn is_sidecar(filename: &str) -> bool {
    let ending = filename.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.eq_ignore_ascii_case("xmp")
}

/// Bytes of a file's begin that [`refused_unread`] wants to see.
pub const HEAD: usize = 256 << 10;

/// Why a file of which only the begin is known will not be taken, so that it need not be sent. `None` says nothing:
/// whether the file is whole is seen when it is there.
#[must_use]
pub fn refused_unread(filename: &str, head: &[u8], bytes: u64) -> Option<&'static str> {
    if bytes > MAX_BYTES {
        return Some(ReceiveError::TooLarge.code());
    }
    if is_sidecar(filename) {
        return None;
    }
    match imaging::read_header(head) {
        // HEIC and AVIF are read where libheif is: it may be missing here and be there where the file goes.
        Err(ImageError::UnsupportedType(_)) if matches!(head.get(4..12), Some(b"ftypavif" | b"ftypavis")) => {
            None
        }
        Err(
            error @ (ImageError::EmptyFile
            | ImageError::UnsupportedType(_)
            | ImageError::TooManyPixels { .. }),
        ) => Some(error.code()),
        _ => None,
    }
}

/// Reads and hashes the file; at most [`MAX_BYTES`] in memory.
fn inspect(path: &Path, is_sidecar: bool) -> Result<Inspected, ReceiveError> {
    let file = std::fs::File::open(path).map_err(ReceiveError::Unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(ReceiveError::Unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ReceiveError::TooLarge);
    }
    Ok(inspected(bytes, is_sidecar))
}

/// Hashes a file and reads its header.
fn inspected(bytes: Vec<u8>, is_sidecar: bool) -> Inspected {
    let content = if is_sidecar {
        let written = imaging::read_sidecar(&bytes).ok_or(ReceiveError::SidecarUnreadable);
        written.map(|written| Content::Sidecar(Box::new(written)))
    } else {
        imaging::read_header(&bytes)
            .map(|header| Content::Picture(Box::new(header)))
            .map_err(ReceiveError::from)
    };
    let (sha256, crc32) = (hex::encode(Sha256::digest(&bytes)), crc32fast::hash(&bytes));
    Inspected { sha256, crc32, bytes, content }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_machine_may_read_is_not_refused_unread() {
        let iso = |brand: &[u8]| [b"\0\0\0\x18ftyp", brand, b"\0\0\0\0"].concat();
        for begin in [iso(b"heic"), iso(b"mif1"), iso(b"avif"), iso(b"crx "), b"II*\0\x08\0\0\0".to_vec()] {
            assert_eq!(refused_unread("a", &begin, 60_000_000), None, "{begin:?}");
        }
        assert_eq!(refused_unread("a.mp4", &iso(b"isom"), 60_000_000), Some("unsupported_type"));
        assert_eq!(refused_unread("IMG_1.xmp", b"<x:xmpmeta", 3_000), None);
        assert_eq!(refused_unread("a.pdf", b"%PDF-1.7", 60_000_000), Some("unsupported_type"));
        assert_eq!(refused_unread("a.heic", &iso(b"heic"), MAX_BYTES + 1), Some("too_large"));
    }
}
