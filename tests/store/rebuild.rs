//! The index is a copy: whatever happens to it, the rows bring it back.

use std::{collections::HashMap, fs, path::Path};

use async_trait::async_trait;
use pixora::{
    domain::{FaceId, FaceRow, PhotoId, PhotoSessionId},
    index::{
        ExactIndex, FaceIndex, Hit, IndexError, IndexPlace, IndexedFace, Opened, Reconciled, rebuild,
        reconcile,
    },
    store::{Completed, Store},
};
use rand::{SeedableRng, rngs::SmallRng};
use tempfile::TempDir;

use crate::{
    fixtures::{DIMENSION, Database, MODEL, indexed, indexed_faces, processed},
    index::open,
    qdrant::QdrantServer,
    server,
};

const HERE: &str = "here";

/// Three sessions with ready photos, and their faces.
async fn filled() -> (Database, Vec<(PhotoSessionId, Vec<FaceRow>)>) {
    let db = Database::new().await;
    let mut sessions = Vec::new();
    for photos in [1, 3, 2] {
        let session = PhotoSessionId::generate();
        let mut faces = Vec::new();
        for _ in 0..photos {
            faces.extend(db.ready_photo(session, 4).await.1);
        }
        sessions.push((session, faces));
    }
    (db, sessions)
}

async fn finds_everything(index: &dyn FaceIndex, sessions: &[(PhotoSessionId, Vec<FaceRow>)]) {
    for (session, faces) in sessions {
        assert_eq!(index.count(*session).await.unwrap(), faces.len() as u64);
        for face in faces {
            let hits = index.search(*session, &face.embedding, 1, 0.99).await.unwrap();
            assert_eq!(hits.first().map(|hit| (hit.face_id, hit.photo_id)), Some((face.id, face.photo_id)));
        }
    }
}

async fn fill(index: &dyn FaceIndex, sessions: &[(PhotoSessionId, Vec<FaceRow>)]) {
    for (session, faces) in sessions {
        index.upsert(*session, faces.iter().map(indexed).collect()).await.unwrap();
    }
}

#[tokio::test]
async fn a_rebuild_writes_every_face_and_nothing_else() {
    let (db, sessions) = filled().await;
    let index = ExactIndex::new(DIMENSION);
    index
        .upsert(PhotoSessionId::generate(), indexed_faces(&mut SmallRng::seed_from_u64(1), 5))
        .await
        .unwrap();
    let mut heard = (0, 0);
    let written = rebuild(&db.store, &index, MODEL, |done, total| heard = (done, total)).await.unwrap();
    assert_eq!((written, heard), (24, (24, 24)));
    assert_eq!(index.total().await.unwrap(), 24);
    finds_everything(&index, &sessions).await;
}

#[tokio::test]
async fn nothing_is_written_when_index_and_rows_agree() {
    let (db, sessions) = filled().await;
    let index = ExactIndex::new(DIMENSION);
    fill(&index, &sessions).await;
    let done = reconcile(&db.store, &index, MODEL, HERE, |_, _| panic!("nothing to write")).await.unwrap();
    assert_eq!(done, Reconciled::InStep);
}

#[tokio::test]
async fn only_the_session_that_differs_is_written_again() {
    let (db, sessions) = filled().await;
    let index = ExactIndex::new(DIMENSION);
    fill(&index, &sessions).await;
    // As after a kill between the index and the rows.
    index.upsert(sessions[1].0, indexed_faces(&mut SmallRng::seed_from_u64(1), 2)).await.unwrap();
    let done = reconcile(&db.store, &index, MODEL, HERE, |_, _| panic!("not all is written")).await.unwrap();
    assert_eq!(done, Reconciled::Sessions(1));
    finds_everything(&index, &sessions).await;
}

#[tokio::test]
async fn an_erased_session_s_vectors_do_not_stay() {
    let (db, sessions) = filled().await;
    let index = ExactIndex::new(DIMENSION);
    fill(&index, &sessions).await;
    // Killed after the rows were erased and before the vectors were.
    db.store.erase_session(sessions[1].0).await.unwrap();
    let done = reconcile(&db.store, &index, MODEL, HERE, |_, _| {}).await.unwrap();
    assert_eq!(done, Reconciled::Sessions(1));
    assert_eq!(index.count(sessions[1].0).await.unwrap(), 0);
    assert_eq!(index.total().await.unwrap(), 12);
}

#[tokio::test]
async fn a_missing_index_is_filled_at_the_next_start() {
    let (db, sessions) = filled().await;
    let folder = TempDir::new().unwrap();
    let (index, opened) = open(folder.path());
    assert_eq!(opened, Opened::Fresh);
    let mut heard = (0, 0);
    let done = reconcile(&db.store, &index, MODEL, HERE, |done, total| heard = (done, total)).await.unwrap();
    assert_eq!((done, heard), (Reconciled::Filled(24), (24, 24)));
    finds_everything(&index, &sessions).await;
}

