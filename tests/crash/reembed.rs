//! `kill -9` while another embedding model looks at the photos: nothing is lost, nothing is there twice, and the
//! old model stays in use until the new one has looked at all.

use std::{process::Stdio, time::Duration};

use pixora::{
    domain::PhotoSessionId,
    index::{EdgeIndex, FaceIndex},
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use crate::{Rows, open, pictures, seed, support::Pixora};

const PHOTOS: usize = 16;

#[tokio::test]
async fn a_new_model_takes_over_though_its_run_is_killed_again_and_again() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    let id = pixora.session("Another model");
    let session: PhotoSessionId = id.parse().expect("a session's id is an id");
    let store = open(&pixora.data()).await;
    store.agree("embedder", "fr_feature").await.expect("written");
    store.close().await;
    let folder = pixora.folder.path().join("card");
    std::fs::create_dir(&folder).expect("can be made");
    pictures::write_distinct(&folder, PHOTOS);
    pixora.json(&["ingest", &id, &folder.to_string_lossy(), "--json"]);
    let before = Rows::read(&pixora.data(), session).await;
    assert!(before.faces.values().flatten().all(|face| face.model == "fr_feature"));
    assert!(before.faces.values().any(|faces| !faces.is_empty()), "there are faces in the photos");

    let (mut kills, mut finished) = (0, false);
    for round in 0..60 {
        let arguments = ["reindex", "--model", "fused", "--full-speed"];
        let mut child = pixora.command(&arguments).stdout(Stdio::null()).spawn().expect("the program starts");
        // Longer each time, so that a slow machine comes to its end too.
        let life = Duration::from_millis(1500 + 400 * round).mul_f64(0.5 + random.random::<f64>());
        tokio::time::sleep(life).await;
        if let Some(status) = child.try_wait().expect("was started here") {
            assert!(status.success(), "{status}");
            finished = true;
            break;
        }
        child.kill().expect("was started here");
        child.wait().expect("was started here");
        kills += 1;
        let store = open(&pixora.data()).await;
        let in_use = store.agreed("embedder").await.expect("rows can be read");
        let left = store.photos().count_lacking("fused").await.expect("rows can be read");
        store.close().await;
        assert!(
            left == 0 || in_use.as_deref() == Some("fr_feature"),
            "{left} photos left, {in_use:?} in use"
        );
    }
    assert!(finished && kills > 0, "{kills} kills, finished: {finished}");

    let after = Rows::read(&pixora.data(), session).await;
    assert_eq!(after.photos.len(), before.photos.len());
    let mut fused = 0;
    for (photo, faces) in &after.faces {
        let of = |model: &str| faces.iter().filter(|face| face.model == model).cloned().collect::<Vec<_>>();
        assert_eq!(of("fr_feature"), before.faces[photo], "the old vectors are as they were");
        assert_eq!(of("fused").len(), before.faces[photo].len(), "each face once");
        fused += of("fused").len();
    }
    let (index, _) =
        EdgeIndex::open(&pixora.data().join("index").join("fused"), 640).expect("nobody else has it open");
    assert_eq!(index.count(session).await.expect("it answers"), fused as u64);
    drop(index);
    let again = pixora.command(&["reindex", "--model", "fused"]).output().expect("the program starts");
    assert!(
        !again.status.success()
            && String::from_utf8_lossy(&again.stderr).contains("fused is the model in use")
    );
    pixora.json(&["reindex", "--rollback", "--json"]);
    let store = open(&pixora.data()).await;
    assert_eq!(store.agreed("embedder").await.expect("rows can be read").as_deref(), Some("fr_feature"));
}
