//! What the grouping of a session's faces into people reads, and how its outcome is written.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    IN_LIST, PeopleRows, SessionFace, StoreError,
    children::GUARDED,
    faces::{rect, session_face},
    flag, people, placeholders, text, unsigned, withheld,
};
use crate::domain::{PersonFaceId, PersonId, PhotoId, PhotoSessionId, RelativeBox};

/// Somebody as the grouping knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownPerson {
    pub id: PersonId,
    pub number: u32,
    /// Somebody has said something of this person.
    pub by_hand: bool,
}

/// A face that was put to a person, or that was told not to be that person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedFace {
    pub id: PersonFaceId,
    pub photo: PhotoId,
    pub person: PersonId,
    pub rect: RelativeBox,
}

/// What one round of grouping came to.
#[derive(Debug, Clone, Default)]
pub struct Regrouped {
    /// The photos that were looked at.
    pub photos: Vec<PhotoId>,
    pub new_people: Vec<PersonId>,
    /// With their quality.
    pub faces: Vec<(PlacedFace, f32)>,
    /// Faces that are not in their photo any more.
    pub gone: Vec<PersonFaceId>,
    /// Who was found to be whom: the first goes up in the second.
    pub merged: Vec<(PersonId, PersonId)>,
}

impl PeopleRows<'_> {
    /// Sessions that have photos to look at: those where people are switched on, and those where somebody is hidden, or is
    /// a child whose guardian is asked.
    pub async fn waiting(&self) -> Result<Vec<PhotoSessionId>, StoreError> {
        let sql = format!(
            "SELECT w.id FROM (SELECT s.photo_session_id AS id FROM session_people s \
             JOIN studio_people t ON t.studio_id = s.studio_id WHERE s.is_on = 1 AND t.is_on = 1 \
             UNION SELECT p.photo_session_id AS id FROM people p WHERE {} OR {GUARDED}) w \
             WHERE EXISTS (SELECT 1 FROM photos WHERE photos.photo_session_id = w.id AND people_seen = 0 \
             AND state IN ('ready', 'indexed')) ORDER BY w.id",
            withheld::HIDDEN
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&self.0.reads).await?;
        rows.iter().map(|row| text(row, "id")).collect()
    }

    /// Whether faces of the session are grouped; else they are only compared with who is hidden.
    pub async fn is_on(&self, session: PhotoSessionId) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT 1 AS n FROM session_people s JOIN studio_people t ON t.studio_id = s.studio_id \
             WHERE s.photo_session_id = $1 AND s.is_on = 1 AND t.is_on = 1",
        )
        .bind(session.to_string())
        .fetch_optional(&self.0.reads)
        .await?;
        Ok(row.is_some())
    }

    /// The number that grows with every change of the session's people.
    pub async fn revision(&self, session: PhotoSessionId) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT revision FROM session_people WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| Ok(row.try_get("revision")?)).transpose()
    }

    /// Photos that have not been looked at and that the model has vectors of, the oldest first.
    pub async fn unseen(
        &self,
        session: PhotoSessionId,
        model: &str,
        limit: u32,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM photos WHERE photo_session_id = $1 AND people_seen = 0 \
             AND state IN ('ready', 'indexed') AND (faces = 0 OR EXISTS (SELECT 1 FROM photo_models m WHERE m.photo_id = photos.id AND m.model = $2)) \
             ORDER BY id LIMIT $3",
        )
        .bind(session.to_string())
        .bind(model)
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?;
        rows.iter().map(|row| text(row, "id")).collect()
    }

    pub async fn known(&self, session: PhotoSessionId) -> Result<Vec<KnownPerson>, StoreError> {
        let rows = sqlx::query("SELECT id, number, by_hand FROM people WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_all(&self.0.reads)
            .await?;
        let known = |row: &AnyRow| {
            Ok(KnownPerson {
                id: text(row, "id")?,
                number: unsigned(row, "number")?,
                by_hand: flag(row, "by_hand")?,
            })
        };
        rows.iter().map(known).collect()
    }

    /// The faces of the session that were put to people, by photo.
    pub async fn placed(
        &self,
        session: PhotoSessionId,
    ) -> Result<HashMap<PhotoId, Vec<PlacedFace>>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, photo_id, person_id, x, y, w, h FROM person_faces WHERE photo_session_id = $1",
        )
        .bind(session.to_string())
        .fetch_all(&self.0.reads)
        .await?;
        by_photo(&rows)
    }

    /// The same of these photos.
    pub async fn placed_in(
        &self,
        photos: &[PhotoId],
    ) -> Result<HashMap<PhotoId, Vec<PlacedFace>>, StoreError> {
        let mut placed = HashMap::new();
        for chunk in photos.chunks(IN_LIST) {
            let sql = format!(
                "SELECT id, photo_id, person_id, x, y, w, h FROM person_faces WHERE photo_id IN ({})",
                placeholders(1, chunk.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql));
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            placed.extend(by_photo(&query.fetch_all(&self.0.reads).await?)?);
        }
        Ok(placed)
    }

    /// Which faces were told not to be which person, by photo. Their ids mean nothing.
    pub async fn splits(
        &self,
        session: PhotoSessionId,
    ) -> Result<HashMap<PhotoId, Vec<PlacedFace>>, StoreError> {
        let rows = sqlx::query(
            "SELECT person_id AS id, photo_id, person_id, x, y, w, h FROM person_splits \
             WHERE photo_session_id = $1",
        )
        .bind(session.to_string())
        .fetch_all(&self.0.reads)
        .await?;
        by_photo(&rows)
    }

    /// Faces of these photos under a model.
    pub async fn vectors_of(&self, photos: &[PhotoId], model: &str) -> Result<Vec<SessionFace>, StoreError> {
        let mut found = Vec::new();
        for chunk in photos.chunks(IN_LIST) {
            let sql = format!(
                "SELECT * FROM faces WHERE model = $1 AND photo_id IN ({}) ORDER BY photo_id, number",
                placeholders(2, chunk.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(model);
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            let rows = query.fetch_all(&self.0.reads).await?;
            found.extend(rows.iter().map(session_face).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(found)
    }

    /// Writes a round's outcome, unless the session's people were changed since `revision` was read; `None` then. Returns
    /// the revision now, and the photos that guests see now or do not see any more.
    pub async fn regroup(
        &self,
        session: PhotoSessionId,
        revision: i64,
        round: &Regrouped,
        now: DateTime<Utc>,
    ) -> Result<Option<(i64, Vec<PhotoId>)>, StoreError> {
        let mut tx = self.0.write().await?;
        let row = sqlx::query("SELECT revision FROM session_people WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        if row.map(|row| row.try_get::<i64, _>("revision")).transpose()? != Some(revision) {
            return Ok(None);
        }
        for person in &round.new_people {
            people::insert(&mut tx, session, *person, false, now).await?;
        }
        for face in &round.gone {
            sqlx::query("DELETE FROM person_faces WHERE id = $1")
                .bind(face.to_string())
                .execute(&mut *tx)
                .await?;
        }
        for (face, quality) in &round.faces {
            place(&mut tx, face, *quality).await?;
        }
        for (from, into) in &round.merged {
            people::absorb(&mut tx, *into, *from).await?;
        }
        for photo in &round.photos {
            sqlx::query("UPDATE photos SET people_seen = 1 WHERE id = $1")
                .bind(photo.to_string())
                .execute(&mut *tx)
                .await?;
        }
        let turned = withheld::settle(&mut tx, session).await?;
        tx.commit().await?;
        Ok(Some((revision + 1, turned)))
    }
}

async fn place(
    tx: &mut Transaction<'static, Any>,
    face: &PlacedFace,
    quality: f32,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO person_faces (id, photo_session_id, photo_id, person_id, x, y, w, h, quality) \
         SELECT $1, photo_session_id, id, $3, $4, $5, $6, $7, $8 FROM photos WHERE id = $2",
    )
    .bind(face.id.to_string())
    .bind(face.photo.to_string())
    .bind(face.person.to_string())
    .bind(f64::from(face.rect.x))
    .bind(f64::from(face.rect.y))
    .bind(f64::from(face.rect.w))
    .bind(f64::from(face.rect.h))
    .bind(f64::from(quality))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn by_photo(rows: &[AnyRow]) -> Result<HashMap<PhotoId, Vec<PlacedFace>>, StoreError> {
    let mut placed: HashMap<PhotoId, Vec<PlacedFace>> = HashMap::new();
    for row in rows {
        let face = PlacedFace {
            id: text(row, "id")?,
            photo: text(row, "photo_id")?,
            person: text(row, "person_id")?,
            rect: rect(row)?,
        };
        placed.entry(face.photo).or_default().push(face);
    }
    Ok(placed)
}
