//! Lists of library keys, indexed one after the other. Each photo is settled in its own row, so that a batch goes on
//! where a process that died had come to.

use std::{pin::pin, time::Duration};

use futures::{StreamExt, TryStreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{
    BatchItem, BatchState, ExternalError, ExternalPhotos, FAILED_SHOWN, FaceBatch, FaceBatchId, Given,
    MOST_BATCHES, MOST_IN_BATCH, NewBatchItem, PROCESSING_FAILED, PhotoSessionId,
};
use crate::{
    jobs::{Job, JobKind, LEASE, POLL},
    queue::{self, Pace, Work},
    store::StoreError,
};

/// Photos of a batch that are read from the rows at a time.
const PAGE: u32 = 20;
/// Photos of a batch in hand: one is read while another is looked at.
const AT_ONCE: usize = 2;
/// Tries of one photo that fails for a reason that may pass and is no outage.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

impl ExternalPhotos {
    /// Queues photos of the session's library; returns the batch by which they are followed.
    ///
    /// # Errors
    /// `BatchSize`, `TooManyBatches`, `Store`.
    pub async fn queue(
        &self,
        session: PhotoSessionId,
        items: &[NewBatchItem],
    ) -> Result<FaceBatch, ExternalError> {
        if items.is_empty() || items.len() > MOST_IN_BATCH {
            return Err(ExternalError::BatchSize);
        }
        let batches = self.store.face_batches();
        if batches.open(session, MOST_BATCHES).await?.len() >= MOST_BATCHES as usize {
            return Err(ExternalError::TooManyBatches);
        }
        let id = FaceBatchId::generate();
        batches.create(id, session, items, self.now()).await?;
        self.jobs.wake_batches();
        batches.get(session, id).await?.ok_or(ExternalError::BatchNotFound)
    }

    /// How a batch stands, and its photos that failed.
    ///
    /// # Errors
    /// `BatchNotFound`, `Store`.
    pub async fn batch(
        &self,
        session: PhotoSessionId,
        id: FaceBatchId,
    ) -> Result<(FaceBatch, Vec<BatchItem>), ExternalError> {
        let batches = self.store.face_batches();
        let batch = batches.get(session, id).await?.ok_or(ExternalError::BatchNotFound)?;
        let failed = batches.items(id, BatchState::Failed, FAILED_SHOWN).await?;
        Ok((batch, failed))
    }

    /// Does what is left of a batch; `Ok` when its job is settled.
    async fn work_off(&self, job: &Job, stop: &CancellationToken) -> Result<(), StoreError> {
        let id = FaceBatchId(job.subject);
        let batches = self.store.face_batches();
        let Some(session) = batches.session(id).await? else {
            return self.store.jobs().finish(job.id).await;
        };
        while !job.exhausted() {
            let items = batches.items(id, BatchState::Waiting, PAGE).await?;
            if items.is_empty() {
                break;
            }
            let done = stream::iter(items)
                .map(|item| self.settle(session, id, item))
                .buffer_unordered(AT_ONCE)
                .try_collect::<Vec<()>>();
            match done.await {
                Ok(_) if stop.is_cancelled() => {
                    return self.jobs.release(std::slice::from_ref(job), self.now()).await;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(batch = %id, %error, "a batch waits");
                    return self.jobs.postpone(job, &error.to_string(), self.now()).await;
                }
            }
        }
        batches.end(id, job.id, PROCESSING_FAILED, self.now()).await
    }

    /// Indexes one photo of a batch and writes what came of it.
    async fn settle(
        &self,
        session: PhotoSessionId,
        batch: FaceBatchId,
        item: BatchItem,
    ) -> Result<(), ExternalError> {
        let NewBatchItem { external, key, is_kept } = item.new;
        let mut tries = 1;
        let code = loop {
            match self.put(session, &external, Given::InLibrary(key.clone()), is_kept).await {
                Ok(_) => break None,
                Err(error) if error.is_outage() => return Err(error),
                Err(error) if error.is_of_the_photo() || tries == TRIES => break Some(error.code()),
                Err(error) => {
                    tracing::warn!(batch = %batch, %error, "a photo of a batch is tried again");
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        Ok(self.store.face_batches().settle(batch, item.number, code).await?)
    }
}

/// Works off batches until it is told to stop.
#[derive(Clone)]
pub struct BatchWorker {
    photos: ExternalPhotos,
    stop: CancellationToken,
}

impl BatchWorker {
    #[must_use]
    pub fn new(photos: ExternalPhotos, stop: CancellationToken) -> Self {
        Self { photos, stop }
    }

    /// Until cancelled; the photos in hand are finished.
    pub async fn run(self) {
        let pace = Pace { at_once: 1, poll: POLL, rest: Duration::ZERO, farewell: None };
        let (jobs, stop) = (self.photos.jobs.clone(), self.stop.clone());
        queue::run(self, pace, jobs.added_batches(), &stop, |done| {
            if let Err(error) = done {
                tracing::error!(%error, "a batch could not be settled; it will come again");
            }
        })
        .await;
    }
}

impl Work for BatchWorker {
    type Item = Job;
    type Outcome = Result<(), StoreError>;
    const NAME: &'static str = "face batches";

    async fn due(&self, room: usize) -> Result<Vec<Job>, StoreError> {
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        self.photos.jobs.lease(JobKind::IndexBatch, room, self.photos.now()).await
    }

    /// Keeps the job's lease alive meanwhile. A batch whose lease is lost is done twice, which does no harm.
    async fn act(self, job: Job) -> Result<(), StoreError> {
        let mut work = pin!(self.photos.work_off(&job, &self.stop));
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep(LEASE / 3) => {
                    if let Err(error) = self.photos.jobs.renew(&[job.id], self.photos.now()).await {
                        tracing::warn!(%error, "a lease could not be renewed");
                    }
                }
            }
        }
    }
}
