//! Photos and what the pipeline writes about them.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    str::FromStr,
};

use chrono::{DurationRound, NaiveDateTime, TimeDelta};
use sqlx::{
    Any, AnyConnection, Row, Transaction,
    any::{AnyArguments, AnyRow},
    query::Query,
};
use uuid::Uuid;

use super::{
    FileSum, IN_LIST, Store, StoreError, children::GUARDED, clocks, faces, files, jobs, leftovers, micros,
    optional_text, photo_row, photo_row::photo, placeholders, sidecars, text, unsigned, withheld,
};
use crate::domain::{
    Company, Derivative, FaceId, FaceRow, JobId, PersonId, Photo, PhotoFacts, PhotoId, PhotoSessionId,
    PhotoState,
};

pub struct PhotoRows<'a>(pub(super) &'a Store);

/// What makes a photo one for guests, whoever shows it.
macro_rules! for_guests {
    () => {
        "is_selected = 1 AND is_withheld = 0"
    };
}

/// [`Photo::is_visible`] in SQL.
pub(super) const VISIBLE: &str = concat!("(state = 'ready' AND ", for_guests!(), ")");

/// A photo that a search names: one that guests see, or one whose picture another program shows them.
const FINDABLE: &str = concat!("(state IN ('ready', 'indexed') AND ", for_guests!(), ")");

/// The photo shows the person `$2`, if that is not empty; guests cannot name a child whose guardian is asked.
fn shows(only_visible: bool) -> String {
    let guarded = if only_visible { format!("AND NOT {GUARDED}") } else { String::new() };
    format!(
        "($2 = '' OR EXISTS (SELECT 1 FROM person_faces f JOIN people p ON p.id = f.person_id \
         WHERE f.photo_id = photos.id AND f.person_id = $2 {guarded}))"
    )
}

/// How far a stored photo has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoStanding {
    pub id: PhotoId,
    pub state: PhotoState,
    pub reject_code: Option<String>,
    pub faces: u32,
    /// Per cent of the picture that could be read, where the file is damaged.
    pub readable: Option<u8>,
}

/// The results of the pipeline for one photo, for [`PhotoRows::complete`].
#[derive(Debug, Clone)]
pub struct Processed {
    /// Under which id the original lies that it was made from.
    pub original: PhotoId,
    /// Upright; pixels.
    pub width: u32,
    pub height: u32,
    pub taken_at: Option<NaiveDateTime>,
    pub facts: PhotoFacts,
    pub thumbhash: Option<Vec<u8>>,
    pub derivatives: Vec<Derivative>,
    /// Of the derivatives. Those of originals are kept when they come in.
    pub files: Vec<FileSum>,
    /// The embedder that looked; its earlier faces of this photo are replaced.
    pub model: String,
    pub faces: Vec<FaceRow>,
    /// The results of other embedders, while one takes over from another.
    pub also: Vec<(String, Vec<FaceRow>)>,
}

/// The outcome of [`Photos::complete`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completed {
    Done,
    /// The photo has been erased meanwhile: the caller removes its files and vectors.
    Gone,
    /// Its file has been replaced meanwhile, and the job for that one does the rest.
    Outdated,
}

/// How a session's photos stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct PhotoCounts {
    pub total: u64,
    pub queued: u64,
    pub ready: u64,
    pub rejected: u64,
    /// The number of photos that guests see, see [`Photo::is_visible`].
    pub selected: u64,
    /// Over the ready photos.
    pub faces: u64,
    /// Photos that can be found and whose pictures were not kept. They are not among the `total`.
    #[serde(skip)]
    pub indexed: u64,
}

impl PhotoCounts {
    /// As guests are told of photos that are not shown to them yet.
    #[must_use]
    pub fn unseen(self) -> Self {
        Self::default()
    }

    /// Adds what a row says of one state.
    fn add(&mut self, row: &AnyRow) -> Result<(), StoreError> {
        let photos: u64 = unsigned(row, "photos")?;
        let state = text(row, "state")?;
        if state != PhotoState::Indexed {
            self.total += photos;
        }
        match state {
            PhotoState::Queued => self.queued = photos,
            PhotoState::Rejected => self.rejected = photos,
            PhotoState::Indexed => self.indexed = unsigned(row, "findable")?,
            PhotoState::Ready => {
                self.ready = photos;
                self.selected = unsigned(row, "visible")?;
                self.faces = unsigned(row, "faces")?;
            }
        }
        Ok(())
    }
}

