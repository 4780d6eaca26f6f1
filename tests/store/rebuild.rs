//! The index is a copy: whatever happens to it, the rows bring it back.

use std::{fs, path::Path};

use pixora::{
    domain::{FaceRow, PhotoSessionId},
    index::{ExactIndex, FaceIndex, Opened, Reconciled, rebuild, reconcile},
};
use rand::{SeedableRng, rngs::SmallRng};
use tempfile::TempDir;

use crate::{
    fixtures::{DIMENSION, Database, MODEL, indexed, indexed_faces},
    index::open,
};

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
    let done = reconcile(&db.store, &index, MODEL, |_, _| panic!("nothing to rebuild")).await.unwrap();
    assert_eq!(done, Reconciled::InStep);
}

#[tokio::test]
async fn only_the_session_that_differs_is_written_again() {
    let (db, sessions) = filled().await;
    let index = ExactIndex::new(DIMENSION);
    fill(&index, &sessions).await;
    // As after a kill between the index and the rows.
    index.upsert(sessions[1].0, indexed_faces(&mut SmallRng::seed_from_u64(1), 2)).await.unwrap();
    let done = reconcile(&db.store, &index, MODEL, |_, _| panic!("no rebuild is needed")).await.unwrap();
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
    let done = reconcile(&db.store, &index, MODEL, |_, _| {}).await.unwrap();
    assert_eq!(done, Reconciled::Rebuilt(12));
    assert_eq!(index.count(sessions[1].0).await.unwrap(), 0);
    assert_eq!(index.total().await.unwrap(), 12);
}

#[tokio::test]
async fn a_missing_index_is_filled_at_the_next_start() {
    let (db, sessions) = filled().await;
    let folder = TempDir::new().unwrap();
    let (index, opened) = open(folder.path());
    assert_eq!(opened, Opened::Fresh);
    assert_eq!(reconcile(&db.store, &index, MODEL, |_, _| {}).await.unwrap(), Reconciled::Rebuilt(24));
    finds_everything(&index, &sessions).await;
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
        reconcile(&db.store, &index, MODEL, |_, _| {}).await.unwrap();
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
