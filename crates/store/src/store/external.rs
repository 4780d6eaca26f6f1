//! The studio's own PostgreSQL, whose `photo_sessions` its main application keeps. We only ever read it.
//!
//! Three things stand between us and its rows: the role should have `SELECT` alone, every connection asks
//! for `default_transaction_read_only`, and a connection that the server does not confirm as read-only (a
//! pooler may drop start-up options) is not used.

use std::{
    io,
    str::FromStr,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SecondsFormat, Utc};
use futures::future::select_ok;
use sqlx::{
    ConnectOptions, Connection, Error, PgConnection, PgPool, Row,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
};

use super::StoreError;
use crate::domain::{GalleryTerms, PhotoSession, PhotoSessionId};

/// Connections to one replica.
const CONNECTIONS: u32 = 8;
/// To get a connection, a new one included.
const CONNECT: Duration = Duration::from_secs(2);
/// For one replica's answer, so that a dead one costs no more.
const ANSWER: Duration = Duration::from_secs(3);
/// For one page of a sweep, which may sort a large table.
const PAGE: Duration = Duration::from_secs(10);
/// Between looks at a database that is away.
const LOOK: Duration = Duration::from_secs(1);

/// Where a sweep stands: the `updated_at` and id of the last session that was read.
pub type ChangeCursor = (DateTime<Utc>, PhotoSessionId);

/// The database and its replicas. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct ExternalDatabase(Arc<Replicas>);

struct Replicas {
    pools: Vec<PgPool>,
    /// The replica that answered last is asked first.
    preferred: AtomicUsize,
    /// No replica answered. Until one does, nobody waits for them: a task of ours looks.
    away: AtomicBool,
}

/// Ids, the enum and the document as text and times as microseconds, as our own rows have them. A time that
/// PostgreSQL knows and we do not (an infinite one, one outside of the years that RFC 3339 can write) reads as none.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id::TEXT, name, description, studio_id::TEXT, photographer_id::TEXT, status::TEXT, \
             facepass_enabled, ",
            select!(@micros "scheduled_at"), ", ", select!(@micros "completed_at"), ", ",
            select!(@micros "created_at"), ", ", select!(@micros "updated_at"),
            " FROM photo_sessions ", $rest
        )
    };
    (@micros $column:literal) => {
        concat!(
            "CASE WHEN ", select!(@known $column), " THEN (EXTRACT(EPOCH FROM ", $column,
            ") * 1000000)::BIGINT END AS ", $column
        )
    };
    (@known $column:literal) => {
        concat!("(", $column, " >= '0001-01-01 00:00:00+00' AND ", $column, " < '10000-01-01 00:00:00+00')")
    };
}

const NOW: &str = "SELECT (EXTRACT(EPOCH FROM now()) * 1000000)::BIGINT AS now";
const GET: &str = select!("WHERE id = $1::UUID");
/// What a request asks for, of no session: fails where the role may not read the table or a column of it.
const PROBE: &str = select!("LIMIT 0");
const FIRST_PAGE: &str = select!(
    "WHERE photo_sessions.updated_at >= '0001-01-01 00:00:00+00' AND photo_sessions.updated_at < '10000-01-01 00:00:00+00' \
     ORDER BY photo_sessions.updated_at, photo_sessions.id LIMIT $1"
);
const NEXT_PAGE: &str = select!(
    "WHERE photo_sessions.updated_at < '10000-01-01 00:00:00+00' \
     AND (photo_sessions.updated_at, photo_sessions.id) > ($2::TIMESTAMPTZ, $3::UUID) \
     ORDER BY photo_sessions.updated_at, photo_sessions.id LIMIT $1"
);

