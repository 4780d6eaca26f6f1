//! Another embedding model takes over: it looks at every ready photo again, from the original, beside what is there.
//!
//! One photo at a time, in the lane of photos, with a pause after each that is as long as the work was: guests and new
//! photos come first. Every step may run again after a crash: vectors are named by photo, face number and model, and the
//! rows, with the note that the model has looked at the photo, come last in one transaction. What is done and what is
//! left to do stands in the rows alone, so that a new process goes on where the one before it ended.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{
    analyse::{AnalyseError, find_faces},
    process::{face_rows, vectors, without},
};
use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    compute::{Compute, ComputeError, Lane, Worker},
    domain::{Clock, FaceId, Photo, PhotoId, PhotoSessionId},
    embedders::{EmbedderError, Embedders, Roles},
    imaging,
    index::IndexError,
    store::{Store, StoreError, TakeoverPlan},
    vision::{Face, FaceEngine},
};

/// How long the vectors of the model before are kept to go back to.
pub const MODEL_KEPT: TimeDelta = TimeDelta::days(14);

/// Photos that are read from the rows at a time.
const PAGE: u32 = 20;
const DEADLINE: Duration = Duration::from_secs(600);
/// Between looks whether a model is to take over.
const POLL: Duration = Duration::from_secs(3);
/// After a failure that is not one photo's.
const REST: Duration = Duration::from_secs(15);
/// Between looks for photos that lack the model in use, or whose original could not be read.
const AGAIN: Duration = Duration::from_secs(600);

#[derive(Debug, thiserror::Error)]
enum ReembedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the original: {0}")]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Analyse(#[from] AnalyseError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Compute(#[from] ComputeError),
    #[error(transparent)]
    Embedder(#[from] EmbedderError),
}

impl ReembedError {
    /// Whether only this photo is concerned, so that the others can be gone on with.
    fn is_of_one_photo(&self) -> bool {
        match self {
            Self::Blob(error) => !error.is_outage(),
            Self::Analyse(AnalyseError::Abandoned(_)) => false,
            Self::Analyse(_) => true,
            Self::Compute(error) => !error.is_overload(),
            Self::Store(_) | Self::Index(_) | Self::Embedder(_) => false,
        }
    }
}

/// How far a model has come in taking over from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takeover {
    /// The model that looks at every photo now.
    pub next: Option<String>,
    /// Ready photos, and how many of them it has not looked at.
    pub photos: u64,
    pub left: u64,
    /// The model in use before, and until when it is kept.
    pub before: Option<(String, DateTime<Utc>)>,
}

impl Takeover {
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn of(store: &Store) -> Result<Self, StoreError> {
        let TakeoverPlan { next, before, .. } = store.takeovers().plan().await?;
        let (photos, left) = match &next {
            Some(next) => store.photos().count_lacking(next).await?,
            None => (0, 0),
        };
        Ok(Self { next, photos, left, before })
    }
}

/// The outcome of a round.
enum Round {
    Worked,
    Idle,
}

/// Runs on one node at a time.
pub struct Reembedder {
    pub store: Store,
    pub blobs: Blobs,
    pub compute: Compute<FaceEngine>,
    pub embedders: Embedders,
    pub clock: Clock,
}

/// How far the run has come.
#[derive(Default)]
struct Progress {
    model: String,
    after: Option<(PhotoSessionId, PhotoId)>,
    /// Photos of this round that could not be looked at.
    left: u64,
    rests_until: Option<Instant>,
}

