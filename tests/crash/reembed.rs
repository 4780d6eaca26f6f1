//! `kill -9` while another embedding model looks at the photos: nothing is lost, nothing is there twice, and each
//! session is answered by the old model until the new one has looked at all of its photos.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use pixora::{
    domain::{PhotoSessionId, PhotoState},
    index::{EdgeIndex, FaceIndex},
    store::TakeoverPlan,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use crate::{
    Rows, open, pictures, seed,
    support::{Pixora, sample},
};

const PHOTOS: usize = 16;
const PATIENCE: Duration = Duration::from_secs(240);

/// An installation whose photos were embedded by the older of the two models.
async fn installed(pixora: &Pixora) {
    pixora.session("The first one makes the database");
    let store = open(&pixora.data()).await;
    store.agree("embedder", "fr_feature").await.expect("written");
    store.close().await;
}

async fn plan(data: &Path) -> TakeoverPlan {
    let store = open(data).await;
    let plan = store.takeovers().plan().await.expect("rows can be read");
    store.close().await;
    plan
}

/// How many ready photos a model has not looked at.
async fn lacking(data: &Path, model: &str) -> u64 {
    let store = open(data).await;
    let (_, lacking) = store.photos().count_lacking(model).await.expect("rows can be read");
    store.close().await;
    lacking
}

