//! Keeps the processor busy until it is told to stop.

use std::{pin::pin, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{Outcome, Processor};
use crate::{
    jobs::{Job, JobKind, LEASE, POLL},
    queue::{self, Pace, Work},
    store::StoreError,
};

pub struct Worker {
    processor: Processor,
}

impl Worker {
    #[must_use]
    pub fn new(processor: Processor) -> Self {
        Self { processor }
    }

    /// Works through the queue until `stop`, then finishes the photos in hand. `on_outcome` is told of every job.
    pub async fn run(self, stop: CancellationToken, mut on_outcome: impl FnMut(&Outcome)) {
        let jobs = self.processor.jobs.clone();
        let pace = Pace {
            // One photo more than threads: its file is read while the others are computed.
            at_once: self.processor.compute.threads() + 1,
            poll: POLL,
            rest: Duration::ZERO,
            farewell: None,
        };
        queue::run(Photos(self.processor), pace, jobs.added(), &stop, |done| match done {
            Ok(outcome) => on_outcome(&outcome),
            Err(error) => tracing::error!(%error, "a job could not be settled; it will come again"),
        })
        .await;
    }
}

/// The photos that wait.
#[derive(Clone)]
struct Photos(Processor);

impl Work for Photos {
    type Item = Job;
    type Outcome = Result<Outcome, StoreError>;
    const NAME: &'static str = "photos";

    async fn due(&self, room: usize) -> Result<Vec<Job>, StoreError> {
        let jobs = &self.0.jobs;
        jobs.lease(JobKind::ProcessPhoto, u32::try_from(room).unwrap_or(u32::MAX), self.0.now()).await
    }

    /// Keeps the job's lease alive meanwhile. One that is lost is done twice, which does no harm.
    async fn act(self, job: Job) -> Result<Outcome, StoreError> {
        let processor = self.0;
        let mut work = pin!(processor.process(&job));
        loop {
            tokio::select! {
                outcome = &mut work => return outcome,
                () = tokio::time::sleep(LEASE / 3) => {
                    if let Err(error) = processor.jobs.renew(&[job.id], processor.now()).await {
                        tracing::warn!(%error, "a lease could not be renewed");
                    }
                }
            }
        }
    }

    /// The index is tidied up when nobody waits.
    async fn idle(&self) {
        if let Err(error) = self.0.index.maintain().await {
            tracing::warn!(%error, "the face index could not be tidied up");
        }
    }
}
