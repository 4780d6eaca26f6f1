//! Sessions whose originals lie in a library: a folder or a bucket that is not ours and is only read.
//!
//! A sync goes through the library's listing page by page and compares it with the rows of `library_files`. A new file
//! is read once: its hash, its header and its place are written down with the photo's row and job in one transaction,
//! and the file stays where it is. A file with another stamp is read again and takes the place of the one before. A
//! file that a whole listing no longer has is gone here too; one that was only renamed is known by its content and
//! keeps its photo. A listing that ends with an error changes nothing, and a library that has suddenly no file at all
//! is taken for one that is not mounted.
//!
//! A change in a folder is told by the system where it can (`watching.rs`); everything else waits for the next sync.
//!
//! A sync that dies is begun again: what it had taken in is unchanged then and costs the listing only. What the studio
//! does here (hiding, deleting) concerns our rows; a photo deleted here does not come back with the next sync.
//!
//! Everybody else reads originals through [`Blobs`](crate::blobs::Blobs), which asks [`RowCatalogue`] for what it has
//! not itself.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use super::{EraseError, GalleryKeeper, MAX_BYTES, ReceiveError, Receiver};
use crate::{
    blobs::{BlobError, Catalogue, Library, LibraryFile, LibraryPlace},
    domain::{Clock, PhotoId, PhotoSessionId},
    events::Events,
    store::{LibraryFileRow, LibraryRow, Store, StoreError, TOO_MANY_FILES},
};

mod names;
mod sync;
mod watching;

/// Opened libraries that are kept for the next reader.
const OPENED: usize = 256;
/// A session without guests for so long is synced again when one comes.
const FORGOTTEN: TimeDelta = TimeDelta::days(7);
/// A guest's visit is written down so often.
const VISIT: TimeDelta = TimeDelta::seconds(60);
/// Refused files that a list shows.
const REFUSED: u32 = 200;

/// Where the libraries of sessions may lie, as the settings say.
#[derive(Clone)]
pub struct LibraryPlaces {
    /// The places of a session, in the order in which they are tried.
    pub of: Arc<dyn Fn(PhotoSessionId) -> Vec<LibraryPlace> + Send + Sync>,
    /// What must be there whichever session is looked for.
    pub bases: Vec<LibraryPlace>,
    /// Folders below which a studio may tie a session to a folder.
    pub roots: Vec<PathBuf>,
}

impl LibraryPlaces {
    /// The folder without links, if a session may be tied to it.
    #[must_use]
    pub fn allowed(&self, folder: &Path) -> Option<PathBuf> {
        let folder =
            folder.canonicalize().ok().filter(|folder| folder.is_dir() && folder.to_str().is_some())?;
        self.may_tie(&folder).then_some(folder)
    }

    /// Whether every library of the settings can be read now.
    ///
    /// # Errors
    /// The place of the first that cannot, and why.
    pub async fn health(&self) -> Result<(), String> {
        for base in &self.bases {
            let asked = async { base.open()?.health().await };
            asked.await.map_err(|error: BlobError| format!("{base}: {error}"))?;
        }
        Ok(())
    }

    /// Whether a folder that a session was tied to lies below the allowed ones; the settings may have changed since.
    fn may_tie(&self, folder: &Path) -> bool {
        self.roots.iter().any(|root| root.canonicalize().is_ok_and(|root| folder.starts_with(root)))
    }
}

/// What one session may ask of its library.
#[derive(Debug, Clone, Copy)]
pub struct LibraryLimits {
    /// Between two syncs of a session that guests visit.
    pub interval: TimeDelta,
    /// Files in the library.
    pub most_files: u64,
}

