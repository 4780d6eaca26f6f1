//! The face index moves to a Qdrant server and back while guests search.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use pixora::{
    index::{IndexPlace, QdrantServer as QdrantSettings},
    store::{Store, TakeoverPlan},
};
use serde_json::Value;

use crate::{
    OBAMA, assert_fails, ingest,
    qdrant::QdrantServer,
    server::search_over_http,
    support::{Pixora, START, Server, sample},
};

const KEY: &str = "an-invented-key";
const PATIENCE: Duration = Duration::from_secs(240);

/// What commands and servers that start from now on read.
fn settings(pixora: &Pixora, text: &str) {
    std::fs::write(pixora.folder.path().join("pixora.toml"), text).expect("can be written");
}

/// What a guest is told: photos with their scores.
async fn answer(server: &Server, session: &str) -> Vec<(String, i64)> {
    let (status, answer) = search_over_http(&server.address, session, &sample("officials/obama.jpg")).await;
    assert_eq!(status, 200, "{answer}");
    let one = |found: &Value| {
        let score = found["score"].as_f64().expect("a match has a score");
        (found["filename"].as_str().unwrap_or_default().to_owned(), (score * 1e4).round() as i64)
    };
    answer["matches"].as_array().expect("a list").iter().map(one).collect()
}

fn stop(mut server: Server) {
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill starts").success());
    assert!(server.child.wait().expect("was started here").success());
}

fn wait_until_ready(pixora: &Pixora, session: &str, photos: u64) {
    let started = Instant::now();
    while pixora.json(&["session", "show", session, "--json"])["photos"]["ready"] != photos {
        assert!(started.elapsed() < START, "the queue stands still: {}", pixora.server_log());
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

#[tokio::test]
async fn the_index_moves_to_a_server_and_back_while_guests_search() {
    let Some(pixora) = Pixora::new() else { return };
    let mut qdrant = QdrantServer::start(Some(KEY));
    let key = format!("QDRANT_API_KEY = '{KEY}'\n");
    settings(&pixora, &key);
    let session = pixora.session("Moving");
    ingest(&pixora, &session, &[&sample("officials")]);
    let copy = pixora.data().join("index/fused/shard");
    let embedded = pixora.serve();
    let before = answer(&embedded, &session).await;
    assert_eq!(before.len(), OBAMA.len());

    // There: filled beside the running server, which goes on taking photos.
    let moved = pixora.json(&["reindex", "--to", &qdrant.url(), "--json"]);
    assert_eq!(moved["faces"], pixora.json(&["session", "show", &session, "--json"])["photos"]["faces"]);
    ingest(&pixora, &session, &[&sample("groups/sample1.jpg")]);
    wait_until_ready(&pixora, &session, 8);
    // The next nodes are there before the last one goes: no guest is ever sent away.
    settings(&pixora, &format!("{key}QDRANT_URL = '{}'", qdrant.url()));
    let (first, second) = (pixora.serve(), pixora.serve());
    for server in [&first, &second, &embedded] {
        assert_eq!(answer(server, &session).await, before);
    }
    assert!(copy.exists(), "is still in use");
    stop(embedded);
    stop(second);
    pixora.json(&["reindex", "--json"]);
    assert!(!copy.exists(), "nobody keeps it up any more");
    let checks = pixora.json(&["doctor", "--json"]);
    assert_eq!(checks["ok"], true, "{checks}");
    let (_, matches) = search_over_http(&first.address, &session, &sample("officials/obama.jpg")).await;
    let photo = |found: &Value| (found["filename"] == "obama2.jpg").then(|| found["photo_id"].clone());
    let photo = matches["matches"].as_array().expect("a list").iter().find_map(photo).expect("was found");

    // And back, the same way. What is erased meanwhile is not in the index that guests come back to.
    assert_eq!(pixora.json(&["reindex", "--to", "edge", "--json"])["place"], "embedded");
    pixora.json(&["erase", "--photo", photo.as_str().expect("is an id"), "--receipt"]);
    let there = answer(&first, &session).await;
    assert!(there.len() == 5 && there.iter().all(|(name, _)| name != "obama2.jpg"), "{there:?}");
    stop(first);
    settings(&pixora, "");
    let embedded = pixora.serve();
    assert_eq!(answer(&embedded, &session).await, there);
    assert_fails(&pixora, &["reindex"], 1, "[server_running]");
    stop(embedded);

    assert_fails(&pixora, &["reindex", "--to", "mars"], 2, "[usage]");
    qdrant.stop();
    assert_fails(&pixora, &["reindex", "--to", &qdrant.url()], 1, "[index_unavailable]");
}

/// The same as in `tests/crash/reembed.rs`, where the index is embedded; here each model has a collection of its own.
#[tokio::test]
async fn another_model_takes_over_on_a_server_and_goes_again() {
    let Some(pixora) = Pixora::new() else { return };
    let qdrant = QdrantServer::start(Some(KEY));
    settings(&pixora, &format!("QDRANT_API_KEY = '{KEY}'\nQDRANT_URL = '{}'", qdrant.url()));
    let session = pixora.session("Another model");
    let url = format!("sqlite:{}?mode=rwc", pixora.data().join("pixora.db").display());
    let store = Store::open(&url).await.expect("the database opens");
    store.agree("embedder", "fr_feature").await.expect("written");
    let id = session.parse().expect("a session's id is an id");
    ingest(&pixora, &session, &[&sample("officials/obama.jpg"), &sample("officials/biden.jpg")]);
    let place = |model: &'static str, dimension| {
        let (url, api_key, prefix) = (qdrant.url(), Some(KEY.to_owned()), "pixora".to_owned());
        let place = IndexPlace::Server(QdrantSettings { url, api_key, prefix, replication: 1, shards: None });
        async move { place.open(model, dimension).await.expect("opens").count(id).await.expect("counts") }
    };
    let old = place("fr_feature", 512).await;
    assert!(old >= 2, "{old}");

    pixora.json(&["reindex", "--model", "fused", "--json"]);
    // A photo that comes meanwhile is looked at by both.
    ingest(&pixora, &session, &[&sample("officials/obama3.jpg")]);
    assert_eq!(place("fr_feature", 512).await, old + 1);
    let server = pixora.serve();
    let until = async |what: &str, is_so: &dyn Fn(&TakeoverPlan) -> bool| {
        let started = Instant::now();
        while !is_so(&store.takeovers().plan().await.expect("can be read")) {
            assert!(started.elapsed() < PATIENCE, "{what}: {}", pixora.server_log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    until("fused does not take over", &|plan| plan.used.as_deref() == Some("fused")).await;
    assert_eq!(place("fused", 640).await, old + 1);
    // What a process believes of the models is some seconds old at most.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let selfie = sample("officials/obama2.jpg");
    let model = async || search_over_http(&server.address, &session, &selfie).await.1;
    let found = model().await;
    assert_eq!(
        (found["model"].as_str(), found["matches"].as_array().map(Vec::len)),
        (Some("fused"), Some(2))
    );

    assert_eq!(pixora.json(&["reindex", "--rollback", "--json"])["model"], "fr_feature");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let found = model().await;
    assert_eq!(
        (found["model"].as_str(), found["matches"].as_array().map(Vec::len)),
        (Some("fr_feature"), Some(2))
    );
    pixora.json(&["reindex", "--forget", "--json"]);
    until("fused is not erased", &|plan| plan.before.is_none()).await;
    stop(server);
    assert_eq!(place("fr_feature", 512).await, old + 1);
    assert_eq!(place("fused", 640).await, 0, "opening it made it anew, empty");
    store.close().await;
}
