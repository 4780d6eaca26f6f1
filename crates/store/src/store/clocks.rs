//! The clocks of a session's cameras: in which zone they are read, by how much they are moved, and the order of
//! the gallery that follows from both.

use chrono::NaiveDateTime;
use sqlx::{Any, Row, Transaction};

use super::{Store, StoreError, flag, text, unsigned};
use crate::domain::{PhotoId, PhotoSessionId, TimeZone};

pub struct ClockRows<'a>(pub(super) &'a Store);

/// The zone in which clocks are read that do not say their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionZone {
    /// Minutes ahead of UTC.
    pub offset_minutes: i32,
    /// By the photographer for the cameras alone; else it is the session's own time zone or, where it has none, the one
    /// that most of its photos name, or UTC.
    pub is_chosen: bool,
}

/// One camera of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraClock {
    /// Empty for the photos that name none.
    pub camera: String,
    pub photos: u64,
    /// First and last shot by its own clock.
    pub first: NaiveDateTime,
    pub last: NaiveDateTime,
    pub shift_seconds: i64,
}

impl ClockRows<'_> {
    pub async fn zone(&self, session: PhotoSessionId) -> Result<SessionZone, StoreError> {
        let row =
            sqlx::query("SELECT offset_minutes, chosen FROM session_clocks WHERE photo_session_id = $1")
                .bind(session.to_string())
                .fetch_optional(&self.0.reads)
                .await?;
        let Some(row) = row else { return Ok(SessionZone::default()) };
        let minutes: i64 = row.try_get("offset_minutes")?;
        Ok(SessionZone {
            offset_minutes: i32::try_from(minutes).unwrap_or(0),
            is_chosen: flag(&row, "chosen")?,
        })
    }

    /// The cameras whose photos have a time, by name.
    pub async fn cameras(&self, session: PhotoSessionId) -> Result<Vec<CameraClock>, StoreError> {
        let rows = sqlx::query(
            "SELECT own.camera, own.photos, own.first_at, own.last_at, COALESCE(c.shift_seconds, 0) AS shift_seconds \
             FROM (SELECT COALESCE(camera, '') AS camera, COUNT(*) AS photos, MIN(taken_at) AS first_at, \
                   MAX(taken_at) AS last_at FROM photos \
                   WHERE photo_session_id = $1 AND state = 'ready' AND taken_at IS NOT NULL GROUP BY 1) AS own \
             LEFT JOIN camera_clocks c ON c.photo_session_id = $1 AND c.camera = own.camera ORDER BY own.camera",
        )
        .bind(session.to_string())
        .fetch_all(&self.0.reads)
        .await?;
        let camera = |row| {
            Ok(CameraClock {
                camera: text(row, "camera")?,
                photos: unsigned(row, "photos")?,
                first: super::time(row, "first_at")?.naive_utc(),
                last: super::time(row, "last_at")?.naive_utc(),
                shift_seconds: row.try_get("shift_seconds")?,
            })
        };
        rows.iter().map(camera).collect()
    }

    /// Reads clocks in another zone and orders the gallery anew; `None` goes back to the one that most photos name.
    pub async fn set_zone(&self, session: PhotoSessionId, minutes: Option<i32>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        let minutes = match minutes {
            Some(minutes) => {
                keep_zone(&mut tx, session, i64::from(minutes), true).await?;
                i64::from(minutes)
            }
            None => {
                let usual = usual_zone(&mut tx, session).await?;
                keep_zone(&mut tx, session, usual, false).await?;
                usual
            }
        };
        order(&mut tx, session, minutes, "").await?;
        Ok(tx.commit().await?)
    }

    /// Moves one camera's clock and orders the gallery anew.
    pub async fn shift(&self, session: PhotoSessionId, camera: &str, seconds: i64) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO camera_clocks (photo_session_id, camera, shift_seconds) VALUES ($1, $2, $3) \
             ON CONFLICT (photo_session_id, camera) DO UPDATE SET shift_seconds = excluded.shift_seconds",
        )
        .bind(session.to_string())
        .bind(camera)
        .bind(seconds)
        .execute(&mut *tx)
        .await?;
        let zone = kept_zone(&mut tx, session).await?.map_or(0, |(minutes, _)| minutes);
        order(&mut tx, session, zone, "").await?;
        Ok(tx.commit().await?)
    }
}

