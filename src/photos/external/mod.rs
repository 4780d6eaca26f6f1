//! Photos of programs that keep their pictures themselves and name them by ids of their own.
//!
//! A picture is looked at while its sender waits; of it stay the vectors, the rows of its faces and the id by which a
//! search then names it. Such a photo is in the state `indexed`: no door of the gallery knows it, because there is no
//! file to show. One that is to be kept goes the way of every upload instead.
//!
//! - **Idempotent by id and content.** The same content is looked at once, whatever it is called; an id that comes with
//!   other content leaves the photo that it had. Two ids of one content name one photo.
//! - **Acknowledged is durable, and nothing else stays.** That vectors are about to be written is itself written down
//!   first (`erasures`), and that note goes with the commit of the rows: after a crash in between the sweep removes the
//!   vectors.
//! - **A photo goes with the id that it came in under**, or with the next one that it has. One that came in by another
//!   way stays when its ids go.
//! - A model that takes over cannot look at what is not kept: the session goes on with the model before until its
//!   program has sent the pictures again ([`Standing::outdated`]).

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::{EraseError, Eraser, Libraries, LibraryError, MAX_BYTES, ReceiveError, Receiver, plain_filename};
use crate::{
    domain::{
        Clock, ExternalId, FaceBatchId, FaceId, FaceRow, PROCESSING_FAILED, Photo, PhotoId, PhotoSessionId,
        PhotoState,
    },
    events::{Event, Events},
    imaging::{self, Header, ImageError},
    jobs::Jobs,
    store::{
        BatchItem, BatchState, Erasure, FaceBatch, Indexed, NewBatchItem, NewIndexed, Received, Store,
        StoreError, Tied,
    },
    telemetry,
};

mod batches;
mod finder;

pub use batches::BatchWorker;
pub use finder::{FaceFinder, FindError, Found, PhotoFaces, PipelineFinder};

/// Longer than the way from the first vector to the rows.
const ON_ITS_WAY: TimeDelta = TimeDelta::minutes(10);
/// Tries to write a photo that others write at the same time.
const TRIES: u32 = 3;
/// Photos of a batch.
pub const MOST_IN_BATCH: usize = 500;
/// Batches that wait in one session.
const MOST_BATCHES: u32 = 100;
/// Ids that are forgotten at a time.
const FORGOTTEN_AT_ONCE: u32 = 200;
/// Photos of a batch that failed, as its state tells them.
const FAILED_SHOWN: u32 = 500;

/// A photo that was not indexed.
#[derive(Debug, thiserror::Error)]
pub enum ExternalError {
    #[error("no photo of this session has this id")]
    NotFound,
    #[error("there is no such batch")]
    BatchNotFound,
    #[error("a batch has 1 to {MOST_IN_BATCH} photos")]
    BatchSize,
    #[error("too many batches wait")]
    TooManyBatches,
    /// Others were writing the same photo, or erased it.
    #[error("the photo was changed by others at the same time")]
    Interrupted,
    #[error(transparent)]
    Picture(#[from] ImageError),
    #[error("the file is larger than {} MB", MAX_BYTES / 1_000_000)]
    TooLarge,
    #[error(transparent)]
    Library(LibraryError),
    #[error(transparent)]
    Find(FindError),
    #[error(transparent)]
    Receive(ReceiveError),
    #[error(transparent)]
    Erase(#[from] EraseError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ExternalError {
    /// Stable name of the failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "photo_not_found",
            Self::BatchNotFound => "batch_not_found",
            Self::BatchSize => "invalid_batch",
            Self::TooManyBatches => "too_many_batches",
            Self::Interrupted => "indexing_interrupted",
            Self::Picture(error) => error.code(),
            Self::TooLarge => "too_large",
            Self::Library(error) => error.code(),
            Self::Receive(error) => error.code(),
            Self::Find(_) | Self::Erase(_) | Self::Store(_) => PROCESSING_FAILED,
        }
    }

    /// Whether the photo itself is the reason, so that sending it again will not help.
    fn is_of_the_photo(&self) -> bool {
        match self {
            Self::Picture(_) | Self::TooLarge => true,
            Self::Library(error) => matches!(error, LibraryError::NotThere | LibraryError::Off),
            Self::Receive(error) => error.is_rejection(),
            _ => false,
        }
    }

