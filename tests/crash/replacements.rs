//! `kill -9` while a photo's file is replaced again and again: the old picture or the new one is there, whole, under the
//! photo's own id.

use std::{
    collections::BTreeSet,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use pixora::{
    blobs::{BlobKey, Blobs},
    domain::{Photo, PhotoSessionId, PhotoState},
    index::{EdgeIndex, FaceIndex},
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use sha2::{Digest, Sha256};

use crate::{
    Rows, doctor, files, open, pictures, seed,
    support::{Pixora, START},
    text,
};

const ROUNDS: usize = 14;

#[tokio::test]
async fn a_replacement_that_is_killed_leaves_the_old_picture_or_the_new_one() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    let id = pixora.session("Published again and again");
    let session: PhotoSessionId = id.parse().expect("a session's id is an id");
    let (card, pile) = (pixora.folder.path().join("card"), pixora.folder.path().join("pile"));
    for folder in [&card, &pile] {
        std::fs::create_dir(folder).expect("can be made");
    }
    let versions = pictures::write_distinct(&pile, ROUNDS + 1);
    let published = card.join("portrait.jpg");
    let publish = |version: usize| {
        std::fs::copy(&versions[version], &published).expect("can be copied");
        hash(&std::fs::read(&published).expect("is there"))
    };
    let mut sent = vec![publish(0)];
    let arguments = ["ingest", "--json", "--replace", "--session", &id, text(&card)];
    assert_eq!(pixora.json(&arguments)["accepted"], 1);
    let store = open(&pixora.data()).await;
    let photo = store.photos().ids(session).await.expect("rows can be read")[0];
    // Whatever else is known of the photo stays with it.
    store.photos().set_selected(session, &[photo], false).await.expect("is hidden");
    store.close().await;

    let (mut old, mut new) = (0, 0);
    for round in 1..=ROUNDS {
        sent.push(publish(round));
        let before = only(&pixora, session).await;
        let there = originals(&pixora, &id);
        let mut ingest = start(&pixora, &arguments);
        // The file of the new picture is written just before its row is. Then the pipeline has it for a while.
        let began = Instant::now();
        while originals(&pixora, &id).is_subset(&there)
            && ingest.try_wait().expect("was started here").is_none()
        {
            assert!(began.elapsed() < START, "nothing is replaced");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let most = if round % 2 == 0 { 8 } else { 900 };
        tokio::time::sleep(Duration::from_millis(random.random_range(0..most))).await;
        ingest.kill().expect("was started here");
        ingest.wait().expect("was started here");

        let after = only(&pixora, session).await;
        assert_eq!((after.id, after.is_selected), (photo, false), "round {round}");
        let is_new = after.sha256 == sent[round];
        assert!(
            is_new || after.sha256 == before.sha256,
            "round {round}: neither the old one nor the new one"
        );
        (old, new) = (old + usize::from(!is_new), new + usize::from(is_new));
        assert_whole(&pixora, session, &after).await;
    }
    println!("{old} kills left the old picture, {new} the new one");
    assert!(new > 0, "no kill came after a commit");

    assert_eq!(pixora.json(&arguments)["rejected"], serde_json::json!([]));
    let last = only(&pixora, session).await;
    assert_eq!((last.id, last.is_selected, last.state), (photo, false, PhotoState::Ready));
    assert_eq!((&last.sha256, last.is_replaced), (&sent[ROUNDS], false));
    assert_whole(&pixora, session, &last).await;
    assert!(doctor(&pixora, &["--fix"]).0 && doctor(&pixora, &[]).0);
    let rows = Rows::read(&pixora.data(), session).await;
    let faces: Vec<_> = rows.faces.values().flatten().collect();
    let model = &faces.first().expect("somebody is in the last picture").model;
    let index = EdgeIndex::open(&pixora.data().join("index").join(model), faces[0].embedding.len());
    let vectors = index.expect("no process has it open").0.total().await.expect("the index answers");
    assert_eq!(vectors, faces.len() as u64, "no vector is left of the others");
    let small = last.derivatives.iter().map(|it| format!("derivatives/{photo}/{}-{}.jpg", it.size, it.hash));
    let expected: BTreeSet<String> = small.chain([format!("originals/{}", last.original)]).collect();
    assert_eq!(
        files(&pixora.data().join("blobs/sessions").join(&id)),
        expected,
        "nothing is left of the others"
    );
}

fn start(pixora: &Pixora, arguments: &[&str]) -> Child {
    let mut command = pixora.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

async fn only(pixora: &Pixora, session: PhotoSessionId) -> Photo {
    let mut photos = Rows::read(&pixora.data(), session).await.photos;
    assert_eq!(photos.len(), 1, "a replacement is no other photo");
    photos.pop_first().expect("there is one").1
}

/// Whole originals, by their names on the disk.
fn originals(pixora: &Pixora, id: &str) -> BTreeSet<String> {
    let there = std::fs::read_dir(pixora.data().join(format!("blobs/sessions/{id}/originals")));
    let names = there.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|name| !name.contains('#')).collect()
}

/// The original is what its row says, and so is everything that guests would be shown.
async fn assert_whole(pixora: &Pixora, session: PhotoSessionId, photo: &Photo) {
    let blobs = Blobs::open_folder(pixora.data().join("blobs")).expect("the folder is there");
    let original =
        blobs.get(BlobKey::original(session, photo.original)).await.expect("the original is there");
    assert_eq!(hash(&original), photo.sha256);
    assert_eq!(photo.state, PhotoState::Ready, "what was shown is shown on");
    for derivative in &photo.derivatives {
        let key = BlobKey::derivative(session, photo.id, derivative).expect("the hash is one");
        let jpeg = blobs.get(key).await.expect("the derivative is there");
        assert_eq!(hash(&jpeg)[..16], derivative.hash);
    }
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