/// A node writes a photo's vectors before its rows: another one that starts in between must not take them.
#[tokio::test]
async fn vectors_of_a_photo_in_hand_are_left_alone() {
    let (db, sessions) = filled().await;
    let index = ExactIndex::new(DIMENSION);
    fill(&index, &sessions).await;
    let session = sessions[0].0;
    let photo = db.photo(session).await;
    let job = db.job_of(photo).await;
    let made = processed(photo, 3);
    index.upsert(session, made.faces.iter().map(indexed).collect()).await.unwrap();

    let done = reconcile(&db.store, &index, MODEL, HERE, |_, _| {}).await.unwrap();
    assert_eq!((done, index.count(session).await.unwrap()), (Reconciled::InStep, 7));
    assert_eq!(db.store.photos().complete(photo, &made, job.id).await.unwrap(), Completed::Done);
    assert_eq!(index.total().await.unwrap(), db.store.faces().total(MODEL).await.unwrap());
}

/// The same photo, set aside after its vectors had been written, will never have rows.
#[tokio::test]
async fn vectors_of_a_rejected_photo_go() {
    let (db, sessions) = filled().await;
    let index = ExactIndex::new(DIMENSION);
    fill(&index, &sessions).await;
    let session = sessions[0].0;
    let photo = db.photo(session).await;
    let job = db.job_of(photo).await;
    index.upsert(session, processed(photo, 3).faces.iter().map(indexed).collect()).await.unwrap();
    assert!(db.store.photos().reject(photo, "processing_failed", None, job.id).await.unwrap());
    let done = reconcile(&db.store, &index, MODEL, HERE, |_, _| {}).await.unwrap();
    assert_eq!((done, index.count(session).await.unwrap()), (Reconciled::Sessions(1), 4));
}

/// A copy that was filled while photos came and went can have the right number of the wrong faces.
#[tokio::test]
async fn an_index_that_has_moved_is_compared_face_by_face() {
    let (db, mut sessions) = filled().await;
    let (old, new) = (ExactIndex::new(DIMENSION), ExactIndex::new(DIMENSION));
    reconcile(&db.store, &old, MODEL, HERE, |_, _| {}).await.unwrap();
    rebuild(&db.store, &new, MODEL, |_, _| {}).await.unwrap();
    let session = sessions[0].0;
    db.store.erasures().begin(sessions[0].1[0].photo_id, crate::fixtures::now()).await.unwrap().unwrap();
    sessions[0].1 = db.ready_photo(session, 4).await.1;

    assert_eq!(new.total().await.unwrap(), db.store.faces().total(MODEL).await.unwrap());
    let done = reconcile(&db.store, &new, MODEL, "there", |_, _| {}).await.unwrap();
    assert_eq!(done, Reconciled::Sessions(1));
    finds_everything(&new, &sessions).await;
    let again = reconcile(&db.store, &new, MODEL, "there", |_, _| panic!("nothing to write")).await.unwrap();
    assert_eq!(again, Reconciled::InStep);
}

/// Four nodes come up on an empty server while a fifth erases a session: nothing is missing, nothing is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_may_fill_a_server_at_the_same_time() {
    let (db, mut sessions) = filled().await;
    let server = QdrantServer::start(None);
    let place = IndexPlace::Server(server::settings(server.url()));
    let index = place.open(MODEL, DIMENSION).await.unwrap();
    let node = async || {
        let index = place.open(MODEL, DIMENSION).await.unwrap();
        reconcile(&db.store, &*index, MODEL, &place.to_string(), |_, _| {}).await.unwrap();
    };
    let erased = sessions.remove(1).0;
    let erase = async {
        db.store.erase_session(erased).await.unwrap();
        index.delete_session(erased).await.unwrap();
    };
    tokio::join!(node(), node(), node(), erase, node());
    finds_everything(&*index, &sessions).await;
    assert_eq!(index.counts().await.unwrap().len(), 2);
}

/// An index at which somebody erases a session just before we write to it.
struct ErasedMeanwhile {
    index: ExactIndex,
    store: Store,
    session: PhotoSessionId,
}