/// A library that could not be synced or tied.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    #[error("no library is set up")]
    Off,
    #[error("the folder does not exist below the folders that the operator has allowed")]
    FolderNotAllowed,
    #[error("the library has no files any more; it may not be mounted")]
    Empty,
    #[error("the library lists more than {0} files")]
    TooMany(u64),
    #[error("a file changed while it was read")]
    Changed,
    #[error("the library has no such file")]
    NotThere,
    #[error("the service stops")]
    Stopped,
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    #[error(transparent)]
    Erase(#[from] EraseError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LibraryError {
    /// Stable name of the failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Off => "library_off",
            Self::FolderNotAllowed => "library_folder_not_allowed",
            Self::Empty => "library_empty",
            Self::TooMany(_) => TOO_MANY_FILES,
            Self::Changed => "library_changed",
            Self::NotThere => "library_file_not_found",
            Self::Stopped => "library_stopped",
            Self::Blob(error) if error.is_denied() => "library_access_denied",
            Self::Blob(_) => "library_unavailable",
            Self::Receive(error) => error.code(),
            Self::Erase(_) => "erasure_failed",
            Self::Store(error) => error.code(),
        }
    }
}

/// How a session's library stands.
#[derive(Debug, Clone)]
pub struct LibraryState {
    /// `None` before the first sync is wanted.
    pub row: Option<LibraryRow>,
    /// Whether the operator has allowed folders to which it could be tied.
    pub can_tie: bool,
    /// Files that were refused, each with its code, at most 200.
    pub refused: Vec<LibraryFileRow>,
}

/// The libraries of all sessions. Cheap to clone.
#[derive(Clone)]
pub struct Libraries {
    store: Store,
    receiver: Receiver,
    gallery: GalleryKeeper,
    events: Events,
    pub places: LibraryPlaces,
    limits: LibraryLimits,
    clock: Clock,
    wake: Arc<Notify>,
}

impl Libraries {
    #[must_use]
    pub fn new(
        store: Store,
        receiver: Receiver,
        gallery: GalleryKeeper,
        events: Events,
        places: LibraryPlaces,
        limits: LibraryLimits,
        clock: Clock,
    ) -> Self {
        Self { store, receiver, gallery, events, places, limits, clock, wake: Arc::default() }
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Whether any session may have a library.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.places.bases.is_empty() || !self.places.roots.is_empty()
    }

