//! What a file becomes that has come in: a photo, the other file of a shot that is there, or the new file of a photo
//! that is there. One transaction decides it, so that two files of one shot that come at once are one photo.

use chrono::{DateTime, NaiveDateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    FileSum, InLibrary, JobKind, PhotoRows, StoreError, bin, external_ids, files, guest_photos, jobs,
    leftovers,
    library::{self, Noted},
    micros, photo_row, text,
};
use crate::domain::{Photo, PhotoId, PhotoSessionId, Shot, folded_name, is_raw, name_key, stem_key};

/// A file whose bytes are already stored under its id.
#[derive(Debug, Clone)]
pub struct NewPhoto {
    /// The photo's, if the file becomes one. The file lies under it in any case.
    pub id: PhotoId,
    pub photo_session_id: PhotoSessionId,
    pub guest_id: Option<String>,
    pub is_selected: bool,
    pub filename: String,
    /// Of the original; lower-case hex.
    pub sha256: String,
    pub bytes: u64,
    pub media_type: String,
    /// From the file's header, before EXIF orientation; pixels.
    pub width: u32,
    pub height: u32,
    /// From the file's header, by the camera's clock.
    pub taken_at: Option<NaiveDateTime>,
    pub camera: Option<String>,
    /// Of the file's bytes; `None` leaves it to be found out when it is needed.
    pub crc32: Option<u32>,
    /// The file's header as JSON, for the worker that processes it.
    pub header: Option<String>,
    /// The sender wants it in the place of the photo of this name.
    pub replaces: bool,
}

impl NewPhoto {
    fn shot(&self) -> Shot<'_> {
        Shot { taken_at: self.taken_at, camera: self.camera.as_deref() }
    }
}

/// The outcome of receiving a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Stored, as this photo or as a file of it; durable. Also a photo that had failed by our fault and goes on.
    Stored(PhotoId),
    /// The session has the same bytes already, as this photo. The caller deletes its own copy.
    Duplicate(PhotoId),
    /// It is no picture, but says something of one.
    Sidecar,
}

/// A stored file: of which photo, and under which id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFile {
    pub photo: PhotoId,
    pub file: PhotoId,
    /// The photo is in the bin.
    pub is_in_bin: bool,
}

impl PhotoRows<'_> {
    /// Writes what the file becomes and the job that will process it in one transaction. The unique keys over
    /// (session, hash) decide what is a duplicate, also between two simultaneous uploads.
    pub async fn receive(&self, new: &NewPhoto, now: DateTime<Utc>) -> Result<Received, StoreError> {
        let mut tx = self.0.write().await?;
        if let Some(known) = known(&mut tx, new.photo_session_id, &new.sha256).await? {
            if bin::take_out(&mut tx, known.photo).await? {
                tx.commit().await?;
            }
            // Stored by an earlier try that did not live to say so.
            let is_ours = known.file == new.id;
            return Ok(if is_ours {
                Received::Stored(known.photo)
            } else {
                Received::Duplicate(known.photo)
            });
        }
        let indexed = external_ids::take_indexed(&mut tx, new, now).await?;
        let place = place(&mut tx, new).await?;
        let photo = become_photo(&mut tx, new, place, now).await?;
        external_ids::give(&mut tx, new.photo_session_id, photo, &indexed).await?;
        tx.commit().await?;
        Ok(Received::Stored(photo))
    }

    /// The same for a file that stays in its library; where it lies commits with it. A changed file takes the place of
    /// the one that its key named before. `None` when nothing came of it: the photo was deleted here, or the session
    /// was erased during the sync.
    pub async fn receive_in_library(
        &self,
        new: &NewPhoto,
        file: &InLibrary,
        now: DateTime<Utc>,
    ) -> Result<Option<Received>, StoreError> {
        let mut tx = self.0.write().await?;
        let session = new.photo_session_id;
        if !library::is_there(&mut tx, session).await? {
            return Ok(None);
        }
        let noted = |original| Noted {
            original: Some(original),
            sha256: Some(&new.sha256),
            bytes: new.bytes,
            code: None,
        };
        let received = if let Some(known) = known(&mut tx, session, &new.sha256).await? {
            // A file of our own is not the library's to take away.
            let noted = if library::has(&mut tx, known.file).await? {
                noted(known.file)
            } else {
                Noted { original: None, code: Some(library::DUPLICATE), ..noted(known.file) }
            };
            library::note(&mut tx, session, file, noted).await?;
            Some(Received::Duplicate(known.photo))
        } else if let Some(original) = library::deleted_here(&mut tx, session, &new.sha256).await? {
            library::note(&mut tx, session, file, noted(original)).await?;
            None
        } else {
            let indexed = external_ids::take_indexed(&mut tx, new, now).await?;
            let before = match library::earlier(&mut tx, session, &file.key).await? {
                Some(original) => instead_of(&mut tx, session, original).await?,
                None => None,
            };
            let place = match before {
                Some(place) => place,
                None => place(&mut tx, new).await?,
            };
            let photo = become_photo(&mut tx, new, place, now).await?;
            external_ids::give(&mut tx, session, photo, &indexed).await?;
            library::note(&mut tx, session, file, noted(new.id)).await?;
            Some(Received::Stored(photo))
        };
        tx.commit().await?;
        Ok(received)
    }

    /// The stored file with these bytes, so that a known one need not be stored first.
    pub async fn find_by_hash(
        &self,
        session: PhotoSessionId,
        sha256: &str,
    ) -> Result<Option<KnownFile>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        known(&mut reading, session, sha256).await
    }
}

