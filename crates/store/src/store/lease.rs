//! Rows that wait for their time and are taken by one worker for a while: jobs, mails, webhooks.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Transaction, any::AnyRow};

use super::{Store, StoreError, micros};

/// How the rows of a table wait.
pub(super) struct Lease<'a> {
    pub table: &'static str,
    /// The SQL condition for a row that is due; `$1` is now, `$2` the kind.
    pub due: &'static str,
    /// Where several kinds wait in one table.
    pub kind: Option<&'a str>,
    /// The column that says until when a row is taken.
    pub until: &'static str,
    /// The node that takes the row, where that is recorded.
    pub owner: Option<&'a str>,
    /// By what the oldest comes first.
    pub order: &'static str,
}

impl Lease<'_> {
    /// Leases up to `limit` rows that are due, oldest first, to one taker each; when the lease runs out, a row is
    /// due again. `None` when nothing is due. The caller reads the rows and commits: a row that cannot be read must
    /// not be leased away unseen.
    pub(super) async fn take(
        &self,
        store: &Store,
        limit: u32,
        lease_for: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<(Transaction<'static, Any>, Vec<AnyRow>)>, StoreError> {
        let Self { table, due, kind, until, owner, order } = self;
        // Asked often and mostly in vain: only what is due takes the turn to write.
        let sql = format!("SELECT 1 AS due FROM {table} WHERE {due} LIMIT 1");
        let mut asked = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(micros(now));
        if let Some(kind) = kind {
            asked = asked.bind(*kind);
        }
        if asked.fetch_optional(&store.reads).await?.is_none() {
            return Ok(None);
        }
        let next = if kind.is_some() { 3 } else { 2 };
        let by = owner.map_or_else(String::new, |_| format!(", lease_owner = ${}", next + 2));
        let sql = format!(
            "UPDATE {table} SET {until} = ${next}, attempts = attempts + 1{by} WHERE id IN ( \
               SELECT id FROM {table} WHERE {due} ORDER BY {order} LIMIT ${} {}) RETURNING *",
            next + 1,
            store.skip_locked()
        );
        let mut take = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(micros(now));
        if let Some(kind) = kind {
            take = take.bind(*kind);
        }
        take = take.bind(micros(after(now, lease_for))).bind(i64::from(limit));
        if let Some(owner) = owner {
            take = take.bind(*owner);
        }
        let mut tx = store.write_beside().await?;
        let rows = take.fetch_all(&mut *tx).await?;
        Ok(Some((tx, rows)))
    }
}

pub(super) fn after(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1))
}