async fn until(data: &Path, what: &str, is_so: impl AsyncFn(&Path) -> bool) {
    let begun = Instant::now();
    while !is_so(data).await {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn ingest(pixora: &Pixora, session: &str, folder: &str, photos: &[&str]) {
    let card = pixora.folder.path().join(folder);
    std::fs::create_dir(&card).expect("can be made");
    for name in photos {
        std::fs::copy(sample(name), card.join(name.replace('/', "-"))).expect("can be copied");
    }
    pixora.json(&["ingest", "--session", session, &card.to_string_lossy(), "--json"]);
}

#[tokio::test]
async fn a_new_model_takes_over_though_the_service_is_killed_again_and_again() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    installed(&pixora).await;
    let data = pixora.data();
    let id = pixora.session("Another model");
    let session: PhotoSessionId = id.parse().expect("a session's id is an id");
    let folder = pixora.folder.path().join("card");
    std::fs::create_dir(&folder).expect("can be made");
    pictures::write_distinct(&folder, PHOTOS);
    pixora.json(&["ingest", "--session", &id, &folder.to_string_lossy(), "--json"]);
    let before = Rows::read(&data, session).await;
    assert_eq!(before.in_state(PhotoState::Ready), PHOTOS);
    assert!(before.faces.values().flatten().all(|face| face.model == "fr_feature"));

    let begun = pixora.json(&["reindex", "--model", "fused", "--json"]);
    assert_eq!((begun["before"].as_str(), begun["left"].as_u64()), (Some("fr_feature"), Some(PHOTOS as u64)));
    // A photo that comes meanwhile is looked at by both.
    ingest(&pixora, &id, "late", &["groups/sample2.jpg"]);
    let now = Rows::read(&data, session).await;
    let (late, _) =
        now.faces.iter().find(|(photo, _)| !before.faces.contains_key(photo)).expect("one is new");
    let models: BTreeSet<&str> = now.faces[late].iter().map(|face| face.model.as_str()).collect();
    assert_eq!(models, BTreeSet::from(["fr_feature", "fused"]));

    let (mut kills, mut killed_between) = (0, 0);
    for round in 0..40 {
        let mut server = pixora.serve_soon();
        // Longer each time, so that a slow machine comes to its end too.
        let life = Duration::from_millis(2_500 + 500 * round).mul_f64(0.5 + random.random::<f64>());
        tokio::time::sleep(life).await;
        server.child.kill().expect("was started here");
        server.child.wait().expect("was started here");
        let (plan, left) = (plan(&data).await, lacking(&data, "fused").await);
        println!("round {round}: {left} photos left, {plan:?}");
        if plan.next.is_none() {
            assert_eq!((left, plan.used.as_deref()), (0, Some("fused")), "it took over too early");
            break;
        }
        assert_eq!(plan.used.as_deref(), Some("fr_feature"), "{left} photos are left");
        (kills, killed_between) = (kills + 1, killed_between + usize::from(left < PHOTOS as u64 && left > 0));
    }
    assert!(kills > 0, "it was never killed");
    println!("{kills} kills, {killed_between} of them between the first photo and the last");
    let done = plan(&data).await;
    assert_eq!((done.used.as_deref(), done.next.as_deref()), (Some("fused"), None));
    assert_eq!(done.before.as_ref().map(|(name, _)| name.as_str()), Some("fr_feature"));

    let after = Rows::read(&data, session).await;
    let mut fused = 0;
    for (photo, faces) in &after.faces {
        let of = |model: &str| faces.iter().filter(|face| face.model == model).cloned().collect::<Vec<_>>();
        if let Some(before) = before.faces.get(photo) {
            assert_eq!(of("fr_feature"), *before, "the old vectors are as they were");
        }
        assert_eq!(of("fused").len(), of("fr_feature").len(), "each face once");
        fused += of("fused").len() as u64;
    }
    let (index, _) = EdgeIndex::open(&data.join("index").join("fused"), 640).expect("nobody has it open");
    assert_eq!(index.count(session).await.expect("it answers"), fused);
    drop(index);

    // Back and forth costs nothing while both are kept.
    let again = pixora.command(&["reindex", "--model", "fused"]).output().expect("the program starts");
    assert!(String::from_utf8_lossy(&again.stderr).contains("fused is the model in use"), "{again:?}");
    assert_eq!(pixora.json(&["reindex", "--rollback", "--json"])["model"], "fr_feature");
    let found = pixora.json(&[
        "search",
        "--session",
        &id,
        "--json",
        &sample("officials/obama2.jpg").to_string_lossy(),
    ]);
    assert_eq!(found["model"], "fr_feature", "{found}");

    // What is to be forgotten goes from rows and files.
    pixora.json(&["reindex", "--forget", "--json"]);
    let server = pixora.serve();
    until(&data, "fused is not erased", async |data| plan_has_no_before(data).await).await;
    drop(server);
    let end = Rows::read(&data, session).await;
    assert!(end.faces.values().flatten().all(|face| face.model == "fr_feature"));
    assert!(!data.join("index/fused/shard").exists(), "the files of its index are gone");
}

async fn plan_has_no_before(data: &Path) -> bool {
    plan(data).await.before.is_none()
}

/// A session is answered by the new model as soon as it has looked at all of its photos, whatever the others lack.
#[tokio::test]
async fn each_session_changes_over_by_itself() {
    let Some(pixora) = Pixora::new() else { return };
    installed(&pixora).await;
    let data = pixora.data();
    let (whole, torn) = (pixora.session("Whole"), pixora.session("One original is lost"));
    ingest(&pixora, &whole, "first", &["officials/obama.jpg", "officials/biden.jpg"]);
    ingest(&pixora, &torn, "second", &["officials/obama3.jpg"]);
    let rows = Rows::read(&data, torn.parse().expect("an id")).await;
    let lost = rows.photos.keys().next().expect("one photo");
    let mut originals = Vec::new();
    find_originals(&data.join("blobs"), &lost.to_string(), &mut originals);
    assert!(!originals.is_empty(), "the photo has files");
    for original in originals {
        std::fs::remove_file(original).expect("can be removed");
    }

    pixora.json(&["reindex", "--model", "fused", "--json"]);
    let server = pixora.serve();
    until(&data, "the whole session was not looked at", async |data| lacking(data, "fused").await == 1).await;
    // What a process believes of the models is some seconds old at most.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let url = format!("http://{}", server.address);
    let search = |session: &str| {
        let selfie = sample("officials/obama2.jpg");
        let mut command =
            pixora.command(&["search", "--session", session, "--json", &selfie.to_string_lossy()]);
        let output = command.env("PIXORA_PUBLIC_URL", &url).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("a document")
    };
    let (new, old) = (search(&whole), search(&torn));
    assert_eq!((new["model"].as_str(), old["model"].as_str()), (Some("fused"), Some("fr_feature")));
    for found in [new, old] {
        assert_eq!(found["matches"].as_array().map(Vec::len), Some(1), "{found}");
    }
    drop(server);
    assert_eq!(plan(&data).await.next.as_deref(), Some("fused"), "one photo is left");
    assert_eq!(pixora.json(&["reindex", "--rollback", "--json"])["model"], "fr_feature");
}

fn find_originals(folder: &Path, photo: &str, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            find_originals(&path, photo, found);
        } else if path.to_string_lossy().contains(photo) && path.to_string_lossy().contains("original") {
            found.push(path);
        }
    }
}