/// Writes what the file becomes; returns the photo.
async fn become_photo(
    tx: &mut Transaction<'static, Any>,
    new: &NewPhoto,
    place: Place,
    now: DateTime<Utc>,
) -> Result<PhotoId, StoreError> {
    let photo = match place {
        Place::New => {
            insert(tx, new, now).await?;
            return Ok(new.id);
        }
        Place::RawOf(photo) => {
            keep_raw(tx, &photo, new).await?;
            note_sum(tx, photo.id, "raw", new).await?;
            photo
        }
        Place::PictureOf(photo) => {
            let raw = NewPhoto {
                id: photo.original,
                filename: photo.filename.clone(),
                sha256: photo.sha256.clone(),
                bytes: photo.bytes,
                media_type: photo.media_type.clone(),
                ..new.clone()
            };
            files::rename(tx, photo.id, "original", "raw").await?;
            show(tx, &photo, new, now).await?;
            keep_raw(tx, &photo, &raw).await?;
            photo
        }
        Place::InsteadOf(photo) => {
            show(tx, &photo, new, now).await?;
            leftovers::note_original(tx, &photo, photo.original).await?;
            photo
        }
        Place::InsteadOfRaw(photo, raw) => {
            keep_raw(tx, &photo, new).await?;
            note_sum(tx, photo.id, "raw", new).await?;
            leftovers::note_original(tx, &photo, raw).await?;
            photo
        }
    };
    Ok(photo.id)
}

/// The place of the photo that has this original, for a file that takes it.
async fn instead_of(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    original: PhotoId,
) -> Result<Option<Place>, StoreError> {
    let Some(photo) = library::photo_of(tx, session, original).await? else { return Ok(None) };
    let is_raw = photo.raw.as_ref().is_some_and(|raw| raw.file == original);
    Ok(Some(if is_raw { Place::InsteadOfRaw(photo, original) } else { Place::InsteadOf(photo) }))
}

/// The role of a received file.
enum Place {
    New,
    /// The RAW of a photo that is there.
    RawOf(Photo),
    /// The picture of a photo of which only the RAW is there.
    PictureOf(Photo),
    /// The new file of a photo that is there.
    InsteadOf(Photo),
    /// The new RAW of a photo that is there, and under which id the old one lies.
    InsteadOfRaw(Photo, PhotoId),
}

async fn known(
    connection: &mut sqlx::AnyConnection,
    session: PhotoSessionId,
    sha256: &str,
) -> Result<Option<KnownFile>, StoreError> {
    let row = sqlx::query(
        "SELECT id, COALESCE(original_id, id) AS file, bin_until FROM photos WHERE photo_session_id = $1 AND sha256 = $2 \
         AND state <> 'indexed' UNION ALL SELECT id, raw_id AS file, bin_until FROM photos \
         WHERE photo_session_id = $1 AND raw_sha256 = $2",
    )
    .bind(session.to_string())
    .bind(sha256)
    .fetch_optional(connection)
    .await?;
    let file = |row: AnyRow| {
        let is_in_bin = row.try_get::<Option<i64>, _>("bin_until")?.is_some();
        Ok(KnownFile { photo: text(&row, "id")?, file: text(&row, "file")?, is_in_bin })
    };
    row.map(file).transpose()
}

async fn place(tx: &mut Transaction<'static, Any>, new: &NewPhoto) -> Result<Place, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM photos WHERE photo_session_id = $1 AND (stem_key = $2 OR filename = $3) \
         AND state <> 'indexed' AND bin_until IS NULL ORDER BY id",
    )
    .bind(new.photo_session_id.to_string())
    .bind(stem_key(&new.filename))
    .bind(new.filename.as_str())
    .fetch_all(&mut **tx)
    .await?;
    let mut alike: Vec<Photo> = rows.iter().map(photo_row::photo).collect::<Result<_, _>>()?;
    if new.replaces
        && let Some(found) = only_of_this_name(&alike, new)
    {
        let photo = alike.swap_remove(found.at);
        return Ok(found.raw.map_or(Place::InsteadOf(photo.clone()), |raw| Place::InsteadOfRaw(photo, raw)));
    }
    let is_new_raw = is_raw(&new.media_type);
    let other = alike.into_iter().find(|photo| {
        photo.raw.is_none() && photo.is_raw() != is_new_raw && new.shot().is_same(&photo.shot())
    });
    Ok(match other {
        Some(photo) if is_new_raw => Place::RawOf(photo),
        Some(photo) => Place::PictureOf(photo),
        None => Place::New,
    })
}

