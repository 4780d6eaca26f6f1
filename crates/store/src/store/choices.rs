//! What guests and the couple have chosen.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    IN_LIST, Store, StoreError, flag, micros, optional_time, photo_row::stars, placeholders, text, time,
    unsigned,
};
use crate::domain::{ChoiceKind, ChoiceList, ChoiceListId, PhotoId, PhotoSessionId};

pub struct ChoiceRows<'a>(pub(super) &'a Store);

/// The outcome of choosing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choosing {
    /// The list holds so many photos now.
    Done(u64),
    /// It would hold more than it may; nothing was chosen.
    Full(u32),
    /// There is no such list any more.
    NoList,
}

/// Who has chosen a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// Orders that stand.
    Orders,
    /// The photographer, with stars, a label or a rejection.
    Studio,
    /// Guests' hearts.
    Hearts,
    Couple,
    /// The owner of one list.
    List(ChoiceListId),
}

/// A photo that somebody has chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenPhoto {
    pub id: PhotoId,
    pub filename: String,
    /// The name of the RAW beside it.
    pub raw_filename: Option<String>,
    /// Orders that name it.
    pub orders: u64,
    /// Copies in all of them.
    pub quantity: u64,
    pub hearts: Hearts,
    /// Stars, 1 to 5; -1 is "rejected".
    pub rating: Option<i8>,
    pub label: Option<String>,
}

/// How often a photo is in the lists of its session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hearts {
    pub guests: u64,
    pub by_couple: bool,
}

impl Hearts {
    fn of(row: &AnyRow) -> Result<Self, StoreError> {
        let couple: u64 = unsigned(row, "couple")?;
        Ok(Self { guests: unsigned(row, "hearts")?, by_couple: couple > 0 })
    }
}

/// Counts of the lists of one kind, as columns.
const HEARTS: &str = "CAST(SUM(CASE WHEN t.kind = 'guest' THEN 1 ELSE 0 END) AS BIGINT) AS hearts, \
     CAST(SUM(CASE WHEN t.kind = 'couple' THEN 1 ELSE 0 END) AS BIGINT) AS couple";

const SELECT: &str = "SELECT t.*, (SELECT COUNT(*) FROM choice_photos c JOIN photos p ON p.id = c.photo_id \
     WHERE c.list_id = t.id AND p.bin_until IS NULL) AS photos \
     FROM choice_lists t";

