//! The end of a gallery: its owner is reminded, then the session is put away or is to be erased.

use chrono::{DateTime, TimeDelta, Utc};

use super::{StudioError, StudioSessions};
use crate::{
    domain::{AtEnd, ERASED_AFTER, Email, GalleryTerms, Mail, PhotoSession, PhotoSessionId, SessionStatus},
    store::{StoreError, StudioSession},
};

/// An owner is reminded so long before the end.
const REMINDED: TimeDelta = TimeDelta::days(7);

impl StudioSessions {
    /// Queues mails to the owners of galleries that end soon; returns how many. Each end is told once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remind(&self, public_url: &str, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let words = |session: &PhotoSession, to| reminder(session, to, public_url);
        self.store.sessions().remind(now, now + REMINDED, words).await
    }

    /// Puts sessions away whose gallery has ended, and returns those that are to be erased now.
    ///
    /// # Errors
    /// [`StudioError`]; the rest is done the next time.
    pub async fn put_away(&self, now: DateTime<Utc>) -> Result<Vec<PhotoSessionId>, StudioError> {
        let mut to_erase = Vec::new();
        let has_ended = |terms: &GalleryTerms, by| terms.ends_at.is_some_and(|end| end <= by);
        for session in self.store.sessions().ended(now, now - ERASED_AFTER).await? {
            let put_away = |it: &mut StudioSession| {
                // Its owner may have moved the end meanwhile.
                if has_ended(&it.session.terms, now) {
                    it.session.status = SessionStatus::Archived;
                    it.session.updated_at = now;
                }
                Ok::<_, StudioError>(())
            };
            let Some(changed) = self.store.sessions().change(session.id, put_away).await? else { continue };
            let changed = changed?.session;
            if changed.status != session.status {
                self.changed(&changed).await;
            }
            if changed.terms.at_end == AtEnd::Erase && has_ended(&changed.terms, now - ERASED_AFTER) {
                to_erase.push(changed.id);
            }
        }
        Ok(to_erase)
    }
}

fn reminder(session: &PhotoSession, to: Email, public_url: &str) -> Mail {
    let (name, link) = (&session.name, format!("{public_url}/dashboard/photo-sessions/{}", session.id));
    let end =
        session.terms.ends_at.map(|end| end.format("%d.%m.%Y %H:%M UTC").to_string()).unwrap_or_default();
    let (then_ru, then_en) = match session.terms.at_end {
        AtEnd::Archive => (
            "Съёмка уйдёт в архив, фотографии останутся у вас.",
            "The session goes into the archive, and you keep its photos.",
        ),
        AtEnd::Erase => (
            "Через неделю после этого съёмка будет удалена со всеми фотографиями.",
            "A week after that the session is erased with all of its photos.",
        ),
    };
    let body = format!(
        "Галерея «{name}» закроется для гостей: {end}. {then_ru}\nИзменить дату: {link}\n\n\
         The gallery “{name}” closes to guests on {end}. {then_en}\nChange the date: {link}\n"
    );
    Mail {
        to, subject: format!("{name}: галерея скоро закроется / the gallery closes soon"), body
    }
}
