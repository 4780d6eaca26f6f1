//! Several nodes on one PostgreSQL: who is there, and who does what only one may do at a time.
//!
//! Both are advisory locks of a session, on a connection of their own: the server gives them up by itself when
//! the connection ends, at once after `kill -9`, and half a minute after a machine has vanished. With SQLite
//! there is one node, and it may do everything.

use std::{io, time::Duration};

use sqlx::{Connection, PgConnection, Row};

use super::{Store, StoreError, WRITE_LOCK, installation};

/// Work that must not be done by two nodes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Sweeps, and looks at the studio's own database.
    Upkeep = 1,
    /// Telegram gives each update to one listener only, and messages go out in order.
    Bot = 2,
    /// Agreeing on the file storage.
    Storage = 3,
    /// Asking an ACME directory for certificates: it looks at whichever node a name leads to, and only the one that asked
    /// knows the answer.
    Certificates = 4,
}

/// The lock that every node shares; whoever must be alone has it alone.
const NODES: i64 = WRITE_LOCK << 8;
const SECRET: &str = "secret";
/// For a connection, and for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// A lost connection is noticed within this and [`PATIENCE`], before the server gives our locks to others.
const PULSE: Duration = Duration::from_secs(2);
/// The server finds out after 10 + 3 · 5 seconds that a machine has vanished.
const SETTINGS: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
                        SET tcp_keepalives_count = 3; SET idle_session_timeout = 0; SET statement_timeout = '60s'";

/// A node's place among the others: a connection for locks; `None` with SQLite, where nobody else is there.
#[derive(Debug)]
pub struct Membership(Option<PgConnection>);

/// Why a node may not join the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinRefused {
    /// Another node is there, and one of the two keeps its vectors to itself.
    IndexNotShared,
    /// The others sign with another key.
    SecretDiffers,
}

impl Store {
    /// Whether other nodes may work on the same rows.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.address.is_some()
    }

    /// A connection for locks that holds none yet.
    pub async fn membership(&self) -> Result<Membership, StoreError> {
        let Some(address) = &self.address else { return Ok(Membership(None)) };
        let connect = async {
            let mut connection = PgConnection::connect(&address.0).await?;
            sqlx::raw_sql(SETTINGS).execute(&mut connection).await?;
            Ok(connection)
        };
        Ok(Membership(Some(in_time(connect).await?)))
    }

    /// The value that all nodes agreed on under this name, if there is one.
    pub async fn agreed(&self, name: &str) -> Result<Option<String>, StoreError> {
        installation::get(&self.reads, name).await
    }

    /// Writes it down unless another node was first; returns what counts.
    pub async fn agree_first(&self, name: &str, value: &str) -> Result<String, StoreError> {
        let mut tx = self.write().await?;
        sqlx::query("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(value)
            .execute(&mut *tx)
            .await?;
        let row = sqlx::query("SELECT value FROM installation WHERE name = $1").bind(name);
        let counts = row.fetch_one(&mut *tx).await?.try_get("value")?;
        tx.commit().await?;
        Ok(counts)
    }

    /// Writes down what all nodes agree on from now on.
    pub async fn agree(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        installation::set(&mut tx, name, value).await?;
        Ok(tx.commit().await?)
    }
}

impl Membership {
    /// Takes the lead in a duty unless another node has it; it is kept until the membership is given up or lost.
    pub async fn lead(&mut self, duty: Duty) -> Result<bool, StoreError> {
        self.lock("pg_try_advisory_lock", NODES + duty as i64).await
    }

    /// Joins the other nodes, until the membership is given up or lost. A node with an index of its own must
    /// be alone; the others must sign with the same secret, whose fingerprint this is. Who comes first, or is
    /// alone, decides what the secret is.
    pub async fn join(
        &mut self,
        store: &Store,
        shares_index: bool,
        secret: &str,
    ) -> Result<Result<(), JoinRefused>, StoreError> {
        let alone = "pg_try_advisory_lock";
        let joined =
            self.lock(if shares_index { "pg_try_advisory_lock_shared" } else { alone }, NODES).await?;
        if !joined {
            return Ok(Err(JoinRefused::IndexNotShared));
        }
        let agreed = store.agreed(SECRET).await?;
        if agreed.as_deref() == Some(secret) {
            return Ok(Ok(()));
        }
        if shares_index && agreed.is_some() {
            // Only a node that is alone may change the secret. The lock that it shares would keep it from taking the
            // same lock alone, so it is given back first.
            self.lock("pg_advisory_unlock_shared", NODES).await?;
            if !self.lock(alone, NODES).await? {
                return Ok(Err(JoinRefused::SecretDiffers));
            }
            store.agree(SECRET, secret).await?;
            self.lock("pg_try_advisory_lock_shared", NODES).await?;
            self.lock("pg_advisory_unlock", NODES).await?;
            return Ok(Ok(()));
        }
        if !shares_index {
            store.agree(SECRET, secret).await?;
            return Ok(Ok(()));
        }
        let counts = store.agree_first(SECRET, secret).await?;
        Ok(if counts == secret { Ok(()) } else { Err(JoinRefused::SecretDiffers) })
    }

    /// Ready when the locks may be another's by now; never with SQLite.
    pub async fn lost(&mut self) {
        let Some(connection) = &mut self.0 else { return std::future::pending().await };
        while in_time(async { Ok(connection.ping().await?) }).await.is_ok() {
            tokio::time::sleep(PULSE).await;
        }
    }

    /// Gives the locks back; returns when others can have them.
    pub async fn give_up(self) {
        if let Some(mut connection) = self.0 {
            let unlocked = in_time(async {
                // The server would get to it a moment after the connection is closed.
                sqlx::raw_sql("SELECT pg_advisory_unlock_all()").execute(&mut connection).await?;
                Ok(connection.close().await?)
            });
            // If this fails the connection is gone, and the locks with it.
            let _ = unlocked.await;
        }
    }

    async fn lock(&mut self, function: &'static str, key: i64) -> Result<bool, StoreError> {
        let Some(connection) = &mut self.0 else { return Ok(true) };
        let sql = format!("SELECT {function}($1)");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(key);
        in_time(async { Ok(row.fetch_one(connection).await?.try_get(0)?) }).await
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Unavailable(io::Error::from(io::ErrorKind::TimedOut).into())),
    }
}
