//! Where a test keeps its rows: SQLite in its own folder, or a database of its own on the PostgreSQL that
//! `PIXORA_TEST_DATABASE_URL` names, so that the same tests run on both.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The address of the folder's database, which is empty at first.
pub async fn database_url(folder: &Path) -> String {
    let Ok(server) = std::env::var("PIXORA_TEST_DATABASE_URL") else {
        return format!("sqlite:{}?mode=rwc", folder.join("pixora.db").display());
    };
    let noted = folder.join("database-url");
    if let Ok(url) = std::fs::read_to_string(&noted) {
        return url;
    }
    let name = format!("t{}", uuid::Uuid::now_v7().simple());
    let mut connection = PgConnection::connect(&server).await.expect("the server answers");
    let create = format!("CREATE DATABASE {name}");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await.expect("may make databases");
    connection.close().await.expect("says goodbye");
    let mut url: reqwest::Url = server.parse().expect("is a URL");
    url.set_path(&name);
    std::fs::write(noted, url.as_str()).expect("the folder can be written");
    url.into()
}
