//! The contract of the queue.

use std::{collections::HashMap, time::Duration};

use chrono::{TimeDelta, Utc};
use pixora::{
    domain::{PhotoId, PhotoSessionId},
    jobs::{Job, JobKind, Jobs, LEASE, MAX_ATTEMPTS, Retry},
    queue::{self, Pace, Work},
    store::StoreError,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::fixtures::{Database, now};

const KIND: JobKind = JobKind::ProcessPhoto;

fn lease() -> TimeDelta {
    TimeDelta::from_std(LEASE).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_workers_get_each_job_once() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    for _ in 0..200 {
        db.photo(session).await;
    }
    let workers = (0..8).map(|n| {
        let jobs = Jobs::new(db.store.clone(), &format!("worker-{n}"));
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let leased = jobs.lease(KIND, 3, Utc::now()).await.unwrap();
                if leased.is_empty() {
                    return mine;
                }
                mine.extend(leased.into_iter().map(|job| job.id));
            }
        })
    });
    let mut seen = HashMap::new();
    for worker in workers {
        for job in worker.await.unwrap() {
            *seen.entry(job).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), 200);
    assert!(seen.values().all(|times| *times == 1));
}

/// An outage of an hour must not use up a photo's attempts.
#[tokio::test]
async fn a_postponed_job_waits_and_has_lost_no_attempt() {
    let db = Database::new().await;
    db.photo(PhotoSessionId::generate()).await;
    let jobs = db.jobs();
    let mut at = Utc::now();
    for _ in 0..2 * MAX_ATTEMPTS {
        let leased = jobs.lease(KIND, 1, at).await.unwrap();
        assert_eq!(leased[0].attempts, 1);
        jobs.postpone(&leased[0], "the file storage is away", at).await.unwrap();
        assert!(jobs.lease(KIND, 1, at).await.unwrap().is_empty(), "not at once again");
        at += TimeDelta::minutes(1);
    }
    assert_eq!(jobs.lease(KIND, 1, at).await.unwrap().len(), 1);
}

#[tokio::test]
async fn jobs_come_oldest_first() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let mut photos = Vec::new();
    for _ in 0..5 {
        photos.push(db.photo(session).await);
    }
    let jobs = db.jobs();
    let mut leased = Vec::new();
    for limit in [2, 3] {
        leased.extend(
            jobs.lease(KIND, limit, now()).await.unwrap().into_iter().map(|job| PhotoId(job.subject)),
        );
    }
    assert_eq!(leased, photos);
}

#[tokio::test]
async fn jobs_of_one_photo_come_one_after_the_other() {
    let db = Database::new().await;
    let (jobs, photo) = (db.jobs(), db.photo(PhotoSessionId::generate()).await);
    let second = db.store.jobs().enqueue(KIND, photo.0, now()).await.unwrap();
    let in_hand = jobs.lease(KIND, 9, now()).await.unwrap();
    assert_eq!(in_hand.len(), 1, "the second waits");
    assert_eq!(jobs.lease(KIND, 9, now()).await.unwrap(), []);
    db.store.jobs().finish(in_hand[0].id).await.unwrap();
    assert_eq!(jobs.lease(KIND, 9, now()).await.unwrap()[0].id, second);
}

