//! The contract of every face index, and the additional one of the embedded index.

use std::{collections::HashMap, fs, path::Path};

use pixora::{
    domain::{FaceId, PhotoSessionId},
    index::{EdgeIndex, ExactIndex, FaceIndex, Hit, IndexError, IndexPlace, IndexedFace, Opened},
};
use proptest::{prelude::*, test_runner::TestRunner};
use rand::{SeedableRng, rngs::SmallRng};
use tempfile::TempDir;

use crate::{
    fixtures::{DIMENSION, MODEL, indexed_faces, unit_vector},
    qdrant::QdrantServer,
    server,
};

pub fn open(folder: &Path) -> (EdgeIndex, Opened) {
    EdgeIndex::open(&folder.join("index"), DIMENSION).unwrap()
}

/// Runs a test against each implementation.
async fn each(test: impl AsyncFn(&dyn FaceIndex, SmallRng)) {
    test(&ExactIndex::new(DIMENSION), SmallRng::seed_from_u64(7)).await;
    let (folder, server) = (TempDir::new().unwrap(), QdrantServer::start(None));
    let mut places = vec![
        IndexPlace::Embedded(folder.path().to_owned()),
        IndexPlace::Server(server::settings(server.url())),
    ];
    places.extend(server::real_server().map(IndexPlace::Server));
    for place in places {
        eprintln!("at {place}");
        let index = place.open(MODEL, DIMENSION).await.unwrap();
        test(&*index, SmallRng::seed_from_u64(7)).await;
        if let IndexPlace::Server(settings) = place {
            server::remove(&settings).await;
        }
    }
}

fn ids(hits: &[Hit]) -> Vec<FaceId> {
    hits.iter().map(|hit| hit.face_id).collect()
}

#[tokio::test]
async fn a_face_finds_itself_with_its_photo_and_vector() {
    each(async |index, mut random| {
        let session = PhotoSessionId::generate();
        let faces = indexed_faces(&mut random, 50);
        index.upsert(session, faces.clone()).await.unwrap();
        for face in &faces {
            let hits = index.search(session, &face.vector, 1, 0.9).await.unwrap();
            assert_eq!(ids(&hits), [face.id]);
            assert_eq!(hits[0].photo_id, face.photo_id);
            assert!((hits[0].cosine - 1.0).abs() < 1e-5);
            assert!(close(&hits[0].vector, &face.vector));
        }
    })
    .await;
}

/// What is written in the files below a folder, without empty pages: the engine makes its files larger than what is in
/// them.
fn written(folder: &Path) -> Vec<u8> {
    const EMPTY: [u8; 4096] = [0; 4096];
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let mut written = Vec::new();
    for file in entries.filter(|entry| entry.file_type().is_file()) {
        let bytes = fs::read(file.path()).unwrap();
        bytes.chunks(EMPTY.len()).filter(|page| *page != &EMPTY[..page.len()]).for_each(|page| {
            written.extend_from_slice(page);
        });
    }
    written
}

/// Which of these faces have their vectors there.
fn standing<'a>(written: &[u8], faces: impl IntoIterator<Item = &'a IndexedFace>) -> Vec<FaceId> {
    let bytes = |face: &IndexedFace| -> [u8; 8] {
        let [first, second] = [face.vector[0], face.vector[1]].map(f32::to_le_bytes);
        [first, second].concat().try_into().unwrap()
    };
    let mut faces: HashMap<[u8; 8], FaceId> = faces.into_iter().map(|face| (bytes(face), face.id)).collect();
    written.windows(8).filter_map(|part| faces.remove(part)).collect()
}