/// The filter of a manager's list of photos; a field that is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct PhotoFilter {
    pub state: Option<PhotoState>,
    pub selected: Option<bool>,
    /// So many stars or more.
    pub min_rating: Option<i8>,
    pub label: Option<String>,
    pub company: Option<Company>,
    /// Photos that show this person.
    pub person: Option<PersonId>,
    /// A keyword or the label.
    pub tag: Option<String>,
}

impl PhotoFilter {
    /// The tag among the keywords of the column `words`, as a pattern of `LIKE` with `!` as its escape. The keywords
    /// stand first in that JSON, and no text in it can hold the quotes and brackets around them.
    fn keyword(&self) -> String {
        let Some(tag) = self.tag.as_deref().filter(|tag| !tag.is_empty()) else { return String::new() };
        let quoted = serde_json::Value::from(tag).to_string();
        let escaped = quoted.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        format!("%\"keywords\":[%{escaped}%],\"caption\":%")
    }
}

/// [`PhotoFilter`] in SQL, see [`let_through`].
const LET_THROUGH: &str = "photo_session_id = $1 AND (state = $2 OR ($2 = '' AND state <> 'indexed')) AND ($3 < 0 OR is_selected = $3) \
     AND ($4 < 0 OR COALESCE(rating, 0) >= $4) AND ($5 = '' OR label = $5) \
     AND ($6 < 0 OR (state = 'ready' AND faces BETWEEN $6 AND $7)) AND ($8 = '' OR EXISTS \
     (SELECT 1 FROM person_faces f WHERE f.photo_id = photos.id AND f.person_id = $8)) \
     AND ($9 = '' OR words LIKE $9 ESCAPE '!' OR label = $10)";

/// Fills [`LET_THROUGH`].
fn let_through(
    sql: String,
    session: PhotoSessionId,
    filter: PhotoFilter,
) -> Query<'static, Any, AnyArguments> {
    let keyword = filter.keyword();
    let (fewest, most) = filter.company.map_or((-1, -1), |company| {
        let (fewest, most) = company.faces();
        (i64::from(fewest), i64::from(most))
    });
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(session.to_string())
        .bind(filter.state.map_or_else(String::new, |state| state.to_string()))
        .bind(filter.selected.map_or(-1, i64::from))
        .bind(filter.min_rating.map_or(-1, i64::from))
        .bind(filter.label.unwrap_or_default())
        .bind(fewest)
        .bind(most)
        .bind(filter.person.map_or_else(String::new, |person| person.to_string()))
        .bind(keyword)
        .bind(filter.tag.unwrap_or_default())
}

/// Place in a gallery, which is ordered by the moment of the shot and, of one moment, by name. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GalleryCursor {
    at: i64,
    name_key: String,
    id: PhotoId,
}

/// The first sort key of a gallery; `name_key` and `id` follow.
pub(super) const MOMENT: &str = "COALESCE(ordered_at, taken_at, created_at)";

impl GalleryCursor {
    /// The place just after this photo.
    #[must_use]
    pub fn after(photo: &Photo) -> Self {
        Self { at: micros(photo.ordered_at), name_key: photo.name_key.clone(), id: photo.id }
    }
}

impl fmt::Display for GalleryCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}.{}", self.at, self.name_key, self.id.0.simple())
    }
}

impl FromStr for GalleryCursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('.');
        let (Some(at), Some(name_key), Some(id), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("not a cursor");
        };
        let at = u64::from_str_radix(at, 16).map_err(|_| "not a cursor")?.cast_signed();
        let id = PhotoId(Uuid::try_parse(id).map_err(|_| "not a cursor")?);
        if !name_key.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err("not a cursor");
        }
        Ok(Self { at, name_key: name_key.to_owned(), id })
    }
}

