//! Photos and what the pipeline writes about them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, DurationRound, NaiveDateTime, TimeDelta, Utc};
use sqlx::{Any, AnyConnection, Row, Transaction, any::AnyRow};

use super::{
    FileSum, GalleryCursor, IN_LIST, Narrowed, PhotoFilter, PhotoOrder, Store, StoreError, clocks, faces,
    files, jobs, leftovers, marks, micros, optional_text,
    photo_filter::Conditions,
    photo_row,
    photo_row::photo,
    placeholders, sidecars,
    sight::{self, FINDABLE, MOMENT, VISIBLE},
    text, unsigned, withheld,
};
use crate::domain::{
    Derivative, FaceId, FaceRow, JobId, Photo, PhotoFacts, PhotoId, PhotoSessionId, PhotoState, Viewer,
};

pub struct PhotoRows<'a>(pub(super) &'a Store);

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
    /// When the work on it began. A job that waited for the photo then wants what has been made now.
    pub began: DateTime<Utc>,
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
    /// Its file has been replaced meanwhile. The job is still there, and that of the new file waits behind it: the
    /// caller removes what it has made, and finishes the job then.
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
    /// Photos in the bin. They are in none of the other numbers.
    #[serde(skip)]
    pub in_bin: u64,
}

impl PhotoCounts {
    /// Those in the bin too: every photo that somebody can still see.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.total + self.in_bin
    }

    /// As guests are told of photos that are not shown to them yet.
    #[must_use]
    pub fn unseen(self) -> Self {
        Self::default()
    }

    /// Adds what a row says of one state.
    fn add(&mut self, row: &AnyRow) -> Result<(), StoreError> {
        let photos: u64 = unsigned(row, "photos")?;
        let state = text(row, "state")?;
        self.in_bin += unsigned::<u64>(row, "in_bin")?;
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

impl PhotoRows<'_> {
    /// How the photos with these bytes stand, by hash; hashes that are not there are left out. A photo that
    /// still shows its earlier file counts as queued. One in the bin is left out, so that its file may be sent again.
    pub async fn by_hashes(
        &self,
        session: PhotoSessionId,
        hashes: &[&str],
    ) -> Result<HashMap<String, PhotoStanding>, StoreError> {
        let mut found = HashMap::new();
        for chunk in hashes.chunks(IN_LIST) {
            let sql = format!(
                "SELECT id, sha256, CASE WHEN replaced_at IS NULL THEN state ELSE 'queued' END AS state, reject_code, \
                 faces, readable FROM photos WHERE photo_session_id = $1 AND bin_until IS NULL AND state <> 'indexed' \
                 AND sha256 IN ({0}) \
                 UNION ALL SELECT id, raw_sha256 AS sha256, state, reject_code, faces, readable FROM photos \
                 WHERE photo_session_id = $1 AND bin_until IS NULL AND raw_sha256 IN ({0})",
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

    /// Photos of the session that can be shown, those that such a viewer sees, in the order of `ids`.
    pub async fn ready_of(
        &self,
        session: PhotoSessionId,
        ids: &[PhotoId],
        viewer: Viewer,
    ) -> Result<Vec<Photo>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        ready_of(&mut reading, session, ids, viewer).await
    }

    /// Photos of the session that a search names, in the order of `ids`.
    pub async fn findable(&self, session: PhotoSessionId, ids: &[PhotoId]) -> Result<Vec<Photo>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        let condition = format!("photo_session_id = $1 AND {FINDABLE}");
        select_many(&mut reading, &condition, Some(session), ids).await
    }

    /// Photos that such a viewer sees, as far as they are not narrowed.
    pub async fn list_ready(
        &self,
        (session, viewer): (PhotoSessionId, Viewer),
        narrowed: Narrowed,
        order: PhotoOrder,
        after: Option<GalleryCursor>,
        limit: u32,
    ) -> Result<Vec<Photo>, StoreError> {
        self.list(Conditions::shown(session, viewer, narrowed), order, after, limit).await
    }

    /// The ids of every photo that [`list_ready`](Self::list_ready) pages through, in its order.
    pub async fn ready_ids(
        &self,
        (session, viewer): (PhotoSessionId, Viewer),
        narrowed: Narrowed,
        order: PhotoOrder,
    ) -> Result<Vec<PhotoId>, StoreError> {
        self.listed_ids(Conditions::shown(session, viewer, narrowed), order).await
    }

    /// How many of the photos that [`list_ready`](Self::list_ready) pages through were shot in each hour of the session's
    /// clock, in the gallery's order; hours without photos are left out.
    pub async fn hours(
        &self,
        (session, viewer): (PhotoSessionId, Viewer),
        narrowed: Narrowed,
        descending: bool,
    ) -> Result<Vec<(NaiveDateTime, u64)>, StoreError> {
        self.listed_hours(session, Conditions::shown(session, viewer, narrowed), descending).await
    }

    /// The same of the photos that [`list_managed`](Self::list_managed) pages through.
    pub async fn managed_hours(
        &self,
        session: PhotoSessionId,
        filter: PhotoFilter,
        descending: bool,
    ) -> Result<Vec<(NaiveDateTime, u64)>, StoreError> {
        self.listed_hours(session, Conditions::managed(session, filter), descending).await
    }

    async fn listed_hours(
        &self,
        session: PhotoSessionId,
        listed: Conditions,
        descending: bool,
    ) -> Result<Vec<(NaiveDateTime, u64)>, StoreError> {
        let by = PhotoOrder { descending, ..PhotoOrder::default() }.by();
        let sql = format!("SELECT {MOMENT} AS moment FROM photos WHERE {} ORDER BY {by}", listed.sql);
        let rows = listed.query(sql).fetch_all(&self.0.reads).await?;
        self.by_hour(session, &rows).await
    }

    async fn list(
        &self,
        mut listed: Conditions,
        order: PhotoOrder,
        after: Option<GalleryCursor>,
        limit: u32,
    ) -> Result<Vec<Photo>, StoreError> {
        listed.behind(order, after);
        let sql = format!("SELECT * FROM photos WHERE {} ORDER BY {} LIMIT {limit}", listed.sql, order.by());
        listed.query(sql).fetch_all(&self.0.reads).await?.iter().map(photo).collect()
    }

    async fn listed_ids(&self, listed: Conditions, order: PhotoOrder) -> Result<Vec<PhotoId>, StoreError> {
        let sql = format!("SELECT id FROM photos WHERE {} ORDER BY {}", listed.sql, order.by());
        listed.query(sql).fetch_all(&self.0.reads).await?.iter().map(|row| text(row, "id")).collect()
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
        sqlx::query("SELECT id FROM photos WHERE photo_session_id = $1 AND state = 'ready' AND bin_until IS NULL AND rating >= $2")
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

    /// Every photo that the filter lets through, whatever its state.
    pub async fn list_managed(
        &self,
        session: PhotoSessionId,
        filter: PhotoFilter,
        order: PhotoOrder,
        after: Option<GalleryCursor>,
        limit: u32,
    ) -> Result<Vec<Photo>, StoreError> {
        self.list(Conditions::managed(session, filter), order, after, limit).await
    }

    /// The ids of every photo that the filter lets through.
    pub async fn managed_ids(
        &self,
        session: PhotoSessionId,
        filter: PhotoFilter,
        order: PhotoOrder,
    ) -> Result<Vec<PhotoId>, StoreError> {
        self.listed_ids(Conditions::managed(session, filter), order).await
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
        match row.map(|row| text::<PhotoId>(&row, "original")).transpose()? {
            None => {
                jobs::finish(&mut tx, job).await?;
                tx.commit().await?;
                return Ok(Completed::Gone);
            }
            Some(original) if original != made.original => return Ok(Completed::Outdated),
            Some(_) => {}
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
        marks::lay_over(&mut tx, id).await?;
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
        jobs::drop_waiting(&mut tx, id, made.began).await?;
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
    viewer: Viewer,
) -> Result<Vec<Photo>, StoreError> {
    // Those who manage the session also look into its bin.
    let condition = match viewer {
        Viewer::Studio => "photo_session_id = $1 AND state = 'ready'".to_owned(),
        viewer => format!("photo_session_id = $1 AND {}", sight::ready(viewer)),
    };
    select_many(connection, &condition, Some(session), ids).await
}

/// The columns that [`PhotoCounts::add`] reads of a group of photos in one state.
fn counted() -> String {
    let sum = |condition: &str| format!("CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT)");
    format!(
        "state, {} AS photos, {} AS in_bin, {} AS visible, {} AS findable, \
         CAST(SUM(CASE WHEN bin_until IS NULL THEN faces ELSE 0 END) AS BIGINT) AS faces",
        sum("bin_until IS NULL"),
        sum("bin_until > 0"),
        sum(VISIBLE),
        sum(FINDABLE)
    )
}

pub(super) async fn set_selected(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    ids: &[PhotoId],
    selected: bool,
) -> Result<u64, StoreError> {
    let sql = format!(
        "UPDATE photos SET is_selected = $1 WHERE photo_session_id = $2 AND bin_until IS NULL AND id IN ({})",
        placeholders(3, ids.len())
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(i64::from(selected)).bind(session.to_string());
    for id in ids {
        query = query.bind(id.to_string());
    }
    Ok(query.execute(&mut **tx).await?.rows_affected())
}
