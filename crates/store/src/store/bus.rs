//! What nodes on one PostgreSQL send each other, by `NOTIFY`. Nothing is kept: a node that does not listen now misses it.
//! What a notification means is the sender's affair: here it is text.

use std::{io, time::Duration};

use sqlx::{
    Executor,
    postgres::{PgListener, PgPoolOptions},
};

use super::{Store, StoreError};

const CHANNEL: &str = "pixora";
/// PostgreSQL takes 7,999 bytes.
pub const LONGEST_NOTIFICATION: usize = 7_900;
/// For a connection, and for a sign of life.
const PATIENCE: Duration = Duration::from_secs(5);
/// A silent connection is asked this often whether it is still there.
const PULSE: Duration = Duration::from_secs(10);

/// Receives what the nodes send, this one included.
pub struct Listener(PgListener);

impl Store {
    /// Notifies every node that listens; at most [`LONGEST_NOTIFICATION`] bytes. With SQLite there is nobody to notify.
    pub async fn notify(&self, text: &str) -> Result<(), StoreError> {
        if self.is_shared() {
            sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(text).execute(&self.reads).await?;
        }
        Ok(())
    }

    /// Listens from now on, on a connection of its own; `None` with SQLite, where nobody sends anything.
    pub async fn listen(&self) -> Result<Option<Listener>, StoreError> {
        let Some(address) = &self.address else { return Ok(None) };
        let options = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let pool = options.acquire_timeout(PATIENCE).connect(&address.0).await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(Some(Listener(listener)))
    }
}

impl Listener {
    /// Receives the next notification. After an error some may be lost: the caller listens anew.
    pub async fn next(&mut self) -> Result<String, StoreError> {
        loop {
            match tokio::time::timeout(PULSE, self.0.try_recv()).await {
                Ok(Ok(Some(received))) => return Ok(received.payload().to_owned()),
                Ok(Ok(None)) => return Err(gone()),
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => {
                    let alive = tokio::time::timeout(PATIENCE, self.0.execute("SELECT 1")).await;
                    alive.map_err(|_| gone())??;
                }
            }
        }
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable(io::Error::from(io::ErrorKind::ConnectionAborted).into())
}
