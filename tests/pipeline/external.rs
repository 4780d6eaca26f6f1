//! A session that only the studio's own database knows, from ingest to a found guest.

use std::time::Duration;

use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
use pixora::{
    domain::{PhotoSessionId, SessionEvent, WebhookId},
    store::{ExternalDatabase, NewWebhook, Store, Webhook},
};

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
    let selfie = officials.join("obama.jpg");
    let url = format!("http://{}", server.address);
    let through_server =
        pixora.json(&["search", "--json", "--public-url", &url, "--session", &session, text(&selfie)]);
    assert_eq!(found(through_server["matches"].as_array().expect("a list")), OBAMA);
    drop(server);

    postgres.kill();
    let log = pixora.command(&["ingest", "--session", &session, text(&officials)]).output().expect("starts");
    let log = String::from_utf8_lossy(&log.stderr);
    assert!(log.contains("source_unavailable") && !log.contains("postgres://"), "{log}");
    assert!(pixora.command(&["erase", "--session", &session]).status().expect("starts").success());
    postgres.resume().await;
    assert_eq!(found(&search(&pixora, &session, &officials.join("obama.jpg"))), [""; 0]);
}

#[tokio::test]
async fn a_change_in_the_studios_database_reaches_its_webhook() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(postgres) = Postgres::start().await else { return };
    let settings = format!(
        "MAIN_APP_DATABASE_URL = '{}'\nPIXORA_SESSION_SYNC_SECONDS = 1\nPIXORA_WEBHOOK_ALLOW_PRIVATE = 1\n",
        postgres.url("reader")
    );
    std::fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("the folder is writable");
    let session = PhotoSessionId(postgres.session("Wedding").await);

    let (send, mut received) = tokio::sync::mpsc::unbounded_channel();
    let hook =
        async move |headers: HeaderMap, body: Bytes| send.send((headers, body)).expect("the test listens");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
    tokio::spawn(axum::serve(listener, Router::new().route("/hook", post(hook))).into_future());

    let server = pixora.serve();
    let database = format!("sqlite:{}", pixora.data().join("pixora.db").display());
    let store = Store::open(&database).await.expect("the server's database opens beside it");
    let external = ExternalDatabase::open([postgres.url("reader").as_str()]).expect("the URL is right");
    let row = external.session(session).await.expect("answers").expect("is there");
    let secret = "whsec_aW52ZW50ZWQgZm9yIHRoaXMgdGVzdCBvbmx5".to_owned();
    let webhook = Webhook {
        id: WebhookId::generate(),
        studio_id: row.studio_id,
        url,
        events: SessionEvent::ALL.to_vec(),
        enabled: true,
        created_at: chrono::Utc::now(),
    };
    store.webhooks().create(&NewWebhook { webhook, secret: secret.clone() }).await.expect("is written");
    // The first sweep, which tells nothing, is over when the server has looked twice.
    tokio::time::sleep(Duration::from_secs(3)).await;
    postgres.run("UPDATE photo_sessions SET facepass_enabled = false, updated_at = now()").await;
    let heard = tokio::time::timeout(Duration::from_secs(20), received.recv()).await;
    let (headers, body) = heard.expect("is told in time").expect("is told");
    standardwebhooks::Webhook::new(&secret).expect("is one").verify(&body, &headers).expect("is signed");
    let message: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!((&message["type"], &message["data"]["name"]), (&"session.disabled".into(), &"Wedding".into()));
    drop(server);
}
