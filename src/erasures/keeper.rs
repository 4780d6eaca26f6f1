//! Brings every erasure that was asked for to its end, in the background of one node.

use std::{
    io,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::{Database, Erasures, IndexFiles, Receipt, mentions};
use crate::{
    index::Wiped,
    photos::{EraseError, Left},
    store::{ErasureRequest, StoreError},
};

/// Between looks whether another node was asked.
const POLL: Duration = Duration::from_secs(5);
/// After a failure.
const REST: TimeDelta = TimeDelta::seconds(15);
/// Writing all of index and database anew takes at most a part of the time: 1 of 1 + this.
const IDLE: u32 = 4;
const LONGEST_IDLE: Duration = Duration::from_secs(300);

/// Runs on one node at a time.
pub struct ErasureKeeper(pub Erasures);

#[derive(Debug, thiserror::Error)]
enum WipeError {
    #[error(transparent)]
    Erase(#[from] EraseError),
    #[error("the database is in use, so that its file holds remains of erased rows")]
    DatabaseInUse,
}

impl WipeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Erase(error) => error.code(),
            Self::DatabaseInUse => "database_in_use",
        }
    }
}

impl ErasureKeeper {
    /// Until cancelled.
    pub async fn run(self, stop: CancellationToken) {
        let wake = std::sync::Arc::clone(&self.0.wake);
        loop {
            let began = Instant::now();
            let pause = match stop.run_until_cancelled(self.round()).await {
                None => return,
                Some(Ok(0)) => POLL,
                Some(Ok(_)) => (began.elapsed() * IDLE).min(LONGEST_IDLE),
                Some(Err(error)) => {
                    tracing::warn!(%error, "erasures wait");
                    POLL
                }
            };
            let idle = pause == POLL;
            let waiting = async {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = wake.notified(), if idle => {}
                }
            };
            if stop.run_until_cancelled(waiting).await.is_none() {
                return;
            }
        }
    }

    /// Works on every erasure that is due; returns how many came to their end.
    ///
    /// # Errors
    /// The database's.
    pub async fn round(&self) -> Result<usize, StoreError> {
        let Erasures { store, eraser, clock, .. } = &self.0;
        let mut removed = Vec::new();
        for request in store.erasure_requests().due(clock()).await? {
            match eraser.remove_asked(&request).await {
                Ok(left) if left != Left::default() => {
                    tracing::warn!(erasure = %request.asked.id, ?left, "something is left of an erasure");
                    self.postpone(&request, "something_left").await?;
                }
                Ok(_) if clock() < request.quiet_from() => {
                    let (id, due) = (request.asked.id, request.quiet_from());
                    store.erasure_requests().postpone(id, due, "photo_in_hand").await?;
                }
                Ok(_) => removed.push(request),
                Err(error) => {
                    tracing::warn!(erasure = %request.asked.id, %error, "an erasure waits");
                    self.postpone(&request, error.code()).await?;
                }
            }
        }
        if removed.is_empty() {
            return Ok(0);
        }
        match self.wipe(&removed).await {
            Ok((index, database)) => self.complete(&removed, index, database).await,
            Err(error) => {
                tracing::warn!(%error, "what is erased stays in files for now");
                for request in &removed {
                    self.postpone(request, error.code()).await?;
                }
                Ok(0)
            }
        }
    }

    async fn postpone(&self, request: &ErasureRequest, waits_for: &str) -> Result<(), StoreError> {
        let due = (self.0.clock)() + REST;
        self.0.store.erasure_requests().postpone(request.asked.id, due, waits_for).await
    }

    /// Writes index and database anew.
    async fn wipe(&self, removed: &[ErasureRequest]) -> Result<(Option<IndexFiles>, Database), WipeError> {
        let index = if removed.iter().any(|request| request.asked.of.has_vectors()) {
            Some(match self.0.eraser.index.wipe().await.map_err(EraseError::from)? {
                Wiped::Rewritten => IndexFiles::Embedded { rewritten: true },
                Wiped::ByServer => IndexFiles::Server { server: true },
            })
        } else {
            None
        };
        match self.0.store.scrub().await.map_err(EraseError::from)? {
            None => Ok((index, Database::Server { server: true })),
            Some(scrubbed) if scrubbed.is_clean() => {
                Ok((index, Database::Embedded { scrubbed, mentions: 0 }))
            }
            Some(_) => Err(WipeError::DatabaseInUse),
        }
    }

    /// Writes the receipts; the files first, so that a request that is complete has one.
    async fn complete(
        &self,
        removed: &[ErasureRequest],
        index: Option<IndexFiles>,
        database: Database,
    ) -> Result<usize, StoreError> {
        let mut done = 0;
        for request in removed {
            let index = index.filter(|_| request.asked.of.has_vectors());
            match self.file(request, index, database).await {
                Ok(json) => {
                    let now = (self.0.clock)();
                    self.0.store.erasure_requests().complete(request.asked.id, &json, now).await?;
                    tracing::info!(erasure = %request.asked.id, kind = request.asked.of.kind(), "erased");
                    done += 1;
                }
                Err(error) => {
                    tracing::error!(%error, "a receipt cannot be written");
                    self.postpone(request, "receipts_not_writable").await?;
                }
            }
        }
        Ok(done)
    }

    async fn file(
        &self,
        request: &ErasureRequest,
        index: Option<IndexFiles>,
        database: Database,
    ) -> io::Result<String> {
        let (places, request) = (self.0.places.clone(), request.clone());
        let write = move || {
            let id = request.asked.of.id().to_string();
            let database = match (database, &places.database) {
                (Database::Embedded { scrubbed, .. }, Some(file)) => {
                    Database::Embedded { scrubbed, mentions: mentions(file, &id)? }
                }
                (database, _) => database,
            };
            Receipt::of(&request, index, database).keep(&places.receipts)
        };
        tokio::task::spawn_blocking(write).await.map_err(io::Error::other)?
    }
}
