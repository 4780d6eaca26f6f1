use std::{process::Command, time::Instant};

use sqlx::Executor;
use uuid::Uuid;

use super::{postgres::Postgres, *};

fn open(urls: &[String]) -> ExternalDatabase {
    ExternalDatabase::open(urls.iter().map(String::as_str)).expect("the URLs are right")
}

fn id(id: Uuid) -> PhotoSessionId {
    PhotoSessionId(id)
}

#[tokio::test]
async fn a_row_reads_as_it_is_given() {
    let Some(postgres) = Postgres::start().await else { return };
    let [session, studio, photographer] = [Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7()];
    postgres
        .run(&format!(
            "SET timezone = 'Asia/Kamchatka'; SET datestyle = 'German';
             INSERT INTO photo_sessions VALUES ('{session}', 'Анна & Иван', 'У озера', '{photographer}', '{studio}',
               'completed', 'infinity', '2026-06-20 23:59:59.999999+12', '{{\"watermark\": {{\"on\": true}}}}',
               '2026-02-18T17:55:51.746Z', '2026-02-18T17:55:51.746001Z', '{studio}', false)"
        ))
        .await;
    let bare = postgres.session("Bare").await;
    let database = open(&[postgres.url("reader")]);
    let time = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
    let expected = PhotoSession {
        id: id(session),
        name: "Анна & Иван".into(),
        description: Some("У озера".into()),
        studio_id: crate::domain::StudioId(studio),
        photographer_id: Some(photographer),
        status: crate::domain::SessionStatus::Completed,
        gallery_open: false,
        face_search: false,
        terms: crate::domain::GalleryTerms::default(),
        scheduled_at: None,
        time_zone: None,
        completed_at: Some(time("2026-06-20T11:59:59.999999Z")),
        created_at: time("2026-02-18T17:55:51.746Z"),
        updated_at: time("2026-02-18T17:55:51.746001Z"),
    };
    assert_eq!(database.session(id(session)).await.unwrap(), Some(expected));
    let bare = database.session(id(bare)).await.unwrap().expect("is there");
    assert_eq!((bare.description, bare.scheduled_at, bare.completed_at), (None, None, None));
    assert_eq!(database.session(PhotoSessionId::generate()).await.unwrap(), None);
}

/// The answer to each way of changing something.
async fn refusals(database: &ExternalDatabase) -> Vec<String> {
    let mut refusals = Vec::new();
    for sql in [
        "UPDATE photo_sessions SET facepass_enabled = true",
        "DELETE FROM photo_sessions",
        "INSERT INTO photo_sessions SELECT * FROM photo_sessions",
        "TRUNCATE photo_sessions",
        "DROP TABLE photo_sessions",
        "CREATE TABLE ours (id INT)",
        "SELECT nextval('numbers')",
    ] {
        let error = database.0.pools[0].execute(sql).await.expect_err(sql);
        let Error::Database(error) = error else { panic!("{sql}: {error}") };
        refusals.push(error.code().unwrap_or_default().into_owned());
    }
    refusals
}

#[tokio::test]
async fn we_could_not_write_even_if_we_tried() {
    const READ_ONLY: &str = "25006";
    const NO_PRIVILEGE: &str = "42501";
    let Some(postgres) = Postgres::start().await else { return };
    postgres.session("Wedding").await;
    postgres.run("CREATE SEQUENCE numbers; REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;

    // The role alone: a session that asks to write is refused all the same.
    let by_role = open(&[postgres.url("reader")]);
    let mut connection = by_role.0.pools[0].acquire().await.unwrap();
    connection.execute("SET default_transaction_read_only = off").await.unwrap();
    let error = connection.execute("DELETE FROM photo_sessions").await.expect_err("has SELECT alone");
    assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some(NO_PRIVILEGE));
    drop(connection);

    // The connection alone: a role that may do everything, and a URL that asks for writing.
    let asks_to_write =
        format!("{}?options=-c%20default_transaction_read_only%3Doff", postgres.url("postgres"));
    for url in [postgres.url("postgres"), asks_to_write] {
        assert_eq!(refusals(&open(&[url])).await, [READ_ONLY; 7]);
    }
}