#[tokio::test]
async fn after_wiping_no_byte_of_a_deleted_vector_is_on_the_disk_and_searches_went_on() {
    let folder = TempDir::new().unwrap();
    let (index, _) = open(folder.path());
    let index = std::sync::Arc::new(index);
    let mut random = SmallRng::seed_from_u64(7);
    let (erased, kept) = (PhotoSessionId::generate(), PhotoSessionId::generate());
    let (gone, stay) = (indexed_faces(&mut random, 40), indexed_faces(&mut random, 2500));
    let later = indexed_faces(&mut random, 60);
    index.upsert(erased, gone.clone()).await.unwrap();
    index.upsert(kept, stay.clone()).await.unwrap();
    index.delete_faces(kept, &[stay[0].id]).await.unwrap();
    index.delete_session(erased).await.unwrap();
    assert_eq!(standing(&written(folder.path()), &gone).len(), gone.len(), "deleting alone leaves them");

    let wiping = tokio::spawn({
        let index = index.clone();
        async move { index.wipe().await }
    });
    let mut searched = 0;
    for face in &later {
        index.upsert(kept, vec![face.clone()]).await.unwrap();
        let hits = index.search(kept, &stay[1].vector, 1, 0.9).await.unwrap();
        assert_eq!(ids(&hits), [stay[1].id], "a search during the rewrite");
        searched += u32::from(!wiping.is_finished());
    }
    wiping.await.unwrap().unwrap();
    assert!(searched > 0, "nothing was asked meanwhile");
    assert_eq!(standing(&written(folder.path()), gone.iter().chain(&stay[..1])), []);
    let there = index.faces(kept).await.unwrap();
    assert_eq!(there.len(), stay.len() - 1 + later.len());
    assert!(later.iter().all(|face| there.contains_key(&face.id)), "what was written meanwhile is there");

    // Once more, into the folder of before, and through a restart.
    index.delete_faces(kept, &[stay[2].id]).await.unwrap();
    index.wipe().await.unwrap();
    drop(index);
    let (index, opened) = open(folder.path());
    assert_eq!(opened, Opened::Loaded);
    assert_eq!(index.count(kept).await.unwrap(), (there.len() - 1) as u64);
    assert_eq!(standing(&written(folder.path()), &stay[2..3]), []);
    assert_eq!(ids(&index.search(kept, &later[0].vector, 1, 0.9).await.unwrap()), [later[0].id]);
}

#[tokio::test]
async fn sessions_never_mix() {
    each(async |index, mut random| {
        let sessions = [PhotoSessionId::generate(), PhotoSessionId::generate()];
        let mut faces = HashMap::new();
        for session in sessions {
            let theirs = indexed_faces(&mut random, 30);
            index.upsert(session, theirs.clone()).await.unwrap();
            faces.insert(session, theirs);
        }
        // The same person, exactly, is in both: still only the asked session answers.
        let twin = indexed_faces(&mut random, 1).remove(0);
        index.upsert(sessions[0], vec![twin.clone()]).await.unwrap();
        for session in sessions {
            let hits = index.search(session, &twin.vector, 1000, -1.0).await.unwrap();
            let mine: Vec<_> = faces[&session].iter().map(|face| face.id).collect();
            assert!(hits.iter().all(|hit| mine.contains(&hit.face_id) || session == sessions[0]));
            assert_eq!(hits.len() as u64, index.count(session).await.unwrap());
        }
        assert_eq!(index.search(PhotoSessionId::generate(), &twin.vector, 10, -1.0).await.unwrap(), []);
        // A face of another session cannot be deleted by naming it in this one.
        index.delete_faces(sessions[1], &[twin.id]).await.unwrap();
        assert_eq!(index.count(sessions[0]).await.unwrap(), 31);
    })
    .await;
}

#[tokio::test]
async fn upserting_again_overwrites() {
    each(async |index, mut random| {
        let session = PhotoSessionId::generate();
        let mut faces = indexed_faces(&mut random, 10);
        index.upsert(session, faces.clone()).await.unwrap();
        index.upsert(session, faces.clone()).await.unwrap();
        assert_eq!(index.count(session).await.unwrap(), 10);
        faces[0].vector = unit_vector(&mut random);
        index.upsert(session, faces[..1].to_vec()).await.unwrap();
        assert_eq!(index.total().await.unwrap(), 10);
        let hits = index.search(session, &faces[0].vector, 1, 0.99).await.unwrap();
        assert_eq!(ids(&hits), [faces[0].id]);
    })
    .await;
}

#[tokio::test]
async fn deleted_faces_are_not_found() {
    each(async |index, mut random| {
        let (session, other) = (PhotoSessionId::generate(), PhotoSessionId::generate());
        let faces = indexed_faces(&mut random, 10);
        index.upsert(session, faces.clone()).await.unwrap();
        index.upsert(other, indexed_faces(&mut random, 3)).await.unwrap();
        let unknown = indexed_faces(&mut random, 1).remove(0).id;
        index.delete_faces(session, &[faces[0].id, faces[1].id, unknown]).await.unwrap();
        index.delete_faces(session, &[]).await.unwrap();
        assert_eq!(index.count(session).await.unwrap(), 8);
        assert_eq!(index.search(session, &faces[0].vector, 1, 0.99).await.unwrap(), []);
        index.delete_session(session).await.unwrap();
        assert_eq!((index.count(session).await.unwrap(), index.count(other).await.unwrap()), (0, 3));
        index.upsert(session, faces).await.unwrap();
        assert_eq!(index.total().await.unwrap(), 13);
    })
    .await;
}

