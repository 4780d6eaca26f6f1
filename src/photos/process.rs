//! One job of the queue: a stored original becomes a photo that guests can find.
//!
//! Every step may run again after a crash and does the same then: derivatives are named by their
//! content, vectors by photo, face number and model, and the rows come last, in one transaction.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use tracing::{Span, field};

use super::{
    analyse::{AnalyseError, Analysed, StageTimes, analyse},
    erase::{EraseError, remove_leftovers},
};
use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    compute::{Compute, ComputeError, Lane},
    domain::{
        Clock, Derivative, FaceId, FaceRow, PROCESSING_FAILED, Photo, PhotoId, PhotoState, RelativeBox,
    },
    embedders::{EmbedderError, Embedders, EveryIndex},
    events::{Event, Events},
    imaging::Header,
    index::{FaceIndex, IndexError, IndexedFace},
    jobs::{self, Job, Jobs},
    store::{Completed, FileSum, Processed, Retrying, Store, StoreError},
    telemetry,
    vision::{Face, FaceEngine, Rect},
};

/// Longest time from asking for CPU work to its end. Guests leave photos a sixth of the time at least: on one core a
/// large photo then takes a minute.
const DEADLINE: Duration = Duration::from_secs(600);
/// A photo whose work has failed this often for a reason of ours is set aside, so that none is stuck.
const MAX_ATTEMPTS: u32 = 8;
/// The version that sets a photo aside, so that a newer version tries again.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The outcome of a job.
#[derive(Debug, Clone)]
pub enum Outcome {
    Ready {
        faces: usize,
        times: StageTimes,
    },
    /// The photo cannot be shown; the code says why.
    Rejected(&'static str),
    /// Will be tried again, a few times.
    Postponed,
    /// Waits for something that is away or overloaded; that counts no attempt.
    Waiting,
    /// Erased meanwhile.
    Gone,
}

/// A failure that may pass. The photo stays queued.
#[derive(Debug, thiserror::Error)]
enum ProcessError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Embedder(#[from] EmbedderError),
    #[error(transparent)]
    Compute(#[from] ComputeError),
    #[error(transparent)]
    Vision(#[from] crate::vision::VisionError),
}

impl From<EraseError> for ProcessError {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::Store(error) => error.into(),
            EraseError::Blob(error) => error.into(),
            EraseError::Index(error) => error.into(),
        }
    }
}

impl ProcessError {
    /// Overload and outages say nothing of the photo, however long they last.
    fn is_outage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_outage(),
            Self::Blob(error) => error.is_outage(),
            Self::Index(error) => error.is_outage(),
            Self::Embedder(error) => error.is_outage(),
            Self::Compute(error) => error.is_overload(),
            Self::Vision(_) => false,
        }
    }

    /// After so many attempts the photo is set aside.
    fn patience(&self) -> u32 {
        match self {
            // It may still be on its way: the storage is being moved or restored.
            Self::Blob(BlobError::NotFound) => jobs::MAX_ATTEMPTS,
            _ => MAX_ATTEMPTS,
        }
    }
}

/// Makes photos ready.
#[derive(Clone)]
pub struct Processor {
    pub store: Store,
    pub blobs: Blobs,
    pub jobs: Jobs,
    /// The embedders, and the indexes to which their vectors are written.
    pub embedders: Embedders,
    pub compute: Compute<FaceEngine>,
    /// Where it is published that a photo is settled.
    pub events: Events,
    pub clock: Clock,
}