impl ChoiceRows<'_> {
    /// Writes a new list.
    pub async fn create(&self, list: &ChoiceList) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO choice_lists (id, photo_session_id, kind, name, most, is_shared, turn, created_at, \
             changed_at, may_hide) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(list.id.to_string())
        .bind(list.session.to_string())
        .bind(list.kind.as_str())
        .bind(list.name.as_deref())
        .bind(list.most.map(i64::from))
        .bind(i64::from(list.is_shared))
        .bind(i64::from(list.turn))
        .bind(micros(list.created_at))
        .bind(micros(list.changed_at))
        .bind(i64::from(list.may_hide))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    pub async fn get(&self, id: ChoiceListId) -> Result<Option<ChoiceList>, StoreError> {
        let sql = format!("{SELECT} WHERE t.id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_string());
        row.fetch_optional(&self.0.reads).await?.as_ref().map(list).transpose()
    }

    /// The session's lists; the couple's first, then those that were changed last.
    pub async fn of_session(&self, session: PhotoSessionId) -> Result<Vec<ChoiceList>, StoreError> {
        let sql = format!("{SELECT} WHERE t.photo_session_id = $1 ORDER BY t.kind, t.changed_at DESC, t.id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
        rows.fetch_all(&self.0.reads).await?.iter().map(list).collect()
    }

    /// Its photos, in the order in which they were chosen.
    pub async fn photos(&self, id: ChoiceListId) -> Result<Vec<PhotoId>, StoreError> {
        sqlx::query("SELECT photo_id FROM choice_photos WHERE list_id = $1 ORDER BY chosen_at, photo_id")
            .bind(id.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| text(row, "photo_id"))
            .collect()
    }

    /// The first `most` photos of each list of a session, in the order in which they were chosen.
    pub async fn first_photos(
        &self,
        session: PhotoSessionId,
        most: u32,
    ) -> Result<HashMap<ChoiceListId, Vec<PhotoId>>, StoreError> {
        let rows = sqlx::query(
            "SELECT list_id, photo_id FROM (SELECT c.list_id, c.photo_id, \
             ROW_NUMBER() OVER (PARTITION BY c.list_id ORDER BY c.chosen_at, c.photo_id) AS place \
             FROM choice_photos c JOIN choice_lists t ON t.id = c.list_id WHERE t.photo_session_id = $1) first \
             WHERE place <= $2 ORDER BY list_id, place",
        )
        .bind(session.to_string())
        .bind(i64::from(most))
        .fetch_all(&self.0.reads)
        .await?;
        let mut first: HashMap<ChoiceListId, Vec<PhotoId>> = HashMap::new();
        for row in &rows {
            first.entry(text(row, "list_id")?).or_default().push(text(row, "photo_id")?);
        }
        Ok(first)
    }

    /// Puts photos of the list's session into it. Two devices that choose at once do not get past its limit.
    pub async fn choose(
        &self,
        id: ChoiceListId,
        photos: &[PhotoId],
        now: DateTime<Utc>,
    ) -> Result<Choosing, StoreError> {
        let mut tx = self.0.write().await?;
        for photo in photos {
            sqlx::query(
                "INSERT INTO choice_photos (list_id, photo_id, chosen_at) SELECT t.id, p.id, $3 FROM choice_lists t \
                 JOIN photos p ON p.photo_session_id = t.photo_session_id WHERE t.id = $1 AND p.id = $2 \
                 ON CONFLICT (list_id, photo_id) DO NOTHING",
            )
            .bind(id.to_string())
            .bind(photo.to_string())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        }
        settle(tx, id, now).await
    }

    /// Takes photos out of a list.
    pub async fn leave(
        &self,
        id: ChoiceListId,
        photos: &[PhotoId],
        now: DateTime<Utc>,
    ) -> Result<Choosing, StoreError> {
        let mut tx = self.0.write().await?;
        for chunk in photos.chunks(IN_LIST) {
            let listed = placeholders(2, chunk.len());
            let sql = format!("DELETE FROM choice_photos WHERE list_id = $1 AND photo_id IN ({listed})");
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_string());
            let query = chunk.iter().fold(query, |query, photo| query.bind(photo.to_string()));
            query.execute(&mut *tx).await?;
        }
        settle(tx, id, now).await
    }

    /// Writes everything but the photos; `false` when there is no such list.
    pub async fn change(&self, list: &ChoiceList) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let changed = sqlx::query(
            "UPDATE choice_lists SET name = $2, most = $3, is_shared = $4, turn = $5, changed_at = $6, \
             done_at = $7, may_hide = $8 WHERE id = $1",
        )
        .bind(list.id.to_string())
        .bind(list.name.as_deref())
        .bind(list.most.map(i64::from))
        .bind(i64::from(list.is_shared))
        .bind(i64::from(list.turn))
        .bind(micros(list.changed_at))
        .bind(list.done_at.map(micros))
        .bind(i64::from(list.may_hide))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Removes a list of the session with all that it holds; `false` when there is none.
    pub async fn erase(&self, session: PhotoSessionId, id: ChoiceListId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let erased = sqlx::query("DELETE FROM choice_lists WHERE id = $1 AND photo_session_id = $2")
            .bind(id.to_string())
            .bind(session.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(erased.rows_affected() > 0)
    }

    /// The photos of a session that somebody has chosen, by name. An order of the whole session names none.
    pub async fn chosen(
        &self,
        session: PhotoSessionId,
        by: Option<ChosenBy>,
    ) -> Result<Vec<ChosenPhoto>, StoreError> {
        let (condition, list) = match by {
            None => ("o.photo_id IS NOT NULL OR h.photo_id IS NOT NULL", None),
            Some(ChosenBy::Orders) => ("o.photo_id IS NOT NULL", None),
            Some(ChosenBy::Studio) => ("COALESCE(p.rating, 0) <> 0 OR p.label IS NOT NULL", None),
            Some(ChosenBy::Hearts) => ("h.hearts > 0", None),
            Some(ChosenBy::Couple) => ("h.couple > 0", None),
            Some(ChosenBy::List(list)) => (
                "EXISTS (SELECT 1 FROM choice_photos c WHERE c.photo_id = p.id AND c.list_id = $2)",
                Some(list),
            ),
        };
        let sql = format!(
            "SELECT p.id, p.filename, p.raw_filename, p.rating, p.label, COALESCE(o.orders, 0) AS orders, \
             COALESCE(o.quantity, 0) AS quantity, COALESCE(h.hearts, 0) AS hearts, COALESCE(h.couple, 0) AS couple \
             FROM photos p LEFT JOIN (SELECT l.photo_id, COUNT(DISTINCT s.id) AS orders, \
             CAST(SUM(l.quantity) AS BIGINT) AS quantity FROM shop_orders s JOIN shop_order_lines l ON l.order_id = s.id \
             WHERE s.photo_session_id = $1 AND s.status IN ('placed', 'paid', 'fulfilled') AND l.photo_id IS NOT NULL \
             GROUP BY l.photo_id) o ON o.photo_id = p.id \
             LEFT JOIN (SELECT c.photo_id, {HEARTS} FROM choice_photos c JOIN choice_lists t ON t.id = c.list_id \
             WHERE t.photo_session_id = $1 GROUP BY c.photo_id) h ON h.photo_id = p.id \
             WHERE p.photo_session_id = $1 AND p.bin_until IS NULL AND ({condition}) ORDER BY p.filename, p.id"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
        let query = match list {
            Some(list) => query.bind(list.to_string()),
            None => query,
        };
        query.fetch_all(&self.0.reads).await?.iter().map(chosen).collect()
    }

    /// How often each of these photos is chosen; those that nobody has chosen are left out.
    pub async fn hearts(&self, photos: &[PhotoId]) -> Result<HashMap<PhotoId, Hearts>, StoreError> {
        let mut hearts = HashMap::new();
        for chunk in photos.chunks(IN_LIST) {
            let sql = format!(
                "SELECT c.photo_id, {HEARTS} FROM choice_photos c JOIN choice_lists t ON t.id = c.list_id \
                 WHERE c.photo_id IN ({}) GROUP BY c.photo_id",
                placeholders(1, chunk.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql));
            let query = chunk.iter().fold(query, |query, photo| query.bind(photo.to_string()));
            for row in query.fetch_all(&self.0.reads).await? {
                hearts.insert(text(&row, "photo_id")?, Hearts::of(&row)?);
            }
        }
        Ok(hearts)
    }
}

/// Ends a change of a list's photos, unless it holds too many then. Who goes on choosing is not done.
async fn settle(
    mut tx: Transaction<'static, Any>,
    id: ChoiceListId,
    now: DateTime<Utc>,
) -> Result<Choosing, StoreError> {
    let sql = format!("{SELECT} WHERE t.id = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_string()).fetch_optional(&mut *tx).await?;
    let Some(list) = row.as_ref().map(list).transpose()? else { return Ok(Choosing::NoList) };
    if let Some(most) = list.most.filter(|most| list.photos > u64::from(*most)) {
        return Ok(Choosing::Full(most));
    }
    sqlx::query("UPDATE choice_lists SET changed_at = $2, done_at = NULL WHERE id = $1")
        .bind(id.to_string())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Choosing::Done(list.photos))
}

fn list(row: &AnyRow) -> Result<ChoiceList, StoreError> {
    let kind: ChoiceKind = text(row, "kind")?;
    let most: Option<i64> = row.try_get("most")?;
    Ok(ChoiceList {
        id: text(row, "id")?,
        session: text(row, "photo_session_id")?,
        kind,
        name: row.try_get("name")?,
        most: most.and_then(|most| u32::try_from(most).ok()),
        may_hide: flag(row, "may_hide")?,
        is_shared: flag(row, "is_shared")?,
        turn: unsigned(row, "turn")?,
        photos: unsigned(row, "photos")?,
        created_at: time(row, "created_at")?,
        changed_at: time(row, "changed_at")?,
        done_at: optional_time(row, "done_at")?,
    })
}

fn chosen(row: &AnyRow) -> Result<ChosenPhoto, StoreError> {
    Ok(ChosenPhoto {
        id: text(row, "id")?,
        filename: row.try_get("filename")?,
        raw_filename: row.try_get("raw_filename")?,
        orders: unsigned(row, "orders")?,
        quantity: unsigned(row, "quantity")?,
        hearts: Hearts::of(row)?,
        rating: stars(row)?,
        label: row.try_get("label")?,
    })
}
