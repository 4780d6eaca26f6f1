//! Guests who ask to be left out of a session's photos.
//!
//! No vector is kept for it: whose later photos are to be held back is a person of the session. While a wish stands, that
//! is whom the photographer knows by those faces already, or else somebody made of them (`people.of_wish`), who goes when
//! the wish does. Nobody's name is touched by a guest who only asks.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    Consent, Store, StoreError, consents, flag, micros, optional_text, optional_time, people, text, time,
    unsigned, withheld,
};
use crate::domain::{
    HideRequestId, HideState, Language, PersonFaceId, PersonId, PhotoId, PhotoSessionId, RelativeBox,
    StudioId,
};

pub struct HideRows<'a>(pub(super) &'a Store);

/// What a guest asks.
#[derive(Debug, Clone)]
pub struct NewHide {
    pub session: PhotoSessionId,
    pub studio: StudioId,
    /// A hash of what the guest keeps.
    pub code: String,
    /// The photos, each with the guest's face there.
    pub faces: Vec<(PhotoId, RelativeBox)>,
    /// Later photos of the guest are held back too.
    pub later: bool,
    /// That the request is made under; the request has its id.
    pub consent: Consent,
}

impl NewHide {
    fn id(&self) -> HideRequestId {
        HideRequestId(self.consent.id.0)
    }
}

/// How a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HideRequest {
    pub id: HideRequestId,
    pub session: PhotoSessionId,
    pub state: HideState,
    /// How many photos were asked for.
    pub asked: u64,
    /// How many of them are there.
    pub photos: u64,
    /// How many came later and are held back.
    pub later: u64,
    pub person: Option<PersonId>,
    pub version: String,
    pub language: Language,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
}

const SELECT: &str = "SELECT r.*, \
     (SELECT COUNT(*) FROM hide_photos h WHERE h.request_id = r.id) AS there, \
     (SELECT COUNT(*) FROM person_faces f WHERE f.person_id = r.person_id AND NOT EXISTS \
     (SELECT 1 FROM hide_photos h WHERE h.request_id = r.id AND h.photo_id = f.photo_id)) AS later \
     FROM hide_requests r";

