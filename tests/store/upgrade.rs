//! A program that is older than its rows.

use pixora::store::{Store, StoreError};
use sqlx::{AnyConnection, Connection};

use crate::database::database_url;

#[tokio::test]
async fn an_older_program_refuses_a_newer_schema() {
    let folder = tempfile::TempDir::new().unwrap();
    let url = database_url(folder.path()).await;
    Store::open(&url).await.unwrap().close().await;
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    sqlx::query(newer).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let refused = Store::open(&url).await.unwrap_err();
    assert!(matches!(refused, StoreError::Newer));
    assert_eq!(refused.code(), "database_newer");
    assert!(refused.to_string().contains("newer version of Pixora"));
}
