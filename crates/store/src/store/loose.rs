//! Attachments that have a file and may have no row.

use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::{Store, StoreError, micros, text};
use crate::domain::{AttachmentId, TicketId};

pub struct LooseAttachmentRows<'a>(pub(super) &'a Store);

impl LooseAttachmentRows<'_> {
    /// Written down before the file is: a crash from here on leaves nothing that is not found.
    pub async fn expect(
        &self,
        ticket: TicketId,
        attachment: AttachmentId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("INSERT INTO loose_attachments (id, ticket_id, since) VALUES ($1, $2, $3)")
            .bind(attachment.to_string())
            .bind(ticket.to_string())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Attachments that have been loose since before `until`, oldest first, each with whether it has found its row.
    pub async fn since_before(
        &self,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(TicketId, AttachmentId, bool)>, StoreError> {
        let rows = sqlx::query(
            "SELECT l.id, l.ticket_id, a.id AS attached FROM loose_attachments l \
             LEFT JOIN ticket_attachments a ON a.id = l.id WHERE l.since < $1 ORDER BY l.since, l.id LIMIT $2",
        )
        .bind(micros(until))
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?;
        let loose = rows.iter().map(|row| {
            let attached: Option<AttachmentId> = super::optional_text(row, "attached")?;
            Ok((text(row, "ticket_id")?, text(row, "id")?, attached.is_some()))
        });
        loose.collect()
    }

    /// Their rows or their files are settled.
    pub async fn forget(&self, attachments: &[AttachmentId]) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for id in attachments {
            sqlx::query("DELETE FROM loose_attachments WHERE id = $1")
                .bind(id.to_string())
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Within the transaction that deletes a ticket, before its rows go: its files are due at once.
pub(super) async fn let_go(tx: &mut Transaction<'static, Any>, ticket: TicketId) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO loose_attachments (id, ticket_id, since) SELECT id, ticket_id, 0 FROM ticket_attachments \
         WHERE ticket_id = $1 ON CONFLICT (id) DO UPDATE SET since = 0",
    )
    .bind(ticket.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