impl PhotoRows<'_> {
    /// How the photos with these bytes stand, by hash; hashes that are not there are left out. A photo that
    /// still shows its earlier file counts as queued.
    pub async fn by_hashes(
        &self,
        session: PhotoSessionId,
        hashes: &[&str],
    ) -> Result<HashMap<String, PhotoStanding>, StoreError> {
        let mut found = HashMap::new();
        for chunk in hashes.chunks(IN_LIST) {
            let sql = format!(
                "SELECT id, sha256, CASE WHEN replaced_at IS NULL THEN state ELSE 'queued' END AS state, reject_code, \
                 faces, readable FROM photos WHERE photo_session_id = $1 AND state <> 'indexed' AND sha256 IN ({0}) \
                 UNION ALL SELECT id, raw_sha256 AS sha256, state, reject_code, faces, readable FROM photos \
                 WHERE photo_session_id = $1 AND raw_sha256 IN ({0})",
                placeholders(2, chunk.len())
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
            for hash in chunk {
                query = query.bind(*hash);
            }
            for row in query.fetch_all(&self.0.reads).await? {
                let standing = PhotoStanding {
                    id: text(&row, "id")?,
                    state: text(&row, "state")?,
                    reject_code: row.try_get("reject_code")?,
                    faces: unsigned(&row, "faces")?,
                    readable: photo_row::per_cent(&row)?,
                };
                found.insert(row.try_get("sha256")?, standing);
            }
        }
        Ok(found)
    }

    pub async fn get(&self, id: PhotoId) -> Result<Option<Photo>, StoreError> {
        sqlx::query("SELECT * FROM photos WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| photo(&row))
            .transpose()
    }

    /// In the order of `ids`; ids that are not there are left out.
    pub async fn get_many(&self, ids: &[PhotoId]) -> Result<Vec<Photo>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        get_many(&mut reading, ids).await
    }

    /// Photos of the session that can be shown, those that guests see or hidden ones too, in the order of `ids`.
    pub async fn ready_of(
        &self,
        session: PhotoSessionId,
        ids: &[PhotoId],
        only_visible: bool,
    ) -> Result<Vec<Photo>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        ready_of(&mut reading, session, ids, only_visible).await
    }

    /// Photos of the session that a search names, in the order of `ids`.
    pub async fn findable(&self, session: PhotoSessionId, ids: &[PhotoId]) -> Result<Vec<Photo>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        let condition = format!("photo_session_id = $1 AND {FINDABLE}");
        select_many(&mut reading, &condition, Some(session), ids).await
    }

    /// Photos that can be shown, those that guests see or hidden ones too, by the time of the shot (of upload,
    /// where the camera did not say); all of them, or those that show a person.
    pub async fn list_ready(
        &self,
        session: PhotoSessionId,
        only_visible: bool,
        person: Option<PersonId>,
        after: Option<GalleryCursor>,
        limit: u32,
    ) -> Result<Vec<Photo>, StoreError> {
        let (at, key, id) = place(after);
        let sql = format!(
            "SELECT * FROM photos WHERE photo_session_id = $1 AND {} AND {} \
             AND ({MOMENT}, name_key, id) > ($3, $4, $5) ORDER BY {MOMENT}, name_key, id LIMIT $6",
            ready(only_visible),
            shows(only_visible)
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.to_string())
            .bind(person.map_or_else(String::new, |person| person.to_string()))
            .bind(at)
            .bind(key)
            .bind(id)
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(photo)
            .collect()
    }

    /// The ids of every photo that [`list_ready`](Self::list_ready) pages through, in its order.
    pub async fn ready_ids(
        &self,
        session: PhotoSessionId,
        only_visible: bool,
        person: Option<PersonId>,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let sql = format!(
            "SELECT id FROM photos WHERE photo_session_id = $1 AND {} AND {} \
             ORDER BY {MOMENT}, name_key, id",
            ready(only_visible),
            shows(only_visible)
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.to_string())
            .bind(person.map_or_else(String::new, |person| person.to_string()))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| text(row, "id"))
            .collect()
    }

    /// How many of the photos that [`list_ready`](Self::list_ready) pages through were shot in each hour of the session's
    /// clock, in the gallery's order; hours without photos are left out.
    pub async fn hours(
        &self,
        session: PhotoSessionId,
        only_visible: bool,
        person: Option<PersonId>,
    ) -> Result<Vec<(NaiveDateTime, u64)>, StoreError> {
        let sql = format!(
            "SELECT {MOMENT} AS moment FROM photos WHERE photo_session_id = $1 AND {} AND {} \
             ORDER BY {MOMENT}, name_key, id",
            ready(only_visible),
            shows(only_visible)
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.to_string())
            .bind(person.map_or_else(String::new, |person| person.to_string()))
            .fetch_all(&self.0.reads)
            .await?;
        self.by_hour(session, &rows).await
    }

    /// The same of the photos that [`list_managed`](Self::list_managed) pages through.
    pub async fn managed_hours(
        &self,
        session: PhotoSessionId,
        filter: PhotoFilter,
    ) -> Result<Vec<(NaiveDateTime, u64)>, StoreError> {
        let sql = format!(
            "SELECT {MOMENT} AS moment FROM photos WHERE {LET_THROUGH} ORDER BY {MOMENT}, name_key, id"
        );
        let rows = let_through(sql, session, filter).fetch_all(&self.0.reads).await?;
        self.by_hour(session, &rows).await
    }

    /// Counts rows with a `moment`, which are in order, by the hour of the session's clock.
    async fn by_hour(
        &self,
        session: PhotoSessionId,
        rows: &[AnyRow],
    ) -> Result<Vec<(NaiveDateTime, u64)>, StoreError> {
        let zone = TimeDelta::minutes(i64::from(self.0.clocks().zone(session).await?.offset_minutes));
        let mut hours: Vec<(NaiveDateTime, u64)> = Vec::new();
        for row in rows {
            let moment = (super::time(row, "moment")? + zone).naive_utc();
            let hour = moment.duration_trunc(TimeDelta::hours(1)).unwrap_or(moment);
            match hours.last_mut().filter(|(last, _)| *last == hour) {
                Some((_, photos)) => *photos += 1,
                None => hours.push((hour, 1)),
            }
        }
        Ok(hours)
    }

    /// Photos of all sessions by id, whatever their state, from behind `after` on.
    pub async fn page(&self, after: Option<PhotoId>, limit: u32) -> Result<Vec<Photo>, StoreError> {
        sqlx::query("SELECT * FROM photos WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.map_or_else(String::new, |id| id.to_string()))
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(photo)
            .collect()
    }

    /// Every photo of a session, whatever its state, by id.
    pub async fn ids(&self, session: PhotoSessionId) -> Result<Vec<PhotoId>, StoreError> {
        sqlx::query("SELECT id FROM photos WHERE photo_session_id = $1 ORDER BY id")
            .bind(session.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| text(row, "id"))
            .collect()
    }

    /// Ready photos of so many stars or more.
    pub async fn rated(&self, session: PhotoSessionId, min_rating: i8) -> Result<Vec<PhotoId>, StoreError> {
        sqlx::query("SELECT id FROM photos WHERE photo_session_id = $1 AND state = 'ready' AND rating >= $2")
            .bind(session.to_string())
            .bind(i64::from(min_rating))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| text(row, "id"))
            .collect()
    }

    pub async fn counts(&self, session: PhotoSessionId) -> Result<PhotoCounts, StoreError> {
        let sql = format!("SELECT {} FROM photos WHERE photo_session_id = $1 GROUP BY state", counted());
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string()).fetch_all(&self.0.reads).await?;
        let mut counts = PhotoCounts::default();
        for row in &rows {
            counts.add(row)?;
        }
        Ok(counts)
    }

    /// [`PhotoRows::counts`] of several sessions; those without photos are left out.
    pub async fn counts_of(
        &self,
        sessions: &[PhotoSessionId],
    ) -> Result<HashMap<PhotoSessionId, PhotoCounts>, StoreError> {
        let mut counts: HashMap<PhotoSessionId, PhotoCounts> = HashMap::new();
        for chunk in sessions.chunks(IN_LIST) {
            let sql = format!(
                "SELECT photo_session_id, {} FROM photos WHERE photo_session_id IN ({}) \
                 GROUP BY photo_session_id, state",
                counted(),
                placeholders(1, chunk.len())
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for id in chunk {
                query = query.bind(id.to_string());
            }
            for row in query.fetch_all(&self.0.reads).await? {
                counts.entry(text(&row, "photo_session_id")?).or_default().add(&row)?;
            }
        }
        Ok(counts)
    }

    /// Every photo that the filter lets through, whatever its state, in the order of the gallery.
    pub async fn list_managed(
        &self,
        session: PhotoSessionId,
        filter: PhotoFilter,
        after: Option<GalleryCursor>,
        limit: u32,
    ) -> Result<Vec<Photo>, StoreError> {
        let (at, key, id) = place(after);
        let sql = format!(
            "SELECT * FROM photos WHERE {LET_THROUGH} AND ({MOMENT}, name_key, id) > ($11, $12, $13) \
             ORDER BY {MOMENT}, name_key, id LIMIT $14"
        );
        let_through(sql, session, filter)
            .bind(at)
            .bind(key)
            .bind(id)
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(photo)
            .collect()
    }

    /// The ids of every photo that the filter lets through, in the order of the gallery.
    pub async fn managed_ids(
        &self,
        session: PhotoSessionId,
        filter: PhotoFilter,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let sql = format!("SELECT id FROM photos WHERE {LET_THROUGH} ORDER BY {MOMENT}, name_key, id");
        let_through(sql, session, filter)
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| text(row, "id"))
            .collect()
    }

    /// The photos of the session among `ids`.
    pub async fn of_session(
        &self,
        session: PhotoSessionId,
        ids: &[PhotoId],
    ) -> Result<Vec<PhotoId>, StoreError> {
        let photos = self.get_many(ids).await?;
        Ok(photos.into_iter().filter(|p| p.photo_session_id == session).map(|p| p.id).collect())
    }

    /// Ids under which files of a session may lie: of photos and of their originals.
    pub async fn file_ids(&self, session: PhotoSessionId) -> Result<HashSet<PhotoId>, StoreError> {
        let rows = sqlx::query("SELECT id, original_id, raw_id FROM photos WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_all(&self.0.reads)
            .await?;
        let mut ids = HashSet::with_capacity(rows.len());
        for row in &rows {
            ids.insert(text(row, "id")?);
            ids.extend(optional_text::<PhotoId>(row, "original_id")?);
            ids.extend(optional_text::<PhotoId>(row, "raw_id")?);
        }
        Ok(ids)
    }

    /// The header that was read at a file's receipt, while that file is the photo's original and not processed yet.
    pub async fn header(&self, id: PhotoId, original: PhotoId) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT header FROM photos WHERE id = $1 AND COALESCE(original_id, id) = $2")
            .bind(id.to_string())
            .bind(original.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        Ok(row.map(|row| row.try_get("header")).transpose()?.flatten())
    }

    /// Writes what the pipeline made, marks the photo ready and ends the job, in one transaction.
    pub async fn complete(&self, id: PhotoId, made: &Processed, job: JobId) -> Result<Completed, StoreError> {
        let derivatives = serde_json::to_string(&made.derivatives)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let words = serde_json::to_string(&made.facts.words)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let mut tx = self.0.write().await?;
        let row = sqlx::query("SELECT COALESCE(original_id, id) AS original FROM photos WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        let completed = match row.map(|row| text::<PhotoId>(&row, "original")).transpose()? {
            None => Completed::Gone,
            Some(original) if original != made.original => Completed::Outdated,
            Some(_) => Completed::Done,
        };
        if completed != Completed::Done {
            jobs::finish(&mut tx, job).await?;
            tx.commit().await?;
            return Ok(completed);
        }
        let also = made.also.iter().flat_map(|(_, faces)| faces);
        let face_ids: Vec<FaceId> = made.faces.iter().chain(also).map(|face| face.id).collect();
        leftovers::note_made(&mut tx, id, &made.derivatives, &face_ids).await?;
        sqlx::query(
            "UPDATE photos SET width = $2, height = $3, taken_at = $4, thumbhash = $5, derivatives = $6, \
             faces = $7, state = 'ready', reject_code = NULL, readable = $8, offset_minutes = $9, camera = $10, \
             rating = $11, label = $12, words = $13, replaced_at = NULL, header = NULL WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(i64::from(made.width))
        .bind(i64::from(made.height))
        .bind(made.taken_at.map(|taken| micros(taken.and_utc())))
        .bind(made.thumbhash.clone())
        .bind(derivatives)
        .bind(made.faces.len().cast_signed() as i64)
        .bind(made.facts.readable.map(i64::from))
        .bind(made.facts.offset_minutes.map(i64::from))
        .bind(made.facts.camera.as_deref())
        .bind(made.facts.rating.map(i64::from))
        .bind(made.facts.label.as_deref())
        .bind(words)
        .execute(&mut *tx)
        .await?;
        sidecars::apply(&mut tx, id).await?;
        clocks::place(&mut tx, id, made.facts.offset_minutes.is_some()).await?;
        faces::replace(&mut tx, id, &made.model, &made.faces).await?;
        faces::looked_at(&mut tx, id, &made.model).await?;
        for (model, faces) in &made.also {
            faces::replace(&mut tx, id, model, faces).await?;
            faces::looked_at(&mut tx, id, model).await?;
        }
        withheld::look_again(&mut tx, id).await?;
        for file in &made.files {
            files::keep(&mut tx, id, file).await?;
        }
        jobs::finish(&mut tx, job).await?;
        tx.commit().await?;
        Ok(Completed::Done)
    }

    /// Marks a photo that cannot be shown and ends the job. `code` is stable and snake_case; `readable` is how much
    /// of a picture that breaks off was there, in per cent.
    /// `false` when the photo has been erased meanwhile, or another worker has settled it: a job whose lease ran
    /// out is another's, and who had it before must not take a ready photo away with a failure of their own.
    pub async fn reject(
        &self,
        id: PhotoId,
        code: &str,
        readable: Option<u8>,
        job: JobId,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        if !jobs::finish(&mut tx, job).await? {
            return Ok(false);
        }
        leftovers::note_made(&mut tx, id, &[], &[]).await?;
        let updated = sqlx::query(
            "UPDATE photos SET state = 'rejected', reject_code = $2, readable = $3, faces = 0, derivatives = '[]', \
             thumbhash = NULL, replaced_at = NULL, header = NULL WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(code)
        .bind(readable.map(i64::from))
        .execute(&mut *tx)
        .await?;
        faces::delete(&mut tx, id).await?;
        tx.commit().await?;
        Ok(updated.rows_affected() == 1)
    }

    /// Shows or hides photos of a session; returns how many there were of the given.
    pub async fn set_selected(
        &self,
        session: PhotoSessionId,
        ids: &[PhotoId],
        selected: bool,
    ) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let mut changed = 0;
        for chunk in ids.chunks(IN_LIST) {
            changed += set_selected(&mut tx, session, chunk, selected).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Says whom photos of a session were taken for.
    pub async fn set_guest(
        &self,
        session: PhotoSessionId,
        ids: &[PhotoId],
        guest_id: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for chunk in ids.chunks(IN_LIST) {
            let list = placeholders(3, chunk.len());
            let sql =
                format!("UPDATE photos SET guest_id = $1 WHERE photo_session_id = $2 AND id IN ({list})");
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(guest_id).bind(session.to_string());
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            query.execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// In the order of `ids`; ids that are not there are left out.
pub(super) async fn get_many(
    connection: &mut AnyConnection,
    ids: &[PhotoId],
) -> Result<Vec<Photo>, StoreError> {
    select_many(connection, "1 = 1", None, ids).await
}

/// Photos by their ids, in that order, as far as `condition` lets them through. `session` is its `$1`.
async fn select_many(
    connection: &mut AnyConnection,
    condition: &str,
    session: Option<PhotoSessionId>,
    ids: &[PhotoId],
) -> Result<Vec<Photo>, StoreError> {
    let first = if session.is_some() { 2 } else { 1 };
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(IN_LIST) {
        let listed = placeholders(first, chunk.len());
        let sql = format!("SELECT * FROM photos WHERE {condition} AND id IN ({listed})");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        if let Some(session) = session {
            query = query.bind(session.to_string());
        }
        for id in chunk {
            query = query.bind(id.to_string());
        }
        for row in query.fetch_all(&mut *connection).await? {
            let photo = photo(&row)?;
            found.insert(photo.id, photo);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// See [`PhotoRows::ready_of`].
pub(super) async fn ready_of(
    connection: &mut AnyConnection,
    session: PhotoSessionId,
    ids: &[PhotoId],
    only_visible: bool,
) -> Result<Vec<Photo>, StoreError> {
    let condition = format!("photo_session_id = $1 AND {}", ready(only_visible));
    select_many(connection, &condition, Some(session), ids).await
}

/// The SQL condition for a photo that may be shown.
pub(super) fn ready(only_visible: bool) -> &'static str {
    if only_visible { VISIBLE } else { "state = 'ready'" }
}

/// The columns that [`PhotoCounts::add`] reads of a group of photos in one state.
fn counted() -> String {
    format!(
        "state, COUNT(*) AS photos, CAST(SUM(CASE WHEN {VISIBLE} THEN 1 ELSE 0 END) AS BIGINT) AS visible, \
         CAST(SUM(CASE WHEN {FINDABLE} THEN 1 ELSE 0 END) AS BIGINT) AS findable, \
         CAST(SUM(faces) AS BIGINT) AS faces"
    )
}

pub(super) async fn set_selected(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    ids: &[PhotoId],
    selected: bool,
) -> Result<u64, StoreError> {
    let sql = format!(
        "UPDATE photos SET is_selected = $1 WHERE photo_session_id = $2 AND id IN ({})",
        placeholders(3, ids.len())
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(i64::from(selected)).bind(session.to_string());
    for id in ids {
        query = query.bind(id.to_string());
    }
    Ok(query.execute(&mut **tx).await?.rows_affected())
}

/// Where a page begins, as the query's values.
pub(super) fn place(after: Option<GalleryCursor>) -> (i64, String, String) {
    after.map_or_else(
        || (i64::MIN, String::new(), String::new()),
        |GalleryCursor { at, name_key, id }| (at, name_key, id.to_string()),
    )
}
