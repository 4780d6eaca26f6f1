//! A database, a bucket or a Qdrant server that cannot be reached says why, and nothing of its address's secrets.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use crate::{
    postgres::Postgres,
    qdrant::QdrantServer,
    s3,
    support::{Pixora, free_address},
};

const SECRET: &str = "an-invented-secret";

/// What the program says as it fails with these settings.
fn said(pixora: &Pixora, settings: &[(&str, &str)]) -> String {
    let mut command = pixora.command(&["serve", "--bind", "127.0.0.1:0"]);
    let output = command.envs(settings.iter().copied()).output().expect("the program starts");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{log}");
    assert!(!log.contains(SECRET), "{log}");
    log
}

fn assert_says(log: &str, words: &[&str]) {
    for word in words {
        assert!(log.contains(word), "not said: {word}\n{log}");
    }
}

/// A PostgreSQL that knows one sentence: it refuses everybody, with this SQLSTATE.
fn refusing(code: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("is bound").to_string();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { continue };
            let mut message = [0; 4096];
            // It may ask for TLS first, in eight bytes; there is none.
            if connection.read(&mut message).is_ok_and(|length| length == 8) {
                let _ = connection.write_all(b"N");
                let _ = connection.read(&mut message);
            }
            let mut fields = Vec::new();
            for (kind, text) in
                [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', code), (b'M', "refused, in the server's words")]
            {
                fields.push(kind);
                fields.extend(text.bytes().chain([0]));
            }
            fields.push(0);
            let mut answer = vec![b'E'];
            answer.extend(u32::try_from(fields.len() + 4).expect("is short").to_be_bytes());
            answer.extend(fields);
            let _ = connection.write_all(&answer);
        }
    });
    address
}

#[test]
fn a_database_that_cannot_be_reached_says_why() {
    let Some(pixora) = Pixora::new() else { return };
    let url = |address: &str, more: &str| format!("postgres://anna:{SECRET}@{address}/ours{more}");
    let database = |url: &str| said(&pixora, &[("DATABASE_URL", url)]);
    for (code, words) in [("28P01", "password"), ("28000", "pg_hba.conf"), ("3D000", "no such database")] {
        let log = database(&url(&refusing(code), ""));
        assert_says(&log, &["[database_unavailable]", words]);
    }
    let log = database(&url(&refusing("28P01"), "?sslmode=require"));
    assert_says(&log, &["does not offer TLS"]);
    assert_says(&database(&url("nobody.invalid:5432", "")), &["cannot be resolved"]);
    assert_says(&database(&url(&free_address(), "")), &["refused"]);
}

#[tokio::test]
async fn a_real_postgresql_says_why_too() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(postgres) = Postgres::start().await else { return };
    let server = postgres.url("postgres");
    let missing = format!("{}/nowhere", &server[..server.rfind('/').expect("a database is named")]);
    assert_says(&said(&pixora, &[("DATABASE_URL", &missing)]), &["no such database"]);
    assert_says(&said(&pixora, &[("DATABASE_URL", &postgres.url("nobody_of_this_name"))]), &["no such role"]);
    let encrypted = format!("{server}?sslmode=require");
    assert_says(&said(&pixora, &[("DATABASE_URL", &encrypted)]), &["does not offer TLS"]);
}

#[test]
fn a_bucket_that_cannot_be_reached_says_why() {
    let Some(pixora) = Pixora::new() else { return };
    let at = |endpoint: &str| {
        said(
            &pixora,
            &[
                ("PIXORA_STORAGE_URL", "s3://wedding-photos"),
                ("AWS_ENDPOINT_URL", endpoint),
                ("AWS_ACCESS_KEY_ID", "pixora"),
                ("AWS_SECRET_ACCESS_KEY", SECRET),
            ],
        )
    };
    assert_says(&at(&format!("http://{}", free_address())), &["refused"]);
    assert_says(&at("http://nobody.invalid:9000"), &["cannot be resolved"]);
    if let Some(bucket) = s3::bucket() {
        let plain = bucket.endpoint.expect("has an address").replace("http://", "https://");
        assert_says(&at(&plain), &["does not speak TLS"]);
    }
}

#[test]
fn a_qdrant_server_that_cannot_be_reached_says_why() {
    let Some(pixora) = Pixora::new() else { return };
    let at = |url: &str| said(&pixora, &[("QDRANT_URL", url), ("QDRANT_API_KEY", SECRET)]);
    assert_says(&at(&format!("http://{}", free_address())), &["refused"]);
    assert_says(&at("http://nobody.invalid:6334"), &["cannot be resolved"]);
    let server = QdrantServer::start(Some("another-key"));
    assert_says(&at(&server.url()), &["QDRANT_API_KEY is missing or wrong"]);
    assert_says(&at(&server.url().replace("http://", "https://")), &["does not speak TLS"]);
}
