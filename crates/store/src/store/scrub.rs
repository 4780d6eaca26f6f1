//! Removes the remains of erased rows from the database's own files.

use serde::Serialize;
use sqlx::Row;

use super::{Engine, Store, StoreError};

/// How the database's files stand after [`Store::scrub`]. Both are zero when nothing of an erased row can be in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scrubbed {
    /// Pages of the file that no row uses.
    pub free_pages: u64,
    /// Of the write-ahead log, in pages.
    pub log_pages: u64,
}

impl Scrubbed {
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.free_pages == 0 && self.log_pages == 0
    }
}

impl Store {
    /// Writes the database's file anew with what its rows hold now, and empties the write-ahead log: what was
    /// erased stands in neither from then on. `secure_delete` overwrites a row where it lay, but not the copies that
    /// pages keep when rows move. `None` with PostgreSQL, whose files are its server's.
    ///
    /// # Errors
    /// Also when another process uses the database.
    pub async fn scrub(&self) -> Result<Option<Scrubbed>, StoreError> {
        if self.engine != Engine::Sqlite {
            return Ok(None);
        }
        // One connection for all three: nobody writes between them.
        let mut writing = self.writes.acquire().await?;
        sqlx::query("VACUUM").execute(&mut *writing).await?;
        let log = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *writing).await?;
        let free = sqlx::query("PRAGMA freelist_count").fetch_one(&mut *writing).await?;
        Ok(Some(Scrubbed {
            free_pages: free.try_get::<i64, _>(0)?.cast_unsigned(),
            // -1 where there is no log.
            log_pages: u64::try_from(log.try_get::<i64, _>(1)?).unwrap_or_default(),
        }))
    }
}