#[async_trait]
impl FaceIndex for ErasedMeanwhile {
    async fn upsert(&self, session: PhotoSessionId, faces: Vec<IndexedFace>) -> Result<(), IndexError> {
        self.store.erase_session(self.session).await.unwrap();
        self.index.delete_session(self.session).await?;
        self.index.upsert(session, faces).await
    }
    async fn search(
        &self,
        session: PhotoSessionId,
        probe: &[f32],
        limit: usize,
        min_cosine: f32,
    ) -> Result<Vec<Hit>, IndexError> {
        self.index.search(session, probe, limit, min_cosine).await
    }
    async fn delete_faces(&self, session: PhotoSessionId, ids: &[FaceId]) -> Result<(), IndexError> {
        self.index.delete_faces(session, ids).await
    }
    async fn delete_session(&self, session: PhotoSessionId) -> Result<(), IndexError> {
        self.index.delete_session(session).await
    }
    async fn count(&self, session: PhotoSessionId) -> Result<u64, IndexError> {
        self.index.count(session).await
    }
    async fn total(&self) -> Result<u64, IndexError> {
        self.index.total().await
    }
    async fn counts(&self) -> Result<HashMap<PhotoSessionId, u64>, IndexError> {
        self.index.counts().await
    }
    async fn faces(&self, session: PhotoSessionId) -> Result<HashMap<FaceId, PhotoId>, IndexError> {
        self.index.faces(session).await
    }
    async fn health(&self) -> Result<(), IndexError> {
        self.index.health().await
    }
    async fn maintain(&self) -> Result<(), IndexError> {
        self.index.maintain().await
    }
}

#[tokio::test]
async fn a_session_erased_while_it_is_written_does_not_come_back() {
    let (db, sessions) = filled().await;
    let (store, session) = (db.store.clone(), sessions[1].0);
    let index = ErasedMeanwhile { index: ExactIndex::new(DIMENSION), store, session };
    let done = reconcile(&db.store, &index, MODEL, HERE, |_, _| {}).await.unwrap();
    assert!(matches!(done, Reconciled::Filled(_)));
    assert_eq!(index.count(session).await.unwrap(), 0);
    assert_eq!(index.total().await.unwrap(), 12);
}

/// From the embedded index to a server and back: every answer stays the same.
#[tokio::test]
async fn moving_to_a_server_and_back_changes_no_answer() {
    let (db, sessions) = filled().await;
    let (folder, server) = (TempDir::new().unwrap(), QdrantServer::start(None));
    let embedded = IndexPlace::Embedded(folder.path().to_owned());
    let mut places = vec![embedded.clone(), IndexPlace::Server(server::settings(server.url()))];
    places.extend(server::real_server().map(IndexPlace::Server));
    places.push(embedded);
    let probe = &sessions[1].1[0].embedding;
    let mut answers = Vec::new();
    for place in &places {
        let index = place.open(MODEL, DIMENSION).await.unwrap();
        assert_eq!(rebuild(&db.store, &*index, MODEL, |_, _| {}).await.unwrap(), 24);
        let done = reconcile(&db.store, &*index, MODEL, &place.to_string(), |_, _| {}).await.unwrap();
        assert_eq!(done, Reconciled::InStep);
        finds_everything(&*index, &sessions).await;
        let hits = index.search(sessions[1].0, probe, 100, -1.0).await.unwrap();
        answers.push(hits.iter().map(|hit| (hit.face_id, (hit.cosine * 1e4).round())).collect::<Vec<_>>());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    for place in places {
        if let IndexPlace::Server(settings) = place {
            server::remove(&settings).await;
        }
    }
}

/// Every file of the index in turn is cut to nothing. The start then either loads an index that still
/// finds everything, or says that it was damaged and fills a new one.
#[tokio::test]
async fn a_damaged_file_costs_a_rebuild_and_no_face() {
    let (db, sessions) = filled().await;
    let pristine = TempDir::new().unwrap();
    let (index, _) = open(pristine.path());
    fill(&index, &sessions).await;
    drop(index);
    let mut damaged = 0;
    for file in files_under(pristine.path()) {
        eprintln!("cut {}", file.display());
        let folder = TempDir::new().unwrap();
        copy(pristine.path(), folder.path());
        fs::File::options().write(true).open(folder.path().join(&file)).unwrap().set_len(0).unwrap();
        let (index, opened) = open(folder.path());
        damaged += usize::from(opened == Opened::Damaged);
        reconcile(&db.store, &index, MODEL, HERE, |_, _| {}).await.unwrap();
        finds_everything(&index, &sessions).await;
    }
    assert!(damaged > 0, "no damage was noticed at all");
}

fn files_under(folder: &Path) -> Vec<std::path::PathBuf> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = files.filter(|file| file.file_type().is_file());
    files.map(|file| file.path().strip_prefix(folder).unwrap().to_owned()).collect()
}

fn copy(from: &Path, to: &Path) {
    for file in files_under(from) {
        fs::create_dir_all(to.join(&file).parent().unwrap()).unwrap();
        fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
}
