//! A session that only the studio's own database knows, from ingest to a found guest.

use crate::{
    OBAMA, assert_fails, found, ingest,
    postgres::Postgres,
    search,
    support::{Pixora, sample},
    text,
};

#[tokio::test]
async fn photos_of_an_external_session_are_ingested_found_and_erased() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(mut postgres) = Postgres::start().await else { return };
    let setting = format!("MAIN_APP_DATABASE_URL = '{}'\n", postgres.url("reader"));
    std::fs::write(pixora.folder.path().join("pixora.toml"), setting).expect("the folder is writable");
    let session = postgres.session("Wedding").await.to_string();
    let officials = sample("officials");

    let report = ingest(&pixora, &session, &[&officials]);
    assert_eq!((&report["accepted"], &report["indexed"]), (&7.into(), &7.into()), "{report}");
    assert_eq!(found(&search(&pixora, &session, &officials.join("obama.jpg"))), OBAMA);
    let shown = pixora.json(&["session", "show", &session, "--json"]);
    assert_eq!((&shown["name"], &shown["photos"]["ready"]), (&"Wedding".into(), &7.into()), "{shown}");
    let doctor = pixora.json(&["doctor", "--json"]);
    assert_eq!(doctor["ok"], true, "{doctor}");
    assert_fails(&pixora, &["session", "archive", &session], 1, "external_session");
    assert_fails(&pixora, &["session", "facepass", &session, "off"], 1, "external_session");
    let stranger = uuid::Uuid::now_v7().to_string();
    assert_fails(&pixora, &["ingest", "--session", &stranger, text(&officials)], 1, "session_not_found");

    let server = pixora.serve();
    let url = format!("http://{}/api/v1/sessions/{session}/facepass-status", server.address);
    pixora::tls::install_provider();
    let status: serde_json::Value = reqwest::get(url).await.expect("answers").json().await.expect("JSON");
    assert_eq!(status["facepass_enabled"], true, "{status}");
    assert_eq!(found(&search(&pixora, &session, &officials.join("obama.jpg"))), OBAMA, "through the server");
    drop(server);

    postgres.kill();
    let log = pixora.command(&["ingest", "--session", &session, text(&officials)]).output().expect("starts");
    let log = String::from_utf8_lossy(&log.stderr);
    assert!(log.contains("source_unavailable") && !log.contains("postgres://"), "{log}");
    assert!(pixora.command(&["erase", "--session", &session]).status().expect("starts").success());
    postgres.resume().await;
    assert_eq!(found(&search(&pixora, &session, &officials.join("obama.jpg"))), [""; 0]);
}
