//! Keeps the processor busy until it is told to stop.

use std::{pin::pin, time::Duration};

use chrono::Utc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Outcome, Processor};
use crate::{
    jobs::{Job, JobKind, LEASE},
    store::StoreError,
};

/// How long the queue must have been empty before the index is tidied up.
const IDLE: Duration = Duration::from_secs(20);
/// Pause after the queue itself could not be read.
const PAUSE: Duration = Duration::from_secs(1);

pub struct Worker {
    processor: Processor,
}

impl Worker {
    #[must_use]
    pub fn new(processor: Processor) -> Self {
        Self { processor }
    }

    /// Works through the queue until `stop`, then finishes the photos in hand. `on_outcome` hears of
    /// every job.
    pub async fn run(self, stop: CancellationToken, mut on_outcome: impl FnMut(&Outcome)) {
        // One photo more than threads: its file is read while the others are computed.
        let at_once = self.processor.compute.threads() + 1;
        let mut in_hand = JoinSet::new();
        let mut untidy = false;
        'work: loop {
            if in_hand.len() >= at_once {
                settle(in_hand.join_next().await, &mut on_outcome);
                continue;
            }
            // Kept until it answers: dropped in the middle, it could leave a leased job to wait for its lease.
            let mut next = pin!(self.processor.jobs.next(JobKind::ProcessPhoto, 1));
            let leased = loop {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => break 'work,
                    leased = &mut next => break leased,
                    done = in_hand.join_next(), if !in_hand.is_empty() => settle(done, &mut on_outcome),
                    () = tokio::time::sleep(IDLE), if untidy && in_hand.is_empty() => {
                        untidy = false;
                        if let Err(error) = self.processor.index.maintain().await {
                            tracing::warn!(%error, "the face index could not be tidied up");
                        }
                    }
                }
            };
            match leased {
                Ok(jobs) => {
                    untidy = true;
                    for job in jobs {
                        let processor = self.processor.clone();
                        in_hand.spawn(async move { process(&processor, &job).await });
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the queue cannot be read");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        while let Some(done) = in_hand.join_next().await {
            settle(Some(done), &mut on_outcome);
        }
    }
}

/// Keeps the job's lease alive meanwhile. One that is lost is done twice, which does no harm.
async fn process(processor: &Processor, job: &Job) -> Result<Outcome, StoreError> {
    let mut work = pin!(processor.process(job));
    loop {
        tokio::select! {
            outcome = &mut work => return outcome,
            () = tokio::time::sleep(LEASE / 3) => {
                if let Err(error) = processor.jobs.renew(&[job.id], Utc::now()).await {
                    tracing::warn!(%error, "a lease could not be renewed");
                }
            }
        }
    }
}

type Settled = Result<Result<Outcome, StoreError>, tokio::task::JoinError>;

fn settle(done: Option<Settled>, on_outcome: &mut impl FnMut(&Outcome)) {
    match done {
        Some(Ok(Ok(outcome))) => on_outcome(&outcome),
        Some(Ok(Err(error))) => tracing::error!(%error, "a job could not be settled; it will come again"),
        Some(Err(error)) => tracing::error!(%error, "a job ended abnormally; it will come again"),
        None => {}
    }
}