#[tokio::test]
async fn a_dead_replica_costs_a_moment_once() {
    let (Some(mut first), Some(mut second)) = (Postgres::start().await, Postgres::start().await) else {
        return;
    };
    let session = second.session("Wedding").await;
    let row = "INSERT INTO photo_sessions SELECT * FROM (VALUES \
               (UUID '{id}', 'Wedding', NULL, UUID '{id}', UUID '{id}', 'active'::session_status, NULL::TIMESTAMPTZ, \
               NULL::TIMESTAMPTZ, NULL::JSONB, now(), now(), NULL::UUID, true)) AS row";
    first.run(&row.replace("{id}", &session.to_string())).await;
    let database = open(&[first.url("reader"), second.url("reader")]);
    let found = async || database.session(id(session)).await.map(|found| found.is_some());

    assert!(found().await.unwrap());
    first.kill();
    let started = Instant::now();
    assert!(found().await.unwrap(), "the second knows it");
    assert!(started.elapsed() < CONNECT + ANSWER, "{:?}", started.elapsed());
    let started = Instant::now();
    assert!(found().await.unwrap());
    assert!(started.elapsed() < CONNECT, "the one that answered is asked first: {:?}", started.elapsed());
    database.ping().await.unwrap();

    second.kill();
    assert!(found().await.is_err());
    let started = Instant::now();
    for _ in 0..100 {
        assert!(found().await.is_err() && database.ping().await.is_err());
    }
    assert!(
        started.elapsed() < CONNECT,
        "an outage that is known is not waited for: {:?}",
        started.elapsed()
    );
    first.resume().await;
    let started = Instant::now();
    while !found().await.unwrap_or_default() {
        assert!(started.elapsed() < Duration::from_secs(10), "the database is back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn pages_follow_the_last_change_and_miss_none_of_the_same_moment() {
    let Some(postgres) = Postgres::start().await else { return };
    for number in 0..7 {
        postgres.session(&format!("{number}")).await;
    }
    postgres
        .run("UPDATE photo_sessions SET updated_at = '2026-02-18T17:55:51.746001Z' WHERE name < '5'")
        .await;
    postgres.run("UPDATE photo_sessions SET updated_at = 'infinity' WHERE name = '6'").await;
    let database = open(&[postgres.url("reader")]);
    let (mut names, mut cursor) = (Vec::new(), None);
    loop {
        let (page, next) = database.changed_after(cursor, 2).await.unwrap();
        names.extend(page.into_iter().map(|session| session.name));
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(names, ["0", "1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn tls_is_what_the_url_asks_for() {
    let Some(mut postgres) = Postgres::start().await else { return };
    let with = |mode: &str| open(&[format!("{}?sslmode={mode}", postgres.url("reader"))]);
    assert!(with("require").ping().await.is_err(), "the server has no TLS");
    assert!(with("prefer").ping().await.is_ok());

    let library = "SELECT setting FROM pg_settings WHERE name = 'ssl_library'";
    let library = sqlx::query(library).fetch_one(&with("prefer").0.pools[0]).await.unwrap();
    if library.get::<String, _>(0).is_empty() {
        println!("SKIPPED: the half with certificates: this PostgreSQL was built without TLS");
        return;
    }
    let folder = postgres.folder.path().to_owned();
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=pixora-test"])
        .args([
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        println!("SKIPPED: the half with certificates: there is no openssl to make one");
        return;
    }
    let text = |path: &std::path::Path| path.display().to_string();
    // PostgreSQL reads a key that is its own, or root's, and nobody else may read.
    let owner = std::os::unix::fs::MetadataExt::uid(&folder.metadata().unwrap());
    std::os::unix::fs::chown(&key, Some(owner), None).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let settings =
        [("ssl_cert_file", text(&certificate)), ("ssl_key_file", text(&key)), ("ssl", "on".to_owned())];
    for (setting, value) in settings {
        postgres.run(&format!("ALTER SYSTEM SET {setting} = '{value}'")).await;
    }
    postgres.kill();
    postgres.resume().await;
    let with = |mode: &str| open(&[format!("{}?sslmode={mode}", postgres.url("reader"))]);
    let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    for (mode, expected) in [("disable", false), ("prefer", true), ("require", true)] {
        let row = sqlx::query(encrypted).fetch_one(&with(mode).0.pools[0]).await.unwrap();
        assert_eq!(row.get::<bool, _>(0), expected, "{mode}");
    }
    assert!(with("verify-full").ping().await.is_err(), "nobody vouches for the certificate");
    assert!(with(&format!("verify-full&sslrootcert={}", text(&certificate))).ping().await.is_ok());
}
