//! Rows of customers' pictures. A picture is kept while an order shows it, while it lies below the one
//! that a draft shows, or while it is new.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Store, StoreError, micros, text, time, unsigned};
use crate::domain::{CustomerImage, CustomerImageId, ImageCode, UserId};

pub struct CustomerImageRows<'a>(pub(super) &'a Store);

/// That nothing needs: no order shows it, no draft shows what was made from it.
const UNUSED: &str = "NOT EXISTS (SELECT 1 FROM placements p WHERE p.image_id = i.id) \
     AND NOT EXISTS (SELECT 1 FROM customer_images made JOIN placements p ON p.image_id = made.id \
                     WHERE made.source_id = i.id AND p.status = 'draft')";

impl CustomerImageRows<'_> {
    pub async fn add(&self, image: &CustomerImage) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO customer_images (id, customer_id, source_id, target_url, width, height, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(image.id.to_string())
        .bind(image.customer.to_string())
        .bind(image.code.as_ref().map(|code| code.source.to_string()))
        .bind(image.code.as_ref().map(|code| code.target_url.as_str()))
        .bind(i64::from(image.width))
        .bind(i64::from(image.height))
        .bind(micros(image.created_at))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    pub async fn get(&self, id: CustomerImageId) -> Result<Option<CustomerImage>, StoreError> {
        let row = sqlx::query("SELECT * FROM customer_images WHERE id = $1 AND doomed = 0")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| image(&row)).transpose()
    }

    /// The picture below another, if that has a code on it.
    pub async fn source_of(&self, id: CustomerImageId) -> Result<Option<CustomerImageId>, StoreError> {
        Ok(self.get(id).await?.and_then(|image| image.code).map(|code| code.source))
    }

    /// Marks what nothing needs of what was made before `until`, and returns everything that is marked:
    /// whose files are to be removed. From here on the pictures are not there.
    pub async fn doom_unused(
        &self,
        until: DateTime<Utc>,
    ) -> Result<Vec<(UserId, CustomerImageId)>, StoreError> {
        let mut tx = self.0.write().await?;
        let mark = format!(
            "UPDATE customer_images SET doomed = 1 WHERE id IN \
             (SELECT i.id FROM customer_images i WHERE i.created_at < $1 AND {UNUSED})"
        );
        sqlx::query(sqlx::AssertSqlSafe(mark)).bind(micros(until)).execute(&mut *tx).await?;
        tx.commit().await?;
        sqlx::query("SELECT id, customer_id FROM customer_images WHERE doomed = 1")
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| Ok((text(row, "customer_id")?, text(row, "id")?)))
            .collect()
    }

    /// The files of a marked picture are gone, and now its row.
    pub async fn remove(&self, id: CustomerImageId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM customer_images WHERE id = $1 AND doomed = 1")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

pub(super) async fn get(
    tx: &mut Transaction<'static, Any>,
    id: CustomerImageId,
) -> Result<Option<CustomerImage>, StoreError> {
    let row = sqlx::query("SELECT * FROM customer_images WHERE id = $1 AND doomed = 0")
        .bind(id.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    row.map(|row| image(&row)).transpose()
}

fn image(row: &AnyRow) -> Result<CustomerImage, StoreError> {
    let source: Option<CustomerImageId> = super::optional_text(row, "source_id")?;
    let target_url: Option<String> = row.try_get("target_url")?;
    Ok(CustomerImage {
        id: text(row, "id")?,
        customer: text(row, "customer_id")?,
        code: source.zip(target_url).map(|(source, target_url)| ImageCode { source, target_url }),
        width: unsigned(row, "width")?,
        height: unsigned(row, "height")?,
        created_at: time(row, "created_at")?,
    })
}