    /// A guest has come into an open session: its library is looked through if that was long ago, or never.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn visited(&self, session: PhotoSessionId) -> Result<(), StoreError> {
        if !self.is_on() {
            return Ok(());
        }
        let now = self.now();
        let row = self.store.library().get(session).await?;
        let is_known = row.as_ref().and_then(|row| row.visited_at).is_some_and(|at| now - at < VISIT);
        if is_known {
            return Ok(());
        }
        let is_tied = row.is_some_and(|row| row.folder.is_some());
        if !is_tied && self.places.bases.is_empty() {
            return Ok(());
        }
        if self.store.library().visited(session, now - self.limits.interval, now).await? {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// A sync begins as soon as the present one has ended.
    ///
    /// # Errors
    /// `Off`, or [`StoreError`].
    pub async fn want(&self, session: PhotoSessionId) -> Result<(), LibraryError> {
        if !self.is_on() {
            return Err(LibraryError::Off);
        }
        self.store.library().want(session, self.now()).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Ties a session to a folder below one of the allowed ones, or with `None` to the places of the settings again.
    ///
    /// # Errors
    /// `FolderNotAllowed`, `Off`, or [`StoreError`].
    pub async fn tie(&self, session: PhotoSessionId, folder: Option<&Path>) -> Result<(), LibraryError> {
        if !self.is_on() {
            return Err(LibraryError::Off);
        }
        let folder = folder
            .map(|folder| self.places.allowed(folder).ok_or(LibraryError::FolderNotAllowed))
            .transpose()?;
        self.store.library().tie(session, folder.as_deref().and_then(Path::to_str), self.now()).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// One file of the session's library: its own name and its bytes. The first of the session's places that has the
    /// key is asked.
    ///
    /// # Errors
    /// `Off`, `Blob`, `NotThere`, `Changed`, and [`ReceiveError::TooLarge`] in `Receive`.
    pub async fn read(&self, session: PhotoSessionId, key: &str) -> Result<(String, Bytes), LibraryError> {
        let row = self.store.library().get(session).await?;
        let places = match &row {
            Some(row) => self.places_of(row),
            None => (self.places.of)(session),
        };
        if places.is_empty() {
            return Err(LibraryError::Off);
        }
        for place in places {
            let library = place.open()?;
            let listed = match library.find(key).await {
                Ok(listed) => listed,
                Err(BlobError::NotFound) => continue,
                Err(error) => return Err(error.into()),
            };
            if listed.bytes > MAX_BYTES {
                return Err(ReceiveError::TooLarge.into());
            }
            let file = LibraryFile { library, key: key.to_owned(), stamp: listed.stamp };
            return match file.read(MAX_BYTES).await {
                Ok(Some(bytes)) => Ok((names::filename(key).to_owned(), bytes)),
                Ok(None) | Err(BlobError::Changed) => Err(LibraryError::Changed),
                Err(BlobError::NotFound) => Err(LibraryError::NotThere),
                Err(error) => Err(error.into()),
            };
        }
        Err(LibraryError::NotThere)
    }

    /// How a session's library stands; `None` when no library is set up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn state(&self, session: PhotoSessionId) -> Result<Option<LibraryState>, StoreError> {
        if !self.is_on() {
            return Ok(None);
        }
        let row = self.store.library().get(session).await?;
        let refused = self.store.library().refused(session, REFUSED).await?;
        Ok(Some(LibraryState { row, refused, can_tie: !self.places.roots.is_empty() }))
    }

    /// Where a session's originals may lie.
    fn places_of(&self, row: &LibraryRow) -> Vec<LibraryPlace> {
        match &row.folder {
            Some(folder) => {
                let folder = PathBuf::from(folder);
                self.places.may_tie(&folder).then(|| LibraryPlace::tied(folder)).into_iter().collect()
            }
            None => (self.places.of)(row.session),
        }
    }
}

/// Finds originals in libraries by the rows.
#[derive(Clone)]
pub struct RowCatalogue {
    store: Store,
    places: LibraryPlaces,
    opened: Arc<Mutex<HashMap<String, Library>>>,
}

impl std::fmt::Debug for RowCatalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowCatalogue").finish_non_exhaustive()
    }
}

impl RowCatalogue {
    #[must_use]
    pub fn new(store: Store, places: LibraryPlaces) -> Self {
        Self { store, places, opened: Arc::default() }
    }

    /// The library at a place that a row names, if the settings still allow it.
    fn open(&self, session: PhotoSessionId, place: &str) -> Result<Option<Library>, BlobError> {
        let key = format!("{session} {place}");
        if let Some(library) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(library.clone()));
        }
        let allowed = (self.places.of)(session).into_iter().find(|allowed| allowed.to_string() == place);
        let tied = || {
            let folder = PathBuf::from(place.strip_prefix("file://")?);
            self.places.may_tie(&folder).then(|| LibraryPlace::tied(folder))
        };
        let Some(found) = allowed.or_else(tied) else { return Ok(None) };
        let library = found.open()?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.len() >= OPENED {
            opened.clear();
        }
        opened.insert(key, library.clone());
        Ok(Some(library))
    }
}

#[async_trait::async_trait]
impl Catalogue for RowCatalogue {
    async fn find(
        &self,
        session: PhotoSessionId,
        original: PhotoId,
    ) -> Result<Option<LibraryFile>, BlobError> {
        let row = self.store.library().file(original).await.map_err(|_| BlobError::late())?;
        // A file that was refused since is not the photo's any more.
        let Some(row) = row.filter(|row| row.code.is_none()) else { return Ok(None) };
        let library = self.open(session, &row.place)?;
        Ok(library.map(|library| LibraryFile { library, key: row.key, stamp: row.stamp }))
    }
}
