//! Chapters of sessions, and which photos were put into them by hand.

use chrono::{DateTime, Utc};
use sqlx::{Row, any::AnyRow};

use super::{
    PhotoRows, Store, StoreError, micros, optional_text, optional_time,
    photo_filter::{Conditions, Narrowed},
    sight::MOMENT,
    text, time,
};
use crate::domain::{Chapter, ChapterId, Chapters, PhotoId, PhotoSessionId, PhotoWords, Viewer};

pub struct ChapterRows<'a>(pub(super) &'a Store);

/// What a photo says of where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoPlace {
    pub moment: DateTime<Utc>,
    /// The chapter that it was put into by hand.
    pub chapter: Option<ChapterId>,
    /// The photographer whom its file names.
    pub credit: Option<String>,
}

impl ChapterRows<'_> {
    /// The session's chapters in their order.
    pub async fn of(&self, session: PhotoSessionId) -> Result<Chapters, StoreError> {
        let rows = sqlx::query(
            "SELECT id, name, starts_at FROM chapters WHERE photo_session_id = $1 ORDER BY place, id",
        )
        .bind(session.to_string())
        .fetch_all(&self.0.reads)
        .await?;
        let offset_minutes = self.0.clocks().zone(session).await?.offset_minutes;
        let list = rows.iter().map(chapter).collect::<Result<_, _>>()?;
        Ok(Chapters { list, offset_minutes })
    }

    /// Whether the session has any.
    pub async fn any(&self, session: PhotoSessionId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 AS n FROM chapters WHERE photo_session_id = $1 LIMIT 1")
            .bind(session.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        Ok(row.is_some())
    }

    /// Makes these the session's chapters, in this order. Photos that were put by hand into one that is not among them go
    /// where their time says.
    pub async fn set(&self, session: PhotoSessionId, chapters: &[Chapter]) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM chapters WHERE photo_session_id = $1")
            .bind(session.to_string())
            .execute(&mut *tx)
            .await?;
        for (place, chapter) in chapters.iter().enumerate() {
            sqlx::query(
                "INSERT INTO chapters (id, photo_session_id, place, name, starts_at) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(chapter.id.to_string())
            .bind(session.to_string())
            .bind(i64::try_from(place).unwrap_or(i64::MAX))
            .bind(chapter.name.as_str())
            .bind(chapter.starts_at.map(|start| micros(start.and_utc())))
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query(
            "UPDATE photos SET chapter_id = NULL WHERE photo_session_id = $1 AND chapter_id IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM chapters c WHERE c.id = photos.chapter_id)",
        )
        .bind(session.to_string())
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Where each photo belongs that a visitor sees, in the order of the gallery.
    pub async fn places(
        &self,
        session: PhotoSessionId,
        viewer: Viewer,
    ) -> Result<Vec<PhotoPlace>, StoreError> {
        let shown = Conditions::shown(session, viewer, Narrowed::default());
        let sql = format!(
            "SELECT {MOMENT} AS moment, chapter_id, words FROM photos WHERE {} ORDER BY {MOMENT}, name_key, id",
            shown.sql
        );
        shown.query(sql).fetch_all(&self.0.reads).await?.iter().map(place).collect()
    }
}

impl PhotoRows<'_> {
    /// Puts photos of a session into a chapter by hand, or where their time says. Returns those of the session.
    pub async fn set_chapter(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        chapter: Option<ChapterId>,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let sql = "UPDATE photos SET chapter_id = $1 WHERE photo_session_id = $2 AND bin_until IS NULL";
        let chapter = chapter.map(|chapter| chapter.to_string());
        self.each(sql, photos, |query| query.bind(chapter.clone()).bind(session.to_string())).await
    }
}

fn chapter(row: &AnyRow) -> Result<Chapter, StoreError> {
    let starts_at = optional_time(row, "starts_at")?.map(|start| start.naive_utc());
    Ok(Chapter { id: text(row, "id")?, name: row.try_get("name")?, starts_at })
}

fn place(row: &AnyRow) -> Result<PhotoPlace, StoreError> {
    let words: Option<&str> = row.try_get("words")?;
    let words: Option<PhotoWords> = words
        .map(serde_json::from_str)
        .transpose()
        .map_err(|_| StoreError::Corrupt("column words".to_owned()))?;
    let credit = words.and_then(|words| words.creator).filter(|creator| !creator.is_empty());
    Ok(PhotoPlace { moment: time(row, "moment")?, chapter: optional_text(row, "chapter_id")?, credit })
}
