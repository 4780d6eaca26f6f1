//! The chapters of a session: set by who manages it, filled by the time of the shot or by hand.

use chrono::NaiveDateTime;

use super::GalleryKeeper;
use crate::{
    domain::{Chapter, ChapterId, Chapters, PhotoId, PhotoSessionId, Viewer},
    events::Event,
    store::{PhotoPlace, StoreError},
};

/// A session has no more.
pub const MOST_CHAPTERS: usize = 50;
const LONGEST_NAME: usize = 80;

#[derive(Debug, thiserror::Error)]
pub enum ChapterError {
    #[error("a chapter's name is no line of 1 to 80 characters")]
    InvalidName,
    #[error("a session has at most 50 chapters")]
    TooMany,
    #[error("there is no such chapter")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A chapter as somebody wants it.
#[derive(Debug, Clone)]
pub struct WantedChapter {
    /// `None` for a new one.
    pub id: Option<ChapterId>,
    pub name: String,
    pub starts_at: Option<NaiveDateTime>,
}

impl GalleryKeeper {
    /// The session's chapters.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn chapters(&self, session: PhotoSessionId) -> Result<Chapters, StoreError> {
        self.store.chapters().of(session).await
    }

    /// Where each photo belongs that can be shown, hidden ones too, in the order of the gallery.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn places(&self, session: PhotoSessionId) -> Result<Vec<PhotoPlace>, StoreError> {
        self.store.chapters().places(session, Viewer::Studio).await
    }

    /// Makes these the session's chapters, in this order; those that are not among them go.
    ///
    /// # Errors
    /// [`ChapterError`]; nothing is changed then.
    pub async fn set_chapters(
        &self,
        session: PhotoSessionId,
        wanted: Vec<WantedChapter>,
    ) -> Result<Chapters, ChapterError> {
        if wanted.len() > MOST_CHAPTERS {
            return Err(ChapterError::TooMany);
        }
        let known = self.chapters(session).await?.list;
        let mut chapters: Vec<Chapter> = Vec::with_capacity(wanted.len());
        for WantedChapter { id, name, starts_at } in wanted {
            let name = name.trim().to_owned();
            let length = name.chars().count();
            if length == 0 || length > LONGEST_NAME || name.chars().any(char::is_control) {
                return Err(ChapterError::InvalidName);
            }
            let is_known = |id: &ChapterId| known.iter().any(|chapter| chapter.id == *id);
            let is_twice = |id: &ChapterId| chapters.iter().any(|chapter| chapter.id == *id);
            let id = match id {
                Some(id) if is_known(&id) && !is_twice(&id) => id,
                Some(_) => return Err(ChapterError::NotFound),
                None => ChapterId::generate(),
            };
            chapters.push(Chapter { id, name, starts_at });
        }
        self.store.chapters().set(session, &chapters).await?;
        self.events.publish(session, Event::Counts);
        Ok(self.chapters(session).await?)
    }

    /// Puts photos into a chapter by hand, or where their time says; those of another session are left alone. Returns
    /// those that are there.
    ///
    /// # Errors
    /// [`ChapterError::NotFound`], [`ChapterError::Store`]; nothing is changed then.
    pub async fn put_into_chapter(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        chapter: Option<ChapterId>,
    ) -> Result<Vec<PhotoId>, ChapterError> {
        if let Some(id) = chapter
            && !self.chapters(session).await?.list.iter().any(|chapter| chapter.id == id)
        {
            return Err(ChapterError::NotFound);
        }
        Ok(self.store.photos().set_chapter(session, photos, chapter).await?)
    }
}