struct OfThisName {
    at: usize,
    /// Where it is the photo's RAW that has the name.
    raw: Option<PhotoId>,
}

/// The one photo whose file has exactly this name and may be of the same shot. Cameras count from 1 again and again:
/// of several of a name the one of the same shot is meant, and where even that is not one, none.
fn only_of_this_name(alike: &[Photo], new: &NewPhoto) -> Option<OfThisName> {
    let name = folded_name(&new.filename);
    let named = alike.iter().enumerate().filter_map(|(at, photo)| {
        let raw = photo.raw.as_ref().filter(|raw| folded_name(&raw.filename) == name).map(|raw| raw.file);
        let is_named = raw.is_some() || folded_name(&photo.filename) == name;
        (is_named && !new.shot().contradicts(&photo.shot())).then_some(OfThisName { at, raw })
    });
    let mut named: Vec<OfThisName> = named.collect();
    if named.len() > 1 {
        named.retain(|found| new.shot().is_same(&alike[found.at].shot()));
    }
    if named.len() == 1 { named.pop() } else { None }
}

async fn insert(
    tx: &mut Transaction<'static, Any>,
    new: &NewPhoto,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO photos (id, photo_session_id, guest_id, filename, sha256, bytes, media_type, width, \
         height, is_selected, state, created_at, name_key, stem_key, taken_at, camera, header, folded_name) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(new.id.to_string())
    .bind(new.photo_session_id.to_string())
    .bind(new.guest_id.as_deref())
    .bind(new.filename.as_str())
    .bind(new.sha256.as_str())
    .bind(new.bytes.cast_signed())
    .bind(new.media_type.as_str())
    .bind(i64::from(new.width))
    .bind(i64::from(new.height))
    .bind(i64::from(new.is_selected))
    .bind(micros(now))
    .bind(name_key(&new.filename))
    .bind(stem_key(&new.filename))
    .bind(new.taken_at.map(|taken| micros(taken.and_utc())))
    .bind(new.camera.as_deref())
    .bind(new.header.as_deref())
    .bind(folded_name(&new.filename))
    .execute(&mut **tx)
    .await?;
    note_sum(tx, new.id, "original", new).await?;
    jobs::enqueue(tx, JobKind::ProcessPhoto, new.id.0, now).await?;
    // The last: it may take the photo away again.
    guest_photos::mark(tx, new.id, now).await
}

/// Makes the file the photo's original. A ready photo goes on showing what was made of the file before until the
/// job is done.
async fn show(
    tx: &mut Transaction<'static, Any>,
    photo: &Photo,
    new: &NewPhoto,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE photos SET original_id = $2, filename = $3, sha256 = $4, bytes = $5, media_type = $6, \
         name_key = $7, stem_key = $8, taken_at = COALESCE($9, taken_at), camera = COALESCE($10, camera), \
         replaced_at = $11, state = CASE state WHEN 'ready' THEN 'ready' ELSE 'queued' END, \
         reject_code = NULL, header = $12, folded_name = $13 WHERE id = $1",
    )
    .bind(photo.id.to_string())
    .bind(new.id.to_string())
    .bind(new.filename.as_str())
    .bind(new.sha256.as_str())
    .bind(new.bytes.cast_signed())
    .bind(new.media_type.as_str())
    .bind(name_key(&new.filename))
    .bind(stem_key(&new.filename))
    .bind(new.taken_at.map(|taken| micros(taken.and_utc())))
    .bind(new.camera.as_deref())
    .bind(micros(now))
    .bind(new.header.as_deref())
    .bind(folded_name(&new.filename))
    .execute(&mut **tx)
    .await?;
    note_sum(tx, photo.id, "original", new).await?;
    jobs::enqueue(tx, JobKind::ProcessPhoto, photo.id.0, now).await?;
    Ok(())
}

async fn keep_raw(
    tx: &mut Transaction<'static, Any>,
    photo: &Photo,
    raw: &NewPhoto,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE photos SET raw_id = $2, raw_filename = $3, raw_sha256 = $4, raw_bytes = $5, \
         raw_media_type = $6 WHERE id = $1",
    )
    .bind(photo.id.to_string())
    .bind(raw.id.to_string())
    .bind(raw.filename.as_str())
    .bind(raw.sha256.as_str())
    .bind(raw.bytes.cast_signed())
    .bind(raw.media_type.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keeps the checksum of a file that has come in. That of the file before it is not this one's.
async fn note_sum(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    name: &str,
    new: &NewPhoto,
) -> Result<(), StoreError> {
    let Some(crc32) = new.crc32 else { return files::forget(tx, photo, name).await };
    let sum = FileSum { name: name.to_owned(), bytes: new.bytes, crc32, mark: None };
    files::keep(tx, photo, &sum).await?;
    Ok(())
}