#[tokio::test]
async fn it_tells_what_it_holds() {
    each(async |index, mut random| {
        assert_eq!(index.counts().await.unwrap(), HashMap::new());
        let sessions =
            [5, 1, 12].map(|count| (PhotoSessionId::generate(), indexed_faces(&mut random, count)));
        for (session, faces) in &sessions {
            index.upsert(*session, faces.clone()).await.unwrap();
        }
        let counts = sessions.iter().map(|(session, faces)| (*session, faces.len() as u64)).collect();
        assert_eq!(index.counts().await.unwrap(), counts);
        for (session, faces) in &sessions {
            let held = faces.iter().map(|face| (face.id, face.photo_id)).collect();
            assert_eq!(index.faces(*session).await.unwrap(), held);
        }
        index.delete_session(sessions[1].0).await.unwrap();
        assert!(!index.counts().await.unwrap().contains_key(&sessions[1].0));
        assert_eq!(index.faces(sessions[1].0).await.unwrap(), HashMap::new());
    })
    .await;
}

#[tokio::test]
async fn limit_and_threshold_cut_the_answer() {
    each(async |index, mut random| {
        let session = PhotoSessionId::generate();
        index.upsert(session, indexed_faces(&mut random, 200)).await.unwrap();
        let probe = unit_vector(&mut random);
        let all = index.search(session, &probe, 1000, -1.0).await.unwrap();
        assert_eq!(all.len(), 200);
        assert!(all.is_sorted_by(|a, b| a.cosine >= b.cosine));
        let best = index.search(session, &probe, 20, -1.0).await.unwrap();
        assert_eq!(ids(&best), ids(&all[..20]));
        let between = f32::midpoint(all[9].cosine, all[10].cosine);
        assert_eq!(ids(&index.search(session, &probe, 1000, between).await.unwrap()), ids(&all[..10]));
    })
    .await;
}

#[tokio::test]
async fn a_vector_of_another_length_is_refused() {
    each(async |index, mut random| {
        let session = PhotoSessionId::generate();
        let mut face = indexed_faces(&mut random, 1).remove(0);
        face.vector.push(0.0);
        let refused = index.search(session, &face.vector, 1, 0.0).await.unwrap_err();
        assert!(matches!(refused, IndexError::Dimension { expected: DIMENSION, .. }));
        let refused = index.upsert(session, vec![face]).await.unwrap_err();
        assert!(matches!(refused, IndexError::Dimension { .. }));
        index.health().await.unwrap();
    })
    .await;
}

#[derive(Debug, Clone)]
enum Step {
    Upsert { session: usize, first: usize, count: usize },
    Delete { session: usize, first: usize, count: usize },
    DeleteSession(usize),
    Maintain,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let faces = || (0..3_usize, 0..200_usize, 1..60_usize);
    prop_oneof![
        8 => faces().prop_map(|(session, first, count)| Step::Upsert { session, first, count }),
        4 => faces().prop_map(|(session, first, count)| Step::Delete { session, first, count }),
        1 => (0..3_usize).prop_map(Step::DeleteSession),
        2 => Just(Step::Maintain),
        2 => Just(Step::Reopen),
    ]
}

