//! Validation with a short memory, so that a crowd at the door does not become a crowd at the database.
//!
//! - An answer, "not found" included, is believed for the cache time (default 30 s).
//! - However many guests ask at once, each source is asked once.
//! - When a source fails, a session seen within the last [`GRACE`] goes on working; any other
//!   is refused: nobody gets in because a database is away.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use moka::{future::Cache, ops::compute::Op};

use super::{SessionSource, SourceError};
use crate::{
    domain::{Clock, PhotoSession, PhotoSessionId, SessionStatus},
    telemetry,
};

/// How long a session that was seen goes on working while its source is away.
pub const GRACE: TimeDelta = TimeDelta::minutes(5);

/// How long a failed source is left alone, so that an outage is not answered with a flood of retries.
const BACK_OFF: TimeDelta = TimeDelta::seconds(1);

/// A bound on memory: an attacker may ask for any number of made-up ids.
const REMEMBERED: u64 = 100_000;

#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionError {
    #[error("there is no such session")]
    NotFound,
    #[error("the session is closed to guests")]
    FacePassDisabled,
    #[error("guests may look at the session and not search it by face")]
    FaceSearchOff,
    #[error("the gallery opens with a PIN")]
    PinRequired,
    #[error("the photos are not shown yet")]
    NotRevealed,
    #[error(transparent)]
    Unavailable(#[from] SourceError),
}

impl SessionError {
    /// Stable name of the failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "session_not_found",
            Self::FacePassDisabled => "facepass_disabled",
            Self::FaceSearchOff => "face_search_off",
            Self::PinRequired => "pin_required",
            Self::NotRevealed => "not_revealed",
            Self::Unavailable(_) => "source_unavailable",
        }
    }
}

/// The outcome of validating a well-formed id.
#[derive(Debug, Clone, PartialEq)]
pub enum Validation {
    Valid(Arc<PhotoSession>),
    NotFound,
    FacePassDisabled,
}

/// Cheap to clone; all clones share what is remembered.
#[derive(Clone)]
pub struct PhotoSessions {
    sources: Vec<Arc<dyn SessionSource>>,
    remembered: Cache<PhotoSessionId, Remembered>,
    cache_time: TimeDelta,
    clock: Clock,
}

#[derive(Clone)]
struct Remembered {
    answer: Answer,
    fresh_until: DateTime<Utc>,
    /// The last session that a source gave and when it was asked, for use while it is away.
    seen: Option<(Arc<PhotoSession>, DateTime<Utc>)>,
}

#[derive(Clone)]
enum Answer {
    Found(Arc<PhotoSession>),
    NotFound,
    Unavailable(SourceError),
}

impl PhotoSessions {
    /// `sources` are asked in this order. `cache_time` of zero asks the source every time.
    #[must_use]
    pub fn new(sources: Vec<Arc<dyn SessionSource>>, cache_time: Duration, clock: Clock) -> Self {
        let cache_time = TimeDelta::from_std(cache_time).unwrap_or(GRACE);
        let remembered = Cache::builder()
            .max_capacity(REMEMBERED)
            .time_to_live(GRACE.max(cache_time).to_std().unwrap_or_default())
            .build();
        Self { sources, remembered, cache_time, clock }
    }

    /// The time by which sessions open and close.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// The session, whatever its state.
    ///
    /// # Errors
    /// `NotFound`, or `Unavailable` when no source knows it and one did not answer.
    pub async fn get(&self, id: PhotoSessionId) -> Result<Arc<PhotoSession>, SessionError> {
        let fresh = self.remembered.get(&id).await.filter(|r| (self.clock)() < r.fresh_until);
        telemetry::cache_asked("sessions", fresh.is_some());
        let answer = match fresh {
            Some(fresh) => fresh.answer,
            None => self.refresh(id).await,
        };
        match answer {
            Answer::Found(session) => Ok(session),
            Answer::NotFound => Err(SessionError::NotFound),
            Answer::Unavailable(error) => Err(error.into()),
        }
    }

    /// The session if guests may use it now. Everything that shows a guest something starts here.
    ///
    /// # Errors
    /// As [`get`](Self::get), and `FacePassDisabled`.
    pub async fn open(&self, id: PhotoSessionId) -> Result<Arc<PhotoSession>, SessionError> {
        let session = self.get(id).await?;
        if session.is_open((self.clock)()) { Ok(session) } else { Err(SessionError::FacePassDisabled) }
    }

