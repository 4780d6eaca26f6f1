//! Counts of rows that wait to be sent, for the metrics.

use super::{Store, StoreError, unsigned};
use crate::telemetry::{self, Backlog};

impl Store {
    /// Rows that wait for something outside, or for a deletion to be finished.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM webhook_deliveries WHERE state = 'queued') AS webhooks, \
             (SELECT COUNT(*) FROM mails) AS mails, (SELECT COUNT(*) FROM erasures) AS erasures, \
             (SELECT COUNT(*) FROM telegram_messages) \
               + (SELECT COUNT(*) FROM telegram_updates WHERE chat_id IS NOT NULL) AS telegram",
        )
        .fetch_one(&self.reads)
        .await?;
        Ok(Backlog {
            webhooks: unsigned(&row, "webhooks")?,
            mails: unsigned(&row, "mails")?,
            telegram: unsigned(&row, "telegram")?,
            erasures: unsigned(&row, "erasures")?,
        })
    }

    /// Tells how the connections to the database are used now.
    pub fn tell_connections(&self) {
        for (name, pool) in [("reads", &self.reads), ("writes", &self.writes)] {
            telemetry::connections_seen(name, pool.size() as usize, pool.num_idle());
        }
    }
}
