//! The queue: work that must happen even if the process dies now.
//!
//! A job is a row, written in the same transaction as the change that causes it, and deleted in the
//! same transaction as its result. A worker leases jobs for a while; what a dead worker held is taken
//! back at the next start ([`Jobs::reclaim`]) or when its lease runs out. Jobs are idempotent, so the
//! rare job that runs twice does no harm. This room knows nothing of what jobs do.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use crate::{
    domain::{BackOff, JobId},
    store::{Queue, Store, StoreError},
};

pub use crate::store::{Job, JobKind, QueueDepth};

/// How long a dead worker's job waits for another worker. A living one renews the lease in good time.
pub const LEASE: Duration = Duration::from_secs(60);
/// After so many leases a job is given up. With the longest wait that is about an hour and a half of
/// trying: longer than a full disk takes to be noticed.
pub const MAX_ATTEMPTS: u32 = 25;
/// After a failure that may pass.
const BACK_OFF: BackOff = BackOff::doubling(Duration::from_secs(1), Duration::from_secs(300));
/// Between looks whether what was away altogether is back.
const OUTAGE_WAIT: TimeDelta = TimeDelta::seconds(30);
/// Another process (the command line) cannot wake us, so the table is also looked at this often.
pub const POLL: Duration = Duration::from_millis(500);

/// One process's access to the queue.
#[derive(Clone, Debug)]
pub struct Jobs {
    store: Store,
    owner: Arc<str>,
    wake: Arc<Notify>,
    wake_batches: Arc<Notify>,
}

/// What [`Jobs::retry`] decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The job is due again at this time.
    At(DateTime<Utc>),
    /// Tried often enough: the job is now `failed`.
    GivenUp,
}

impl Jobs {
    /// `owner` names this process; see [`Jobs::reclaim`].
    #[must_use]
    pub fn new(store: Store, owner: &str) -> Self {
        Self { store, owner: owner.into(), wake: Arc::default(), wake_batches: Arc::default() }
    }

    /// Says that a job has been added, so that a worker of this process need not wait for the next look.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// The same of a batch, which other workers do.
    pub fn wake_batches(&self) {
        self.wake_batches.notify_one();
    }

    /// Notified whenever a batch of this process has been added.
    #[must_use]
    pub fn added_batches(&self) -> &Notify {
        &self.wake_batches
    }

    /// Notified whenever a job of this process has been added.
    #[must_use]
    pub fn added(&self) -> &Notify {
        &self.wake
    }

    /// Leases up to `limit` jobs that are due now, oldest first; none is leased to two owners at once.
    pub async fn lease(&self, kind: JobKind, limit: u32, now: DateTime<Utc>) -> Result<Vec<Job>, StoreError> {
        self.store.jobs().lease(Queue { kind, owner: &self.owner }, limit, LEASE, now).await
    }

    /// Prolongs the leases of jobs still being worked on; returns how many are still ours.
    pub async fn renew(&self, ids: &[JobId], now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.store.jobs().renew(&self.owner, ids, LEASE, now).await
    }

    /// Puts a job back after a failure that may pass, with exponential back-off.
    pub async fn retry(&self, job: &Job, error: &str, now: DateTime<Utc>) -> Result<Retry, StoreError> {
        if job.attempts >= MAX_ATTEMPTS {
            self.store.jobs().fail(job.id, error).await?;
            return Ok(Retry::GivenUp);
        }
        let due = now + BACK_OFF.wait(job.attempts);
        self.store.jobs().release(job.id, error, due).await?;
        Ok(Retry::At(due))
    }

    /// Puts a job back after a failure that has nothing to do with it and counts no attempt.
    pub async fn postpone(&self, job: &Job, error: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.store.jobs().postpone(job.id, error, now + OUTAGE_WAIT).await
    }

    /// Puts leased jobs back untouched, at shutdown.
    pub async fn release(&self, jobs: &[Job], now: DateTime<Utc>) -> Result<(), StoreError> {
        for job in jobs {
            self.store.jobs().release(job.id, "", now).await?;
        }
        Ok(())
    }

    /// Takes back at once what a dead process of this name held. Only one process of a name runs at a
    /// time (it holds the data directory's lock), so at start every such lease is a dead one's.
    pub async fn reclaim(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.store.jobs().reclaim(&self.owner, now).await
    }

    pub async fn depth(&self, kind: JobKind, now: DateTime<Utc>) -> Result<QueueDepth, StoreError> {
        self.store.jobs().depth(kind, now).await
    }

    /// Jobs that were given up, newest first.
    pub async fn failed(&self, limit: u32) -> Result<Vec<Job>, StoreError> {
        self.store.jobs().failed(limit).await
    }
}

impl Job {
    /// Leased more often than any failure would explain: it has been killing its workers.
    #[must_use]
    pub fn exhausted(&self) -> bool {
        self.attempts > MAX_ATTEMPTS
    }
}
