//! Placement orders. What an order takes from its customer's balance, or gives back, commits with it.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    Once, OnceKey, Store, StoreError, balances, below, customer_images, mails, micros, once, optional_text,
    optional_time, text, time, unsigned,
};
use crate::domain::{
    CustomerImage, Email, Geo, Mail, PLACEMENT_CURRENCY, Placement, PlacementId, PlacementStatus, UserId,
};

pub struct PlacementRows<'a>(pub(super) &'a Store);

/// The customer's balance does not cover the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InsufficientBalance {
    /// In minor units.
    pub available: i64,
}

/// The filter of a list of orders; a field that is `None` does not narrow it.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlacementFilter {
    pub customer: Option<UserId>,
    pub status: Option<PlacementStatus>,
}

impl PlacementRows<'_> {
    /// Creates the order, unless its request was answered before. `check` sees it with its picture; when
    /// it refuses, or the balance does, nothing is written, and the key may be used again. `once` is the
    /// request and the answer that it gets if this is the first of it.
    pub async fn create_once<E: From<InsufficientBalance> + Send>(
        &self,
        new: &Placement,
        check: impl FnOnce(&Placement, Option<&CustomerImage>) -> Result<(), E> + Send,
        once: Option<(&OnceKey, &str)>,
        mails: &[Mail],
    ) -> Result<Result<Once, E>, StoreError> {
        let mut tx = self.0.write().await?;
        if let Some((key, answer)) = once {
            let earlier = once::claim(&mut tx, key, answer, new.created_at).await?;
            if earlier != Once::First {
                return Ok(Ok(earlier));
            }
        }
        if let Err(refused) = check(new, picture_of(&mut tx, new).await?.as_ref()) {
            return Ok(Err(refused));
        }
        let mut new = new.clone();
        if let Err(refused) = settle(&mut tx, PlacementStatus::Draft, &mut new).await? {
            return Ok(Err(refused.into()));
        }
        insert(&mut tx, &new).await?;
        mails::enqueue(&mut tx, mails, new.created_at).await?;
        tx.commit().await?;
        Ok(Ok(Once::First))
    }

    /// Changes an order in one transaction: as `edit` says, if `check` then agrees to the order with its
    /// picture, and the balance to what a new status costs. `told` makes the mails about a new status. `None` when there
    /// is no such order.
    pub async fn change<E: From<InsufficientBalance> + Send>(
        &self,
        id: PlacementId,
        edit: impl FnOnce(&mut Placement) -> Result<(), E> + Send,
        check: impl FnOnce(&Placement, Option<&CustomerImage>) -> Result<(), E> + Send,
        told: impl FnOnce(&Placement) -> Vec<Mail> + Send,
    ) -> Result<Option<Result<Placement, E>>, StoreError> {
        let mut tx = self.0.write().await?;
        // Other writers wait from here on, also in a database with several writers.
        sqlx::query("UPDATE placements SET updated_at = updated_at WHERE id = $1")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        let row = sqlx::query("SELECT * FROM placements WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut changed = placement(&row)?;
        let before = changed.status;
        if let Err(refused) = edit(&mut changed) {
            return Ok(Some(Err(refused)));
        }
        if let Err(refused) = check(&changed, picture_of(&mut tx, &changed).await?.as_ref()) {
            return Ok(Some(Err(refused)));
        }
        if let Err(refused) = settle(&mut tx, before, &mut changed).await? {
            return Ok(Some(Err(refused.into())));
        }
        update(&mut tx, &changed).await?;
        if changed.status != before {
            mails::enqueue(&mut tx, &told(&changed), changed.updated_at).await?;
        }
        tx.commit().await?;
        Ok(Some(Ok(changed)))
    }

    /// The addresses of those who move a customer's orders on: super admins, and the admins of the customer's studios, of
    /// every studio for a customer of none.
    pub async fn desk(&self, customer: UserId, now: DateTime<Utc>) -> Result<Vec<Email>, StoreError> {
        sqlx::query(
            "SELECT u.email FROM users u WHERE u.disabled = 0 AND u.email IS NOT NULL AND (u.role = 'super_admin' \
             OR (u.role = 'admin' AND EXISTS (SELECT 1 FROM studio_members m WHERE m.user_id = u.id \
                 AND (m.ends_at IS NULL OR m.ends_at > $2) \
                 AND (NOT EXISTS (SELECT 1 FROM studio_members c WHERE c.user_id = $1) \
                      OR m.studio_id IN (SELECT studio_id FROM studio_members WHERE user_id = $1))))) \
             ORDER BY u.id",
        )
        .bind(customer.to_string())
        .bind(micros(now))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(|row| text(row, "email"))
        .collect()
    }

    pub async fn get(&self, id: PlacementId) -> Result<Option<Placement>, StoreError> {
        sqlx::query("SELECT * FROM placements WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| placement(&row))
            .transpose()
    }

    /// Newest first; `after` is the last order of the page before.
    pub async fn list(
        &self,
        filter: PlacementFilter,
        after: Option<PlacementId>,
        limit: u32,
    ) -> Result<Vec<Placement>, StoreError> {
        // An empty value does not narrow.
        sqlx::query(
            "SELECT * FROM placements WHERE id < $1 AND ($2 = '' OR customer_id = $2) \
             AND ($3 = '' OR status = $3) ORDER BY id DESC LIMIT $4",
        )
        .bind(below(after))
        .bind(filter.customer.map(|id| id.to_string()).unwrap_or_default())
        .bind(filter.status.map_or("", PlacementStatus::as_str))
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(placement)
        .collect()
    }

    /// Removes a draft; `false` when there is none of that id.
    pub async fn delete_draft(&self, id: PlacementId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query("DELETE FROM placements WHERE id = $1 AND status = 'draft'")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 1 {
            once::forget(&mut tx, &id.to_string()).await?;
        }
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

async fn picture_of(
    tx: &mut Transaction<'static, Any>,
    placement: &Placement,
) -> Result<Option<CustomerImage>, StoreError> {
    match placement.image {
        Some(image) => customer_images::get(tx, image).await,
        None => Ok(None),
    }
}

/// Moves money as the order's new status says, and notes in the order what is reserved for it now.
async fn settle(
    tx: &mut Transaction<'static, Any>,
    before: PlacementStatus,
    after: &mut Placement,
) -> Result<Result<(), InsufficientBalance>, StoreError> {
    use PlacementStatus::{Cancelled, Completed, Draft, InProgress, Placed};
    match (before, after.status) {
        (Draft, Placed) => {
            match balances::reserve(
                tx,
                after.customer,
                after.total_amount.unwrap_or_default(),
                after.updated_at,
            )
            .await?
            {
                Ok(reserved) => after.reserved = reserved,
                Err(refused) => return Ok(Err(refused)),
            }
        }
        (Placed | InProgress, Cancelled | Completed) => {
            let spent = if after.status == Completed { after.reserved } else { 0 };
            balances::settle(tx, after.customer, after.reserved, spent, after.updated_at).await?;
            after.reserved = 0;
        }
        _ => {}
    }
    Ok(Ok(()))
}

async fn insert(tx: &mut Transaction<'static, Any>, new: &Placement) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO placements (id, customer_id, status, title, description, target_url, total_amount, currency, \
         country, region, city, deadline, platforms, image_id, reserved, created_at, updated_at) \
         VALUES ($1, $2, '', '', '', '', NULL, $3, '', '', '', NULL, '[]', NULL, 0, $4, $4)",
    )
    .bind(new.id.to_string())
    .bind(new.customer.to_string())
    .bind(PLACEMENT_CURRENCY)
    .bind(micros(new.created_at))
    .execute(&mut **tx)
    .await?;
    update(tx, new).await
}

async fn update(tx: &mut Transaction<'static, Any>, placement: &Placement) -> Result<(), StoreError> {
    let platforms = serde_json::to_string(&placement.platforms)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query(
        "UPDATE placements SET status = $2, title = $3, description = $4, target_url = $5, total_amount = $6, \
         country = $7, region = $8, city = $9, deadline = $10, platforms = $11, image_id = $12, reserved = $13, \
         updated_at = $14, qr_code_url = $15 WHERE id = $1",
    )
    .bind(placement.id.to_string())
    .bind(placement.status.as_str())
    .bind(placement.title.as_str())
    .bind(placement.description.as_str())
    .bind(placement.target_url.as_str())
    .bind(placement.total_amount)
    .bind(placement.geo.country.as_str())
    .bind(placement.geo.region.as_str())
    .bind(placement.geo.city.as_str())
    .bind(placement.deadline.map(micros))
    .bind(platforms)
    .bind(placement.image.map(|id| id.to_string()))
    .bind(placement.reserved)
    .bind(micros(placement.updated_at))
    .bind(Some(placement.qr_code_url.as_str()).filter(|url| !url.is_empty()))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn placement(row: &AnyRow) -> Result<Placement, StoreError> {
    let platforms = serde_json::from_str(row.try_get("platforms")?);
    Ok(Placement {
        id: text(row, "id")?,
        customer: text(row, "customer_id")?,
        status: text(row, "status")?,
        title: row.try_get("title")?,
        description: row.try_get("description")?,
        target_url: row.try_get("target_url")?,
        total_amount: row.try_get("total_amount")?,
        geo: Geo {
            country: row.try_get("country")?,
            region: row.try_get("region")?,
            city: row.try_get("city")?,
        },
        deadline: optional_time(row, "deadline")?,
        platforms: platforms.map_err(|_| StoreError::Corrupt("column platforms".to_owned()))?,
        image: optional_text(row, "image_id")?,
        qr_code_url: row.try_get::<Option<String>, _>("qr_code_url")?.unwrap_or_default(),
        reserved: unsigned(row, "reserved")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
