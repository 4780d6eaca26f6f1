//! Photos that failed by our fault: they are kept with their jobs until they are tried again.

use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction, any::AnyRow};
use uuid::Uuid;

use super::{IN_LIST, JobKind, PhotoRows, StoreError, faces, jobs, micros, placeholders, text};
use crate::domain::{JobId, PROCESSING_FAILED, PhotoId, PhotoSessionId};

/// A selection of the photos that were set aside.
#[derive(Debug, Clone, Copy)]
pub enum SetAside<'a> {
    All,
    Session(PhotoSessionId),
    /// The photos of this list that were set aside.
    Photos(&'a [PhotoId]),
}

/// The photos that are retried automatically at a start.
#[derive(Debug, Clone, Copy)]
pub struct Retrying<'a> {
    /// Jobs that another version gave up are all tried again.
    pub version: &'a str,
    /// Of those that this version gave up, the ones that were leased more often are not: they have been killing
    /// their workers, and would kill this one.
    pub most_leases: u32,
    /// With so many attempts behind it, a job's next failure is its last.
    pub attempts: u32,
}

impl PhotoRows<'_> {
    /// Sets a photo aside that failed by our fault, and keeps its job as given up by this `version`.
    /// `false` when the photo has been erased meanwhile, or another worker has settled it.
    pub async fn set_aside(
        &self,
        id: PhotoId,
        job: JobId,
        error: &str,
        version: &str,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let given_up = sqlx::query(
            "UPDATE jobs SET state = 'failed', lease_owner = NULL, lease_until = NULL, last_error = $2, \
             given_up_by = $3 WHERE id = $1 AND state = 'queued'",
        )
        .bind(job.to_string())
        .bind(error)
        .bind(version)
        .execute(&mut *tx)
        .await?;
        if given_up.rows_affected() == 0 {
            return Ok(false);
        }
        let updated = sqlx::query(
            "UPDATE photos SET state = 'rejected', reject_code = $2, faces = 0, derivatives = '[]', \
             thumbhash = NULL WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(PROCESSING_FAILED)
        .execute(&mut *tx)
        .await?;
        let is_there = updated.rows_affected() == 1;
        if is_there {
            faces::delete(&mut tx, id).await?;
        } else {
            jobs::finish(&mut tx, job).await?;
        }
        tx.commit().await?;
        Ok(is_there)
    }

    /// Queues photos again that were set aside, with all their attempts; returns them.
    pub async fn retry(&self, which: SetAside<'_>, now: DateTime<Utc>) -> Result<Vec<PhotoId>, StoreError> {
        let mut tx = self.0.write().await?;
        let retried = match which {
            SetAside::All => queue_again(&mut tx, "1 = 1", &[]).await?,
            SetAside::Session(session) => {
                queue_again(&mut tx, "photo_session_id = $2", &[session.to_string()]).await?
            }
            SetAside::Photos(photos) => {
                let mut retried = Vec::new();
                for chunk in photos.chunks(IN_LIST) {
                    let ids: Vec<String> = chunk.iter().map(ToString::to_string).collect();
                    let filter = format!("id IN ({})", placeholders(2, ids.len()));
                    retried.extend(queue_again(&mut tx, &filter, &ids).await?);
                }
                retried
            }
        };
        for photo in &retried {
            let again = sqlx::query(
                "UPDATE jobs SET state = 'queued', attempts = 0, run_after = $2, lease_owner = NULL, \
                 lease_until = NULL, given_up_by = NULL WHERE subject = $1",
            )
            .bind(photo.to_string())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
            if again.rows_affected() == 0 {
                jobs::enqueue(&mut tx, JobKind::ProcessPhoto, photo.0, now).await?;
            }
        }
        tx.commit().await?;
        Ok(retried)
    }

    /// Queues photos again at the start of a worker, each for one attempt; returns how many.
    pub async fn retry_at_start(&self, rule: Retrying<'_>, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let rows = sqlx::query(
            "UPDATE jobs SET state = 'queued', run_after = $1, lease_owner = NULL, lease_until = NULL, \
             attempts = CASE WHEN attempts > $2 THEN $2 - 1 ELSE $3 END \
             WHERE state = 'failed' AND kind = $4 \
             AND (attempts <= $2 OR given_up_by IS NULL OR given_up_by <> $5) RETURNING subject",
        )
        .bind(micros(now))
        .bind(i64::from(rule.most_leases))
        .bind(i64::from(rule.attempts))
        .bind(JobKind::ProcessPhoto.to_string())
        .bind(rule.version)
        .fetch_all(&mut *tx)
        .await?;
        let subjects = rows.iter().map(|row| text::<Uuid>(row, "subject")).collect::<Result<Vec<_>, _>>()?;
        let mut retried = 0;
        for chunk in subjects.chunks(IN_LIST) {
            let ids: Vec<String> = chunk.iter().map(ToString::to_string).collect();
            let filter = format!("id IN ({})", placeholders(2, ids.len()));
            retried += queue_again(&mut tx, &filter, &ids).await?.len() as u64;
        }
        tx.commit().await?;
        Ok(retried)
    }
}

/// The filter's parameters begin with `$2`.
async fn queue_again(
    tx: &mut Transaction<'static, Any>,
    filter: &str,
    values: &[String],
) -> Result<Vec<PhotoId>, StoreError> {
    let sql = format!(
        "UPDATE photos SET state = 'queued', reject_code = NULL \
         WHERE state = 'rejected' AND reject_code = $1 AND {filter} RETURNING id"
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(PROCESSING_FAILED);
    for value in values {
        query = query.bind(value.as_str());
    }
    query.fetch_all(&mut **tx).await?.iter().map(|row: &AnyRow| text(row, "id")).collect()
}