impl HideRows<'_> {
    /// Whether what guests ask to have left out goes without the photographer's word.
    pub async fn by_itself(&self, session: PhotoSessionId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT by_itself FROM session_wishes WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map_or(Ok(false), |row| flag(&row, "by_itself"))
    }

    pub async fn set_by_itself(&self, session: PhotoSessionId, by_itself: bool) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO session_wishes (photo_session_id, by_itself) VALUES ($1, $2) \
             ON CONFLICT (photo_session_id) DO UPDATE SET by_itself = excluded.by_itself",
        )
        .bind(session.to_string())
        .bind(i64::from(by_itself))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Writes a request; with `at_once` the photos go now. Returns those that guests do not see any more.
    pub async fn ask(
        &self,
        new: &NewHide,
        at_once: bool,
        now: DateTime<Utc>,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let mut tx = self.0.write().await?;
        // What is grouped is counted there, also where people are off.
        sqlx::query(
            "INSERT INTO session_people (photo_session_id, studio_id, is_on, for_guests, revision, last_number) \
             VALUES ($1, $2, 0, 0, 0, 0) ON CONFLICT (photo_session_id) DO NOTHING",
        )
        .bind(new.session.to_string())
        .bind(new.studio.to_string())
        .execute(&mut *tx)
        .await?;
        insert(&mut tx, new, now).await?;
        let mut turned = Vec::new();
        if at_once {
            turn(&mut tx, new.session, new.id(), HideState::Hidden, now).await?;
            turned = withheld::settle(&mut tx, new.session).await?;
        }
        tx.commit().await?;
        Ok(turned)
    }

    /// The session's requests, the newest first.
    pub async fn list(&self, session: PhotoSessionId) -> Result<Vec<HideRequest>, StoreError> {
        let sql = format!("{SELECT} WHERE r.photo_session_id = $1 ORDER BY r.created_at DESC, r.id");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(request)
            .collect()
    }

    /// By the hash of the code that the guest keeps.
    pub async fn by_code(&self, code: &str) -> Result<Option<HideRequest>, StoreError> {
        let sql = format!("{SELECT} WHERE r.code = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(code).fetch_optional(&self.0.reads).await?;
        row.as_ref().map(request).transpose()
    }

    /// Settles a request, whatever it was before: what was asked for is hidden, or is not, and then what was grouped for
    /// it is erased. `None` when there is no such request in the session, or its guest has taken it back.
    pub async fn settle(
        &self,
        session: PhotoSessionId,
        id: HideRequestId,
        state: HideState,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<PhotoId>>, StoreError> {
        let mut tx = self.0.write().await?;
        if !turn(&mut tx, session, id, state, now).await? {
            return Ok(None);
        }
        let turned = withheld::settle(&mut tx, session).await?;
        tx.commit().await?;
        Ok(Some(turned))
    }
}

async fn insert(
    tx: &mut Transaction<'static, Any>,
    new: &NewHide,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    consents::record(tx, &new.consent).await?;
    sqlx::query(
        "INSERT INTO hide_requests (id, photo_session_id, code, later, state, photos, version, language, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(new.id().to_string())
    .bind(new.session.to_string())
    .bind(new.code.as_str())
    .bind(i64::from(new.later))
    .bind(HideState::Asked.as_str())
    .bind(new.faces.len().cast_signed() as i64)
    .bind(new.consent.version.as_str())
    .bind(new.consent.language.as_str())
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    for (photo, rect) in &new.faces {
        sqlx::query(
            "INSERT INTO hide_photos (request_id, photo_id, x, y, w, h) SELECT $1, id, $4, $5, $6, $7 FROM photos \
             WHERE id = $2 AND photo_session_id = $3 ON CONFLICT (request_id, photo_id) DO NOTHING",
        )
        .bind(new.id().to_string())
        .bind(photo.to_string())
        .bind(new.session.to_string())
        .bind(f64::from(rect.x))
        .bind(f64::from(rect.y))
        .bind(f64::from(rect.w))
        .bind(f64::from(rect.h))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Gives a request its state, and makes or erases what is grouped for it; `false` when there is none that can change.
pub(super) async fn turn(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    id: HideRequestId,
    state: HideState,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "UPDATE hide_requests SET state = $3, settled_at = $4 \
         WHERE id = $1 AND photo_session_id = $2 AND state <> 'withdrawn' RETURNING later, person_id",
    )
    .bind(id.to_string())
    .bind(session.to_string())
    .bind(state.as_str())
    .bind(micros(now))
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let person = optional_text::<PersonId>(&row, "person_id")?;
    if state == HideState::Hidden {
        if flag(&row, "later")? && person.is_none() {
            group(tx, session, id, now).await?;
        }
        return Ok(true);
    }
    let let_go = "UPDATE hide_requests SET person_id = NULL WHERE id = $1";
    sqlx::query(let_go).bind(id.to_string()).execute(&mut **tx).await?;
    if let Some(person) = person {
        let gone = "person_id = $1 AND EXISTS (SELECT 1 FROM people p WHERE p.id = $1 AND p.of_wish = 1) \
                    AND NOT EXISTS (SELECT 1 FROM hide_requests r WHERE r.person_id = $1)";
        for sql in [
            // The faces are somebody's again, where people are on.
            format!(
                "UPDATE photos SET people_seen = 0 WHERE id IN (SELECT photo_id FROM person_faces WHERE {gone})"
            ),
            format!("DELETE FROM person_faces WHERE {gone}"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(person.to_string()).execute(&mut **tx).await?;
        }
    }
    if state == HideState::Withdrawn {
        let sql = "DELETE FROM hide_photos WHERE request_id = $1";
        sqlx::query(sql).bind(id.to_string()).execute(&mut **tx).await?;
        sqlx::query("UPDATE consents_kept SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL")
            .bind(id.to_string())
            .bind(micros(now))
            .execute(&mut **tx)
            .await?;
    }
    Ok(true)
}

/// Puts the guest's faces to one person: to whom the photographer knows by most of them, or else to somebody new.
async fn group(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    id: HideRequestId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows = sqlx::query("SELECT photo_id, x, y, w, h FROM hide_photos WHERE request_id = $1")
        .bind(id.to_string())
        .fetch_all(&mut **tx)
        .await?;
    let mut faces = Vec::with_capacity(rows.len());
    let mut known: HashMap<PersonId, usize> = HashMap::new();
    for row in &rows {
        let (photo, rect): (PhotoId, _) = (text(row, "photo_id")?, super::faces::rect(row)?);
        let mut there = placed(tx, photo).await?;
        there.retain(|face| face.rect.is_same_face(&rect));
        for face in there.iter().filter(|face| face.by_hand) {
            *known.entry(face.person).or_default() += 1;
        }
        faces.push((photo, rect, there));
    }
    let known = known.into_iter().max_by_key(|(person, count)| (*count, person.0));
    let person = match known {
        Some((person, _)) => person,
        None => {
            let person = PersonId::generate();
            people::insert(tx, session, person, true, now).await?;
            let sql = "UPDATE people SET of_wish = 1 WHERE id = $1";
            sqlx::query(sql).bind(person.to_string()).execute(&mut **tx).await?;
            person
        }
    };
    for (photo, rect, there) in
        faces.iter().filter(|(_, _, there)| there.iter().all(|face| face.person != person))
    {
        for face in there {
            let sql = "DELETE FROM person_faces WHERE id = $1";
            sqlx::query(sql).bind(face.id.to_string()).execute(&mut **tx).await?;
        }
        // Two faces of one photo are two people.
        sqlx::query(
            "INSERT INTO person_faces (id, photo_session_id, photo_id, person_id, x, y, w, h, quality) \
             SELECT $1, photo_session_id, id, $3, $4, $5, $6, $7, 0.5 FROM photos WHERE id = $2 \
             AND NOT EXISTS (SELECT 1 FROM person_faces f WHERE f.photo_id = $2 AND f.person_id = $3)",
        )
        .bind(PersonFaceId::generate().to_string())
        .bind(photo.to_string())
        .bind(person.to_string())
        .bind(f64::from(rect.x))
        .bind(f64::from(rect.y))
        .bind(f64::from(rect.w))
        .bind(f64::from(rect.h))
        .execute(&mut **tx)
        .await?;
    }
    for sql in [
        "UPDATE hide_requests SET person_id = $2 WHERE id = $1",
        // Whoever is found there is there: what kept a face from that person is taken back.
        "DELETE FROM person_splits WHERE person_id = $2 AND photo_id IN \
         (SELECT h.photo_id FROM hide_photos h WHERE h.request_id = $1)",
    ] {
        sqlx::query(sql).bind(id.to_string()).bind(person.to_string()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// A face of a photo that was put to somebody.
struct Placed {
    id: PersonFaceId,
    person: PersonId,
    /// The photographer has said something of that person.
    by_hand: bool,
    rect: RelativeBox,
}

async fn placed(tx: &mut Transaction<'static, Any>, photo: PhotoId) -> Result<Vec<Placed>, StoreError> {
    let rows = sqlx::query(
        "SELECT f.id, f.person_id, p.by_hand, f.x, f.y, f.w, f.h FROM person_faces f \
         JOIN people p ON p.id = f.person_id WHERE f.photo_id = $1",
    )
    .bind(photo.to_string())
    .fetch_all(&mut **tx)
    .await?;
    let placed = |row: &AnyRow| {
        Ok(Placed {
            id: text(row, "id")?,
            person: text(row, "person_id")?,
            by_hand: flag(row, "by_hand")?,
            rect: super::faces::rect(row)?,
        })
    };
    rows.iter().map(placed).collect()
}

fn request(row: &AnyRow) -> Result<HideRequest, StoreError> {
    Ok(HideRequest {
        id: text(row, "id")?,
        session: text(row, "photo_session_id")?,
        state: text(row, "state")?,
        asked: unsigned(row, "photos")?,
        photos: unsigned(row, "there")?,
        later: unsigned(row, "later")?,
        person: optional_text(row, "person_id")?,
        version: row.try_get("version")?,
        language: text(row, "language")?,
        created_at: time(row, "created_at")?,
        settled_at: optional_time(row, "settled_at")?,
    })
}
