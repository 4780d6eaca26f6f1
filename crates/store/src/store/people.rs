//! People of a session: its switches, who there is, and what somebody has said of them.
//!
//! What the grouping itself reads and writes stands in `grouping.rs`. Every change here and there raises the session's
//! revision, so that a grouping that was read before a change is never written after it.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    GalleryCursor, IN_LIST, Store, StoreError,
    children::GUARDED,
    faces::rect,
    flag, micros, placeholders, sight,
    sight::ready,
    text, unsigned,
    withheld::{HIDDEN, settle},
};
use crate::domain::{
    PersonFaceId, PersonId, PersonSummary, PhotoId, PhotoSessionId, RelativeBox, StudioId, Viewer,
    folded_name,
};

pub struct PeopleRows<'a>(pub(super) &'a Store);

/// How a session's switches stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeopleSwitches {
    /// The studio has switched people on.
    pub studio: bool,
    /// So has this session.
    pub session: bool,
    /// Guests may filter by people.
    pub guests: bool,
    /// Who is marked as a child is found by a selfie only with a guardian's yes.
    pub guardian: bool,
}

impl PeopleSwitches {
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.studio && self.session
    }

    /// Whether guests are shown people.
    #[must_use]
    pub fn is_for_guests(&self) -> bool {
        self.is_on() && self.guests
    }
}

/// What somebody says of a person; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct PersonChange {
    pub name: Option<Option<String>>,
    pub is_hidden: Option<bool>,
    pub is_child: Option<bool>,
}

/// Why people cannot be changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleRefused {
    NoSuchPerson,
    NoSuchFace,
    /// Somebody else of the session is called so.
    NameTaken(PersonId),
    /// Both are in this photo, and two faces of one photo are two people.
    ShareAPhoto(PhotoId),
    /// No face would be left.
    NobodyLeft,
}

/// A face that was put to a person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PersonFace {
    pub id: PersonFaceId,
    pub photo: PhotoId,
    pub rect: RelativeBox,
}