    /// Whether something is away or overloaded, which says nothing of the photo.
    fn is_outage(&self) -> bool {
        match self {
            Self::Find(error) => error.is_outage(),
            Self::Library(LibraryError::Blob(_)) => true,
            Self::Receive(error) => error.passes(),
            Self::Store(error) => error.is_outage(),
            _ => false,
        }
    }
}

impl From<LibraryError> for ExternalError {
    fn from(error: LibraryError) -> Self {
        match error {
            LibraryError::Receive(ReceiveError::TooLarge) => Self::TooLarge,
            LibraryError::Store(error) => error.into(),
            error => Self::Library(error),
        }
    }
}

impl From<FindError> for ExternalError {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Picture(error) => error.into(),
            error => Self::Find(error),
        }
    }
}

impl From<ReceiveError> for ExternalError {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Picture(error) => error.into(),
            ReceiveError::TooLarge => Self::TooLarge,
            error => Self::Receive(error),
        }
    }
}

/// Where a picture is.
#[derive(Debug, Clone)]
pub enum Given {
    /// Here, with its file's name, if it has one.
    Bytes(Bytes, Option<String>),
    /// In the session's library.
    InLibrary(String),
}

/// A photo as it stands after it was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub photo: Photo,
    /// By the model in use; empty while the photo waits for the pipeline.
    pub faces: Vec<FaceRow>,
}

/// How the photos of a program stand in a session, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Found, and not kept.
    pub indexed: u64,
    /// Found and kept.
    pub ready: u64,
    /// Kept, and waiting for the pipeline.
    pub queued: u64,
    pub rejected: u64,
    /// Of the photos that can be found.
    pub faces: u64,
    /// Of the indexed, those to be sent again: the model that is taking over, or has, cannot look at them.
    pub outdated: u64,
    /// The model that looks at new photos.
    pub model: String,
    /// That have not ended.
    pub batches: Vec<FaceBatch>,
}

/// The photos of other programs. Cheap to clone.
#[derive(Clone)]
pub struct ExternalPhotos {
    pub store: Store,
    pub receiver: Receiver,
    pub eraser: Eraser,
    pub libraries: Libraries,
    pub finder: Arc<dyn FaceFinder>,
    pub jobs: Jobs,
    pub events: Events,
    pub clock: Clock,
}

/// What is read of a picture before anybody looks at it.
struct Read {
    bytes: Bytes,
    sha256: String,
    header: Result<Header, ImageError>,
}

impl ExternalPhotos {
    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Makes a photo one that is found under this id; with `keep` also one that is shown. `Ok` means durable.
    ///
    /// # Errors
    /// [`ExternalError`]; a picture that cannot be read is also written into the session's list of rejections.
    #[tracing::instrument(name = "external_photo", skip_all, fields(session = %session))]
    pub async fn put(
        &self,
        session: PhotoSessionId,
        id: &ExternalId,
        given: Given,
        keep: bool,
    ) -> Result<Sent, ExternalError> {
        let done = self.put_given(session, id, given, keep).await;
        if let Err(error) = &done
            && error.is_of_the_photo()
        {
            telemetry::photo_processed(error.code(), 0);
        }
        done
    }