impl ExternalDatabase {
    /// `urls` name the database and its replicas, `postgres://…`; they are tried in this order. Connects
    /// when first asked: a database that is away must not keep the service from starting.
    ///
    /// # Errors
    /// [`StoreError::Url`], which never shows the URL.
    pub fn open<'a>(urls: impl IntoIterator<Item = &'a str>) -> Result<Self, StoreError> {
        let pools = urls.into_iter().map(pool).collect::<Result<Vec<_>, _>>()?;
        if pools.is_empty() {
            return Err(StoreError::Url("expected at least one postgres:// URL"));
        }
        Ok(Self(Arc::new(Replicas { pools, preferred: AtomicUsize::new(0), away: AtomicBool::new(false) })))
    }

    /// # Errors
    /// [`StoreError::Unavailable`] when no replica answered. A row that cannot be read is logged, and is no session.
    pub async fn session(&self, id: PhotoSessionId) -> Result<Option<PhotoSession>, StoreError> {
        let id = id.to_string();
        let ask = |pool: PgPool| {
            let query = sqlx::query(GET).bind(id.clone());
            async move { query.fetch_optional(&pool).await }
        };
        Ok(self.0.ask_in_turn(ANSWER, ask).await?.and_then(|row| readable(&row)))
    }

    /// The time of the database's own clock. Its rows are compared with that and not with our clock.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        let ask = |pool: PgPool| async move { sqlx::query(NOW).fetch_one(&pool).await };
        time(&self.0.ask_in_turn(ANSWER, ask).await?, "now")
    }

    /// Sessions in the order of their last change, from after `cursor` or from the first, and where the
    /// next page begins if there may be one. A row that cannot be read is logged and left out.
    ///
    /// # Errors
    /// As [`session`](Self::session).
    pub async fn changed_after(
        &self,
        cursor: Option<ChangeCursor>,
        limit: u32,
    ) -> Result<(Vec<PhotoSession>, Option<ChangeCursor>), StoreError> {
        let ask = |pool: PgPool| async move {
            let query = match cursor {
                None => sqlx::query(FIRST_PAGE).bind(i64::from(limit)),
                Some((time, id)) => sqlx::query(NEXT_PAGE)
                    .bind(i64::from(limit))
                    .bind(time.to_rfc3339_opts(SecondsFormat::Micros, false))
                    .bind(id.to_string()),
            };
            query.fetch_all(&pool).await
        };
        let rows = self.0.ask_in_turn(PAGE, ask).await?;
        let next = match rows.last() {
            Some(last) if rows.len() == limit as usize => {
                Some((time(last, "updated_at")?, parsed(last, "id")?))
            }
            _ => None,
        };
        Ok((rows.iter().filter_map(readable).collect(), next))
    }

    /// Whether any replica can answer what requests ask.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        let known_away = self.0.away.load(Ordering::Relaxed);
        match if known_away { Err(away()) } else { self.0.any_answers().await } {
            Err(StoreError::Unavailable(Error::PoolTimedOut)) => Err(self.0.obstacle().await),
            answer => answer,
        }
    }
}