impl Processor {
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Does the job and settles it in the queue, whatever happens.
    ///
    /// # Errors
    /// Only when the queue itself cannot be written; the lease then runs out and the job comes again.
    #[tracing::instrument(
        name = "photo",
        skip_all,
        fields(photo = %job.subject, attempt = job.attempts, faces = field::Empty, code = field::Empty)
    )]
    pub async fn process(&self, job: &Job) -> Result<Outcome, StoreError> {
        let photo = PhotoId(job.subject);
        if job.exhausted() {
            return self.give_up(photo, job, "it was in hand each time a worker died").await;
        }
        match self.attempt(photo, job).await {
            Ok(outcome) => {
                if let Outcome::Ready { faces, .. } = &outcome {
                    Span::current().record("faces", *faces);
                }
                self.announce(photo).await?;
                Ok(outcome)
            }
            Err(error) if error.is_outage() => {
                Span::current().record("code", "waiting");
                tracing::warn!(%error, "photo waits");
                self.jobs.postpone(job, &error.to_string(), self.now()).await?;
                Ok(Outcome::Waiting)
            }
            Err(error) if job.attempts >= error.patience() => {
                tracing::error!(%error, "photo set aside after {} attempts", job.attempts);
                self.give_up(photo, job, &error.to_string()).await
            }
            Err(error) => {
                Span::current().record("code", "postponed");
                tracing::warn!(%error, "photo will be tried again");
                self.jobs.retry(job, &error.to_string(), self.now()).await?;
                Ok(Outcome::Postponed)
            }
        }
    }

    /// Sets the photo aside: its job stays, and is tried again when a worker starts, or when somebody says so.
    async fn give_up(&self, photo: PhotoId, job: &Job, error: &str) -> Result<Outcome, StoreError> {
        Span::current().record("code", PROCESSING_FAILED);
        if self.stays_ready(photo, PROCESSING_FAILED, job).await? {
            return Ok(Outcome::Gone);
        }
        telemetry::photo_processed(PROCESSING_FAILED, 0);
        let is_there = self.store.photos().set_aside(photo, job.id, error, VERSION).await?;
        self.announce(photo).await?;
        Ok(if is_there { Outcome::Rejected(PROCESSING_FAILED) } else { Outcome::Gone })
    }

    /// Queues photos again that were set aside, each for one attempt: what was wrong may be over since the restart.
    /// A photo that has been killing its workers waits for another version. Returns how many there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn retry_set_aside(&self) -> Result<u64, StoreError> {
        let rule = Retrying { version: VERSION, most_leases: jobs::MAX_ATTEMPTS, attempts: MAX_ATTEMPTS - 1 };
        self.store.photos().retry_at_start(rule, self.now()).await
    }

    /// Whether the photo is ready: something of it was to be made again and could not be. What was made once stays,
    /// and the job ends.
    async fn stays_ready(&self, photo: PhotoId, code: &'static str, job: &Job) -> Result<bool, StoreError> {
        let found = self.store.photos().get(photo).await?;
        if found.is_none_or(|photo| photo.state != PhotoState::Ready || photo.is_replaced) {
            return Ok(false);
        }
        tracing::error!(
            code,
            "a ready photo cannot be made again; `pixora doctor --deep` says what it lacks"
        );
        self.store.jobs().finish(job.id).await?;
        Ok(true)
    }

    /// Tells who watches how the photo stands now.
    async fn announce(&self, photo: PhotoId) -> Result<(), StoreError> {
        if let Some(photo) = self.store.photos().get(photo).await? {
            self.events.publish(photo.photo_session_id, Event::photo(&photo));
        }
        Ok(())
    }

    async fn attempt(&self, id: PhotoId, job: &Job) -> Result<Outcome, ProcessError> {
        let began = self.now();
        let Some(photo) = self.store.photos().get(id).await? else { return Ok(Outcome::Gone) };
        let session = photo.photo_session_id;
        let original = BlobKey::original(session, photo.original);
        let bytes = telemetry::waiting_stage("read", self.blobs.get(original)).await?;
        // A ready photo comes again because something of it was lost. A damaged original must not take the place of
        // what is still good.
        let expected = (photo.state == PhotoState::Ready).then(|| photo.sha256.clone());
        let embedders = self.embedders.looking(self.now()).await?;
        let models: Vec<String> = embedders.iter().map(|embedder| embedder.info.name.clone()).collect();
        let header = self.header(&photo, job).await?;
        let work = move |worker: &mut crate::compute::Worker<'_, FaceEngine>| {
            if expected.is_some_and(|expected| hex::encode(Sha256::digest(&bytes)) != expected) {
                return Err(AnalyseError::Changed);
            }
            let analysed = analyse(worker, &bytes, header, &models)?;
            let files = analysed.derivatives.iter().filter_map(|(derivative, jpeg)| {
                Some(sum(BlobKey::derivative(session, id, derivative)?, jpeg))
            });
            let files = files.collect::<Vec<_>>();
            Ok::<_, AnalyseError>((analysed, files))
        };
        let (analysed, files) = match self.compute.run(Lane::Batch, DEADLINE, work).await? {
            Ok(done) => done,
            Err(AnalyseError::Image(error)) => {
                return Ok(self.reject(id, error.code(), error.readable(), job).await?);
            }
            Err(error @ AnalyseError::Changed) => {
                tracing::error!(code = "original_damaged", %error, "a picture cannot be made again");
                return Ok(self.reject(id, "original_damaged", None, job).await?);
            }
            Err(AnalyseError::Vision(error)) => return Err(error.into()),
            Err(AnalyseError::Abandoned(_)) => return Err(ComputeError::TimedOut.into()),
        };
        telemetry::waiting_stage("files", self.write_derivatives(&photo, &analysed)).await?;
        let erased = self.store.erasure_requests().erased_faces(id).await?;
        let rows_of = |(model, faces): &(String, Vec<Face>)| {
            let rows = face_rows(id, model, faces, analysed.width, analysed.height);
            (model.clone(), without(rows, &erased))
        };
        let mut faces: Vec<(String, Vec<FaceRow>)> = analysed.faces.iter().map(rows_of).collect();
        for (embedder, (_, rows)) in embedders.iter().zip(&faces) {
            let written = embedder.index.upsert(session, vectors(rows));
            telemetry::waiting_stage("index", written).await?;
        }

        let ids: Vec<FaceId> = faces.iter().flat_map(|(_, rows)| rows).map(|face| face.id).collect();
        let also = faces.split_off(1);
        let (model, faces) = faces.remove(0);
        let count = faces.len();
        let made = Processed {
            original: photo.original,
            began,
            width: analysed.width,
            height: analysed.height,
            taken_at: analysed.taken_at,
            facts: analysed.facts,
            thumbhash: Some(analysed.thumbhash),
            derivatives: analysed.derivatives.into_iter().map(|(derivative, _)| derivative).collect(),
            files,
            model,
            faces,
            also,
        };
        match telemetry::waiting_stage("rows", self.store.photos().complete(id, &made, job.id)).await? {
            Completed::Done => {
                remove_leftovers(&self.store, &self.blobs, &self.every_index(), Some(id)).await?
            }
            Completed::Gone => {
                // Erased while we worked: what we have just written must go too.
                self.every_index().delete_faces(session, &ids).await?;
                self.blobs.delete_photo(session, id).await?;
                return Ok(Outcome::Gone);
            }
            Completed::Outdated => {
                self.drop_outdated(&photo, &made.derivatives, &ids, job).await?;
                return Ok(Outcome::Gone);
            }
        }
        telemetry::photo_processed("ready", count as u64);
        analysed.times.each().into_iter().for_each(|(stage, time)| telemetry::photo_stage(stage, time));
        Ok(Outcome::Ready { faces: count, times: analysed.times })
    }

    /// The header that was read at the file's receipt. A second attempt reads it again, because another version may
    /// read it better.
    async fn header(&self, photo: &Photo, job: &Job) -> Result<Option<Header>, StoreError> {
        if job.attempts > 1 {
            return Ok(None);
        }
        let header = self.store.photos().header(photo.id, photo.original).await?;
        Ok(header.and_then(|header| serde_json::from_str(&header).ok()))
    }

    /// The index for removals, which go to every model's index.
    fn every_index(&self) -> Arc<dyn FaceIndex> {
        Arc::new(EveryIndex(self.embedders.clone()))
    }

    /// The photo's file was replaced while the one before was in hand: what was made of that one goes, and the job last,
    /// so that a kill before its end leaves nothing.
    async fn drop_outdated(
        &self,
        photo: &Photo,
        made: &[Derivative],
        faces: &[FaceId],
        job: &Job,
    ) -> Result<(), ProcessError> {
        self.every_index().delete_faces(photo.photo_session_id, faces).await?;
        let now = self.store.photos().get(photo.id).await?;
        let kept = now.map(|photo| photo.derivatives).unwrap_or_default();
        for derivative in made.iter().filter(|derivative| !kept.contains(derivative)) {
            if let Some(key) = BlobKey::derivative(photo.photo_session_id, photo.id, derivative) {
                self.blobs.delete(key).await?;
            }
        }
        self.store.jobs().finish(job.id).await?;
        // The new file's job waits behind this one. Only where this lease was lost has it been done already.
        self.store.jobs().remake(photo.id, self.now()).await?;
        Ok(())
    }

    async fn write_derivatives(&self, photo: &Photo, analysed: &Analysed) -> Result<(), BlobError> {
        stream::iter(&analysed.derivatives)
            .map(Ok)
            .try_for_each_concurrent(None, |(derivative, jpeg)| async move {
                let key = BlobKey::derivative(photo.photo_session_id, photo.id, derivative)
                    .expect("analyse writes 16 hex digits");
                self.blobs.put(key, jpeg.clone()).await
            })
            .await
    }

    async fn reject(
        &self,
        photo: PhotoId,
        code: &'static str,
        readable: Option<u8>,
        job: &Job,
    ) -> Result<Outcome, StoreError> {
        Span::current().record("code", code);
        if self.stays_ready(photo, code, job).await? {
            return Ok(Outcome::Gone);
        }
        telemetry::photo_processed(code, 0);
        let is_there = self.store.photos().reject(photo, code, readable, job.id).await?;
        // Of a photo whose file was replaced by one that cannot be shown. What fails here is swept later.
        if let Err(error) = remove_leftovers(&self.store, &self.blobs, &self.every_index(), Some(photo)).await
        {
            tracing::warn!(%error, "what is left of a replaced file is removed later");
        }
        Ok(if is_there { Outcome::Rejected(code) } else { Outcome::Gone })
    }
}