    async fn put_given(
        &self,
        session: PhotoSessionId,
        id: &ExternalId,
        given: Given,
        keep: bool,
    ) -> Result<Sent, ExternalError> {
        let (filename, bytes) = match given {
            Given::Bytes(bytes, name) => {
                let name = name.as_deref().and_then(plain_filename);
                let name = name.or_else(|| plain_filename(id.as_str()));
                (name.unwrap_or_else(|| "photo".to_owned()), bytes)
            }
            Given::InLibrary(key) => {
                match self.libraries.read(session, &key).await.map_err(ExternalError::from) {
                    Ok(read) => read,
                    Err(error) if error.is_of_the_photo() => {
                        return self.refuse(session, id, (None, 0), error).await;
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        if bytes.len() as u64 > MAX_BYTES {
            return self.refuse(session, id, (None, bytes.len() as u64), ExternalError::TooLarge).await;
        }
        let read = read(bytes).await?;
        if keep { self.keep(session, id, filename, read).await } else { self.index(session, id, read).await }
    }

    async fn index(
        &self,
        session: PhotoSessionId,
        id: &ExternalId,
        Read { bytes, sha256, header }: Read,
    ) -> Result<Sent, ExternalError> {
        let size = bytes.len() as u64;
        let header = match header {
            Ok(header) => header,
            Err(error) => return self.refuse(session, id, (Some(sha256), size), error.into()).await,
        };
        for _ in 0..TRIES {
            let models = self.finder.models().await?;
            if let Some(known) = self.known(session, id, &sha256, &models).await? {
                return Ok(known);
            }
            let photo = PhotoId::generate();
            let found = match self.finder.look(photo, bytes.clone(), header.clone()).await {
                Ok(found) => found,
                Err(FindError::Picture(error)) => {
                    return self.refuse(session, id, (Some(sha256), size), error.into()).await;
                }
                Err(error) => return Err(error.into()),
            };
            let new = NewIndexed {
                id: photo,
                session,
                external: id.clone(),
                sha256: sha256.clone(),
                bytes: size,
                media_type: header.format.media_type().to_owned(),
                width: found.width,
                height: found.height,
                taken_at: header.taken_at,
                faces: found.faces,
            };
            if self.write(&new).await? {
                telemetry::photo_processed("indexed", new.faces.first().map_or(0, |it| it.1.len() as u64));
                return self.sent(photo, &models).await;
            }
        }
        Err(ExternalError::Interrupted)
    }

    /// Vectors, then rows; `false` when others have written or removed the same meanwhile.
    async fn write(&self, new: &NewIndexed) -> Result<bool, ExternalError> {
        let faces: Vec<FaceId> = new.faces.iter().flat_map(|(_, rows)| rows).map(|face| face.id).collect();
        let ids = self.store.external_ids();
        ids.expect(new.session, new.id, &faces, self.now() + ON_ITS_WAY).await?;
        self.finder.write(new.session, &new.faces).await?;
        match ids.index(new, self.now()).await? {
            Indexed::Done(erasure) => {
                self.after(new.session, erasure).await?;
                Ok(true)
            }
            Indexed::Known => {
                self.finder.take_back(new.session, &faces).await?;
                self.store.erasures().finish(new.id).await?;
                Ok(false)
            }
            Indexed::Swept => {
                self.finder.take_back(new.session, &faces).await?;
                Err(ExternalError::Interrupted)
            }
        }
    }

    /// A picture that is to be shown too goes the way of every upload.
    async fn keep(
        &self,
        session: PhotoSessionId,
        id: &ExternalId,
        filename: String,
        Read { bytes, sha256, header }: Read,
    ) -> Result<Sent, ExternalError> {
        if let Err(error) = header {
            return self.refuse(session, id, (Some(sha256), bytes.len() as u64), error.into()).await;
        }
        let (photo, is_owner) = match self.receiver.receive_bytes(session, filename, bytes).await? {
            Received::Stored(photo) => (photo, true),
            Received::Duplicate(photo) => (photo, false),
            // It was a picture a moment ago.
            Received::Sidecar => return Err(ExternalError::Interrupted),
        };
        self.tie(session, id, photo, is_owner).await?;
        self.sent(photo, &self.finder.models().await?).await
    }

    /// Writes a photo that is itself to blame into the session's list of rejections.
    async fn refuse(
        &self,
        session: PhotoSessionId,
        id: &ExternalId,
        (sha256, size): (Option<String>, u64),
        error: ExternalError,
    ) -> Result<Sent, ExternalError> {
        self.receiver.reject(session, id.as_str(), sha256, size, error.code()).await?;
        Err(error)
    }

    /// The photo of this content, if it need not be looked at; it has the id from now on.
    async fn known(
        &self,
        session: PhotoSessionId,
        id: &ExternalId,
        sha256: &str,
        models: &[String],
    ) -> Result<Option<Sent>, ExternalError> {
        let ids = self.store.external_ids();
        let Some((photo, looked)) = ids.with_content(session, sha256).await? else { return Ok(None) };
        if photo.is_in_bin() {
            // Whoever sends a file wants it in the gallery.
            self.store.photos().restore(session, &[photo.id], DateTime::<Utc>::MIN_UTC).await?;
        }
        let lacks = |model: &String| !looked.contains(model);
        if photo.state == PhotoState::Indexed && models.iter().any(lacks) {
            return Ok(None);
        }
        let is_named = ids.find(session, id).await?.is_some_and(|named| named.photo.id == photo.id);
        if !is_named {
            self.tie(session, id, photo.id, photo.state == PhotoState::Indexed).await?;
        }
        self.sent(photo.id, models).await.map(Some)
    }

    async fn tie(
        &self,
        session: PhotoSessionId,
        id: &ExternalId,
        photo: PhotoId,
        is_owner: bool,
    ) -> Result<(), ExternalError> {
        match self.store.external_ids().tie(session, id, (photo, is_owner), self.now()).await? {
            Tied::Done(erasure) => self.after(session, erasure).await,
            Tied::Gone => Err(ExternalError::Interrupted),
        }
    }

    /// What follows from a change: the photo that lost its id goes, and those who watch are told.
    async fn after(
        &self,
        session: PhotoSessionId,
        erasure: Option<Box<Erasure>>,
    ) -> Result<(), ExternalError> {
        if let Some(erasure) = erasure {
            self.eraser.remove(&erasure).await?;
            self.events.publish(session, Event::deleted(erasure.photo));
        }
        self.events.publish(session, Event::Indexed);
        Ok(())
    }

    async fn sent(&self, photo: PhotoId, models: &[String]) -> Result<Sent, ExternalError> {
        let photo = self.store.photos().get(photo).await?.ok_or(ExternalError::Interrupted)?;
        let faces = self.store.faces().of_photo(photo.id).await?;
        let is_in_use = |model: &String| models.first() == Some(model);
        let faces = faces.into_iter().map(|it| it.face).filter(|face| is_in_use(&face.model)).collect();
        Ok(Sent { photo, faces })
    }

    /// Forgets a photo by its id.
    ///
    /// # Errors
    /// `NotFound`, `Erase`, `Store`.
    pub async fn remove(&self, session: PhotoSessionId, id: &ExternalId) -> Result<(), ExternalError> {
        let removed = self.store.external_ids().remove(session, id, self.now()).await?;
        self.after(session, removed.ok_or(ExternalError::NotFound)?).await
    }

    /// Forgets every photo of the session that has an external id; returns how many ids there were.
    ///
    /// # Errors
    /// `Erase`, `Store`; asking again goes on where it stopped.
    pub async fn remove_all(&self, session: PhotoSessionId) -> Result<u64, ExternalError> {
        let mut removed = 0;
        loop {
            let ids = self.store.external_ids().page(session, FORGOTTEN_AT_ONCE).await?;
            if ids.is_empty() {
                return Ok(removed);
            }
            for id in ids {
                match self.remove(session, &id).await {
                    Ok(()) => removed += 1,
                    Err(ExternalError::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// How the photos of a session stand.
    ///
    /// # Errors
    /// `Find`, `Store`.
    pub async fn standing(&self, session: PhotoSessionId) -> Result<Standing, ExternalError> {
        let models = self.finder.models().await?;
        let mut standing = Standing::default();
        for (state, photos, faces) in self.store.external_ids().standing(session).await? {
            match state {
                PhotoState::Indexed => standing.indexed = photos,
                PhotoState::Ready => standing.ready = photos,
                PhotoState::Queued => standing.queued = photos,
                PhotoState::Rejected => standing.rejected = photos,
            }
            standing.faces +=
                if matches!(state, PhotoState::Indexed | PhotoState::Ready) { faces } else { 0 };
        }
        for model in &models {
            let lacking = self.store.external_ids().lacking(session, model).await?;
            standing.outdated = standing.outdated.max(lacking);
        }
        standing.model = models.into_iter().next().unwrap_or_default();
        standing.batches = self.store.face_batches().open(session, MOST_BATCHES).await?;
        Ok(standing)
    }
}

/// Hash and header, on a thread that may take its time.
async fn read(bytes: Bytes) -> Result<Read, ExternalError> {
    let looked = tokio::task::spawn_blocking(move || {
        let (sha256, header) = (hex::encode(Sha256::digest(&bytes)), imaging::read_header(&bytes));
        Read { bytes, sha256, header }
    });
    looked.await.map_err(|_| ExternalError::Interrupted)
}
