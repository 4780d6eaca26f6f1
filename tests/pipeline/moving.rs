//! The face index moves to a Qdrant server and back while guests search.

use std::{process::Command, time::Instant};

use serde_json::Value;

use crate::{
    OBAMA, assert_fails, ingest,
    qdrant::QdrantServer,
    server::search_over_http,
    support::{Pixora, START, Server, sample},
};

const KEY: &str = "an-invented-key";

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
