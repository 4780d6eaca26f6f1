//! The queue's rows. [`crate::jobs`] says how the queue behaves; here is how it is kept.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};
use uuid::Uuid;

use super::{
    Store, StoreError,
    lease::{Lease, after},
    micros, optional_time, placeholders, text, time, unsigned,
};
use crate::domain::{JobId, PhotoId, PhotoState};

pub struct JobRows<'a>(pub(super) &'a Store);

/// The kind of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Derivatives, faces and index entries of one photo; the subject is the photo.
    ProcessPhoto,
    /// Library keys that are indexed one after the other; the subject is the batch.
    IndexBatch,
}

impl JobKind {
    pub const ALL: [Self; 2] = [Self::ProcessPhoto, Self::IndexBatch];

    /// As it stands in rows and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ProcessPhoto => "process_photo",
            Self::IndexBatch => "index_batch",
        }
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for JobKind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or("unknown kind of job")
    }
}

/// A job, leased to one worker or given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    /// Id of what the job is about.
    pub subject: Uuid,
    /// How often it has been leased, this time included.
    pub attempts: u32,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// The kind of jobs that a worker asks for, and the worker's name.
#[derive(Debug, Clone, Copy)]
pub struct Queue<'a> {
    pub kind: JobKind,
    /// Names the process and worker, for [`JobRows::reclaim`].
    pub owner: &'a str,
}

/// The outcome of [`JobRows::remake`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remake {
    Queued,
    /// It was queued before.
    Waiting,
    /// There is no such photo, or it was never made.
    NotReady,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Waiting or being worked on.
    pub queued: u64,
    /// Under a lease that has not run out.
    pub leased: u64,
    /// Given up; an operator's business.
    pub failed: u64,
    /// When the oldest queued job was made.
    pub oldest: Option<DateTime<Utc>>,
}