/// Puts a photo that has just become ready into its place. One that names its zone may change what the session's
/// zone is taken for, and with it the places of those that name none.
pub(super) async fn place(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    names_zone: bool,
) -> Result<(), StoreError> {
    let id = photo.to_string();
    let row = sqlx::query("SELECT photo_session_id FROM photos WHERE id = $1").bind(id.as_str());
    let session: PhotoSessionId = text(&row.fetch_one(&mut **tx).await?, "photo_session_id")?;
    let kept = kept_zone(tx, session).await?;
    let mut zone = kept.map_or(0, |(minutes, _)| minutes);
    if (names_zone && kept.is_none_or(|(_, is_chosen)| !is_chosen)) || kept.is_none() {
        let usual = usual_zone(tx, session).await?;
        if (kept.is_none() && names_zone) || usual != zone {
            keep_zone(tx, session, usual, false).await?;
            zone = usual;
            order(tx, session, zone, "").await?;
            return Ok(());
        }
    }
    order(tx, session, zone, &id).await
}

/// Works the moments out anew, of one photo or, where `photo` is empty, of all of a session.
async fn order(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    zone: i64,
    photo: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE photos SET ordered_at = taken_at - 60000000 * COALESCE(offset_minutes, $2) + 1000000 * \
         COALESCE((SELECT c.shift_seconds FROM camera_clocks c WHERE c.photo_session_id = photos.photo_session_id \
                   AND c.camera = COALESCE(photos.camera, '')), 0) \
         WHERE photo_session_id = $1 AND ($3 = '' OR id = $3)",
    )
    .bind(session.to_string())
    .bind(zone)
    .bind(photo)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn kept_zone(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
) -> Result<Option<(i64, bool)>, StoreError> {
    let row = sqlx::query("SELECT offset_minutes, chosen FROM session_clocks WHERE photo_session_id = $1")
        .bind(session.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    row.map(|row| Ok((row.try_get("offset_minutes")?, flag(&row, "chosen")?))).transpose()
}

/// The time zone of the session has changed: clocks that do not say their own are read in it, unless the photographer chose
/// one for them.
pub(super) async fn read_anew(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
) -> Result<(), StoreError> {
    let kept = kept_zone(tx, session).await?;
    if kept.is_some_and(|(_, is_chosen)| is_chosen) {
        return Ok(());
    }
    let usual = usual_zone(tx, session).await?;
    if kept.map_or(0, |(minutes, _)| minutes) != usual {
        keep_zone(tx, session, usual, false).await?;
        order(tx, session, usual, "").await?;
    }
    Ok(())
}

/// In which zone clocks are read that do not say their own: the session's at the time of its first photo or, where it has
/// none, the one that most of its photos name; of two equally frequent ones the western one; else UTC.
async fn usual_zone(tx: &mut Transaction<'static, Any>, session: PhotoSessionId) -> Result<i64, StoreError> {
    if let Some(minutes) = own_zone(tx, session).await? {
        return Ok(minutes);
    }
    let row = sqlx::query(
        "SELECT offset_minutes FROM photos WHERE photo_session_id = $1 AND offset_minutes IS NOT NULL \
         GROUP BY offset_minutes ORDER BY COUNT(*) DESC, offset_minutes LIMIT 1",
    )
    .bind(session.to_string())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| row.try_get("offset_minutes")).transpose()?.unwrap_or(0))
}

/// Minutes by which the session's own zone is ahead of UTC when its photos were taken.
async fn own_zone(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query(
        "SELECT s.time_zone, (SELECT MIN(p.taken_at) FROM photos p WHERE p.photo_session_id = s.id \
         AND p.state = 'ready') AS first_at FROM photo_sessions s WHERE s.id = $1 AND s.time_zone IS NOT NULL",
    )
    .bind(session.to_string())
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (zone, first): (TimeZone, _) = (text(&row, "time_zone")?, super::optional_time(&row, "first_at")?);
    // By the camera's clock, as it is kept.
    Ok(first.map(|first| i64::from(zone.minutes_ahead(first.naive_utc()))))
}

async fn keep_zone(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    minutes: i64,
    is_chosen: bool,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO session_clocks (photo_session_id, offset_minutes, chosen) VALUES ($1, $2, $3) \
         ON CONFLICT (photo_session_id) DO UPDATE SET offset_minutes = excluded.offset_minutes, \
         chosen = excluded.chosen",
    )
    .bind(session.to_string())
    .bind(minutes)
    .bind(i64::from(is_chosen))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
