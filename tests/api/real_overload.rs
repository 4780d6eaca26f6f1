//! Overload and outages with the real models: photos wait, and nothing else happens to them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use pixora::{
    app::{Node, index_place, load_models},
    blobs::{BlobPlace, S3Bucket, S3Keys},
    compute::{Capacity, Compute},
    config::Settings,
    domain::{FaceId, PROCESSING_FAILED, PhotoId, PhotoSessionId, PhotoState},
    embedders::{Embedder, Embedders},
    index::{ExactIndex, FaceIndex, Hit, IndexError, IndexedFace},
    photos::{Outcome, Processor, Worker},
    store::JobKind,
    vision::FaceEngine,
};
use tokio_util::sync::CancellationToken;

use crate::real_search::{node_with_originals, prepared};

/// More often than any counted failure is tried again.
const TRIES: i64 = 12;

/// An index that can be away.
struct Index {
    inner: Arc<dyn FaceIndex>,
    is_away: AtomicBool,
}

impl Index {
    fn answers(&self) -> Result<(), IndexError> {
        let away = || IndexError::Unavailable("No space left on device".to_owned());
        if self.is_away.load(Ordering::SeqCst) { Err(away()) } else { Ok(()) }
    }
}

#[async_trait]
impl FaceIndex for Index {
    async fn upsert(&self, session: PhotoSessionId, faces: Vec<IndexedFace>) -> Result<(), IndexError> {
        self.answers()?;
        self.inner.upsert(session, faces).await
    }

    async fn search(
        &self,
        of: PhotoSessionId,
        probe: &[f32],
        most: usize,
        least: f32,
    ) -> Result<Vec<Hit>, IndexError> {
        self.inner.search(of, probe, most, least).await
    }

    async fn delete_faces(&self, session: PhotoSessionId, ids: &[FaceId]) -> Result<(), IndexError> {
        self.inner.delete_faces(session, ids).await
    }

    async fn delete_session(&self, session: PhotoSessionId) -> Result<(), IndexError> {
        self.inner.delete_session(session).await
    }

    async fn count(&self, session: PhotoSessionId) -> Result<u64, IndexError> {
        self.inner.count(session).await
    }

    async fn total(&self) -> Result<u64, IndexError> {
        self.inner.total().await
    }

    async fn counts(&self) -> Result<HashMap<PhotoSessionId, u64>, IndexError> {
        self.inner.counts().await
    }

    async fn faces(&self, session: PhotoSessionId) -> Result<HashMap<FaceId, PhotoId>, IndexError> {
        self.inner.faces(session).await
    }

    async fn health(&self) -> Result<(), IndexError> {
        self.answers()
    }

    async fn maintain(&self) -> Result<(), IndexError> {
        self.inner.maintain().await
    }
}

/// Tries the only photo again and again, as a worker would over hours; every time it only waits.
async fn waits_without_an_attempt(processor: &Processor, why: &str) {
    for hour in 1..=TRIES {
        let due = Utc::now() + TimeDelta::hours(hour);
        let jobs = processor.jobs.lease(JobKind::ProcessPhoto, 1, due).await.expect("leases");
        assert_eq!(jobs[0].attempts, 1, "{why}");
        let outcome = processor.process(&jobs[0]).await.expect("is settled");
        assert!(matches!(outcome, Outcome::Waiting), "{why}: {outcome:?}");
    }
}

fn engine(settings: &Settings) -> FaceEngine {
    let models = load_models(settings).expect("the models load");
    FaceEngine::new(&models).expect("an engine starts")
}

/// The node's embedder with this index.
fn with_index(settings: &Settings, node: &Node, index: Arc<dyn FaceIndex>) -> Embedders {
    let models = load_models(settings).expect("the models load");
    let embedder = Embedder { info: node.embedder.info.clone(), index };
    Embedders::new(node.app.store.clone(), models, index_place(settings), embedder, false)
}