impl Reembedder {
    /// Until cancelled: has the next model look at what it lacks, lets it take over, and erases the one before when its
    /// time is over.
    pub async fn run(self, stop: CancellationToken) {
        let mut progress = Progress::default();
        loop {
            let pause = match stop.run_until_cancelled(self.round(&mut progress)).await {
                None => return,
                Some(Ok(Round::Worked)) => continue,
                Some(Ok(Round::Idle)) => POLL,
                Some(Err(error)) => {
                    tracing::warn!(%error, "looking at photos with another model waits");
                    REST
                }
            };
            if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
        }
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    async fn round(&self, progress: &mut Progress) -> Result<Round, ReembedError> {
        let plan = self.store.takeovers().plan().await?;
        if self.embedders.erase_before(&plan, self.now()).await? {
            tracing::info!("the vectors of the model before are erased");
        }
        let noted = plan.used.clone();
        let Roles { used, next, .. } = self.embedders.roles_of(plan);
        // Where none has ever taken over, nothing is noted of photos without a face.
        if noted.as_ref() != Some(&used) {
            return Ok(Round::Idle);
        }
        let model = next.as_ref().unwrap_or(&used);
        if progress.model != *model {
            *progress = Progress { model: model.clone(), ..Progress::default() };
        }
        if progress.rests_until.is_some_and(|until| Instant::now() < until) {
            return Ok(Round::Idle);
        }
        let page = self.store.photos().lacking(model, progress.after, PAGE).await?;
        if page.is_empty() {
            return self.at_the_end(progress, next.is_some()).await;
        }
        for photo in page {
            let started = Instant::now();
            match self.look(&photo, model).await {
                Ok(()) => {}
                Err(error) if error.is_of_one_photo() => {
                    progress.left += 1;
                    tracing::warn!(photo = %photo.id, model, %error, "the photo cannot be looked at again");
                }
                Err(error) => return Err(error),
            }
            progress.after = Some((photo.photo_session_id, photo.id));
            tokio::time::sleep(started.elapsed()).await;
        }
        Ok(Round::Worked)
    }

    async fn at_the_end(&self, progress: &mut Progress, takes_over: bool) -> Result<Round, ReembedError> {
        if takes_over && self.store.takeovers().finish(self.now() + MODEL_KEPT).await? {
            self.embedders.look_again();
            tracing::info!(
                model = progress.model,
                "the model has looked at every photo, and is used from now on"
            );
            return Ok(Round::Worked);
        }
        if progress.left > 0 {
            tracing::warn!(
                photos = progress.left,
                model = progress.model,
                "these photos could not be looked at; their sessions are answered by the model before"
            );
        }
        *progress = Progress {
            model: std::mem::take(&mut progress.model),
            rests_until: Some(Instant::now() + AGAIN),
            ..Progress::default()
        };
        Ok(Round::Idle)
    }

    async fn look(&self, photo: &Photo, model: &str) -> Result<(), ReembedError> {
        let session = photo.photo_session_id;
        let embedder = self.embedders.get(model).await?;
        let bytes = self.blobs.get(BlobKey::original(session, photo.original)).await?;
        let name = model.to_owned();
        let work = move |worker: &mut Worker<'_, FaceEngine>| faces_of(worker, &bytes, name);
        let (seen, width, height) = self.compute.run(Lane::Batch, DEADLINE, work).await??;
        let erased = self.store.erasure_requests().erased_faces(photo.id).await?;
        let rows = without(face_rows(photo.id, model, &seen, width, height), &erased);
        embedder.index.upsert(session, vectors(&rows)).await?;
        if !self.store.photos().add_model(photo.id, photo.original, model, &rows).await? {
            // Erased meanwhile, or its file was replaced, which the pipeline looks at with both models.
            let now = self.store.faces().of_photo(photo.id).await?;
            let is_there = |id: &FaceId| now.iter().any(|it| it.face.id == *id);
            let ids: Vec<FaceId> = rows.iter().map(|row| row.id).filter(|id| !is_there(id)).collect();
            embedder.index.delete_faces(session, &ids).await?;
        }
        Ok(())
    }
}

fn faces_of(
    worker: &mut Worker<'_, FaceEngine>,
    bytes: &[u8],
    model: String,
) -> Result<(Vec<Face>, u32, u32), AnalyseError> {
    let header = imaging::read_header(bytes)?;
    let seen = find_faces(worker, bytes, &header, &[model])?;
    let (width, height) = header.upright_size();
    Ok((seen.into_iter().flat_map(|(_, faces)| faces).collect(), width, height))
}
