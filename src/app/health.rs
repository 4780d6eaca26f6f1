//! How the application does: whether it can serve, and what is measured when somebody asks.

use std::time::Duration;

use super::{App, StoreError};
use crate::{
    jobs::{JobKind, QueueDepth},
    telemetry,
};

/// Below this the next photos would fail to be stored.
const LEAST_FREE_BYTES: u64 = 1 << 30;
/// A check that takes longer has failed.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// Whether one part can serve.
#[derive(Debug, Clone)]
pub struct Check {
    pub name: &'static str,
    /// Whether a node is ready only with it. Without a studio's own database it still serves our own sessions.
    pub required: bool,
    /// The fault, without paths or addresses.
    pub error: Option<&'static str>,
}

impl App {
    /// Asks every part whether it can serve; the causes of what cannot go to the log.
    pub async fn check(&self) -> Vec<Check> {
        let database = timed("database", "the database does not answer", self.store.ping());
        let sessions =
            timed("session_sources", "a source of sessions does not answer", self.sessions.health());
        let index = timed("face_index", "the face index does not answer", self.index.health());
        let models = timed("models", "the models are not loaded", self.search.health());
        let blobs = timed("storage", "the file storage does not answer", self.blobs.health());
        let libraries =
            timed("libraries", "a library of originals does not answer", self.libraries.places.health());
        let disk = timed("disk", "less than 1 GiB is free", self.disk_has_room());
        let (a, b, c, d, e, f, g) = tokio::join!(database, sessions, index, models, blobs, disk, libraries);
        let mut checks = vec![a, Check { required: false, ..b }, c, d, e, f];
        if self.libraries.is_on() {
            checks.push(Check { required: false, ..g });
        }
        checks
    }

    /// Reads what is a state rather than an event into the metrics.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn measure(&self) -> Result<(), StoreError> {
        let now = (self.clock)();
        for kind in JobKind::ALL {
            let QueueDepth { queued, leased, failed, oldest } = self.jobs.depth(kind, now).await?;
            let age = oldest.and_then(|oldest| (now - oldest).to_std().ok());
            telemetry::queue_seen(kind.name(), queued, leased, failed, age);
        }
        telemetry::backlog_seen(self.store.backlog().await?);
        self.store.tell_connections();
        // These may be away without the rest: their last number stands until they are back.
        if let Ok(faces) = self.index.total().await {
            telemetry::index_seen(faces);
        }
        if let Ok(free) = self.free_bytes().await {
            telemetry::disk_seen(free);
        }
        telemetry::watchers_seen(self.events.all_watchers());
        telemetry::process_seen();
        Ok(())
    }

    async fn disk_has_room(&self) -> Result<(), String> {
        match self.free_bytes().await? {
            free if free >= LEAST_FREE_BYTES => Ok(()),
            free => Err(format!("{} MiB free", free >> 20)),
        }
    }

    /// Where the data directory lies.
    async fn free_bytes(&self) -> Result<u64, String> {
        let folder = self.settings.data_dir.clone();
        let free = tokio::task::spawn_blocking(move || {
            rustix::fs::statvfs(&folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
        });
        free.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }
}

async fn timed<E: std::fmt::Display>(
    name: &'static str,
    failure: &'static str,
    check: impl Future<Output = Result<(), E>>,
) -> Check {
    let cause = match tokio::time::timeout(CHECK_TIMEOUT, check).await {
        Ok(Ok(())) => return Check { name, required: true, error: None },
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    tracing::warn!(check = name, cause, "not ready");
    Check { name, required: true, error: Some(failure) }
}