/// A photo's faces as rows; `width` and `height` are those of the upright original.
pub(super) fn face_rows(
    photo: PhotoId,
    model: &str,
    faces: &[Face],
    width: u32,
    height: u32,
) -> Vec<FaceRow> {
    let row = |face: &Face| {
        let Rect { x, y, w, h } = face.rect;
        FaceRow {
            id: FaceId::derive(photo, face.number, model),
            photo_id: photo,
            number: face.number,
            model: model.to_owned(),
            rect: RelativeBox::from_pixels([x, y, w, h], width, height),
            quality: face.quality.score,
            embedding: face.embedding.vector.clone(),
        }
    };
    faces.iter().map(row).collect()
}

/// Leaves out faces of people who were erased.
pub(super) fn without(rows: Vec<FaceRow>, erased: &[RelativeBox]) -> Vec<FaceRow> {
    let is_erased = |row: &FaceRow| erased.iter().any(|erased| erased.is_same_face(&row.rect));
    rows.into_iter().filter(|row| !is_erased(row)).collect()
}

/// The same as points of an index.
pub(super) fn vectors(rows: &[FaceRow]) -> Vec<IndexedFace> {
    let vector =
        |row: &FaceRow| IndexedFace { id: row.id, photo_id: row.photo_id, vector: row.embedding.clone() };
    rows.iter().map(vector).collect()
}

/// The length and CRC-32 of a file, which an archive must know before it reads it.
fn sum(key: BlobKey, bytes: &[u8]) -> FileSum {
    FileSum { name: key.name(), bytes: bytes.len() as u64, crc32: crc32fast::hash(bytes), mark: None }
}
