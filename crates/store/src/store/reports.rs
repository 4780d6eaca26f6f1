//! Reports of what guests have published, the same for photos and for comments: one of each device, and what the studio has
//! not looked at is to be hidden when so many have reported it.

use std::{collections::HashMap, hash::Hash, str::FromStr};

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Store, StoreError, micros, optional_time, text, unsigned};
use crate::domain::{PhotoSessionId, SenderId};

/// One kind of what is reported.
pub(super) struct Reportable {
    pub table: &'static str,
    pub id: &'static str,
    /// What of the table can be reported.
    pub only: &'static str,
    pub reports: &'static str,
    /// The column of the reports that names `id`.
    pub of: &'static str,
}

/// A report of a device.
pub(super) struct NewReport<'a> {
    pub id: String,
    pub reporter: SenderId,
    /// May be empty.
    pub note: &'a str,
    pub hidden_after: u64,
    pub now: DateTime<Utc>,
}

/// How many have reported something, and what they wrote as far as they did.
pub(super) type Told = (u64, Vec<String>);

impl Reportable {
    /// Notes a report, of each device once. The session of what is reported and whether it is to be hidden now; `None` when
    /// there is no such thing.
    pub async fn note(
        &self,
        tx: &mut Transaction<'static, Any>,
        new: NewReport<'_>,
    ) -> Result<Option<(PhotoSessionId, bool)>, StoreError> {
        let Self { table, id, only, reports, of } = self;
        let sql = format!("SELECT photo_session_id, decided_at FROM {table} WHERE {id} = $1 AND {only}");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&new.id).fetch_optional(&mut **tx).await?;
        let Some(row) = row else { return Ok(None) };
        let session: PhotoSessionId = text(&row, "photo_session_id")?;
        let decided = optional_time(&row, "decided_at")?;
        let sql = format!(
            "INSERT INTO {reports} ({of}, sender_id, photo_session_id, note, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT ({of}, sender_id) DO NOTHING"
        );
        let first = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(&new.id)
            .bind(new.reporter.to_string())
            .bind(session.to_string())
            .bind(new.note)
            .bind(micros(new.now))
            .execute(&mut **tx)
            .await?;
        if first.rows_affected() == 0 {
            return Ok(Some((session, false)));
        }
        let sql = format!("UPDATE {table} SET reported_at = $2 WHERE {id} = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&new.id).bind(micros(new.now)).execute(&mut **tx).await?;
        let sql = format!("SELECT COUNT(*) AS n FROM {reports} WHERE {of} = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&new.id).fetch_one(&mut **tx).await?;
        Ok(Some((session, decided.is_none() && unsigned::<u64>(&row, "n")? >= new.hidden_after)))
    }

    /// What was reported in a session since the studio looked at it.
    pub async fn since_decided<T: FromStr + Eq + Hash>(
        &self,
        store: &Store,
        session: PhotoSessionId,
    ) -> Result<HashMap<T, Told>, StoreError> {
        let Self { table, id, reports, of, .. } = self;
        let sql = format!(
            "SELECT r.{of} AS id, r.note AS note FROM {reports} r JOIN {table} t ON t.{id} = r.{of} \
             WHERE r.photo_session_id = $1 AND r.created_at > COALESCE(t.decided_at, 0) ORDER BY r.created_at"
        );
        let rows: Vec<AnyRow> =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string()).fetch_all(&store.reads).await?;
        let mut told: HashMap<T, Told> = HashMap::new();
        for row in &rows {
            let (count, notes) = told.entry(text(row, "id")?).or_default();
            *count += 1;
            let note: String = row.try_get("note")?;
            notes.extend(Some(note).filter(|note| !note.is_empty()));
        }
        Ok(told)
    }
}
