//! A photo's row as a photo.

use sqlx::{Row, any::AnyRow};

use super::{StoreError, flag, optional_text, optional_time, text, time, unsigned};
use crate::domain::{CoupleHides, Photo, PhotoFacts, RawFile};

pub(super) fn photo(row: &AnyRow) -> Result<Photo, StoreError> {
    let derivatives: &str = row.try_get("derivatives")?;
    let taken_at = optional_time(row, "taken_at")?;
    let created_at = time(row, "created_at")?;
    Ok(Photo {
        id: text(row, "id")?,
        photo_session_id: text(row, "photo_session_id")?,
        original: match optional_text(row, "original_id")? {
            Some(original) => original,
            None => text(row, "id")?,
        },
        raw: raw(row)?,
        is_replaced: row.try_get::<Option<i64>, _>("replaced_at")?.is_some(),
        guest_id: row.try_get("guest_id")?,
        filename: row.try_get("filename")?,
        sha256: row.try_get("sha256")?,
        bytes: unsigned(row, "bytes")?,
        media_type: row.try_get("media_type")?,
        width: unsigned(row, "width")?,
        height: unsigned(row, "height")?,
        ordered_at: optional_time(row, "ordered_at")?.or(taken_at).unwrap_or(created_at),
        name_key: row.try_get("name_key")?,
        facts: facts(row)?,
        taken_at: taken_at.map(|taken| taken.naive_utc()),
        is_selected: flag(row, "is_selected")?,
        is_withheld: flag(row, "is_withheld")?,
        couple_hides: couple_hides(row)?,
        bin_until: optional_time(row, "bin_until")?,
        chapter: optional_text(row, "chapter_id")?,
        is_from_guest: flag(row, "is_from_guest")?,
        state: text(row, "state")?,
        reject_code: row.try_get("reject_code")?,
        thumbhash: row.try_get("thumbhash")?,
        derivatives: serde_json::from_str(derivatives)
            .map_err(|_| StoreError::Corrupt("column derivatives".to_owned()))?,
        faces: unsigned(row, "faces")?,
        created_at,
    })
}

fn facts(row: &AnyRow) -> Result<PhotoFacts, StoreError> {
    let words: Option<String> = row.try_get("words")?;
    let number = |column: &str| row.try_get::<Option<i64>, _>(column);
    Ok(PhotoFacts {
        readable: per_cent(row)?,
        offset_minutes: number("offset_minutes")?.and_then(|minutes| i32::try_from(minutes).ok()),
        camera: row.try_get("camera")?,
        rating: stars(row)?,
        label: row.try_get("label")?,
        words: words
            .map(|words| serde_json::from_str(&words))
            .transpose()
            .map_err(|_| StoreError::Corrupt("column words".to_owned()))?
            .unwrap_or_default(),
    })
}

pub(super) fn stars(row: &AnyRow) -> Result<Option<i8>, StoreError> {
    let rating: Option<i64> = row.try_get("rating")?;
    Ok(rating.and_then(|stars| i8::try_from(stars).ok()))
}

pub(super) fn per_cent(row: &AnyRow) -> Result<Option<u8>, StoreError> {
    let readable: Option<i64> = row.try_get("readable")?;
    Ok(readable.and_then(|readable| u8::try_from(readable).ok()))
}

fn couple_hides(row: &AnyRow) -> Result<Option<CoupleHides>, StoreError> {
    let is_overruled = flag(row, "couple_overruled")?;
    Ok(optional_time(row, "couple_hid_at")?.map(|at| CoupleHides { at, is_overruled }))
}

/// The photo's RAW, as its row has it.
fn raw(row: &AnyRow) -> Result<Option<RawFile>, StoreError> {
    let Some(file) = optional_text(row, "raw_id")? else { return Ok(None) };
    Ok(Some(RawFile {
        file,
        filename: row.try_get("raw_filename")?,
        sha256: row.try_get("raw_sha256")?,
        bytes: unsigned(row, "raw_bytes")?,
        media_type: row.try_get("raw_media_type")?,
    }))
}
