//! Erasures that somebody asked for: the rows go in the transaction that notes the request, and the note stays until
//! nothing of it is left anywhere, and longer, as a receipt.

use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};
use uuid::Uuid;

use super::{
    Erased, ErasureRequest, IN_LIST, NewErasure, Newest, NewsKept, Removed, RemovedAccount, Store,
    StoreError, accounts, erase, erasure_notes, erasures, faces, flag, guests, micros, news_kept, once,
    placeholders, text, withheld,
};
use crate::domain::{
    ConsentId, Erasable, ErasureId, FaceId, Once, OnceKey, OrderId, PersonId, PhotoId, PhotoSessionId,
    RelativeBox, StudioId, UserId,
};

pub struct ErasureRequestRows<'a>(pub(super) &'a Store);

impl ErasureRequest {
    /// When nothing can be written any more by whoever had a photo in hand.
    #[must_use]
    pub fn quiet_from(&self) -> DateTime<Utc> {
        if self.in_hand { self.asked.asked_at + erasures::IN_HAND } else { self.asked.asked_at }
    }
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The rows are gone. With the photos that guests see now or do not see any more.
    Begun(Vec<PhotoId>),
    /// The key was used before.
    Once(Once),
    /// There is nothing like that.
    NotFound,
}

/// Whose erasures are listed.
#[derive(Debug, Clone, Default)]
pub struct ErasureFilter {
    /// Of one of these, or else asked for by `asked_by`; of all when it is `None`.
    pub studios: Option<Vec<StudioId>>,
    pub asked_by: Option<UserId>,
}

