//! A program that is older than its rows.

use pixora::{
    domain::{Language, Names, PriceId, StudioId},
    store::{Store, StoreError},
};
use sqlx::{
    AnyConnection, AssertSqlSafe, Connection, SqlSafeStr,
    migrate::{Migration, Migrator},
};

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

/// Names were Russian and English columns before they were texts by language.
#[tokio::test]
async fn names_of_two_languages_are_read_as_they_were() {
    let folder = tempfile::TempDir::new().unwrap();
    let url = database_url(folder.path()).await;
    let all = Migrator::new(std::path::Path::new("migrations")).await.unwrap();
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    // As the program itself does it.
    let translated = |migration: &Migration| Migration {
        sql: match url.starts_with("sqlite") {
            true => migration.sql.clone(),
            false => AssertSqlSafe(migration.sql.as_str().replace("BLOB", "BYTEA")).into_sql_str(),
        },
        ..migration.clone()
    };
    let before = all.iter().filter(|migration| migration.version < 122).map(translated).collect();
    Migrator { migrations: before, ..Migrator::DEFAULT }.run(&mut connection).await.unwrap();
    let studio = StudioId::generate();
    let ids: Vec<String> = (0..2).map(|_| PriceId::generate().to_string()).collect();
    let rows = [
        format!("INSERT INTO price_lists (studio_id, currency, updated_at) VALUES ('{studio}', 'EUR', 0)"),
        format!(
            "INSERT INTO prices (id, studio_id, position, kind, name_ru, name_en, amount, active) \
             VALUES ('{}', '{studio}', 0, 'digital', 'Файл \"А\" \\ 1', 'It''s a \\\"file\"', 100, 1)",
            ids[0]
        ),
        format!("INSERT INTO shop_settings (studio_id, tax_included, updated_at) VALUES ('{studio}', 0, 0)"),
        format!(
            "INSERT INTO shipping_methods (id, studio_id, position, name_ru, name_en, amount, needs_address, active) \
             VALUES ('{}', '{studio}', 0, 'Почта', 'Post', 100, 1, 1)",
            ids[1]
        ),
    ];
    for row in rows {
        sqlx::query(AssertSqlSafe(row)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let store = Store::open(&url).await.unwrap();
    let price = store.prices().list(studio).await.unwrap().unwrap().prices.remove(0);
    let both =
        |names: &Names| [Language::Russian, Language::English].map(|language| names.of(language).to_owned());
    assert_eq!(both(&price.name), ["Файл \"А\" \\ 1", "It's a \\\"file\""]);
    let way = store.shop_settings().get(studio).await.unwrap().shipping.remove(0);
    assert_eq!(both(&way.name), ["Почта", "Post"]);
}