impl JobRows<'_> {
    /// Leases up to `limit` jobs that are due, oldest first. A job is leased to one owner at a time;
    /// when the lease runs out, the job is due again. Jobs of one subject come one after the other: two workers
    /// would write over each other what they make of one photo.
    pub async fn lease(
        &self,
        queue: Queue<'_>,
        limit: u32,
        lease_for: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Job>, StoreError> {
        let kind = queue.kind.to_string();
        let lease = Lease {
            table: "jobs",
            due: "state = 'queued' AND kind = $2 AND run_after <= $1 \
                  AND (lease_until IS NULL OR lease_until <= $1) \
                  AND NOT EXISTS (SELECT 1 FROM jobs AS earlier WHERE earlier.subject = jobs.subject \
                  AND earlier.kind = jobs.kind AND earlier.state = 'queued' AND earlier.id < jobs.id)",
            kind: Some(&kind),
            until: "lease_until",
            owner: Some(queue.owner),
            order: "run_after, id",
        };
        let Some((tx, rows)) = lease.take(self.0, limit, lease_for, now).await? else {
            return Ok(Vec::new());
        };
        // Parsed before the commit: a row that cannot be read must not be leased away unseen.
        let mut jobs = rows.iter().map(job).collect::<Result<Vec<_>, _>>()?;
        tx.commit().await?;
        jobs.sort_by_key(|job| job.id);
        Ok(jobs)
    }

    /// Prolongs leases that `owner` still holds; returns how many it does.
    pub async fn renew(
        &self,
        owner: &str,
        ids: &[JobId],
        lease_for: Duration,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        if ids.is_empty() {
            return Ok(0);
        }
        let sql = format!(
            "UPDATE jobs SET lease_until = $1 WHERE lease_owner = $2 AND id IN ({})",
            placeholders(3, ids.len())
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(micros(after(now, lease_for))).bind(owner);
        for id in ids {
            query = query.bind(id.to_string());
        }
        let mut tx = self.0.write().await?;
        let renewed = query.execute(&mut *tx).await?.rows_affected();
        tx.commit().await?;
        Ok(renewed)
    }

    /// Ends the lease and makes the job due again at `run_after`.
    pub async fn release(&self, id: JobId, error: &str, run_after: DateTime<Utc>) -> Result<(), StoreError> {
        self.put_back(id, error, run_after, 0).await
    }

    /// Like [`release`](Self::release), and takes back the attempt that the lease has counted.
    pub async fn postpone(&self, id: JobId, error: &str, run_after: DateTime<Utc>) -> Result<(), StoreError> {
        self.put_back(id, error, run_after, 1).await
    }

    async fn put_back(
        &self,
        id: JobId,
        error: &str,
        run_after: DateTime<Utc>,
        uncounted: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE jobs SET lease_owner = NULL, lease_until = NULL, last_error = $2, run_after = $3, \
             attempts = attempts - $4 WHERE id = $1 AND attempts >= $4",
        )
        .bind(id.to_string())
        .bind(error)
        .bind(micros(run_after))
        .bind(uncounted)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Gives the job up; it stays as `failed` until it is requeued or its subject is erased.
    pub async fn fail(&self, id: JobId, error: &str) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE jobs SET state = 'failed', lease_owner = NULL, lease_until = NULL, last_error = $2 WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(error)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Takes back every lease of owners whose name starts with `owner_prefix`; only for leases of a
    /// process that is known to be dead. The jobs go to the back of the queue, so that one which
    /// kills its worker does not hold up the others.
    pub async fn reclaim(&self, owner_prefix: &str, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let taken = sqlx::query(
            "UPDATE jobs SET lease_owner = NULL, lease_until = NULL, run_after = $2 \
             WHERE lease_owner IS NOT NULL AND SUBSTR(lease_owner, 1, LENGTH($1)) = $1",
        )
        .bind(owner_prefix)
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(taken.rows_affected())
    }

    pub async fn depth(&self, kind: JobKind, now: DateTime<Utc>) -> Result<QueueDepth, StoreError> {
        let rows = sqlx::query(
            "SELECT state, COUNT(*) AS jobs, MIN(created_at) AS oldest, \
             CAST(SUM(CASE WHEN lease_until > $2 THEN 1 ELSE 0 END) AS BIGINT) AS leased \
             FROM jobs WHERE kind = $1 GROUP BY state",
        )
        .bind(kind.to_string())
        .bind(micros(now))
        .fetch_all(&self.0.reads)
        .await?;
        let mut depth = QueueDepth::default();
        for row in &rows {
            let jobs = unsigned(row, "jobs")?;
            if row.try_get::<&str, _>("state")? == "failed" {
                depth.failed = jobs;
            } else {
                depth.queued = jobs;
                depth.leased = unsigned(row, "leased")?;
                depth.oldest = optional_time(row, "oldest")?;
            }
        }
        Ok(depth)
    }

    /// Jobs that were given up, newest first.
    pub async fn failed(&self, limit: u32) -> Result<Vec<Job>, StoreError> {
        sqlx::query("SELECT * FROM jobs WHERE state = 'failed' ORDER BY id DESC LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(job)
            .collect()
    }

    /// Has a ready photo's files and vectors made again, before everything else that waits: somebody has missed
    /// them. One that waits already is not queued twice.
    pub async fn remake(&self, photo: PhotoId, now: DateTime<Utc>) -> Result<Remake, StoreError> {
        let mut tx = self.0.write().await?;
        let state = sqlx::query("SELECT state FROM photos WHERE id = $1").bind(photo.to_string());
        let state = state.fetch_optional(&mut *tx).await?;
        if state.map(|row| text::<PhotoState>(&row, "state")).transpose()? != Some(PhotoState::Ready) {
            return Ok(Remake::NotReady);
        }
        let queued = sqlx::query(
            "INSERT INTO jobs (id, kind, subject, state, run_after, created_at) \
             SELECT $1, $2, $3, 'queued', 0, $4 WHERE NOT EXISTS \
             (SELECT 1 FROM jobs WHERE subject = $3 AND kind = $2 AND state = 'queued')",
        )
        .bind(JobId::generate().to_string())
        .bind(JobKind::ProcessPhoto.to_string())
        .bind(photo.to_string())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(if queued.rows_affected() == 1 { Remake::Queued } else { Remake::Waiting })
    }

    /// Adds a job on its own; where a row changes too, the change and the job share a transaction.
    pub async fn enqueue(
        &self,
        kind: JobKind,
        subject: Uuid,
        now: DateTime<Utc>,
    ) -> Result<JobId, StoreError> {
        let mut tx = self.0.write().await?;
        let id = enqueue(&mut tx, kind, subject, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Ends a job that needed no other row changed.
    pub async fn finish(&self, id: JobId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        finish(&mut tx, id).await?;
        Ok(tx.commit().await?)
    }
}

pub(super) async fn enqueue(
    tx: &mut Transaction<'static, Any>,
    kind: JobKind,
    subject: Uuid,
    now: DateTime<Utc>,
) -> Result<JobId, StoreError> {
    let id = JobId::generate();
    sqlx::query("INSERT INTO jobs (id, kind, subject, state, run_after, created_at) VALUES ($1, $2, $3, 'queued', $4, $4)")
        .bind(id.to_string())
        .bind(kind.to_string())
        .bind(subject.to_string())
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    Ok(id)
}

/// Whether the job was still there.
pub(super) async fn finish(tx: &mut Transaction<'static, Any>, id: JobId) -> Result<bool, StoreError> {
    let ended = sqlx::query("DELETE FROM jobs WHERE id = $1").bind(id.to_string()).execute(&mut **tx).await?;
    Ok(ended.rows_affected() == 1)
}

/// Deletes the jobs of a photo that were asked for before `began` and that nobody has in hand: each would make again what
/// was made since then. A file that is replaced while its worker is killed leaves one of them each time.
pub(super) async fn drop_waiting(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    began: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM jobs WHERE subject = $1 AND kind = $2 AND state = 'queued' AND lease_owner IS NULL \
         AND created_at < $3",
    )
    .bind(photo.to_string())
    .bind(JobKind::ProcessPhoto.to_string())
    .bind(micros(began))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Deletes every job about a subject that is going away; returns how many there were.
pub(super) async fn forget(tx: &mut Transaction<'static, Any>, subject: Uuid) -> Result<u64, StoreError> {
    let forgotten = sqlx::query("DELETE FROM jobs WHERE subject = $1")
        .bind(subject.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(forgotten.rows_affected())
}

fn job(row: &AnyRow) -> Result<Job, StoreError> {
    Ok(Job {
        id: text(row, "id")?,
        kind: text(row, "kind")?,
        subject: text(row, "subject")?,
        attempts: unsigned(row, "attempts")?,
        last_error: row.try_get("last_error")?,
        created_at: time(row, "created_at")?,
    })
}