/// `Full` and `TimedOut`, and a failing index or storage, counted as attempts, and eight ended the photo for good.
#[tokio::test(flavor = "multi_thread")]
async fn overload_and_outages_never_cost_a_photo() {
    pixora::tls::install_provider();
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let Some(settings) = prepared(&data) else { return };
    let (node, session) = node_with_originals(settings.clone(), &["biden.jpg"]).await;

    let mut full = node.processor.clone();
    let no_room = Capacity { interactive: 1, batch: 0 };
    full.compute = Compute::start("full", vec![engine(&settings)], no_room).expect("a thread starts");
    waits_without_an_attempt(&full, "too much work").await;

    let mut no_index = node.processor.clone();
    let index = Arc::new(Index { inner: Arc::clone(&node.embedder.index), is_away: AtomicBool::new(true) });
    no_index.embedders = with_index(&settings, &node, Arc::clone(&index) as Arc<dyn FaceIndex>);
    waits_without_an_attempt(&no_index, "the index is away").await;

    let mut no_files = node.processor.clone();
    let nobody = S3Bucket {
        name: "nobody".into(),
        prefix: String::new(),
        endpoint: Some("http://127.0.0.1:9".into()),
        region: "nowhere".into(),
        keys: Some(S3Keys { id: "invented".into(), secret: "invented".into(), session_token: None }),
        path_style: true,
    };
    no_files.blobs = BlobPlace::S3(nobody).open().expect("a client is made");
    // It fails after the client's own tries, which take a quarter of a minute.
    let due = Utc::now() + TimeDelta::days(1);
    let job = node.app.jobs.lease(JobKind::ProcessPhoto, 1, due).await.expect("leases").remove(0);
    let outcome = no_files.process(&job).await.expect("is settled");
    assert!(matches!(outcome, Outcome::Waiting), "{outcome:?}");

    // All of it is back.
    index.is_away.store(false, Ordering::SeqCst);
    let due = Utc::now() + TimeDelta::days(2);
    let job = node.app.jobs.lease(JobKind::ProcessPhoto, 1, due).await.expect("leases").remove(0);
    assert_eq!(job.attempts, 1);
    let outcome = no_index.process(&job).await.expect("is processed");
    assert!(matches!(outcome, Outcome::Ready { faces: 1, .. }), "{outcome:?}");
    assert_eq!(node.app.store.photos().counts(session).await.expect("is counted").ready, 1);
}

/// A failure of ours that is no outage ends after eight attempts, and the next start tries once more.
#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_was_set_aside_is_tried_again_by_the_next_worker() {
    pixora::tls::install_provider();
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let Some(settings) = prepared(&data) else { return };
    let (node, session) = node_with_originals(settings.clone(), &["biden.jpg"]).await;
    // No vector fits it.
    let mut broken = node.processor.clone();
    broken.embedders = with_index(&settings, &node, Arc::new(ExactIndex::new(3)));
    let mut attempts = 0;
    loop {
        let due = Utc::now() + TimeDelta::hours(1);
        let job = broken.jobs.lease(JobKind::ProcessPhoto, 1, due).await.expect("leases").remove(0);
        attempts += 1;
        match broken.process(&job).await.expect("is settled") {
            Outcome::Postponed => assert!(attempts < 8),
            outcome => {
                assert!(matches!(outcome, Outcome::Rejected(PROCESSING_FAILED)), "{outcome:?}");
                break;
            }
        }
    }
    assert_eq!(attempts, 8);
    let depth = broken.jobs.depth(JobKind::ProcessPhoto, Utc::now()).await.expect("is read");
    assert_eq!((depth.queued, depth.failed), (0, 1));

    let stop = CancellationToken::new();
    let (settled, mut outcomes) = tokio::sync::mpsc::unbounded_channel();
    let worker = Worker::new(node.processor.clone());
    let working = tokio::spawn(worker.run(stop.clone(), move |outcome| {
        settled.send(outcome.clone()).expect("the test listens");
    }));
    let outcome = tokio::time::timeout(std::time::Duration::from_secs(60), outcomes.recv()).await;
    let outcome = outcome.expect("it is tried again").expect("the worker works");
    assert!(matches!(outcome, Outcome::Ready { .. }), "{outcome:?}");
    stop.cancel();
    working.await.expect("ends in peace");
    let photos =
        node.app.store.photos().list_managed(session, Default::default(), Default::default(), None, 10).await;
    assert!(photos.expect("is read").iter().all(|photo| photo.state == PhotoState::Ready));
    let depth = node.app.jobs.depth(JobKind::ProcessPhoto, Utc::now()).await.expect("is read");
    assert_eq!((depth.queued, depth.failed), (0, 0));
}