impl PeopleRows<'_> {
    pub async fn studio_switch(&self, studio: StudioId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT is_on FROM studio_people WHERE studio_id = $1")
            .bind(studio.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map_or(Ok(false), |row| flag(&row, "is_on"))
    }

    pub async fn set_studio_switch(
        &self,
        studio: StudioId,
        is_on: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        let before = sqlx::query("SELECT 1 AS n FROM studio_people WHERE studio_id = $1 AND is_on = 1")
            .bind(studio.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO studio_people (studio_id, is_on, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (studio_id) DO UPDATE SET is_on = excluded.is_on, updated_at = excluded.updated_at",
        )
        .bind(studio.to_string())
        .bind(i64::from(is_on))
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        if is_on && before.is_none() {
            // What was only compared with who is hidden is grouped now.
            sqlx::query(
                "UPDATE photos SET people_seen = 0 WHERE people_seen = 1 AND faces > 0 AND photo_session_id IN \
                 (SELECT photo_session_id FROM session_people WHERE studio_id = $1 AND is_on = 1)",
            )
            .bind(studio.to_string())
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    pub async fn switches(
        &self,
        session: PhotoSessionId,
        studio: StudioId,
    ) -> Result<PeopleSwitches, StoreError> {
        let row =
            sqlx::query("SELECT is_on, for_guests, guardian FROM session_people WHERE photo_session_id = $1")
                .bind(session.to_string())
                .fetch_optional(&self.0.reads)
                .await?;
        let studio = self.studio_switch(studio).await?;
        let Some(row) = row else { return Ok(PeopleSwitches { studio, ..PeopleSwitches::default() }) };
        Ok(PeopleSwitches {
            studio,
            session: flag(&row, "is_on")?,
            guests: flag(&row, "for_guests")?,
            guardian: flag(&row, "guardian")?,
        })
    }

    pub async fn set_switches(
        &self,
        session: PhotoSessionId,
        studio: StudioId,
        is_on: bool,
        for_guests: bool,
        guardian: Option<bool>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        if is_on {
            // What was only compared with who is hidden is grouped now.
            sqlx::query(
                "UPDATE photos SET people_seen = 0 WHERE photo_session_id = $1 AND people_seen = 1 AND faces > 0 \
                 AND NOT EXISTS (SELECT 1 FROM session_people s WHERE s.photo_session_id = $1 AND s.is_on = 1)",
            )
            .bind(session.to_string())
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query(
            "INSERT INTO session_people (photo_session_id, studio_id, is_on, for_guests, guardian, revision, \
             last_number) VALUES ($1, $2, $3, $4, CASE WHEN $5 = 1 THEN 1 ELSE 0 END, 0, 0) \
             ON CONFLICT (photo_session_id) DO UPDATE SET \
             studio_id = excluded.studio_id, is_on = excluded.is_on, for_guests = excluded.for_guests, \
             guardian = CASE WHEN $5 < 0 THEN session_people.guardian ELSE excluded.guardian END",
        )
        .bind(session.to_string())
        .bind(studio.to_string())
        .bind(i64::from(is_on))
        .bind(i64::from(for_guests))
        .bind(guardian.map_or(-1, i64::from))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Everybody with the face that shows them best, those in the most photos first. Guests and the couple
    /// are not told of people without a photo that they see.
    pub async fn list(
        &self,
        session: PhotoSessionId,
        viewer: Viewer,
    ) -> Result<Vec<PersonSummary>, StoreError> {
        let sql = format!(
            "SELECT p.*, CASE WHEN {HIDDEN} THEN 1 ELSE 0 END AS hides, best.face_id, best.photo_id, best.x, best.y, best.w, best.h, best.photos FROM people p \
             JOIN (SELECT f.id AS face_id, f.person_id, f.photo_id, f.x, f.y, f.w, f.h, \
                   ROW_NUMBER() OVER (PARTITION BY f.person_id ORDER BY f.quality DESC, f.id) AS place, \
                   COUNT(*) OVER (PARTITION BY f.person_id) AS photos \
                   FROM person_faces f JOIN photos ON photos.id = f.photo_id \
                   WHERE f.photo_session_id = $1 AND {}) best \
             ON best.person_id = p.id AND best.place = 1 \
             WHERE p.photo_session_id = $1 {} ORDER BY best.photos DESC, p.number",
            ready(viewer),
            if viewer == Viewer::Studio { String::new() } else { format!("AND NOT {GUARDED}") }
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(summary)
            .collect()
    }

    /// The faces that were put to a person, in the order of the gallery.
    pub async fn faces(
        &self,
        session: PhotoSessionId,
        person: PersonId,
        after: Option<GalleryCursor>,
        limit: u32,
    ) -> Result<Vec<PersonFace>, StoreError> {
        let (at, key, id) = GalleryCursor::place(after);
        let moment = sight::MOMENT;
        let sql = format!(
            "SELECT f.id, f.photo_id, f.x, f.y, f.w, f.h FROM person_faces f JOIN photos ON photos.id = f.photo_id \
             WHERE f.photo_session_id = $1 AND f.person_id = $2 AND photos.state = 'ready' AND photos.bin_until IS NULL \
             AND ({moment}, photos.name_key, photos.id) > ($3, $4, $5) \
             ORDER BY {moment}, photos.name_key, photos.id LIMIT $6"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.to_string())
            .bind(person.to_string())
            .bind(at)
            .bind(key)
            .bind(id)
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?;
        let face = |row: &AnyRow| {
            Ok(PersonFace { id: text(row, "id")?, photo: text(row, "photo_id")?, rect: rect(row)? })
        };
        rows.iter().map(face).collect()
    }

    /// How many of the session's ready photos have not been looked at for people.
    pub async fn left(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS n FROM photos WHERE photo_session_id = $1 AND people_seen = 0 \
             AND state IN ('ready', 'indexed')",
        )
        .bind(session.to_string())
        .fetch_one(&self.0.reads)
        .await?;
        unsigned(&row, "n")
    }

    /// How many people there are, those without a photo too.
    pub async fn count(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM people WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_one(&self.0.reads)
            .await?;
        unsigned(&row, "n")
    }

    /// Whether somebody is of the session.
    pub async fn is_of(&self, session: PhotoSessionId, person: PersonId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 AS n FROM people WHERE photo_session_id = $1 AND id = $2")
            .bind(session.to_string())
            .bind(person.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        Ok(row.is_some())
    }

    /// Writes what somebody says of a person. Returns the photos that guests see now or do not see any more.
    pub async fn change(
        &self,
        session: PhotoSessionId,
        person: PersonId,
        change: &PersonChange,
    ) -> Result<Result<Vec<PhotoId>, PeopleRefused>, StoreError> {
        let mut tx = self.0.write().await?;
        if let Some(Some(name)) = &change.name {
            // SQLite's own LOWER knows the letters of ASCII only.
            let named = sqlx::query(
                "SELECT id, name FROM people WHERE photo_session_id = $1 AND name IS NOT NULL AND id <> $2",
            )
            .bind(session.to_string())
            .bind(person.to_string())
            .fetch_all(&mut *tx)
            .await?;
            for row in &named {
                if folded_name(row.try_get("name")?) == folded_name(name) {
                    return Ok(Err(PeopleRefused::NameTaken(text(row, "id")?)));
                }
            }
        }
        let (renames, name) = (change.name.is_some(), change.name.clone().flatten());
        let changed = sqlx::query(
            "UPDATE people SET name = CASE WHEN $3 = 1 THEN $4 ELSE name END, \
             is_hidden = CASE WHEN $5 < 0 THEN is_hidden ELSE $5 END, \
             is_child = CASE WHEN $6 < 0 THEN is_child ELSE $6 END, by_hand = 1, of_wish = 0 \
             WHERE photo_session_id = $1 AND id = $2",
        )
        .bind(session.to_string())
        .bind(person.to_string())
        .bind(i64::from(renames))
        .bind(name)
        .bind(change.is_hidden.map_or(-1, i64::from))
        .bind(change.is_child.map_or(-1, i64::from))
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(Err(PeopleRefused::NoSuchPerson));
        }
        let turned = settle(&mut tx, session).await?;
        tx.commit().await?;
        Ok(Ok(turned))
    }

    /// Makes other people one with this person. Whoever of them is hidden, or a child, hides or is all of them.
    pub async fn merge(
        &self,
        session: PhotoSessionId,
        into: PersonId,
        others: &[PersonId],
    ) -> Result<Result<Vec<PhotoId>, PeopleRefused>, StoreError> {
        let mut tx = self.0.write().await?;
        for other in others.iter().filter(|other| **other != into) {
            if let Some(refused) = merge_one(&mut tx, session, into, *other).await? {
                return Ok(Err(refused));
            }
        }
        let turned = settle(&mut tx, session).await?;
        tx.commit().await?;
        Ok(Ok(turned))
    }

    /// These faces are not of this person, and never will be again: they become somebody else. Returns who they are now,
    /// and the photos that guests see now or do not see any more.
    pub async fn split(
        &self,
        session: PhotoSessionId,
        person: PersonId,
        faces: &[PersonFaceId],
        now: DateTime<Utc>,
    ) -> Result<Result<(PersonId, Vec<PhotoId>), PeopleRefused>, StoreError> {
        let mut tx = self.0.write().await?;
        let mut moved = 0;
        let new = PersonId::generate();
        insert(&mut tx, session, new, true, now).await?;
        for chunk in faces.chunks(IN_LIST) {
            let list = placeholders(4, chunk.len());
            let apart = format!(
                "INSERT INTO person_splits (photo_id, person_id, photo_session_id, x, y, w, h) \
                 SELECT photo_id, person_id, photo_session_id, x, y, w, h FROM person_faces \
                 WHERE photo_session_id = $1 AND person_id = $2 AND $3 <> '' AND id IN ({list})"
            );
            let take = format!(
                "UPDATE person_faces SET person_id = $3 \
                 WHERE photo_session_id = $1 AND person_id = $2 AND id IN ({list})"
            );
            for sql in [apart, take] {
                let query = sqlx::query(sqlx::AssertSqlSafe(sql))
                    .bind(session.to_string())
                    .bind(person.to_string())
                    .bind(new.to_string());
                let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
                moved = query.execute(&mut *tx).await?.rows_affected();
            }
            if moved != chunk.len() as u64 {
                return Ok(Err(PeopleRefused::NoSuchFace));
            }
        }
        let left = sqlx::query("SELECT 1 AS n FROM person_faces WHERE person_id = $1 LIMIT 1")
            .bind(person.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        if left.is_none() {
            return Ok(Err(PeopleRefused::NobodyLeft));
        }
        sqlx::query("UPDATE people SET by_hand = 1 WHERE id = $1")
            .bind(person.to_string())
            .execute(&mut *tx)
            .await?;
        let turned = settle(&mut tx, session).await?;
        tx.commit().await?;
        Ok(Ok((new, turned)))
    }

    /// Forgets everybody of whom nobody has said anything, so that their faces are put to people anew.
    pub async fn forget_groups(&self, session: PhotoSessionId) -> Result<Vec<PhotoId>, StoreError> {
        let mut tx = self.0.write().await?;
        for sql in [
            "UPDATE photos SET people_seen = 0 WHERE photo_session_id = $1 AND faces > 0",
            "DELETE FROM people WHERE photo_session_id = $1 AND by_hand = 0",
        ] {
            sqlx::query(sql).bind(session.to_string()).execute(&mut *tx).await?;
        }
        let turned = settle(&mut tx, session).await?;
        tx.commit().await?;
        Ok(turned)
    }

    /// Forgets who is in the session: groups, names, what was merged, taken apart and hidden. Of those who are left out at a
    /// guest's wish only the faces stay, which the guest alone takes back.
    pub async fn forget(&self, session: PhotoSessionId) -> Result<(u64, Vec<PhotoId>), StoreError> {
        let mut tx = self.0.write().await?;
        let people = sqlx::query(
            "DELETE FROM people WHERE photo_session_id = $1 AND NOT EXISTS (SELECT 1 FROM hide_requests r \
             WHERE r.person_id = people.id AND r.state = 'hidden')",
        )
        .bind(session.to_string())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE people SET name = NULL, is_hidden = 0, is_child = 0, of_wish = 1 WHERE photo_session_id = $1",
        )
        .bind(session.to_string())
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE photos SET people_seen = 0 WHERE photo_session_id = $1 AND people_seen = 1")
            .bind(session.to_string())
            .execute(&mut *tx)
            .await?;
        let turned = settle(&mut tx, session).await?;
        tx.commit().await?;
        Ok((people.rows_affected(), turned))
    }
}

async fn merge_one(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    into: PersonId,
    other: PersonId,
) -> Result<Option<PeopleRefused>, StoreError> {
    let both = sqlx::query("SELECT COUNT(*) AS n FROM people WHERE photo_session_id = $1 AND id IN ($2, $3)")
        .bind(session.to_string())
        .bind(into.to_string())
        .bind(other.to_string())
        .fetch_one(&mut **tx)
        .await?;
    if unsigned::<u64>(&both, "n")? != 2 {
        return Ok(Some(PeopleRefused::NoSuchPerson));
    }
    let shared = sqlx::query(
        "SELECT a.photo_id FROM person_faces a JOIN person_faces b ON b.photo_id = a.photo_id \
         WHERE a.person_id = $1 AND b.person_id = $2 LIMIT 1",
    )
    .bind(into.to_string())
    .bind(other.to_string())
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(row) = shared {
        return Ok(Some(PeopleRefused::ShareAPhoto(text(&row, "photo_id")?)));
    }
    sqlx::query(
        "UPDATE people SET by_hand = 1, \
         name = COALESCE(name, (SELECT o.name FROM people o WHERE o.id = $2)), \
         is_hidden = CASE WHEN EXISTS (SELECT 1 FROM people o WHERE o.id = $2 AND o.is_hidden = 1) \
         THEN 1 ELSE is_hidden END, \
         is_child = CASE WHEN EXISTS (SELECT 1 FROM people o WHERE o.id = $2 AND o.is_child = 1) \
         THEN 1 ELSE is_child END WHERE id = $1",
    )
    .bind(into.to_string())
    .bind(other.to_string())
    .execute(&mut **tx)
    .await?;
    absorb(tx, into, other).await?;
    Ok(None)
}

/// Moves everything of `other` to `into`; what kept the two apart goes with it.
pub(super) async fn absorb(
    tx: &mut Transaction<'static, Any>,
    into: PersonId,
    other: PersonId,
) -> Result<(), StoreError> {
    for sql in [
        "UPDATE person_faces SET person_id = $1 WHERE person_id = $2",
        "UPDATE person_splits SET person_id = $1 WHERE person_id = $2",
        "UPDATE hide_requests SET person_id = $1 WHERE person_id = $2",
        "UPDATE people SET by_hand = 1, of_wish = 0 WHERE id = $1 AND EXISTS \
         (SELECT 1 FROM people o WHERE o.id = $2 AND o.by_hand = 1 AND o.of_wish = 0)",
        // Whoever makes two people one takes back that a face of the one is not the other.
        "DELETE FROM person_splits WHERE person_id = $1 AND $2 <> '' AND EXISTS (SELECT 1 FROM person_faces f \
         WHERE f.photo_id = person_splits.photo_id AND f.person_id = $1 AND f.x = person_splits.x \
         AND f.y = person_splits.y)",
        "DELETE FROM people WHERE id = $2 AND id <> $1",
    ] {
        sqlx::query(sql).bind(into.to_string()).bind(other.to_string()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Adds somebody, with the next number of the session.
pub(super) async fn insert(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    person: PersonId,
    by_hand: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE session_people SET last_number = last_number + 1 WHERE photo_session_id = $1")
        .bind(session.to_string())
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "INSERT INTO people (id, photo_session_id, number, name, is_hidden, is_child, by_hand, created_at) \
         SELECT $2, photo_session_id, last_number, NULL, 0, 0, $3, $4 FROM session_people \
         WHERE photo_session_id = $1",
    )
    .bind(session.to_string())
    .bind(person.to_string())
    .bind(i64::from(by_hand))
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn summary(row: &AnyRow) -> Result<PersonSummary, StoreError> {
    Ok(PersonSummary {
        id: text(row, "id")?,
        number: unsigned(row, "number")?,
        name: row.try_get("name")?,
        is_hidden: flag(row, "hides")?,
        is_child: flag(row, "is_child")?,
        photos: unsigned(row, "photos")?,
        face: text(row, "face_id")?,
        photo: text(row, "photo_id")?,
        rect: rect(row)?,
    })
}