    /// Whether guests may search in the session, for callers to whom "no" is an answer, not a failure.
    ///
    /// # Errors
    /// Only when a source did not answer.
    pub async fn validate(&self, id: PhotoSessionId) -> Result<Validation, SourceError> {
        match self.open(id).await {
            Ok(session) if session.facepass_enabled() => Ok(Validation::Valid(session)),
            Ok(_) => Ok(Validation::FacePassDisabled),
            Err(SessionError::NotFound) => Ok(Validation::NotFound),
            Err(
                SessionError::FacePassDisabled
                | SessionError::FaceSearchOff
                | SessionError::PinRequired
                | SessionError::NotRevealed,
            ) => Ok(Validation::FacePassDisabled),
            Err(SessionError::Unavailable(error)) => Err(error),
        }
    }

    /// Takes note of a change. If anybody has asked about the session, the next to ask makes the sources be
    /// asked again; should they be away by then, what goes on working is this state and not the one before.
    pub async fn changed(&self, session: PhotoSession) {
        let now = (self.clock)();
        let session = Arc::new(session);
        let entry = self.remembered.entry(session.id);
        entry
            .and_compute_with(|entry| {
                std::future::ready(entry.map_or(Op::Nop, |_| {
                    Op::Put(Remembered {
                        answer: Answer::Found(session.clone()),
                        fresh_until: now,
                        seen: Some((session, now)),
                    })
                }))
            })
            .await;
    }

    /// Takes note of what another node has changed: the next to ask makes the sources be asked again, and
    /// should they be away by then, this is what goes on working.
    pub async fn changed_elsewhere(
        &self,
        id: PhotoSessionId,
        status: &SessionStatus,
        gallery_open: bool,
        face_search: bool,
    ) {
        let now = (self.clock)();
        let outdated = |remembered: Remembered| {
            let seen = remembered.seen.map(|(session, when)| {
                let status = status.clone();
                (Arc::new(PhotoSession { status, gallery_open, face_search, ..(*session).clone() }), when)
            });
            Op::Put(Remembered { fresh_until: now, seen, ..remembered })
        };
        let entry = self.remembered.entry(id);
        entry
            .and_compute_with(|entry| {
                std::future::ready(entry.map_or(Op::Nop, |entry| outdated(entry.into_value())))
            })
            .await;
    }

    /// Believes nothing any more: changes may have been missed.
    pub fn forget_all(&self) {
        self.remembered.invalidate_all();
    }

    /// Whether every source answers now.
    ///
    /// # Errors
    /// The first that does not.
    pub async fn health(&self) -> Result<(), SourceError> {
        for source in &self.sources {
            source.health().await?;
        }
        Ok(())
    }

    /// Asks the sources. Calls for one id run one after the other and all but the first find the first's
    /// answer, failures included.
    async fn refresh(&self, id: PhotoSessionId) -> Answer {
        let result = self
            .remembered
            .entry(id)
            .and_compute_with(|entry| async move {
                let before = entry.map(moka::Entry::into_value);
                let now = (self.clock)();
                match before {
                    Some(before) if now < before.fresh_until => Op::Nop,
                    before => Op::Put(self.ask(id, before.and_then(|b| b.seen), now).await),
                }
            })
            .await;
        match result.into_entry() {
            Some(entry) => entry.into_value().answer,
            // `and_compute_with` above never removes, so there is always an entry.
            None => Answer::NotFound,
        }
    }

    async fn ask(
        &self,
        id: PhotoSessionId,
        seen: Option<(Arc<PhotoSession>, DateTime<Utc>)>,
        now: DateTime<Utc>,
    ) -> Remembered {
        match self.first_that_knows(id).await {
            Ok(Some(session)) => {
                let session = Arc::new(session);
                Remembered {
                    answer: Answer::Found(session.clone()),
                    fresh_until: now + self.cache_time,
                    seen: Some((session, now)),
                }
            }
            Ok(None) => {
                Remembered { answer: Answer::NotFound, fresh_until: now + self.cache_time, seen: None }
            }
            Err(error) => {
                let within_grace = seen.filter(|(_, when)| now - *when < GRACE);
                tracing::warn!(%error, goes_on = within_grace.is_some(), "session source failed");
                let answer = match &within_grace {
                    Some((session, _)) => Answer::Found(session.clone()),
                    None => Answer::Unavailable(error),
                };
                Remembered { answer, fresh_until: now + BACK_OFF, seen: within_grace }
            }
        }
    }

    /// "Not found" needs every source's word; a find needs one.
    async fn first_that_knows(&self, id: PhotoSessionId) -> Result<Option<PhotoSession>, SourceError> {
        let mut failed = None;
        for source in &self.sources {
            match source.get(id).await {
                Ok(Some(session)) => return Ok(Some(session)),
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(None), Err)
    }
}

#[cfg(test)]
mod tests;