/// Whatever happens to them, each index answers like the plain scan.
#[test]
fn every_index_agrees_with_the_plain_scan() {
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let result = TestRunner::new(config).run(&proptest::collection::vec(step(), 1..20), |steps| {
        let (folder, server) = (TempDir::new().unwrap(), QdrantServer::start(None));
        runtime.block_on(compare(&steps, &IndexPlace::Embedded(folder.path().to_owned())));
        runtime.block_on(compare(&steps, &IndexPlace::Server(server::settings(server.url()))));
        if let Some(real) = server::real_server() {
            runtime.block_on(compare(&steps, &IndexPlace::Server(real.clone())));
            runtime.block_on(server::remove(&real));
        }
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

async fn compare(steps: &[Step], place: &IndexPlace) {
    let mut random = SmallRng::seed_from_u64(11);
    let sessions = [(); 3].map(|()| PhotoSessionId::generate());
    let faces = [(); 3].map(|()| indexed_faces(&mut random, 260));
    let oracle = ExactIndex::new(DIMENSION);
    let mut tested = place.open(MODEL, DIMENSION).await.unwrap();
    for step in steps {
        if let Step::Reopen = step {
            drop(tested);
            tested = place.open(MODEL, DIMENSION).await.unwrap();
        }
        for index in [&oracle as &dyn FaceIndex, &*tested] {
            match *step {
                Step::Upsert { session, first, count } => {
                    let faces = faces[session][first..first + count].to_vec();
                    index.upsert(sessions[session], faces).await.unwrap();
                }
                Step::Delete { session, first, count } => {
                    let ids: Vec<_> =
                        faces[session][first..first + count].iter().map(|face| face.id).collect();
                    index.delete_faces(sessions[session], &ids).await.unwrap();
                }
                Step::DeleteSession(session) => index.delete_session(sessions[session]).await.unwrap(),
                Step::Maintain => index.maintain().await.unwrap(),
                Step::Reopen => {}
            }
        }
        assert_eq!(tested.total().await.unwrap(), oracle.total().await.unwrap());
        assert_eq!(tested.counts().await.unwrap(), oracle.counts().await.unwrap());
        for session in sessions {
            assert_eq!(tested.count(session).await.unwrap(), oracle.count(session).await.unwrap());
            let probe = unit_vector(&mut random);
            let found = tested.search(session, &probe, 1000, 0.05).await.unwrap();
            let expected = oracle.search(session, &probe, 1000, 0.05).await.unwrap();
            same(&found, &expected);
        }
    }
}

/// The same hits; those whose cosines differ by rounding only may swap places or fall off the edge.
fn same(found: &[Hit], expected: &[Hit]) {
    let cosines = |hits: &[Hit]| hits.iter().map(|hit| (hit.face_id, hit.cosine)).collect::<HashMap<_, _>>();
    let (found, expected) = (cosines(found), cosines(expected));
    for (a, b) in [(&found, &expected), (&expected, &found)] {
        for (id, cosine) in a {
            match b.get(id) {
                Some(other) => assert!((cosine - other).abs() < 1e-5),
                None => assert!((cosine - 0.05).abs() < 1e-5, "{id} with {cosine} is missing"),
            }
        }
    }
}

fn close(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
}

#[tokio::test]
async fn it_is_there_after_reopening() {
    let folder = TempDir::new().unwrap();
    let session = PhotoSessionId::generate();
    let faces = indexed_faces(&mut SmallRng::seed_from_u64(1), 100);
    let (index, opened) = open(folder.path());
    assert_eq!(opened, Opened::Fresh);
    index.upsert(session, faces.clone()).await.unwrap();
    drop(index);
    let (index, opened) = open(folder.path());
    assert_eq!(opened, Opened::Loaded);
    assert_eq!(index.total().await.unwrap(), 100);
    assert_eq!(ids(&index.search(session, &faces[3].vector, 1, 0.9).await.unwrap()), [faces[3].id]);
}

#[tokio::test]
async fn a_second_opener_is_refused() {
    let folder = TempDir::new().unwrap();
    let (index, _) = open(folder.path());
    let refused = EdgeIndex::open(&folder.path().join("index"), DIMENSION).map(|_| ()).unwrap_err();
    assert!(matches!(refused, IndexError::Locked), "{refused}");
    drop(index);
    open(folder.path());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_share_flushes_and_all_are_answered() {
    let folder = TempDir::new().unwrap();
    let (index, _) = open(folder.path());
    let sessions: Vec<_> = (0..64).map(|_| PhotoSessionId::generate()).collect();
    let mut random = SmallRng::seed_from_u64(2);
    let batches: Vec<Vec<IndexedFace>> = sessions.iter().map(|_| indexed_faces(&mut random, 5)).collect();
    let writes = sessions.iter().zip(batches).map(|(session, faces)| index.upsert(*session, faces));
    futures::future::try_join_all(writes).await.unwrap();
    for session in sessions {
        assert_eq!(index.count(session).await.unwrap(), 5);
    }
}

#[tokio::test]
async fn leftovers_of_a_killed_optimise_are_removed() {
    let folder = TempDir::new().unwrap();
    drop(open(folder.path()));
    let leftover = folder.path().join("index/shard/temp_segments/half");
    fs::create_dir_all(&leftover).unwrap();
    fs::write(leftover.join("data"), b"half a segment").unwrap();
    let (_index, opened) = open(folder.path());
    assert_eq!(opened, Opened::Loaded);
    assert!(!leftover.exists());
}

#[tokio::test]
async fn an_index_of_another_dimension_counts_as_damaged() {
    let folder = TempDir::new().unwrap();
    drop(open(folder.path()));
    let (index, opened) = EdgeIndex::open(&folder.path().join("index"), DIMENSION * 2).unwrap();
    assert_eq!(opened, Opened::Damaged);
    assert_eq!(index.total().await.unwrap(), 0);
}
