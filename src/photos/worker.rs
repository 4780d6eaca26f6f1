//! Keeps the processor busy until it is told to stop.

use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{Outcome, Processor};
use crate::{
    embedders::EveryIndex,
    index::FaceIndex,
    jobs::{Job, JobKind, LEASE, POLL},
    queue::{self, Pace, Work},
    store::StoreError,
};

/// Pause before a job is settled again whose rows are away.
const PAUSE: Duration = Duration::from_secs(1);
/// So many photos in a row that have to wait mean that all have to: the worker rests before the next, so that it does
/// not compute again and again what cannot be written.
const IN_A_ROW: u32 = 4;
const LONGEST_REST: Duration = Duration::from_secs(15);

pub struct Worker {
    processor: Processor,
}

impl Worker {
    #[must_use]
    pub fn new(processor: Processor) -> Self {
        Self { processor }
    }

    /// Queues again what was set aside, then works through the queue until `stop` and finishes the photos in hand.
    /// `on_outcome` is told of every job.
    pub async fn run(self, stop: CancellationToken, mut on_outcome: impl FnMut(&Outcome)) {
        match self.processor.retry_set_aside().await {
            Ok(0) => {}
            Ok(photos) => tracing::info!(photos, "photos that had been set aside are tried again"),
            Err(error) => tracing::warn!(%error, "photos that had been set aside could not be queued again"),
        }
        let jobs = self.processor.jobs.clone();
        let pace = Pace {
            // One photo more than threads: its file is read while the others are computed.
            at_once: self.processor.compute.threads() + 1,
            poll: POLL,
            rest: Duration::ZERO,
            farewell: None,
        };
        let rest = Arc::new(Mutex::new(Rest::default()));
        let photos = Photos { processor: self.processor, stop: stop.clone(), rest: Arc::clone(&rest) };
        queue::run(photos, pace, jobs.added(), &stop, |done| match done {
            Ok(outcome) => {
                locked(&rest).after(&outcome, Instant::now());
                on_outcome(&outcome);
            }
            Err(error) => tracing::error!(%error, "a job could not be settled; it will come again"),
        })
        .await;
    }
}

/// The photos that wait.
#[derive(Clone)]
struct Photos {
    processor: Processor,
    stop: CancellationToken,
    rest: Arc<Mutex<Rest>>,
}

impl Work for Photos {
    type Item = Job;
    type Outcome = Result<Outcome, StoreError>;
    const NAME: &'static str = "photos";

    async fn due(&self, room: usize) -> Result<Vec<Job>, StoreError> {
        if locked(&self.rest).is_on(Instant::now()) {
            return Ok(Vec::new());
        }
        let (jobs, room) = (&self.processor.jobs, u32::try_from(room).unwrap_or(u32::MAX));
        jobs.lease(JobKind::ProcessPhoto, room, self.processor.now()).await
    }

    /// Does a job. When the rows are away, so that nothing can be said of it, it is put back as soon as they are there
    /// again: a lease that ran out would count as an attempt.
    async fn act(self, job: Job) -> Result<Outcome, StoreError> {
        let mut unsettled = match self.with_lease(&job).await {
            Err(error) if error.is_outage() => error,
            settled => return settled,
        };
        while self.stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            let jobs = &self.processor.jobs;
            match jobs.postpone(&job, &unsettled.to_string(), self.processor.now()).await {
                Ok(()) => return Ok(Outcome::Waiting),
                Err(error) if error.is_outage() => unsettled = error,
                Err(error) => return Err(error),
            }
        }
        Err(unsettled)
    }

    /// The index is tidied up when nobody waits.
    async fn idle(&self) {
        if let Err(error) = EveryIndex(self.processor.embedders.clone()).maintain().await {
            tracing::warn!(%error, "the face index could not be tidied up");
        }
    }
}

impl Photos {
    /// Keeps the job's lease alive meanwhile. One that is lost is done twice, which does no harm.
    async fn with_lease(&self, job: &Job) -> Result<Outcome, StoreError> {
        let mut work = pin!(self.processor.process(job));
        loop {
            tokio::select! {
                outcome = &mut work => return outcome,
                () = tokio::time::sleep(LEASE / 3) => {
                    if let Err(error) = self.processor.jobs.renew(&[job.id], self.processor.now()).await {
                        tracing::warn!(%error, "a lease could not be renewed");
                    }
                }
            }
        }
    }
}

/// How long the worker leaves the queue alone while everything has to wait.
#[derive(Debug, Default)]
struct Rest {
    in_a_row: u32,
    until: Option<Instant>,
}

impl Rest {
    fn after(&mut self, outcome: &Outcome, now: Instant) {
        if !matches!(outcome, Outcome::Waiting) {
            *self = Self::default();
            return;
        }
        self.in_a_row += 1;
        if let Some(longer) = self.in_a_row.checked_sub(IN_A_ROW) {
            self.until = Some(now + Duration::from_secs(1 << longer.min(4)).min(LONGEST_REST));
        }
    }

    fn is_on(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

/// Each use is one call, so a panic has left it whole.
fn locked(rest: &Mutex<Rest>) -> std::sync::MutexGuard<'_, Rest> {
    rest.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worker_rests_longer_and_longer_while_every_photo_has_to_wait() {
        let (mut rest, now) = (Rest::default(), Instant::now());
        (1..IN_A_ROW).for_each(|_| rest.after(&Outcome::Waiting, now));
        assert!(!rest.is_on(now), "a few photos may have a trouble of their own");
        for seconds in [1, 2, 4, 8, 15, 15] {
            rest.after(&Outcome::Waiting, now);
            let later =
                |millis: u64| now + Duration::from_millis(seconds * 1000 + millis) - Duration::from_millis(1);
            assert!(rest.is_on(later(0)) && !rest.is_on(later(1)), "{seconds} s");
        }
        rest.after(&Outcome::Gone, now);
        rest.after(&Outcome::Waiting, now);
        assert!(!rest.is_on(now), "one that was done says that all is well");
    }
}