impl Replicas {
    /// Asks the replicas, the one that answered last first, until one answers. What a server says counts as
    /// its answer, a refusal too: another may still know better.
    async fn ask_in_turn<T, F>(
        self: &Arc<Self>,
        limit: Duration,
        ask: impl Fn(PgPool) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        if self.away.load(Ordering::Relaxed) {
            return Err(away());
        }
        let first = self.preferred.load(Ordering::Relaxed);
        let mut reachable = false;
        let mut failed = away();
        for step in 0..self.pools.len() {
            let at = (first + step) % self.pools.len();
            let answer = tokio::time::timeout(limit, ask(self.pools[at].clone())).await;
            let error = match answer.unwrap_or(Err(Error::PoolTimedOut)) {
                Ok(answer) => {
                    self.preferred.store(at, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            reachable |= matches!(error, Error::Database(_));
            failed = error.into();
            tracing::warn!(replica = at + 1, error = %failed, "the external database does not answer");
        }
        if !reachable && !self.away.swap(true, Ordering::Relaxed) {
            tokio::spawn(look_until_back(Arc::downgrade(self)));
        }
        Err(failed)
    }

    /// Why no replica answers. A pool tries again until its time is over, and then knows nothing but that.
    async fn obstacle(&self) -> StoreError {
        let mut obstacle = away();
        for pool in &self.pools {
            let options = pool.connect_options();
            match tokio::time::timeout(ANSWER / 2, PgConnection::connect_with(&options)).await {
                Ok(Err(error)) => return error.into(),
                Ok(Ok(_)) => {}
                Err(_) => obstacle = Error::Io(io::ErrorKind::TimedOut.into()).into(),
            }
        }
        obstacle
    }

    async fn any_answers(&self) -> Result<(), StoreError> {
        let ask = |pool: &PgPool| {
            let pool = pool.clone();
            Box::pin(async move {
                let answer = tokio::time::timeout(ANSWER, sqlx::query(PROBE).execute(&pool)).await;
                answer.unwrap_or(Err(Error::PoolTimedOut)).map(|_| ())
            })
        };
        Ok(select_ok(self.pools.iter().map(ask)).await.map(|(answer, _)| answer)?)
    }
}

/// Ends the outage once a replica answers, or with the last handle to the database.
async fn look_until_back(replicas: Weak<Replicas>) {
    while let Some(replicas) = replicas.upgrade() {
        if replicas.any_answers().await.is_ok() {
            replicas.away.store(false, Ordering::Relaxed);
            tracing::info!("the external database answers again");
            return;
        }
        drop(replicas);
        tokio::time::sleep(LOOK).await;
    }
}

fn away() -> StoreError {
    StoreError::Unavailable(Error::PoolTimedOut)
}

fn pool(url: &str) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| {
            StoreError::Url("MAIN_APP_DATABASE_URL has a parameter with a wrong value, such as sslmode")
        })?
        .application_name("pixora")
        // After those of the URL, so that they win.
        .options([("default_transaction_read_only", "on"), ("statement_timeout", "10s")])
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECT)
        .idle_timeout(Duration::from_secs(300))
        .after_connect(|connection, _| {
            Box::pin(async move {
                let setting = "SELECT CURRENT_SETTING('transaction_read_only')";
                let setting: String = sqlx::query(setting).fetch_one(connection).await?.try_get(0)?;
                if setting == "on" {
                    return Ok(());
                }
                Err(Error::Configuration("the server did not make the connection read-only".into()))
            })
        });
    Ok(pool.connect_lazy_with(options))
}

fn parsed<T: FromStr>(row: &PgRow, column: &'static str) -> Result<T, StoreError> {
    let value: &str = row.try_get(column)?;
    value.parse().map_err(|_| corrupt(column))
}

fn optional_time(row: &PgRow, column: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
    Ok(row.try_get::<Option<i64>, _>(column)?.and_then(DateTime::from_timestamp_micros))
}

fn time(row: &PgRow, column: &'static str) -> Result<DateTime<Utc>, StoreError> {
    optional_time(row, column)?.ok_or_else(|| corrupt(column))
}

fn corrupt(column: &str) -> StoreError {
    StoreError::Corrupt(format!("external column {column}"))
}

fn readable(row: &PgRow) -> Option<PhotoSession> {
    session(row).inspect_err(|error| tracing::warn!(%error, "an external session cannot be read")).ok()
}

fn session(row: &PgRow) -> Result<PhotoSession, StoreError> {
    let photographer: Option<&str> = row.try_get("photographer_id")?;
    // There one switch stands for both of ours.
    let facepass_enabled: bool = row.try_get("facepass_enabled")?;
    Ok(PhotoSession {
        id: parsed(row, "id")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        studio_id: parsed(row, "studio_id")?,
        photographer_id: photographer.and_then(|id| id.parse().ok()),
        status: row.try_get::<String, _>("status")?.into(),
        gallery_open: facepass_enabled,
        face_search: facepass_enabled,
        terms: GalleryTerms::default(),
        scheduled_at: optional_time(row, "scheduled_at")?,
        time_zone: None,
        completed_at: optional_time(row, "completed_at")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

#[cfg(test)]
#[path = "../../../../tests/support/postgres.rs"]
mod postgres;

#[cfg(test)]
mod tests;