impl ErasureRequestRows<'_> {
    /// Erases the rows and notes what is left to do. `measured`: the files and vectors that there are.
    pub async fn ask(
        &self,
        new: &NewErasure,
        measured: Removed,
        key: Option<&OnceKey>,
    ) -> Result<Asked, StoreError> {
        let mut tx = self.0.write().await?;
        if let Some(key) = key {
            let once = once::claim(&mut tx, key, &new.id.to_string(), new.asked_at).await?;
            if once != Once::First {
                return Ok(Asked::Once(once));
            }
        }
        let Some(gone) = erase_rows(&mut tx, new.of, new.session, new.asked_at).await? else {
            return Ok(Asked::NotFound);
        };
        let vectors = if gone.faces.is_empty() { measured.vectors } else { gone.faces.len() as u64 };
        let removed = Removed {
            rows: gone.rows,
            vectors,
            originals: gone.originals,
            faces: gone.faces,
            account: gone.account,
            ..measured
        };
        erasure_notes::note(&mut tx, new, &removed, gone.in_hand).await?;
        tx.commit().await?;
        Ok(Asked::Begun(gone.turned))
    }

    /// Erases what a receipt of another time names, without a note of it; `false` when it was not there.
    pub async fn carry_out(&self, of: Erasable, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let session = match of {
            Erasable::Session(session) => Some(session),
            Erasable::Person(person) => session_of(&mut tx, person).await?,
            // Of no account for these.
            Erasable::Photo(_)
            | Erasable::Consent(_)
            | Erasable::Order(_)
            | Erasable::Account(_)
            | Erasable::News(_) => Some(PhotoSessionId(Uuid::nil())),
        };
        let Some(session) = session else { return Ok(false) };
        let gone = erase_rows(&mut tx, of, session, now).await?;
        tx.commit().await?;
        Ok(gone.is_some())
    }

    /// What the key was used for before, if it was.
    pub async fn answered(&self, key: &OnceKey) -> Result<Option<Once>, StoreError> {
        once::answered(&self.0.reads, key).await
    }

    pub async fn get(&self, id: ErasureId) -> Result<Option<ErasureRequest>, StoreError> {
        let row = sqlx::query("SELECT * FROM erasure_requests WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.as_ref().map(erasure_notes::request).transpose()
    }

    /// Newest first.
    pub async fn list(
        &self,
        filter: &ErasureFilter,
        after: Option<Newest<ErasureId>>,
        limit: u32,
    ) -> Result<Vec<ErasureRequest>, StoreError> {
        let (at, id) = Newest::bound(after);
        let studios = filter.studios.as_deref().unwrap_or_default();
        let list = if studios.is_empty() { "''".to_owned() } else { placeholders(6, studios.len()) };
        let sql = format!(
            "SELECT * FROM erasure_requests WHERE (asked_at, id) < ($1, $2) \
             AND ($4 = 1 OR asked_by = $5 OR studio_id IN ({list})) ORDER BY asked_at DESC, id DESC LIMIT $3"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(at)
            .bind(id)
            .bind(i64::from(limit))
            .bind(i64::from(filter.studios.is_none()))
            .bind(filter.asked_by.map_or_else(String::new, |user| user.to_string()));
        let query = studios.iter().fold(query, |query, studio| query.bind(studio.to_string()));
        query.fetch_all(&self.0.reads).await?.iter().map(erasure_notes::request).collect()
    }

    /// Those that are not at their end and due by `now`, oldest first.
    pub async fn due(&self, now: DateTime<Utc>) -> Result<Vec<ErasureRequest>, StoreError> {
        sqlx::query(
            "SELECT * FROM erasure_requests WHERE completed_at IS NULL AND due_at <= $1 \
             ORDER BY asked_at, id LIMIT 500",
        )
        .bind(micros(now))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(erasure_notes::request)
        .collect()
    }

    /// It is looked at again at `due`, because of `waits_for`.
    pub async fn postpone(
        &self,
        id: ErasureId,
        due: DateTime<Utc>,
        waits_for: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE erasure_requests SET due_at = $2, waits_for = $3 WHERE id = $1")
            .bind(id.to_string())
            .bind(micros(due))
            .bind(waits_for)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Nothing is left.
    pub async fn complete(&self, id: ErasureId, receipt: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE erasure_requests SET receipt = $2, completed_at = $3, waits_for = NULL WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(receipt)
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Boxes of faces in the photo that were erased.
    pub async fn erased_faces(&self, photo: PhotoId) -> Result<Vec<RelativeBox>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        sqlx::query("SELECT * FROM erased_faces WHERE photo_id = $1")
            .bind(photo.to_string())
            .fetch_all(&mut *reading)
            .await?
            .iter()
            .map(faces::rect)
            .collect()
    }
}

/// Rows that are gone, and what they named.
#[derive(Default)]
struct Gone {
    rows: Erased,
    originals: Vec<PhotoId>,
    faces: Vec<FaceId>,
    account: Option<RemovedAccount>,
    in_hand: bool,
    /// Photos that guests see now, or do not see any more.
    turned: Vec<PhotoId>,
}

async fn erase_rows(
    tx: &mut Transaction<'static, Any>,
    of: Erasable,
    session: PhotoSessionId,
    now: DateTime<Utc>,
) -> Result<Option<Gone>, StoreError> {
    Ok(match of {
        Erasable::Session(id) => {
            let in_hand = photos_in_hand(tx, id).await?;
            let rows = erase::session(tx, id).await?;
            // A session of a studio's own database has no row here, and may be erased all the same.
            Some(Gone { rows, in_hand, ..Gone::default() })
        }
        Erasable::Photo(id) => erasures::begin(tx, id, now).await?.map(|erasure| Gone {
            rows: erasure.rows,
            originals: erasure.originals,
            in_hand: erasure.again,
            ..Gone::default()
        }),
        Erasable::Person(id) => erase_person(tx, session, id).await?,
        Erasable::Consent(id) => erase_consent(tx, id, now).await?,
        Erasable::Order(id) => erase_order(tx, id).await?,
        Erasable::News(id) => erase_news(tx, id).await?,
        Erasable::Account(id) => {
            let gone = accounts::erase(tx, id, now).await?;
            gone.map(|account| Gone { account: Some(account), ..Gone::default() })
        }
    })
}

/// Whether a worker has a photo of the session in hand.
async fn photos_in_hand(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
) -> Result<bool, StoreError> {
    let leased = sqlx::query(
        "SELECT 1 AS n FROM jobs WHERE lease_owner IS NOT NULL AND (subject = $1 \
         OR subject IN (SELECT id FROM photos WHERE photo_session_id = $1) \
         OR subject IN (SELECT id FROM face_batches WHERE photo_session_id = $1)) LIMIT 1",
    )
    .bind(session.to_string())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(leased.is_some())
}

async fn erase_consent(
    tx: &mut Transaction<'static, Any>,
    id: ConsentId,
    now: DateTime<Utc>,
) -> Result<Option<Gone>, StoreError> {
    let gone = guests::erase(tx, id, now).await?;
    Ok(gone.map(|guests::ConsentGone { searches, turned, photos, comments }| {
        let rows =
            Erased { consents: 1, searches, photos: photos.len() as u64, comments, ..Erased::default() };
        Gone { rows, turned, originals: photos, ..Gone::default() }
    }))
}

async fn erase_order(tx: &mut Transaction<'static, Any>, id: OrderId) -> Result<Option<Gone>, StoreError> {
    let orders_emptied = erase::buyer(tx, id).await?;
    let rows = Erased { orders_emptied, ..Erased::default() };
    Ok((orders_emptied > 0).then(|| Gone { rows, ..Gone::default() }))
}

async fn erase_news(tx: &mut Transaction<'static, Any>, id: ConsentId) -> Result<Option<Gone>, StoreError> {
    let NewsKept { news, news_vectors } = news_kept::erase(tx, id).await?;
    let rows = Erased { news, news_vectors, ..Erased::default() };
    Ok((news > 0).then(|| Gone { rows, ..Gone::default() }))
}

async fn session_of(
    tx: &mut Transaction<'static, Any>,
    person: PersonId,
) -> Result<Option<PhotoSessionId>, StoreError> {
    let row = sqlx::query("SELECT photo_session_id FROM people WHERE id = $1")
        .bind(person.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    row.map(|row| text(&row, "photo_session_id")).transpose()
}

/// Erases somebody's faces and all that is known of them. Where a face was stays noted, so that nothing brings it back;
/// photos that were withheld because of this person are hidden by hand from now on.
async fn erase_person(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    person: PersonId,
) -> Result<Option<Gone>, StoreError> {
    let sql = format!(
        "SELECT f.photo_id, f.x, f.y, f.w, f.h, CASE WHEN {} THEN 1 ELSE 0 END AS is_hidden FROM people p \
         LEFT JOIN person_faces f ON f.person_id = p.id WHERE p.id = $1 AND p.photo_session_id = $2",
        withheld::HIDDEN
    );
    let placed = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(person.to_string())
        .bind(session.to_string())
        .fetch_all(&mut **tx)
        .await?;
    if placed.is_empty() {
        return Ok(None);
    }
    let mut faces = Vec::new();
    let mut photos = Vec::new();
    for row in &placed {
        let Some(photo) = super::optional_text::<PhotoId>(row, "photo_id")? else { continue };
        faces.extend(erase_face(tx, photo, faces::rect(row)?, flag(row, "is_hidden")?).await?);
        photos.push(photo);
    }
    let people = sqlx::query("DELETE FROM people WHERE id = $1")
        .bind(person.to_string())
        .execute(&mut **tx)
        .await?
        .rows_affected();
    let in_hand = jobs_in_hand(tx, &photos).await?;
    let turned = withheld::settle(tx, session).await?;
    let rows = Erased { people, faces: faces.len() as u64, ..Erased::default() };
    Ok(Some(Gone { rows, faces, in_hand, turned, ..Gone::default() }))
}

/// Erases the face at a place of a photo, as each model has it.
async fn erase_face(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    place: RelativeBox,
    is_hidden: bool,
) -> Result<Vec<FaceId>, StoreError> {
    let rows = sqlx::query("SELECT id, x, y, w, h FROM faces WHERE photo_id = $1")
        .bind(photo.to_string())
        .fetch_all(&mut **tx)
        .await?;
    let mut gone = Vec::new();
    for row in &rows {
        if faces::rect(row)?.is_same_face(&place) {
            gone.push(faces::face_id(row)?);
        }
    }
    for face in &gone {
        news_kept::faces_gone(tx, "id", &face.to_string()).await?;
        sqlx::query("DELETE FROM faces WHERE id = $1").bind(face.to_string()).execute(&mut **tx).await?;
    }
    withheld::vectors_gone(tx, photo).await?;
    sqlx::query("INSERT INTO erased_faces (photo_id, x, y, w, h) VALUES ($1, $2, $3, $4, $5)")
        .bind(photo.to_string())
        .bind(f64::from(place.x))
        .bind(f64::from(place.y))
        .bind(f64::from(place.w))
        .bind(f64::from(place.h))
        .execute(&mut **tx)
        .await?;
    if is_hidden {
        sqlx::query("UPDATE photos SET is_selected = 0 WHERE id = $1")
            .bind(photo.to_string())
            .execute(&mut **tx)
            .await?;
    }
    Ok(gone)
}

async fn jobs_in_hand(tx: &mut Transaction<'static, Any>, photos: &[PhotoId]) -> Result<bool, StoreError> {
    for chunk in photos.chunks(IN_LIST) {
        let list = placeholders(1, chunk.len());
        let sql =
            format!("SELECT 1 AS n FROM jobs WHERE lease_owner IS NOT NULL AND subject IN ({list}) LIMIT 1");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
        if query.fetch_optional(&mut **tx).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
