//! Commands beside a running server: the photographer adds, the guest searches.

use std::{process::Command, time::Instant};

use reqwest::multipart::{Form, Part};
use serde_json::Value;

use crate::{
    OBAMA, assert_fails, found, ingest,
    support::{Pixora, START, sample},
    text,
};

pub async fn search_over_http(address: &str, session: &str, selfie: &std::path::Path) -> (u16, Value) {
    let bytes = std::fs::read(selfie).expect("the sample can be read");
    let form = Form::new().part("selfie", Part::bytes(bytes).file_name("me.jpg"));
    let url = format!("http://{address}/api/v1/sessions/{session}/search");
    let answer = reqwest::Client::new().post(url).multipart(form).send().await.expect("the server answers");
    (answer.status().as_u16(), answer.json().await.expect("the answer is JSON"))
}

#[tokio::test]
async fn photos_stored_beside_a_running_server_are_found_through_it() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Live");
    let mut server = pixora.serve();
    let url = format!("http://{}", server.address);

    let arguments = ["ingest", "--wait", "--json", "--session", &session];
    let officials = sample("officials");
    let report = pixora.json(&[&arguments[..], &[text(&officials)]].concat());
    assert_eq!((&report["accepted"], &report["indexed"]), (&7.into(), &7.into()), "{report}");

    let (status, answer) = search_over_http(&server.address, &session, &officials.join("obama.jpg")).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(found(answer["matches"].as_array().expect("a list")), OBAMA);
    assert_eq!((&answer["photos_total"], &answer["photos_pending"]), (&7.into(), &0.into()));

    // The command line asks the server, which has the index, and says the same.
    let selfie = officials.join("obama.jpg");
    let search = ["search", "--json", "--public-url", &url, "--session", &session, text(&selfie)];
    assert_eq!(pixora.json(&search)["matches"].as_array().map(Vec::len), Some(6));
    assert_fails(&pixora, &["reindex"], 1, "[server_running]");
    assert_fails(&pixora, &["erase", "--session", &session], 1, "[server_running]");
    assert_eq!(pixora.json(&["doctor", "--json"])["ok"], true);

    // Without --wait the server's queue does the rest; the numbers add up all the same.
    let more = ingest(&pixora, &session, &[&sample("groups"), &officials]);
    assert_eq!((&more["accepted"], &more["duplicates"]), (&6.into(), &7.into()), "{more}");
    let started = Instant::now();
    while pixora.json(&["session", "show", &session, "--json"])["photos"]["ready"] != 13 {
        assert!(started.elapsed() < START, "the queue stands still: {}", pixora.server_log());
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }

    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill starts").success());
    let status = server.child.wait().expect("was started here");
    assert_eq!(status.code(), Some(0), "{}", pixora.server_log());
}
