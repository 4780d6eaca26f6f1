use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;

use super::*;
use crate::domain::StudioId;

/// A source that the test can change, count and switch off.
#[derive(Default)]
struct FakeSource {
    sessions: Mutex<Vec<PhotoSession>>,
    down: AtomicBool,
    asked: AtomicUsize,
}

#[async_trait]
impl SessionSource for FakeSource {
    fn name(&self) -> &'static str {
        "fake"
    }

    async fn get(&self, id: PhotoSessionId) -> Result<Option<PhotoSession>, SourceError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        // Gives callers that come at the same time a chance to overlap.
        tokio::task::yield_now().await;
        self.health().await?;
        Ok(self.sessions.lock().unwrap().iter().find(|s| s.id == id).cloned())
    }

    async fn list(&self) -> Result<Vec<PhotoSession>, SourceError> {
        self.health().await?;
        Ok(self.sessions.lock().unwrap().clone())
    }

    async fn health(&self) -> Result<(), SourceError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(SourceError { source_name: "fake", reason: "switched off by the test".into() });
        }
        Ok(())
    }
}

impl FakeSource {
    fn with(session: &PhotoSession) -> Arc<Self> {
        let source = Self::default();
        source.sessions.lock().unwrap().push(session.clone());
        Arc::new(source)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn session() -> PhotoSession {
    PhotoSession {
        id: PhotoSessionId::generate(),
        name: "Wedding".into(),
        description: None,
        studio_id: StudioId::generate(),
        photographer_id: None,
        status: crate::domain::SessionStatus::Active,
        gallery_open: true,
        face_search: true,
        terms: crate::domain::GalleryTerms::default(),
        scheduled_at: None,
        time_zone: None,
        completed_at: None,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

/// A clock that the test moves.
#[derive(Clone, Default)]
struct Watch(Arc<Mutex<TimeDelta>>);

impl Watch {
    fn advance(&self, seconds: i64) {
        *self.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    fn clock(&self) -> Clock {
        let Self(time) = self.clone();
        Arc::new(move || DateTime::UNIX_EPOCH + *time.lock().unwrap())
    }
}

fn service(sources: &[&Arc<FakeSource>], watch: &Watch) -> PhotoSessions {
    let sources = sources.iter().map(|&s| s.clone() as Arc<dyn SessionSource>).collect();
    PhotoSessions::new(sources, Duration::from_secs(30), watch.clock())
}

fn code<T>(result: Result<T, SessionError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "ok")
}

#[tokio::test]
async fn a_valid_session_is_asked_for_once_within_the_cache_time() {
    let (session, watch) = (session(), Watch::default());
    let source = FakeSource::with(&session);
    let service = service(&[&source], &watch);
    for _ in 0..5 {
        assert_eq!(code(service.open(session.id).await), "ok");
        watch.advance(5);
    }
    assert_eq!(source.asked(), 1);
    watch.advance(5);
    assert_eq!(code(service.open(session.id).await), "ok");
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn not_found_is_remembered_too_but_not_for_ever() {
    let (session, watch) = (session(), Watch::default());
    let source = Arc::new(FakeSource::default());
    let service = service(&[&source], &watch);
    assert_eq!(service.validate(session.id).await.unwrap(), Validation::NotFound);
    source.sessions.lock().unwrap().push(session.clone());
    assert_eq!(service.validate(session.id).await.unwrap(), Validation::NotFound);
    assert_eq!(source.asked(), 1);
    watch.advance(30);
    assert_eq!(code(service.open(session.id).await), "ok");
}

#[tokio::test]
async fn switching_facepass_off_closes_the_session_within_the_cache_time() {
    let (session, watch) = (session(), Watch::default());
    let source = FakeSource::with(&session);
    let service = service(&[&source], &watch);
    assert_eq!(code(service.open(session.id).await), "ok");
    source.sessions.lock().unwrap()[0].gallery_open = false;
    watch.advance(30);
    assert_eq!(code(service.open(session.id).await), "facepass_disabled");
    assert_eq!(code(service.get(session.id).await), "ok");
}

#[tokio::test]
async fn a_crowd_at_the_door_asks_the_source_once() {
    let (session, watch) = (session(), Watch::default());
    let source = FakeSource::with(&session);
    let service = service(&[&source], &watch);
    let crowd = futures::future::join_all((0..200).map(|_| service.open(session.id))).await;
    assert!(crowd.into_iter().all(|guest| code(guest) == "ok"));
    assert_eq!(source.asked(), 1);

    source.down.store(true, Ordering::SeqCst);
    let stranger = PhotoSessionId::generate();
    let crowd = futures::future::join_all((0..200).map(|_| service.open(stranger))).await;
    assert!(crowd.into_iter().all(|guest| code(guest) == "source_unavailable"));
    assert_eq!(source.asked(), 2, "a failure is shared as well");
}

#[tokio::test]
async fn while_the_source_is_away_only_sessions_seen_within_five_minutes_go_on() {
    let (session, watch) = (session(), Watch::default());
    let source = FakeSource::with(&session);
    let service = service(&[&source], &watch);
    assert_eq!(code(service.open(session.id).await), "ok");
    source.down.store(true, Ordering::SeqCst);

    watch.advance(31);
    assert_eq!(code(service.open(session.id).await), "ok");
    assert_eq!(code(service.open(PhotoSessionId::generate()).await), "source_unavailable");
    watch.advance(268);
    assert_eq!(code(service.open(session.id).await), "ok", "4 min 59 s after it was last seen");
    watch.advance(1);
    assert_eq!(code(service.open(session.id).await), "source_unavailable", "asking again did not renew it");

    source.down.store(false, Ordering::SeqCst);
    watch.advance(1);
    assert_eq!(code(service.open(session.id).await), "ok", "back within a second of the source");
}

#[tokio::test]
async fn a_session_that_was_refused_before_the_outage_stays_refused() {
    let (mut session, watch) = (session(), Watch::default());
    session.gallery_open = false;
    let source = FakeSource::with(&session);
    let service = service(&[&source], &watch);
    assert_eq!(code(service.open(session.id).await), "facepass_disabled");
    let absent = PhotoSessionId::generate();
    assert_eq!(code(service.open(absent).await), "session_not_found");
    source.down.store(true, Ordering::SeqCst);
    watch.advance(31);
    assert_eq!(code(service.open(session.id).await), "facepass_disabled");
    assert_eq!(code(service.open(absent).await), "source_unavailable");
}

#[tokio::test]
async fn the_sources_are_tried_in_turn_and_not_found_needs_all_of_them() {
    let (session, watch) = (session(), Watch::default());
    let (first, second) = (Arc::new(FakeSource::default()), FakeSource::with(&session));
    let service = service(&[&first, &second], &watch);
    first.down.store(true, Ordering::SeqCst);
    assert_eq!(code(service.open(session.id).await), "ok", "the second knows it");
    assert_eq!(code(service.open(PhotoSessionId::generate()).await), "source_unavailable");
    assert!(service.health().await.is_err());
}
