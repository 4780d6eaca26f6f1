//! A back-up of an installation whose rows are on PostgreSQL: a dump of the rows first, then files and keys.

use std::process::Command;

use serde_json::json;

use crate::{
    OBAMA, assert_fails, found, ingest,
    postgres::Postgres,
    search,
    support::{Pixora, sample},
    text,
};

fn on(pixora: &Pixora, url: &str) {
    std::fs::write(pixora.folder.path().join("pixora.toml"), format!("DATABASE_URL = '{url}'\n"))
        .expect("can be written");
}

/// Runs one of the server's own programs.
fn tool(postgres: &Postgres, program: &str, arguments: &[&str]) {
    let output = Command::new(postgres.programs.join(program)).args(arguments).output();
    let output = output.expect("the program starts");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn rows_of_postgres_and_files_are_restored_together() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(postgres) = Postgres::start().await else { return };
    if !postgres.programs.join("pg_dump").exists() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "there is no pg_dump on CI");
        println!("SKIPPED: this PostgreSQL has no pg_dump");
        return;
    }
    for database in ["ours", "restored", "too_new"] {
        postgres.run(&format!("CREATE DATABASE {database}")).await;
    }
    let url = |database: &str| {
        let server = postgres.url("postgres");
        let end = server.rfind('/').expect("a database is named");
        format!("{}/{database}", &server[..end])
    };
    on(&pixora, &url("ours"));
    let session = pixora.session("On PostgreSQL");
    ingest(&pixora, &session, &[&sample("officials")]);
    let matches = search(&pixora, &session, &sample("officials/obama.jpg"));
    let photo_of = |name: &str| {
        let found = matches.iter().find(|found| found["filename"] == name).expect("was found");
        found["photo_id"].as_str().expect("is an id").to_owned()
    };

    let (dump, to) = (postgres.folder.path().join("rows.dump"), pixora.folder.path().join("backup"));
    let file = format!("--file={}", text(&dump));
    tool(&postgres, "pg_dump", &["--format=custom", &file, &format!("--dbname={}", url("ours"))]);
    // Erased between the rows and the files.
    pixora.json(&["erase", "--photo", &photo_of("obama2.jpg"), "--receipt"]);
    let made = pixora.json(&["backup", text(&to), "--json"]);
    assert_eq!((&made["rows"], &made["photos"]), (&json!("dumped"), &json!(6)), "{made}");

    let other = Pixora::new().expect("was there before");
    assert_fails(&other, &["restore", text(&to)], 1, "[backup_rows_outside]");
    on(&other, &url("restored"));
    let restore = |database: &str| {
        let into = format!("--dbname={}", url(database));
        tool(&postgres, "pg_restore", &["--no-owner", &into, text(&dump)]);
    };
    restore("restored");
    let restored = other.json(&["restore", text(&to), "--json"]);
    assert_eq!((&restored["photos"], &restored["erased"]), (&json!(6), &json!(1)), "{restored}");
    let mut expected = OBAMA.to_vec();
    expected.retain(|name| *name != "obama2.jpg");
    assert_eq!(found(&search(&other, &session, &sample("officials/obama.jpg"))), expected);
    assert_eq!(other.json(&["doctor", "--json"])["ok"], true);

    // In the wrong order: a photo came in after the files were copied, and the rows were dumped after that.
    ingest(&pixora, &session, &[&sample("groups/sample1.jpg")]);
    tool(&postgres, "pg_dump", &["--format=custom", &file, &format!("--dbname={}", url("ours"))]);
    restore("too_new");
    let third = Pixora::new().expect("was there before");
    on(&third, &url("too_new"));
    assert_fails(&third, &["restore", text(&to)], 1, "[rows_newer_than_files]");
}
