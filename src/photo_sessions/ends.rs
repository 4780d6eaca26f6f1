//! The end of a gallery: its owner is reminded, then the session is put away or is to be erased.

use chrono::{DateTime, TimeDelta, Utc};

use super::{StudioError, StudioSessions};
use crate::{
    domain::{
        AtEnd, ERASED_AFTER, Email, GalleryTerms, Mail, PhotoSession, PhotoSessionId, SessionStatus, TimeZone,
    },
    store::{StoreError, StudioSession},
    words::in_all,
};

/// An owner is reminded so long before the end.
const REMINDED: TimeDelta = TimeDelta::days(7);

impl StudioSessions {
    /// Queues mails to the owners of galleries that end soon; returns how many. Each end is told once, in the session's time
    /// zone, else in this one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remind(
        &self,
        public_url: &str,
        zone: Option<TimeZone>,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let words =
            |session: &PhotoSession, to| reminder(session, to, public_url, session.time_zone.or(zone));
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

fn reminder(session: &PhotoSession, to: Email, public_url: &str, zone: Option<TimeZone>) -> Mail {
    let (name, link) = (&session.name, format!("{public_url}/dashboard/photo-sessions/{}", session.id));
    let body = match session.terms.at_end {
        AtEnd::Archive => "mails.gallery_ends.archived",
        AtEnd::Erase => "mails.gallery_ends.erased",
    };
    let body = in_all(|words| {
        let end = session.terms.ends_at.map(|end| words.moment(end, zone)).unwrap_or_default();
        words.fill(body, &[("session", name), ("end", &end), ("link", &link)])
    });
    let subject = in_all(|words| words.say("mails.gallery_ends.subject").to_owned()).join(" / ");
    Mail { to, subject: format!("{name}: {subject}"), body: body.join("\n") }
}
