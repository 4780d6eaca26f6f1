//! A photo that failed by our fault is set aside, which is not the end of it.

use chrono::{TimeDelta, Utc};
use pixora::{
    domain::{PROCESSING_FAILED, PhotoId, PhotoSessionId, PhotoState},
    jobs::JobKind,
    store::{Retrying, SetAside, Store},
};

use crate::fixtures::{Database, now};

const KIND: JobKind = JobKind::ProcessPhoto;
const RULE: Retrying<'_> = Retrying { version: "1.0", most_leases: 25, attempts: 7 };

async fn state(store: &Store, photo: PhotoId) -> (PhotoState, Option<String>) {
    let photo = store.photos().get(photo).await.unwrap().unwrap();
    (photo.state, photo.reject_code)
}

fn is_set_aside() -> (PhotoState, Option<String>) {
    (PhotoState::Rejected, Some(PROCESSING_FAILED.to_owned()))
}

/// A photo that version 1.0 gave up, after so many leases.
async fn set_aside(db: &Database, session: PhotoSessionId, leases: u32) -> PhotoId {
    let photo = db.photo(session).await;
    let jobs = db.jobs();
    let mut job = db.job_of(photo).await;
    for _ in 1..leases {
        jobs.release(&[job], now()).await.unwrap();
        job = db.job_of(photo).await;
    }
    assert!(db.store.photos().set_aside(photo, job.id, "no memory", "1.0").await.unwrap());
    photo
}

/// Giving up deleted the job, so that `pixora_queue_failed` stayed at zero and no alert fired.
#[tokio::test]
async fn a_photo_that_is_given_up_keeps_its_job_as_failed() {
    let db = Database::new().await;
    let photo = set_aside(&db, PhotoSessionId::generate(), 1).await;
    assert_eq!(state(&db.store, photo).await, is_set_aside());
    let failed = db.jobs().failed(10).await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].subject, failed[0].last_error.as_deref()), (photo.0, Some("no memory")));
    let depth = db.jobs().depth(KIND, now()).await.unwrap();
    assert_eq!((depth.queued, depth.failed), (0, 1));
    let tomorrow = Utc::now() + TimeDelta::days(1);
    assert_eq!(db.jobs().lease(KIND, 10, tomorrow).await.unwrap(), [], "nobody works on it");
    // A worker whose lease ran out long ago has nothing more to say.
    assert!(!db.store.photos().set_aside(photo, failed[0].id, "late", "1.0").await.unwrap());
    assert!(db.store.erasures().begin(photo, now()).await.unwrap().is_some());
    assert_eq!(db.jobs().failed(10).await.unwrap(), [], "an erased photo leaves no job behind");
}

#[tokio::test]
async fn photos_that_were_set_aside_are_tried_again_when_somebody_says_so() {
    let db = Database::new().await;
    let (mine, other) = (PhotoSessionId::generate(), PhotoSessionId::generate());
    let (a, b, c) =
        (set_aside(&db, mine, 1).await, set_aside(&db, mine, 1).await, set_aside(&db, other, 1).await);
    let damaged = db.photo(mine).await;
    let job = db.job_of(damaged).await;
    assert!(db.store.photos().reject(damaged, "truncated", job.id).await.unwrap());

    let photos = db.store.photos();
    assert_eq!(photos.retry(SetAside::Photos(&[a, damaged]), now()).await.unwrap(), [a]);
    assert_eq!(photos.retry(SetAside::Session(mine), now()).await.unwrap(), [b]);
    assert_eq!(photos.retry(SetAside::All, now()).await.unwrap(), [c]);
    assert_eq!(photos.retry(SetAside::All, now()).await.unwrap(), []);
    assert_eq!(state(&db.store, damaged).await, (PhotoState::Rejected, Some("truncated".to_owned())));
    let leased = db.jobs().lease(KIND, 10, Utc::now()).await.unwrap();
    assert_eq!(leased.len(), 3, "one job each");
    for job in leased {
        assert_eq!(job.attempts, 1, "all attempts again");
        assert_eq!(state(&db.store, PhotoId(job.subject)).await, (PhotoState::Queued, None));
    }
    // Without its job, as an earlier version left it, a photo gets a new one.
    let lost = set_aside(&db, other, 1).await;
    for job in db.jobs().failed(10).await.unwrap() {
        db.store.jobs().finish(job.id).await.unwrap();
    }
    assert_eq!(photos.retry(SetAside::All, now()).await.unwrap(), [lost]);
    assert_eq!(db.job_of(lost).await.attempts, 1);
}

#[tokio::test]
async fn photos_that_were_set_aside_are_tried_once_at_a_start() {
    let db = Database::new().await;
    let photo = set_aside(&db, PhotoSessionId::generate(), 8).await;
    assert_eq!(db.store.photos().retry_at_start(RULE, now()).await.unwrap(), 1);
    assert_eq!(db.store.photos().retry_at_start(RULE, now()).await.unwrap(), 0, "it is queued");
    assert_eq!(state(&db.store, photo).await, (PhotoState::Queued, None));
    let job = db.job_of(photo).await;
    assert_eq!(job.attempts, 8, "the next failure is its last");
    assert!(db.store.photos().set_aside(photo, job.id, "again", "1.0").await.unwrap());
    assert_eq!(state(&db.store, photo).await, is_set_aside());
    assert_eq!(db.store.photos().retry_at_start(RULE, now()).await.unwrap(), 1, "at the next start again");
}

/// A start, a dead worker, a start: that would never end.
#[tokio::test]
async fn a_photo_that_kills_its_workers_waits_for_another_version() {
    let db = Database::new().await;
    let photo = set_aside(&db, PhotoSessionId::generate(), 26).await;
    assert_eq!(db.store.photos().retry_at_start(RULE, now()).await.unwrap(), 0);
    assert_eq!(state(&db.store, photo).await, is_set_aside());
    let upgraded = Retrying { version: "1.1", ..RULE };
    assert_eq!(db.store.photos().retry_at_start(upgraded, now()).await.unwrap(), 1);
    assert_eq!(db.job_of(photo).await.attempts, 25, "one more, and it is given up again");
}
