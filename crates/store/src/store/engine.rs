//! The two databases that our rows lie in: how each is opened and what its schema is called.

use std::{
    io,
    time::{Duration, Instant},
};

use sqlx::{
    AnyConnection, AnyPool, Connection, Error, SqlSafeStr,
    any::AnyPoolOptions,
    migrate::{Migration, Migrator},
};

use super::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Connections that read at the same time.
const READERS: u32 = 8;
/// Connections of one node to PostgreSQL that write; most of the time they wait for their turn.
const WRITERS: u32 = 4;
/// How long a statement waits for another process's write before it fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

/// Connections to one database.
pub(super) struct Pools {
    pub writes: AnyPool,
    pub reads: AnyPool,
}

impl Engine {
    pub(super) fn of(database_url: &str) -> Result<Self, StoreError> {
        match database_url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            _ => Err(StoreError::Url("expected sqlite:<path>?mode=rwc or postgres://…")),
        }
    }

    /// Connects, and brings the schema up to date.
    pub(super) async fn open(self, url: &str) -> Result<Pools, StoreError> {
        self.knock(url).await?;
        let (writes, reads) = match self {
            Self::Sqlite => (sqlite_pool(1, url).await?, sqlite_pool(READERS, url).await?),
            Self::Postgres => (postgres_pool(WRITERS, url).await?, postgres_pool(READERS, url).await?),
        };
        migrations(self).run(&writes).await?;
        Ok(Pools { writes, reads })
    }
}

impl Engine {
    /// Connects once and asks something of the database's own files. A pool tries again until its time is over
    /// and then knows nothing but that; here the first answer counts. A server that is starting is waited for.
    async fn knock(self, url: &str) -> Result<(), StoreError> {
        let until = Instant::now() + BUSY_TIMEOUT;
        loop {
            // What a killed process has left in a write-ahead log may take a while; it is no silence.
            let limit = if self == Self::Sqlite { 40 * BUSY_TIMEOUT } else { BUSY_TIMEOUT };
            let error = match tokio::time::timeout(limit, self.ask_once(url)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => error,
                Err(_) => Error::Io(io::ErrorKind::TimedOut.into()),
            };
            let starting = match &error {
                Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
                Error::Database(error) => error.is_transient_in_connect_phase(),
                _ => false,
            };
            if !starting || Instant::now() >= until {
                return Err(error.into());
            }
            tokio::time::sleep(BUSY_TIMEOUT / 30).await;
        }
    }

    async fn ask_once(self, url: &str) -> Result<(), Error> {
        let question = match self {
            // Reads the header and takes what a killed process has left in the write-ahead log.
            Self::Sqlite => "PRAGMA busy_timeout = 15000; SELECT COUNT(*) FROM sqlite_master",
            Self::Postgres => "SELECT 1",
        };
        let mut connection = AnyConnection::connect(url).await?;
        sqlx::raw_sql(question).execute(&mut connection).await?;
        connection.close().await
    }
}

/// The schema in the database's own words: `BLOB` is the one type that has two names.
fn migrations(engine: Engine) -> Migrator {
    let translated = MIGRATIONS.iter().map(|migration| {
        let sql = match engine {
            Engine::Sqlite => migration.sql.clone(),
            Engine::Postgres => {
                sqlx::AssertSqlSafe(migration.sql.as_str().replace("BLOB", "BYTEA")).into_sql_str()
            }
        };
        Migration { sql, ..migration.clone() }
    });
    Migrator { migrations: translated.collect(), ..Migrator::DEFAULT }
}

async fn postgres_pool(connections: u32, database_url: &str) -> Result<AnyPool, StoreError> {
    // A node that loses its network must not hold the write lock until somebody notices; an answer that takes
    // longer than this comes too late. A commit is on the disk when it says so, whatever the server's default.
    let settings = "SET idle_in_transaction_session_timeout = '30s'; SET lock_timeout = '15s'; \
                    SET statement_timeout = '60s'; SET synchronous_commit = on; SET TIME ZONE 'UTC'; \
                    SET client_min_messages = warning";
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(BUSY_TIMEOUT)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(settings).execute(connection).await?;
                Ok(())
            })
        })
        .connect(database_url)
        .await?;
    Ok(pool)
}

/// Where a commit found the disk full, SQLite has ended the transaction by itself. The driver does not know that: its
/// own `ROLLBACK` fails, it counts the transaction for ever and refuses to begin another. Such a connection must not
/// come back to the pool.
async fn is_usable(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    if !connection.is_in_transaction() {
        return Ok(true);
    }
    // A transaction that was dropped is rolled back behind our back, before anything else is done.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

async fn sqlite_pool(connections: u32, database_url: &str) -> Result<AnyPool, StoreError> {
    // `synchronous = FULL`: a committed transaction survives a power cut, so "acknowledged" is true.
    let pragmas = format!(
        "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA secure_delete = ON;",
        BUSY_TIMEOUT.as_millis()
    );
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_release(|connection, _| Box::pin(async move { is_usable(connection).await }))
        .after_connect(move |connection, _| {
            let pragmas = pragmas.clone();
            Box::pin(async move {
                sqlx::raw_sql(sqlx::AssertSqlSafe(pragmas)).execute(connection).await?;
                Ok(())
            })
        })
        .connect(database_url)
        .await?;
    Ok(pool)
}
