//! When a guest is told of photos that came in: at once while the event runs, then once an hour.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{domain::PhotoSession, store::News};

/// How long an event lasts at most, from the time that the session has or, where it has none, from the guest's yes.
const EVENT: TimeDelta = TimeDelta::hours(24);
/// Photos that come in one after the other are told together.
const GATHERING: TimeDelta = TimeDelta::seconds(30);
/// Between two messages while the event runs.
const AT_ONCE: TimeDelta = TimeDelta::minutes(5);
/// The same later.
const HOURLY: TimeDelta = TimeDelta::hours(1);

/// When to look for the guest in photos that have just come.
pub(super) fn due(session: &PhotoSession, news: &News, now: DateTime<Utc>) -> DateTime<Utc> {
    if !runs(session, news, now) {
        return now + HOURLY;
    }
    let told = news.told_at.map_or(now, |told| told + AT_ONCE);
    told.max(now + GATHERING)
}

fn runs(session: &PhotoSession, news: &News, now: DateTime<Utc>) -> bool {
    let began = session.scheduled_at.unwrap_or(news.created_at);
    !session.status.is_completed() && now < began + EVENT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ConsentId, GalleryTerms, Language, NewsChannel, PhotoSessionId, SessionStatus, StudioId,
    };

    fn wedding(status: SessionStatus, scheduled_at: Option<DateTime<Utc>>) -> PhotoSession {
        PhotoSession {
            id: PhotoSessionId::generate(),
            name: "Anna & Ivan".into(),
            description: None,
            studio_id: StudioId::generate(),
            photographer_id: None,
            status,
            gallery_open: true,
            face_search: true,
            terms: GalleryTerms::default(),
            scheduled_at,
            time_zone: None,
            completed_at: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn guest(told_at: Option<DateTime<Utc>>, created_at: DateTime<Utc>) -> News {
        News {
            id: ConsentId::generate(),
            session: PhotoSessionId::generate(),
            studio: StudioId::generate(),
            channel: NewsChannel::Mail,
            address: None,
            language: Language::English,
            pin: None,
            confirmed_at: Some(created_at),
            told_at,
            ended_at: None,
            created_at,
        }
    }

    #[test]
    fn news_come_at_once_while_the_event_runs_and_hourly_after_it() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("in range");
        let minutes = |minutes: i64| now + TimeDelta::minutes(minutes);
        let active = wedding(SessionStatus::Active, None);
        let late = |session: &PhotoSession, told: Option<i64>| {
            (due(session, &guest(told.map(minutes), minutes(-60)), now) - now).num_seconds()
        };
        assert_eq!(late(&active, None), 30, "photos of one moment come together");
        assert_eq!(late(&active, Some(-20)), 30);
        assert_eq!(late(&active, Some(-1)), 240, "five minutes after the message before");
        assert_eq!(late(&wedding(SessionStatus::Completed, None), None), 3600);
        assert_eq!(late(&wedding(SessionStatus::Other("COMPLETED".into()), None), None), 3600);
        assert_eq!(late(&wedding(SessionStatus::Active, Some(minutes(-60))), None), 30);
        assert_eq!(
            late(&wedding(SessionStatus::Active, Some(minutes(-25 * 60))), None),
            3600,
            "the day after"
        );
    }
}