#[tokio::test]
async fn a_lease_that_runs_out_makes_the_job_due_again() {
    let db = Database::new().await;
    let photo = db.photo(PhotoSessionId::generate()).await;
    let jobs = db.jobs();
    let start = now();
    let first = jobs.lease(KIND, 1, start).await.unwrap();
    assert_eq!((first[0].subject, first[0].attempts), (photo.0, 1));
    assert_eq!(jobs.lease(KIND, 1, start + lease() - TimeDelta::seconds(1)).await.unwrap(), []);
    assert_eq!(jobs.renew(&[first[0].id], start + TimeDelta::seconds(60)).await.unwrap(), 1);
    assert_eq!(jobs.lease(KIND, 1, start + lease()).await.unwrap(), []);
    let again = jobs.lease(KIND, 1, start + lease() + TimeDelta::seconds(60)).await.unwrap();
    assert_eq!((again[0].id, again[0].attempts), (first[0].id, 2));
    let stranger = Jobs::new(db.store.clone(), "stranger");
    assert_eq!(stranger.renew(&[first[0].id], now()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_dead_process_s_jobs_are_taken_back_and_go_last() {
    let db = Database::new().await;
    let session = PhotoSessionId::generate();
    let killer = db.photo(session).await;
    let innocent = db.photo(session).await;
    let other = Jobs::new(db.store.clone(), "other");
    let jobs = db.jobs();
    assert_eq!(jobs.lease(KIND, 1, now()).await.unwrap()[0].subject, killer.0);
    assert_eq!(other.reclaim(now()).await.unwrap(), 0);
    assert_eq!(jobs.reclaim(now()).await.unwrap(), 1);
    let due: Vec<_> = jobs.lease(KIND, 1, now()).await.unwrap().iter().map(|job| job.subject).collect();
    assert_eq!(due, [innocent.0]);
    assert_eq!(jobs.lease(KIND, 1, now()).await.unwrap()[0].subject, killer.0);
}

#[tokio::test]
async fn a_failing_job_waits_longer_each_time_and_is_given_up() {
    let db = Database::new().await;
    db.photo(PhotoSessionId::generate()).await;
    let jobs = db.jobs();
    let (mut at, mut waited) = (now(), TimeDelta::zero());
    for attempt in 1..=MAX_ATTEMPTS {
        let job = jobs.lease(KIND, 1, at).await.unwrap().remove(0);
        assert_eq!(job.attempts, attempt);
        match jobs.retry(&job, "disk full", at).await.unwrap() {
            Retry::At(due) => {
                assert!(due - at >= waited, "attempt {attempt}");
                assert_eq!(jobs.lease(KIND, 1, due - TimeDelta::milliseconds(1)).await.unwrap(), []);
                waited = due - at;
                at = due;
            }
            Retry::GivenUp => assert_eq!(attempt, MAX_ATTEMPTS),
        }
    }
    assert_eq!(jobs.lease(KIND, 1, at + TimeDelta::days(1)).await.unwrap(), []);
    let failed = jobs.failed(10).await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].last_error.as_deref(), Some("disk full"));
    let depth = jobs.depth(KIND, at).await.unwrap();
    assert_eq!((depth.queued, depth.failed), (0, 1));
}

#[tokio::test]
async fn depth_tells_waiting_from_running_and_how_old() {
    let db = Database::new().await;
    let jobs = db.jobs();
    assert_eq!(jobs.depth(KIND, now()).await.unwrap().oldest, None);
    let before = now();
    for _ in 0..3 {
        db.photo(PhotoSessionId::generate()).await;
    }
    let leased = jobs.lease(KIND, 1, now()).await.unwrap();
    let depth = jobs.depth(KIND, now()).await.unwrap();
    assert_eq!((depth.queued, depth.leased), (3, 1));
    assert!(depth.oldest.unwrap() >= before);
    jobs.release(&leased, now()).await.unwrap();
    assert_eq!(jobs.depth(KIND, now()).await.unwrap().leased, 0);
}

/// Tells which jobs the loop has begun.
#[derive(Clone)]
struct Taken(Jobs, mpsc::UnboundedSender<Job>);

impl Work for Taken {
    type Item = Job;
    type Outcome = ();
    const NAME: &'static str = "test";

    async fn due(&self, room: usize) -> Result<Vec<Job>, StoreError> {
        self.0.lease(KIND, room as u32, now()).await
    }

    async fn act(self, job: Job) {
        self.1.send(job).expect("the test listens");
    }
}

#[tokio::test]
async fn a_waiting_worker_wakes_for_a_new_job() {
    let db = Database::new().await;
    let jobs = db.jobs();
    let (sender, mut taken) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    // It looks for itself long after the test has given up.
    let hour = Duration::from_secs(3600);
    let pace = Pace { at_once: 2, poll: hour, rest: Duration::ZERO, farewell: None };
    let work = Taken(jobs.clone(), sender);
    let worker = queue::run(work, pace, jobs.added(), &stop, |()| ());
    let test = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(taken.try_recv().is_err());
        let photo = db.photo(PhotoSessionId::generate()).await;
        jobs.wake();
        let job = tokio::time::timeout(Duration::from_secs(5), taken.recv()).await.unwrap().unwrap();
        assert_eq!(job.subject, photo.0);
        stop.cancel();
    };
    tokio::join!(worker, test);
}
